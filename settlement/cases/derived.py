"""Answers that a case words otherwise than one array of the engine: two arrays as one, a flag as a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from settlement.grains import Grain

# What the engine is asked for in place of each.
DERIVED: dict[str, tuple[str, ...]] = {
    "trading_unit_status": ("delivering_flag",),
    "non_delivered_volume": ("non_delivered_offer_volume_by_pair", "non_delivered_bid_volume_by_pair"),
    "non_delivery_charge_by_pair": ("offer_non_delivery_charge", "bid_non_delivery_charge"),
    "credited_energy_volume": ("lead_credited_energy_volume", "subsidiary_credited_energy_volume"),
}


def asked(wanted: set[str]) -> set[str]:
    """The quantities of the engine that are needed for what a case expects."""
    return {name for one in wanted for name in DERIVED.get(one, (one,))}


def derive(wanted: set[str], plain: Mapping[str, tuple], inputs: Mapping[str, Any]) -> dict[str, tuple]:
    """The derived answers among those wanted, from the plain ones, by the text of their keys."""
    found: dict[str, tuple] = {}
    for one in wanted & DERIVED.keys():
        parts = [plain[name] for name in DERIVED[one]]
        if one == "trading_unit_status":
            keys, values = parts[0]
            found[one] = keys, {key: "delivering" if value else "offtaking" for key, value in values.items()}
        elif one == "credited_energy_volume":
            found[one] = _by_account(parts, inputs["unit_periods"])
        else:
            found[one] = _by_side(parts)
    return found


def _by_side(parts: list[tuple]) -> tuple:
    keys = (*parts[0][0], "side")
    return keys, {
        (*key, side): value
        for side, (_, values) in zip(("offer", "bid"), parts, strict=True)
        for key, value in values.items()
    }


def _by_account(parts: list[tuple], unit_periods: Grain) -> tuple:
    """Lead volumes under the unit's lead account, those of reallocations under the subsidiary one."""
    lead_of = dict(zip(map(str, unit_periods.labels("bm_unit")), map(str, unit_periods.labels("account")), strict=True))
    (lead_keys, lead), (_, subsidiary) = parts
    at = lead_keys.index("bm_unit")
    return (*lead_keys, "account"), {(*key, lead_of[key[at]]): value for key, value in lead.items()} | subsidiary
