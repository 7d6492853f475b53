"""Peak memory of settling a day of GB size, from notifications to what each Party is due, every usual result kept.

    python benchmarks/settled_day_memory.py [--json]

The day is SYNTHETIC (`synthetic_gb_day.py`) and made here; a process of its own reads its columns from a file, builds
the inputs and settles them. Its peak is the high water mark of the resident set, code of the packages included; no page
of the process that made the day counts in it. The first such process is not counted: it fills the cache of compiled
loops.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WANTED = 600  # MiB
ROUNDS = 3


def peak():
    """MiB the resident set of this process has had at most.

    What `getrusage` tells a started process is no less than the peak of the one that started it, so the kernel's own
    mark stands first.
    """
    status = Path("/proc/self/status")
    if status.exists():
        marks = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(marks[0].split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def settled(path):
    """Settle the day in the file; peaks in MiB as it goes, seconds, and how much is kept."""
    from synthetic_gb_day import HOW, inputs, usual_results

    from settlement import quantities, settle
    from settlement.kernels import accepted_volumes, price_margins, price_ranking  # noqa: F401

    wanted = usual_results()
    quantities(**HOW)
    marks = {"packages and graph": peak()}
    inputs_of_day = inputs(*pickle.loads(path.read_bytes()))
    marks["inputs built"] = peak()
    began = time.perf_counter()
    results = settle(inputs_of_day, wanted, **HOW)
    seconds = time.perf_counter() - began
    marks["settled"] = peak()
    arrays = [one for one in results.values() if hasattr(one, "nbytes")]
    given = [one for one in inputs_of_day.values() if hasattr(one, "nbytes")]
    return {
        "peak_mib": marks,
        "seconds": seconds,
        "results": len(arrays),
        "values_kept_mib": sum(one.data.nbytes for one in arrays) / 2**20,
        "values_given_mib": sum(one.data.nbytes for one in given) / 2**20,
    }


def fresh(path):
    """The same, in a process of its own."""
    command = [sys.executable, __file__, "--settle", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measured():
    """The round with the highest peak of three, and what was settled."""
    from synthetic_gb_day import size_of, synthetic_day

    size = size_of()
    day = synthetic_day(size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "SYNTHETIC.pickle"
        path.write_bytes(pickle.dumps((day, size)))
        fresh(path)
        rounds = [fresh(path) for _ in range(ROUNDS)]
    worst = max(rounds, key=lambda one: one["peak_mib"]["settled"])
    met = worst["peak_mib"]["settled"] <= WANTED
    rows = {"units": size.units, "notification lines": len(day["notification"]["segment"]),
            "acceptances": len(day["acceptance_rows"]["bm_unit"]), "pairs": len(day["pair_rows"]["pair"]),
            "periods": size.periods}  # fmt: skip
    return worst | {"wanted_mib": WANTED, "ratio": worst["peak_mib"]["settled"] / WANTED, "met": met, "rows": rows}


def main():
    asked = argparse.ArgumentParser(description="Peak memory of settling a SYNTHETIC day of GB size.")
    asked.add_argument("--json", action="store_true", help="print one object instead of a table")
    asked.add_argument("--settle", type=Path, help=argparse.SUPPRESS)
    words = asked.parse_args()
    found = settled(words.settle) if words.settle else measured()
    if words.json or words.settle:
        print(json.dumps(found))
        return
    print("SYNTHETIC day:", ", ".join(f"{count:,} {what}" for what, count in found["rows"].items()))
    print(f"  settled in {found['seconds']:.1f} s; {found['results']} results kept", end=", ")
    print(f"their values {found['values_kept_mib']:.0f} MiB, those given {found['values_given_mib']:.0f} MiB")
    for name, mib in found["peak_mib"].items():
        print(f"  peak, {name:<20}{mib:>8.0f} MiB")
    print(f"{'work':<20}{'measured':>12}{'wanted':>12}{'ratio':>8}  met")
    print(f"{'settled day':<20}{found['peak_mib']['settled']:>8.0f} MiB{f'<= {WANTED} MiB':>12}", end="")
    print(f"{found['ratio']:>8.2f}  {'yes' if found['met'] else 'no'}")


if __name__ == "__main__":
    main()
