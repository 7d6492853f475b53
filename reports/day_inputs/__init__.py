"""Rows of the store to arrays of the engine: source choice, defaults, what did not arrive."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from reports.day_inputs.gathered import OWN, STACK, Assumed, Gathered, Reading
from reports.errors import NothingArrived
from settlement import calendar
from settlement.errors import NotSettled

if TYPE_CHECKING:
    from loaders.store.session import Store

FIRST_DAY = date(2015, 11, 5)


def gather_day(
    store: Store, settlement_date: date, reading: Reading, *, way: str | None = None, assumed: Assumed | None = None
) -> Gathered:
    """Everything that the price and, where metered volumes have come, the charges of a day need.

    way      "published stack" or "own stack"; None takes the own stack of a run with metered volumes, and of any
             other the published stack where one has come
    assumed  adjustment actions that no feed brought; they mean the own stack

    Raises NotSettled for a day before single pricing, NothingArrived where no feed of the day has come.
    """
    if settlement_date < FIRST_DAY:
        raise NotSettled(
            f"{settlement_date}: days before {FIRST_DAY} had two prices, a main and a reverse one (P305 made them "
            "one), and this engine does not settle those yet. Settle a later day."
        )
    from reports.day_inputs import acceptances, charges, market, published_stack

    day = Gathered(store, settlement_date, reading, "", list(calendar.periods(settlement_date)), assumed)
    metered = charges.metered_volumes(day) if way != STACK else None
    day.way = way or (OWN if metered is not None else _way(day))
    day.charged = metered is not None
    if metered is not None:
        charges.register(day, metered)
    if day.way == STACK:
        published_stack.gather(day)
    else:
        acceptances.gather(day)
    market.gather(day)
    if metered is not None:
        charges.gather(day, metered)
    return day


def _way(day: Gathered) -> str:
    if day.has("settlement_stack") and day.assumed is None:
        return STACK
    if any(
        day.has(dataset) for dataset in ("settlement_stack", "acceptances", "physical_notifications", "bid_offer_data")
    ):
        return OWN
    if day.has("system_prices") or day.has("price_history"):
        return STACK  # a published price alone: every period is set aside, and said so
    raise NothingArrived(
        f"{day.settlement_date}: no feed of this day is in the workspace at store version {day.version}. "
        'Load one with "bsc load --from FOLDER", or settle another day.'
    )


__all__ = ["FIRST_DAY", "OWN", "STACK", "Assumed", "Gathered", "Reading", "gather_day"]
