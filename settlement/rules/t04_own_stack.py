"""Our own stack of actions: BSC Section T4.4 and Annex T-1 Part 1, before ranking.

Makes the two sets of actions from accepted volumes and adjustment actions, where the
published stack is not what the price is made from. In the graph these take the place
of the inputs of the same names.

Reads    accepted volumes by acceptance, prices of pairs, adjustment actions, transmission_loss_multiplier
Gives    adjustment_price, action_volume, original_price, so_flag, cadl_flag, emergency_flag, stor_flag,
         action_loss_multiplier
Rules    price.md, section 2
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import config, tag

from settlement.carried import OwnActions
from settlement.grains import Grain, only, place, positions, row_grain, spread, sub_grain

OWN = {"way": "own stack"}
NOTHING = 1e-9  # MWh: an integral that cancels out leaves noise below this, which is no action (price.md 2.2, 11)


@tag(
    symbol="BSAP^m_j", clause="T4.4~", unit="GBP/MWh", dims="costed_adjustment_row", form="algebra",
    evidence="recollection", rule="price.md 2.3, 16a",
)  # fmt: skip
@config.when(**OWN)
def adjustment_price__own(
    adjustment_cost: xr.DataArray, adjustment_volume: xr.DataArray, costed_adjustment_rows: Grain
) -> xr.DataArray:
    """Price of an adjustment action that has a cost; one without is unpriced and has no row.

    BSAP^m_j = BSAC^m_j / QBSA^m_j
    """
    return adjustment_cost / only(adjustment_volume, onto=costed_adjustment_rows)


@config.when(**OWN)
def own_actions__own(
    acceptance_pair_rows: Grain,
    accepted_offer_volume_by_acceptance: xr.DataArray,
    accepted_bid_volume_by_acceptance: xr.DataArray,
    adjustment_rows: Grain,
    adjustment_volume: xr.DataArray,
) -> OwnActions:
    """Every row of volume: each acceptance and pair on each side, then each adjustment action."""
    offers, bids = accepted_offer_volume_by_acceptance.to_numpy(), accepted_bid_volume_by_acceptance.to_numpy()
    adjustments = adjustment_volume.to_numpy()
    buys, sells, added = (np.flatnonzero(np.abs(volume) >= NOTHING) for volume in (offers, bids, adjustments))
    taken = np.concatenate([buys, sells])
    unit, number, pair = (acceptance_pair_rows.column(key)[taken] for key in ("bm_unit", "acceptance_number", "pair"))
    of_acceptance = [f"{u} {k} {n}" for u, k, n in zip(unit, number, pair, strict=True)]
    of_adjustment = [f"adjustment {m}" for m in adjustment_rows.column("adjustment")[added]]
    none = np.zeros(len(added), dtype=np.int64)
    columns = OwnActions(
        np.concatenate([acceptance_pair_rows.column("settlement_period")[taken],
                        adjustment_rows.column("settlement_period")[added]]).astype(np.int64),
        np.concatenate([np.full(len(buys), "buy"), np.full(len(sells), "sell"),
                        np.where(adjustments[added] > 0, "buy", "sell")]).astype(object),
        np.array(of_acceptance + of_adjustment, dtype=object),
        np.concatenate([unit, adjustment_rows.column("adjustment")[added].astype(str).astype(object)]),
        np.concatenate([number.astype(np.int64), none]),
        np.concatenate([pair.astype(np.int64), none]),
        np.concatenate([offers[buys], bids[sells], adjustments[added]]),
        np.concatenate([taken, added]),
    )  # fmt: skip
    order = np.lexsort((columns.action, columns.side, columns.settlement_period))
    return OwnActions(*(column[order] for column in columns))


@config.when(**OWN)
def action_rows__own(own_actions: OwnActions) -> Grain:
    """One row an action: period, side, label; with the unit, acceptance and pair it is of."""
    keys = {key: getattr(own_actions, key) for key in ("settlement_period", "side", "action")}
    maps = {key: getattr(own_actions, key) for key in ("bm_unit", "acceptance_number", "pair")}
    return row_grain("action_row", keys, maps)


@tag(
    symbol="QAO^kn_ij, QAB^kn_ij, QBSA^m_j", clause="T4.4~", unit="MWh", dims="action_row", form="kernel",
    scope="settlement_period bm_unit acceptance_number pair", evidence="verified", rule="price.md 2.1, 2.2",
)  # fmt: skip
@config.when(**OWN)
def action_volume__own(own_actions: OwnActions, action_rows: Grain) -> xr.DataArray:
    """Volume of each action: accepted offers and buys above zero, accepted bids and sells below."""
    return action_rows.array(own_actions.volume)


@config.when(**OWN)
def priced_rows__own(
    action_rows: Grain, own_actions: OwnActions, adjustment_rows: Grain, costed_adjustment_rows: Grain
) -> Grain:
    """The actions that have a price: every acceptance, and the adjustment actions with a cost."""
    costed = np.zeros(adjustment_rows.size, dtype=bool)
    costed[positions(adjustment_rows, costed_adjustment_rows)] = True
    adjustment = own_actions.acceptance_number == 0
    priced = ~adjustment
    priced[adjustment] = costed[own_actions.source[adjustment]]
    return sub_grain("priced_row", action_rows, priced)


@tag(
    symbol="PO^n_ij, PB^n_ij, BSAP^m_j", clause="T4.4~", unit="GBP/MWh", dims="priced_row", form="kernel",
    scope="settlement_period bm_unit acceptance_number pair", evidence="recollection", rule="price.md 2.1, 2.3, 2.4",
)  # fmt: skip
@config.when(**OWN)
def original_price__own(
    own_actions: OwnActions,
    offer_price: xr.DataArray,
    bid_price: xr.DataArray,
    adjustment_price: xr.DataArray,
    pair_rows: Grain,
    adjustment_rows: Grain,
    action_rows: Grain,
    priced_rows: Grain,
) -> xr.DataArray:
    """Submitted price of an action: the pair's Offer Price for a buy, its Bid Price for a sell, cost by MWh else."""
    adjustment = own_actions.acceptance_number == 0
    price = np.empty(action_rows.size)
    price[adjustment] = place(adjustment_price, onto=adjustment_rows, absent=np.nan)[own_actions.source[adjustment]]
    pair_of = positions(pair_rows, sub_grain("accepted_row", action_rows, ~adjustment))
    buys = own_actions.side[~adjustment] == "buy"
    price[~adjustment] = np.where(buys, offer_price.to_numpy()[pair_of], bid_price.to_numpy()[pair_of])
    return only(action_rows.array(price), onto=priced_rows)


