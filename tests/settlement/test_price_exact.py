"""The engine equals the calculator in exact fractions, row by row and stage by stage, on random small markets.

The calculator (`loaders.sample_market`) shares nothing with the engine but the calendar.
"""

from __future__ import annotations

import importlib.util
import sys
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from loaders.sample_market.random_markets import random_market

_spec = importlib.util.spec_from_file_location("price_stacks", Path(__file__).with_name("price_stacks.py"))
stacks = sys.modules.setdefault("price_stacks", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(stacks)

VOLUMES = {
    "de_minimis_adjusted_volume": "dmat_adjusted_volume",
    "arbitrage_adjusted_volume": "arbitrage_adjusted_volume",
    "net_imbalance_adjusted_volume": "niv_adjusted_volume",
    "price_average_adjusted_volume": "par_adjusted_volume",
    "loss_adjusted_volume": "tlm_adjusted_volume",
}
PRICES = {"ranking_price": "ranking_price", "final_price": "final_price"}
FLAGS = {"second_stage_flag": "second_stage_flagged", "repriced_flag": "repriced"}
SHORT_SEEDS = 400
LONG_SEEDS = 20_000


def as_period(market):
    rows = [
        stacks.Row(
            action.id, action.acceptance_number or 0, action.pair or 0, float(action.volume),
            None if action.price is None else float(action.price), action.so_flag, action.cadl_flag,
            action.emergency_flag, action.stor_flag, float(action.tlm),
        )
        for action in market.actions
    ]  # fmt: skip
    index = tuple((one.provider, float(one.price), float(one.volume)) for one in market.market_index)
    return stacks.Period(
        tuple(rows), index, float(market.adjusters.buy), float(market.adjusters.sell),
        float(market.parameters.reserve_scarcity_price),
    )  # fmt: skip


def settle_many(random_ones):
    """Markets by seed, those of one set of parameters in one call; gives (seed, exact result, engine's answer)."""
    together = defaultdict(list)
    for seed, market in random_ones:
        values = market.parameters
        key = (
            values.de_minimis_threshold, values.price_average_reference, values.replacement_price_average_reference,
            values.de_minimis_level,
        )  # fmt: skip
        together[key].append((seed, market))
    for (de_minimis, par, rpar, level), ones in together.items():
        market = stacks.Market(tuple(as_period(one) for _, one in ones), float(de_minimis), float(par), float(rpar))
        answers = stacks.answer(market, {"de_minimis_level": level}).periods()
        yield from ((seed, one.result(), got) for (seed, one), got in zip(ones, answers, strict=True))


def close(got, wanted, unit):
    """Within 1e-9 MWh, or 1e-9 of a price; both absent is the same."""
    if wanted is None or got is None:
        return wanted is None and got is None
    scale = max(1.0, abs(float(wanted))) if unit == "price" else 1.0
    return abs(got - float(wanted)) <= 1e-9 * scale


def differences(seed, exact, got):
    for at, row in enumerate(exact.rows):
        where = f"seed {seed}, row {at}"
        for kind, names in (("volume", VOLUMES), ("price", PRICES)):
            for ours, theirs in names.items():
                mine, wanted = got.rows[ours][at], getattr(row, theirs)
                if not close(mine, wanted, kind):
                    yield f"{where}, {ours}: wanted {wanted}, got {mine}"
        for ours, theirs in FLAGS.items():
            if got.rows[ours][at] != getattr(row, theirs):
                yield f"{where}, {ours}: wanted {getattr(row, theirs)}, got {got.rows[ours][at]}"
        cost = got.rows["loss_adjusted_cost"][at]
        if abs(cost - float(row.tlm_adjusted_cost)) > 1e-9 * max(1.0, abs(float(row.tlm_adjusted_cost))):
            yield f"{where}, loss_adjusted_cost: wanted {row.tlm_adjusted_cost}, got {cost}"
        if got.rows["first_stage_flag"][at] != row.action.first_stage_flagged:
            yield f"{where}, first_stage_flag: wanted {row.action.first_stage_flagged}"
    figures = got.figures
    for name, wanted, kind in (
        ("system_price", exact.system_price, "price"),
        ("net_imbalance_volume", exact.net_imbalance_volume, "volume"),
        ("market_index_price", exact.market_index_price, "price"),
        ("replacement_price", exact.replacement_price, "price"),
        ("replacement_price_reference_volume", exact.replacement_price_reference_volume, "volume"),
    ):
        if not close(figures[name], wanted, kind):
            yield f"seed {seed}, {name}: wanted {wanted}, got {figures[name]}"


def all_differences(random_ones):
    return [text for seed, exact, got in settle_many(random_ones) for text in differences(seed, exact, got)]


def test_every_stage_of_four_hundred_random_periods_is_that_of_the_exact_calculator(seed):
    found = all_differences((one, random_market(one)) for one in range(seed, seed + SHORT_SEEDS))

    assert not found, "\n".join(found[:20])


@pytest.mark.parametrize("level", ["row", "acceptance"])
def test_the_other_readings_of_the_de_minimis_level_are_those_of_the_exact_calculator(level):
    ones = [(seed, random_market(seed)) for seed in range(100)]
    ones = [(s, replace(m, parameters=replace(m.parameters, de_minimis_level=level))) for s, m in ones]

    found = all_differences(ones)

    assert not found, "\n".join(found[:20])


def test_ranks_follow_expense_and_unpriced_rows_stand_last():
    for _, exact, got in settle_many((seed, random_market(seed)) for seed in range(150)):
        for side in ("buy", "sell"):
            on_side = [at for at, row in enumerate(exact.rows) if row.action.side == side]
            by_rank = sorted(on_side, key=lambda at: got.rows["rank"][at])
            assert [got.rows["rank"][at] for at in by_rank] == list(range(1, len(on_side) + 1))
            sign = Fraction(1 if side == "buy" else -1)
            prices = [exact.rows[at].ranking_price for at in by_rank]
            priced = [sign * price for price in prices if price is not None]
            assert priced == sorted(priced)
            assert all(price is None for price in prices[len(priced) :])


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_every_stage_of_twenty_thousand_random_periods_is_that_of_the_exact_calculator(seed):
    for start in range(seed, seed + LONG_SEEDS, 1000):
        found = all_differences((one, random_market(one)) for one in range(start, start + 1000))
        assert not found, "\n".join(found[:20])
