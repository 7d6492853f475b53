"""Ranked sets of actions: BSC Section T4.4 and Annex T-1, stages 1 to 3 of the price.

Decides which actions may be repriced, uplifts STOR actions to the Reserve Scarcity
Price, and ranks each side from cheapest to most expensive for the system operator.

Reads    original_price, so_flag, cadl_flag, emergency_flag, stor_flag, loss_of_load_probability
Gives    reserve_scarcity_price, ranking_price, expense, rank, first_stage_flag
Rules    price.md, sections 2, 4 and 5
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, place, spread

UNPRICED = 1e12  # GBP/MWh: no price is as large; the kernels know an unpriced row by it


@tag(
    symbol="RSVP_j", clause="T3.13~", unit="GBP/MWh", dims="settlement_period", form="algebra",
    evidence="verified", rule="price.md 5.1",
)  # fmt: skip
def reserve_scarcity_price(value_of_lost_load: float, loss_of_load_probability: xr.DataArray) -> xr.DataArray:
    """What scarcity makes reserve worth.

    RSVP_j = VoLL × LoLP_j
    """
    return value_of_lost_load * loss_of_load_probability


@tag(
    symbol="P^n_ij", clause="T3.14~", unit="GBP/MWh", dims="priced_row", form="kernel",
    scope="settlement_period side action", evidence="verified", rule="price.md 5.2",
)  # fmt: skip
def ranking_price(
    original_price: xr.DataArray,
    reserve_scarcity_price: xr.DataArray,
    stor_flag: xr.DataArray,
    action_rows: Grain,
    priced_rows: Grain,
    stor_window: str,
) -> xr.DataArray:
    """Price by which an action is ranked: a STOR action's is at least the Reserve Scarcity Price.

    P = max{Utilisation Price, RSVP_j} for a buy by a STOR provider in a window, else the submitted price
    """
    stor = spread(stor_flag, onto=priced_rows).to_numpy() & (priced_rows.column("side") == "buy")
    if stor_window == "never":
        stor[:] = False
    uplifted = np.maximum(original_price.to_numpy(), spread(reserve_scarcity_price, onto=priced_rows).to_numpy())
    return priced_rows.array(np.where(stor, uplifted, original_price.to_numpy()))


@tag(
    symbol="e", clause="Annex T-1 Part 1~", unit="GBP/MWh", dims="action_row", form="kernel",
    scope="settlement_period side action", evidence="secondary", rule="price.md 0, 2.4",
)  # fmt: skip
def expense(ranking_price: xr.DataArray, action_rows: Grain, unpriced_rank: str) -> xr.DataArray:
    """How expensive an action is to the system operator: the price of a buy, minus the price of a sell.

    An unpriced action has no price to rank by and stands beyond every priced one: infinity.
    """
    price = place(ranking_price, onto=action_rows, absent=np.inf)
    sign = np.where(action_rows.column("side") == "buy", 1.0, -1.0)
    unpriced = np.inf if unpriced_rank == "dearest" else -UNPRICED
    return action_rows.array(np.where(np.isinf(price), unpriced, sign * price))


def side_starts(action_rows: Grain, settlement_periods: Grain) -> np.ndarray:
    """Where the rows of each side of each period begin: two sides a period, buys first, and one end."""
    period = settlement_periods.indexes[0].get_indexer(action_rows.indexes[0].get_level_values(0))
    side = 2 * period + (action_rows.column("side") == "sell")
    return np.searchsorted(side, np.arange(2 * settlement_periods.size + 1)).astype(np.int64)


def expense_order(expense: xr.DataArray, side_starts: np.ndarray) -> np.ndarray:
    """Row positions of each side, cheapest first: sorted once, read by every later stage."""
    from settlement.kernels.price_ranking import order_by_expense

    return order_by_expense(expense.to_numpy(), side_starts)


@tag(
    symbol="sequenceNumber", clause="Annex T-1 Part 1~", unit="1", dims="action_row", form="kernel",
    scope="settlement_period side", evidence="secondary", rule="price.md 2.5",
)  # fmt: skip
def rank(expense_order: np.ndarray, side_starts: np.ndarray, action_rows: Grain) -> xr.DataArray:
    """Place of an action in its side, 1 = cheapest; rows of one price stand in the order of their label."""
    from settlement.kernels.price_ranking import rank_in_side

    return action_rows.array(rank_in_side(expense_order, side_starts))


@tag(
    symbol="first_stage_flag", clause="T3.1B, Annex T-1~", unit="flag", dims="action_row", form="kernel",
    scope="settlement_period side action", evidence="recollection", rule="price.md 4.4",
)  # fmt: skip
def first_stage_flag(
    so_flag: xr.DataArray,
    cadl_flag: xr.DataArray,
    emergency_flag: xr.DataArray,
    original_price: xr.DataArray,
    action_rows: Grain,
) -> xr.DataArray:
    """Whether an action may be repriced: SO-Flag, CADL Flag, emergency instruction, or no price at all."""
    unpriced = np.isnan(place(original_price, onto=action_rows, absent=np.nan))
    return so_flag | cadl_flag | emergency_flag | action_rows.array(unpriced)
