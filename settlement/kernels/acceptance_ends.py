"""Where acceptances end off the profile they return to: the warning of volumes-and-charges.md 2.6.

Everything that a kernel calls stands in this file: numba's cache does not notice an edited
callee elsewhere.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def levels_off_profile(period_start, period_end, keys, notifications, acceptance_offsets, points):
    """MW by which each acceptance ends above the profile before it; 0 where a later one holds at that time.

    FPN at the very end of the last period given is that of this period. An end outside the periods gives 0.
    """
    units = len(acceptance_offsets) - 1
    off_by = np.zeros(len(points.offsets) - 1)
    for unit in range(units):
        first, last = acceptance_offsets[unit], acceptance_offsets[unit + 1]
        for acceptance in range(first, last):
            if points.offsets[acceptance] == points.offsets[acceptance + 1]:
                continue
            end_row = points.offsets[acceptance + 1] - 1
            time, level = points.time_to[end_row], points.level_to[end_row]
            period = np.searchsorted(period_end, time, side="right")
            if period == len(period_end) or period_start[period] > time:
                period -= 1
            if period < 0 or period_end[period] < time:
                continue
            at = np.searchsorted(keys, period * units + unit)
            if at == len(keys) or keys[at] != period * units + unit:
                continue
            if _latest_that_holds(points, acceptance + 1, last, time) >= 0:
                continue
            before = _latest_that_holds(points, first, acceptance, time)
            if before >= 0:
                off_by[acceptance] = level - _level_after(points, before, time)
            else:
                off_by[acceptance] = level - _level_after(notifications, at, time)
    return off_by


@njit(cache=True)
def _latest_that_holds(points, first, stop, time):
    """The latest acceptance of a range with points at and after a time; -1 where there is none."""
    for acceptance in range(stop - 1, first - 1, -1):
        first_row, last_row = points.offsets[acceptance], points.offsets[acceptance + 1] - 1
        if first_row <= last_row and points.time_from[first_row] <= time < points.time_to[last_row]:
            return acceptance
    return -1


@njit(cache=True)
def _level_after(profile, group, time):
    """MW just after a time; the nearest level outside the rows, 0 without rows."""
    level = 0.0
    for row in range(profile.offsets[group], profile.offsets[group + 1]):
        if row == profile.offsets[group] or profile.time_from[row] <= time:
            seconds = profile.time_to[row] - profile.time_from[row]
            share = min(max(time - profile.time_from[row], 0), seconds) / max(seconds, 1)
            level = profile.level_from[row] + (profile.level_to[row] - profile.level_from[row]) * share
    return level
