"""Reserve Scarcity Prices of the sample market: above 0 in up to three periods with STOR actions.

LoLP is not among the sample's feeds, so whoever settles from raw notifications takes a Reserve Scarcity
Price of 0. Values are therefore chosen so that the System Price is the same with and without them.

Reads    dated_values, exact_market, exact_price
Gives    scarcity_prices
Rules    price.md, sections 5 and 16a
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from loaders.sample_market.dated_values import DatedValues
from loaders.sample_market.exact_market import BUY, Action, MarketIndex, PriceParameters
from loaders.sample_market.exact_price import price

_PERIODS = 3
_LOLP_PARTS = 10**9
_SMALL = Fraction("6.83")


def scarcity_prices(
    values: DatedValues,
    actions: Mapping[int, Sequence[Action]],
    market_index: Mapping[int, Sequence[MarketIndex]],
) -> dict[int, Fraction]:
    """The Reserve Scarcity Price above 0, GBP/MWh, of the periods that have one: VoLL times a LoLP of 9 decimals.

    Periods that lift a STOR action above its own price come first; the others get a small value.
    """
    with_stor = [period for period, given in actions.items() if _lowest_stor_price(given) is not None]
    chosen: dict[int, Fraction] = {}
    for period in reversed(with_stor):
        lowest = _lowest_stor_price(actions[period])
        if lowest is not None and len(chosen) < _PERIODS - 1:
            lifted = _from_lolp(values, lowest + 4)
            if _leaves_price(values, actions[period], market_index[period], lifted):
                chosen[period] = lifted
    for period in with_stor:
        small = _from_lolp(values, _SMALL)
        if len(chosen) < _PERIODS and period not in chosen:
            chosen[period] = small
    return chosen


def _lowest_stor_price(actions: Sequence[Action]) -> Fraction | None:
    prices = [a.price for a in actions if a.stor_flag and a.side == BUY and a.price is not None]
    return min(prices, default=None)


def _from_lolp(values: DatedValues, wanted: Fraction) -> Fraction:
    lolp = Fraction(round(wanted / values.value_of_lost_load * _LOLP_PARTS), _LOLP_PARTS)
    return values.value_of_lost_load * lolp


def _leaves_price(
    values: DatedValues, actions: Sequence[Action], market_index: Sequence[MarketIndex], scarcity_price: Fraction
) -> bool:
    prices = [
        price(
            actions,
            PriceParameters(
                values.de_minimis_threshold,
                values.price_average_reference,
                values.replacement_price_average_reference,
                reserve,
            ),
            market_index,
        ).system_price
        for reserve in (Fraction(0), scarcity_price)
    ]
    return prices[0] == prices[1]
