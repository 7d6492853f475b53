"""Accepted volumes: BSC Section T3.

How far each acceptance moved a BM Unit inside each of its Bid-Offer Pairs, integrated
exactly over straight lines, with crossings solved.

Reads    notifications, pairs, acceptances and their points
Gives    accepted_offer_volume_by_acceptance, accepted_bid_volume_by_acceptance, accepted_offer_volume,
         accepted_bid_volume, accepted_volume, notified_volume
Rules    volumes-and-charges.md, sections 2 and 3
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import tag

from settlement.carried import AcceptedRows
from settlement.grains import Grain, coded_grain, full_grain, positions, total

PERIOD_SECONDS = 1800


def acceptance_order(acceptance_time: xr.DataArray, acceptance_rows: Grain) -> np.ndarray:
    """Positions of acceptances by unit, then acceptance time, then number: the order of the chain."""
    number, unit = acceptance_rows.codes("acceptance_number"), acceptance_rows.codes("bm_unit")
    return np.lexsort((number, acceptance_time.to_numpy(), unit))


def accepted_rows(
    period_start: xr.DataArray,
    unit_periods: Grain,
    notification_rows: Grain,
    notification_time_from: xr.DataArray,
    notification_time_to: xr.DataArray,
    notification_level_from: xr.DataArray,
    notification_level_to: xr.DataArray,
    pair_level_rows: Grain,
    pair_time_from: xr.DataArray,
    pair_time_to: xr.DataArray,
    pair_level_from: xr.DataArray,
    pair_level_to: xr.DataArray,
    acceptance_rows: Grain,
    acceptance_order: np.ndarray,
    acceptance_point_rows: Grain,
    point_time_from: xr.DataArray,
    point_time_to: xr.DataArray,
    point_level_from: xr.DataArray,
    point_level_to: xr.DataArray,
) -> AcceptedRows:
    """Accepted volumes of every acceptance in force in a period, in every pair submitted for it."""
    from settlement.kernels.accepted_volumes import Lines, accepted_volumes

    periods, units = unit_periods.indexes
    starts = period_start.to_numpy().astype(np.int64)

    in_chain_at = np.empty_like(acceptance_order)
    in_chain_at[acceptance_order] = np.arange(len(acceptance_order))

    def offsets_of(group: np.ndarray, groups: int) -> np.ndarray:
        offsets = np.zeros(groups + 1, np.int64)
        np.cumsum(np.bincount(group, minlength=groups), out=offsets[1:])
        return offsets

    def lines(rows: Grain, target: Grain, place_of: np.ndarray | None, *columns: xr.DataArray) -> Lines:
        group = positions(target, rows)
        if place_of is not None:
            group = place_of[group]
        told = [column.to_numpy() for column in columns]
        if (group[1:] < group[:-1]).any():
            sorting = np.argsort(group, kind="stable")
            group, told = group[sorting], [column[sorting] for column in told]
        begin, end = (column.astype(np.int64, copy=False) for column in told[:2])
        level_from, level_to = (column.astype(np.float64, copy=False) for column in told[2:])
        return Lines(offsets_of(group, target.size), begin, end, level_from, level_to)

    unit_of = positions(full_grain(bm_unit=units), acceptance_rows)[acceptance_order]
    found = accepted_volumes(
        starts,
        starts + PERIOD_SECONDS,
        np.repeat(np.arange(len(periods)), len(units)),
        np.tile(np.arange(len(units)), len(periods)),
        lines(
            notification_rows, unit_periods, None, notification_time_from, notification_time_to,
            notification_level_from, notification_level_to,
        ),
        pair_level_rows.column("pair").astype(np.int64, copy=False),
        lines(pair_level_rows, unit_periods, None, pair_time_from, pair_time_to, pair_level_from, pair_level_to),
        offsets_of(unit_of, len(units)),
        lines(
            acceptance_point_rows, acceptance_rows, in_chain_at, point_time_from, point_time_to,
            point_level_from, point_level_to,
        ),
    )  # fmt: skip
    number = acceptance_rows.codes("acceptance_number")[acceptance_order][found.acceptance]
    pair = pair_level_rows.codes("pair")[found.pair_row]
    where, offer, bid = found.unit_period, found.accepted_offer_volume, found.accepted_bid_volume
    if not _in_order(where, number, pair):
        key_order = np.lexsort((pair, number, where))
        where, number, pair = where[key_order], number[key_order], pair[key_order]
        offer, bid = offer[key_order], bid[key_order]
    return AcceptedRows(
        where,
        number,
        pair,
        offer,
        bid,
        found.notified_energy,
        found.notification_defaulted,
        found.notification_gaps,
        found.beyond_bands_unit_period,
        found.beyond_bands_volume,
    )


def _in_order(unit_period: np.ndarray, number: np.ndarray, pair: np.ndarray) -> bool:
    """Whether rows in order of unit-period are in order of number and pair within each."""
    rises = (number[1:] > number[:-1]) | ((number[1:] == number[:-1]) & (pair[1:] > pair[:-1]))
    return bool((rises | (unit_period[1:] > unit_period[:-1])).all())


def acceptance_pair_rows(
    accepted_rows: AcceptedRows, unit_periods: Grain, acceptance_rows: Grain, pair_level_rows: Grain
) -> Grain:
    """One row an acceptance in force in a period and pair submitted for it."""
    periods, units = unit_periods.indexes
    period, unit = np.divmod(accepted_rows.unit_period, len(units))
    numbers, _ = acceptance_rows.coded("acceptance_number")
    pairs, _ = pair_level_rows.coded("pair")
    return coded_grain(
        "acceptance_pair_row",
        {
            "settlement_period": (periods, period),
            "bm_unit": (units, unit),
            "acceptance_number": (numbers, accepted_rows.acceptance_number),
            "pair": (pairs, accepted_rows.pair),
        },
    )


@tag(
    symbol="QAO^kn_ij", clause="T3.8~", unit="MWh", dims="acceptance_pair_row", form="kernel",
    scope="settlement_period bm_unit", evidence="verified", rule="volumes-and-charges.md 3.1 to 3.5",
)  # fmt: skip
def accepted_offer_volume_by_acceptance(accepted_rows: AcceptedRows, acceptance_pair_rows: Grain) -> xr.DataArray:
    """The part of an acceptance above the one before it, in one band.

    QAO^kn_ij = ∫_j max{qABO^kn_ij(t), 0} dt
    """
    return acceptance_pair_rows.array(accepted_rows.offer_volume)


@tag(
    symbol="QAB^kn_ij", clause="T3.8~", unit="MWh", dims="acceptance_pair_row", form="kernel",
    scope="settlement_period bm_unit", evidence="verified", rule="volumes-and-charges.md 3.1 to 3.5",
)  # fmt: skip
def accepted_bid_volume_by_acceptance(accepted_rows: AcceptedRows, acceptance_pair_rows: Grain) -> xr.DataArray:
    """The part of an acceptance below the one before it, in one band; zero or less.

    QAB^kn_ij = ∫_j min{qABO^kn_ij(t), 0} dt
    """
    return acceptance_pair_rows.array(accepted_rows.bid_volume)


@tag(
    symbol="QAO^n_ij", clause="T3.9~", unit="MWh", dims="pair_row", form="sum",
    evidence="verified", rule="volumes-and-charges.md 3.6",
)  # fmt: skip
def accepted_offer_volume(accepted_offer_volume_by_acceptance: xr.DataArray, pair_rows: Grain) -> xr.DataArray:
    """Offer volume accepted in a pair, over all acceptances.

    QAO^n_ij = Σ_k QAO^kn_ij
    """
    return total(accepted_offer_volume_by_acceptance, onto=pair_rows)


@tag(
    symbol="QAB^n_ij", clause="T3.9~", unit="MWh", dims="pair_row", form="sum",
    evidence="verified", rule="volumes-and-charges.md 3.6",
)  # fmt: skip
def accepted_bid_volume(accepted_bid_volume_by_acceptance: xr.DataArray, pair_rows: Grain) -> xr.DataArray:
    """Bid volume accepted in a pair, over all acceptances; zero or less.

    QAB^n_ij = Σ_k QAB^kn_ij
    """
    return total(accepted_bid_volume_by_acceptance, onto=pair_rows)


@tag(
    symbol="Σ_n QA^n_ij", clause="T3.9~", unit="MWh", dims="settlement_period bm_unit", form="sum",
    evidence="verified", rule="volumes-and-charges.md 3.6",
)  # fmt: skip
def accepted_volume(
    accepted_offer_volume: xr.DataArray, accepted_bid_volume: xr.DataArray, unit_periods: Grain
) -> xr.DataArray:
    """What all acceptances moved a BM Unit by in a period.

    Σ_n (QAO^n_ij + QAB^n_ij)
    """
    return total(accepted_offer_volume + accepted_bid_volume, onto=unit_periods)


@tag(
    symbol="FPN_ij", clause="T3.2~", unit="MWh", dims="settlement_period bm_unit", form="kernel",
    scope="settlement_period bm_unit", evidence="recollection", rule="volumes-and-charges.md 2.2",
)  # fmt: skip
def notified_volume(accepted_rows: AcceptedRows, unit_periods: Grain) -> xr.DataArray:
    """Energy of the Final Physical Notification, export above zero.

    FPN_ij = ∫_j FPN_ij(t) dt
    """
    return unit_periods.array(accepted_rows.notified_energy)
