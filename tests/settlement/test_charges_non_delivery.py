"""Non-delivery takes back the gain on what was accepted and not delivered: the worked cases, slices, and signs."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from settlement import settle
from settlement.errors import NotANumber
from settlement.grains import full_grain, row_grain

UNIT = ("balancing_services_volume", "expected_metered_volume", "non_delivered_offer_volume",
        "non_delivered_bid_volume", "non_delivery_charge")  # fmt: skip
PAIR = ("non_delivered_offer_volume_by_pair", "non_delivered_bid_volume_by_pair", "offer_non_delivery_charge",
        "bid_non_delivery_charge")  # fmt: skip
TOTAL = ("total_system_non_delivery_charge",)


def market(units, pairs, prices):
    """Given and published figures of a market.

    units   {(period, bm_unit): {fpn, qm, tlm, and what else the unit has}}, every unit in every period
    pairs   {(period, bm_unit, pair): (QAO, QAB, offer price, bid price)}
    prices  {period: (SBP, SSP)}
    """
    periods, names = sorted(prices), sorted({unit for _, unit in units})
    settlement_periods = full_grain(settlement_period=periods)
    unit_periods = full_grain(settlement_period=periods, bm_unit=names)
    keys = sorted(pairs)
    pair_rows = row_grain(
        "pair_row",
        {name: [key[at] for key in keys] for at, name in enumerate(("settlement_period", "bm_unit", "pair"))},
    )

    def of_unit(name, absent=0.0):
        return unit_periods.array([units[period, unit].get(name, absent) for period in periods for unit in names])

    def of_pair(place):
        return pair_rows.array(np.array([pairs[key][place] for key in keys], float))

    told = {
        "settlement_periods": settlement_periods, "unit_periods": unit_periods, "pair_rows": pair_rows,
        "metered_volume": of_unit("qm"), "transmission_loss_multiplier": of_unit("tlm", 1.0),
        "applicable_balancing_services_volume": of_unit("qas"), "replacement_reserve_volume": of_unit("rr"),
        "supplier_delivered_volume": of_unit("qbsd"), "supplier_non_bm_volume": of_unit("snbabsvd"),
        "supplier_flag": of_unit("supplier", False), "offer_price": of_pair(2), "bid_price": of_pair(3),
        "information_imbalance_price": 0.0,
    }  # fmt: skip
    published = {
        "notified_volume": of_unit("fpn"), "accepted_offer_volume": of_pair(0), "accepted_bid_volume": of_pair(1),
        "system_buy_price": settlement_periods.array([float(prices[period][0]) for period in periods]),
        "system_sell_price": settlement_periods.array([float(prices[period][1]) for period in periods]),
    }  # fmt: skip
    return told, published


def charged(units, pairs, prices, wanted=(*UNIT, *PAIR, *TOTAL), **more):
    told, published = market(units, pairs, prices)
    return settle(told | more.pop("given", {}), wanted, published=published, **more)


def one_unit(pairs, qm, fpn=0.0, prices=(50.0, 50.0), option=None, **unit):
    """Figures by pair and of the unit, of one unit in one period; pairs are {pair: (QAO, QAB, PO, PB)}."""
    found = charged(
        {(21, "T_A-1"): {"fpn": fpn, "qm": qm} | unit},
        {(21, "T_A-1", pair): figures for pair, figures in pairs.items()},
        {21: prices},
        options={"non_delivery_order": option} if option else None,
    )
    by_pair = {name: dict(zip(sorted(pairs), found[name].to_numpy().tolist(), strict=True)) for name in PAIR}
    return by_pair | {name: found[name].item() for name in UNIT}


@pytest.mark.parametrize("name", ["non-delivery-offers", "non-delivery-bids"])
def test_a_worked_case_comes_out_as_expected(shared, name):
    folder = shared / "rules/cases/charges" / name
    if not folder.is_dir():
        pytest.skip(f"../shared/rules/cases/charges/{name} is not there, so it cannot be settled")
    files = {path.stem: list(csv.DictReader(path.open(newline="", encoding="utf-8"))) for path in folder.glob("*.csv")}
    columns = dict(zip(("qbs_mwh", "qme_mwh", "qndo_mwh", "qndb_mwh", "cnd_gbp"), UNIT, strict=True))
    sides = {"offer": PAIR[0::2], "bid": PAIR[1::2]}
    checked = 0
    for unit in files["given_units"]:  # each by itself: the case gives every unit prices of its own

        def of_unit(table, unit=unit["bm_unit"]):
            return [row for row in files[table] if row["bm_unit"] == unit]

        pairs = {
            int(row["pair"]): tuple(
                float(row[column]) for column in ("qao_n_mwh", "qab_n_mwh", "offer_price", "bid_price")
            )
            for row in of_unit("given_pairs")
        }
        found = one_unit(
            pairs, float(unit["qm_mwh"]), float(unit["fpn_mwh"]), (float(unit["sbp"]), float(unit["ssp"])),
            qas=float(unit["qas_mwh"]), tlm=float(unit["tlm"]),
        )  # fmt: skip
        (expected,) = of_unit("expected_units")
        assert {column: found[quantity] for column, quantity in columns.items()} == pytest.approx(
            {column: float(expected[column]) for column in columns}, abs=1e-6
        )
        for row in of_unit("expected_allocation"):
            volume, charge = (found[quantity][int(row["pair"])] for quantity in sides[row["side"]])
            assert volume == pytest.approx(float(row["non_delivered_mwh"]), abs=1e-6), row
            assert charge == pytest.approx(float(row["charge_gbp"]), abs=1e-6), row
            checked += 1
    assert checked == len(files["expected_allocation"])


def test_deliveries_by_third_parties_count_at_a_supplier_unit_only():
    whole = {"fpn": -20.0, "qm": -20.0, "qas": 1.0, "rr": 0.5, "qbsd": 4.0, "snbabsvd": 2.0}
    units = {(21, "2__A"): whole | {"supplier": True}, (21, "T_B"): whole | {"supplier": False}}

    found = charged(units, {(21, "2__A", 1): (3.0, 0.0, 90.0, 80.0)}, {21: (50.0, 50.0)}, wanted=UNIT)

    assert found["balancing_services_volume"].to_numpy().tolist() == [[3.0 + 1 + 0.5 + 6, 1.5]]
    assert found["expected_metered_volume"].to_numpy().tolist() == [[-9.5, -18.5]]


def test_a_deviation_either_way_is_charged_at_the_information_imbalance_price():
    units = {(21, "T_A"): {"fpn": 10.0, "qm": 7.0}, (21, "T_B"): {"fpn": 10.0, "qm": 15.0}}
    wanted = ["information_imbalance_volume", "information_imbalance_cashflow",
              "total_system_information_imbalance_cashflow"]  # fmt: skip

    def at(price):
        told = {"information_imbalance_price": price}
        found = charged(units, {(21, "T_A", 1): (0.0, 0.0, 9.0, 8.0)}, {21: (1.0, 1.0)}, wanted, given=told)
        return [found[name].to_numpy().reshape(-1).tolist() for name in wanted]

    assert at(2.0) == [[-3.0, 5.0], [6.0, 10.0], [16.0]]
    assert at(0.0) == [[-3.0, 5.0], [0.0, 0.0], [0.0]]


def test_an_offer_is_held_against_the_buy_price_and_a_bid_against_the_sell_price():
    offers = one_unit({1: (10.0, 0.0, 90.0, 80.0)}, qm=0.0, prices=(70.0, 30.0))
    bids = one_unit({-1: (0.0, -10.0, 30.0, 20.0)}, qm=0.0, prices=(70.0, 30.0))

    assert offers["non_delivery_charge"] == pytest.approx(10 * (90 - 70))
    assert bids["non_delivery_charge"] == pytest.approx(10 * (30 - 20))


def test_of_one_price_the_pair_farther_from_zero_is_undelivered_first():
    offers = one_unit({1: (4.0, 0.0, 90.0, 80.0), 2: (4.0, 0.0, 90.0, 80.0)}, qm=3.0)
    bids = one_unit({-2: (0.0, -4.0, 30.0, 20.0), -1: (0.0, -4.0, 30.0, 20.0)}, qm=-3.0)

    assert offers["non_delivered_offer_volume_by_pair"] == {1: 1.0, 2: 4.0}
    assert bids["non_delivered_bid_volume_by_pair"] == {-2: -4.0, -1: -1.0}


def test_the_other_order_begins_at_the_cheapest_offer_and_the_dearest_bid():
    option = "cheapest offer first"
    offers = one_unit({1: (4.0, 0.0, 60.0, 55.0), 2: (4.0, 0.0, 90.0, 80.0)}, qm=3.0, option=option)
    bids = one_unit({-2: (0.0, -4.0, 20.0, 10.0), -1: (0.0, -4.0, 30.0, 20.0)}, qm=-3.0, option=option)

    assert offers["non_delivered_offer_volume_by_pair"] == {1: 4.0, 2: 1.0}
    assert bids["non_delivered_bid_volume_by_pair"] == {-2: -1.0, -1: -4.0}


def test_a_pair_of_which_nothing_was_accepted_takes_nothing_and_bears_a_plain_zero():
    found = one_unit({-1: (0.0, 0.0, 30.0, 20.0), 1: (4.0, 0.0, 60.0, 55.0), 2: (0.0, 0.0, 99.0, 90.0)}, qm=0.0)

    assert found["non_delivered_offer_volume_by_pair"] == {-1: 0.0, 1: 4.0, 2: 0.0}
    assert not any(np.signbit(list(found[name].values())).any() for name in PAIR)


def test_a_unit_without_pairs_has_no_non_delivery_and_a_missing_meter_is_refused():
    units = {(21, "T_A"): {"fpn": 5.0, "qm": 0.0}, (21, "T_B"): {"fpn": 50.0, "qm": 0.0}}
    pairs, prices = {(21, "T_A", 1): (4.0, 0.0, 60.0, 55.0)}, {21: (50.0, 50.0)}

    found = charged(units, pairs, prices)

    assert found["non_delivered_offer_volume"].to_numpy().tolist() == [[4.0, 0.0]]
    assert found["non_delivery_charge"].to_numpy().tolist() == [[40.0, 0.0]]
    units[21, "T_B"]["qm"] = np.nan
    with pytest.raises(NotANumber, match=r"metered_volume.*'bm_unit': 'T_B'"):
        charged(units, pairs, prices)


# --- random markets, in whole megawatt-hours ---

KEYS = [(period, unit) for period in (7, 8) for unit in ("T_A", "T_B", "T_C")]
price = st.integers(-60, 200).map(float)
accepted = st.integers(0, 6).map(float)
pair_figures = st.tuples(accepted, accepted.map(lambda size: 0.0 - size), price, price)
unit_figures = st.fixed_dictionaries(
    {
        "fpn": st.integers(-30, 30).map(float), "qm": st.integers(-40, 40).map(float),
        "qas": st.integers(-3, 3).map(float), "tlm": st.sampled_from([0.98, 1.0, 1.02]),
    }
)  # fmt: skip
markets = st.tuples(
    st.fixed_dictionaries(dict.fromkeys(KEYS, unit_figures)),
    st.dictionaries(
        st.tuples(st.sampled_from((7, 8)), st.sampled_from(("T_A", "T_B", "T_C")), st.sampled_from((-2, -1, 1, 2, 3))),
        pair_figures, min_size=1, max_size=20,
    ),
    st.fixed_dictionaries({7: st.tuples(price, price), 8: st.tuples(price, price)}),
)  # fmt: skip


@settings(max_examples=40)
@given(markets)
def test_undelivered_volumes_lie_within_what_was_accepted_and_no_charge_is_below_zero(drawn):
    units, pairs, prices = drawn
    found = charged(units, pairs, prices)
    offered, bid = found["non_delivered_offer_volume"].to_numpy(), found["non_delivered_bid_volume"].to_numpy()
    by_pair = {name: found[name].to_numpy() for name in PAIR}
    figures = np.array([pairs[key] for key in sorted(pairs)])

    for place, key in enumerate(KEYS):
        of_key = [figures for at, figures in pairs.items() if at[:2] == key]
        assert 0 <= offered.reshape(-1)[place] <= sum(one[0] for one in of_key)
        assert sum(one[1] for one in of_key) <= bid.reshape(-1)[place] <= 0
    assert np.all(offered * bid == 0)
    assert np.all((by_pair[PAIR[0]] >= 0) & (by_pair[PAIR[0]] <= figures[:, 0]))
    assert np.all((by_pair[PAIR[1]] <= 0) & (by_pair[PAIR[1]] >= figures[:, 1]))
    assert all(np.all(found[name].to_numpy() >= 0) for name in (*PAIR[2:], "non_delivery_charge", *TOTAL))
    assert found[TOTAL[0]].to_numpy() == pytest.approx(found["non_delivery_charge"].to_numpy().sum(axis=1))


@settings(max_examples=40)
@given(markets)
def test_the_charge_is_that_of_slices_stripped_from_the_dearest_offer_or_the_cheapest_bid(drawn):
    units, pairs, prices = drawn
    found = charged(units, pairs, prices)["non_delivery_charge"].to_numpy().reshape(-1)

    for place, (period, unit) in enumerate(KEYS):
        told, of_unit = units[period, unit], [figures for at, figures in pairs.items() if at[:2] == (period, unit)]
        moved = sum(offer + bid for offer, bid, _, _ in of_unit) + told["qas"]
        missing = int(told["fpn"] + moved - told["qm"])
        buy, sell = prices[period]
        # Every slice is one whole megawatt-hour, and its gain is what the unit would keep of it.
        offers = sorted((offer_price for offer, _, offer_price, _ in of_unit for _ in range(int(offer))), reverse=True)
        bids = sorted(bid_price for _, bid, _, bid_price in of_unit for _ in range(int(-bid)))
        gains = [one - buy for one in offers[: max(missing, 0)]] + [sell - one for one in bids[: max(-missing, 0)]]
        charge = sum(gain for gain in gains if gain > 0) * told["tlm"]
        assert found[place] == pytest.approx(charge, abs=1e-9 * max(1.0, charge))
