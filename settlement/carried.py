"""What rules hand each other that is no quantity of the Code: plain records of flat arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Replacement(NamedTuple):
    """Per period: price in GBP/MWh (NaN where none is needed), MWh behind it, whether it is needed."""

    price: np.ndarray
    reference_volume: np.ndarray
    needed: np.ndarray


class AcceptedRows(NamedTuple):
    """Accepted volumes by row, in key order; keys are the places of their labels, in order, in the grains they are of.

    unit_period is the place among all units in all periods.
    """

    unit_period: np.ndarray
    acceptance_number: np.ndarray
    pair: np.ndarray
    offer_volume: np.ndarray  # QAO^kn_ij, MWh, zero or more
    bid_volume: np.ndarray  # QAB^kn_ij, MWh, zero or less
    notified_energy: np.ndarray  # Period FPN of each unit and period, MWh
    notification_defaulted: np.ndarray  # unit-periods without a notification: FPN 0 by rule
    notification_gaps: np.ndarray  # unit-periods whose notification does not cover the period
    beyond_bands: np.ndarray  # unit-periods with movement outside every pair
    beyond_bands_volume: np.ndarray  # that movement, MWh


class OwnActions(NamedTuple):
    """The actions of our own stack, in the order of their labels."""

    settlement_period: np.ndarray
    side: np.ndarray
    action: np.ndarray
    bm_unit: np.ndarray
    acceptance_number: np.ndarray  # 0: an adjustment action
    pair: np.ndarray
    volume: np.ndarray  # MWh
    source: np.ndarray  # position in acceptance_pair_rows, or in adjustment_rows
