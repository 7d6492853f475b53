"""The imbalance price: BSC Section T4.4, stages 8 to 10.

Averages the most expensive actions left in the net imbalance volume.

Reads    net_imbalance_adjusted_volume, final_price, replacement_price, action_loss_multiplier, adjustments
Gives    price_average_adjusted_volume, loss_adjusted_volume, loss_adjusted_cost, price_adjustment, system_price,
         system_buy_price, system_sell_price
Rules    price.md, section 8
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import config, tag

from settlement.grains import Grain, place


@tag(
    symbol="parAdjustedVolume", clause="T4.4.2~", unit="MWh", dims="action_row", form="kernel",
    scope="settlement_period side", evidence="verified", rule="price.md 8.1",
)  # fmt: skip
def price_average_adjusted_volume(
    net_imbalance_adjusted_volume: xr.DataArray,
    replacement_price: xr.DataArray,
    second_stage_mask: np.ndarray,
    expense: xr.DataArray,
    expense_order: np.ndarray,
    side_starts: np.ndarray,
    net_imbalance_volume: xr.DataArray,
    price_average_reference_volume: float,
    tie_tolerance: float,
    action_rows: Grain,
    settlement_periods: Grain,
) -> xr.DataArray:
    """Volume inside PAR: the most expensive PAR MWh by final price, all of the NIV where it is less.

    Rows are ranked anew by final price; those of one final price share the margin pro rata.
    """
    from settlement.kernels.price_margins import price_average_left

    repriced = place(replacement_price, onto=settlement_periods, absent=np.nan)
    inside = price_average_left(
        expense.to_numpy(), net_imbalance_adjusted_volume.to_numpy(), second_stage_mask, expense_order, side_starts,
        net_imbalance_volume.to_numpy(), repriced, float(price_average_reference_volume), tie_tolerance,
    )  # fmt: skip
    return action_rows.array(inside)


@tag(
    symbol="tlmAdjustedVolume", clause="T4.4.2~", unit="MWh", dims="action_row", form="algebra",
    evidence="verified", rule="price.md 3, 8.2",
)  # fmt: skip
def loss_adjusted_volume(
    price_average_adjusted_volume: xr.DataArray, action_loss_multiplier: xr.DataArray
) -> xr.DataArray:
    """Volume inside PAR, scaled for transmission losses.

    tlmAdjustedVolume = parAdjustedVolume × TLM_ij
    """
    return price_average_adjusted_volume * action_loss_multiplier


@tag(
    symbol="tlmAdjustedCost", clause="T4.4.2~", unit="GBP", dims="action_row", form="kernel",
    scope="settlement_period side action", evidence="verified", rule="price.md 3, 8.2",
)  # fmt: skip
def loss_adjusted_cost(
    loss_adjusted_volume: xr.DataArray, final_price: xr.DataArray, action_rows: Grain
) -> xr.DataArray:
    """What the volume inside PAR costs, scaled for losses; 0 outside PAR.

    tlmAdjustedCost = tlmAdjustedVolume × P^f
    """
    return loss_adjusted_volume * action_rows.array(place(final_price, onto=action_rows, absent=0.0))


@tag(
    symbol="BPA_j or SPA_j", clause="T4.4~", unit="GBP/MWh", dims="settlement_period", form="kernel",
    scope="settlement_period", evidence="recollection", rule="price.md 8.2 to 8.4, 8.7",
)  # fmt: skip
def price_adjustment(
    net_imbalance_volume: xr.DataArray,
    buy_price_adjustment: xr.DataArray,
    sell_price_adjustment: xr.DataArray,
    adjustment_at_zero_volume: str,
    settlement_periods: Grain,
) -> xr.DataArray:
    """What the system operator adds for option fees: BPA_j when short, SPA_j when long, none at NIV 0."""
    net = net_imbalance_volume.to_numpy()
    zero = buy_price_adjustment.to_numpy() if adjustment_at_zero_volume == "buy" else 0.0
    added = np.where(net > 0, buy_price_adjustment.to_numpy(), sell_price_adjustment.to_numpy())
    return settlement_periods.array(np.where(net == 0, zero, added))


@tag(
    symbol="SBP_j", clause="T4.4.2~, T4.4.3~", unit="GBP/MWh", dims="settlement_period", form="kernel",
    scope="settlement_period", within="price_average_adjusted_volume", evidence="verified", rule="price.md 8.2 to 8.4",
)  # fmt: skip
def system_price(
    price_average_adjusted_volume: xr.DataArray,
    loss_adjusted_volume: xr.DataArray,
    loss_adjusted_cost: xr.DataArray,
    final_price: xr.DataArray,
    action_loss_multiplier: xr.DataArray,
    net_imbalance_volume: xr.DataArray,
    price_adjustment: xr.DataArray,
    market_price_by_period: np.ndarray,
    side_starts: np.ndarray,
    action_rows: Grain,
    settlement_periods: Grain,
) -> xr.DataArray:
    """The imbalance price: the TLM-weighted mean of the actions inside PAR, plus the adjustment.

        SBP_j = Σ QAPO^kn_ij × P^f × TLM_ij / Σ QAPO^kn_ij × TLM_ij + BPA_j        (SPA_j when long)

    At NIV 0 it is MIP_j. Never rounded here.
    """
    from settlement.kernels.price_margins import average_price

    price = average_price(
        place(final_price, onto=action_rows, absent=0.0), price_average_adjusted_volume.to_numpy(),
        action_loss_multiplier.to_numpy(), side_starts, net_imbalance_volume.to_numpy(), price_adjustment.to_numpy(),
        market_price_by_period,
    )  # fmt: skip
    added_at_zero = np.where(net_imbalance_volume.to_numpy() == 0, price_adjustment.to_numpy(), 0.0)
    return settlement_periods.array(price + added_at_zero)


@tag(
    symbol="SBP_j", clause="T4.4~", unit="GBP/MWh", dims="settlement_period", form="algebra",
    evidence="verified", rule="price.md 8, I21",
)  # fmt: skip
@config.when(single_price=True)
def system_buy_price__from_2015_11_05(system_price: xr.DataArray) -> xr.DataArray:
    """One price for long and short accounts since P305.

    SBP_j = SBP_j
    """
    return system_price.copy()


@tag(
    symbol="SSP_j", clause="T4.4~", unit="GBP/MWh", dims="settlement_period", form="algebra",
    evidence="verified", rule="price.md 8, I21",
)  # fmt: skip
@config.when(single_price=True)
def system_sell_price__from_2015_11_05(system_price: xr.DataArray) -> xr.DataArray:
    """One price for long and short accounts since P305.

    SSP_j = SBP_j
    """
    return system_price.copy()


@tag(
    symbol="SBP_j", clause="T4.4~", unit="GBP/MWh", dims="settlement_period", form="kernel",
    scope="settlement_period", evidence="recollection", rule="price.md 12",
)  # fmt: skip
@config.when(single_price=False)
def system_buy_price__from_2009_11_05(
    system_price: xr.DataArray,
    net_imbalance_volume: xr.DataArray,
    market_price_by_period: np.ndarray,
    settlement_periods: Grain,
) -> xr.DataArray:
    """What a short account paid before P305: the main price when the system was short, else the market price.

    The reverse price is the Market Index Price, never below the main price of a long system; a period without
    one is no number and refused.
    """
    main, net = system_price.to_numpy(), net_imbalance_volume.to_numpy()
    return settlement_periods.array(np.where(net < 0, np.maximum(market_price_by_period, main), main))


@tag(
    symbol="SSP_j", clause="T4.4~", unit="GBP/MWh", dims="settlement_period", form="kernel",
    scope="settlement_period", evidence="recollection", rule="price.md 12",
)  # fmt: skip
@config.when(single_price=False)
def system_sell_price__from_2009_11_05(
    system_price: xr.DataArray,
    net_imbalance_volume: xr.DataArray,
    market_price_by_period: np.ndarray,
    settlement_periods: Grain,
) -> xr.DataArray:
    """What a long account was paid before P305: the main price when the system was long, else the market price.

    The reverse price is the Market Index Price, never above the main price of a short system; a period without
    one is no number and refused.
    """
    main, net = system_price.to_numpy(), net_imbalance_volume.to_numpy()
    return settlement_periods.array(np.where(net > 0, np.minimum(market_price_by_period, main), main))
