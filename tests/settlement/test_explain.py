"""An explanation tells the truth: sums add up, formulas are what the rule does, and leaves lie in the files."""

from __future__ import annotations

import ast
import importlib.util
import json
import operator
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from settlement import parameters, quantities, settle
from settlement.engine import dependencies
from settlement.errors import UnknownLabel, WrongInput
from settlement.explanation import explain
from settlement.explanation_numbers import formula_of
from settlement.grains import Grain, grain_of, positions
from settlement.inputs import INPUTS
from settlement.settled import Settled

_spec = importlib.util.spec_from_file_location("own_markets", Path(__file__).with_name("own_markets.py"))
own = sys.modules.setdefault("own_markets", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(own)
_beside = importlib.util.spec_from_file_location("charge_inputs", Path(__file__).with_name("charge_inputs.py"))
charges = importlib.util.module_from_spec(_beside)
_beside.loader.exec_module(charges)

WAY = "own stack"
SUMS = [name for name, one in quantities(WAY).items() if one.form == "sum"]
ALGEBRA = [name for name, one in quantities(WAY).items() if one.form == "algebra"]
OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


@pytest.fixture(scope="module")
def given():
    return charges.add_charges(own.own_inputs(own.own_day(11)), 11)


@pytest.fixture(scope="module")
def settled(given):
    grains = [name for name in dependencies(WAY) if name.endswith(("_rows", "_periods"))]
    results = settle(given, [*quantities(WAY), *grains], way=WAY)
    both = {**given, **results}
    arrays = {name: value for name, value in both.items() if isinstance(value, xr.DataArray)}
    by_dims = {" ".join(value.dims): value for value in both.values() if isinstance(value, Grain)}
    for array in arrays.values():
        by_dims.setdefault(" ".join(map(str, array.dims)), grain_of(array))
    scalars = {name: value for name, value in given.items() if isinstance(value, float)}
    return Settled(own.DAY, WAY, True, arrays, by_dims, scalars)


@pytest.mark.parametrize("quantity", SUMS)
def test_the_level_below_a_sum_adds_up_to_it(settled, quantity):
    grain, values = settled.grain(quantity), settled.values(quantity)
    rows = np.flatnonzero(values)
    assert len(rows) >= 10
    for row in [*rows, *np.flatnonzero(values == 0)[:20]]:
        told = explain(settled, quantity, {name: grain.column(name)[row] for name in grain.keys}, depth=1)
        parts = [child.value for child in told.inputs]
        assert sum(parts) == pytest.approx(values[row], abs=1e-9 * max(1.0, sum(map(abs, parts)))), told.key
        assert bool(parts) or values[row] == 0


def evaluated(formula, numbers):
    """The right side of a formula of the docstrings, with a number for each symbol and nothing else."""
    text = formula.split("=", 1)[1].strip()
    names = {}
    for place, symbol in enumerate(sorted(numbers, key=len, reverse=True)):
        names[f"_{place}_"] = numbers[symbol]
        text = text.replace(symbol, f"_{place}_")
    tree = ast.parse(text.replace("×", "*"), mode="eval").body

    def walk(node):
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](walk(node.left), walk(node.right))
        return names[node.id]

    return walk(tree)


@pytest.mark.parametrize("quantity", ALGEBRA)
def test_the_formula_in_the_docstring_is_what_the_rule_does(given, settled, quantity):
    draw = np.random.default_rng(4)
    told = quantities(WAY)
    published, changed, reads = {}, dict(given), {}
    for need in dependencies(WAY)[quantity]:
        if need in settled.arrays:
            array = settled.arrays[need]
            made = array.copy(data=draw.uniform(1.0, 9.0, array.shape))
            (changed if need in INPUTS and need not in told else published)[need] = made
            reads[need] = made
        elif isinstance(changed.get(need), float):
            changed[need] = reads[need] = float(draw.uniform(1.0, 9.0))

    result = settle(changed, [quantity], published=published, way=WAY)[quantity]

    target = grain_of(result)
    symbols = {}
    for need, made in reads.items():
        symbol = told[need].symbol if need in told else INPUTS[need].symbol
        beside = made if isinstance(made, float) else made.to_numpy().reshape(-1)[positions(grain_of(made), target)]
        symbols[symbol] = beside
    formula = formula_of(told[quantity])
    assert formula.split(" = ")[0] == told[quantity].symbol
    assert result.size >= 3
    assert result.to_numpy().reshape(-1) == pytest.approx(evaluated(formula, symbols), rel=1e-12)


def test_a_wrong_formula_would_be_noticed():
    assert evaluated("A = B × C", {"B": 2.0, "C": 3.0}) == 6.0
    assert evaluated("A = B / C + D^n_ij", {"B": 2.0, "C": 4.0, "D^n_ij": 1.0}) == 1.5
    with pytest.raises(KeyError):
        evaluated("A = B × E", {"B": 2.0, "C": 3.0})


def test_every_algebra_and_every_sum_shows_its_formula():
    for name in (*ALGEBRA, *SUMS):
        assert formula_of(quantities(WAY)[name]), name


