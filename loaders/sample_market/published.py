"""What is published of a synthetic day: vintages of stack and price, and the differences planted in them.

Reads    feeds, market_day, exact_price
Gives    UNEXPLAINED, VINTAGE, NO_STACK, ROUNDING, Published, published_day, other_prices, second_run
Rules    price.md, sections 3, 13
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from loaders.sample_market.exact_market import Action, PriceResult
from loaders.sample_market.feeds import PricedDay
from loaders.sample_market.market_day import PeriodMarket
from settlement import calendar

# Settlement Periods of the planted differences, on every date.
UNEXPLAINED = 7
VINTAGE = 12
NO_STACK = 20
ROUNDING = 31

_TOO_HIGH = Fraction("0.5")
_OFF = Fraction("0.00002")
# Two runs: soon after the period, and about a day later.
_FIRST_RUN = timedelta(minutes=49, seconds=2)
_SECOND_RUN = timedelta(hours=24, minutes=44)
_CHANGES = tuple(
    sign * Fraction(size) for size in ("1.25", "2.4", "0.6", "6", "13", "0.2", "40", "160") for sign in (-1, 1)
)


@dataclass(frozen=True)
class Published:
    """Stack and price record of one period. stack is None where no stack is published.

    stack, stack_created  the stack's stages as published, and when it was made
    price, price_created  the result behind the price record, and when it was made
    system_price          the published price, GBP/MWh
    """

    settlement_period: int
    stack: PriceResult | None
    stack_created: datetime
    price: PriceResult
    price_created: datetime
    system_price: Fraction


def published_day(day: PricedDay) -> list[Published]:
    """What is published of each period of a day, in order, planted differences included."""
    return [_published(day, market) for market in day.periods.values()]


def other_prices(market: PeriodMarket, apart: tuple[Fraction, Fraction]) -> Iterator[PriceResult]:
    """Results of a period in which one action's price is another and the System Price moves.

    apart  least and most, GBP/MWh, by which the System Price moves, up or down
    No two of them have the same System Price. One action is an adjustment action, or all rows of one pair of a unit
    on one side, since they share a price.
    """
    seen = {market.result.system_price}
    for size in _CHANGES:
        for row in sorted(market.result.rows, key=lambda row: (row.par_adjusted_volume == 0, row.sequence_number)):
            if row.niv_adjusted_volume == 0 or row.action.price is None:
                continue
            result = market.priced_with([_changed(action, row.action, size) for action in market.actions])
            moved = abs(result.system_price - market.result.system_price)
            if apart[0] <= moved <= apart[1] and result.system_price not in seen:
                seen.add(result.system_price)
                yield result


def second_run(day: PricedDay, settlement_period: int) -> datetime:
    """When the day-after run of a period was made, UTC."""
    start = calendar.period_start(day.settlement_date, settlement_period)
    return start + _SECOND_RUN + timedelta(seconds=20 + settlement_period % 37)


def _published(day: PricedDay, market: PeriodMarket) -> Published:
    period, result = market.settlement_period, market.result
    created = second_run(day, period)
    as_it_is = Published(period, result, created, result, created, result.system_price)
    if period == UNEXPLAINED:
        return replace(as_it_is, system_price=result.system_price + _TOO_HIGH)
    if period == ROUNDING:
        return replace(as_it_is, system_price=result.system_price + _OFF)
    if period == NO_STACK:
        return replace(as_it_is, stack=None)
    if period == VINTAGE:
        older = _older(day, market)
        first_run = calendar.period_start(day.settlement_date, period) + _FIRST_RUN
        return replace(as_it_is, price=older, price_created=first_run, system_price=older.system_price)
    return as_it_is


def _older(day: PricedDay, market: PeriodMarket) -> PriceResult:
    """An earlier run's result, in which every price stood higher or lower by one amount: so does the System Price."""
    chance = random.Random(f"older {day.seed} {day.settlement_date}")
    size = Fraction(chance.randint(600, 1900), 100) * chance.choice((-1, 1))
    actions = [replace(a, price=None if a.price is None else a.price + size) for a in market.actions]
    return market.priced_with(actions, index_higher_by=size)


def _changed(action: Action, pattern: Action, size: Fraction) -> Action:
    same = (action.id, action.pair, action.side) == (pattern.id, pattern.pair, pattern.side)
    return replace(action, price=action.price + size) if same and action.price is not None else action
