"""What must hold of lines and pairs before volumes are integrated, else WrongInput with the first row at fault.

Sound rows are looked at once, compiled; only where something is wrong is it looked for by kind.

Reads    lines, in groups: FPN, bid-offer pairs, acceptances
Gives    WrongInput, or nothing
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from settlement.errors import WrongInput
from settlement.kernels.sound_lines import all_rise, lines_sound, pairs_sound

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]


class Lines(NamedTuple):
    """Straight lines in time, in groups: group g is the rows offsets[g] to offsets[g + 1], in order of time."""

    offsets: Integers  # (groups + 1,)
    time_from: Integers  # (rows,) seconds of any fixed epoch
    time_to: Integers
    level_from: Reals  # (rows,) MW, export positive
    level_to: Reals


def refuse_unsound(
    notifications: Lines, pair_number: Integers, pairs: Lines, points: Lines, unit_period_keys: Integers
) -> None:
    """Raise WrongInput for a level that is no number, rows out of order, a pair on the wrong side of FPN."""
    if not all_rise(unit_period_keys):
        early = np.flatnonzero(np.diff(unit_period_keys) <= 0) + 1
        refuse(early, "unit-periods", "one out of order", "order of period, then unit")
    if lines_sound(notifications) and lines_sound(points) and pairs_sound(pair_number, pairs):
        return
    for name, lines in (("notifications", notifications), ("pairs", pairs), ("points", points)):
        silent = ~(np.isfinite(lines.level_from) & np.isfinite(lines.level_to))
        refuse(np.flatnonzero(silent), f"{name}, level", "no number", "MW at both ends of each row")
    for name, lines in (("notifications", notifications), ("points", points)):
        refuse(_rows_out_of_order(lines), f"{name}, time_from", "a row before or over the last", "rows that follow")
    under, over = (pairs.level_from < 0) | (pairs.level_to < 0), (pairs.level_from > 0) | (pairs.level_to > 0)
    wrong_side = (under & (pair_number > 0)) | (over & (pair_number < 0)) | (pair_number == 0)
    refuse(np.flatnonzero(wrong_side), "pairs", "a level on the wrong side", ">= 0 MW from 1 up, <= 0 MW from -1 down")
    falls = (np.diff(pair_number) < 0) & _same_group_as_before(pairs.offsets)
    refuse(np.flatnonzero(falls) + 1, "pairs, pair_number", "one below the last", "rising order in a unit-period")


def _rows_out_of_order(lines: Lines) -> Integers:
    """Rows that end before they begin, or begin before the row ahead of them in their group has ended."""
    wrong = lines.time_to < lines.time_from
    early = lines.time_from[1:] < lines.time_to[:-1]
    wrong[1:] |= early & _same_group_as_before(lines.offsets)
    return np.flatnonzero(wrong)


def _same_group_as_before(offsets: Integers) -> NDArray[np.bool_]:
    """For each row but the first, whether the row ahead belongs to the same group."""
    same = np.ones(max(offsets[-1] - 1, 0), np.bool_)
    borders = offsets[(offsets > 0) & (offsets < offsets[-1])]
    same[borders - 1] = False
    return same


def refuse(rows: Integers, where: str, found: str, wanted: str) -> None:
    """Raise WrongInput with the first of some rows, where there are any."""
    if len(rows):
        raise WrongInput(
            f"{where}, row {rows[0]}: found {found}, wanted {wanted} ({len(rows)} such rows). "
            "Set the rows aside before settling, with the periods they belong to."
        )
