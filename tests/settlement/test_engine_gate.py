"""The gate: labels that do not match, numbers that are none and dims that are not declared are refused by name."""

from __future__ import annotations

import importlib.util
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from settlement import settle
from settlement.engine import _Gate, dependencies
from settlement.errors import NotANumber, SettlementError, UnknownLabel, WrongInput, WrongShape
from settlement.grains import full_grain, row_grain, sub_grain
from settlement.inputs import INPUTS


def _beside(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = sys.modules.setdefault(name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


own, stacks = _beside("own_markets"), _beside("price_stacks")
Row = stacks.Row


@pytest.fixture
def given():
    rows = (Row("T_A-1", 1, 1, 10.0, 50.0), Row("T_B-1", 2, 1, 4.0, 80.0, so=True), Row("T_C-1", 3, 1, -3.0, 20.0))
    return stacks.inputs(stacks.Market((stacks.Period(rows), stacks.Period(rows))))


def test_a_unit_missing_from_one_input_is_an_error_that_names_it():
    inputs = own.own_inputs(own.own_day(1, range(2, 12)))
    units = inputs["unit_periods"]
    gone = units.indexes[1][3]
    fewer = full_grain(settlement_period=units.indexes[0], bm_unit=units.indexes[1].drop(gone))
    inputs["transmission_loss_multiplier"] = fewer.array(np.ones(fewer.size))

    with pytest.raises(WrongInput) as told:
        settle(inputs, ["system_price"], way="own stack")

    assert gone in str(told.value)
    assert "transmission_loss_multiplier" in str(told.value)
    assert "same labels of bm_unit" in str(told.value)


def test_a_row_missing_from_one_input_is_an_error_that_names_it(given):
    rows = given["action_rows"]
    fewer = sub_grain("action_row", rows, np.arange(rows.size) != 4)
    given["so_flag"] = fewer.array(np.zeros(fewer.size, bool))

    with pytest.raises(WrongInput, match=r"so_flag.*same labels of action_row.*\(2, 'buy', '00001'\)"):
        settle(given, ["system_price"])


def test_labels_in_another_order_are_an_error(given):
    periods = full_grain(settlement_period=[2, 1])
    given["loss_of_load_probability"] = periods.array(np.zeros(2))

    with pytest.raises(WrongInput, match="only in their order"):
        settle(given, ["system_price"])


def test_what_was_not_given_is_named_with_symbol_unit_and_dims(given):
    del given["so_flag"]

    with pytest.raises(WrongInput, match=r"so_flag \(SO-Flag, flag, by action_row.*needed for system_price.*Give it"):
        settle(given, ["system_price"])


def test_a_quantity_that_does_not_exist_is_an_error_that_lists_those_that_do(given):
    with pytest.raises(WrongInput, match=r"no quantity 'sytem_price': wanted one of .*system_price"):
        settle(given, ["sytem_price"])


def test_a_way_that_does_not_exist_is_an_error(given):
    with pytest.raises(WrongInput, match="way: found 'stack', wanted one of published stack, own stack"):
        settle(given, ["system_price"], way="stack")


@pytest.mark.parametrize("name", ["action_volume", "original_price", "action_loss_multiplier"])
def test_a_given_number_that_is_none_is_refused_by_its_label(given, name):
    values = given[name].to_numpy().copy()
    values[3] = np.nan
    given[name] = given[name].copy(data=values)

    with pytest.raises(NotANumber) as told:
        settle(given, ["net_imbalance_volume"])

    assert str(told.value).startswith(
        f"{name}, as given, is not a number at {{'settlement_period': 2, 'side': 'buy', 'action': '00000'}}."
    )


def test_a_published_figure_that_is_none_is_refused(given):
    with pytest.raises(NotANumber, match=r"net_imbalance_volume, as given, is not .* \{'settlement_period': 2\}"):
        settle(
            given, ["system_price"],
            published={"net_imbalance_volume": given["settlement_periods"].array([1.0, np.nan])},
        )  # fmt: skip


def test_a_rule_that_gives_a_number_that_is_none_is_refused_by_quantity_and_label():
    tags = {"symbol": "NIV_j", "clause": "T4.4", "dims": "settlement_period", "module": "settlement.rules.x"}
    result = full_grain(settlement_period=[1, 2]).array([1.0, np.nan])

    with pytest.raises(NotANumber, match=r"some_volume \(NIV_j, clause T4.4\) is not a number at"):
        _Gate().run_after_node_execution(node_name="some_volume", node_tags=tags, result=result, error=None)


def test_a_period_that_needs_a_market_price_that_did_not_arrive_is_refused_by_period(given):
    given["so_flag"] = given["so_flag"].copy(data=np.ones(given["action_rows"].size, bool))
    first = row_grain("market_index_row", {"settlement_period": np.array([1]), "provider": np.array(["P1"], object)})
    given["market_index_rows"] = first
    for name, value in (("price", 60.0), ("volume", 10.0)):
        given[f"market_index_{name}_by_provider"] = first.array(np.array([value]))

    with pytest.raises(NotANumber, match=r"replacement_price \(RP_j.*\{'settlement_period': 2"):
        settle(given, ["system_price"])


def test_a_rule_that_gives_other_dims_than_its_tag_is_an_error_that_names_both():
    tags = {"symbol": "CBM_ij", "clause": "T3", "dims": "settlement_period bm_unit", "module": "settlement.rules.x"}
    by_period = full_grain(settlement_period=[1, 2]).array([1.0, 2.0])

    with pytest.raises(WrongShape) as told:
        _Gate().run_after_node_execution(node_name="bm_unit_cashflow", node_tags=tags, result=by_period, error=None)

    assert str(told.value) == (
        "bm_unit_cashflow (CBM_ij, clause T3) gave dimensions ['settlement_period'] but declares "
        "['settlement_period', 'bm_unit']. Sum over the missing ones or correct the tag in settlement.rules.x."
    )


def test_dims_in_another_order_are_an_error_too():
    tags = {"symbol": "X", "clause": "T3", "dims": "settlement_period bm_unit", "module": "settlement.rules.x"}
    turned = full_grain(bm_unit=["a"], settlement_period=[1]).array([[1.0]])

    with pytest.raises(WrongShape):
        _Gate().run_after_node_execution(node_name="x", node_tags=tags, result=turned, error=None)


def test_the_gate_stands_in_the_graph(given):
    """A published figure of the wrong dims is caught where the next rule gives the wrong dims for it."""
    wrong = given["action_rows"].array(np.zeros(given["action_rows"].size))

    with pytest.raises(WrongShape, match=r"system_buy_price \(SBP_j"):
        settle(given, ["system_buy_price"], published={"system_price": wrong})


def test_a_result_bears_symbol_unit_and_clause(given):
    price = settle(given, ["system_price"])["system_price"]

    assert price.attrs == {"symbol": "SBP_j", "unit": "GBP/MWh", "clause": "T4.4.2~, T4.4.3~"}


def test_given_arrays_are_left_as_they_were(given):
    before = {name: value.copy(deep=True) for name, value in given.items() if isinstance(value, xr.DataArray)}

    settle(given, ["system_price", "rank", "final_price"])

    for name, value in before.items():
        assert value.identical(given[name]), name


def test_a_published_figure_takes_the_place_of_the_computed_one(given):
    stand_in = row_grain("repriced_period", {"settlement_period": np.array([1, 2])}).array([77.0, 78.0])

    prices = settle(given, ["final_price"], published={"replacement_price": stand_in})["final_price"]

    assert dict(zip(prices.indexes["net_imbalance_row"], prices.to_numpy(), strict=True)) == {
        (1, "buy", "00000"): 50.0, (1, "buy", "00001"): 77.0, (2, "buy", "00000"): 50.0, (2, "buy", "00001"): 78.0,
    }  # fmt: skip


def test_every_input_of_the_graph_is_declared_or_an_option_or_a_grain():
    from settlement.options import OPTIONS

    for way in ("published stack", "own stack"):
        reads = dependencies(way)
        asked = {name for needs in reads.values() for name in needs} - set(reads)
        odd = {name for name in asked if name not in INPUTS and name not in OPTIONS}
        assert all(name.endswith(("_rows", "_periods")) for name in odd - {"units", "parties", "settlement_dates"}), odd


@pytest.mark.parametrize("error", [WrongInput, WrongShape, NotANumber, UnknownLabel])
def test_errors_survive_the_way_back_from_another_process(error):
    told = pickle.loads(pickle.dumps(error("what was found and what was wanted")))

    assert isinstance(told, SettlementError)
    assert str(told) == "what was found and what was wanted"
