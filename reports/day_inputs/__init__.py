"""Rows of the store to arrays of the engine: source choice, defaults, what did not arrive."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from reports.day_inputs.gathered import OWN, STACK, Assumed, Gathered
from reports.errors import NothingArrived
from settlement import calendar
from settlement.errors import NotSettled

if TYPE_CHECKING:
    from loaders.store.session import Store

FIRST_DAY = date(2015, 11, 5)


def gather_day(
    store: Store, settlement_date: date, version: int, *, way: str | None = None, assumed: Assumed | None = None
) -> Gathered:
    """Everything the price of a day needs, as it stood at a store version.

    way      "published stack" or "own stack"; None takes the stack where one has come
    assumed  adjustment actions that no feed brought; they mean the own stack

    Raises NotSettled for a day before single pricing, NothingArrived where no feed of the day has come.
    """
    if settlement_date < FIRST_DAY:
        raise NotSettled(
            f"{settlement_date}: days before {FIRST_DAY} had two prices, a main and a reverse one (P305 made them "
            "one), and this engine does not settle those yet. Settle a later day."
        )
    from reports.day_inputs import acceptances, market, published_stack

    way = way or _way(store, settlement_date, version, assumed)
    day = Gathered(store, settlement_date, version, way, list(calendar.periods(settlement_date)), assumed)
    if way == STACK:
        published_stack.gather(day)
    else:
        acceptances.gather(day)
    market.gather(day)
    return day


def _way(store: Store, settlement_date: date, version: int, assumed: Assumed | None) -> str:
    has = {
        dataset: bool(store.arrivals(dataset, settlement_date, version))
        for dataset in ("settlement_stack", "acceptances", "physical_notifications", "bid_offer_data")
    }
    if has["settlement_stack"] and assumed is None:
        return STACK
    if any(has.values()):
        return OWN
    if store.arrivals("system_prices", settlement_date, version) or store.arrivals(
        "price_history", settlement_date, version
    ):
        return STACK  # a published price alone: every period is set aside, and said so
    raise NothingArrived(
        f"{settlement_date}: no feed of this day is in the workspace at store version {version}. "
        'Load one with "bsc load --from FOLDER", or settle another day.'
    )


__all__ = ["FIRST_DAY", "OWN", "STACK", "Assumed", "Gathered", "gather_day"]
