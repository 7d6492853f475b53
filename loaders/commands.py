"""The verbs jobs and status of this room."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loaders.command_texts import table
from settlement.command_line import AsJson, AskedWrongly, Home, answer

if TYPE_CHECKING:
    from loaders.duty.day_of_jobs import DayOfJob
    from loaders.duty.status import JobStatus
    from loaders.job import Job
    from loaders.store.session import Store

UNITS_SHOWN = 8


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
    day: Annotated[str | None, typer.Option("--date", help="What has come of this Settlement Date.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what the workspace holds and how each job stands: fresh, late, failing, drifting, quarantined, never.

    Exit code 1 when a job is failing or late. A workspace that fetches nothing has no late jobs. With --date: for each
    job the periods that have come, are empty or are missing, and the units of the reference data without a row.

    Example: bsc status --date 2024-01-15
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
    if day is not None:
        _of_day(opened, jobs, day, as_json)
        return
    stand = of_jobs(opened.engine, jobs, datetime.now(UTC))
    said = summary(opened) | {"jobs": [job.as_data() for job in stand]}
    answer(said, as_json, lambda: f"{_status_text(said)}\n\n{_wall(stand)}")
    if any(job.state in ("failing", "late") for job in stand):
        raise typer.Exit(1)


def _of_day(opened: Store, jobs: dict[str, Job], day: str, as_json: bool) -> None:
    from datetime import date

    from loaders.duty.day_of_jobs import day_of_jobs

    try:
        settlement_date = date.fromisoformat(day)
    except ValueError:
        raise AskedWrongly(f"--date {day}: wanted a day, as 2024-01-15.") from None
    found = day_of_jobs(opened, jobs, settlement_date)
    answer([one.as_data() for one in found], as_json, lambda: _day_text(found, day))


def _day_text(found: list[DayOfJob], day: str) -> str:
    if not found:
        return f"{day}: nothing has come, and nothing is fetched"
    rows = [one.as_data() | {"missing": one.missing or "none"} for one in found]
    lines = [table(rows, "job places arrived empty not_arrived missing")]
    for one in found:
        units = one.units
        if units is None:
            continue
        if units.expected is None:
            lines.append(
                f"{one.job}: {units.with_rows} units have rows; which should is not known: no {units.reference}"
            )
            continue
        said = f"{one.job}: {units.expected} units expected, {units.with_rows} have rows ({units.zero} all zero)"
        some = ", ".join(units.without[:UNITS_SHOWN]) + (", ..." if len(units.without) > UNITS_SHOWN else "")
        lines.append(f"{said}, {len(units.without)} have none{': ' + some if some else ''}")
    return "\n".join(lines)


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
