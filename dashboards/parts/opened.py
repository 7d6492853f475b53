"""The day and period that an address names."""

from __future__ import annotations

from datetime import date

from dashboards.errors import WrongAddress
from dashboards.held import Held
from reports.errors import NoSuchRun
from reports.views import DayView, PeriodView


def opened_day(held: Held, settlement_date: date | None, run: str | None) -> DayView:
    """The day named, else the newest settled one. Raises NoSuchRun where it was not settled."""
    if settlement_date is None:
        settled = held.days()
        if not settled:
            raise NoSuchRun('no day of this workspace is settled: settle one with "bsc settle DATE".')
        settlement_date = settled[0]
    return held.day(settlement_date, run)


def chosen_period(day: DayView, period: int | None) -> PeriodView | None:
    """The period named; None where none is. Raises WrongAddress for one that the day does not have."""
    if period is None:
        return None
    if not 1 <= period <= len(day.periods):
        raise WrongAddress(
            f"period: found {period}, wanted 1 to {len(day.periods)}, the periods of {day.settlement_date}. "
            "Correct the address."
        )
    return day.period(period)
