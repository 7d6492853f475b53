"""The engine equals the calculator in exact fractions, from losses to what each Party is due, on random small systems.

The calculator (`loaders.sample_market`) shares nothing with the engine but the calendar.
"""

from __future__ import annotations

import pytest

from loaders.sample_market.random_charges import random_charges
from settlement import settle
from settlement.grains import full_grain, row_grain

SHORT_MARKETS = 20
LONG_MARKETS = 200
NEVER_GIVEN = (
    "replacement_reserve_cashflow", "replacement_reserve_deviation_cashflow", "supplier_compensation_paid",
    "supplier_compensation_charged",
)  # fmt: skip


def engine_inputs(market):
    """Given and published figures of a market, for the engine."""
    periods = market.periods
    first = next(iter(periods.values()))
    members = sorted(first.units, key=lambda unit: unit.metered.bm_unit)
    units = {unit.metered.bm_unit: unit for unit in members}
    parties = sorted(set(first.accounts.values()))
    settlement_periods = full_grain(settlement_period=list(periods))
    unit_periods = full_grain(settlement_period=list(periods), bm_unit=list(units)).mapped(
        "bm_unit",
        trading_unit=[unit.metered.trading_unit for unit in members],
        account=[unit.lead_account for unit in members],
        party=[first.accounts[unit.lead_account] for unit in members],
    )
    accounts = sorted(first.accounts)
    account_periods = full_grain(settlement_period=list(periods), account=accounts).mapped(
        "account", party=[first.accounts[account] for account in accounts]
    )
    by_key = {(n, unit.metered.bm_unit): unit for n, period in periods.items() for unit in period.units}

    def of_unit(value):
        return unit_periods.array([value(by_key[n, name]) for n in periods for name in units])

    def of_period(value):
        return settlement_periods.array([float(value(period)) for period in periods.values()])

    def volume(name):
        return of_unit(lambda unit: float(getattr(unit, name)))

    pairs = {(*key, one.pair): one for key, unit in by_key.items() for one in unit.pairs}
    reallocations = {(n, one.bm_unit, one.account): one for n, p in periods.items() for one in p.reallocations}
    contracts = {}
    for n, period in periods.items():
        for number, one in enumerate(period.contracts):
            contracts[n, one.seller, f"C{number}"] = float(one.volume)
            contracts[n, one.buyer, f"C{number}"] = -float(one.volume)
    pair_rows, of_pair = rows("pair_row", ("settlement_period", "bm_unit", "pair"), pairs)
    contract_rows, of_contract = rows("contract_row", ("settlement_period", "account", "contract"), contracts)
    reallocation_rows, of_reallocation = rows(
        "reallocation_row", ("settlement_period", "bm_unit", "account"), reallocations
    )
    trading_units = sorted({unit.metered.trading_unit for unit in members})
    party_rows = full_grain(party=parties)
    given = {
        "settlement_periods": settlement_periods,
        "unit_periods": unit_periods,
        "units": full_grain(bm_unit=list(units)),
        "trading_unit_periods": full_grain(settlement_period=list(periods), trading_unit=trading_units),
        "account_periods": account_periods,
        "party_periods": full_grain(settlement_period=list(periods), party=parties),
        "parties": party_rows,
        "settlement_dates": full_grain(settlement_date=["2024-01-15"]),
        "pair_rows": pair_rows,
        "contract_rows": contract_rows,
        "reallocation_rows": reallocation_rows,
        "metered_volume": of_unit(lambda unit: float(unit.metered.metered_volume)),
        "transmission_loss_factor": of_unit(lambda unit: float(unit.metered.loss_factor)),
        "interconnector_flag": of_unit(lambda unit: unit.metered.interconnector),
        "supplier_flag": of_unit(lambda unit: unit.supplier),
        "applicable_balancing_services_volume": volume("applicable_volume"),
        "replacement_reserve_volume": volume("reserve_volume"),
        # The two volumes of a Supplier unit are one in the calculator; the engine is given a third and two thirds.
        "supplier_delivered_volume": of_unit(lambda unit: float(unit.supplier_volume / 3)),
        "supplier_non_bm_volume": of_unit(lambda unit: float(unit.supplier_volume * 2 / 3)),
        "offer_price": of_pair(lambda one: float(one.offer_price)),
        "bid_price": of_pair(lambda one: float(one.bid_price)),
        "contract_volume": of_contract(lambda signed: signed),
        "reallocation_percentage": of_reallocation(lambda one: float(one.percentage)),
        "reallocation_fixed_volume": of_reallocation(lambda one: float(one.fixed_volume)),
        "delivering_share_of_losses": float(first.delivering_share),
        "interconnectors_share_losses": first.interconnectors_share_losses,
        "information_imbalance_price": float(first.information_imbalance_price),
        **{name: party_rows.array([0.0] * len(parties)) for name in NEVER_GIVEN},
    }
    published = {
        "notified_volume": volume("notified_volume"),
        "accepted_offer_volume": of_pair(lambda one: float(one.offer_volume)),
        "accepted_bid_volume": of_pair(lambda one: float(one.bid_volume)),
        "system_buy_price": of_period(lambda period: period.buy_price),
        "system_sell_price": of_period(lambda period: period.sell_price),
    }
    return given, published


