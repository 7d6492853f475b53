"""The verbs of this room: load, jobs, status."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from settlement.command_line import AsJson, AskedWrongly, Home, answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from loaders.report import LoadReport

SHOWN = 20  # findings in the readable answer; --json and bsc status have them all

From = Annotated[Path, typer.Option("--from", help="A folder of files, or one file.", show_default=False)]


def load(source: From, home: Home = Path("workspace"), as_json: AsJson = False) -> None:
    """Take files into the workspace; each finds its job by what is in it.

    Exit code 1 when a row or a file was refused. The same file again changes nothing.

    Example: bsc load --from downloads/2024-01-15
    """
    from loaders.loading import load as take_in
    from loaders.sources.folder import files_in

    if not source.exists():
        raise AskedWrongly(f"--from {source}: found nothing there, wanted a folder or a file. Correct the name.")
    files = files_in(source)
    if not files:
        raise AskedWrongly(f"--from {source}: found an empty folder, wanted files in it. Correct the name.")
    with _bar(len(files), shown=not as_json) as told:
        report = take_in(source, home, told)
    answer(report.as_data(), as_json, lambda: _load_text(report))
    if not report.good:
        raise typer.Exit(1)


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
    return _table(rows, "family job confidence datasets title") + f"\n\n{len(rows)} jobs; bsc jobs NAME shows one"


def status(home: Home = Path("workspace"), as_json: AsJson = False) -> None:
    """Say what the workspace holds: versions, files, last arrivals, refused rows, unsent messages.

    Example: bsc status --home workspace
    """
    from loaders import store
    from loaders.store.summary import summary

    if not home.is_dir():
        raise AskedWrongly(
            f"--home {home}: found no workspace, wanted a folder that bsc load has made. Load files first."
        )
    said = summary(store.open(home))
    answer(said, as_json, lambda: _status_text(said))


@contextmanager
def _bar(count: int, shown: bool) -> Iterator[Callable[[str], None] | None]:
    """A progress bar on a terminal; nothing elsewhere."""
    import sys

    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reading", total=count)
        yield lambda file: progress.update(task, advance=1, description=file[:40])


def _load_text(report: LoadReport) -> str:
    rows: list[dict[str, Any]] = [
        {
            "file": file.file,
            "job": file.job or "none",
            "outcome": file.outcome,
            "rows": file.rows_read,
            "new": file.new,
            "changed": file.changed,
            "unchanged": file.unchanged,
            "older": file.older,
            "refused": file.refused,
            "not kept": ", ".join(f"{count} {kind}" for kind, count in sorted(file.not_kept.items())),
        }
        for file in report.files
    ]
    lines = [_table(rows, "file job outcome rows new changed unchanged older refused not_kept")] if rows else []
    findings = report.findings
    if findings:
        lines += ["", *(f"{finding.weight}: {finding}" for finding in findings[:SHOWN])]
    if len(findings) > SHOWN:
        lines.append(f"and {len(findings) - SHOWN} more: bsc load --json, or bsc status")
    kept = sum(file.outcome == "kept" for file in report.files)
    lines += [
        "",
        f"{kept} of {len(report.files)} files kept, {report.withdrawn} rows withdrawn; store version {report.version}",
    ]
    return "\n".join(lines)


def _status_text(said: dict[str, Any]) -> str:
    lines = [
        f"workspace {said['home']}",
        f"store version {said['version']}, last change {said['last_change'] or 'never'}",
        f"{said['landings']} files ({said['synthetic']} synthetic), {said['quarantined']} rows in quarantine, "
        f"{said['incomplete']} marks of incompleteness",
        f"{said['runs']} runs, {said['messages']} messages, {said['unsent']} of them unsent",
    ]
    if said["datasets"]:
        lines += ["", _table(said["datasets"], "dataset rows first_day last_day last_arrival")]
    return "\n".join(lines)


def _table(rows: list[dict[str, Any]], columns: str) -> str:
    """Rows as text, one column beside the other, numbers to the right."""
    names = [name.replace("_", " ") if name not in (rows[0] if rows else {}) else name for name in columns.split()]
    cells = [[_cell(row[name]) for name in names] for row in rows]
    right = [bool(rows) and isinstance(rows[0][name], int) for name in names]
    heads = [name.replace("_", " ") for name in names]
    widths = [max(len(line[i]) for line in [heads, *cells]) for i in range(len(names))]
    return "\n".join(
        "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)).rstrip()
        for line in [heads, *cells]
    )


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value or "")
