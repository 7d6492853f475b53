"""Continuous acceptance durations, and the kernels' cache on disk."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from settlement.kernels import band_volumes
from settlement.kernels.continuous_acceptance import continuous_minutes


def minutes_of(units):
    offsets = np.cumsum([0, *(len(unit) for unit in units)])
    flat = np.array([span for unit in units for span in unit], np.int64).reshape(-1, 2) * 60
    return continuous_minutes(offsets, flat[:, 0].copy(), flat[:, 1].copy()).tolist()


def test_durations_of_the_worked_case_are_those_counted_by_hand(shared):
    folder = shared / "rules/cases/price/cadl-durations"
    with (folder / "given_acceptances.csv").open() as file:
        spans = [
            (
                row["bm_unit"],
                *(int(datetime.fromisoformat(row[column]).timestamp()) for column in ("time_from", "time_to")),
            )
            for row in csv.DictReader(file)
        ]
    with (folder / "expected_flags.csv").open() as file:
        expected = list(csv.DictReader(file))
    names = sorted({name for name, *_ in spans})
    offsets = np.cumsum([0, *(sum(name == each for name, *_ in spans) for each in names)])

    minutes = continuous_minutes(offsets, *(np.array([span[n] for span in spans]) for n in (1, 2)))

    assert minutes.tolist() == [float(row["continuous_minutes"]) for row in expected]
    assert [str(own < float(row["cadl_minutes"])).lower() for own, row in zip(minutes, expected, strict=True)] == [
        row["cadl_flag"] for row in expected
    ]


def test_a_long_acceptance_joins_all_that_begin_before_it_ends():
    assert minutes_of([[(0, 60), (10, 20), (59, 61), (62, 70)], [(0, 5)]]) == [61, 61, 61, 8, 5]


def test_acceptances_of_different_units_never_join():
    assert minutes_of([[(0, 9)], [], [(9, 18)]]) == [9, 9]


@given(st.lists(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 15)), max_size=6), max_size=3))
@settings(deadline=None)
def test_durations_are_those_of_the_minutes_coloured_in_one_by_one(units):
    units = [[(first, first + length) for first, length in unit] for unit in units]

    own = minutes_of(units)

    expected = []
    for unit in units:
        # Half minutes, both ends coloured: acceptances that abut share one, acceptances a minute apart do not.
        coloured = {half for first, last in unit for half in range(2 * first, 2 * last + 1)}
        for first, last in unit:
            low, high = 2 * first, 2 * last
            while low - 1 in coloured:
                low -= 1
            while high + 1 in coloured:
                high += 1
            expected.append((high - low) / 2)
    assert own == expected


RUN = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from copied_kernel import _add_one_way
offer, bid = np.zeros(1), np.zeros(1)
_add_one_way(0.5, 0.0, 0.0, 40.0, 40.0, np.array([[0.0, 0.0, 50.0, 50.0]]), 0.0, 1.0, offer, bid)
print(offer[0], sum(_add_one_way.stats.cache_hits.values()))
"""


def test_an_edited_callee_is_noticed_although_kernels_are_cached_on_disk(tmp_path):
    source = Path(band_volumes.__file__).read_text()
    copied = tmp_path / "copied_kernel.py"

    def run():
        command = [sys.executable, "-c", RUN, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    copied.write_text(source)
    first, again = run(), run()
    edited = source.replace(
        "return (left + right) / 2\n    return _mean_above", "return left + right\n    return _mean_above"
    )
    assert edited != source
    copied.write_text(edited)
    after = run()

    assert first == ["20.0", "0"]
    assert again == ["20.0", "1"], "the cache on disk was not used, so this test shows nothing"
    assert after[0] == "40.0"


KERNELS = [path for path in sorted(Path(band_volumes.__file__).parent.glob("*.py")) if "@njit" in path.read_text()]


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.name)
def test_a_file_of_kernels_calls_nothing_outside_itself_and_reorders_no_sum(path):
    source = path.read_text()

    assert "from settlement" not in source
    assert "import settlement" not in source
    assert "fastmath=" not in source