def test_a_formula_with_numbers_has_no_symbol_left(settled):
    grain = settled.grain("offer_cashflow")
    row = int(np.argmax(np.abs(settled.values("offer_cashflow"))))
    told = explain(settled, "offer_cashflow", {name: grain.column(name)[row] for name in grain.keys})

    factors = [float(part.strip("() ")) for part in told.with_numbers.split("×")]

    assert told.formula == "CO^n_ij = QAO^n_ij × PO^n_ij × TLM_ij"
    assert np.prod(factors) == pytest.approx(told.value, rel=1e-8)


def test_the_price_with_its_numbers_comes_to_the_price(settled):
    periods = settled.grain("system_price").column("settlement_period")
    for period, value in zip(periods, settled.values("system_price"), strict=True):
        told = explain(settled, "system_price", {"settlement_period": period}, depth=1)
        text = told.with_numbers.replace("×", "*")
        if text.startswith("MIP"):
            assert float(text.split()[1].strip("()")) == pytest.approx(value, abs=1e-6)
            continue
        assert text
        assert eval(text, {"__builtins__": {}}) == pytest.approx(value, rel=1e-7)


def test_a_quantity_or_a_key_that_the_run_does_not_hold_is_an_error(settled):
    with pytest.raises(WrongInput, match="found 'price'"):
        explain(settled, "price", {"settlement_period": 9})
    with pytest.raises(UnknownLabel, match="0 rows at"):
        explain(settled, "system_price", {"settlement_period": 51})
    with pytest.raises(UnknownLabel, match="wanted one"):
        explain(settled, "final_price", {"settlement_period": 9})


def test_parameters_and_options_are_told_once_with_their_source(settled):
    told = explain(settled, "system_price", {"settlement_period": 9}).as_dict()
    found = []

    def walk(node):
        found.extend([node] if node.get("form") in ("parameter", "option") else [])
        for child in node.get("inputs", []):
            walk(child)

    walk(told)
    names = [one["quantity"] for one in found]
    assert len(names) == len(set(names))
    assert {"price_average_reference_volume", "de_minimis_threshold", "tie_rule", "de_minimis_level"} <= set(names)
    assert all(one["source"] for one in found)
    dated = parameters.every()["de_minimis_threshold"].on(own.DAY)
    told_of = next(one for one in found if one["quantity"] == "de_minimis_threshold")
    assert told_of["source"] == f"since {dated.since}: {dated.source}"


# --- the way down to the files: a SYNTHETIC day, loaded, settled and kept ---

FIELDS = {
    "action_volume": "volume", "original_price": "originalPrice", "so_flag": "soFlag", "cadl_flag": "cadlFlag",
    "stor_flag": "storProviderFlag", "action_loss_multiplier": "transmissionLossMultiplier",
    "buy_price_adjustment": "buyPriceAdjustment", "sell_price_adjustment": "sellPriceAdjustment",
    "market_index_price_by_provider": "price", "market_index_volume_by_provider": "volume",
    "reserve_scarcity_price": "reserveScarcityPrice",
}  # fmt: skip
ABSENT_IS = {"cadl_flag": False, "so_flag": False, "stor_flag": False, "action_loss_multiplier": 1.0}


@pytest.fixture(scope="module")
def kept(settled_home):
    from reports.open_view import open_run

    return open_run(date(2024, 1, 15), None, settled_home)


def records_of(store, sha256, opened):
    if sha256 not in opened:
        told = json.loads(store.landing_bytes(sha256))
        opened[sha256] = told if isinstance(told, list) else told["data"]
    return opened[sha256]


def test_every_row_inside_par_is_followed_down_to_its_number_in_its_file(kept):
    _, settled_day, store = kept
    inside = settled_day.values("price_average_adjusted_volume") != 0
    grain = settled_day.grain("price_average_adjusted_volume")
    seen, opened = 0, {}
    for period in settled_day.grain("system_price").column("settlement_period"):
        told = explain(settled_day, "system_price", {"settlement_period": period})
        leaves = [leaf for leaf in told.leaves() if leaf.file]
        by_action = {}
        for leaf in leaves:
            field = FIELDS[leaf.quantity]
            found = records_of(store, leaf.sha256, opened)[leaf.source_row - 1][field]
            assert len(leaf.sha256) == 64
            assert (ABSENT_IS[leaf.quantity] if found is None else found) == leaf.value, (leaf.quantity, leaf.key)
            by_action.setdefault((leaf.key.get("side"), leaf.key.get("action")), set()).add(leaf.quantity)
        for row in np.flatnonzero(inside & (grain.column("settlement_period") == period)):
            key = grain.column("side")[row], grain.column("action")[row]
            assert {"action_volume", "original_price", "action_loss_multiplier"} <= by_action[key], (period, key)
            seen += 1
    assert seen == inside.sum() >= 40


def test_the_command_gives_the_same_tree_with_file_hash_and_row(kept, settled_home):
    from reports.explained import explain_value

    _, settled_day, _ = kept
    told = explain_value("system_price", date(2024, 1, 15), {"settlement_period": 9}, home=settled_home)

    assert told.as_dict() == explain(settled_day, "system_price", {"settlement_period": 9}).as_dict()
    leaves = [leaf for leaf in told.leaves() if leaf.quantity == "action_volume"]
    assert leaves
    assert all("SYNTHETIC" in leaf.file and leaf.sha256 and leaf.source_row >= 1 for leaf in leaves)
