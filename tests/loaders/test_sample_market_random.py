"""Invariants of price.md section 15 hold for the exact calculator on random markets, exactly."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.sample_market import tables
from loaders.sample_market.exact_market import BUY, SELL, Action, Adjusters
from loaders.sample_market.exact_price import price
from loaders.sample_market.random_markets import random_market, random_volume_problem

SEEDS = st.integers(min_value=0, max_value=10**6)


def by_side(result, side, stage):
    return sum((getattr(row, stage) for row in result.rows if row.action.side == side), Fraction(0))


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_volume_only_ever_leaves_a_row(seed):
    """I1, I2, I3, I4, I5."""
    result = random_market(seed).result()

    for row in result.rows:
        stages = [
            row.par_adjusted_volume,
            row.niv_adjusted_volume,
            row.arbitrage_adjusted_volume,
            row.dmat_adjusted_volume,
            row.action.volume,
        ]
        assert [abs(v) for v in stages] == sorted(abs(v) for v in stages)
        assert all(v == 0 or (v > 0) == (row.action.volume > 0) for v in stages)
        assert row.dmat_adjusted_volume in {0, row.action.volume}
    removed = [
        by_side(result, side, "dmat_adjusted_volume") - by_side(result, side, "arbitrage_adjusted_volume")
        for side in (BUY, SELL)
    ]
    assert removed[0] == -removed[1]
    for stage in ("dmat_adjusted_volume", "arbitrage_adjusted_volume", "niv_adjusted_volume"):
        assert by_side(result, BUY, stage) + by_side(result, SELL, stage) == result.net_imbalance_volume
    assert 0 in {by_side(result, side, "niv_adjusted_volume") for side in (BUY, SELL)}


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_flags_and_prices_keep_their_order(seed):
    """I6, I8, I9, I11."""
    result = random_market(seed).result()
    left = [row for row in result.rows if row.arbitrage_adjusted_volume != 0]

    priced = {
        side: [r.ranking_price for r in left if r.action.side == side and r.ranking_price is not None]
        for side in (BUY, SELL)
    }
    assert all(buy > sell for buy in priced[BUY] for sell in priced[SELL])
    for side, sign in ((BUY, 1), (SELL, -1)):
        rows = [r for r in left if r.action.side == side and r.ranking_price is not None]
        kept = [sign * r.ranking_price for r in rows if not r.second_stage_flagged]
        flagged = [sign * r.ranking_price for r in rows if r.second_stage_flagged]
        assert not kept or not flagged or min(flagged) > max(kept)
    assert all(row.action.first_stage_flagged for row in left if row.second_stage_flagged)
    surviving = [row for row in result.rows if row.niv_adjusted_volume != 0]
    assert all(r.final_price == (result.replacement_price if r.repriced else r.ranking_price) for r in surviving)


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_price_lies_within_what_par_took_and_par_is_full(seed):
    """I7, I11, I14, I19."""
    market = replace(random_market(seed), adjusters=Adjusters())
    result = market.result()
    inside = [row for row in result.rows if row.par_adjusted_volume != 0]

    wanted = min(market.parameters.price_average_reference, abs(result.net_imbalance_volume))
    assert sum(abs(row.par_adjusted_volume) for row in inside) == wanted
    if inside:
        assert min(r.final_price for r in inside) <= result.system_price <= max(r.final_price for r in inside)
        dearer = price(market.actions, market.parameters, market.market_index, Adjusters(Fraction(3), Fraction(3)))
        assert dearer.system_price == result.system_price + 3
        if all(row.repriced for row in result.rows if row.niv_adjusted_volume != 0):
            assert result.system_price == result.market_index_price
    else:
        assert result.system_price == result.market_index_price


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_the_order_of_rows_and_a_tiny_row_change_nothing(seed):
    """I12, I16."""
    market = random_market(seed)
    result = market.result()
    shuffled = list(market.actions)
    random.Random(seed).shuffle(shuffled)
    tiny = Action("T_SYNTINY-1", Fraction("0.01"), Fraction(9999), 1, 1)

    again = replace(market, actions=(*shuffled, tiny)).result()

    assert again.system_price == result.system_price
    assert again.net_imbalance_volume == result.net_imbalance_volume


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_a_mirrored_market_has_the_mirrored_price(seed):
    """I17."""
    market = random_market(seed)
    plain = [replace(a, stor_flag=False) for a in market.actions]
    mirrored = [replace(a, volume=-a.volume, price=None if a.price is None else -a.price) for a in plain]
    index = [replace(entry, price=-entry.price) for entry in market.market_index]

    here = price(plain, market.parameters, market.market_index)
    there = price(mirrored, market.parameters, index)

    assert (there.system_price, there.net_imbalance_volume) == (-here.system_price, -here.net_imbalance_volume)


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_a_larger_par_never_makes_the_price_worse(seed):
    """I20."""
    market = random_market(seed)
    actions = [replace(a, tlm=Fraction(1)) for a in market.actions]
    wider = replace(market.parameters, price_average_reference=market.parameters.price_average_reference + 7)

    narrow = price(actions, market.parameters, market.market_index)
    wide = price(actions, wider, market.market_index)

    short = narrow.net_imbalance_volume > 0
    assert wide.system_price <= narrow.system_price if short else wide.system_price >= narrow.system_price


def test_random_markets_hold_what_is_rare():
    results = [random_market(seed).result() for seed in range(600)]

    rows = [row for result in results for row in result.rows]
    shared = [r for r in rows if 0 < abs(r.par_adjusted_volume) < abs(r.niv_adjusted_volume)]
    assert len(shared) >= 100
    assert sum(result.priced_at_market_index and bool(result.rows) for result in results) >= 10
    assert sum(result.replacement_price_reference_volume == 0 for result in results) >= 20
    assert sum(bool(result.replacement_price_reference_volume) for result in results) >= 20
    assert sum(row.ranking_price != row.action.price for row in rows) >= 20
    assert sum(row.action.price is None and row.niv_adjusted_volume != 0 for row in rows) >= 20
    assert sum(row.dmat_adjusted_volume == 0 for row in rows) >= 100


def test_the_same_seed_gives_the_same_market_and_another_one_another():
    assert random_market(5) == random_market(5)
    assert random_market(5) != random_market(6)
    assert random_volume_problem(5) == random_volume_problem(5)
    assert random_volume_problem(5) != random_volume_problem(6)


@pytest.mark.parametrize("seed", range(20))
def test_a_market_as_tables_has_one_row_an_action_and_one_key_a_row(seed):
    market = random_market(seed)

    given_tables = tables.market_tables(market)
    stages = tables.expected_stages(market.result())

    keys = [(row["side"], row["sequence_number"]) for row in given_tables["settlement_stack"]]
    assert keys == [(row["side"], row["sequence_number"]) for row in stages]
    assert len(set(keys)) == len(market.actions)
    volumes = sorted(row["volume_mwh"] for row in given_tables["settlement_stack"])
    assert volumes == sorted(float(action.volume) for action in market.actions)
