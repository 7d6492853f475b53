"""One period on its own, with everything: what the notebook period_detail shows.

day = audit.open_day("2024-01-15", run="SF")
day.alone(37).section()
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.charged import Charged
from reports.sections import period_alone
from reports.sections.shown import Shown
from reports.views import DayView, PeriodView


@dataclass(frozen=True)
class Period:
    """A period of a settled day; its methods each show one part of its report."""

    day: DayView
    period: PeriodView
    charged: Charged | None  # None: a day that was opened from figures alone

    def cover(self) -> Shown:
        """The price, its verdict, and how to prove the page."""
        return Shown("cover", period_alone.cover(self.period, self.day))

    def section(self) -> Shown:
        """How the price came about, with every action."""
        return Shown("period", period_alone.section(self.period, self.day, self.charged))

    def units(self) -> Shown:
        """Every BM Unit and every Energy Account."""
        return Shown("units", period_alone.units(self.period.settlement_period, self.charged))

    def evidence(self) -> Shown:
        """Files, refused rows and parameters of the day, by hash."""
        from reports.sections.evidence import evidence

        return Shown("evidence", evidence(self.day))

    def not_covered(self) -> Shown:
        """What must not be concluded."""
        from reports.sections.not_covered import not_covered

        return Shown("not-covered", not_covered(self.day))

    def parties(self) -> Shown:
        """Losses, the residual, and every Party by money, with a total that foots."""
        return Shown("parties", period_alone.every_party(self.period.settlement_period, self.charged))
