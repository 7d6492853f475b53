"""Accepted volumes of a GB day: the kernel against plain Python with exact integrals, and two minute grids.

    python benchmarks/accepted_volumes.py

The day is SYNTHETIC: 2,900 units of which 450 take 15,000 acceptances, 12 bands each, profiles in whole minutes with
steps. Variants run in turn in one process; the table gives medians and ratios of medians. Ours takes the checks on
its arguments along; the peers start from tuples and arrays made ready for them. Plain Python must give the same bits;
minute grids are wrong wherever lines cross or step inside a minute. pandas resamples a sample of the unit-periods with
acceptances, scaled to all of them.
"""

from __future__ import annotations

import gc
import statistics
import time
from itertools import pairwise

import numpy as np
import pandas as pd

from settlement.kernels.accepted_volumes import Lines, accepted_volumes

UNITS, ACTIVE, ACCEPTANCES, PERIODS, HALF_HOUR = 2_900, 450, 15_000, 48, 1_800
PAIRS = (-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6)
SAMPLE = 40  # unit-periods that pandas resamples
WANTED = {"plain Python, exact": 30, "numpy minute grid": 50, "pandas by the minute": 15_000}
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


def between(time, line):
    begins, ends, level_from, level_to = line
    if time == begins:
        return level_from
    if time == ends:
        return level_to
    return level_from + (level_to - level_from) * ((time - begins) / (ends - begins))


def within(lines, start, end):
    """Lines inside a period, timed from its start."""
    found = []
    for line in lines:
        begins, ends = max(line[0], start), min(line[1], end)
        if begins < ends:
            found.append((float(begins - start), float(ends - start), between(begins, line), between(ends, line)))
    return found


def profile_after(previous, own):
    """Rule 2.6: an acceptance's own lines between its ends, the previous profile outside them."""
    first, last = own[0][0], own[-1][1]
    before = [(a, min(b, first), p, between(min(b, first), (a, b, p, q))) for a, b, p, q in previous if a < first]
    after = [(max(a, last), b, between(max(a, last), (a, b, p, q)), q) for a, b, p, q in previous if b > last]
    return before + own + after


def mean_above(left, right):
    if left <= 0 and right <= 0:
        return 0.0
    if left >= 0 and right >= 0:
        return (left + right) / 2
    top = max(left, right)
    return top * top / (2 * abs(left - right))


def mean_in_band(left, right, wide):
    if left >= wide and right >= wide:
        return wide
    if 0 <= left <= wide and 0 <= right <= wide:
        return (left + right) / 2
    return mean_above(left, right) - mean_above(left - wide, right - wide)


def add_in_bands(offer, bid, row, edges, old, new, hours):
    lowest, highest = min(*old, *new), max(*old, *new)
    rises = new[0] - old[0] + new[1] - old[1] > 0
    for band, (low, high) in enumerate(edges):
        if highest <= low or lowest >= high:
            continue
        moved = mean_in_band(new[0] - low, new[1] - low, high - low)
        moved -= mean_in_band(old[0] - low, old[1] - low, high - low)
        if rises:
            offer[row + band] += max(moved, 0.0) * hours
        else:
            bid[row + band] += min(moved, 0.0) * hours


def add_movement(notified, previous, current, edges, offer, bid, row):
    """One acceptance in one unit-period, over the stretches in which all three profiles are straight."""
    n = p = c = 0
    left = 0.0
    while left < HALF_HOUR:
        right = min(notified[n][1], previous[p][1], current[c][1])
        base = between(left, notified[n]), between(right, notified[n])
        old = between(left, previous[p]) - base[0], between(right, previous[p]) - base[1]
        new = between(left, current[c]) - base[0], between(right, current[c]) - base[1]
        moved, hours = (new[0] - old[0], new[1] - old[1]), (right - left) / 3600
        if moved[0] * moved[1] < 0:
            share = moved[0] / (moved[0] - moved[1])
            meet = old[0] + (old[1] - old[0]) * share
            add_in_bands(offer, bid, row, edges, (old[0], meet), (new[0], meet), hours * share)
            add_in_bands(offer, bid, row, edges, (meet, old[1]), (meet, new[1]), hours * (1 - share))
        elif moved[0] != 0 or moved[1] != 0:
            add_in_bands(offer, bid, row, edges, old, new, hours)
        n, p, c = n + (notified[n][1] == right), p + (previous[p][1] == right), c + (current[c][1] == right)
        left = right


