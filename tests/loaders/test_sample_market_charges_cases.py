"""The exact charges come out at the worked cases, and keep the identities of section 12 exactly on random markets."""

import csv
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.sample_market.errors import CannotPrice
from loaders.sample_market.exact_charges import (
    AcceptedPair,
    ChargedPeriod,
    ChargedUnit,
    Contract,
    Reallocation,
    UnitCharges,
    charges,
    settle_accounts,
    unit_charges,
)
from loaders.sample_market.exact_losses import MeteredUnit, share_losses
from loaders.sample_market.random_charges import random_charges

CASES = Path(__file__).parents[3] / "shared" / "rules" / "cases" / "charges"
TOLERANCE = 1e-6
SEEDS = st.integers(min_value=0, max_value=10**6)


def read(case, name):
    if not (CASES / case).is_dir():
        pytest.skip(f"no worked case at {CASES / case}")
    with (CASES / case / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def alpha_of(case):
    (alpha,) = (row["value"] for row in read(case, "given_parameters.csv") if row["symbol"] == "alpha")
    return Fraction(alpha)


def metered(row):
    return MeteredUnit(
        row["bm_unit"],
        row.get("trading_unit", "ANY"),
        Fraction(row["qm_mwh"]),
        Fraction(row.get("tlf", 0)),
        row.get("interconnector") == "true",
    )


def assert_row(row, **got):
    for column, value in got.items():
        assert abs(value - Fraction(row[column])) <= TOLERANCE, f"{column}: got {float(value)}, wanted {row}"


def total(values):
    return sum(values, Fraction(0))


# --- the worked cases ---


def test_losses_of_the_case_come_out_by_unit_trading_unit_and_period():
    case = "transmission-losses"
    units = {row["bm_unit"]: metered(row) for row in read(case, "given_units.csv")}

    found = share_losses(list(units.values()), alpha_of(case))

    (period,) = read(case, "expected_tlmo.csv")
    assert_row(period, total_losses_mwh=found.total, tlmo_plus=found.tlmo_plus, tlmo_minus=found.tlmo_minus)
    expected = read(case, "expected_tlm.csv")
    assert {row["bm_unit"] for row in expected} == set(units)
    for row in expected:
        multiplier = found.multipliers[row["bm_unit"]]
        assert_row(row, tlm=multiplier, qm_tlm_mwh=units[row["bm_unit"]].metered_volume * multiplier)
    for row in read(case, "expected_trading_units.csv"):
        assert_row(row, qm_mwh=found.trading_unit_volumes[row["trading_unit"]])
        members = [unit.bm_unit for unit in units.values() if unit.trading_unit == row["trading_unit"]]
        assert {found.delivering[unit] for unit in members} == {row["status"] == "delivering"}


@pytest.mark.parametrize("case", ["non-delivery-offers", "non-delivery-bids"])
def test_non_delivery_of_a_case_comes_out_by_unit_and_pair(case):
    pairs = read(case, "given_pairs.csv")
    found = {}
    for row in read(case, "given_units.csv"):
        accepted = tuple(
            AcceptedPair(
                int(p["pair"]), *(Fraction(p[c]) for c in ("qao_n_mwh", "qab_n_mwh", "offer_price", "bid_price"))
            )
            for p in pairs
            if p["bm_unit"] == row["bm_unit"]
        )
        unit = ChargedUnit(metered(row), "ANY", Fraction(row["fpn_mwh"]), accepted, Fraction(row["qas_mwh"]))
        prices = (Fraction(row["sbp"]), Fraction(row["ssp"]))
        found[row["bm_unit"]] = unit_charges(unit, Fraction(row["tlm"]), prices)

    for row in read(case, "expected_units.csv"):
        unit = found[row["bm_unit"]]
        assert_row(
            row,
            qbs_mwh=unit.balancing_volume,
            qme_mwh=unit.expected_volume,
            qndo_mwh=unit.non_delivered_offer,
            qndb_mwh=unit.non_delivered_bid,
            cnd_gbp=unit.non_delivery_charge,
        )
    for row in read(case, "expected_allocation.csv"):
        unit, side, pair = found[row["bm_unit"]], ("offer", "bid").index(row["side"]), int(row["pair"])
        assert_row(row, non_delivered_mwh=unit.missed_by_pair[pair][side], charge_gbp=unit.charge_by_pair[pair][side])


@pytest.fixture
def case_of_a_whole_period():
    """The period of imbalance-and-residual; balancing, BM cashflow and non-delivery of each unit are given."""
    case = "imbalance-and-residual"
    rows = read(case, "given_units.csv")
    (prices,) = read(case, "given_prices.csv")
    period = ChargedPeriod(
        units=tuple(ChargedUnit(metered(row), row["lead_account"]) for row in rows),
        accounts={row["account"]: row["party"] for row in read(case, "given_accounts.csv")},
        buy_price=Fraction(prices["sbp"]),
        sell_price=Fraction(prices["ssp"]),
        contracts=tuple(
            Contract(row["seller_account"], row["buyer_account"], Fraction(row["volume_mwh"]))
            for row in read(case, "given_contracts.csv")
        ),
        reallocations=tuple(
            Reallocation(
                row["bm_unit"], row["subsidiary_account"], Fraction(row["percentage"]), Fraction(row["fixed_mwh"])
            )
            for row in read(case, "given_reallocations.csv")
        ),
        delivering_share=alpha_of(case),
    )
    by_unit = {
        row["bm_unit"]: UnitCharges(
            balancing_volume=Fraction(row["qbs_mwh"]),
            bm_cashflow=Fraction(row["cbm_gbp"]),
            non_delivery_charge=Fraction(row["cnd_gbp"]),
        )
        for row in rows
    }
    losses = share_losses([unit.metered for unit in period.units], period.delivering_share)
    return settle_accounts(period, losses, by_unit)


def test_credited_energy_and_accounts_of_the_case_come_out(case_of_a_whole_period):
    found = case_of_a_whole_period

    credits = read("imbalance-and-residual", "expected_credited_energy.csv")
    expected = {(row["bm_unit"], row["account"]): row for row in credits}
    assert set(expected) == set(found.credited)
    for key, row in expected.items():
        assert_row(row, qce_mwh=found.credited[key])
    accounts = read("imbalance-and-residual", "expected_accounts.csv")
    assert {row["account"] for row in accounts} == set(found.imbalance)
    for row in accounts:
        account = row["account"]
        assert_row(
            row,
            qace_mwh=found.credited_energy[account],
            qabs_mwh=found.balancing_services[account],
            qabc_mwh=found.contracted[account],
            qaei_mwh=found.imbalance[account],
            caei_gbp=found.imbalance_cashflow[account],
            rcrp=found.shares[account],
            rcrc_gbp=found.residual[account],
        )


def test_parties_and_system_totals_of_the_case_come_out(case_of_a_whole_period):
    found = case_of_a_whole_period

    for row in read("imbalance-and-residual", "expected_parties.csv"):
        parts = found.party_parts[row["party"]]
        assert_row(
            row,
            cbm_gbp=parts["bm_cashflow"],
            cnd_gbp=-parts["non_delivery"],
            caei_gbp=-parts["imbalance"],
            rcrc_gbp=parts["residual"],
            net_due_to_party_gbp=found.net_due[row["party"]],
        )
    (system,) = read("imbalance-and-residual", "expected_system.csv")
    assert_row(
        system,
        tcei_gbp=total(found.imbalance_cashflow.values()),
        tcnd_gbp=total(unit.non_delivery_charge for unit in found.units.values()),
        trc_gbp=found.total_residual,
        rcrp_denominator_mwh=found.share_denominator,
        csobm_gbp=found.operator_cashflow,
    )


# --- the identities of section 12, exactly ---


def periods_of(seed):
    market = random_charges(seed)
    return [(market.periods[number], result) for number, result in market.results().items()]


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_cash_in_is_cash_out_and_the_shares_of_the_residual_are_one(seed):
    """12.1, 12.2."""
    for _, found in periods_of(seed):
        units = found.units.values()
        paid_in = total(found.imbalance_cashflow.values()) + found.operator_cashflow
        paid_in += total(unit.non_delivery_charge + unit.information_charge for unit in units)
        assert paid_in - total(unit.bm_cashflow for unit in units) - total(found.residual.values()) == 0
        assert total(found.shares.values()) == 1
        assert total(found.residual.values()) == found.total_residual
        assert total(found.net_due.values()) == found.operator_cashflow


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_scaled_volumes_balance_and_each_side_bears_its_share_of_the_losses(seed):
    """12.3."""
    for period, found in periods_of(seed):
        borne = {True: Fraction(0), False: Fraction(0)}
        scaled = Fraction(0)
        for unit in period.units:
            one = unit.metered
            multiplier = found.losses.multipliers[one.bm_unit]
            scaled += one.metered_volume * multiplier
            borne[found.losses.delivering[one.bm_unit]] += one.metered_volume * (multiplier - 1)
        assert scaled == 0
        assert borne[True] == -period.delivering_share * found.losses.total
        assert borne[False] == -(1 - period.delivering_share) * found.losses.total


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_credited_and_contracted_energy_balance_and_imbalance_is_what_balancing_left(seed):
    """12.4, 12.5, 12.11."""
    for period, found in periods_of(seed):
        balancing = total(unit.balancing_volume * found.losses.multipliers[name] for name, unit in found.units.items())
        assert total(found.credited_energy.values()) == 0
        assert total(found.contracted.values()) == 0
        assert total(found.imbalance.values()) == -balancing
        for unit in period.units:
            one = unit.metered
            credits = total(volume for (name, _), volume in found.credited.items() if name == one.bm_unit)
            assert credits == one.metered_volume * found.losses.multipliers[one.bm_unit]
        single = charges(replace(period, sell_price=period.buy_price))
        assert total(single.imbalance_cashflow.values()) == period.buy_price * balancing


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_a_reallocation_of_all_leaves_the_lead_with_its_balancing_volume_only(seed):
    """12.5, end."""
    for period, _ in periods_of(seed):
        unit = period.units[0]
        name, lead = unit.metered.bm_unit, unit.lead_account
        other = next(account for account in period.accounts if account != lead)

        found = charges(replace(period, reallocations=(Reallocation(name, other, Fraction(100)),)))

        balancing = found.units[name].balancing_volume * found.losses.multipliers[name]
        assert found.credited[name, lead] == balancing


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_undelivered_volumes_lie_within_what_was_accepted_and_follow_the_words_of_the_rule(seed):
    """12.8, and 7.1 and 7.2 as they are written: the dearest offer, or the cheapest bid, first."""
    for period, found in periods_of(seed):
        for unit in period.units:
            got = found.units[unit.metered.bm_unit]
            short = got.expected_volume - unit.metered.metered_volume
            offered, bid = total(p.offer_volume for p in unit.pairs), total(p.bid_volume for p in unit.pairs)
            assert got.non_delivered_offer == min(max(short, 0), offered)
            assert got.non_delivered_bid == max(min(short, 0), bid)
            assert 0 in (got.non_delivered_offer, got.non_delivered_bid)
            left, charge = got.non_delivered_offer, Fraction(0)
            for pair in sorted(unit.pairs, key=lambda p: -p.offer_price):
                missed = min(pair.offer_volume, left)
                left, charge = left - missed, charge + missed * max(pair.offer_price - period.buy_price, 0)
            left = got.non_delivered_bid
            for pair in sorted(unit.pairs, key=lambda p: p.bid_price):
                missed = max(pair.bid_volume, left)
                left, charge = left - missed, charge + missed * min(pair.bid_price - period.sell_price, 0)
            assert got.non_delivery_charge == charge * found.losses.multipliers[unit.metered.bm_unit]
            assert got.non_delivery_charge >= 0


def test_random_markets_hold_what_is_rare():
    found = [one for seed in range(150) for one in periods_of(seed)]

    units = [unit for _, result in found for unit in result.units.values()]
    assert sum(unit.non_delivered_offer > 0 for unit in units) >= 100
    assert sum(unit.non_delivered_bid < 0 for unit in units) >= 100
    assert sum(unit.non_delivery_charge > 0 for unit in units) >= 100
    assert sum(period.buy_price < 0 for period, _ in found) >= 30
    assert sum(period.buy_price != period.sell_price for period, _ in found) >= 30
    assert sum(any(share < 0 for share in result.shares.values()) for _, result in found) >= 30
    mixed = over = balanced = connected = 0
    for period, result in found:
        signs, percentages = {}, {}
        for unit in period.units:
            signs.setdefault(unit.metered.trading_unit, set()).add(unit.metered.metered_volume > 0)
        for one in period.reallocations:
            percentages[one.bm_unit] = percentages.get(one.bm_unit, 0) + one.percentage
        mixed += any(len(both) > 1 for both in signs.values())
        over += any(percentage > 100 for percentage in percentages.values())
        balanced += any(volume == 0 for volume in result.losses.trading_unit_volumes.values())
        connected += any(unit.metered.interconnector for unit in period.units)
        assert 3 <= len(period.units) <= 12
        assert 2 <= len(signs) <= 5
        assert 2 <= len(set(period.accounts.values())) <= 6
    assert min(mixed, over, balanced, connected) >= 30


def test_the_same_seed_gives_the_same_market_and_another_one_another():
    assert random_charges(5) == random_charges(5)
    assert random_charges(5) != random_charges(6)


# --- what no rule covers ---


def small(**changed):
    units = (
        ChargedUnit(MeteredUnit("T_SYNGEN-1", "GEN", Fraction(100)), "SYNA-P"),
        ChargedUnit(MeteredUnit("2__SYNSUP-1", "BASE", Fraction(-98)), "SYNB-C"),
    )
    accounts = {"SYNA-P": "SYNA", "SYNB-C": "SYNB"}
    return replace(ChargedPeriod(units, accounts, Fraction(50), Fraction(50)), **changed)


@pytest.mark.parametrize("place", [0, 1])
def test_losses_that_no_side_can_bear_are_refused(place):
    with pytest.raises(CannotPrice, match="0 MWh"):
        charges(small(units=(small().units[place],)))


def test_a_residual_that_nobody_has_a_share_of_is_refused():
    """50 and 50 MWh on the two sides, and an interconnector that takes out 1000: 100 - 0.1 x 1000 is 0."""
    volumes = {"GEN": 50, "BASE": -50, "I_SYN": -1000}
    units = tuple(
        ChargedUnit(MeteredUnit(f"{name}-1", name, Fraction(volume), interconnector=name == "I_SYN"), "SYNA-P")
        for name, volume in volumes.items()
    )

    with pytest.raises(CannotPrice, match="denominator of 0 MWh"):
        charges(small(units=units))


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"contracts": (Contract("SYNA-P", "SYNX-P", Fraction(1)),)}, "SYNX-P"),
        ({"reallocations": (Reallocation("T_SYNGEN-1", "SYNX-C"),)}, "SYNX-C"),
        ({"reallocations": (Reallocation("T_SYNGEN-9", "SYNB-C"),)}, "T_SYNGEN-9"),
        ({"accounts": {"SYNA-P": "SYNA"}}, "SYNB-C"),
    ],
)
def test_a_name_that_the_period_does_not_have_is_refused(changed, found):
    with pytest.raises(CannotPrice, match=found):
        charges(small(**changed))
