"""De Minimis and arbitrage tagging: BSC Section T1.7 and Annex T-1, stages 4a and 4b of the price.

Reads    action_volume, expense, expense_order
Gives    de_minimis_adjusted_volume, arbitrage_adjusted_volume
Rules    price.md, section 6
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain

PRO_RATA = 1e-9  # GBP/MWh: two prices closer than this are one (price.md 16a)
BY_RANK = -1.0  # no two prices are one


def tie_tolerance(tie_rule: str) -> float:
    """How close two prices must be to share a margin."""
    return PRO_RATA if tie_rule == "pro rata" else BY_RANK


def de_minimis_group(action_rows: Grain, de_minimis_level: str) -> np.ndarray:
    """For each row a number that it shares with the rows it is summed with before the De Minimis test.

    Sums go by side of a period, so the number tells rows apart within a side. An adjustment action (no acceptance)
    stands alone at every level.
    """
    levels = {"pair": ["bm_unit", "pair"], "acceptance": ["bm_unit", "acceptance_number"], "unit": ["bm_unit"]}
    alone = np.arange(action_rows.size)
    if de_minimis_level == "row":
        return alone
    shared = np.zeros(action_rows.size, dtype=np.int64)
    for name in levels[de_minimis_level]:
        codes, labels = pd.factorize(action_rows.column(name))
        shared = pd.factorize(shared * max(len(labels), 1) + codes)[0]
    adjustment = action_rows.column("acceptance_number") == 0
    return np.where(adjustment, alone + action_rows.size, shared)


@tag(
    symbol="dmatAdjustedVolume", clause="T1.7, Annex T-1~", unit="MWh", dims="action_row", form="kernel",
    scope="settlement_period side bm_unit", evidence="verified", rule="price.md 6.1",
)  # fmt: skip
def de_minimis_adjusted_volume(
    action_volume: xr.DataArray,
    de_minimis_group: np.ndarray,
    side_starts: np.ndarray,
    de_minimis_threshold: float,
    action_rows: Grain,
) -> xr.DataArray:
    """Volume left once small actions are removed: |Σ_k Q^kn_ij| < DMAT takes out all rows of the pair.

    Exactly DMAT stays. An adjustment action is tested alone.
    """
    from settlement.kernels.price_ranking import de_minimis_left

    volume = action_volume.to_numpy()
    left = de_minimis_left(volume, de_minimis_group, 2 * volume.size, side_starts, float(de_minimis_threshold))
    return action_rows.array(left)


@tag(
    symbol="arbitrageAdjustedVolume", clause="Annex T-1~", unit="MWh", dims="action_row", form="kernel",
    scope="settlement_period", evidence="verified", rule="price.md 6.2",
)  # fmt: skip
def arbitrage_adjusted_volume(
    de_minimis_adjusted_volume: xr.DataArray,
    expense: xr.DataArray,
    expense_order: np.ndarray,
    side_starts: np.ndarray,
    tie_tolerance: float,
    action_rows: Grain,
) -> xr.DataArray:
    """Volume left once buys that cost no more than a sell are set against it, equal MWh from both sides.

    Equality counts. Flagged actions take part, unpriced ones do not. Rows of one price share the margin pro rata.
    """
    from settlement.kernels.price_ranking import arbitrage_left

    volume = de_minimis_adjusted_volume.to_numpy()
    return action_rows.array(arbitrage_left(expense.to_numpy(), volume, expense_order, side_starts, tie_tolerance))
