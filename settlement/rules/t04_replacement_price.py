"""Replacement price and final prices: BSC Annex T-1, stage 7 of the price.

Reads    net_imbalance_adjusted_volume, second_stage_mask, expense, market_index_price
Gives    replacement_price, replacement_price_reference_volume, repriced_flag, final_price, market_index_price_needed
Rules    price.md, sections 7.5 and 7.6
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import config, tag

from settlement.carried import Replacement
from settlement.grains import Grain, only, place, sub_grain

NOTHING = 1e-9  # MWh


def market_price_by_period(market_index_price: xr.DataArray, settlement_periods: Grain) -> np.ndarray:
    """The market index price of each period; NaN where none arrived, to be refused if it is needed."""
    return place(market_index_price, onto=settlement_periods, absent=np.nan)


def replacement(
    net_imbalance_adjusted_volume: xr.DataArray,
    second_stage_mask: np.ndarray,
    expense: xr.DataArray,
    expense_order: np.ndarray,
    side_starts: np.ndarray,
    net_imbalance_volume: xr.DataArray,
    replacement_price_average_reference_volume: float,
    market_price_by_period: np.ndarray,
) -> Replacement:
    """Replacement price of every period, needed or not."""
    from settlement.kernels import price_margins

    return Replacement(
        *price_margins.replacement(
            expense.to_numpy(), net_imbalance_adjusted_volume.to_numpy(), second_stage_mask, expense_order, side_starts,
            net_imbalance_volume.to_numpy(), float(replacement_price_average_reference_volume), market_price_by_period,
        )
    )  # fmt: skip


def repriced_periods(replacement: Replacement, settlement_periods: Grain) -> Grain:
    """The periods in which second-stage flagged volume is left in the NIV."""
    return sub_grain("repriced_period", settlement_periods, replacement.needed)


@tag(
    symbol="RP_j", clause="Annex T-1~", unit="GBP/MWh", dims="repriced_period", form="kernel",
    scope="settlement_period", within="net_imbalance_adjusted_volume", evidence="verified", rule="price.md 7.5",
)  # fmt: skip
def replacement_price(
    replacement: Replacement, repriced_periods: Grain, market_index_price: xr.DataArray
) -> xr.DataArray:
    """Price given to actions that stay flagged: the mean of the dearest RPAR MWh of unflagged volume in the NIV.

    RP_j = Σ q × P / Σ q over the most expensive RPAR MWh, not weighted by TLM; MIP_j where there is none
    """
    return repriced_periods.array(replacement.price[replacement.needed])


@tag(
    symbol="RPRV_j", clause="Annex T-1~", unit="MWh", dims="repriced_period", form="kernel",
    scope="settlement_period", evidence="verified", rule="price.md 7.5, 3",
)  # fmt: skip
def replacement_price_reference_volume(replacement: Replacement, repriced_periods: Grain) -> xr.DataArray:
    """Unflagged volume behind the Replacement Price; 0 means that the market index price was used."""
    return repriced_periods.array(replacement.reference_volume[replacement.needed])


@tag(
    symbol="market_price_needed", clause="T4.4~", unit="flag", dims="settlement_period", form="kernel",
    scope="settlement_period", evidence="verified", rule="price.md 7.5, 8.4",
)  # fmt: skip
@config.when(single_price=True)
def market_index_price_needed__from_2015_11_05(
    replacement: Replacement, net_imbalance_volume: xr.DataArray, settlement_periods: Grain
) -> xr.DataArray:
    """Whether the period's price rests on the market index price: NIV is 0, or nothing unflagged is left in it."""
    bare = replacement.needed & (replacement.reference_volume == 0)
    return settlement_periods.array(bare | (net_imbalance_volume.to_numpy() == 0))


@tag(
    symbol="market_price_needed", clause="T4.4~", unit="flag", dims="settlement_period", form="kernel",
    scope="settlement_period", evidence="recollection", rule="price.md 12",
)  # fmt: skip
@config.when(single_price=False)
def market_index_price_needed__from_2009_11_05(settlement_periods: Grain) -> xr.DataArray:
    """Whether the period's prices rest on the market index price: always, since the reverse price does."""
    return settlement_periods.array(np.ones(settlement_periods.size, bool))


@tag(
    symbol="repricedIndicator", clause="Annex T-1~", unit="flag", dims="action_row", form="kernel",
    scope="settlement_period side action", evidence="secondary", rule="price.md 7.6",
)  # fmt: skip
def repriced_flag(second_stage_flag: xr.DataArray, action_rows: Grain, net_imbalance_rows: Grain) -> xr.DataArray:
    """Whether an action takes the Replacement Price: second-stage flagged, and left in the NIV."""
    flagged = only(second_stage_flag, onto=net_imbalance_rows)
    return action_rows.array(place(flagged, onto=action_rows, absent=False))


@tag(
    symbol="P^f", clause="Annex T-1~", unit="GBP/MWh", dims="net_imbalance_row", form="kernel",
    scope="settlement_period side action", evidence="secondary", rule="price.md 7.6",
)  # fmt: skip
def final_price(
    ranking_price: xr.DataArray,
    replacement_price: xr.DataArray,
    repriced_flag: xr.DataArray,
    net_imbalance_adjusted_volume: xr.DataArray,
    side_starts: np.ndarray,
    action_rows: Grain,
    settlement_periods: Grain,
    net_imbalance_rows: Grain,
) -> xr.DataArray:
    """Price of an action left in the NIV: RP_j when repriced, else the one it was ranked by."""
    from settlement.kernels.price_margins import final_prices

    left = net_imbalance_adjusted_volume.to_numpy()
    price = final_prices(
        place(ranking_price, onto=action_rows, absent=np.nan), left, repriced_flag.to_numpy(),
        place(replacement_price, onto=settlement_periods, absent=np.nan), side_starts,
    )  # fmt: skip
    return net_imbalance_rows.array(price[np.abs(left) >= NOTHING])
