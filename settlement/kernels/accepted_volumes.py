"""Accepted volumes of each acceptance in each band: BSC Section T3.

Every function of time here is made of straight lines, so every integral is exact: the
lines of notification, previous profile and acceptance are cut where any of them begins
or ends and where two of them cross; at a step each side keeps its own limit.

The loops are in `band_volumes` and `acceptance_ends`; here arguments are checked and named.

Reads    periods, unit-periods, notifications, bid-offer pairs, acceptances, as flat arrays
Gives    accepted offer and bid volumes a row, notified energy, warnings
Rules    volumes-and-charges.md, sections 2, 3 and 10
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import config
from numpy.typing import NDArray

from settlement.kernels.acceptance_ends import levels_off_profile
from settlement.kernels.band_volumes import Found, overlapping_acceptances, row_places, volumes
from settlement.kernels.volume_checks import Integers, Lines, Reals, refuse, refuse_unsound

# Less than this, in MWh beyond the bands or in MW off the profile, is rounding and not worth a warning.
SMALLEST_WARNED = 1e-9
# Unit-periods from which on a second thread is worth its start.
WORTH_A_THREAD = 10_000
MOST_STEPS = 1_000  # in which the work is cut


class AcceptedVolumes(NamedTuple):
    """Rows in order of unit-period, acceptance, pair; indices count the rows of the arguments, from 0."""

    unit_period: Integers
    acceptance: Integers
    pair_row: Integers  # the first row of the pair
    accepted_offer_volume: Reals  # QAO^kn_ij, MWh, zero or more
    accepted_bid_volume: Reals  # QAB^kn_ij, MWh, zero or less
    notified_energy: Reals  # Period FPN of each unit-period, MWh, export positive
    notification_defaulted: Integers  # unit-periods without a notification: FPN is 0
    notification_gaps: Integers  # unit-periods whose notification does not cover the period
    pair_gaps: Integers  # first rows of pairs, where accepted, that do not cover the period: 0 MW where silent
    beyond_bands_unit_period: Integers  # movement that belongs to no pair, and is neither paid nor counted
    beyond_bands_acceptance: Integers
    beyond_bands_volume: Reals  # MWh, positive
    ends_off_profile: Integers  # acceptances that end off the previous profile, and none follows on
    ends_off_profile_by: Reals  # MW above it


_KINDS = (np.int64, np.int64, np.int64, np.float64, np.float64)  # of the fields of Lines


def accepted_volumes(
    period_start: Integers,
    period_end: Integers,
    unit_period_period: Integers,
    unit_period_unit: Integers,
    notifications: Lines,
    pair_number: Integers,
    pairs: Lines,
    acceptance_offsets: Integers,
    points: Lines,
) -> AcceptedVolumes:
    """Volumes of every acceptance whose points overlap a period, in every pair submitted for it, zeros included.

    period_start, period_end              (periods,) seconds, in order of time, not overlapping
    unit_period_period, unit_period_unit  (unit_periods,) index of the period and of the unit, in order of both
    notifications                         FPN, a group a unit-period
    pair_number                           (pair rows,) -6 to -1 and 1 to 6, not falling within a unit-period
    pairs                                 levels of the bands, a group a unit-period; >= 0 above FPN, <= 0 below
    acceptance_offsets                    (units + 1,) acceptances of each unit, by acceptance time, then number
    points                                levels of the acceptances, a group an acceptance

    Acceptances that began in an earlier period or day belong in the list: they are the profile before the next.
    A notification with a gap runs straight from point to point across it and holds its nearest level at the ends
    of the period; the unit-period is named in notification_gaps.

    Raises  WrongInput: rows out of order, a level that is no number or on the wrong side of FPN, an acceptance in a
            period for which its unit has no unit-period
    Source  BSC Section T3 (3.2 to 3.9); Annex X-2, interpolation between point values
    """
    period_start, period_end, unit_period_period, unit_period_unit, pair_number, acceptance_offsets = (
        _ready(array, np.int64)
        for array in (period_start, period_end, unit_period_period, unit_period_unit, pair_number, acceptance_offsets)
    )
    notifications, pairs, points = (
        Lines(*(_ready(array, kind) for array, kind in zip(lines, _KINDS, strict=True)))
        for lines in (notifications, pairs, points)
    )
    units = len(acceptance_offsets) - 1
    keys = unit_period_period * units + unit_period_unit
    refuse_unsound(notifications, pair_number, pairs, points, keys)
    overlap_offsets, overlaps, unplaced = overlapping_acceptances(
        period_start, period_end, keys, acceptance_offsets, points
    )
    refuse(unplaced, "acceptances", "one in a period without its unit", "a unit-period, if need be without rows")
    first_row, capacity = row_places(pair_number, pairs, notifications, points, overlap_offsets, overlaps)
    found = _room(first_row[-1], len(keys), len(overlaps), len(pair_number))

    def fill(begins: int, ends: int) -> None:
        volumes(
            begins, ends, period_start, period_end, unit_period_period, notifications, pair_number, pairs,
            overlap_offsets, overlaps, points, first_row, capacity, found,
        )  # fmt: skip

    _in_threads(fill, first_row)
    off_by = levels_off_profile(period_start, period_end, keys, notifications, acceptance_offsets, points)
    beyond_at = np.flatnonzero(found.beyond > SMALLEST_WARNED)
    off_at = np.flatnonzero(np.abs(off_by) > SMALLEST_WARNED)
    return AcceptedVolumes(
        found.unit_period,
        found.acceptance,
        found.pair_row,
        found.offer,
        found.bid,
        found.energy,
        np.flatnonzero(found.defaulted),
        np.flatnonzero(found.gaps),
        np.flatnonzero(found.pair_gaps),
        np.searchsorted(overlap_offsets, beyond_at, side="right") - 1,
        overlaps[beyond_at],
        found.beyond[beyond_at],
        off_at,
        off_by[off_at],
    )


def _room(rows: int, unit_periods: int, overlaps: int, pair_rows: int) -> Found:
    """Arrays to fill. Those of rows are one block: of a large one the system gives pages by the hundred."""
    block = np.empty((5, rows), np.int64)
    offer, bid = block[3].view(np.float64), block[4].view(np.float64)
    offer[:], bid[:] = 0.0, 0.0
    return Found(
        block[0], block[1], block[2], offer, bid, np.zeros(unit_periods), np.zeros(unit_periods, np.bool_),
        np.zeros(unit_periods, np.bool_), np.zeros(overlaps), np.zeros(pair_rows, np.bool_),
    )  # fmt: skip


def _in_threads(fill: Callable[[int, int], None], first_row: Integers) -> None:
    """All unit-periods filled in; threads share them, as much work to each: rows, and unit-periods themselves."""
    unit_periods = len(first_row) - 1
    threads = int(vars(config)["NUMBA_NUM_THREADS"])
    if threads == 1 or unit_periods < WORTH_A_THREAD:
        fill(0, unit_periods)
        return
    step = max(unit_periods // MOST_STEPS, 1)
    marks = np.append(np.arange(0, unit_periods, step), unit_periods)
    work = first_row[marks] + marks
    cuts = marks[np.searchsorted(work, np.linspace(0, work[-1], threads + 1)[1:-1])].tolist()
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(fill, *both) for both in pairwise([0, *cuts, unit_periods])]:
            done.result()


def _ready(array: NDArray, kind: type) -> NDArray:
    """The array as the kernels are compiled for it: contiguous and not read-only, else each kind compiles anew."""
    return np.require(array, kind, ["C_CONTIGUOUS", "WRITEABLE"])