@tag(
    symbol="SO-Flag", clause="T4.4~", unit="flag", dims="action_row", form="kernel",
    scope="settlement_period bm_unit acceptance_number", evidence="verified", rule="price.md 4.1",
)  # fmt: skip
@config.when(**OWN)
def so_flag__own(
    own_actions: OwnActions, acceptance_so_flag: xr.DataArray, adjustment_so_flag: xr.DataArray, action_rows: Grain
) -> xr.DataArray:  # fmt: skip
    """Set by the system operator on acceptances and adjustment actions taken for transmission constraints."""
    return action_rows.array(_of_action(own_actions, action_rows, acceptance_so_flag, adjustment_so_flag))


@tag(
    symbol="STOR", clause="T3.14~", unit="flag", dims="action_row", form="kernel",
    scope="settlement_period bm_unit acceptance_number", evidence="recollection", rule="price.md 5.3",
)  # fmt: skip
@config.when(**OWN)
def stor_flag__own(
    own_actions: OwnActions, acceptance_stor_flag: xr.DataArray, adjustment_stor_flag: xr.DataArray,
    action_rows: Grain,
) -> xr.DataArray:  # fmt: skip
    """Whether an action is by a STOR provider."""
    flags = _of_action(own_actions, action_rows, acceptance_stor_flag, adjustment_stor_flag)
    return action_rows.array(flags)


@tag(
    symbol="CADL Flag", clause="T3.1B", unit="flag", dims="action_row", form="kernel",
    scope="bm_unit acceptance_number", evidence="verified", rule="price.md 4.2",
)  # fmt: skip
@config.when(**OWN)
def cadl_flag__own(own_actions: OwnActions, acceptance_cadl_flag: xr.DataArray, action_rows: Grain) -> xr.DataArray:
    """The CADL Flag of the acceptance; never on an adjustment action."""
    return action_rows.array(_of_action(own_actions, action_rows, acceptance_cadl_flag, None))


@tag(
    symbol="emergency", clause="T4.4~", unit="flag", dims="action_row", form="kernel",
    scope="bm_unit acceptance_number", evidence="recollection", rule="price.md 4.3",
)  # fmt: skip
@config.when(**OWN)
def emergency_flag__own(
    own_actions: OwnActions, acceptance_emergency_flag: xr.DataArray, action_rows: Grain
) -> xr.DataArray:
    """Whether the acceptance is an emergency instruction; never on an adjustment action."""
    return action_rows.array(_of_action(own_actions, action_rows, acceptance_emergency_flag, None))


@tag(
    symbol="TLM_ij", clause="T2.3~", unit="1", dims="action_row", form="kernel",
    scope="settlement_period bm_unit", evidence="secondary", rule="price.md 2.3, 13.1",
)  # fmt: skip
@config.when(**OWN)
def action_loss_multiplier__own(
    own_actions: OwnActions, transmission_loss_multiplier: xr.DataArray, action_rows: Grain
) -> xr.DataArray:
    """The unit's Transmission Loss Multiplier; 1 for an adjustment action, which is no BM Unit."""
    accepted = own_actions.acceptance_number != 0
    multiplier = np.ones(action_rows.size)
    multiplier[accepted] = spread(transmission_loss_multiplier, onto=sub_grain("accepted_row", action_rows, accepted))
    return action_rows.array(multiplier)


def _of_action(
    own_actions: OwnActions,
    action_rows: Grain,
    of_acceptance: xr.DataArray,
    of_adjustment: xr.DataArray | None,
) -> np.ndarray:
    """A flag of the acceptance or adjustment action behind each row; False where adjustments have none."""
    accepted = own_actions.acceptance_number != 0
    flags = np.zeros(action_rows.size, dtype=bool)
    flags[accepted] = spread(of_acceptance, onto=sub_grain("accepted_row", action_rows, accepted)).to_numpy()
    if of_adjustment is not None:
        flags[~accepted] = of_adjustment.to_numpy()[own_actions.source[~accepted]]
    return flags
