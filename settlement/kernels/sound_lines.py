"""One look at every line and pair, compiled: whether all is as volumes need it. `volume_checks` says what is not.

Rules    volumes-and-charges.md 2.1, 2.4
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def all_rise(numbers):
    """Whether each number is above the one before it."""
    for place in range(1, len(numbers)):  # noqa: SIM110  what is compiled takes no generator
        if numbers[place] <= numbers[place - 1]:
            return False
    return True


@njit(cache=True)
def lines_sound(lines):
    """Whether every level is a number, and every row ends after it begins and begins after the last has ended."""
    for group in range(len(lines.offsets) - 1):
        for row in range(lines.offsets[group], lines.offsets[group + 1]):
            if not (np.isfinite(lines.level_from[row]) and np.isfinite(lines.level_to[row])):
                return False
            if lines.time_to[row] < lines.time_from[row]:
                return False
            if row > lines.offsets[group] and lines.time_from[row] < lines.time_to[row - 1]:
                return False
    return True


@njit(cache=True)
def pairs_sound(pair_number, pairs):
    """Whether every level is a number on the side that its pair says, and pairs do not fall in a unit-period."""
    for group in range(len(pairs.offsets) - 1):
        for row in range(pairs.offsets[group], pairs.offsets[group + 1]):
            level_from, level_to, number = pairs.level_from[row], pairs.level_to[row], pair_number[row]
            if number > 0:
                sound = level_from >= 0 and level_to >= 0
            else:
                sound = level_from <= 0 and level_to <= 0 and number < 0
            if not sound or np.isinf(level_from) or np.isinf(level_to):
                return False
            if row > pairs.offsets[group] and number < pair_number[row - 1]:
                return False
    return True
