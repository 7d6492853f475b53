"""Money and energy of a period are conserved: what one pays another is paid, and losses are shared whole."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from settlement import settle
from settlement.errors import ZeroDenominator
from settlement.grains import full_grain, row_grain

_spec = importlib.util.spec_from_file_location("charge_inputs", Path(__file__).with_name("charge_inputs.py"))
charges = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(charges)

PERIODS, UNITS = [1, 2, 3], [f"T_U-{number:02d}" for number in range(26)]
WANTED = (
    "transmission_loss_multiplier", "unit_delivering_flag", "loss_adjusted_metered_volume", "balancing_services_volume",
    "lead_credited_energy_volume", "subsidiary_credited_energy_volume", "account_credited_energy_volume",
    "account_balancing_services_volume", "account_bilateral_contract_volume", "account_energy_imbalance_volume",
    "account_energy_imbalance_cashflow", "non_delivery_charge", "information_imbalance_cashflow", "bm_unit_cashflow",
    "system_operator_bm_cashflow", "total_system_residual_cashflow", "residual_cashflow_reallocation_proportion",
    "residual_cashflow", "party_period_net_due", "daily_party_net_due", "daily_system_operator_bm_cashflow",
)  # fmt: skip


def market(seed, price=72.5, sell_price=None):
    """Inputs and figures that stand in, of three periods: pairs on half of the units, two of them each."""
    chance = np.random.default_rng(seed)
    periods = full_grain(settlement_period=PERIODS)
    unit_periods = full_grain(settlement_period=PERIODS, bm_unit=UNITS)
    given = charges.add_charges({"settlement_periods": periods, "unit_periods": unit_periods}, seed)
    rows = [(period, unit, pair) for period in PERIODS for unit in UNITS[::2] for pair in (-1, 1)]
    keys = ("settlement_period", "bm_unit", "pair")
    pairs = row_grain("pair_row", {key: [row[at] for row in rows] for at, key in enumerate(keys)})
    given |= {
        "pair_rows": pairs,
        "offer_price": pairs.array(chance.uniform(50, 150, pairs.size)),
        "bid_price": pairs.array(chance.uniform(-50, 50, pairs.size)),
    }
    published = {
        "accepted_offer_volume": pairs.array(chance.uniform(0, 30, pairs.size)),
        "accepted_bid_volume": pairs.array(chance.uniform(-30, 0, pairs.size)),
        "notified_volume": given["unit_periods"].array(chance.uniform(-50, 50, unit_periods.size)),
        "system_buy_price": periods.array(np.full(3, price)),
        "system_sell_price": periods.array(np.full(3, price if sell_price is None else sell_price)),
    }
    return given, published


def settled(given, published, **how):
    results = settle(given, WANTED, published=published, losses="metered", **how)
    return {name: array.to_numpy() for name, array in results.items()}, given


def near(found, wanted, *terms):
    """Equal at 1e-9 of the sum of absolutes of all terms."""
    scale = sum(float(np.abs(term).max()) * term.size for term in map(np.asarray, terms)) or 1.0
    np.testing.assert_allclose(found, wanted, atol=1e-9 * scale, rtol=0)


# Every law is held against the same markets: two that stay, and two of the run's own seed.
@pytest.fixture(scope="module", params=[(1, 72.5), (2, -480.0), (None, 1999.99), (None, -0.01)], ids=str)
def world(request, seed):
    number, price = request.param
    r, given = settled(*market(seed if number is None else number, price))
    return r, given, price


def test_all_that_is_charged_in_a_period_is_paid_out_in_it(world):
    r, _, _ = world

    charged = r["account_energy_imbalance_cashflow"].sum(1) + r["non_delivery_charge"].sum(1)
    charged = charged + r["information_imbalance_cashflow"].sum(1) + r["system_operator_bm_cashflow"]
    paid = r["bm_unit_cashflow"].sum(1) + r["residual_cashflow"].sum(1)
    near(charged, paid, r["account_energy_imbalance_cashflow"], r["bm_unit_cashflow"], r["residual_cashflow"])


def test_the_net_amounts_of_all_parties_are_what_the_system_operator_pays(world):
    r, given, _ = world

    near(r["party_period_net_due"].sum(1), r["system_operator_bm_cashflow"], r["party_period_net_due"])
    beside = sum(
        sign * given[name].to_numpy().sum()
        for sign, name in (
            (1, "replacement_reserve_cashflow"), (1, "replacement_reserve_deviation_cashflow"),
            (1, "supplier_compensation_paid"), (-1, "supplier_compensation_charged"),
        )
    )  # fmt: skip
    day = r["daily_system_operator_bm_cashflow"][0]
    near(r["daily_party_net_due"].sum(), day + beside, r["daily_party_net_due"], r["party_period_net_due"])


def test_shares_in_the_residual_cashflow_add_up_to_one_and_share_it_whole(world):
    r, _, _ = world

    share = r["residual_cashflow_reallocation_proportion"]
    near(share.sum(1), 1.0, share)
    near(r["residual_cashflow"].sum(1), r["total_system_residual_cashflow"], r["residual_cashflow"])


def test_losses_leave_no_energy_over_and_delivering_units_bear_their_share(world):
    r, given, _ = world

    metered, multiplier = given["metered_volume"].to_numpy(), r["transmission_loss_multiplier"]
    near((metered * multiplier).sum(1), 0.0, metered)
    near(r["loss_adjusted_metered_volume"], metered * multiplier, metered)
    counted = ~given["interconnector_flag"].to_numpy()
    delivering = counted & r["unit_delivering_flag"]
    lost = metered.sum(1)
    near((metered * (multiplier - 1) * delivering).sum(1), -0.45 * lost, metered)
    near((metered * (multiplier - 1) * (counted & ~delivering)).sum(1), -0.55 * lost, metered)
    assert (multiplier[~counted] == 1).all()


def test_energy_credited_to_accounts_is_what_units_are_metered_at(world):
    r, _, _ = world

    near(r["account_credited_energy_volume"].sum(1), 0.0, r["account_credited_energy_volume"])
    near(r["account_bilateral_contract_volume"].sum(1), 0.0, r["account_bilateral_contract_volume"])
    balancing = r["balancing_services_volume"] * r["transmission_loss_multiplier"]
    near(r["account_energy_imbalance_volume"].sum(1), -balancing.sum(1), r["account_energy_imbalance_volume"])
    near(r["account_balancing_services_volume"].sum(1), balancing.sum(1), balancing)


def test_a_reallocation_moves_energy_and_makes_none(world):
    r, given, _ = world

    by_unit = np.zeros((len(PERIODS), len(UNITS)))
    rows = given["reallocation_rows"]
    keys = zip(rows.column("settlement_period"), rows.column("bm_unit"), strict=True)
    for (period, unit), volume in zip(keys, r["subsidiary_credited_energy_volume"], strict=True):
        by_unit[PERIODS.index(period), UNITS.index(unit)] += volume
    whole = given["metered_volume"].to_numpy() * r["transmission_loss_multiplier"]
    near(r["lead_credited_energy_volume"] + by_unit, whole, whole)


def test_with_one_price_imbalance_costs_what_balancing_volumes_are_worth(world):
    r, _, price = world

    balancing = (r["balancing_services_volume"] * r["transmission_loss_multiplier"]).sum(1)
    near(r["account_energy_imbalance_cashflow"].sum(1), price * balancing, r["account_energy_imbalance_cashflow"])


def test_with_two_prices_long_accounts_are_paid_the_lower_and_short_ones_pay_the_higher(seed):
    r, _ = settled(*market(seed, 90.0, 40.0))

    volume = r["account_energy_imbalance_volume"]
    near(r["account_energy_imbalance_cashflow"], np.where(volume > 0, -40.0, -90.0) * volume, volume * 90)


def test_a_whole_reallocation_leaves_the_lead_account_what_the_system_operator_moved():
    given, published = market(3)
    rows = row_grain("reallocation_row", {"settlement_period": [2], "bm_unit": [UNITS[4]], "account": ["PTY00-C"]})
    given |= {
        "reallocation_rows": rows, "reallocation_percentage": rows.array([100.0]),
        "reallocation_fixed_volume": rows.array([0.0]),
    }  # fmt: skip

    r, _ = settled(given, published)

    moved = r["balancing_services_volume"][1, 4] * r["transmission_loss_multiplier"][1, 4]
    assert r["lead_credited_energy_volume"][1, 4] == pytest.approx(moved, rel=1e-12)


def test_the_base_of_a_reallocation_is_an_option():
    given, published = market(3)
    rows = row_grain("reallocation_row", {"settlement_period": [2], "bm_unit": [UNITS[4]], "account": ["PTY00-C"]})
    given |= {
        "reallocation_rows": rows, "reallocation_percentage": rows.array([50.0]),
        "reallocation_fixed_volume": rows.array([0.0]),
    }  # fmt: skip
    less, _ = settled(given, published)
    whole, _ = settled(given, published, options={"reallocation_base": "metered"})

    metered, multiplier = given["metered_volume"].to_numpy()[1, 4], less["transmission_loss_multiplier"][1, 4]
    balancing = less["balancing_services_volume"][1, 4]
    assert less["subsidiary_credited_energy_volume"] == pytest.approx([(metered - balancing) / 2 * multiplier])
    assert whole["subsidiary_credited_energy_volume"] == pytest.approx([metered / 2 * multiplier])


def test_a_period_without_energy_to_share_by_is_refused_by_its_number():
    given, published = market(3)
    volume = given["unit_periods"].array(np.zeros(given["unit_periods"].size))
    # A fixed reallocation only moves energy, so with nothing metered nobody has a share.
    stands_in = {
        "lead_credited_energy_volume": volume,
        "subsidiary_credited_energy_volume": given["reallocation_rows"].array(
            np.zeros(given["reallocation_rows"].size)
        ),
    }

    with pytest.raises(ZeroDenominator, match=r"\[1, 2, 3\]"):
        settled(given, published | stands_in)
