"""Two prices, as they were from 5 November 2009 to 4 November 2015: a main price, and a reverse one from the market."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from settlement import parameters, settle
from settlement.errors import NotANumber
from settlement.grains import full_grain, row_grain

PERIODS = (1, 2, 3, 4, 5)


def two_prices(main, net, market):
    """SBP and SSP of periods whose main price, NIV and market price are as told."""
    periods = full_grain(settlement_period=PERIODS[: len(main)])
    given = {"settlement_periods": periods}
    told = [(period, one) for period, one in zip(PERIODS, market, strict=False) if one is not None]
    index = row_grain("market_index_period", {"settlement_period": [period for period, _ in told]})
    published = {
        "system_price": periods.array(main),
        "net_imbalance_volume": periods.array(net),
        "market_index_price": index.array([one for _, one in told]),
    }
    wanted = ["system_buy_price", "system_sell_price", "market_index_price_needed"]
    results = settle(given, wanted, published=published, single_price=False)
    return [results[name].to_numpy().tolist() for name in wanted]


def test_the_price_against_the_system_is_the_main_one_and_with_it_the_market_price():
    # short, long, in balance (main is then the market price)
    buy, sell, needed = two_prices([80.0, 30.0, 50.0], [120.0, -90.0, 0.0], [50.0, 45.0, 50.0])

    assert buy == [80.0, 45.0, 50.0]
    assert sell == [50.0, 30.0, 50.0]
    assert needed == [True, True, True]


def test_a_market_price_on_the_wrong_side_is_held_at_the_main_price():
    buy, sell, _ = two_prices([40.0, 60.0], [10.0, -10.0], [55.0, 35.0])

    assert buy == [40.0, 60.0]
    assert sell == [40.0, 60.0]
    assert np.all(np.array(buy) >= np.array(sell))


def test_a_period_without_a_market_price_is_refused_by_name():
    with pytest.raises(NotANumber, match="'settlement_period': 2"):
        two_prices([80.0, 30.0], [120.0, -90.0], [50.0, None])


def test_one_price_begins_on_5_november_2015():
    assert parameters.value("single_price", date(2009, 11, 5)) is False
    assert parameters.value("single_price", date(2015, 11, 4)) is False
    assert parameters.value("single_price", date(2015, 11, 5)) is True
