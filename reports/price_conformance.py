"""Own prices against published ones over a month or a year, as the notebook price_conformance shows it.

from reports import price_conformance

found = price_conformance.open_conformance("2024-01")
found.heat_map()

Only days that are settled in the workspace are judged. A day without a run is one that nobody looked at: it is never
counted among the exact ones, nor among those that differ.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from reports.errors import NoSuchRun
from reports.sections import conformance as shown
from reports.sections.shown import Shown
from reports.subjects import Subject
from reports.views import VERDICTS, DayView, PeriodView


@dataclass(frozen=True)
class JudgedDay:
    """One day: its run and how many of its periods have each verdict; no run where it was not settled."""

    settlement_date: date
    view: DayView | None

    @property
    def counts(self) -> dict[str, int]:
        """Periods by verdict; all 0 where the day was not settled."""
        return dict.fromkeys(VERDICTS, 0) if self.view is None else self.view.counts()

    @property
    def worst(self) -> str | None:
        """The verdict of the worst period; None where the day was not settled."""
        return None if self.view is None else next(one for one in reversed(VERDICTS) if self.counts[one])


@dataclass(frozen=True)
class Conformance:
    """A month or a year, day by day."""

    span: str  # 2024-01 or 2024
    run: str | None
    days: tuple[JudgedDay, ...]

    @property
    def settled(self) -> list[JudgedDay]:
        """The days that have a run."""
        return [one for one in self.days if one.view is not None]

    @property
    def counts(self) -> dict[str, int]:
        """Periods by verdict over all settled days."""
        return {verdict: sum(one.counts[verdict] for one in self.settled) for verdict in VERDICTS}

    @property
    def compared(self) -> int:
        """Periods that have an own and a published price."""
        counts = self.counts
        return sum(counts.values()) - counts["not comparable"]

    def by_worth(self) -> list[PeriodView]:
        """Unexplained periods, the largest worth first."""
        found = [period for one in self.settled if one.view for period in one.view.periods
                 if period.verdict == "unexplained"]  # fmt: skip
        return sorted(found, key=lambda one: (-(one.worth or Decimal(0)), one.settlement_date, one.settlement_period))

    def by_month(self) -> dict[str, list[JudgedDay]]:
        """The days of each month."""
        found: dict[str, list[JudgedDay]] = {}
        for one in self.days:
            found.setdefault(f"{one.settlement_date:%Y-%m}", []).append(one)
        return found


class PriceConformance:
    """A month or a year of prices; its methods each show one part of its report."""

    def __init__(self, found: Conformance) -> None:
        self.found = found

    @cached_property
    def subject(self) -> Subject:
        """What the report of it is about."""
        from reports.subjects_of_spans import of_conformance

        return of_conformance(self.found)

    def cover(self) -> Shown:
        """How many days and periods were judged, and how."""
        return Shown("cover", shown.cover(self.found, self.subject))

    def heat_map(self) -> Shown:
        """Months down, days across: the worst verdict of each day."""
        return Shown("heat-map", shown.heat_map(self.found))

    def trend(self) -> Shown:
        """Counts by day, or by month of a year, and the share that is exact."""
        return Shown("trend", shown.trend(self.found))

    def unexplained(self) -> Shown:
        """The unexplained periods by worth."""
        return Shown("unexplained", shown.unexplained(self.found))

    def not_settled(self) -> Shown:
        """The days that nobody looked at."""
        return Shown("not-settled", shown.not_settled(self.found))


def days_of(span: str) -> Iterator[date]:
    """The days of 2024-01, or of 2024. Raises ValueError for another text."""
    year, sign, month = span.partition("-")
    if not (len(year) == 4 and year.isdigit()) or (sign and not (len(month) == 2 and month.isdigit())):
        raise ValueError(f"span: found {span!r}, wanted a month as 2024-01 or a year as 2024")
    first = date(int(year), int(month) if sign else 1, 1)
    last = date(first.year, first.month if sign else 12, months.monthrange(first.year, first.month if sign else 12)[1])
    return (first + timedelta(days=at) for at in range((last - first).days + 1))


def _lighter(view: DayView) -> DayView:
    """The day without its actions: a year of days is held at once."""
    return replace(view, periods=tuple(replace(one, actions=(), stages=()) for one in view.periods), rules=())


def open_conformance(span: str, run: str | None = None, home: str | Path | None = None) -> PriceConformance:
    """Own against published prices of a month or a year.

    run  a run type; None takes the run of each day that was asked for last

    Raises NoSuchRun where no day of it was settled, ValueError for a span that is no month and no year.
    """
    import reports
    from reports.access import THIS_MACHINE, Access

    access = Access(reports.workspace(home))
    days = []
    try:
        there = {one.settlement_date for one in access.runs(THIS_MACHINE)}
        for day in days_of(span):
            try:
                view = _lighter(access.day(THIS_MACHINE, access.run(THIS_MACHINE, day, run))) if day in there else None
            except NoSuchRun:
                view = None
            days.append(JudgedDay(day, view))
    finally:
        access.close()
    if all(one.view is None for one in days):
        named = f" in run {run}" if run else ""
        raise NoSuchRun(f"{span}: found no day settled{named}, wanted one at least. Settle days, or name another span.")
    return PriceConformance(Conformance(span, run, tuple(days)))
