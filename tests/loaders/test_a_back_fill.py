"""A back-fill of many days takes no more memory than its first weeks, and a large file little more than itself."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders import store

ROOT = Path(__file__).resolve().parents[2]
FIRST = date(2023, 4, 1)
# What is held beside the files that are read together: what is said of each file, a line each.
FLAT_MIB = 40

CHILD = """
import gc, sys
from pathlib import Path
from loaders import load, store
import loaders.formats.json_records

def held(what):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024

folder, first, home = map(Path, sys.argv[1:4])
opened = store.open(home)
load(first, home, store=opened)
gc.collect()
before = held("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
met = []
def told(name):
    met.append(name)
    if len(met) % 1000 == 0:
        print(held("VmHWM") - before)
report = load(folder, home, store=opened, told=told)
assert report.good, report
print(held("VmHWM") - before)
"""


def _feeds() -> Any:
    spec = importlib.util.spec_from_file_location("synthetic_feeds", ROOT / "benchmarks" / "synthetic_feeds.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


feeds = _feeds()


def peaks(folder: Path, tmp_path: Path) -> list[float]:
    """MiB above what a small load before it left, at every thousandth file and at the end, in a process of its own."""
    first = tmp_path / "first"
    first.mkdir()
    feeds.write_stacks(first, FIRST - timedelta(days=1), rows=20)
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), str(first), str(tmp_path / "home")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    return [float(line) for line in child.stdout.split()]


def back_fill(days: int, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    files = [
        path
        for day in range(days)
        for path in feeds.write_stacks(folder, FIRST + timedelta(days=day), rows=20, sides=("offer",))
    ]

    found = peaks(folder, tmp_path)

    opened = store.open(tmp_path / "home")
    assert opened.rows("settlement_stack", FIRST + timedelta(days=days - 1)).num_rows == 48 * 20
    assert len(opened.landings()) == len(files) + 96
    opened.close()
    # The first thousand fill what is read together.
    assert found[-1] <= found[1] + FLAT_MIB, found


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory at its highest is read from /proc")
def test_nine_weeks_of_stacks_take_no_more_memory_than_six(tmp_path):
    back_fill(63, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory at its highest is read from /proc")
def test_a_year_of_stacks_takes_no_more_memory_than_three_weeks(tmp_path):
    back_fill(365, tmp_path)


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory at its highest is read from /proc")
def test_a_file_of_sixty_megabytes_takes_two_and_a_half_times_itself_and_a_hundred(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    draw = np.random.default_rng(3)
    path = folder / f"SYNTHETIC_pn_{feeds.DAY}.json"
    with path.open("w", encoding="utf-8") as file:
        for period in range(1, 49):
            file.write("[" if period == 1 else ",")
            file.write(",".join(feeds.notifications(draw, feeds.DAY, period, 5700)))
        file.write("]")
    size = path.stat().st_size / 2**20

    most = peaks(folder, tmp_path)[-1]

    assert 55 < size < 70
    assert most <= 2.5 * size + 100
