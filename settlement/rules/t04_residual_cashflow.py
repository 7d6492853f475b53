"""Residual cashflow: what is left of a period's money, shared out by credited energy. BSC Section T4.10.

Reads    system totals, credited energy, delivering status
Gives    system_operator_bm_cashflow, total_system_residual_cashflow, residual_share_volume,
         residual_reallocation_denominator, residual_cashflow_reallocation_proportion, residual_cashflow
Rules    volumes-and-charges.md, sections 6 and 8.10
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import tag

from settlement.errors import ZeroDenominator
from settlement.grains import Grain, spread, total


@tag(
    symbol="CSOBM_j", clause="T3~", unit="GBP", dims="settlement_period", form="algebra",
    evidence="recollection", rule="volumes-and-charges.md 6",
)  # fmt: skip
def system_operator_bm_cashflow(total_system_bm_cashflow: xr.DataArray) -> xr.DataArray:
    """What the system operator pays for all that it accepted.

    CSOBM_j = TCBM_j
    """
    return total_system_bm_cashflow.copy()


@tag(
    symbol="TRC_j", clause="T4.10~", unit="GBP", dims="settlement_period", form="algebra",
    evidence="recollection", rule="volumes-and-charges.md 8.10",
)  # fmt: skip
def total_system_residual_cashflow(
    total_system_energy_imbalance_cashflow: xr.DataArray,
    total_system_non_delivery_charge: xr.DataArray,
    total_system_information_imbalance_cashflow: xr.DataArray,
    system_operator_bm_cashflow: xr.DataArray,
    total_system_bm_cashflow: xr.DataArray,
) -> xr.DataArray:
    """What was charged in a period and not paid out: above zero it goes back to the Parties.

    TRC_j = TCEI_j + TCND_j + TCII_j + CSOBM_j - TCBM_j
    """
    charged = total_system_energy_imbalance_cashflow + total_system_non_delivery_charge
    charged = charged + total_system_information_imbalance_cashflow
    return charged + system_operator_bm_cashflow - total_system_bm_cashflow


@tag(
    symbol="Σ+ QCE_iaj - Σ- QCE_iaj", clause="T4.10~", unit="MWh", dims="settlement_period account", form="kernel",
    scope="settlement_period account", evidence="recollection", rule="volumes-and-charges.md 8.10",
)  # fmt: skip
def residual_share_volume(
    lead_credited_energy_volume: xr.DataArray,
    subsidiary_credited_energy_volume: xr.DataArray,
    unit_delivering_flag: xr.DataArray,
    interconnector_flag: xr.DataArray,
    unit_periods: Grain,
    reallocation_rows: Grain,
    account_periods: Grain,
) -> xr.DataArray:
    """Credited energy of an account that counts for its share: delivering units as they are, offtaking turned round.

    Interconnector units do not count. The sign is that of the Trading Unit, so one account may be below zero.
    """
    sign = unit_periods.array(np.where(unit_delivering_flag, 1.0, -1.0).reshape(-1))
    sign = sign * unit_periods.array(np.where(interconnector_flag, 0.0, 1.0).reshape(-1))
    lead = lead_credited_energy_volume * sign
    subsidiary = subsidiary_credited_energy_volume * spread(sign, onto=reallocation_rows)
    return total((unit_periods, lead), onto=account_periods) + total(subsidiary, onto=account_periods)


@tag(
    symbol="RCRD_j", clause="T4.10~", unit="MWh", dims="settlement_period", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.10",
)  # fmt: skip
def residual_reallocation_denominator(residual_share_volume: xr.DataArray, settlement_periods: Grain) -> xr.DataArray:
    """The energy over which the residual cashflow of a period is shared.

    RCRD_j = Σ_a (Σ+ QCE_iaj - Σ- QCE_iaj)

    Raises ZeroDenominator, naming the periods, where it is 0: nobody has a share.
    """
    found = total(residual_share_volume, onto=settlement_periods)
    if (zero := found.to_numpy() == 0).any():
        periods = settlement_periods.column("settlement_period")[zero].tolist()
        raise ZeroDenominator(
            f"Residual Cashflow Reallocation Denominator: found 0 MWh in periods {periods}, wanted credited energy. "
            "Give the metered volumes of the period, or set it aside.",
            periods,
        )
    return found


@tag(
    symbol="RCRP_aj", clause="T4.10~", unit="1", dims="settlement_period account", form="kernel",
    scope="settlement_period account", evidence="recollection", rule="volumes-and-charges.md 8.10",
)  # fmt: skip
def residual_cashflow_reallocation_proportion(
    residual_share_volume: xr.DataArray, residual_reallocation_denominator: xr.DataArray, account_periods: Grain
) -> xr.DataArray:
    """Share of an account in the residual cashflow; all shares of a period add up to 1, one may be below zero.

    RCRP_aj = (Σ+ QCE_iaj - Σ- QCE_iaj) / RCRD_j
    """
    return residual_share_volume / spread(residual_reallocation_denominator, onto=account_periods)


@tag(
    symbol="RCRC_aj", clause="T4.10~", unit="GBP", dims="settlement_period account", form="algebra",
    evidence="verified", rule="volumes-and-charges.md 8.10",
)  # fmt: skip
def residual_cashflow(
    residual_cashflow_reallocation_proportion: xr.DataArray,
    total_system_residual_cashflow: xr.DataArray,
    account_periods: Grain,
) -> xr.DataArray:
    """Paid to an account from what the period left; below zero it pays.

    RCRC_aj = RCRP_aj × TRC_j
    """
    return residual_cashflow_reallocation_proportion * spread(total_system_residual_cashflow, onto=account_periods)
