"""Balancing Mechanism cashflows: BSC Section T3, end.

What the system operator pays a BM Unit for what it accepted, at the unit's own prices.

Reads    accepted_offer_volume, accepted_bid_volume, offer_price, bid_price, transmission_loss_multiplier
Gives    offer_cashflow, bid_cashflow, bm_unit_cashflow, total_system_bm_cashflow
Rules    volumes-and-charges.md, section 6
"""

from __future__ import annotations

import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, spread, total


@tag(
    symbol="CO^n_ij", clause="T3~", unit="GBP", dims="pair_row", form="algebra",
    evidence="recollection", rule="volumes-and-charges.md 6",
)  # fmt: skip
def offer_cashflow(
    accepted_offer_volume: xr.DataArray,
    offer_price: xr.DataArray,
    transmission_loss_multiplier: xr.DataArray,
    pair_rows: Grain,
) -> xr.DataArray:
    """Paid to a BM Unit for the offers accepted from it; a credit is above zero.

    CO^n_ij = QAO^n_ij × PO^n_ij × TLM_ij
    """
    return accepted_offer_volume * offer_price * spread(transmission_loss_multiplier, onto=pair_rows)


@tag(
    symbol="CB^n_ij", clause="T3~", unit="GBP", dims="pair_row", form="algebra",
    evidence="verified", rule="volumes-and-charges.md 6",
)  # fmt: skip
def bid_cashflow(
    accepted_bid_volume: xr.DataArray,
    bid_price: xr.DataArray,
    transmission_loss_multiplier: xr.DataArray,
    pair_rows: Grain,
) -> xr.DataArray:
    """Paid to a BM Unit for the bids accepted from it: below zero where it pays back at a price above zero.

    CB^n_ij = QAB^n_ij × PB^n_ij × TLM_ij
    """
    return accepted_bid_volume * bid_price * spread(transmission_loss_multiplier, onto=pair_rows)


@tag(
    symbol="CBM_ij", clause="T3~", unit="GBP", dims="settlement_period bm_unit", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 6",
)  # fmt: skip
def bm_unit_cashflow(offer_cashflow: xr.DataArray, bid_cashflow: xr.DataArray, unit_periods: Grain) -> xr.DataArray:
    """Paid to a BM Unit in a period for all that was accepted from it.

    CBM_ij = Σ_n (CO^n_ij + CB^n_ij)
    """
    return total(offer_cashflow + bid_cashflow, onto=unit_periods)


@tag(
    symbol="TCBM_j", clause="T3~", unit="GBP", dims="settlement_period", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 6",
)  # fmt: skip
def total_system_bm_cashflow(bm_unit_cashflow: xr.DataArray, settlement_periods: Grain) -> xr.DataArray:
    """Paid to all BM Units in a period.

    TCBM_j = Σ_i CBM_ij
    """
    return total(bm_unit_cashflow, onto=settlement_periods)
