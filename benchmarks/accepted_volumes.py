"""Accepted volumes of a GB day: the kernel against plain Python with exact integrals, and a numpy minute grid.

    python benchmarks/accepted_volumes.py

The day is SYNTHETIC: 2,900 units of which 450 take 15,000 acceptances, 12 bands each, profiles in whole minutes with
steps. Variants run in turn in one process; the table gives medians and ratios of medians. Ours takes the checks on
its arguments along; the peers start from tuples and arrays made ready for them.
"""

from __future__ import annotations

import gc
import statistics
import time
from itertools import pairwise

import numpy as np

from settlement.kernels.accepted_volumes import Lines, accepted_volumes

UNITS, ACTIVE, ACCEPTANCES, PERIODS, HALF_HOUR = 2_900, 450, 15_000, 48, 1_800
PAIRS = (-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6)
ROUNDS = {"ours": 9, "plain Python, exact": 3, "numpy minute grid": 3}


def abutting_lines(draw, first, last, most_cuts, middle):
    """Lines from one minute to another, joined or with a step."""
    cuts = [first, *sorted(draw.choice(np.arange(first + 1, last), draw.integers(0, most_cuts + 1), False)), last]
    levels = np.round(middle + draw.normal(0, 40, len(cuts)))
    steps = np.where(draw.random(len(cuts)) < 0.2, np.round(draw.normal(0, 30, len(cuts))), 0)
    return [
        (60 * int(a), 60 * int(b), float(levels[n] + steps[n]), float(levels[n + 1]))
        for n, (a, b) in enumerate(pairwise(cuts))
    ]


def synthetic_day(seed=4):
    """Notifications a unit-period, band levels a unit, acceptances a unit."""
    draw = np.random.default_rng(seed)
    middles = np.round(draw.uniform(-50, 400, UNITS))
    notified = [
        abutting_lines(draw, 30 * period, 30 * period + 30, 2, middles[unit])
        for period in range(PERIODS)
        for unit in range(UNITS)
    ]
    levels = np.round(draw.uniform(5, 40, (UNITS, 12))) * np.sign(PAIRS)
    taken: list[list] = [[] for _ in range(UNITS)]
    for unit in np.sort(draw.integers(0, ACTIVE, ACCEPTANCES)):
        first = int(draw.integers(-30, 1_420))
        last = first + int(draw.integers(10, 90))
        taken[unit].append(abutting_lines(draw, first, last, 4, middles[unit]))
    return notified, levels, [sorted(unit) for unit in taken]


def as_lines(groups):
    offsets = np.concatenate(([0], np.cumsum([len(group) for group in groups])))
    columns = list(zip(*(line for group in groups for line in group), strict=True))
    return Lines(offsets, *(np.array(c, t) for c, t in zip(columns, (np.int64, np.int64, float, float), strict=True)))


def as_arrays(notified, levels, taken):
    starts = np.arange(PERIODS) * HALF_HOUR
    period, unit = np.repeat(np.arange(PERIODS), UNITS), np.tile(np.arange(UNITS), PERIODS)
    level = levels[unit].reshape(-1)
    pair_start = np.repeat(starts[period], 12)
    pairs = Lines(np.arange(0, len(level) + 1, 12), pair_start, pair_start + HALF_HOUR, level, level)
    acceptance_offsets = np.concatenate(([0], np.cumsum([len(one) for one in taken])))
    points = as_lines([lines for one in taken for lines in one])
    pair_number = np.tile(PAIRS, len(period))
    return (
        starts,
        starts + HALF_HOUR,
        period,
        unit,
        as_lines(notified),
        pair_number,
        pairs,
        acceptance_offsets,
        points,
    )


def level_between(lines, begins, ends):
    for a, b, p, q in lines:
        if a <= begins and ends <= b:
            return p + (q - p) * (begins - a) / (b - a), p + (q - p) * (ends - a) / (b - a)
    raise ValueError(f"no line from second {begins} to {ends}")


def area_above(left, right, width):
    if left <= 0 and right <= 0:
        return 0.0
    if left >= 0 and right >= 0:
        return (left + right) / 2 * width
    return max(left, right) ** 2 / (2 * abs(left - right)) * width


def add_in_bands(offer, bid, row, edges, old, new, width):
    lowest, highest = min(*old, *new), max(*old, *new)
    rises = new[0] + new[1] > old[0] + old[1]
    for band, (low, high) in enumerate(edges):
        if highest <= low or lowest >= high:
            continue
        moved = area_above(new[0] - low, new[1] - low, width) - area_above(new[0] - high, new[1] - high, width)
        moved -= area_above(old[0] - low, old[1] - low, width) - area_above(old[0] - high, old[1] - high, width)
        if rises:
            offer[row + band] += moved / 3600
        else:
            bid[row + band] += moved / 3600


def band_edges(levels):
    below, above = np.cumsum(levels[5::-1])[::-1], np.cumsum(levels[6:])
    return [*zip(below, [*below[1:], 0.0], strict=True), *zip([0.0, *above[:-1]], above, strict=True)]


