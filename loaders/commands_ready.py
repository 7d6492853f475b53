"""The verb `load ready`: whether the jobs that a settlement needs are in for a day, so that a scheduler may go on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from settlement.command_line import AsJson, AskedWrongly, Home, answer

if TYPE_CHECKING:
    from loaders.store.session import Store

LOOK_AGAIN = 15.0  # seconds


def ready(
    jobs: Annotated[list[str], typer.Argument(help="Load jobs that must be in.")],
    day: Annotated[str, typer.Option("--date", help="Settlement Date.", show_default=False)],
    wait: Annotated[str, typer.Option("--wait", help="Look again for so long, as '2 hours'.", show_default=False)] = "",
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Say whether jobs are in for a day, whole or empty: exit code 0 if all are, 1 if something is missing.

    Example: bsc load ready settlement_stack disbsad market_index --date 2024-01-15 && bsc settle 2024-01-15
    """
    from loaders import store
    from loaders.declared import all_jobs

    unknown = sorted(set(jobs) - set(all_jobs()))
    if unknown:
        raise AskedWrongly(f"bsc load ready: found {', '.join(unknown)}, wanted declared jobs. Correct the names.")
    if not home.is_dir():
        raise AskedWrongly(f"--home {home}: found no workspace, wanted a folder that bsc load has made.")
    settlement_date, until = _day(day), time.monotonic() + _span(wait).total_seconds()
    opened = store.open(home)
    try:
        missing = _missing(opened, jobs, settlement_date)
        while missing and time.monotonic() < until:
            time.sleep(min(LOOK_AGAIN, max(until - time.monotonic(), 0)))
            missing = _missing(opened, jobs, settlement_date)
    finally:
        opened.close()
    said: dict[str, Any] = {"settlement_date": day, "ready": not missing, "missing": missing}
    answer(said, as_json, lambda: _text(jobs, day, missing))
    if missing:
        raise typer.Exit(1)


def _missing(store: Store, jobs: Sequence[str], settlement_date: date) -> dict[str, str]:
    """What has not come, by job: periods as they are said, or that nothing has."""
    from loaders.declared import all_jobs
    from loaders.duty.day_of_jobs import said
    from loaders.duty.expected import arrived
    from loaders.store.database import reading

    found: dict[str, str] = {}
    with reading(store.engine) as connection:
        for job in dict.fromkeys(jobs):
            came = arrived(connection, all_jobs()[job], settlement_date)
            if not came.whole:
                found[job] = said(came.not_arrived) or "nothing has come"
    return found


def _text(jobs: Sequence[str], day: str, missing: dict[str, str]) -> str:
    if not missing:
        return f"{day}: all {len(set(jobs))} jobs are in"
    return "\n".join(f"{day}: {job} is not in: {what}" for job, what in missing.items())


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise AskedWrongly(f"--date {said}: wanted a day, as 2024-01-15.") from None


def _span(said: str) -> timedelta:
    from loaders.job_fetch import span

    try:
        return span(said) if said else timedelta()
    except ValueError as error:
        raise AskedWrongly(f"--wait: {error}") from None
