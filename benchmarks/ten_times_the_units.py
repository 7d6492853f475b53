"""Time against size: accepted volumes and charges of a day with 1, 2, 5 and 10 times the BM Units of GB.

    python benchmarks/ten_times_the_units.py [--json] [--no-picture]

The days are SYNTHETIC (`synthetic_gb_day.py`): with the units grow Parties, accounts, Trading Units, contracts,
reallocations and acceptances. Sizes and works run in turn in one process; ten times the size is held against ten times
the work. Accepted volumes and charges are told through the graph, with exact labels from inputs to results, the places
of labels found already as in `charges_of_a_day.py`; "labels looked up" has them looked up anew. The loops of the
accepted volumes, compiled, stand alone too, on the threads that they take. Ten times the rows are tens of MiB an array:
on a machine where new memory is dear the time of the graph rises by more than the work. The picture is written beside
this file.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from pathlib import Path
from unittest import mock

from charges_peers import WANTED as CHARGES
from synthetic_gb_day import HOW, inputs, size_of, synthetic_day

from reports.charts.scale import Linear
from reports.charts.svg import Drawing, standalone
from settlement import grains, settle
from settlement.kernels import accepted_volumes as loops

TIMES = (1, 2, 5, 10)
ROUNDS, MOST = 5, 10.5
VOLUMES = ("accepted_offer_volume", "accepted_bid_volume", "accepted_volume", "notified_volume")
STAND_INS = ("accepted_offer_volume", "accepted_bid_volume", "notified_volume")
WORKS = ("accepted volumes", "charges", "accepted volumes, loops alone", "accepted volumes, labels looked up",
         "charges, labels looked up")  # fmt: skip
HELD = WORKS[:3]
COLOURS = dict(zip(HELD, ("buy", "exact", "sell"), strict=True))
PICTURE = Path(__file__).with_name("ten_times_the_units.svg")


def works(times):
    """What is timed of one size, by name."""
    size = size_of(times)
    day = synthetic_day(size)
    given = inputs(day, size)
    told = []

    def listening(*arguments):
        told.append(arguments)
        return volumes_of(*arguments)

    volumes_of = loops.accepted_volumes
    with mock.patch.object(loops, "accepted_volumes", listening):
        found = settle(given, VOLUMES, **HOW)
    price = given["settlement_periods"].array(day["prices"]["system_buy_price"])
    published = {name: found[name] for name in STAND_INS} | {"system_buy_price": price, "system_sell_price": price}

    def volumes():
        return settle(given, VOLUMES, **HOW)

    def charges():
        return settle(given, CHARGES, published=published, **HOW)

    def looked_up(run):
        grains._positions.cache_clear()
        return run()

    runs = (volumes, charges, lambda: volumes_of(*told[0]), lambda: looked_up(volumes), lambda: looked_up(charges))
    return dict(zip(WORKS, runs, strict=True))


def measured():
    """Seconds by work and size: the median of the rounds."""
    of_size = {times: works(times) for times in TIMES}
    taken = {name: {times: [] for times in TIMES} for name in WORKS}
    for turn in range(ROUNDS + 1):
        for name in WORKS:
            for times, runs in of_size.items():
                if turn and name in HELD:
                    runs[name]()  # not counted: what ran before leaves memory, caches and places in another state
                gc.collect()
                began = time.perf_counter()
                runs[name]()
                if turn:  # the first round compiles
                    taken[name][times].append(time.perf_counter() - began)
    return {name: {times: statistics.median(one) for times, one in sizes.items()} for name, sizes in taken.items()}


def picture(seconds):
    """The works that are held, in times of their smallest size, beside the line of as much work."""
    shown = {name: {times: one / seconds[name][1] for times, one in seconds[name].items()} for name in HELD}
    top = max(12.0, *(max(one.values()) for one in shown.values()))
    said = "; ".join(f"{name}: {', '.join(f'{n:.1f} at {t}' for t, n in one.items())}" for name, one in shown.items())
    drawing = Drawing("ten-times", 640, 400, "SYNTHETIC: time against the number of BM Units, 1 = GB", said)
    x, y = Linear(0, 10, 60, 430), Linear(0, top, 350, 30)
    for mark in range(0, int(top) + 1, 2):
        drawing.line(60, y(mark), 430, y(mark), "grid")
        drawing.text(52, y(mark) + 4, f"{mark}", "m", "end")
    for times in TIMES:
        drawing.text(x(times), 370, f"{times}", "m", "middle")
    drawing.line(60, 350, 430, 350, "axis")
    drawing.text(60, 18, "time, in times of that of GB (SYNTHETIC day)", "b")
    drawing.text(430, 390, "BM Units, in times of GB (2,900)", "m", "end")
    drawing.line(x(0), y(0), x(10), y(10), "dash")
    places = sorted(((one[10], name) for name, one in shown.items()), reverse=True)
    lowest = 0.0
    for ratio, name in places:
        colour = COLOURS[name]
        ends = " ".join(f"{x(times):.1f},{y(value):.1f}" for times, value in shown[name].items())
        drawing.add(f'<polyline points="{ends}" style="fill:none;stroke:var(--{colour});stroke-width:2"/>')
        for times, value in shown[name].items():
            drawing.circle(x(times), y(value), 3.5, "", style=f"fill:var(--{colour})")
        lowest = max(y(ratio) + 4, lowest + 15)
        drawing.text(440, lowest, f"{ratio:.1f} {name}", "")
    drawing.text(60, 390, "dashed: as the work grows", "m")
    return standalone(drawing.svg())


def main():
    asked = argparse.ArgumentParser(description="Time of a SYNTHETIC day against its number of BM Units.")
    asked.add_argument("--json", action="store_true", help="print one object instead of a table")
    asked.add_argument("--no-picture", action="store_true", help="leave the picture beside this file as it is")
    words = asked.parse_args()
    seconds = measured()
    ratios = {name: one[TIMES[-1]] / one[TIMES[0]] for name, one in seconds.items()}
    met = {name: ratios[name] <= MOST for name in HELD}
    if not words.no_picture:
        PICTURE.write_text(picture(seconds) + "\n", encoding="utf-8")
    if words.json:
        print(json.dumps({"seconds": seconds, "ratio": ratios, "wanted": MOST, "met": met}))
        return
    print(f"SYNTHETIC days of {', '.join(f'{size_of(times).units:,}' for times in TIMES)} units")
    for name, one in seconds.items():
        print(f"  {name:<36}" + "".join(f"{one[times]:>10.4f} s" for times in TIMES))
    print(f"{'work at 10 times the units':<36}{'peer':<16}{'ratio':>8}{'wanted':>10}  met")
    for name, ratio in ratios.items():
        wanted, said = (f"<= {MOST}", "yes" if met[name] else "no") if name in met else ("told", "")
        print(f"{name:<36}{'itself at 1':<16}{ratio:>8.2f}{wanted:>10}  {said}".rstrip())


if __name__ == "__main__":
    main()
