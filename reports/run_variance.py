"""Why a day's figures moved between two runs, as the notebook run_variance shows it.

from reports import run_variance

moved = run_variance.open_variance("2024-01-15", run="SF", earlier="II")
moved.cover()
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reports.errors import NoSuchRun
from reports.sections import run_variance as shown
from reports.sections.shown import Shown
from reports.subjects import Subject
from reports.views import DayView
from settlement.calendar import RUN_TYPES

if TYPE_CHECKING:
    from loaders.store.records import RunRow
    from reports.variance import Variance

CHARGES = ("daily_party_net_due", "party_period_net_due", "bm_unit_cashflow", "system_price")
PRICES = ("system_price",)


class RunVariance:
    """The change between two runs; its methods each show one part of its report."""

    def __init__(self, found: dict[str, Variance], earlier: DayView, later: DayView) -> None:
        self.found, self.earlier, self.later = found, earlier, later

    @cached_property
    def subject(self) -> Subject:
        """What the report of it is about."""
        from reports.subjects_of_changes import of_variance

        return of_variance(self.found, self.earlier, self.later)

    def cover(self) -> Shown:
        """What moved, by how much, and the two main causes."""
        return Shown("cover", shown.cover(self.found, self.earlier, self.later, self.subject))

    def by_cause(self) -> Shown:
        """Every cause, in the order of exchange, with what it moved."""
        return Shown("causes", shown.by_cause(self.found))

    def by_party(self) -> Shown:
        """The Parties that moved most, each as a waterfall."""
        return Shown("parties", shown.by_party(self.found))

    def by_period(self) -> Shown:
        """The periods of the Party that moved most, by cause."""
        return Shown("periods", shown.by_period(self.found))

    def by_unit(self) -> Shown:
        """The BM Units whose cashflow moved most, by cause."""
        return Shown("units", shown.by_unit(self.found))

    def prices(self) -> Shown:
        """The periods whose price moved, by cause."""
        return Shown("prices", shown.prices(self.found))

    def rows(self) -> Shown:
        """The rows of files that changed, by cause."""
        return Shown("rows", shown.rows(self.found))


def open_variance(
    settlement_date: str | date, run: str | None = None, earlier: str | None = None, home: str | Path | None = None
) -> RunVariance:
    """Why the figures of a day moved from an earlier run to a later one.

    run      the later run; None takes the one asked for last
    earlier  None takes the run type kept before it

    Raises NoSuchRun where either was not kept, WrongInput where the two were settled in different ways.
    """
    import reports
    from reports.open_view import open_run
    from reports.variance import variances

    day = settlement_date if isinstance(settlement_date, date) else date.fromisoformat(settlement_date)
    folder = reports.workspace(home)
    row, settled, store = open_run(day, run, folder)
    before = earlier or _before(store.runs(day), row)
    store.close()
    names = CHARGES if CHARGES[0] in settled.arrays else PRICES
    _, old, store = open_run(day, before, folder)
    store.close()
    names = names if all(name in old.arrays for name in names) else PRICES
    found = variances(day, before, row.run_id, home=folder, quantities=names)
    views = [reports.open_day_view(day, one.run_id, folder) for one in (found[0].earlier, found[0].later)]
    return RunVariance(dict(zip(names, found, strict=True)), *views)


def _before(kept: list[RunRow], later: RunRow) -> str:
    """The run type kept before a run, of those that were settled in the same way on what arrived."""
    at = RUN_TYPES.index(later.run_type)
    types = {one.run_type for one in kept if one.details["way"] == later.details["way"] and one.assumed is None}
    found = [one for one in RUN_TYPES[:at] if one in types]
    if not found:
        raise NoSuchRun(
            f"{later.settlement_date}: found no run before {later.run_type} that was settled in the same way, wanted "
            "one to hold it against. Settle one, or name another run."
        )
    return found[-1]
