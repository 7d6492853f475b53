"""The verb batch: a notebook over many settled days."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from settlement.command_line import AsJson, AskedWrongly, Home

if TYPE_CHECKING:
    from loaders.store.session import Store
    from reports.batch.planning import Asked, Plan

SHOWN = 10
_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


def batch(
    notebook: Annotated[str, typer.Argument(metavar="NOTEBOOK", help="Its name, as settlement_day, or its path.")],
    dates: Annotated[
        str | None,
        typer.Option("--dates", help="A day, or first..last, as 2024-01-01..2024-12-31.", show_default=False),
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", help="Run type (IP, II, SF ...); left out: the run asked for last.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="So many at once.")] = 2,
    due: Annotated[bool, typer.Option("--due", help="The runs that are due by now, as from cron.")] = False,
    only_changed: Annotated[
        bool, typer.Option("--only-changed", help="Leave out runs whose inputs are those of their last success.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say the plan, and do nothing.")] = False,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="A Dask scheduler, as tcp://host:8786; its workers see the workspace."),
    ] = None,
    limit_seconds: Annotated[float, typer.Option("--limit-seconds", min=1, help="Time of one run.")] = 900,
    limit_memory: Annotated[str, typer.Option("--limit-memory", help="Memory of one process, as 2GB.")] = "2GB",
    formats: Annotated[
        str, typer.Option("--formats", help="What each run writes, with commas: html, tables, pdf.")
    ] = "html,tables",
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; left out: batches/NOTEBOOK in the workspace.")
    ] = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Make the reports of many settled days; what is there already with the same inputs and code is not made again.

    Stopped at any point, the same command goes on. The last line is a summary in JSON; batch_index.html in the folder
    links all. Exit code 1 when a run failed or is not there, 130 when stopped.

    Example: bsc batch settlement_day --dates 2024-01-01..2024-12-31 --run SF --jobs 2
    """
    from loaders import store as stores
    from loaders.store.database import is_workspace
    from reports.batch.parameters import notebook_name
    from reports.batch.planning import plan as planned
    from reports.batch.process_of_one import Limits
    from reports.batch.whole_batch import as_line, run_batch
    from reports.formats import asked_formats
    from reports.signoff.reopening import check, in_words

    written = asked_formats(formats)
    limits = Limits(limit_seconds, bytes_of(limit_memory))
    name = notebook_name(notebook)
    if not is_workspace(home):
        raise AskedWrongly(f"--home {home.name}: found no workspace, wanted one with settled days. Correct the folder.")
    store = stores.open(home)
    for sentence in in_words(check(store)):  # a timetable is the caller that never forgets
        typer.echo(sentence, err=True)
    asked = _asked(store, dates, run, due, datetime.now(UTC))
    plan = planned(store, notebook, asked, out or home / "batches" / name, only_changed, written)
    if dry_run:
        typer.echo(json.dumps(_plan_data(plan, jobs), default=str) if as_json else _plan_text(plan, jobs))
        raise typer.Exit(1 if plan.unavailable else 0)
    if not as_json:
        typer.echo(_plan_text(plan, jobs))
    with _stopped_by_signal(), _bar(len(plan.to_run), not as_json) as told:
        summary = run_batch(store, plan, jobs, limits, cluster, told)
    for one in summary.errors:
        typer.echo(one, err=True)
    typer.echo(json.dumps(as_line(summary), ensure_ascii=False))
    if summary.exit_code:
        raise typer.Exit(summary.exit_code)


def bytes_of(text: str) -> int:
    """Bytes of "2GB", "512MB" or a number. Raises AskedWrongly."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMG]i?B)?\s*", text, re.IGNORECASE)
    if found is None or float(found[1]) == 0:
        raise AskedWrongly(f"--limit-memory: found {text!r}, wanted a size above zero such as 2GB or 512MB.")
    return int(float(found[1]) * _UNITS[(found[2] or "").upper()])


def _asked(store: Store, dates: str | None, run: str | None, due: bool, now: datetime) -> list[Asked]:
    from loaders.store.batch_runs import settled_days
    from reports.batch import timetable
    from reports.comparison import days_between
    from settlement.calendar import RUN_TYPES

    if run is not None and run not in RUN_TYPES:
        raise AskedWrongly(f"--run: found {run!r}, wanted one of {', '.join(RUN_TYPES)}.")
    if not due:
        if dates is None:
            raise AskedWrongly("bsc batch: found no days, wanted --dates A..B, or --due. See bsc batch --help.")
        return [(day, run) for day in days_between(dates)]
    kept = settled_days(store.engine)
    if kept is None:
        return []
    days = days_between(dates) if dates else timetable.days_between(kept[0], kept[1])
    # Run types that this workspace never settles are nobody's omission.
    return [(one.settlement_date, one.run) for one in timetable.due(store, now, days, [run] if run else kept[2])]


def _plan_data(plan: Plan, jobs: int) -> dict[str, Any]:
    return {
        "notebook": plan.notebook, "asked": plan.count, "cached": len(plan.cached), "to_run": len(plan.to_run),
        "unchanged": plan.unchanged, "why": plan.reasons, "estimated_seconds": plan.seconds(jobs),
        "unavailable": [vars(one) for one in plan.unavailable],
        "runs": [{"settlement_date": one.settlement_date, "run": one.run} for one in plan.to_run],
    }  # fmt: skip


def _plan_text(plan: Plan, jobs: int) -> str:
    why = "; ".join(f"{count} {reason}" for reason, count in sorted(plan.reasons.items()))
    lines = [f"{plan.notebook}: {plan.count} asked for, {len(plan.cached)} there already, {len(plan.to_run)} to run"]
    lines[0] += f" ({why})" if why else ""
    lines[0] += f", {plan.unchanged} not changed" if plan.unchanged else ""
    if plan.to_run:
        seconds = plan.seconds(jobs)
        spent = "not known: none was run before" if seconds is None else f"about {_span(seconds)} by earlier runs"
        lines.append(f"time, {jobs} at once: {spent}")
    lines += [f"{one.kind}: {one.why}" for one in plan.unavailable[:SHOWN]]
    if len(plan.unavailable) > SHOWN:
        lines.append(f"... and {len(plan.unavailable) - SHOWN} more such; --dry-run --json lists all")
    return "\n".join(lines)


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


@contextmanager
def _stopped_by_signal() -> Iterator[None]:
    """A service that is told to stop (SIGTERM) stops as by Ctrl-C."""

    def stop(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _bar(count: int, shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    from rich.console import Console

    console = Console(stderr=True)
    if not (shown and count and console.is_terminal):
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("reports", total=count)
        yield lambda done, _all: progress.update(task, completed=done)
