"""Each named option decides something: a small market on which its choices part, worked by hand."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from settlement import settle
from settlement.errors import WrongInput
from settlement.grains import row_grain
from settlement.options import OPTIONS, chosen

_spec = importlib.util.spec_from_file_location("price_stacks", Path(__file__).with_name("price_stacks.py"))
stacks = sys.modules.setdefault("price_stacks", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(stacks)
Row, Period, Market = stacks.Row, stacks.Period, stacks.Market


def by_choice(option, rows, figure="system_price", par=1.0, **of_period):
    """The figure of one period under each choice of an option."""
    market = Market((Period(tuple(rows), **of_period),), par=par)
    found = {}
    for choice in OPTIONS[option].choices:
        (period,) = stacks.answer(market, {option: choice}).periods()
        found[choice] = period.figures[figure]
    return found


def approx(values):
    return {choice: pytest.approx(value, abs=1e-9) for choice, value in values.items()}


def test_de_minimis_sums_by_pair_row_acceptance_or_unit():
    # 0.06 + 0.06 in pair 1 by two acceptances; 0.05 + 0.05 in pairs 2 and 3 by one; 0.07 + 0.04 in two of each.
    rows = [
        Row("T_A-1", 1, 1, 0.06, 50.0), Row("T_A-1", 2, 1, 0.06, 50.0),
        Row("T_B-1", 3, 2, 0.05, 51.0), Row("T_B-1", 3, 3, 0.05, 52.0),
        Row("T_C-1", 4, 1, 0.07, 53.0), Row("T_C-1", 5, 2, 0.04, 54.0), Row("T_D-1", 6, 1, 1.0, 40.0),
    ]  # fmt: skip

    volumes = by_choice("de_minimis_level", rows, "net_imbalance_volume")

    assert volumes == approx({"pair": 1.12, "row": 1.0, "acceptance": 1.1, "unit": 1.33})


def test_ties_are_shared_pro_rata_or_taken_by_rank():
    rows = [
        Row("T_A-1", 1, 1, 1.0, 70.0), Row("T_B-1", 2, 1, 4.0, 60.0, tlm=0.98), Row("T_C-1", 3, 1, 8.0, 60.0, tlm=1.03),
    ]  # fmt: skip

    prices = by_choice("tie_rule", rows, par=5.0)

    shared = (70 + (4 / 3 * 0.98 + 8 / 3 * 1.03) * 60) / (1 + 4 / 3 * 0.98 + 8 / 3 * 1.03)
    by_rank = (70 + 4 * 1.03 * 60) / (1 + 4 * 1.03)  # the last of the tie is the dearest
    assert prices == approx({"pro rata": shared, "rank": by_rank})


def test_unpriced_rows_stand_at_the_dear_or_the_cheap_end():
    rows = [Row("T_A-1", 1, 1, 5.0, 50.0), Row("71", 0, 0, 6.0, None), Row("T_B-1", 2, -1, -5.5, 20.0)]

    # Dear end: the unpriced row loses 5.5 and its last 0.5 is repriced at 50. Cheap end: the 5.5 take row 1 whole and
    # 0.5 of the unpriced row, so that nothing unflagged is left and the price is that of the market index, 55.
    assert by_choice("unpriced_rank", rows) == approx({"dearest": 50.0, "cheapest": 55.0})


def test_unpriced_rows_take_no_part_in_arbitrage_at_either_end():
    rows = [Row("T_A-1", 1, 1, 5.0, 50.0), Row("71", 0, 0, 2.0, None), Row("T_B-1", 2, -1, -3.0, 20.0)]

    for choice in OPTIONS["unpriced_rank"].choices:
        (period,) = stacks.answer(Market((Period(tuple(rows)),)), {"unpriced_rank": choice}).periods()
        assert period.rows["arbitrage_adjusted_volume"].tolist() == [5.0, 2.0, -3.0]
        assert period.rows["second_stage_flag"].tolist() == [False, True, False]


def test_stor_rows_are_uplifted_or_never():
    rows = [Row("T_A-1", 1, 1, 5.0, 50.0), Row("T_S-1", 2, 1, 5.0, 40.0, stor=True)]

    assert by_choice("stor_window", rows, scarcity_price=120.0) == approx({"flagged rows": 120.0, "never": 50.0})


def test_a_flagged_row_as_dear_as_the_dearest_unflagged_one_keeps_its_price_or_not():
    rows = [Row("T_A-1", 1, 1, 0.5, 50.0), Row("T_B-1", 2, 1, 5.0, 40.0), Row("T_C-1", 3, 1, 5.0, 50.0, so=True)]

    # Strict: row 3 keeps 50. Or equal: RP = 0.5 x 50 + 0.5 x 40 = 45, and PAR holds 0.5 at 50 and 0.5 at 45.
    assert by_choice("classification", rows) == approx({"strict": 50.0, "or equal": 47.5})


def test_an_adjustment_is_added_at_zero_net_volume_or_not():
    rows = [Row("T_A-1", 1, 1, 5.0, 50.0), Row("T_B-1", 2, -1, -5.0, 20.0)]

    prices = by_choice("adjustment_at_zero_volume", rows, buy_adjustment=0.35, sell_adjustment=-0.2)

    assert prices == approx({"none": 55.0, "buy": 55.35})


def test_market_index_prices_are_weighted_by_volume_or_counted_alike():
    index = (("P1", 50.0, 300.0), ("P2", 70.0, 100.0), ("P3", 0.0, 0.0))

    prices = by_choice("market_index_weighting", [], market_index=index)

    assert prices == approx({"volume": 55.0, "plain": 60.0})


def test_acceptances_that_abut_are_joined_or_taken_singly():
    # Two of 6 minutes that abut: 12 together, against a CADL of 10.
    taken = row_grain("acceptance_row", {"bm_unit": np.array(["a", "a"], object), "acceptance_number": [1, 2]})
    points = row_grain(
        "acceptance_point_row",
        {"bm_unit": np.array(["a", "a"], object), "acceptance_number": [1, 2], "segment": [1, 1]},
    )
    given = {
        "acceptance_rows": taken,
        "acceptance_point_rows": points,
        "point_time_from": points.array(np.array([0, 360])),
        "point_time_to": points.array(np.array([360, 720])),
        "continuous_acceptance_duration_limit": 10.0,
    }
    found = {
        choice: settle(given, ["acceptance_cadl_flag"], options={"acceptance_chaining": choice})[
            "acceptance_cadl_flag"
        ].to_numpy().tolist()
        for choice in OPTIONS["acceptance_chaining"].choices
    }  # fmt: skip

    assert found == {"joined": [False, False], "single": [True, True]}


def test_every_option_has_its_test_here_or_beside_the_charges_it_moves():
    told = "".join(
        path.read_text(encoding="utf-8") for path in (Path(__file__), *Path(__file__).parent.glob("test_charges_*.py"))
    )

    assert [name for name in OPTIONS if told.count(f'"{name}"') == 0] == []


def test_a_choice_or_an_option_that_does_not_exist_is_refused():
    with pytest.raises(WrongInput, match="option tie_rule: found 'random', wanted 'pro rata' or 'rank'"):
        chosen({"tie_rule": "random"})
    with pytest.raises(WrongInput, match=r"option tie: found 'rank', wanted .*'tie_rule'"):
        chosen({"tie": "rank"})
    with pytest.raises(WrongInput, match="option tie: found"):
        settle({}, ["system_price"], options={"tie": "rank"}, published={})
