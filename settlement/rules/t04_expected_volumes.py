"""Balancing services, expected metered volume and information imbalance: BSC Section T4.3.

What a BM Unit should have metered: what it notified, moved by all that the system operator took from it.

Reads    accepted_volume, notified_volume, metered_volume, volumes of balancing services, information_imbalance_price
Gives    balancing_services_volume, expected_metered_volume, information_imbalance_volume,
         information_imbalance_cashflow, total_system_information_imbalance_cashflow
Rules    volumes-and-charges.md, section 4
"""

from __future__ import annotations

import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, total


@tag(
    symbol="QBS_ij", clause="T4.3.2~", unit="MWh", dims="settlement_period bm_unit", form="algebra",
    evidence="recollection", rule="volumes-and-charges.md 4.2",
)  # fmt: skip
def balancing_services_volume(
    accepted_volume: xr.DataArray,
    replacement_reserve_volume: xr.DataArray,
    applicable_balancing_services_volume: xr.DataArray,
    supplier_delivered_volume: xr.DataArray,
    supplier_non_bm_volume: xr.DataArray,
    supplier_flag: xr.DataArray,
) -> xr.DataArray:
    """What all balancing services moved a BM Unit by; third parties' deliveries count at Supplier BM Units only.

    QBS_ij = Σ_n QA^n_ij + RRA_ij + QAS_ij + (QBSD_ij + SNBABSVD_ij) × supplier
    """
    at_supplier = (supplier_delivered_volume + supplier_non_bm_volume) * supplier_flag
    return accepted_volume + replacement_reserve_volume + applicable_balancing_services_volume + at_supplier


@tag(
    symbol="QME_ij", clause="T4.3.3~", unit="MWh", dims="settlement_period bm_unit", form="algebra",
    evidence="recollection", rule="volumes-and-charges.md 4.4",
)  # fmt: skip
def expected_metered_volume(notified_volume: xr.DataArray, balancing_services_volume: xr.DataArray) -> xr.DataArray:
    """What a BM Unit meters if it follows its notification and delivers every service.

    QME_ij = FPN_ij + QBS_ij

    For a unit on the baselining route give the Settlement Expected Volume in place of FPN_ij.
    """
    return notified_volume + balancing_services_volume


@tag(
    symbol="QII_ij", clause="T4.3.4~", unit="MWh", dims="settlement_period bm_unit", form="algebra",
    evidence="recollection", rule="volumes-and-charges.md 4.5",
)  # fmt: skip
def information_imbalance_volume(metered_volume: xr.DataArray, expected_metered_volume: xr.DataArray) -> xr.DataArray:
    """How far a BM Unit metered above (or, below zero, under) what was expected of it.

    QII_ij = QM_ij - QME_ij
    """
    return metered_volume - expected_metered_volume


@tag(
    symbol="CII_ij", clause="T4.3~", unit="GBP", dims="settlement_period bm_unit", form="kernel",
    scope="settlement_period bm_unit", evidence="verified", rule="volumes-and-charges.md 4.6",
)  # fmt: skip
def information_imbalance_cashflow(
    information_imbalance_volume: xr.DataArray, information_imbalance_price: float
) -> xr.DataArray:
    """Charged to a BM Unit for the size of its deviation, a debit above zero; the price has always been 0.

    CII_ij = |QII_ij| × IIP
    """
    return abs(information_imbalance_volume) * information_imbalance_price


@tag(
    symbol="TCII_j", clause="T4.3~", unit="GBP", dims="settlement_period", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.9",
)  # fmt: skip
def total_system_information_imbalance_cashflow(
    information_imbalance_cashflow: xr.DataArray, settlement_periods: Grain
) -> xr.DataArray:
    """Charged to all BM Units in a period for their deviations.

    TCII_j = Σ_i CII_ij
    """
    return total(information_imbalance_cashflow, onto=settlement_periods)
