"""Money and energy of a period are conserved: what one pays another is paid, and losses are shared whole."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

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


def grains_of(periods, units, party_of):
    """Grains of units `(trading unit, lead account)` and of accounts with their Parties, in the order told."""
    parties, (trading_units, lead) = sorted(set(party_of.values())), zip(*units.values(), strict=True)
    return {
        "settlement_periods": full_grain(settlement_period=periods),
        "unit_periods": full_grain(settlement_period=periods, bm_unit=list(units)).mapped(
            "bm_unit", trading_unit=trading_units, account=lead, party=[party_of[account] for account in lead]
        ),
        "trading_unit_periods": full_grain(settlement_period=periods, trading_unit=sorted(set(trading_units))),
        "account_periods": full_grain(settlement_period=periods, account=list(party_of)).mapped(
            "account", party=list(party_of.values())
        ),
        "party_periods": full_grain(settlement_period=periods, party=parties),
    }


def rows_of(kind, keys, rows, *names):
    """A row grain of rows `(*keys, *values)`, with an array of each of the names."""
    columns = {name: [row[at] for row in sorted(rows)] for at, name in enumerate((*keys, *names))}
    types = {"settlement_period": np.int64}
    grain = row_grain(f"{kind}_row", {key: np.array(columns[key], types.get(key, object)) for key in keys})
    return {f"{kind}_rows": grain, **{name: grain.array(np.array(columns[name], float)) for name in names}}


def contracts_of(agreed):
    """Two rows a contract `(period, seller, buyer, MWh)`: sold above zero, bought below."""
    rows = []
    for number, (period, seller, buyer, volume) in enumerate(agreed):
        rows += [(period, seller, str(number), volume), (period, buyer, str(number), -volume)]
    return rows_of("contract", ("settlement_period", "account", "contract"), rows, "contract_volume")


def reallocations_of(rows):
    keys = ("settlement_period", "bm_unit", "account")
    return rows_of("reallocation", keys, rows, "reallocation_percentage", "reallocation_fixed_volume")


@pytest.fixture(scope="module")
def worked_case(shared):
    folder = shared / "rules/cases/charges/imbalance-and-residual"
    if not folder.is_dir():
        pytest.skip("../shared/rules/cases/charges/imbalance-and-residual is not there, so it cannot be settled")
    return lambda name: list(csv.DictReader((folder / name).open(newline="", encoding="utf-8")))


@pytest.fixture(scope="module")
def one_period(worked_case):
    """The results of the worked case, from grains made of its files without the reader of cases."""
    units, (price,) = worked_case("given_units.csv"), worked_case("given_prices.csv")
    period = int(price["settlement_period"])
    given = grains_of(
        [period],
        {row["bm_unit"]: (row["trading_unit"], row["lead_account"]) for row in units},
        {row["account"]: row["party"] for row in worked_case("given_accounts.csv")},
    )
    by_unit, periods = given["unit_periods"], given["settlement_periods"]

    def told(column):
        return by_unit.array([float(row[column]) for row in units])

    def table(name, labels, values):
        return [(period, *(r[one] for one in labels), *(float(r[one]) for one in values)) for r in worked_case(name)]

    given |= contracts_of(table("given_contracts.csv", ("seller_account", "buyer_account"), ["volume_mwh"]))
    moved = table("given_reallocations.csv", ("bm_unit", "subsidiary_account"), ("percentage", "fixed_mwh"))
    given |= reallocations_of(moved) | {
        "metered_volume": told("qm_mwh"), "transmission_loss_factor": told("tlf"),
        "interconnector_flag": by_unit.array([row["interconnector"] == "true" for row in units]),
        "delivering_share_of_losses": float(worked_case("given_parameters.csv")[0]["value"]),
        "interconnectors_share_losses": False,
    }  # fmt: skip
    published = {
        "balancing_services_volume": told("qbs_mwh"), "bm_unit_cashflow": told("cbm_gbp"),
        "non_delivery_charge": told("cnd_gbp"), "information_imbalance_cashflow": by_unit.array(np.zeros(len(units))),
        **{f"system_{at}_price": periods.array([float(price[one])]) for at, one in (("buy", "sbp"), ("sell", "ssp"))},
    }  # fmt: skip
    wanted = {name for columns in EXPECTED.values() for name in columns.values()} | set(CREDITED)
    return settle(given, wanted, published=published, losses="metered")


CREDITED = ("lead_credited_energy_volume", "subsidiary_credited_energy_volume")
EXPECTED = {
    "accounts": {
        "qace_mwh": "account_credited_energy_volume", "qabs_mwh": "account_balancing_services_volume",
        "qabc_mwh": "account_bilateral_contract_volume", "qaei_mwh": "account_energy_imbalance_volume",
        "caei_gbp": "account_energy_imbalance_cashflow", "rcrp": "residual_cashflow_reallocation_proportion",
        "rcrc_gbp": "residual_cashflow",
    },
    "parties": {
        "cbm_gbp": "party_period_bm_cashflow", "cnd_gbp": "party_period_non_delivery_charge",
        "caei_gbp": "party_period_energy_imbalance_cashflow", "rcrc_gbp": "party_period_residual_cashflow",
        "net_due_to_party_gbp": "party_period_net_due",
    },
    "system": {
        "tcei_gbp": "total_system_energy_imbalance_cashflow", "tcnd_gbp": "total_system_non_delivery_charge",
        "trc_gbp": "total_system_residual_cashflow", "rcrp_denominator_mwh": "residual_reallocation_denominator",
        "csobm_gbp": "system_operator_bm_cashflow",
    },
}  # fmt: skip


@pytest.mark.parametrize("of", EXPECTED)
def test_the_worked_case_of_four_parties_comes_out_as_expected(of, worked_case, one_period):
    key = {"accounts": "account", "parties": "party"}.get(of, "settlement_period")
    rows = worked_case(f"expected_{of}.csv")

    for column, name in EXPECTED[of].items():
        found = dict(zip(map(str, one_period[name][key].to_numpy()), one_period[name].to_numpy().ravel(), strict=True))
        assert found == pytest.approx({row[key]: float(row[column]) for row in rows}, abs=1e-6, rel=0), column


def test_the_worked_case_credits_each_unit_to_its_lead_and_subsidiary_accounts(worked_case, one_period):
    lead, moved = (one_period[name] for name in CREDITED)
    keys = [(row["bm_unit"], row["lead_account"]) for row in worked_case("given_units.csv")]
    keys += zip(moved["bm_unit"].to_numpy(), moved["account"].to_numpy(), strict=True)

    told = {(r["bm_unit"], r["account"]): float(r["qce_mwh"]) for r in worked_case("expected_credited_energy.csv")}
    found = dict(zip(keys, [*lead.to_numpy()[0], *moved.to_numpy()], strict=True))
    assert found == pytest.approx(told, abs=1e-6, rel=0)


def eighths(low, high):
    return st.integers(low * 8, high * 8).map(lambda number: number / 8)


@st.composite
def small_market(draw):
    """One or two periods of two to eight units; one of 50 MWh or more on each side, so that losses can be shared."""
    periods = list(range(1, draw(st.integers(1, 2)) + 1))
    party_of = {f"PTY{party}-{kind}": f"PTY{party}" for party in range(draw(st.integers(1, 3))) for kind in "PC"}
    account = st.sampled_from(sorted(party_of))
    units = {"T_GEN-1": ("GEN-1", draw(account)), "2__ASUP1": ("BASE-A", draw(account))}
    for number, trading_unit in enumerate(draw(st.lists(st.sampled_from(("I_U", "GEN-2", "BASE-B")), max_size=6))):
        units[f"{trading_unit[0]}_U-{number}"] = (trading_unit, draw(account))
    given = grains_of(periods, units, party_of)
    by_unit, each = given["unit_periods"], list(given["unit_periods"].column("bm_unit"))
    sized = {"T_GEN-1": eighths(50, 500), "2__ASUP1": eighths(-500, -50)}
    # Interconnector units stay small beside both sides, so that the shares are of an energy well above 0.
    metered = [draw(sized.get(unit, eighths(-9, 9) if unit[0] == "I" else eighths(-400, 400))) for unit in each]
    period, unit = st.sampled_from(periods), st.sampled_from(list(units))
    agreed = st.tuples(period, account, account, eighths(-300, 300)).filter(lambda row: row[1] != row[2])
    moved = st.tuples(period, unit, account, eighths(0, 120), eighths(-50, 50))

    def of_units(values):
        return by_unit.array(np.array([draw(values) for _ in each], float))

    wholly = st.tuples(period, unit, account, st.just(100.0), st.just(0.0)).map(lambda row: [row])
    given |= contracts_of(draw(st.lists(agreed, max_size=4)))
    given |= reallocations_of(draw(st.lists(moved, max_size=4, unique_by=lambda row: row[:3]) | wholly))
    given |= {
        "metered_volume": by_unit.array(np.array(metered)),
        "transmission_loss_factor": of_units(st.integers(-30, 30).map(lambda number: number / 1000)),
        "interconnector_flag": by_unit.array([unit[0] == "I" for unit in each]),
        "delivering_share_of_losses": 0.45, "interconnectors_share_losses": False,
    }  # fmt: skip
    price = given["settlement_periods"].array([draw(eighths(-500, 4000)) for _ in periods])
    return given, {
        "balancing_services_volume": of_units(eighths(-40, 40)), "bm_unit_cashflow": of_units(eighths(-9000, 9000)),
        "non_delivery_charge": of_units(eighths(0, 900)), "information_imbalance_cashflow": of_units(eighths(0, 90)),
        "system_buy_price": price, "system_sell_price": price,
    }  # fmt: skip


def of_rows(given, values):
    rows, units = given["reallocation_rows"], given["unit_periods"].labels("bm_unit").tolist()
    found = np.zeros(given["metered_volume"].shape)
    places = rows.column("settlement_period") - 1, [units.index(unit) for unit in rows.column("bm_unit")]
    np.add.at(found, places, np.asarray(values))
    return found


@settings(max_examples=60)
@drawn(market=small_market())
def test_in_any_small_market_money_shares_and_energy_are_conserved(market):
    given, published = market
    wanted = [name for name in WANTED if not name.startswith(("daily", "unit_delivering"))]
    r = {name: one.to_numpy() for name, one in settle(given, wanted, published=published, losses="metered").items()}
    charged, residual = r["account_energy_imbalance_cashflow"], r["residual_cashflow"]
    metered, multiplier = given["metered_volume"].to_numpy(), r["transmission_loss_multiplier"]
    balancing, imbalance = r["balancing_services_volume"] * multiplier, r["account_energy_imbalance_volume"]
    credited, contracted = r["account_credited_energy_volume"], r["account_bilateral_contract_volume"]
    by_unit, percentage = (of_rows(given, one) for one in (r[CREDITED[1]], given["reallocation_percentage"]))
    whole = (percentage == 100) & (of_rows(given, given["reallocation_fixed_volume"]) == 0)

    paid_in = charged.sum(1) + r["non_delivery_charge"].sum(1) + r["information_imbalance_cashflow"].sum(1)
    paid_in, accepted = paid_in + r["system_operator_bm_cashflow"], r["bm_unit_cashflow"]
    near(paid_in, accepted.sum(1) + residual.sum(1), charged, accepted, residual)
    near(r["party_period_net_due"].sum(1), r["system_operator_bm_cashflow"], charged, accepted, residual)
    near(r["residual_cashflow_reallocation_proportion"].sum(1), 1.0, r["residual_cashflow_reallocation_proportion"])
    near(residual.sum(1), r["total_system_residual_cashflow"], residual, charged)
    near(credited.sum(1), 0.0, credited, metered)
    near(contracted.sum(1), 0.0, contracted)
    near(imbalance.sum(1), -balancing.sum(1), imbalance, credited, balancing, contracted, metered)
    near(r["lead_credited_energy_volume"] + by_unit, metered * multiplier, metered, by_unit)
    near(r["lead_credited_energy_volume"][whole], balancing[whole], metered, by_unit)
    price = published["system_buy_price"].to_numpy()
    near(charged.sum(1), price * balancing.sum(1), charged, (np.abs(imbalance).sum(1) + np.abs(metered).sum(1)) * price)
