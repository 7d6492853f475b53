"""Net imbalance volume and NIV tagging: BSC Section T4.4 and Annex T-1, stage 6 of the price.

Reads    arbitrage_adjusted_volume, expense, expense_order
Gives    net_imbalance_volume, net_imbalance_adjusted_volume
Rules    price.md, sections 7.3 and 7.4
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, sub_grain

NOTHING = 1e-9  # MWh


@tag(
    symbol="NIV_j", clause="T4.4~", unit="MWh", dims="settlement_period", form="sum",
    evidence="verified", rule="price.md 7.3",
)  # fmt: skip
def net_imbalance_volume(
    arbitrage_adjusted_volume: xr.DataArray, side_starts: np.ndarray, settlement_periods: Grain
) -> xr.DataArray:
    """What the system was short of (above zero) or long by (below zero).

    NIV_j = Σ buy volumes + Σ sell volumes left after arbitrage, sells below zero
    """
    from settlement.kernels.price_margins import net_volume

    return settlement_periods.array(net_volume(arbitrage_adjusted_volume.to_numpy(), side_starts))


@tag(
    symbol="nivAdjustedVolume", clause="Annex T-1~", unit="MWh", dims="action_row", form="kernel",
    scope="settlement_period", evidence="verified", rule="price.md 7.4",
)  # fmt: skip
def net_imbalance_adjusted_volume(
    arbitrage_adjusted_volume: xr.DataArray,
    net_imbalance_volume: xr.DataArray,
    expense: xr.DataArray,
    expense_order: np.ndarray,
    side_starts: np.ndarray,
    tie_tolerance: float,
    action_rows: Grain,
) -> xr.DataArray:
    """Volume left once the smaller side is removed whole, and as much from the dear end of the larger.

    The marginal rows are split, pro rata where they share a price. What is left sums to NIV_j.
    """
    from settlement.kernels.price_margins import net_tagged_left

    left = net_tagged_left(
        expense.to_numpy(), arbitrage_adjusted_volume.to_numpy(), expense_order, side_starts,
        net_imbalance_volume.to_numpy(), tie_tolerance,
    )  # fmt: skip
    return action_rows.array(left)


def net_imbalance_rows(net_imbalance_adjusted_volume: xr.DataArray, action_rows: Grain) -> Grain:
    """The actions with volume left in the NIV."""
    return sub_grain("net_imbalance_row", action_rows, np.abs(net_imbalance_adjusted_volume.to_numpy()) >= NOTHING)
