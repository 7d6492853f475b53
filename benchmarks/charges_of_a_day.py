"""Charges of a GB day, from metering to what each Party is due: the graph with exact labels against four peers.

    python benchmarks/charges_of_a_day.py

The day is SYNTHETIC: 2,900 BM Units in 48 periods, 600 Trading Units (14 base ones), 300 Parties with 600 accounts,
43,000 pairs of 450 units, 30,000 contract rows, 200 reallocation rows a period. Given are metering, loss factors,
balancing volumes, notifications, accepted volumes by pair and prices. Wanted are TLM, non-delivery, QCE, QACE, QAEI,
CAEI, RCRP, RCRC, and what each Party is due for the day. Variants run in turn in one process; the table gives ratios of
medians. Hand-written numpy starts from integer codes with every place of every sum ready, and holds nothing to check.
"""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from unittest import mock

import numpy as np
import xarray as xr
from charges_peers import (
    ALPHA,
    INFORMATION_PRICE,
    UNIT_VALUES,
    WANTED,
    by_numpy,
    by_pandas,
    codes_ready,
    tables,
)

from settlement.engine import _Gate, quantities, settle
from settlement.grains import full_grain, row_grain
from settlement.options import chosen

ROUNDS, CLOCKED = 7, 21
PAIRS = (-2, -1, 1, 2)
DAILY = (
    "replacement_reserve_cashflow", "replacement_reserve_deviation_cashflow", "supplier_compensation_paid",
    "supplier_compensation_charged",
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How large a day is."""

    periods: int = 48
    units: int = 2_900
    active: int = 450
    parties: int = 300
    trading_units: int = 600
    base: int = 14
    interconnectors: int = 60
    contracts: int = 312  # a period, two rows each
    reallocations: int = 200  # a period


def synthetic_day(size, seed=11):
    """Columns by table, keys as whole numbers in the order of their labels; rows sorted by key."""
    draw = np.random.default_rng(seed)
    party = draw.integers(0, size.parties, size.units)
    sole = np.arange(size.base, size.trading_units)
    in_base = draw.integers(0, size.base, size.units - len(sole))
    units = {
        "bm_unit": np.arange(size.units),
        "trading_unit": np.concatenate([sole, in_base]),
        "account": 2 * party + draw.integers(0, 2, size.units),
        "party": party,
        "interconnector_flag": np.isin(np.arange(size.units), draw.choice(len(sole), size.interconnectors, False)),
    }
    rows = size.periods * size.units
    period, unit = np.repeat(np.arange(size.periods), size.units), np.tile(np.arange(size.units), size.periods)
    metered = np.round(np.where(unit < len(sole), draw.normal(22, 30, rows), draw.normal(-5, 3, rows)), 3)
    unit_periods = {
        "settlement_period": period,
        "bm_unit": unit,
        "metered_volume": metered,
        "transmission_loss_factor": np.round(draw.normal(0, 0.01, size.units), 7)[unit],
        "notified_volume": np.round(metered + draw.normal(0, 4, rows), 3),
    }
    active = np.arange(0, size.units, max(1, size.units // size.active))[: size.active]
    keys = np.array(np.meshgrid(np.arange(size.periods), active, PAIRS, indexing="ij")).reshape(3, -1)
    keys = keys[:, draw.random(keys.shape[1]) < 0.5]
    count, up = keys.shape[1], draw.random(keys.shape[1]) < 0.5
    pair_rows = {
        "settlement_period": keys[0],
        "bm_unit": keys[1],
        "pair": keys[2],
        "accepted_offer_volume": np.where(up, np.round(draw.gamma(1, 4, count) + 0.1, 3), 0.0),
        "accepted_bid_volume": np.where(up, 0.0, -np.round(draw.gamma(1, 4, count) + 0.1, 3)),
        "offer_price": np.round(draw.normal(95, 30, count) + 10 * keys[2], 2),
        "bid_price": np.round(draw.normal(40, 30, count) + 10 * keys[2], 2),
    }
    accepted = pair_rows["accepted_offer_volume"] + pair_rows["accepted_bid_volume"]
    unit_periods["balancing_services_volume"] = np.bincount(keys[0] * size.units + keys[1], accepted, rows)
    accounts = {"account": np.arange(2 * size.parties), "party": np.repeat(np.arange(size.parties), 2)}
    return {
        "units": units,
        "unit_periods": unit_periods,
        "pair_rows": pair_rows,
        "accounts": accounts,
        "contract_rows": contracts(draw, size),
        "reallocation_rows": reallocations(draw, size),
        "prices": {
            "settlement_period": np.arange(size.periods),
            "system_buy_price": (prices := np.round(draw.normal(75, 30, size.periods), 5)),
            "system_sell_price": prices,
        },
    }


def contracts(draw, size):
    """Each contract a row of the seller and one of the buyer."""
    count = size.periods * size.contracts
    seller = draw.integers(0, 2 * size.parties, count)
    buyer = (seller + draw.integers(1, 2 * size.parties, count)) % (2 * size.parties)
    volume = np.round(draw.gamma(1, 30, count), 3)
    period, number = np.repeat(np.arange(size.periods), size.contracts), np.arange(count)
    columns = [
        np.tile(period, 2),
        np.concatenate([seller, buyer]),
        np.tile(number, 2),
        np.concatenate([volume, -volume]),
    ]
    order = np.lexsort(columns[2::-1])
    names = ("settlement_period", "account", "contract", "contract_volume")
    return {name: column[order] for name, column in zip(names, columns, strict=True)}


def reallocations(draw, size):
    """Units that give a part of their metered volume to one other account."""
    chosen_units = [np.sort(draw.choice(size.units, size.reallocations, False)) for _ in range(size.periods)]
    count = size.periods * size.reallocations
    return {
        "settlement_period": np.repeat(np.arange(size.periods), size.reallocations),
        "bm_unit": np.concatenate(chosen_units),
        "account": draw.integers(0, 2 * size.parties, count),
        "reallocation_percentage": np.round(draw.uniform(0, 100, count), 5),
        "reallocation_fixed_volume": np.round(draw.normal(0, 2, count), 3),
    }


PREFIXES = {"bm_unit": "T_UNIT-", "trading_unit": "TRADING ", "account": "ACC", "party": "PARTY", "contract": "C"}


def with_text(day):
    """The same tables with the labels of the field: text, but for the period and the pair, which are numbers."""

    def labels(name, codes):
        if name == "settlement_period":
            return codes + 1
        return np.array([f"{PREFIXES[name]}{code:05d}" for code in codes.tolist()], object)

    keys = {"settlement_period", *PREFIXES}
    return {
        table: {name: labels(name, values) if name in keys else values for name, values in columns.items()}
        for table, columns in day.items()
    }


# --- the work: the graph, and its rules without it ---


def for_graph(day, size):
    """Grains and arrays from the columns of labels; what stands in for figures of rules before these."""
    units, accounts = day["units"], day["accounts"]
    periods, unit_labels = day["prices"]["settlement_period"], units["bm_unit"]
    trading_units = [f"{PREFIXES['trading_unit']}{code:05d}" for code in range(size.trading_units)]
    parties = [f"{PREFIXES['party']}{code:05d}" for code in range(size.parties)]
    maps = {name: units[name] for name in ("trading_unit", "account", "party")}
    grains = {
        "settlement_periods": full_grain(settlement_period=periods),
        "unit_periods": full_grain(settlement_period=periods, bm_unit=unit_labels).mapped("bm_unit", **maps),
        "trading_unit_periods": full_grain(settlement_period=periods, trading_unit=trading_units),
        "account_periods": full_grain(settlement_period=periods, account=accounts["account"]).mapped(
            "account", party=accounts["party"]
        ),
        "party_periods": full_grain(settlement_period=periods, party=parties),
        "parties": full_grain(party=parties),
    }
    for table, last in (("pair_rows", "pair"), ("contract_rows", "contract"), ("reallocation_rows", "account")):
        keys = [name for name in day[table] if name in {"settlement_period", "bm_unit", "account", last}]
        grains[table] = row_grain(table.removesuffix("s"), {name: day[table][name] for name in keys})
    by_unit, by_party = grains["unit_periods"], grains["parties"]
    arrays = {name: by_unit.array(day["unit_periods"][name]) for name in UNIT_VALUES}
    for table in ("pair_rows", "contract_rows", "reallocation_rows"):
        values = [name for name, column in day[table].items() if name not in grains[table].keys]
        arrays |= {name: grains[table].array(day[table][name]) for name in values}
    for name in ("system_buy_price", "system_sell_price"):
        arrays[name] = grains["settlement_periods"].array(day["prices"][name])
    arrays |= {name: by_party.array(np.zeros(size.parties)) for name in DAILY}
    arrays["interconnector_flag"] = by_unit.array(np.tile(units["interconnector_flag"], size.periods))
    worked_out = quantities(losses="metered")
    scalars = {
        "delivering_share_of_losses": ALPHA, "information_imbalance_price": INFORMATION_PRICE,
        "interconnectors_share_losses": False,
    }  # fmt: skip
    given = grains | {name: value for name, value in arrays.items() if name not in worked_out} | scalars
    return given, {name: value for name, value in arrays.items() if name in worked_out}


def by_graph(given, published):
    return settle(given, WANTED, published=published, losses="metered")


def rules_in_order(given, published):
    """The functions that the wanted quantities need, each after all that it reads."""
    tags, known, order = quantities(losses="metered"), {*given, *published, *chosen()}, []

    def visit(name):
        if name in known:
            return
        module = import_module(tags[name].module)
        function = getattr(module, name, None) or getattr(module, f"{name}__metered")
        reads = tuple(signature(function).parameters)
        for one in reads:
            visit(one)
        known.add(name)
        order.append((name, function, reads))

    for name in WANTED:
        visit(name)
    return order


def by_rules_alone(order, given, published):
    values = {**chosen(), **given, **published}
    with xr.set_options(arithmetic_join="exact"):
        for name, function, reads in order:
            values[name] = function(**{one: values[one] for one in reads})
    return {name: values[name] for name in WANTED}


def same(variant, got, wanted):
    for name, symbol in WANTED.items():
        one, other = (np.asarray(answers[name]).reshape(-1) for answers in (got, wanted))
        if not np.allclose(one, other, rtol=1e-9, atol=1e-6):
            worst = int(np.argmax(np.abs(one - other)))
            raise SystemExit(
                f"{variant}, {symbol}: row {worst}, wanted {other[worst]}, got {one[worst]}. Peers differ."
            )


def main():
    size = Size()
    day = synthetic_day(size)
    text = with_text(day)
    given, published = for_graph(text, size)
    order, codes = rules_in_order(given, published), codes_ready(day, size)
    text_tables, number_tables = tables(text), tables(day)
    work = {
        "graph": lambda: by_graph(given, published),
        "rules alone": lambda: by_rules_alone(order, given, published),
        "numpy by hand": lambda: by_numpy(codes, size),
        "graph from columns": lambda: by_graph(*for_graph(text, size)),
        "pandas, text": lambda: by_pandas(text_tables),
        "pandas, numbers": lambda: by_pandas(number_tables),
    }
    answers = {name: run() for name, run in work.items()}  # compiled, or read from the cache, before the clock runs
    for name in work:
        same(name, answers[name], answers["graph"])
    answers.clear()
    taken = {name: [] for name in work}
    draw = np.random.default_rng(1)
    for _ in range(ROUNDS):
        for name in draw.permutation(list(work)):
            work[name]()  # not counted: what ran before leaves memory and caches in another state
            gc.collect()
            taken[name].append(clocked(work[name]))
    inside = statistics.median(graph_to_its_rules(work["graph"]) for _ in range(CLOCKED))
    seconds = {name: statistics.median(times) for name, times in taken.items()}
    rows = {table: len(day[table]["settlement_period"]) for table in day if table.endswith(("rows", "unit_periods"))}
    print(f"SYNTHETIC day: {size.units} units, {size.periods} periods, {len(order)} rules; rows: {rows}")
    for name, one in seconds.items():
        print(f"  {name:<20}{one:>10.4f} s   from {min(taken[name]):.4f} to {max(taken[name]):.4f}")
    report(
        [
            ("graph", "numpy by hand", seconds["graph"] / seconds["numpy by hand"], "<=", 2.5),
            ("graph", "pandas, text", seconds["pandas, text"] / seconds["graph"], ">=", 5),
            ("graph", "pandas, numbers", seconds["pandas, numbers"] / seconds["graph"], ">=", 5),
            ("graph", "its rules, clocked in it", inside, "<=", 1.05),
            ("graph", "rules alone", seconds["graph"] / seconds["rules alone"], "told", ""),
            ("graph from columns", "pandas, text", seconds["pandas, text"] / seconds["graph from columns"], "told", ""),
        ]
    )


def clocked(run):
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def graph_to_its_rules(run):
    """The time of a run through what its rules take of it: two runs differ by more than a graph costs, one does not.

    The graph calls its gate right before and right after each rule; what the gate checks counts as the graph's.
    """
    began, spent, after = [], [], _Gate.run_after_node_execution

    def clock_off(gate, **event):
        spent.append(time.perf_counter() - began.pop())
        after(gate, **event)

    def clock_on(gate, **event):
        began.append(time.perf_counter())

    with mock.patch.multiple(_Gate, run_before_node_execution=clock_on, run_after_node_execution=clock_off):
        gc.collect()
        return clocked(run) / sum(spent)


def report(rows):
    """The table: work, peer, ratio, wanted, met; a ratio that is only told has nothing to meet."""
    print(f"{'work':<20}{'peer':<26}{'ratio':>8}{'wanted':>9}  met")
    for work, peer, ratio, sign, wanted in rows:
        met = {">=": ratio >= (wanted or 0), "<=": ratio <= (wanted or 0)}.get(sign)
        said = "" if met is None else "yes" if met else "no"
        print(f"{work:<20}{peer:<26}{ratio:>8.2f}{f'{sign} {wanted}':>9}  {said}".rstrip())


if __name__ == "__main__":
    main()
