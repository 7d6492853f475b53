"""What is paid for a run, and when: the change from the run before, by payment date.

A date is that of the published settlement calendar (job sett_calendar) and of nothing else: where the calendar has not
come, none is put in its place. SF is paid in full, II is information only, a later run pays the change from the run
before it; interest is not reckoned here.

Rules    volumes-and-charges.md, sections 1.4, 1.5, 8.13, 8.14
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from reports.views import DayView

if TYPE_CHECKING:
    from loaders.store.session import Store
    from reports.access import Access

BEFORE = {"SF": None, "R1": "SF", "R2": "R1", "R3": "R2", "RF": "R3", "D": "RF", "DF": "RF"}


@dataclass(frozen=True)
class Payment:
    """The payment of one run of a day; amounts GBP, due to the Party above zero."""

    settlement_date: date
    run: str
    net: float
    before: str | None  # the run before, where there is one that pays
    net_before: float | None
    amount: float | None  # None: not known, `why` says what is missing
    payment_date: date | None  # None: the calendar has not come
    why: str = ""


def payments(access: Access, store: Store, party: str, days: Sequence[tuple[DayView, float]]) -> tuple[Payment, ...]:
    """A payment a day, in the order of the days."""
    dated = payment_dates(store)
    return tuple(_payment(access, store, party, view, net, dated.get((view.settlement_date, view.run)))
                 for view, net in days)  # fmt: skip


def payment_dates(store: Store) -> dict[tuple[date, str], date]:
    """Payment date by Settlement Date and run, from the published calendar; empty where none is loaded."""
    rows = store.rows("settlement_calendar").select(["settlement_date", "run", "payment_date"]).to_pylist()
    return {(row["settlement_date"], row["run"]): row["payment_date"] for row in rows if row["payment_date"]}


def _payment(access: Access, store: Store, party: str, view: DayView, net: float, paid_on: date | None) -> Payment:
    day, run = view.settlement_date, view.run
    if run not in BEFORE:
        return Payment(day, run, net, None, None, None, paid_on, f"run {run} is information only: nothing is paid")
    before = BEFORE[run]
    if before is None:
        return Payment(day, run, net, None, None, net, paid_on)
    held = _net_before(access, store, party, day, before)
    if held is None:
        why = f"run {before} is not in the workspace: the change from it cannot be told"
        return Payment(day, run, net, before, None, None, paid_on, why)
    return Payment(day, run, net, before, held, net - held, paid_on)


def _net_before(access: Access, store: Store, party: str, day: date, run: str) -> float | None:
    from reports.open_view import open_run
    from reports.statement import net_due

    row = store.latest_run(day, run, plain=True)
    if row is None:
        return None
    _, settled, opened = open_run(day, row.run_id, access.home)
    opened.close()
    return net_due(settled, party)
