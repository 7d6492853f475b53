"""A day settles to the same reported figures in whatever order its rows came, on however many threads, every time."""

from __future__ import annotations

import importlib.util
import math
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numba import config

from settlement.kernels import accepted_volumes as kernel

TABLES = Path(__file__).with_name("market_tables.py")
_spec = importlib.util.spec_from_file_location("market_tables", TABLES)
markets = sys.modules.setdefault("market_tables", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(markets)

REGISTERS = {
    "unit_periods", "units", "trading_unit_periods", "account_periods", "party_periods", "parties",
    "settlement_periods", "settlement_dates",
}  # fmt: skip
ORDERS = 3
# Which of two actions of one price stands first is told by their labels; nothing but the rank itself hangs on it.
TOLD_BY_LABEL = {"rank"}


@pytest.fixture(scope="module")
def given(seed):
    return markets.market(seed)


@pytest.fixture(scope="module")
def results(given):
    return markets.everything(given)


@pytest.fixture(scope="module")
def hashed(results):
    return markets.hash_of(results)


def settled(tables, given):
    return markets.everything(markets.inputs(tables, given))


def test_rows_that_arrive_in_another_order_settle_to_the_same_figures(given, hashed):
    for order in range(ORDERS):
        tables = markets.as_tables(given)
        moved = {name: frame for name, frame in markets.shuffled(tables, order).items() if name not in REGISTERS}
        assert all(not frame.index.is_monotonic_increasing for frame in moved.values())

        assert markets.hash_of(settled(tables | moved, given)) == hashed


def test_units_and_parties_that_stand_in_another_order_in_their_registers_settle_to_the_same_figures(given, hashed):
    for order in range(ORDERS):
        tables = markets.as_tables(given)
        moved = {name: frame for name, frame in markets.shuffled(tables, order).items() if name in REGISTERS}
        assert not moved["unit_periods"].index.is_monotonic_increasing

        assert markets.hash_of(settled(tables | moved, given)) == hashed


def renamed(labels):
    """New names for labels, of the same kind, that sort in another order."""
    mixed = np.random.default_rng(len(labels)).permutation(labels).tolist()
    return dict(zip(labels, mixed, strict=True))


def test_units_and_parties_under_names_that_sort_otherwise_have_the_same_figures_under_those_names(given, results):
    tables = markets.as_tables(given)
    units = renamed(sorted(set(tables["units"]["bm_unit"])))
    parties = renamed(sorted(set(tables["parties"]["party"])))
    assert [*units] != [*units.values()]
    for frame in tables.values():
        for column, names in (("bm_unit", units), ("party", parties)):
            if column in frame:
                frame[column] = frame[column].map(names)

    def under_new_name(key):
        # An action is labelled by its unit, acceptance and pair.
        parts = (part.split(" ") if isinstance(part, str) else [part] for part in key)
        said = ([units.get(word, parties.get(word, word)) for word in words] for words in parts)
        return tuple(" ".join(words) if isinstance(words[0], str) else words[0] for words in said)

    other = settled(tables, given)

    for name in results.keys() - TOLD_BY_LABEL:
        wanted = {under_new_name(key): value for key, value in markets.by_key(results[name]).items()}
        found = markets.by_key(other[name])
        size = max(1.0, sum(abs(value) for value in wanted.values() if math.isfinite(value)))
        assert set(found) == set(wanted), name
        for key, value in wanted.items():
            assert found[key] == value or abs(found[key] - value) <= 1e-9 * size, (name, key)


def test_two_runs_in_one_process_give_the_same_bits(given, results):
    again = markets.everything(given)

    for name, array in results.items():
        assert again[name].to_numpy().tobytes() == array.to_numpy().tobytes(), name


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_that_share_the_unit_periods_give_the_same_figures(threads, given, hashed, monkeypatch):
    shares, real = [], kernel.volumes

    def listening(begins, ends, *rest):
        shares.append((begins, ends))
        real(begins, ends, *rest)

    monkeypatch.setattr(kernel, "volumes", listening)
    monkeypatch.setattr(kernel, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(config, "NUMBA_NUM_THREADS", threads)

    assert markets.hash_of(markets.everything(given)) == hashed
    begins, ends = zip(*sorted(shares), strict=True)
    assert len(shares) == threads and begins[0] == 0
    assert begins[1:] == ends[:-1], "a unit-period was left out, or done twice"


@pytest.mark.parametrize("threads", [1, 2])
def test_a_process_of_its_own_with_one_thread_or_two_gives_the_same_figures(threads, seed, hashed):
    done = subprocess.run(
        [sys.executable, str(TABLES), str(seed)],
        env=os.environ | {"NUMBA_NUM_THREADS": str(threads)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == hashed


def test_the_hash_notices_one_figure_in_its_last_reported_decimal_and_nothing_below_it(results, hashed):
    due = results["daily_party_net_due"]
    cents = due.to_numpy().round(2)
    plain = markets.hash_of(results | {"daily_party_net_due": due.copy(data=cents)})
    below, above = cents.copy(), cents.copy()
    below[3] += 0.0004
    above[3] += 0.01

    assert markets.hash_of(results | {"daily_party_net_due": due.copy(data=below)}) == plain
    assert markets.hash_of(results | {"daily_party_net_due": due.copy(data=above)}) != plain
    assert len(hashed) == 64
    assert len(results) >= 100


# --- the way through the store: a SYNTHETIC day that is loaded, its rows read in another order ---


class Shuffling:
    """A store whose rows come in another order than they are kept in."""

    def __init__(self, store, order):
        self._store, self._draw, self.moved = store, np.random.default_rng(order), 0

    def __getattr__(self, name):
        return getattr(self._store, name)

    def rows(self, *asked):
        table = self._store.rows(*asked)
        self.moved += table.num_rows > 1
        return table.take(self._draw.permutation(table.num_rows))


@pytest.mark.parametrize("way", ["own stack", "published stack"])
def test_rows_that_a_store_gives_in_another_order_settle_to_the_same_figures(settled_home, way):
    from loaders import store as stores
    from reports.day_inputs import Reading, gather_day
    from reports.settling import settle_gathered
    from settlement.options import chosen

    store = stores.open(settled_home)

    def hash_from(read):
        day = gather_day(read, date(2024, 1, 15), Reading(store.version()), way=way)
        found = settle_gathered(day, chosen())
        return markets.hash_of({name: one for name, one in found.items() if "unit" in getattr(one, "attrs", {})})

    shuffling = Shuffling(store, 5)
    assert hash_from(shuffling) == hash_from(store)
    assert shuffling.moved >= 4