def rows(dim, keys, found):
    """A row grain of keyed figures, and what makes an array of one value of each."""
    ordered = sorted(found)
    grain = row_grain(dim, {name: [key[place] for key in ordered] for place, name in enumerate(keys)})
    return grain, lambda value: grain.array([value(found[key]) for key in ordered])


# The engine's quantity, and what the calculator says of it: by label in one period, from its period and result.
BY_UNIT = {
    "transmission_loss_multiplier": lambda result, name: result.losses.multipliers[name],
    "balancing_services_volume": lambda result, name: result.units[name].balancing_volume,
    "expected_metered_volume": lambda result, name: result.units[name].expected_volume,
    "non_delivered_offer_volume": lambda result, name: result.units[name].non_delivered_offer,
    "non_delivered_bid_volume": lambda result, name: result.units[name].non_delivered_bid,
    "non_delivery_charge": lambda result, name: result.units[name].non_delivery_charge,
    "information_imbalance_cashflow": lambda result, name: result.units[name].information_charge,
    "bm_unit_cashflow": lambda result, name: result.units[name].bm_cashflow,
}
BY_ACCOUNT = {
    "account_credited_energy_volume": "credited_energy",
    "account_balancing_services_volume": "balancing_services",
    "account_bilateral_contract_volume": "contracted",
    "account_energy_imbalance_volume": "imbalance",
    "account_energy_imbalance_cashflow": "imbalance_cashflow",
    "residual_cashflow_reallocation_proportion": "shares",
    "residual_cashflow": "residual",
}
BY_PERIOD = {
    "total_losses": lambda result: result.losses.total,
    "tlmo_plus": lambda result: result.losses.tlmo_plus,
    "tlmo_minus": lambda result: result.losses.tlmo_minus,
    "residual_reallocation_denominator": lambda result: result.share_denominator,
    "total_system_residual_cashflow": lambda result: result.total_residual,
    "system_operator_bm_cashflow": lambda result: result.operator_cashflow,
}
PARTY_PARTS = {
    "party_period_bm_cashflow": ("bm_cashflow", 1),
    "party_period_non_delivery_charge": ("non_delivery", -1),
    "party_period_energy_imbalance_cashflow": ("imbalance", -1),
    "party_period_information_imbalance_charge": ("information", -1),
    "party_period_residual_cashflow": ("residual", 1),
}


def exact_answers(market):
    """By quantity of the engine, the exact value of each label."""
    results = market.results()
    wanted = {}
    for name, value in BY_UNIT.items():
        wanted[name] = {(n, unit): value(result, unit) for n, result in results.items() for unit in result.units}
    for name, field in BY_ACCOUNT.items():
        wanted[name] = {(n, label): v for n, result in results.items() for label, v in getattr(result, field).items()}
    for name, value in BY_PERIOD.items():
        wanted[name] = {n: value(result) for n, result in results.items()}
    for name, (part, sign) in PARTY_PARTS.items():
        wanted[name] = {
            (n, party): sign * parts[part]
            for n, result in results.items()
            for party, parts in result.party_parts.items()
        }
    net = {(n, party): due for n, result in results.items() for party, due in result.net_due.items()}
    wanted["party_period_net_due"] = net
    parties = {party for _, party in net}
    wanted["daily_party_net_due"] = {
        one: sum(due for (_, party), due in net.items() if party == one) for one in parties
    }
    leads = {
        (n, unit.metered.bm_unit): unit.lead_account for n, period in market.periods.items() for unit in period.units
    }
    credited = {(n, *key): volume for n, result in results.items() for key, volume in result.credited.items()}
    wanted["lead_credited_energy_volume"] = {key: credited[(*key, lead)] for key, lead in leads.items()}
    wanted["subsidiary_credited_energy_volume"] = {
        key: volume for key, volume in credited.items() if leads[key[:2]] != key[2]
    }
    return wanted


def differences(seed):
    """Where engine and calculator differ by over 1e-9 of the sizes of all the values of a quantity."""
    market = random_charges(seed)
    wanted = exact_answers(market)
    given, published = engine_inputs(market)
    got = settle(given, list(wanted), published=published, losses="metered")
    for name, values in wanted.items():
        found = got[name].to_series().to_dict()
        if set(found) != set(values):
            yield f"seed {seed}, {name}: labels {set(found) ^ set(values)} on one side only"
            continue
        allowed = 1e-9 * max(1.0, float(sum(abs(value) for value in values.values())))
        for label, value in values.items():
            if not abs(found[label] - float(value)) <= allowed:
                yield f"seed {seed}, {name} at {label}: wanted {float(value)}, got {found[label]}"


def all_differences(seeds):
    return [text for seed in seeds for text in differences(seed)]


def test_every_volume_and_charge_of_twenty_random_systems_is_that_of_the_exact_calculator(seed):
    found = all_differences(range(seed, seed + SHORT_MARKETS))

    assert not found, "\n".join(found[:20])


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_every_volume_and_charge_of_two_hundred_random_systems_is_that_of_the_exact_calculator(seed):
    found = all_differences(range(seed, seed + LONG_MARKETS))

    assert not found, "\n".join(found[:20])
