"""The invariants of price.md, section 15, on random small markets, several periods in one call of the engine.

Volumes are held to 1e-9 of the sum of absolute volumes, prices to 1e-9 of the largest price about. Every run draws
other markets; a failure prints the line that brings its market back.
"""

from __future__ import annotations

import importlib.util
import random
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

_spec = importlib.util.spec_from_file_location("price_stacks", Path(__file__).with_name("price_stacks.py"))
stacks = sys.modules.setdefault("price_stacks", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(stacks)
answer, Row = stacks.answer, stacks.Row

QUIET = {"deadline": None, "derandomize": False, "print_blob": True, "database": None}
SHORT = settings(max_examples=15, suppress_health_check=list(HealthCheck), **QUIET)
LONG = settings(max_examples=800, suppress_health_check=list(HealthCheck), **QUIET)
LAWS = []


def law(check):
    """A law is held on few markets always, and on many in the long tier."""
    LAWS.append(check)
    return SHORT(given(stacks.markets())(check))


def signed_sum(values, keep):
    return float(np.sum(values[keep])) if len(values) else 0.0


def same_prices(one, other, names=("system_price",)):
    for before, after in zip(one.periods(), other.periods(), strict=True):
        for name in names:
            slack = before.slack if name == "net_imbalance_volume" else before.price_slack()
            assert after.figures[name] == pytest.approx(before.figures[name], abs=slack, rel=1e-9)


def one_sided(period):
    """The side that NIV is on: +1 short, -1 long, 0 neither."""
    return int(np.sign(period.figures["net_imbalance_volume"]))


@law
def test_volume_only_ever_leaves_a_row_and_its_sign_never_changes(market):
    """I1."""
    for period in answer(market).periods():
        left = np.array([row.volume for row in period.given.rows])
        for stage in stacks.STAGES[1:]:
            now = period.rows[stage]
            assert np.all(np.abs(now) <= np.abs(left) + period.slack)
            assert np.all((now == 0) | (np.sign(now) == np.sign(left)))
            left = now


@law
def test_de_minimis_takes_a_row_whole_or_not_at_all(market):
    """I2."""
    for period in answer(market).periods():
        for row, left in zip(period.given.rows, period.rows["de_minimis_adjusted_volume"], strict=True):
            assert left in {0.0, row.volume}


@law
def test_arbitrage_takes_as_much_from_buys_as_from_sells(market):
    """I3."""
    for period in answer(market).periods():
        removed = period.rows["de_minimis_adjusted_volume"] - period.rows["arbitrage_adjusted_volume"]
        from_buys, from_sells = signed_sum(removed, period.buys), signed_sum(removed, ~period.buys)
        assert from_buys == pytest.approx(-from_sells, abs=period.slack)


@law
def test_net_imbalance_volume_is_the_same_sum_before_and_after_arbitrage_and_tagging(market):
    """I4."""
    for period in answer(market).periods():
        for stage in stacks.STAGES[1:4]:
            total = float(np.sum(period.rows[stage]))
            assert total == pytest.approx(period.figures["net_imbalance_volume"], abs=period.slack)


@law
def test_what_is_left_after_arbitrage_gives_the_same_net_imbalance_volume_again(market):
    """I4, settled once more from what was left."""
    first = answer(market)
    left = [
        replace(
            period.given,
            rows=tuple(
                row._replace(volume=float(volume))
                for row, volume in zip(period.given.rows, period.rows["arbitrage_adjusted_volume"], strict=True)
                if abs(volume) >= 1e-9
            ),
        )
        for period in first.periods()
    ]

    again = answer(replace(market, periods=tuple(left), de_minimis=0.0))

    same_prices(first, again, ["net_imbalance_volume"])
    for before, after in zip(first.periods(), again.periods(), strict=True):
        kept = before.rows["arbitrage_adjusted_volume"]
        assert after.rows["arbitrage_adjusted_volume"] == pytest.approx(kept[np.abs(kept) >= 1e-9], abs=before.slack)


@law
def test_after_net_tagging_one_side_is_empty_and_the_other_sums_to_the_net_volume(market):
    """I5."""
    for period in answer(market).periods():
        left = period.rows["net_imbalance_adjusted_volume"]
        larger = period.buys if one_sided(period) > 0 else ~period.buys
        assert not np.any(left[~larger])
        assert signed_sum(left, larger) == pytest.approx(period.figures["net_imbalance_volume"], abs=period.slack)


@law
def test_after_arbitrage_no_buy_costs_as_little_as_a_sell_that_is_left(market):
    """I6."""
    for period in answer(market).periods():
        left = np.abs(period.rows["arbitrage_adjusted_volume"]) > 0 if len(period.given.rows) else period.buys
        price = [cell if keep else None for cell, keep in zip(period.rows["ranking_price"], left, strict=True)]
        buys = [one for one, buy in zip(price, period.buys, strict=True) if buy and one is not None]
        sells = [one for one, buy in zip(price, period.buys, strict=True) if not buy and one is not None]
        assert not buys or not sells or min(buys) > max(sells)


@law
def test_par_is_filled_or_all_of_the_net_volume_is_in_it(market):
    """I7."""
    for period in answer(market).periods():
        inside = float(np.sum(np.abs(period.rows["price_average_adjusted_volume"])))
        wanted = min(market.par, abs(period.figures["net_imbalance_volume"]))
        assert inside == pytest.approx(wanted, abs=period.slack)


@law
def test_only_first_stage_flagged_rows_are_flagged_again_and_they_are_the_dear_end(market):
    """I8."""
    for period in answer(market).periods():
        second, price = period.rows["second_stage_flag"], period.rows["ranking_price"]
        for flagged, row in zip(second, period.given.rows, strict=True):
            assert not flagged or row.flagged
        for side in (1, -1):
            on_side = [n for n, row in enumerate(period.given.rows) if np.sign(row.volume) == side]
            ranked = [n for n in on_side if second[n] is not None and price[n] is not None]
            flagged = [side * price[n] for n in ranked if second[n]]
            kept = [side * price[n] for n in ranked if not second[n]]
            assert not flagged or not kept or min(flagged) > max(kept)


@law
def test_a_repriced_row_has_the_replacement_price_and_any_other_its_own(market):
    """I9."""
    for period in answer(market).periods():
        rows = period.rows
        for at, left in enumerate(rows["net_imbalance_adjusted_volume"]):
            if abs(left) < 1e-9:
                assert rows["final_price"][at] is None
                assert not rows["repriced_flag"][at]
            elif rows["repriced_flag"][at]:
                assert rows["second_stage_flag"][at]
                assert rows["final_price"][at] == period.figures["replacement_price"]
            else:
                assert rows["final_price"][at] == rows["ranking_price"][at]


@law
def test_a_replacement_price_made_of_volume_is_never_dearer_than_the_dearest_unflagged_row(market):
    """I10."""
    for period in answer(market).periods():
        if not period.figures["replacement_price_reference_volume"]:
            continue
        side = one_sided(period)
        left, price = period.rows["arbitrage_adjusted_volume"], period.rows["ranking_price"]
        unflagged = [
            side * price[at]
            for at, row in enumerate(period.given.rows)
            if not row.flagged and np.sign(row.volume) == side and abs(left[at]) >= 1e-9
        ]
        assert side * period.figures["replacement_price"] <= max(unflagged) + period.price_slack()


@law
def test_without_adjustments_the_price_lies_among_the_final_prices_inside_par(market):
    """I11."""
    plain = market.each_period(lambda one: replace(one, buy_adjustment=0.0, sell_adjustment=0.0))
    for period in answer(plain).periods():
        inside = [
            price
            for price, volume in zip(
                period.rows["final_price"], period.rows["price_average_adjusted_volume"], strict=True
            )
            if volume != 0
        ]
        slack = period.price_slack()
        assert not inside or min(inside) - slack <= period.figures["system_price"] <= max(inside) + slack


@law
def test_the_order_in_which_rows_are_given_leaves_the_price_unchanged(market):
    """I12."""
    chance = random.Random(market.seed)

    shuffled = market.each_period(lambda one: replace(one, rows=tuple(chance.sample(one.rows, len(one.rows)))))

    same_prices(answer(market), answer(shuffled), stacks.BY_PERIOD[:1] + stacks.BY_PERIOD[4:])


@law
def test_equal_rows_stay_equal_whichever_stands_first_even_where_ties_are_broken_by_rank(market):
    """I12, ties: where TLM is equal, rank inside a tie moves nothing."""
    chance = random.Random(market.seed)
    level = market.each_row(lambda row: row._replace(tlm=1.0, so=False, cadl=False, emergency=False, stor=False))
    level = level.each_period(lambda one: replace(one, rows=tuple(row for row in one.rows if row.price is not None)))
    shuffled = level.each_period(lambda one: replace(one, rows=tuple(chance.sample(one.rows, len(one.rows)))))
    by_rank = {"tie_rule": "rank"}

    same_prices(answer(level, by_rank), answer(shuffled, by_rank))
    same_prices(answer(level), answer(level, by_rank))


@law
def test_loss_multipliers_all_scaled_alike_leave_the_price_unchanged(market):
    """I13."""
    of_units = market.each_period(lambda one: replace(one, rows=tuple(row for row in one.rows if row.acceptance)))

    scaled = of_units.each_row(lambda row: row._replace(tlm=row.tlm * 1.37))

    same_prices(answer(of_units), answer(scaled))


@law
def test_what_is_added_to_both_adjustments_is_added_to_the_price_unless_net_volume_is_nothing(market):
    """I14."""
    dearer = market.each_period(
        lambda one: replace(one, buy_adjustment=one.buy_adjustment + 4.25, sell_adjustment=one.sell_adjustment + 4.25)
    )

    for before, after in zip(answer(market).periods(), answer(dearer).periods(), strict=True):
        added = 4.25 if one_sided(before) else 0.0
        wanted = before.figures["system_price"] + added
        assert after.figures["system_price"] == pytest.approx(wanted, abs=before.price_slack())


@law
def test_a_row_split_in_two_leaves_the_price_unchanged(market):
    """I15."""

    def split(row):
        part = round(row.volume / 3, 6)
        if min(abs(part), abs(row.volume - part)) < market.de_minimis:
            return (row,)
        other = row.unit if row.acceptance else f"{row.unit}0"
        return (row._replace(volume=part), row._replace(unit=other, volume=row.volume - part))

    halved = market.each_period(lambda one: replace(one, rows=tuple(part for row in one.rows for part in split(row))))

    same_prices(answer(market), answer(halved), ["system_price", "net_imbalance_volume"])


@law
def test_a_row_below_the_threshold_leaves_price_and_net_volume_unchanged(market):
    """I16."""
    tiny = [
        Row("T_TINY-1", 77, 1, 0.9 * market.de_minimis, 9999.0),
        Row("T_TINY-2", 78, -1, -0.9 * market.de_minimis, -9999.0),
        Row("999", 0, 0, 0.9 * market.de_minimis, -50.0),
    ]

    more = market.each_period(lambda one: replace(one, rows=(*one.rows, *tiny)))

    same_prices(answer(market), answer(more), ["system_price", "net_imbalance_volume"])


@law
def test_a_mirrored_market_has_the_mirrored_price_and_net_volume(market):
    """I17."""
    plain = market.each_period(lambda one: replace(one, buy_adjustment=0.0, sell_adjustment=0.0))
    plain = plain.each_row(lambda row: row._replace(stor=False))
    mirrored = plain.each_row(
        lambda row: row._replace(volume=-row.volume, price=None if row.price is None else -row.price)
    )
    mirrored = mirrored.each_period(
        lambda one: replace(one, market_index=tuple((name, -price, size) for name, price, size in one.market_index))
    )

    for here, there in zip(answer(plain).periods(), answer(mirrored).periods(), strict=True):
        for name, slack in (("system_price", here.price_slack()), ("net_imbalance_volume", here.slack)):
            assert there.figures[name] == pytest.approx(-here.figures[name], abs=slack)


@law
def test_without_flags_and_losses_par_takes_the_dearest_volume_left_and_nothing_is_repriced(market):
    """I18."""
    bare = market.each_row(
        lambda row: row._replace(
            so=False, cadl=False, emergency=False, stor=False, tlm=1.0, price=40.0 if row.price is None else row.price
        )
    )
    for period in answer(bare).periods():
        assert period.figures["replacement_price"] is None
        left = period.rows["net_imbalance_adjusted_volume"]
        wanted, cost, taken = market.par, 0.0, 0.0
        dearest = sorted(zip(period.given.rows, left, strict=True), key=lambda row: -row[0].expense)
        for row, volume in dearest:
            part = min(abs(volume), wanted - taken)
            cost, taken = cost + part * row.price, taken + part
        if one_sided(period):
            side = one_sided(period)
            added = period.given.buy_adjustment if side > 0 else period.given.sell_adjustment
            wanted_price = cost / taken + added
            assert period.figures["system_price"] == pytest.approx(wanted_price, abs=100 * period.price_slack())


@law
def test_where_all_that_is_left_is_flagged_the_price_is_the_market_index_price(market):
    """I19."""
    flagged = market.each_row(lambda row: row._replace(so=True))
    for period in answer(flagged).periods():
        given_index, side = period.given, one_sided(period)
        added = {1: given_index.buy_adjustment, -1: given_index.sell_adjustment, 0: 0.0}[side]
        traded = sum(size for _, _, size in given_index.market_index)
        worth = sum(price * size for _, price, size in given_index.market_index)
        wanted = (worth / traded if traded else 0.0) + added
        assert period.figures["system_price"] == pytest.approx(wanted, abs=period.price_slack())


@law
def test_a_larger_par_never_makes_the_price_worse_for_the_one_who_is_short_or_long(market):
    """I20."""
    level = market.each_row(lambda row: row._replace(tlm=1.0))
    narrow, wide = answer(level), answer(replace(level, par=2.5 * level.par))
    for before, after in zip(narrow.periods(), wide.periods(), strict=True):
        side = one_sided(before)
        worse = side * (after.figures["system_price"] - before.figures["system_price"])
        assert worse <= 10 * before.price_slack()


@law
def test_there_is_one_price_for_long_and_short(market):
    """I21."""
    for period in answer(market).periods():
        assert period.figures["system_buy_price"] == period.figures["system_sell_price"]
        assert period.figures["system_buy_price"] == period.figures["system_price"]


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("check", LAWS, ids=lambda check: check.__name__.removeprefix("test_"))
def test_the_laws_hold_on_many_more_markets(check):
    LONG(given(stacks.markets())(check))()


def test_random_markets_hold_what_is_rare():
    """Ties at a margin, NIV of 0, periods without rows, unpriced rows left, STOR uplift, RP of both kinds."""
    chance = random.Random(20240115)
    periods = []
    for number in range(400):
        rows = [stacks.row_of(chance.randrange(stacks.CODES), place) for place in range(chance.randint(0, 10))]
        rows = stacks.balanced(rows) if number % 12 == 0 else tuple(rows)
        periods.append(stacks.Period(rows, scarcity_price=chance.choice((0.0, 35.0, 120.0))))
    found = list(answer(stacks.Market(tuple(periods))).periods())

    left = [np.abs(p.rows["net_imbalance_adjusted_volume"]) for p in found if p.given.rows]
    inside = [np.abs(p.rows["price_average_adjusted_volume"]) for p in found if p.given.rows]
    shared = sum(np.sum((part > 0) & (part < of)) > 1 for part, of in zip(inside, left, strict=True))
    reference = [p.figures["replacement_price_reference_volume"] for p in found]
    rows = [
        (row, price, left)
        for p in found
        for row, price, left in zip(
            p.given.rows, p.rows["ranking_price"], p.rows["net_imbalance_adjusted_volume"], strict=True
        )
    ]
    assert shared >= 15
    assert sum(one_sided(p) == 0 and bool(p.given.rows) for p in found) >= 20
    assert sum(not p.given.rows for p in found) >= 10
    assert sum(one == 0 for one in reference) >= 15
    assert sum(bool(one) for one in reference) >= 15
    assert sum(row.price is None and left != 0 for row, _, left in rows) >= 10
    assert sum(row.price is not None and price != row.price for row, price, _ in rows) >= 10
