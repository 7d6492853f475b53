"""The tables of a settled day on disk: as the store packs them against Parquet defaults, and a column of a month read.

    python benchmarks/results_on_disk.py [--json]

The day is SYNTHETIC (`synthetic_gb_day.py`), settled from notifications to what each Party is due; its tables are those
that a run keeps, given rows with the file and line they came from. Writing is to memory, both ways, by turns: a disk
would cost both the same. "Decimals alone" leaves keys, flags, whole numbers and sources out. The month is 31 files of
the largest table, the same rows in each; every reader is given the list of files, as the store gives it, and the files
lie in the page cache. DuckDB is held with its connection open, and told with one of its own for each question.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xarray as xr
from synthetic_gb_day import HOW, inputs, size_of, synthetic_day, usual_results

from loaders.store.parts import parquet_of
from reports.run_tables import grains_of, to_tables
from settlement import settle
from settlement.grains import Grain
from settlement.settled import RowSources

DAYS, COLUMN, TABLE = 31, "lead_credited_energy_volume", "settlement_period bm_unit"
WRITING_ROUNDS, READING_ROUNDS, PANDAS_ROUNDS = 7, 11, 3
# Grains whose rows come from files, each from one a period.
FROM_FILES = ("notification_row", "pair_level_row", "acceptance_point_row", "pair_row", "acceptance_row",
              "market_index_row", "contract_row", "reallocation_row", TABLE)  # fmt: skip


def settled_tables():
    """One Arrow table a grain, as a run is kept."""
    size = size_of()
    given = inputs(synthetic_day(size), size)
    found = settle(given, usual_results(), **HOW)
    arrays = {name: one for name, one in {**given, **found}.items() if isinstance(one, xr.DataArray)}
    grains = grains_of({name: one for name, one in {**given, **found}.items() if isinstance(one, Grain)}, arrays)
    return to_tables(arrays, grains, {dims: source(grains[dims]) for dims in FROM_FILES})


def source(grain):
    """A file, hash and line for each row."""
    period = grain.column("settlement_period").astype(int) if "settlement_period" in grain.keys else None
    of = np.zeros(grain.size, int) if period is None else period
    names = np.array([f"SYNTHETIC_{n:02d}.json" for n in range(of.max() + 1)], object)
    hashes = np.array([f"{n:064x}" for n in range(of.max() + 1)], object)
    return RowSources(names[of], hashes[of], np.arange(grain.size) + 1)


def with_defaults(table, **how):
    """A table as Parquet with what pyarrow takes if nothing is said."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **how)
    return buffer.getvalue()


def decimals(table):
    """The columns of doubles of a table."""
    return table.select([one.name for one in table.schema if pa.types.is_floating(one.type)])


def plainly(table):
    """The table with dictionaries written out: two orders of a dictionary say the same."""
    kinds = [(one.name, getattr(one.type, "value_type", one.type)) for one in table.schema]
    return table.cast(pa.schema(kinds))


def one_by_one(tables, **how):
    return {dims: with_defaults(table, **how) for dims, table in tables.items()}


def two_at_a_time(tables):
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(tables, pool.map(with_defaults, tables.values()), strict=True))


WRITERS = {
    "as the store": parquet_of,
    "Parquet defaults": one_by_one,
    "defaults, two at a time": two_at_a_time,
    "defaults with zstd": lambda tables: one_by_one(tables, compression="zstd"),
}


def clocked(run):
    gc.collect()
    began = time.perf_counter()
    answer = run()
    return time.perf_counter() - began, answer


def written(tables):
    """Seconds to write every table, and the bytes of each, by writer."""
    taken, packed = {name: [] for name in WRITERS}, {}
    for turn in range(WRITING_ROUNDS + 1):
        for name, write in WRITERS.items():
            seconds, packed[name] = clocked(lambda write=write: write(tables))
            if turn:
                taken[name].append(seconds)
    return {name: statistics.median(times) for name, times in taken.items()}, packed


def month(folder, packed):
    """Files of the largest table for 31 days, by writer."""
    files = {}
    for name in ("as the store", "Parquet defaults"):
        files[name] = [folder / f"SYNTHETIC-{name.replace(' ', '-')}-{day:02d}.parquet" for day in range(1, DAYS + 1)]
        for file in files[name]:
            file.write_bytes(packed[name][TABLE])
    return files


def by_duckdb(files, connection):
    return connection.read_parquet([str(file) for file in files]).project(f'"{COLUMN}"').to_arrow_table()[COLUMN]


def by_new_duckdb(files):
    with duckdb.connect() as connection:
        return by_duckdb(files, connection)


def by_pandas(files, columns=None):
    return pd.concat([pd.read_parquet(file, columns=columns) for file in files], ignore_index=True)[COLUMN]


