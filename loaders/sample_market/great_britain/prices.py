"""Prices and stacks of the national day from the exact calculator.

Reads    day, volumes, metering, exact_price, market_day
Gives    period_markets
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from loaders.sample_market.exact_durations import continuous_minutes
from loaders.sample_market.exact_market import Action
from loaders.sample_market.exact_price import price
from loaders.sample_market.great_britain.day import NationalFeeds
from loaders.sample_market.great_britain.volumes import ByPeriod
from loaders.sample_market.market_day import PeriodMarket, price_parameters


def period_markets(
    feeds: NationalFeeds,
    moved: ByPeriod,
    multipliers: Mapping[int, Mapping[str, Fraction]],
    periods: Iterable[int] | None = None,
) -> dict[int, PeriodMarket]:
    """What the price of each period is made of, and the price, exactly."""
    minutes = continuous_minutes(feeds.acceptances)
    flags = {(one.bm_unit, one.number): (one.so_flag, one.stor_flag) for one in feeds.acceptances}
    found: dict[int, PeriodMarket] = {}
    for period in feeds.periods if periods is None else periods:
        actions = []
        for row in moved[period]:
            so_flag, stor_flag = flags[row.bm_unit, row.number]
            short = minutes[row.bm_unit, row.number] < feeds.values.cadl_minutes
            tlm = multipliers[period][row.bm_unit]
            actions.append(
                Action(row.bm_unit, row.volume, row.price, row.number, row.pair, so_flag, short, stor_flag, tlm=tlm)
            )
        adjusted = [one.action for one in feeds.adjustments if one.settlement_period == period]
        actions += [action for action in adjusted if action is not None]
        scarcity = feeds.values.value_of_lost_load * feeds.loss_of_load[period]
        parameters = price_parameters(feeds.values, scarcity)
        index = tuple(feeds.market_index[period])
        found[period] = PeriodMarket(period, tuple(actions), parameters, index, price(actions, parameters, index))
    return found
