"""All that a notebook may show of one settled day.

from reports import audit

day = audit.open_day("2026-10-14", run="IP", home="workspace")
day.cover()
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.errors import NoSuchRun
from reports.sections.shown import Shown
from reports.views import DayView

if TYPE_CHECKING:
    import xarray as xr

    from loaders.store.records import RunRow
    from reports.charged import Charged
    from reports.explained_html import ShownExplanation
    from reports.figures import Figures
    from reports.period_alone import Period
    from reports.variance import Variance
    from reports.what_if import WhatIf
    from settlement.settled import Settled


class Day:
    """A settled day. Its methods each show one part of its report; its tables are for an analyst to work on.

    price, units, parties, stack(35)       tables, with units
    array("metered_volume")                any quantity, labelled, with symbol, unit and clause
    explain("system_price", period=35)     one value down to its rows
    variance("II"), what_if(...)           why it moved, and what would have been
    """

    def __init__(
        self, view: DayView | None = None, *, settlement_date: date | None = None, run: str | None = None,
        home: Path | None = None,
    ) -> None:  # fmt: skip
        self._view, self._asked = view, (settlement_date, run, home)

    @cached_property
    def view(self) -> DayView:
        """The figures of the day as plain records; the published prices are those held now."""
        import reports

        if self._view is not None:
            return self._view
        return reports.open_day_view(self._date, self._asked[1], self._home)

    @cached_property
    def _opened(self) -> tuple[RunRow, Settled]:
        from reports.open_view import open_run

        row, settled, store = open_run(self._date, self._asked[1], self._home)
        store.close()
        return row, settled

    @property
    def row(self) -> RunRow:
        """The run as it was kept: its id, inputs, parameters and options."""
        return self._opened[0]

    @property
    def settled(self) -> Settled:
        """Every array of the run, read when it is asked for."""
        return self._opened[1]

    @property
    def _date(self) -> date:
        if self._asked[0] is None:
            raise NoSuchRun("found a day that was opened from figures alone, wanted one of a workspace: use open_day.")
        return self._asked[0]

    @property
    def _home(self) -> Path:
        import reports

        return reports.workspace(self._asked[2])

    def __repr__(self) -> str:
        run = self.row
        losses = "with charges" if "daily_party_net_due" in self.settled.arrays else "prices only"
        aside = f", {len(run.details['set_aside'])} periods set aside" if run.details["set_aside"] else ""
        return f"<{run.settlement_date} {run.run_type}, {losses}{aside}, run {run.run_id[:12]}>"

    @property
    def price(self) -> Figures:
        """Own and published price of each period, GBP/MWh, with verdict and net imbalance volume."""
        from reports.day_tables import prices

        return prices(self.view)

    @property
    def units(self) -> Figures:
        """BM Units over the day: volumes in MWh, cashflows in GBP. NoSuchRun for a run from the published stack."""
        from reports.day_tables import units

        return units(self.settled)

    @property
    def parties(self) -> Figures:
        """Trading Charges of each Party, GBP; due to it above zero. NoSuchRun for a run of prices."""
        from reports.day_tables import parties

        return parties(self.settled)

    def stack(self, settlement_period: int) -> Figures:
        """The ranked actions of a period. KeyError where the day has none of that number."""
        from reports.day_tables import stack

        return stack(self.view, settlement_period)

    def array(self, quantity: str) -> xr.DataArray:
        """A quantity of the run with its labels; symbol, unit and clause are its attributes.

        Raises WrongInput for one that the run does not hold.
        """
        from reports.day_arrays import array

        return array(self.settled, quantity)

    def explain(self, quantity: str, *, depth: int = 6, **key: Any) -> ShownExplanation:
        """How one value came about: day.explain("daily_party_net_due", party="SYNP001").

        `period` and `unit` may be written for settlement_period and bm_unit. Raises WrongInput, UnknownLabel.
        """
        from reports.explained_html import ShownExplanation
        from settlement.explanation import explain

        return ShownExplanation(explain(self.settled, quantity, _key(key), depth=depth))

    def variance(
        self, earlier: str, quantity: str = "daily_party_net_due", *, reverse: bool = False, **key: Any
    ) -> Variance:
        """Why a quantity moved from an earlier run to this one: day.variance("II", party="SYNP001")."""
        from reports.variance import variance

        return variance(
            self._date, earlier, self.row.run_id, home=self._home, quantity=quantity, key=_key(key), reverse=reverse
        )

    def what_if(self, **otherwise: Any) -> WhatIf:
        """This run with something decided otherwise; see `reports.what_if.what_if` for what may be."""
        from reports.what_if import what_if

        return what_if(self._date, self.row.run_id, home=self._home, **otherwise)

    @cached_property
    def charged(self) -> Charged | None:
        """The charges of the run, sliced by period; None for a day that was opened from figures alone."""
        from reports.charged import Charged

        return None if self._asked[0] is None else Charged(self.settled)

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

        return Shown("periods", periods_in_detail(self.view, self.charged))

    def period(self, settlement_period: int) -> Shown:
        """One period: how its price came about. KeyError where the day has none of that number."""
        from reports.sections.period import period_section

        return Shown("period", period_section(self.view.period(settlement_period), self.view, self.charged))

    def alone(self, settlement_period: int) -> Period:
        """One period as a report of its own. KeyError where the day has none of that number."""
        from reports.period_alone import Period

        return Period(self.view, self.view.period(settlement_period), self.charged)

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
    return Day(settlement_date=day, run=run, home=reports.workspace(home))


def _key(asked: dict[str, Any]) -> dict[str, Any]:
    short = {"period": "settlement_period", "unit": "bm_unit", "acceptance": "acceptance_number"}
    return {short.get(name, name): label for name, label in asked.items()}
