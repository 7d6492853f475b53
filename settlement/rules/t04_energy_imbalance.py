"""Energy imbalance of each account, and what it costs: BSC Section T4.6, T4.7.

Reads    account volumes, system_buy_price, system_sell_price
Gives    account_energy_imbalance_volume, account_energy_imbalance_cashflow, total_system_energy_imbalance_volume,
         total_system_energy_imbalance_cashflow
Rules    volumes-and-charges.md, sections 8.7 and 8.8
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, spread, total


@tag(
    symbol="QAEI_aj", clause="T4.6~", unit="MWh", dims="settlement_period account", form="algebra",
    evidence="recollection", rule="volumes-and-charges.md 8.7",
)  # fmt: skip
def account_energy_imbalance_volume(
    account_credited_energy_volume: xr.DataArray,
    account_balancing_services_volume: xr.DataArray,
    account_bilateral_contract_volume: xr.DataArray,
) -> xr.DataArray:
    """Energy of an account that no contract covers: above zero long, below zero short.

    QAEI_aj = QACE_aj - QABS_aj - QABC_aj
    """
    return account_credited_energy_volume - account_balancing_services_volume - account_bilateral_contract_volume


@tag(
    symbol="CAEI_aj", clause="T4.7~", unit="GBP", dims="settlement_period account", form="kernel",
    scope="settlement_period account", evidence="verified", rule="volumes-and-charges.md 8.8",
)  # fmt: skip
def account_energy_imbalance_cashflow(
    account_energy_imbalance_volume: xr.DataArray,
    system_buy_price: xr.DataArray,
    system_sell_price: xr.DataArray,
    account_periods: Grain,
) -> xr.DataArray:
    """What an account pays for its imbalance; below zero it is paid.

    CAEI_aj = -QAEI_aj × SSP_j when long, -QAEI_aj × SBP_j otherwise
    """
    volume = account_energy_imbalance_volume.to_numpy()
    sell, buy = (spread(price, onto=account_periods).to_numpy() for price in (system_sell_price, system_buy_price))
    return account_periods.array(-volume * np.where(volume > 0, sell, buy))


@tag(
    symbol="TQEI_j", clause="T4.7~", unit="MWh", dims="settlement_period", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.8",
)  # fmt: skip
def total_system_energy_imbalance_volume(
    account_energy_imbalance_volume: xr.DataArray, settlement_periods: Grain
) -> xr.DataArray:
    """Imbalance of all accounts.

    TQEI_j = Σ_a QAEI_aj
    """
    return total(account_energy_imbalance_volume, onto=settlement_periods)


@tag(
    symbol="TCEI_j", clause="T4.7~", unit="GBP", dims="settlement_period", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.8",
)  # fmt: skip
def total_system_energy_imbalance_cashflow(
    account_energy_imbalance_cashflow: xr.DataArray, settlement_periods: Grain
) -> xr.DataArray:
    """Paid by all accounts for imbalance.

    TCEI_j = Σ_a CAEI_aj
    """
    return total(account_energy_imbalance_cashflow, onto=settlement_periods)