def plain_python(notified, edges_of, taken):
    """Exact, a period and a unit at a time, over ready tuples."""
    offer, bid, energy = [], [], []
    for place, lines in enumerate(notified):
        period, unit = divmod(place, UNITS)
        start, end = period * HALF_HOUR, (period + 1) * HALF_HOUR
        energy.append(sum((p + q) / 2 * (b - a) for a, b, p, q in lines) / 3600)
        chain = [own for own in taken[unit] if own[0][0] < end and own[-1][1] > start]
        if not chain:
            continue
        first_row = len(offer)
        offer.extend([0.0] * (12 * len(chain)))
        bid.extend([0.0] * (12 * len(chain)))
        ends = {t for one in (lines, *chain) for line in one for t in line[:2] if start < t < end} | {start, end}
        times = sorted(ends)
        for begins, finish in pairwise(times):
            base = level_between(lines, begins, finish)
            old = (0.0, 0.0)
            for k, own in enumerate(chain):
                if not (own[0][0] <= begins and finish <= own[-1][1]):
                    continue
                level = level_between(own, begins, finish)
                new = (level[0] - base[0], level[1] - base[1])
                left, right = new[0] - old[0], new[1] - old[1]
                row, width = first_row + 12 * k, finish - begins
                if left * right < 0:
                    share = left / (left - right)
                    meet = old[0] + (old[1] - old[0]) * share
                    add_in_bands(offer, bid, row, edges_of[unit], (old[0], meet), (new[0], meet), width * share)
                    add_in_bands(offer, bid, row, edges_of[unit], (meet, old[1]), (meet, new[1]), width * (1 - share))
                elif left or right:
                    add_in_bands(offer, bid, row, edges_of[unit], old, new, width)
                old = new
    return np.array(offer), np.array(bid), np.array(energy)


def minute_levels(lines, minutes):
    columns = np.array(lines)
    row = np.searchsorted(columns[:, 0], minutes, side="right") - 1
    a, b, p, q = columns[row].T
    return p + (q - p) * (minutes - a) / (b - a)


def minute_grid(notified, edges_of, taken):
    """Levels at the middle of each minute, all bands of an acceptance at once."""
    offer, bid, energy = [], [], np.empty(len(notified))
    middles = np.arange(30) * 60 + 30.0
    for place, lines in enumerate(notified):
        period, unit = divmod(place, UNITS)
        minutes = middles + period * HALF_HOUR
        base = minute_levels(lines, minutes)
        energy[place] = base.sum() / 60
        if not taken[unit]:
            continue
        low, high = np.array(edges_of[unit]).T[:, :, None]
        old = np.zeros(30)
        for own in taken[unit]:
            if own[0][0] >= (period + 1) * HALF_HOUR or own[-1][1] <= period * HALF_HOUR:
                continue
            inside = (minutes > own[0][0]) & (minutes < own[-1][1])
            new = old.copy()
            new[inside] = minute_levels(own, minutes[inside]) - base[inside]
            moved = np.clip(new, low, high) - np.clip(old, low, high)
            offer.append(np.maximum(moved, 0).sum(axis=1) / 60)
            bid.append(np.minimum(moved, 0).sum(axis=1) / 60)
            old = new
    return np.concatenate(offer), np.concatenate(bid), energy


def main():
    notified, levels, taken = synthetic_day()
    arrays = as_arrays(notified, levels, taken)
    edges_of = [[(float(low), float(high)) for low, high in band_edges(row)] for row in levels]
    variants = {
        "ours": lambda: accepted_volumes(*arrays)[3:6],
        "plain Python, exact": lambda: plain_python(notified, edges_of, taken),
        "numpy minute grid": lambda: minute_grid(notified, edges_of, taken),
    }
    answers = {"ours": variants["ours"]()}  # compiled, or read from the cache, before the clock runs
    times: dict[str, list[float]] = {name: [] for name in variants}
    for turn in range(max(ROUNDS.values())):
        for name, run in variants.items():
            if turn < ROUNDS[name]:
                gc.collect()
                began = time.perf_counter()
                answers[name] = run()
                times[name].append(time.perf_counter() - began)
    ours = statistics.median(times["ours"])
    rows, points = len(answers["ours"][0]), len(arrays[8].time_from)
    print(f"SYNTHETIC day: {UNITS} units, {ACTIVE} active, {ACCEPTANCES} acceptances of {points} lines, ", end="")
    print(f"{len(arrays[4].time_from)} FPN lines, {rows} rows out")
    print(f"{'variant':<22}{'median s':>10}{'ratio':>8}{'worst MWh off':>16}{'off by > 0.001':>16}")
    for name in variants:
        off = np.abs(np.concatenate(answers[name]) - np.concatenate(answers["ours"]))
        some = np.concatenate(answers["ours"]) != 0
        median = statistics.median(times[name])
        wrong = f"{np.mean(off[some] > 0.001):.1%}"
        print(f"{name:<22}{median:>10.4f}{median / ours:>8.1f}{off.max():>16.2g}{wrong:>16}")


if __name__ == "__main__":
    main()
