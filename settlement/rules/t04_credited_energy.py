"""Credited energy and contracts by Energy Account: BSC Section T4.5, with P.

Reads    metered_volume, balancing_services_volume, transmission_loss_multiplier, reallocations, contract_volume
Gives    subsidiary_credited_energy_volume, lead_credited_energy_volume, account_credited_energy_volume,
         account_balancing_services_volume, account_bilateral_contract_volume
Rules    volumes-and-charges.md, sections 8.2 to 8.6
"""

from __future__ import annotations

import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, spread, total


@tag(
    symbol="QCE_izj", clause="T4.5~", unit="MWh", dims="reallocation_row", form="kernel",
    scope="settlement_period bm_unit account", evidence="recollection", rule="volumes-and-charges.md 8.3",
)  # fmt: skip
def subsidiary_credited_energy_volume(
    metered_volume: xr.DataArray,
    balancing_services_volume: xr.DataArray,
    reallocation_percentage: xr.DataArray,
    reallocation_fixed_volume: xr.DataArray,
    transmission_loss_multiplier: xr.DataArray,
    reallocation_base: str,
    reallocation_rows: Grain,
) -> xr.DataArray:
    """What a reallocation takes from a BM Unit's lead account to a subsidiary one; balancing volumes stay.

    QCE_izj = ((QM_ij - QBS_ij) × QMPR_izj / 100 + QMFR_izj) × TLM_ij
    """
    base = metered_volume if reallocation_base == "metered" else metered_volume - balancing_services_volume
    part = spread(base, onto=reallocation_rows) * reallocation_percentage / 100 + reallocation_fixed_volume
    return part * spread(transmission_loss_multiplier, onto=reallocation_rows)


@tag(
    symbol="QCE_iaj", clause="T4.5~", unit="MWh", dims="settlement_period bm_unit", form="kernel",
    scope="settlement_period bm_unit", evidence="recollection", rule="volumes-and-charges.md 8.3",
)  # fmt: skip
def lead_credited_energy_volume(
    metered_volume: xr.DataArray,
    transmission_loss_multiplier: xr.DataArray,
    subsidiary_credited_energy_volume: xr.DataArray,
    unit_periods: Grain,
) -> xr.DataArray:
    """What is left of a BM Unit's metered volume in its lead account.

    QCE_iaj = QM_ij × TLM_ij - Σ_z QCE_izj
    """
    taken = total(subsidiary_credited_energy_volume, onto=unit_periods)
    return metered_volume * transmission_loss_multiplier - taken


@tag(
    symbol="QACE_aj", clause="T4.5~", unit="MWh", dims="settlement_period account", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.2, 8.4",
)  # fmt: skip
def account_credited_energy_volume(
    lead_credited_energy_volume: xr.DataArray,
    subsidiary_credited_energy_volume: xr.DataArray,
    unit_periods: Grain,
    account_periods: Grain,
) -> xr.DataArray:
    """All that BM Units are metered at, as credited to an Energy Account.

    QACE_aj = Σ_i QCE_iaj
    """
    lead = total((unit_periods, lead_credited_energy_volume), onto=account_periods)
    return lead + total(subsidiary_credited_energy_volume, onto=account_periods)


@tag(
    symbol="QABS_aj", clause="T4.5~", unit="MWh", dims="settlement_period account", form="kernel",
    scope="settlement_period account", evidence="recollection", rule="volumes-and-charges.md 8.5",
)  # fmt: skip
def account_balancing_services_volume(
    balancing_services_volume: xr.DataArray,
    transmission_loss_multiplier: xr.DataArray,
    unit_periods: Grain,
    account_periods: Grain,
) -> xr.DataArray:
    """What the system operator moved the BM Units of a lead account by, scaled for losses.

    QABS_aj = Σ_i QBS_ij × TLM_ij
    """
    scaled = balancing_services_volume * transmission_loss_multiplier
    return total((unit_periods, scaled), onto=account_periods)


@tag(
    symbol="QABC_aj", clause="P~", unit="MWh", dims="settlement_period account", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.6",
)  # fmt: skip
def account_bilateral_contract_volume(contract_volume: xr.DataArray, account_periods: Grain) -> xr.DataArray:
    """What an Energy Account sold by contract, less what it bought; a net sale is above zero.

    QABC_aj = Σ_c QABC^c_aj
    """
    return total(contract_volume, onto=account_periods)
