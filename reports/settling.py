"""Settles what was gathered of a day: which quantities, and which periods cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from reports.day_inputs import OWN, Gathered
from reports.day_inputs.set_aside import take_out
from reports.volume_warnings import warn_of_volumes
from settlement.errors import ZeroDenominator
from settlement.grains import Grain
from settlement.settled import Settled

WANTED = (
    "rank", "ranking_price", "expense", "first_stage_flag", "de_minimis_adjusted_volume", "arbitrage_adjusted_volume",
    "dearest_unflagged_price", "second_stage_flag", "net_imbalance_volume", "net_imbalance_adjusted_volume",
    "market_index_price", "replacement_price", "replacement_price_reference_volume", "market_index_price_needed",
    "repriced_flag", "final_price", "price_average_adjusted_volume", "loss_adjusted_volume", "loss_adjusted_cost",
    "price_adjustment", "system_price", "system_buy_price", "system_sell_price", "reserve_scarcity_price",
)  # fmt: skip
WANTED_OWN = (
    "action_rows", "priced_rows", "action_volume", "original_price", "so_flag", "cadl_flag", "emergency_flag",
    "stor_flag", "action_loss_multiplier", "accepted_offer_volume_by_acceptance", "accepted_bid_volume_by_acceptance",
    "accepted_offer_volume", "accepted_bid_volume", "accepted_volume", "notified_volume", "offer_cashflow",
    "bid_cashflow", "bm_unit_cashflow", "total_system_bm_cashflow", "continuous_acceptance_duration",
    "acceptance_cadl_flag", "adjustment_price", "accepted_rows",
)  # fmt: skip
# Of a run with metered volumes, every quantity of these rules.
CHARGES = (
    "t02_transmission_losses", "t04_expected_volumes", "t04_non_delivery", "t04_credited_energy",
    "t04_energy_imbalance", "t04_residual_cashflow", "t01_trading_charges",
)  # fmt: skip


def settle_gathered(day: Gathered, options: Mapping[str, str]) -> dict[str, Any]:
    """Every result of the day by name, published figures among them.

    Periods whose price needs a market index price that did not come are set aside first.
    """
    from settlement.engine import settle

    how: dict[str, Any] = {"options": options, "way": day.way, "losses": losses_of(day)}
    without = set(day.settled_periods) - set(day.given["market_index_rows"].column("settlement_period").tolist())
    if without:  # else nothing can be wanting, and the graph need not run for the question
        asked = settle(day.given, ["market_index_price_needed"], published=day.published, **how)
        rows = asked["market_index_price_needed"]
        for period in without & set(rows["settlement_period"].to_numpy()[rows.to_numpy()].tolist()):
            day.leave_out(period, "the price rests on the market index price, which did not arrive")
        take_out(day, set(day.set_aside))
    results = _settle(day, how)
    if day.way == OWN:
        warn_of_volumes(day, results.pop("accepted_rows"))
    return results | {name: value for name, value in day.published.items()}


def _settle(day: Gathered, how: dict[str, Any]) -> dict[str, Any]:
    """The results; periods in which a total that is shared out is 0 are set aside, and the others settled again."""
    from settlement.engine import settle

    while True:
        wanted = [name for name in _wanted(day) if name not in day.published]
        try:
            return settle(day.given, wanted, published=day.published, **{**how, "losses": losses_of(day)})
        except ZeroDenominator as error:
            if not error.periods:
                raise
            for period in error.periods:
                day.leave_out(int(period), str(error))
            take_out(day, set(day.set_aside))


def losses_of(day: Gathered) -> str:
    """Where the loss multipliers of the day come from, as `settle` is told."""
    return "metered" if day.charged else "given"


def settled(day: Gathered, results: Mapping[str, Any], options: Mapping[str, str]) -> Settled:
    """What was given and worked out, with labels and sources, as explanations and comparisons walk it."""
    from reports.run_tables import grains_of

    arrays = {name: value for name, value in day.given.items() if isinstance(value, xr.DataArray)}
    arrays |= {name: value for name, value in results.items() if isinstance(value, xr.DataArray)}
    grains = grains_of({**day.given, **{k: v for k, v in results.items() if isinstance(v, Grain)}}, arrays)
    return Settled(
        day.settlement_date, day.way, True, arrays, grains, scalars(day), options, day.sources,
        frozenset(day.published), day.notes, losses_of(day),
    )  # fmt: skip


def scalars(day: Gathered) -> dict[str, Any]:
    """The parameters of the day, by name."""
    return {name: value for name, value in day.given.items() if isinstance(value, (int, float, str, bool))}


def _wanted(day: Gathered) -> list[str]:
    wanted = [*WANTED, *(WANTED_OWN if day.way == OWN else ())]
    if losses_of(day) == "metered":
        from settlement.engine import quantities

        known = quantities(day.way, True, "metered")
        wanted += [name for name, one in known.items() if one.module.rpartition(".")[2] in CHARGES]
    return list(dict.fromkeys(wanted))
