"""Accepted volumes of a GB day from stored tables whose rows come in any order, against the compiled loops alone.

    python benchmarks/accepted_volumes_from_tables.py [--json]

The day is SYNTHETIC (`synthetic_gb_day.py`). Its notifications, bid-offer pairs, acceptances and their points are Arrow
tables as the store keeps them, labels as a dictionary, rows shuffled. From there to volumes by acceptance, pair and
unit: labels and rows are sorted, grains made, checks run. The loops start from sorted arrays of numbers.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from unittest import mock

import numpy as np
import pandas as pd
import xarray as xr
from synthetic_gb_day import HOW, inputs, size_of, synthetic_day

from reports.run_tables import to_tables
from settlement import settle
from settlement.grains import coded_grain
from settlement.kernels import accepted_volumes as loops

VOLUMES = ("accepted_offer_volume", "accepted_bid_volume", "accepted_volume", "notified_volume")
GRAINS = ("notification_rows", "pair_level_rows", "acceptance_rows", "acceptance_point_rows")
ROUNDS, WANTED = 11, 5.0


def shuffled(given):
    """The rows of each grain as an Arrow table, in no order, by the name of the grain."""
    draw = np.random.default_rng(5)
    found = {}
    for name in GRAINS:
        grain = given[name]
        arrays = {n: v for n, v in given.items() if isinstance(v, xr.DataArray) and v.dims == grain.dims}
        (table,) = to_tables(arrays, {grain.dims[0]: grain}, {}).values()
        found[name] = table.take(draw.permutation(len(table)))
    return found


def from_tables(given, tables):
    """The inputs of the day with the grains and arrays of these tables, rows sorted by key."""
    made = dict(given)
    for name, table in tables.items():
        keys = {n.removeprefix("key."): coded(table.column(n)) for n in table.column_names if n.startswith("key.")}
        place = np.zeros(len(table), np.int64)
        for labels, codes in keys.values():
            place = place * len(labels) + codes
        order = np.argsort(place)
        grain = coded_grain(given[name].dims[0], {n: (labels, codes[order]) for n, (labels, codes) in keys.items()})
        values = {n: table.column(n).to_numpy() for n in table.column_names if "." not in n}
        made |= {name: grain} | {n: grain.array(column[order]) for n, column in values.items()}
    return made


def coded(column):
    """Labels in order, and for each row which of them it bears."""
    codes, labels = pd.factorize(column.combine_chunks().to_pandas(), sort=False)
    order = np.argsort(labels)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return labels[order], place[codes]


def measured():
    size = size_of()
    given = inputs(synthetic_day(size), size)
    tables, calls = shuffled(given), []
    real = loops.accepted_volumes

    def listening(*arguments):
        calls.append(arguments)
        return real(*arguments)

    with mock.patch.object(loops, "accepted_volumes", listening):
        wanted = settle(given, VOLUMES, **HOW)
    got = settle(from_tables(given, tables), VOLUMES, **HOW)
    for name in VOLUMES:
        if not wanted[name].equals(got[name]):
            raise SystemExit(f"{name}: shuffled tables give other figures.")
    ways = {
        "from stored tables": lambda: settle(from_tables(given, tables), VOLUMES, **HOW),
        "loops alone": lambda: real(*calls[0]),
        "from sorted grains": lambda: settle(given, VOLUMES, **HOW),
    }
    taken = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, run in ways.items():
            gc.collect()
            began = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(one) for name, one in taken.items()}, sum(map(len, tables.values()))


def main():
    asked = argparse.ArgumentParser(description="Accepted volumes of a SYNTHETIC day from shuffled stored tables.")
    asked.add_argument("--json", action="store_true", help="print one object instead of a table")
    words = asked.parse_args()
    seconds, rows = measured()
    ratio = {name: seconds[name] / seconds["loops alone"] for name in ("from stored tables", "from sorted grains")}
    met = ratio["from stored tables"] <= WANTED
    if words.json:
        print(json.dumps({"seconds": seconds, "ratio": ratio, "wanted": WANTED, "met": met, "rows": rows}))
        return
    print(f"SYNTHETIC day, {rows:,} rows in no order")
    for name, one in seconds.items():
        print(f"  {name:<24}{one:>10.4f} s")
    print(f"{'work':<24}{'peer':<16}{'ratio':>8}{'wanted':>10}  met")
    said = "yes" if met else "no"
    print(
        f"{'from stored tables':<24}{'loops alone':<16}{ratio['from stored tables']:>8.2f}{f'<= {WANTED}':>10}  {said}"
    )
    print(f"{'from sorted grains':<24}{'loops alone':<16}{ratio['from sorted grains']:>8.2f}{'told':>10}")


if __name__ == "__main__":
    main()