def read(files):
    """Seconds to have the column of the month, each reader in its own form of a column; the answers must agree."""
    own, plain, opened = files["as the store"], files["Parquet defaults"], duckdb.connect()
    readers = {
        "DuckDB": (lambda: by_duckdb(own, opened), READING_ROUNDS),
        "DuckDB, defaults": (lambda: by_duckdb(plain, opened), READING_ROUNDS),
        "DuckDB, connecting": (lambda: by_new_duckdb(own), READING_ROUNDS),
        "pandas, files whole": (lambda: by_pandas(own), PANDAS_ROUNDS),
        "pandas, defaults whole": (lambda: by_pandas(plain), PANDAS_ROUNDS),
        "pandas, that column": (lambda: by_pandas(own, [COLUMN]), PANDAS_ROUNDS),
    }
    taken, sums = {name: [] for name in readers}, {}
    for turn in range(READING_ROUNDS + 1):
        for name, (run, rounds) in readers.items():
            if turn <= rounds:
                seconds, values = clocked(run)
                sums[name] = (len(values), float(np.sort(np.asarray(values)).sum()))
                if turn:
                    taken[name].append(seconds)
    if len(set(sums.values())) != 1:
        raise SystemExit(f"readers do not agree on {COLUMN}: rows and sums {sums}.")
    return {name: statistics.median(times) for name, times in taken.items()}, sums["DuckDB"][0]


def measured():
    tables = settled_tables()
    writing, packed = written(tables)
    decimals_writing, decimals_packed = written({dims: decimals(table) for dims, table in tables.items()})
    for dims, table in tables.items():
        if not plainly(pq.read_table(pa.BufferReader(packed["as the store"][dims]))).equals(plainly(table)):
            raise SystemExit(f"table {dims}: the store's packing gives other rows back.")
    with tempfile.TemporaryDirectory() as folder:
        reading, values = read(month(Path(folder), packed))
    mib, decimals_mib = (
        {name: sum(map(len, one.values())) / 2**20 for name, one in each.items()} for each in (packed, decimals_packed)
    )
    store, plain, threads, zstd = WRITERS
    rows = [
        ("time to write a day", store, plain, writing[store] / writing[plain], "<=", 0.45),
        ("size of a day", store, plain, mib[store] / mib[plain], "<=", 0.95),
        ("time to write a day", store, threads, writing[store] / writing[threads], "told", None),
        ("time to write a day", store, zstd, writing[store] / writing[zstd], "told", None),
        ("size of a day", store, zstd, mib[store] / mib[zstd], "told", None),
        ("time, decimals alone", store, plain, decimals_writing[store] / decimals_writing[plain], "told", None),
        ("size, decimals alone", store, plain, decimals_mib[store] / decimals_mib[plain], "told", None),
        ("a column of 31 days", "DuckDB", "pandas, files whole", reading["pandas, files whole"] / reading["DuckDB"],
         ">=", 60),
    ]  # fmt: skip
    told = ("pandas, defaults whole", "pandas, that column", "DuckDB, defaults", "DuckDB, connecting")
    rows += [("a column of 31 days", "DuckDB", name, reading[name] / reading["DuckDB"], "told", None) for name in told]
    largest = tables[TABLE]
    return {
        "rows": [
            {"work": work, "way": way, "peer": peer, "ratio": ratio, "wanted": wanted,
             "met": {"<=": ratio <= (wanted or 0), ">=": ratio >= (wanted or 0)}.get(sign), "sign": sign}
            for work, way, peer, ratio, sign, wanted in rows
        ],
        "write_seconds": writing, "mib": mib, "read_seconds": reading, "tables": len(tables),
        "mib_in_memory": sum(table.nbytes for table in tables.values()) / 2**20,
        "largest": [largest.num_rows, largest.num_columns], "values": values,
    }  # fmt: skip


def main():
    asked = argparse.ArgumentParser(description="The tables of a SYNTHETIC settled day on disk.")
    asked.add_argument("--json", action="store_true", help="print one object instead of a table")
    found = measured()
    if asked.parse_args().json:
        print(json.dumps(found))
        return
    height, width = found["largest"]
    print(
        f"SYNTHETIC settled day: {found['tables']} tables, {found['mib_in_memory']:.0f} MiB in memory, the largest",
        end="",
    )
    print(f" {height:,} x {width}; a month of its column {found['values']:,} values")
    for name, seconds in found["write_seconds"].items():
        print(f"  write, {name:<26}{seconds:>9.4f} s{found['mib'][name]:>8.1f} MiB")
    for name, seconds in found["read_seconds"].items():
        print(f"  read,  {name:<26}{seconds:>9.4f} s")
    print(f"{'work':<22}{'way':<14}{'peer':<26}{'ratio':>8}{'wanted':>10}  met")
    for row in found["rows"]:
        wanted = "told" if row["wanted"] is None else f"{row['sign']} {row['wanted']}"
        said = "" if row["met"] is None else "yes" if row["met"] else "no"
        print(f"{row['work']:<22}{row['way']:<14}{row['peer']:<26}{row['ratio']:>8.2f}{wanted:>10}  {said}".rstrip())


if __name__ == "__main__":
    main()
