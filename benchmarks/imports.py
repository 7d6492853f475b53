"""How long starting takes, against bare Python and against `import xarray`, in one run.

    python benchmarks/imports.py

Each start is a process of its own; starts run in turn, and the table gives ratios of medians. `first settle ready` has
the graph of rules built and the compiled loops of the price read from their cache: the next line would settle.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 11
READY = """
from settlement import quantities, settle
from settlement.kernels import price_margins, price_ranking
quantities()
"""
STARTS = {
    "bare Python": [sys.executable, "-c", "pass"],
    "import settlement": [sys.executable, "-c", "import settlement"],
    "import xarray": [sys.executable, "-c", "import xarray"],
    "first settle ready": [sys.executable, "-c", READY],
    "bsc --help": [shutil.which("bsc") or str(Path(sys.executable).with_name("bsc")), "--help"],
}
WANTED = (
    ("import settlement", "bare Python", 3),
    ("first settle ready", "import xarray", 2),
    ("bsc --help", "bare Python", 15),
)


def seconds(command):
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main():
    for command in STARTS.values():
        seconds(command)  # files read once, before the clock runs
    taken = {name: [] for name in STARTS}
    for _ in range(ROUNDS):
        for name, command in STARTS.items():
            taken[name].append(seconds(command))
    median = {name: statistics.median(times) for name, times in taken.items()}
    for name, one in median.items():
        print(f"  {name:<20}{one:>8.3f} s")
    print(f"{'work':<20}{'peer':<16}{'ratio':>8}{'wanted':>9}  met")
    for work, peer, wanted in WANTED:
        ratio = median[work] / median[peer]
        print(f"{work:<20}{peer:<16}{ratio:>8.2f}{'<= ' + str(wanted):>9}  {'yes' if ratio <= wanted else 'no'}")


if __name__ == "__main__":
    main()
