"""Which runs of which days are due: the published calendar where it is loaded, else the lags of the rules.

The rules count lags in Working Days, Monday to Friday without the bank holidays of England and Wales. Where those of a
year are not known (`reports.working_days`), a date may come some days early, never late: what is due and not settled
yet is said, and comes with a later batch.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from reports import working_days
from settlement import parameters
from settlement.calendar import LONDON, RUN_TYPES
from settlement.errors import NoValueOnDate

if TYPE_CHECKING:
    from loaders.store.session import Store

# Of runs by lag. IP has none: its prices are there when the day is over. D and DF follow a dispute, and no timetable.
BY_LAG = ("II", "SF", "R1", "R2", "R3", "RF")
CALENDAR, LAG, DAY_OVER = (
    "the settlement calendar",
    "the lag in Working Days",
    "the day is over",
)


@dataclass(frozen=True)
class Due:
    """A run of a day that is due since a date, and what says so."""

    settlement_date: date
    run: str
    since: date
    source: str


def days_between(first: date, last: date) -> list[date]:
    """Every day from first to last."""
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


def due_since(settlement_date: date, run: str) -> date | None:
    """The date from which a run is due by the rules; None for one that they do not date, or that the day has not.

    Source  volumes-and-charges.md 1.4, settlement/parameters/days_and_runs.yaml
    """
    if run == "IP":
        return settlement_date + timedelta(days=1)
    if run not in BY_LAG:
        return None
    try:
        lag = int(parameters.value(f"run_lag_{run.lower()}", settlement_date))
    except NoValueOnDate:
        return None
    return working_days.after(settlement_date, lag).day


def due(store: Store, now: datetime, days: Collection[date], runs: Collection[str]) -> list[Due]:
    """What is due by an instant, of these days and run types, in order of days and then of runs.

    Nothing is remembered from call to call: what fell due while nothing ran is in the next answer too.
    """
    today, published, found = now.astimezone(LONDON).date(), published_dates(store), []
    for day in sorted(days):
        for run in sorted(runs, key=RUN_TYPES.index):
            dated = published.get((day, run))
            since, source = (dated, CALENDAR) if dated else (due_since(day, run), DAY_OVER if run == "IP" else LAG)
            if since is not None and since <= today:
                found.append(Due(day, run, since, source))
    return found


def published_dates(store: Store) -> dict[tuple[date, str], date]:
    """The published calendar: Settlement Date and run type to the day of the run; empty where none is loaded."""
    rows = store.rows("settlement_calendar").select(["settlement_date", "run", "run_date"]).to_pylist()
    return {(row["settlement_date"], row["run"]): row["run_date"] for row in rows}
