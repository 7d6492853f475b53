"""The loops behind `accepted_volumes`: exact integrals of clamped straight lines, BSC Section T3.

Arguments are those of `accepted_volumes`, already checked. Inside a unit-period, times are
seconds from its start and a line is four numbers: time from, time to, level from, level to.

Unit-periods have nothing to do with each other, so threads may share them: each writes rows of its own.
Everything that a kernel calls stands in this file: numba's cache does not notice an edited
callee elsewhere. Never `fastmath`.

Rules    volumes-and-charges.md, sections 2 and 3
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Found(NamedTuple):
    """What `volumes` fills in: rows, then unit-periods, acceptances in unit-periods, and rows of pairs."""

    unit_period: NDArray[np.int64]
    acceptance: NDArray[np.int64]
    pair_row: NDArray[np.int64]
    offer: NDArray[np.float64]
    bid: NDArray[np.float64]
    energy: NDArray[np.float64]
    defaulted: NDArray[np.bool_]
    gaps: NDArray[np.bool_]
    beyond: NDArray[np.float64]
    pair_gaps: NDArray[np.bool_]


@njit(cache=True)
def overlapping_acceptances(period_start, period_end, keys, acceptance_offsets, points):
    """The acceptances whose points overlap each unit-period, in order, as offsets and indices; and those unplaced."""
    units = len(acceptance_offsets) - 1
    offsets = np.zeros(len(keys) + 1, np.int64)
    overlaps = np.empty(0, np.int64)
    unplaced = np.zeros(len(points.offsets) - 1, np.bool_)
    place = offsets[:-1].copy()
    for counting in (True, False):
        for unit in range(units):
            for acceptance in range(acceptance_offsets[unit], acceptance_offsets[unit + 1]):
                first, last = points.offsets[acceptance], points.offsets[acceptance + 1] - 1
                if first > last or points.time_from[first] == points.time_to[last]:
                    continue
                period = np.searchsorted(period_end, points.time_from[first], side="right")
                while period < len(period_start) and period_start[period] < points.time_to[last]:
                    at = np.searchsorted(keys, period * units + unit)
                    if at == len(keys) or keys[at] != period * units + unit:
                        unplaced[acceptance] = True
                    elif counting:
                        offsets[at + 1] += 1
                    else:
                        overlaps[place[at]] = acceptance
                        place[at] += 1
                    period += 1
        if counting:
            offsets = np.cumsum(offsets)
            overlaps = np.empty(offsets[-1], np.int64)
            place = offsets[:-1].copy()
    return offsets, overlaps, np.flatnonzero(unplaced)


@njit(cache=True)
def row_places(pair_number, pairs, notifications, points, overlap_offsets, overlaps):
    """The first row of each unit-period, and of how many lines a profile can be at most."""
    unit_periods = len(overlap_offsets) - 1
    first_row, capacity = np.zeros(unit_periods + 1, np.int64), 1
    for at in range(unit_periods):
        accepted = overlap_offsets[at + 1] - overlap_offsets[at]
        first_row[at + 1] = first_row[at]
        if accepted:
            first_row[at + 1] += accepted * _pair_count(pair_number, pairs, at)
        width = 2 * (notifications.offsets[at + 1] - notifications.offsets[at]) + 3
        for entry in range(overlap_offsets[at], overlap_offsets[at + 1]):
            width += 2 * (points.offsets[overlaps[entry] + 1] - points.offsets[overlaps[entry]]) + 2
        capacity = max(capacity, width)
    return first_row, capacity


@njit(cache=True, nogil=True)
def volumes(
    begins, ends, period_start, period_end, period_of, notifications, pair_number, pairs, overlap_offsets, overlaps,
    points, first_row, capacity, found,
):  # fmt: skip
    """Rows and warnings of the unit-periods from one up to another, one after the other, each in its place."""
    notified, previous = np.empty((capacity, 4)), np.empty((capacity, 4))
    current, own = np.empty((capacity, 4)), np.empty((capacity, 4))
    for at in range(begins, ends):
        start, end = period_start[period_of[at]], period_end[period_of[at]]
        notified_count, found.defaulted[at], found.gaps[at] = _notified_lines(notifications, at, start, end, notified)
        for line in range(notified_count):
            seconds = notified[line, 1] - notified[line, 0]
            found.energy[at] += (notified[line, 2] + notified[line, 3]) / 2 * seconds / 3600
        if overlap_offsets[at] == overlap_offsets[at + 1]:
            continue
        steady = _mark_pair_gaps(pair_number, pairs, at, start, end, found.pair_gaps)
        bands = (first_row[at + 1] - first_row[at]) // (overlap_offsets[at + 1] - overlap_offsets[at])
        edges = np.zeros((bands, 4))
        _band_edges(pair_number, pairs, at, start, end, edges)
        previous[:notified_count] = notified[:notified_count]
        previous_count, row = notified_count, first_row[at]
        for entry in range(overlap_offsets[at], overlap_offsets[at + 1]):
            own_count = _lines_within(points, overlaps[entry], start, end, own, 0)
            current_count = _acceptance_profile(previous, previous_count, own, own_count, current)
            found.unit_period[row : row + bands], found.acceptance[row : row + bands] = at, overlaps[entry]
            _name_pairs(pair_number, pairs, at, found.pair_row[row : row + bands])
            found.beyond[entry] = _add_movement(
                end - start,
                notified,
                previous,
                current,
                steady,
                pair_number,
                pairs,
                at,
                start,
                edges,
                found.offer[row : row + bands],
                found.bid[row : row + bands],
            )
            row += bands
            previous, current, previous_count = current, previous, current_count


@njit(cache=True)
def _acceptance_profile(previous, previous_count, own, own_count, current):
    """Rule 2.6: between its first and last point the acceptance's own lines, outside them the previous profile.

    This function alone says what holds outside an acceptance's own points.
    """
    count = 0
    for line in range(previous_count):
        if previous[line, 0] < own[0, 0]:
            count = _put(current, count, previous, line, previous[line, 0], min(previous[line, 1], own[0, 0]))
    for line in range(own_count):
        count = _put(current, count, own, line, own[line, 0], own[line, 1])
    for line in range(previous_count):
        if previous[line, 1] > own[own_count - 1, 1]:
            begins = max(previous[line, 0], own[own_count - 1, 1])
            count = _put(current, count, previous, line, begins, previous[line, 1])
    return count


@njit(cache=True)
def _put(target, count, source, line, begins, ends):
    """Keeps the piece of a line between two times; gives the new count."""
    return _write(target, count, begins, ends, _level(source, line, begins), _level(source, line, ends))


@njit(cache=True)
def _write(lines, count, begins, ends, level_from, level_to):
    lines[count, 0], lines[count, 1], lines[count, 2], lines[count, 3] = begins, ends, level_from, level_to
    return count + 1


@njit(cache=True)
def _level(lines, line, time):
    return _between(time, lines[line, 0], lines[line, 1], lines[line, 2], lines[line, 3])


@njit(cache=True)
def _between(time, time_from, time_to, level_from, level_to):
    """MW of a straight line at a time; exact at both ends."""
    if time == time_from:
        return level_from
    if time == time_to:
        return level_to
    return level_from + (level_to - level_from) * ((time - time_from) / (time_to - time_from))


@njit(cache=True)
def _lines_within(profile, group, start, end, lines, count):
    """Lines of a group inside a window, timed from its start; a hole between rows is joined from point to point."""
    first = profile.offsets[group]
    for row in range(first, profile.offsets[group + 1]):
        time_from, time_to = profile.time_from[row], profile.time_to[row]
        level_from, level_to = profile.level_from[row], profile.level_to[row]
        if row > first:
            ended, left_at = profile.time_to[row - 1], profile.level_to[row - 1]
            count = _clip(ended, time_from, left_at, level_from, start, end, lines, count)
        count = _clip(time_from, time_to, level_from, level_to, start, end, lines, count)
    return count


@njit(cache=True)
def _clip(time_from, time_to, level_from, level_to, start, end, lines, count):
    """Keeps what lies inside the window of one line; gives the new count."""
    begins, ends = max(time_from, start), min(time_to, end)
    if begins >= ends:
        return count
    left = _between(begins, time_from, time_to, level_from, level_to)
    right = _between(ends, time_from, time_to, level_from, level_to)
    return _write(lines, count, begins - start, ends - start, left, right)


@njit(cache=True)
def _notified_lines(notifications, at, start, end, lines):
    """FPN over the whole period; whether it is 0 for want of rows; whether rows leave a gap."""
    first, last = notifications.offsets[at], notifications.offsets[at + 1] - 1
    length = float(end - start)
    if first > last or notifications.time_to[last] <= start or notifications.time_from[first] >= end:
        return _write(lines, 0, 0.0, length, 0.0, 0.0), True, False
    count, gap = 0, False
    if notifications.time_from[first] > start:
        level = notifications.level_from[first]
        count, gap = _write(lines, 0, 0.0, notifications.time_from[first] - start, level, level), True
    count = _lines_within(notifications, at, start, end, lines, count)
    for row in range(first, last):
        meets, next_begins = notifications.time_to[row], notifications.time_from[row + 1]
        gap = gap or (max(meets, start) < min(next_begins, end))
    if lines[count - 1, 1] < length:
        level = lines[count - 1, 3]
        count, gap = _write(lines, count, lines[count - 1, 1], length, level, level), True
    return count, False, gap


@njit(cache=True)
def _starts_pair(pair_number, pairs, at, row):
    """Whether a row is the first of its pair in its unit-period: a pair may change level in further rows."""
    return row == pairs.offsets[at] or pair_number[row] != pair_number[row - 1]


@njit(cache=True)
def _pair_count(pair_number, pairs, at):
    count = 0
    for row in range(pairs.offsets[at], pairs.offsets[at + 1]):
        count += _starts_pair(pair_number, pairs, at, row)
    return count


@njit(cache=True)
def _name_pairs(pair_number, pairs, at, rows):
    """The first row of each pair of a unit-period."""
    place = 0
    for candidate in range(pairs.offsets[at], pairs.offsets[at + 1]):
        if _starts_pair(pair_number, pairs, at, candidate):
            rows[place] = candidate
            place += 1


@njit(cache=True)
def _mark_pair_gaps(pair_number, pairs, at, start, end, pair_gaps):
    """Marks pairs that do not cover the period; gives whether every pair has one level throughout."""
    steady = True
    row = pairs.offsets[at]
    while row < pairs.offsets[at + 1]:
        first, covered = row, start
        while row < pairs.offsets[at + 1] and pair_number[row] == pair_number[first]:
            if pairs.time_from[row] <= covered:
                covered = max(covered, pairs.time_to[row])
            steady = steady and pairs.level_from[row] == pairs.level_to[row]
            row += 1
        pair_gaps[first] = covered < end
        steady = steady and covered >= end and row == first + 1
    return steady


@njit(cache=True)
def _band_edges(pair_number, pairs, at, left, right, edges):
    """Lower edge at left and right, upper edge at left and right of each band, in MW above FPN (BOLR, BOUR less FPN).

    No row of a pair may begin or end between left and right. A pair that is silent there is 0 MW.
    """
    edges[:] = 0.0
    band, below = -1, 0
    for row in range(pairs.offsets[at], pairs.offsets[at + 1]):
        if _starts_pair(pair_number, pairs, at, row):
            band += 1
            below += pair_number[row] < 0
        if pairs.time_from[row] <= left and pairs.time_to[row] >= right:
            level_from, level_to = pairs.level_from[row], pairs.level_to[row]
            edges[band, 2] = _between(left, pairs.time_from[row], pairs.time_to[row], level_from, level_to)
            edges[band, 3] = _between(right, pairs.time_from[row], pairs.time_to[row], level_from, level_to)
    for side in range(2):
        reached = 0.0
        for band in range(below, len(edges)):
            edges[band, side] = reached
            reached += edges[band, 2 + side]
            edges[band, 2 + side] = reached
        reached = 0.0
        for band in range(below - 1, -1, -1):
            edges[band, side] = reached + edges[band, 2 + side]
            edges[band, 2 + side] = reached
            reached = edges[band, side]


@njit(cache=True)
def _add_movement(length, notified, previous, current, steady, pair_number, pairs, at, start, edges, offer, bid):
    """Adds QAO and QAB of one acceptance to its bands; gives the movement beyond all bands, MWh."""
    n, p, c = 0, 0, 0
    left, beyond = 0.0, 0.0
    while left < length:
        right = min(notified[n, 1], previous[p, 1], current[c, 1])
        if not steady:
            for row in range(pairs.offsets[at], pairs.offsets[at + 1]):
                for cut in (float(pairs.time_from[row] - start), float(pairs.time_to[row] - start)):
                    if left < cut < right:
                        right = cut
            _band_edges(pair_number, pairs, at, left + start, right + start, edges)
        fpn_left, fpn_right = _level(notified, n, left), _level(notified, n, right)
        old_left, old_right = _level(previous, p, left) - fpn_left, _level(previous, p, right) - fpn_right
        new_left, new_right = _level(current, c, left) - fpn_left, _level(current, c, right) - fpn_right
        moved_left, moved_right = new_left - old_left, new_right - old_right
        hours = (right - left) / 3600
        if moved_left * moved_right < 0:
            share = moved_left / (moved_left - moved_right)
            meet = old_left + (old_right - old_left) * share
            beyond += _add_one_way(hours * share, old_left, meet, new_left, meet, edges, 0.0, share, offer, bid)
            beyond += _add_one_way(hours * (1 - share), meet, old_right, meet, new_right, edges, share, 1.0, offer, bid)
        elif moved_left != 0 or moved_right != 0:
            beyond += _add_one_way(hours, old_left, old_right, new_left, new_right, edges, 0.0, 1.0, offer, bid)
        n += notified[n, 1] == right
        p += previous[p, 1] == right
        c += current[c, 1] == right
        left = right
    return beyond


@njit(cache=True)
def _add_one_way(hours, old_left, old_right, new_left, new_right, edges, share_left, share_right, offer, bid):
    """The same over a stretch in which the acceptance lies on one side of the previous profile: no band changes sign.

    Levels are MW above FPN; the shares say where the stretch lies between the ends of the edges.
    """
    rises = new_left - old_left + new_right - old_right > 0
    lowest, highest = min(old_left, old_right, new_left, new_right), max(old_left, old_right, new_left, new_right)
    bottom_left, bottom_right, top_left, top_right = 0.0, 0.0, 0.0, 0.0
    if len(edges):
        bottom_left, bottom_right = _part(edges[0, 0], edges[0, 1], share_left, share_right)
        top_left, top_right = _part(edges[-1, 2], edges[-1, 3], share_left, share_right)
    for band in range(len(edges)):
        if highest <= min(edges[band, 0], edges[band, 1]):
            break  # bands rise: the next lie higher still
        if lowest >= max(edges[band, 2], edges[band, 3]):
            continue
        low_left, low_right = _part(edges[band, 0], edges[band, 1], share_left, share_right)
        high_left, high_right = _part(edges[band, 2], edges[band, 3], share_left, share_right)
        wide_left, wide_right = high_left - low_left, high_right - low_right
        moved = _mean_in_band(new_left - low_left, new_right - low_right, wide_left, wide_right)
        moved -= _mean_in_band(old_left - low_left, old_right - low_right, wide_left, wide_right)
        if rises:
            offer[band] += max(moved, 0.0) * hours
        else:
            bid[band] += min(moved, 0.0) * hours
    over = _mean_above(new_left - top_left, new_right - top_right)
    over -= _mean_above(old_left - top_left, old_right - top_right)
    under = _mean_above(bottom_left - new_left, bottom_right - new_right)
    under -= _mean_above(bottom_left - old_left, bottom_right - old_right)
    return (abs(over) + abs(under)) * hours


@njit(cache=True)
def _part(left, right, share_left, share_right):
    """Both ends of a part of a straight line; exact where the line is level."""
    return left + (right - left) * share_left, left + (right - left) * share_right


@njit(cache=True)
def _mean_in_band(left, right, wide_left, wide_right):
    """Mean of a straight line held between 0 and the width of a band."""
    if left >= wide_left and right >= wide_right:
        return (wide_left + wide_right) / 2
    if 0 <= left <= wide_left and 0 <= right <= wide_right:
        return (left + right) / 2
    return _mean_above(left, right) - _mean_above(left - wide_left, right - wide_right)


@njit(cache=True)
def _mean_above(left, right):
    """Mean of the part of a straight line above 0."""
    if left <= 0 and right <= 0:
        return 0.0
    if left >= 0 and right >= 0:
        return (left + right) / 2
    return max(left, right) ** 2 / (2 * abs(left - right))
