"""Classification: BSC Annex T-1 paragraph 8, stage 5 of the price.

A flagged action keeps its price when an unflagged action of its side costs as much or
more; otherwise it is flagged a second time and will be repriced.

Reads    arbitrage_adjusted_volume, first_stage_flag, expense
Gives    dearest_unflagged_price, second_stage_flag
Rules    price.md, section 7.1
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, row_grain, sub_grain

NOTHING = 1e-9  # MWh
EQUAL = 1e-9  # GBP/MWh


def arbitrage_rows(arbitrage_adjusted_volume: xr.DataArray, action_rows: Grain) -> Grain:
    """The actions with volume left after arbitrage."""
    return sub_grain("arbitrage_row", action_rows, np.abs(arbitrage_adjusted_volume.to_numpy()) >= NOTHING)


def dearest_unflagged_expense(
    arbitrage_adjusted_volume: xr.DataArray,
    first_stage_flag: xr.DataArray,
    expense: xr.DataArray,
    expense_order: np.ndarray,
    side_starts: np.ndarray,
) -> np.ndarray:
    """For each side, buys then sells of each period: minus infinity where no unflagged volume is left."""
    from settlement.kernels.price_ranking import dearest_unflagged

    left, flagged = arbitrage_adjusted_volume.to_numpy(), first_stage_flag.to_numpy()
    return dearest_unflagged(expense.to_numpy(), left, flagged, expense_order, side_starts)


@tag(
    symbol="p*", clause="Annex T-1 8~", unit="GBP/MWh", dims="unflagged_side", form="kernel",
    scope="settlement_period side", evidence="verified", rule="price.md 7.1",
)  # fmt: skip
def dearest_unflagged_price(dearest_unflagged_expense: np.ndarray, settlement_periods: Grain) -> xr.DataArray:
    """Price of the most expensive unflagged action of a side with volume left; no row where there is none."""
    there = np.flatnonzero(np.isfinite(dearest_unflagged_expense))
    side = np.where(there % 2 == 0, "buy", "sell")
    periods = settlement_periods.indexes[0].to_numpy()[there // 2]
    grain = row_grain("unflagged_side", {"settlement_period": periods, "side": side})
    return grain.array(np.where(there % 2 == 0, 1.0, -1.0) * dearest_unflagged_expense[there])


def second_stage_mask(
    first_stage_flag: xr.DataArray,
    expense: xr.DataArray,
    dearest_unflagged_expense: np.ndarray,
    side_starts: np.ndarray,
    classification: str,
) -> np.ndarray:
    """Second-stage flags of all rows, also of those without volume left."""
    from settlement.kernels.price_ranking import second_stage

    strict = classification == "strict"
    flagged = first_stage_flag.to_numpy()
    return second_stage(expense.to_numpy(), flagged, side_starts, dearest_unflagged_expense, strict, EQUAL)


@tag(
    symbol="second_stage_flag", clause="Annex T-1 8~", unit="flag", dims="arbitrage_row", form="kernel",
    scope="settlement_period side", evidence="secondary", rule="price.md 7.1",
)  # fmt: skip
def second_stage_flag(
    second_stage_mask: np.ndarray, action_rows: Grain, arbitrage_rows: Grain, arbitrage_adjusted_volume: xr.DataArray
) -> xr.DataArray:
    """Whether a flagged action stays flagged: it costs strictly more than p*, or its side has no p*."""
    kept = np.abs(arbitrage_adjusted_volume.to_numpy()) >= NOTHING
    return arbitrage_rows.array(second_stage_mask[kept])
