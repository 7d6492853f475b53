"""All that a notebook may show of one settled day.

from reports import audit

day = audit.open_day("2026-10-14", run="IP", home="workspace")
day.cover()
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from reports.sections.shown import Shown
from reports.views import DayView


class Day:
    """A settled day; each method shows one part of its report."""

    def __init__(self, view: DayView) -> None:
        self.view = view

    def cover(self) -> Shown:
        """Sentence, counts, picture, facts, and how to prove the page."""
        from reports.sections.cover import cover

        return Shown("cover", cover(self.view))

    def needs_a_person(self) -> Shown:
        """The prices that cannot be relied on, and what to do."""
        from reports.sections.needs_person import needs_a_person

        return Shown("needs-a-person", needs_a_person(self.view))

    def how_to_read(self) -> Shown:
        """What each word and sign means."""
        from reports.sections.how_to_read import how_to_read

        return Shown("how-to-read", how_to_read(self.view))

    def own_against_published(self) -> Shown:
        """Every period: own, published, difference, verdict."""
        from reports.sections.comparison import own_against_published

        return Shown("own-against-published", own_against_published(self.view))

    def periods_in_detail(self) -> Shown:
        """Every period: how its price came about."""
        from reports.sections.period import periods_in_detail

        return Shown("periods", periods_in_detail(self.view))

    def period(self, settlement_period: int) -> Shown:
        """One period: how its price came about. KeyError where the day has none of that number."""
        from reports.sections.period import period_section

        return Shown("period", period_section(self.view.period(settlement_period), self.view))

    def evidence(self) -> Shown:
        """Files, refused rows, parameters, by hash."""
        from reports.sections.evidence import evidence

        return Shown("evidence", evidence(self.view))

    def not_covered(self) -> Shown:
        """What must not be concluded."""
        from reports.sections.not_covered import not_covered

        return Shown("not-covered", not_covered(self.view))


def open_day(settlement_date: str | date, run: str | None = None, home: str | Path | None = None) -> Day:
    """A settled day of a workspace.

    settlement_date  a date, or its text 2026-10-14
    run              a run type; None takes the latest
    home             the workspace folder; None takes BSC_HOME, else ./workspace
    """
    import reports

    day = settlement_date if isinstance(settlement_date, date) else date.fromisoformat(settlement_date)
    return Day(reports.open_day_view(day, run, home))
