"""The verbs jobs and status of this room."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loaders.command_texts import table
from settlement.command_line import AsJson, AskedWrongly, Home, answer

if TYPE_CHECKING:
    from loaders.duty.status import JobStatus


def jobs(
    name: Annotated[str | None, typer.Argument(help="One job: its page in the catalogue.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the load jobs that are declared and what they feed, or show one with its columns.

    Example: bsc jobs fuelhh
    """
    from loaders.catalogue import entry, page
    from loaders.declared import all_jobs, family

    if name is not None:
        if name not in all_jobs():
            raise AskedWrongly(f"job: found {name!r}, wanted one of the {len(all_jobs())} that bsc jobs lists.")
        answer(entry(name), as_json, lambda: page(name).split("\n", 2)[2])
        return
    said = [entry(job) for job in sorted(all_jobs(), key=lambda job: (family(job), job))]
    answer(said, as_json, lambda: _jobs_text(said))


def _jobs_text(said: list[dict[str, Any]]) -> str:
    rows = [one | {"datasets": [table["dataset"] for table in one["datasets"]]} for one in said]
    return table(rows, "family job confidence datasets title") + f"\n\n{len(rows)} jobs; bsc jobs NAME shows one"


def status(
    home: Home = Path("workspace"),
    metrics: Annotated[bool, typer.Option("--metrics", help="Figures for Prometheus, as its text format.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what the workspace holds and how each job stands: fresh, late, failing, drifting, quarantined, never.

    Exit code 1 when a job is failing or late. A workspace that fetches nothing has no late jobs.

    Example: bsc status --home workspace
    """
    from loaders import store
    from loaders.store.summary import summary

    if not home.is_dir():
        raise AskedWrongly(
            f"--home {home}: found no workspace, wanted a folder that bsc load has made. Load files first."
        )
    from datetime import UTC, datetime

    from loaders.declared import all_jobs
    from loaders.duty.claims import last_runs
    from loaders.duty.schedule import looked_after
    from loaders.duty.status import status as of_jobs

    opened = store.open(home)
    jobs = looked_after(all_jobs(), last_runs(opened.engine))
    if metrics:
        from loaders.duty.metrics import text

        typer.echo(text(opened.engine, jobs, datetime.now(UTC)), nl=False)
        return
    stand = of_jobs(opened.engine, jobs, datetime.now(UTC))
    said = summary(opened) | {"jobs": [job.as_data() for job in stand]}
    answer(said, as_json, lambda: f"{_status_text(said)}\n\n{_wall(stand)}")
    if any(job.state in ("failing", "late") for job in stand):
        raise typer.Exit(1)


def _wall(stand: list[JobStatus]) -> str:
    """The jobs in colours on a terminal, as wide as it is; plain and whole elsewhere."""
    import shutil
    import sys

    from loaders.duty.wall import as_text

    terminal = sys.stdout.isatty()
    return as_text(stand, colours=terminal, width=shutil.get_terminal_size().columns if terminal else 300)


def _status_text(said: dict[str, Any]) -> str:
    lines = [
        f"workspace {said['home']}",
        f"store version {said['version']}, last change {said['last_change'] or 'never'}",
        f"{said['landings']} files ({said['synthetic']} synthetic), {said['quarantined']} rows in quarantine, "
        f"{said['incomplete']} marks of incompleteness",
        f"{said['runs']} runs, {said['messages']} messages, {said['unsent']} of them unsent",
    ]
    if said["datasets"]:
        lines += ["", table(said["datasets"], "dataset rows first_day last_day last_arrival")]
    return "\n".join(lines)
