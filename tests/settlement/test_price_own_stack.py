"""From notifications, pairs, acceptances and adjustment actions to the price: equal to the exact calculators."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from settlement import settle


def _beside(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = sys.modules.setdefault(name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


own = _beside("own_markets")
BY_ROW = {
    "action_volume": lambda row: row.action.volume,
    "ranking_price": lambda row: row.ranking_price,
    "first_stage_flag": lambda row: row.action.first_stage_flagged,
    "so_flag": lambda row: row.action.so_flag,
    "cadl_flag": lambda row: row.action.cadl_flag,
    "stor_flag": lambda row: row.action.stor_flag,
    "emergency_flag": lambda row: row.action.emergency_flag,
    "original_price": lambda row: row.action.price,
    "action_loss_multiplier": lambda row: row.action.tlm,
    "de_minimis_adjusted_volume": lambda row: row.dmat_adjusted_volume,
    "arbitrage_adjusted_volume": lambda row: row.arbitrage_adjusted_volume,
    "second_stage_flag": lambda row: row.second_stage_flagged,
    "net_imbalance_adjusted_volume": lambda row: row.niv_adjusted_volume,
    "repriced_flag": lambda row: row.repriced,
    "final_price": lambda row: row.final_price,
    "price_average_adjusted_volume": lambda row: row.par_adjusted_volume,
    "loss_adjusted_volume": lambda row: row.tlm_adjusted_volume,
    "loss_adjusted_cost": lambda row: row.tlm_adjusted_cost,
}
BY_PERIOD = ("system_price", "net_imbalance_volume", "replacement_price")


def label(action):
    if action.is_adjustment:
        return action.side, f"adjustment {action.id}"
    return action.side, f"{action.id} {action.acceptance_number} {action.pair}"


def by_key(array):
    labels = array.indexes[array.dims[0]].tolist()
    return dict(zip(labels, array.to_numpy().tolist(), strict=True))


def differs(got, wanted):
    if got is None or wanted is None:
        return (got is None) != (wanted is None)
    if isinstance(got, bool):
        return got != wanted
    return not abs(got - float(wanted)) <= 1e-9 * max(1.0, abs(float(wanted)))


def all_differences(day):
    results = settle(own.own_inputs(day), [*BY_ROW, *BY_PERIOD], way="own stack")
    got = {name: by_key(results[name]) for name in (*BY_ROW, *BY_PERIOD)}
    found, counted = [], 0
    for period in day:
        exact = period.result()
        at = period.settlement_period
        counted += len(exact.rows)
        for row in exact.rows:
            key = (at, *label(row.action))
            for name, read in BY_ROW.items():
                if differs(got[name].get(key), read(row)):
                    found.append(f"{key}, {name}: wanted {read(row)}, got {got[name].get(key)}")
        for name in BY_PERIOD:
            mine = got[name].get((at,) if name == "replacement_price" else at, got[name].get(at))
            if differs(mine, getattr(exact, name)):
                found.append(f"period {at}, {name}: wanted {getattr(exact, name)}, got {mine}")
    if len(got["action_volume"]) != counted:
        found.append(f"{len(got['action_volume'])} rows, wanted {counted}")
    return found


def test_prices_from_raw_records_are_those_of_exact_volumes_and_exact_prices(seed):
    found = {one: all_differences(own.own_day(one)) for one in range(seed, seed + 7)}

    assert not any(found.values()), "\n".join(f"seed {one}: {text}" for one in found for text in found[one][:5])


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_hundred_days_from_raw_records_are_those_of_the_exact_calculators(seed):
    for one in range(seed, seed + 100):
        found = all_differences(own.own_day(one))
        assert not found, f"seed {one}: " + "\n".join(found[:10])


def test_random_days_hold_flags_adjustments_and_volumes_of_both_signs():
    results = settle(
        own.own_inputs(own.own_day(1)), ["action_volume", "cadl_flag", "emergency_flag", "action_rows"],
        way="own stack",
    )  # fmt: skip

    volume = results["action_volume"].to_numpy()
    assert np.sum(volume > 0) >= 30
    assert np.sum(volume < 0) >= 30
    assert 3 <= np.sum(results["cadl_flag"].to_numpy()) < len(volume)
    assert np.any(results["emergency_flag"].to_numpy())
    assert np.sum(results["action_rows"].column("acceptance_number") == 0) >= 20


def test_a_day_without_any_acceptance_is_priced_from_its_adjustment_actions():
    day = [one for one in own.own_day(3) if not one.problems and one.adjustments]
    assert day

    assert not all_differences(day)
