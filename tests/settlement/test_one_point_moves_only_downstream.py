"""One point of one notification moves what is made from it, in its own period, and not a figure beside that."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from settlement.engine import dependencies, quantities
from settlement.inputs import INPUTS

_spec = importlib.util.spec_from_file_location("market_tables", Path(__file__).with_name("market_tables.py"))
markets = sys.modules.setdefault("market_tables", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(markets)

HOW = ("own stack", True, "metered")
NOTIFIED = {name for name in INPUTS if name.startswith("notification_")}
POINTS = 6  # of one market: some lie where an acceptance has left no room to move

# Where the graph leaves the period: amounts of a day, each the sum of its periods.
OF_THE_DAY = {
    "daily_party_bm_cashflow", "daily_party_non_delivery_charge", "daily_party_energy_imbalance_cashflow",
    "daily_party_information_imbalance_charge", "daily_party_residual_cashflow", "daily_party_net_due",
    "daily_system_operator_bm_cashflow",
}  # fmt: skip
# What a notification has no part in. Continuous Acceptance Duration crosses periods too, and is of acceptances alone.
UNTOUCHED = {
    "metering": {"trading_unit_metered_volume", "delivering_flag", "unit_delivering_flag", "total_losses", "tlmo_plus",
                 "tlmo_minus", "transmission_loss_multiplier", "loss_adjusted_metered_volume"},
    "acceptances": {"continuous_acceptance_duration", "acceptance_cadl_flag"},
    "the market": {"adjustment_price", "reserve_scarcity_price", "market_index_price"},
    "contracts": {"account_bilateral_contract_volume"},
    "earlier runs": {"payment_before_interest"},
    "credit cover": {"credit_assessment_export_capability", "credit_assessment_import_capability",
                     "credit_cover_percentage", "credit_default_level", "energy_credit_cover", "energy_indebtedness",
                     "unpaid_indebtedness"},
}  # fmt: skip
# Of a unit, by unit: another unit of the same period has no part in them.
OF_THE_UNIT = {
    "notified_volume", "expected_metered_volume", "accepted_volume", "accepted_offer_volume", "accepted_bid_volume",
    "accepted_offer_volume_by_acceptance", "accepted_bid_volume_by_acceptance", "balancing_services_volume",
    "bm_unit_cashflow", "offer_cashflow", "bid_cashflow", "information_imbalance_volume",
}  # fmt: skip
# The way from a notification to what a Party is due.
MOVED = {
    "notified_volume", "accepted_volume", "bm_unit_cashflow", "account_energy_imbalance_volume",
    "account_energy_imbalance_cashflow", "total_system_residual_cashflow", "party_period_net_due",
    "daily_party_net_due",
}  # fmt: skip


def downstream():
    """Every node of the graph that a notification leads to, itself left out."""
    reached, reads = set(NOTIFIED), dependencies(*HOW)
    while more := {name for name, needs in reads.items() if name not in reached and reached & set(needs)}:
        reached |= more
    return reached - NOTIFIED


def period_of(name, key):
    """The Settlement Period of a row, or None of an amount of the day."""
    return None if name in OF_THE_DAY else key[0]


def moved(before, after):
    """Keys, by quantity, whose value is another to the last bit, or stands on one side alone.

    before   values by quantity and key, told once for all that they are compared with
    """
    found = {}
    for name, old in before.items():
        new = markets.by_key(after[name])
        if keys := {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}:
            found[name] = keys
    return found


def with_point(given, end, row, level):
    """The market with one point at another level, and nothing else."""
    name = f"notification_level_{end}"
    levels = given[name].to_numpy().copy()
    levels[row] = level
    return given | {name: given[name].copy(data=levels)}


def candidates(given, results, chance):
    """Points of notifications where acceptances are in force, in an order of chance."""
    accepted = markets.by_key(results["accepted_volume"])
    rows = given["notification_rows"]
    keys = zip(rows.column("settlement_period").tolist(), rows.column("bm_unit").tolist(), strict=True)
    found = [(row, *key) for row, key in enumerate(keys) if accepted[key]]
    return [found[at] for at in chance.permutation(len(found))[:POINTS]]


def test_the_graph_leads_from_a_notification_to_every_quantity_but_those_it_has_no_part_in():
    beside = set(quantities(*HOW)) - downstream()

    assert beside == set().union(*UNTOUCHED.values())
    assert downstream() >= MOVED | OF_THE_DAY | OF_THE_UNIT


def test_only_amounts_of_the_day_lead_from_one_period_to_another():
    keys = {name: one.dims for name, one in quantities(*HOW).items() if name in downstream()}
    results = markets.everything(markets.market(3))
    without_period = {name for name in keys if "settlement_period" not in markets.grain_of(results[name]).keys}

    assert without_period == OF_THE_DAY


# A smaller seed is no simpler market, so a market that fails is not shrunk.
@settings(max_examples=5, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@drawn(st.integers(0, 10**6), st.sampled_from(["from", "to"]), st.sampled_from([-40.0, -7.25, 0.5, 31.0]))
def test_one_point_moves_its_own_period_alone_and_only_what_is_made_from_it(number, end, by):
    given = markets.market(number)
    results = markets.everything(given)
    reached, seen = downstream(), set()
    before = {name: markets.by_key(array) for name, array in results.items()}
    for row, period, unit in candidates(given, results, np.random.default_rng(number)):
        level = float(given[f"notification_level_{end}"].to_numpy()[row]) + by
        after = markets.everything(with_point(given, end, row, level))
        changes = moved(before, after)
        seen |= changes.keys()

        assert changes.keys() <= reached, "moved, and not downstream"
        for name, keys in changes.items():
            assert {period_of(name, key) for key in keys} <= {period, None}, name
        for name in OF_THE_UNIT & changes.keys():
            assert {key[1] for key in changes[name]} == {unit}, name
        # A triangle over the line is what one end of it adds: half its length, in hours, times the MW.
        hours = float(given["notification_time_to"][row] - given["notification_time_from"][row]) / 3600
        was, now = before["notified_volume"], markets.by_key(after["notified_volume"])
        assert now[period, unit] - was[period, unit] == pytest.approx(by * hours / 2, abs=1e-9)

    assert seen >= MOVED


def test_a_unit_takes_part_in_periods_on_both_sides_and_its_acceptances_reach_over(seed):
    # Else nothing could move in another period, and the property above would hold of any graph.
    given = markets.market(seed)
    rows = given["notification_rows"]
    periods = {}
    for period, unit in zip(rows.column("settlement_period"), rows.column("bm_unit"), strict=True):
        periods.setdefault(unit, set()).add(int(period))
    taken = markets.everything(given)["accepted_offer_volume_by_acceptance"]
    reach = {}
    for period, unit, number, _ in markets.by_key(taken):
        reach.setdefault((unit, number), set()).add(period)

    assert max(map(len, periods.values())) >= 3
    assert sum(len(one) > 1 for one in reach.values()) >= 10