def band_edges(levels):
    below, above = np.cumsum(levels[5::-1])[::-1], np.cumsum(levels[6:])
    return [*zip(below, [*below[1:], 0.0], strict=True), *zip([0.0, *above[:-1]], above, strict=True)]


def plain_python(notified, edges_of, taken):
    """Exact, a period and a unit at a time, over ready tuples; the same sums in the same order as the kernel's."""
    offer, bid, energy = [], [], []
    for place, lines in enumerate(notified):
        period, unit = divmod(place, UNITS)
        start, end = period * HALF_HOUR, (period + 1) * HALF_HOUR
        energy.append(0.0)
        for a, b, p, q in lines:
            energy[-1] += (p + q) / 2 * (b - a) / 3600
        chain = [own for own in taken[unit] if own[0][0] < end and own[-1][1] > start]
        if not chain:
            continue
        base = previous = within(lines, start, end)
        for acceptance in chain:
            current = profile_after(previous, within(acceptance, start, end))
            row = len(offer)
            offer.extend([0.0] * 12)
            bid.extend([0.0] * 12)
            add_movement(base, previous, current, edges_of[unit], offer, bid, row)
            previous = current
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


def by_minute(line_groups, moment):
    """Lines as a series a minute: points resampled and joined, as an analyst does it."""
    times, levels = [], []
    for lines in line_groups:
        for begins, ends, level_from, level_to in lines:
            times += [begins, ends - 1]  # a step at one moment would be two values at one label
            levels += [level_from, level_to]
    series = pd.Series(levels, index=moment + pd.to_timedelta(times, unit="s"))
    return series[~series.index.duplicated()].resample("1min").mean().interpolate()


def pandas_minutes(notified, edges_of, taken, places):
    """Volumes of some unit-periods by resampling with pandas."""
    found, moment = [], pd.Timestamp("2024-01-15", tz="UTC")
    for place in places:
        period, unit = divmod(place, UNITS)
        start, end = period * HALF_HOUR, (period + 1) * HALF_HOUR
        base = by_minute([notified[place]], moment)
        previous = base
        for own in taken[unit]:
            if own[0][0] >= end or own[-1][1] <= start:
                continue
            current = previous.copy()
            levels = by_minute([own], moment)
            current.update(levels[levels.index.isin(current.index)])
            for low, high in edges_of[unit]:
                moved = (current - base).clip(low, high) - (previous - base).clip(low, high)
                found.append((moved.clip(lower=0).mean() / 2, moved.clip(upper=0).mean() / 2))
            previous = current
    return found


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
    print(f"{'variant':<22}{'median s':>10}{'ratio':>10}{'wanted':>10}  met{'worst MWh off':>16}{'off by > 0.001':>16}")
    for name in variants:
        off = np.abs(np.concatenate(answers[name]) - np.concatenate(answers["ours"]))
        if name == "plain Python, exact" and off.any():
            raise SystemExit(f"{np.count_nonzero(off)} volumes are not the bits of plain Python, worst {off.max():.2g}")
        some = np.concatenate(answers["ours"]) != 0
        told(name, statistics.median(times[name]), ours, f"{off.max():>16.2g}{np.mean(off[some] > 0.001):>16.1%}")
    moved = np.unique(accepted_volumes(*arrays).unit_period)
    sample = np.random.default_rng(3).choice(moved, SAMPLE, replace=False)
    began = time.perf_counter()
    found = pandas_minutes(notified, edges_of, taken, sample)
    told("pandas by the minute", (time.perf_counter() - began) * rows / len(found), ours, "")


def told(name, seconds, ours, more):
    """A line of the table."""
    wanted = WANTED.get(name)
    said = "" if wanted is None else "yes" if seconds / ours >= wanted else "no"
    print(f"{name:<22}{seconds:>10.4f}{seconds / ours:>10.1f}{f'>= {wanted:,}' if wanted else '':>10}  {said:<3}{more}")


if __name__ == "__main__":
    main()
