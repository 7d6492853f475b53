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

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from settlement.errors import WrongInput
from settlement.kernels.acceptance_ends import levels_off_profile
from settlement.kernels.band_volumes import overlapping_acceptances, volumes

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]

# Less than this, in MWh beyond the bands or in MW off the profile, is rounding and not worth a warning.
SMALLEST_WARNED = 1e-9


class Lines(NamedTuple):
    """Straight lines in time, in groups: group g is the rows offsets[g] to offsets[g + 1], in order of time."""

    offsets: Integers  # (groups + 1,)
    time_from: Integers  # (rows,) seconds of any fixed epoch
    time_to: Integers
    level_from: Reals  # (rows,) MW, export positive
    level_to: Reals


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
    for name, lines in (("notifications", notifications), ("pairs", pairs), ("points", points)):
        silent = ~(np.isfinite(lines.level_from) & np.isfinite(lines.level_to))
        _refuse(np.flatnonzero(silent), f"{name}, level", "no number", "MW at both ends of each row")
    for name, lines in (("notifications", notifications), ("points", points)):
        _refuse(rows_out_of_order(lines), f"{name}, time_from", "a row before or over the last", "rows that follow")
    _refuse(np.flatnonzero(np.diff(keys) <= 0) + 1, "unit-periods", "one out of order", "order of period, then unit")
    under, over = (pairs.level_from < 0) | (pairs.level_to < 0), (pairs.level_from > 0) | (pairs.level_to > 0)
    wrong_side = (under & (pair_number > 0)) | (over & (pair_number < 0)) | (pair_number == 0)
    _refuse(np.flatnonzero(wrong_side), "pairs", "a level on the wrong side", ">= 0 MW from 1 up, <= 0 MW from -1 down")
    falls = (np.diff(pair_number) < 0) & _same_group_as_before(pairs.offsets)
    _refuse(np.flatnonzero(falls) + 1, "pairs, pair_number", "one below the last", "rising order in a unit-period")

    overlap_offsets, overlaps, unplaced = overlapping_acceptances(
        period_start, period_end, keys, acceptance_offsets, points
    )
    _refuse(unplaced, "acceptances", "one in a period without its unit", "a unit-period, if need be without rows")
    *rows, beyond = volumes(
        period_start,
        period_end,
        unit_period_period,
        notifications,
        pair_number,
        pairs,
        overlap_offsets,
        overlaps,
        points,
    )
    off_by = levels_off_profile(period_start, period_end, keys, notifications, acceptance_offsets, points)
    unit_period, acceptance, pair_row, offer, bid, energy, defaulted, gaps, pair_gaps = rows
    beyond_at = np.flatnonzero(beyond > SMALLEST_WARNED)
    off_at = np.flatnonzero(np.abs(off_by) > SMALLEST_WARNED)
    return AcceptedVolumes(
        unit_period,
        acceptance,
        pair_row,
        offer,
        bid,
        energy,
        np.flatnonzero(defaulted),
        np.flatnonzero(gaps),
        np.flatnonzero(pair_gaps),
        np.repeat(np.arange(len(keys)), np.diff(overlap_offsets))[beyond_at],
        overlaps[beyond_at],
        beyond[beyond_at],
        off_at,
        off_by[off_at],
    )


def rows_out_of_order(lines: Lines) -> Integers:
    """Rows that end before they begin, or begin before the row ahead of them in their group has ended."""
    wrong = lines.time_to < lines.time_from
    early = lines.time_from[1:] < lines.time_to[:-1]
    wrong[1:] |= early & _same_group_as_before(lines.offsets)
    return np.flatnonzero(wrong)


def _ready(array: NDArray, kind: type) -> NDArray:
    """The array as the kernels are compiled for it: contiguous and not read-only, else each kind compiles anew."""
    return np.require(array, kind, ["C_CONTIGUOUS", "WRITEABLE"])


def _same_group_as_before(offsets: Integers) -> NDArray[np.bool_]:
    """For each row but the first, whether the row ahead belongs to the same group."""
    same = np.ones(max(offsets[-1] - 1, 0), np.bool_)
    borders = offsets[(offsets > 0) & (offsets < offsets[-1])]
    same[borders - 1] = False
    return same


def _refuse(rows: Integers, where: str, found: str, wanted: str) -> None:
    if len(rows):
        raise WrongInput(
            f"{where}, row {rows[0]}: found {found}, wanted {wanted} ({len(rows)} such rows). "
            "Set the rows aside before settling, with the periods they belong to."
        )
