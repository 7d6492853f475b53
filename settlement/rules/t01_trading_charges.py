"""Trading Charges of each Party: BSC Section T1.2.2.

By period first, then over the day. A credit to the Party is above zero for BM and residual cashflows
and the net amount; a debit is above zero for non-delivery, energy imbalance and information imbalance.

Reads    cashflows by BM Unit and by account, amounts given for the day
Gives    party_period_* and daily_party_* amounts, daily_system_operator_bm_cashflow
Rules    volumes-and-charges.md, sections 6, 7.3, 8.8 to 8.12
"""

from __future__ import annotations

import math

import xarray as xr
from hamilton.function_modifiers import tag

from settlement.grains import Grain, total


@tag(
    symbol="CBM_pj", clause="T1.2.2~", unit="GBP", dims="settlement_period party", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 6",
)  # fmt: skip
def party_period_bm_cashflow(bm_unit_cashflow: xr.DataArray, unit_periods: Grain, party_periods: Grain) -> xr.DataArray:
    """Paid to a Party in a period for what was accepted from its BM Units; a credit is above zero.

    CBM_pj = Σ_i∈p CBM_ij
    """
    return total((unit_periods, bm_unit_cashflow), onto=party_periods)


@tag(
    symbol="CND_pj", clause="T1.2.2~", unit="GBP", dims="settlement_period party", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 7.3",
)  # fmt: skip
def party_period_non_delivery_charge(
    non_delivery_charge: xr.DataArray, unit_periods: Grain, party_periods: Grain
) -> xr.DataArray:
    """Paid by a Party in a period for accepted volume that it did not deliver.

    CND_pj = Σ_i∈p CND_ij
    """
    return total((unit_periods, non_delivery_charge), onto=party_periods)


@tag(
    symbol="CAEI_pj", clause="T1.2.2~", unit="GBP", dims="settlement_period party", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.8",
)  # fmt: skip
def party_period_energy_imbalance_cashflow(
    account_energy_imbalance_cashflow: xr.DataArray, account_periods: Grain, party_periods: Grain
) -> xr.DataArray:
    """Paid by a Party in a period for the imbalance of its accounts; below zero it is paid.

    CAEI_pj = Σ_a∈p CAEI_aj
    """
    return total((account_periods, account_energy_imbalance_cashflow), onto=party_periods)


@tag(
    symbol="CII_pj", clause="T1.2.2~", unit="GBP", dims="settlement_period party", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.9",
)  # fmt: skip
def party_period_information_imbalance_charge(
    information_imbalance_cashflow: xr.DataArray, unit_periods: Grain, party_periods: Grain
) -> xr.DataArray:
    """Paid by a Party in a period for metering otherwise than it notified.

    CII_pj = Σ_i∈p CII_ij
    """
    return total((unit_periods, information_imbalance_cashflow), onto=party_periods)


@tag(
    symbol="RCRC_pj", clause="T1.2.2~", unit="GBP", dims="settlement_period party", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.10",
)  # fmt: skip
def party_period_residual_cashflow(
    residual_cashflow: xr.DataArray, account_periods: Grain, party_periods: Grain
) -> xr.DataArray:
    """Paid to a Party in a period from the residual cashflow; below zero it pays.

    RCRC_pj = Σ_a∈p RCRC_aj
    """
    return total((account_periods, residual_cashflow), onto=party_periods)


@tag(
    symbol="Net_pj", clause="T1.2.2~", unit="GBP", dims="settlement_period party", form="algebra",
    evidence="verified", rule="volumes-and-charges.md 8.12",
)  # fmt: skip
def party_period_net_due(
    party_period_bm_cashflow: xr.DataArray,
    party_period_non_delivery_charge: xr.DataArray,
    party_period_energy_imbalance_cashflow: xr.DataArray,
    party_period_information_imbalance_charge: xr.DataArray,
    party_period_residual_cashflow: xr.DataArray,
) -> xr.DataArray:
    """Due to a Party for a period, before the amounts that are given for a day; below zero it owes.

    Net_pj = CBM_pj - CND_pj - CAEI_pj - CII_pj + RCRC_pj
    """
    charged = party_period_non_delivery_charge + party_period_energy_imbalance_cashflow
    charged = charged + party_period_information_imbalance_charge
    return party_period_bm_cashflow - charged + party_period_residual_cashflow


@tag(
    symbol="CBM_p", clause="T1.2.2~", unit="GBP", dims="party", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 6",
)  # fmt: skip
def daily_party_bm_cashflow(party_period_bm_cashflow: xr.DataArray, parties: Grain) -> xr.DataArray:
    """Paid to a Party over a day for what was accepted from its BM Units; a credit is above zero.

    CBM_p = Σ_j∈D CBM_pj
    """
    return total(party_period_bm_cashflow, onto=parties)


@tag(
    symbol="CND_p", clause="T1.2.2~", unit="GBP", dims="party", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 7.3",
)  # fmt: skip
def daily_party_non_delivery_charge(party_period_non_delivery_charge: xr.DataArray, parties: Grain) -> xr.DataArray:
    """Paid by a Party over a day for accepted volume that it did not deliver.

    CND_p = Σ_j∈D CND_pj
    """
    return total(party_period_non_delivery_charge, onto=parties)


@tag(
    symbol="CAEI_p", clause="T1.2.2~", unit="GBP", dims="party", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.8",
)  # fmt: skip
def daily_party_energy_imbalance_cashflow(
    party_period_energy_imbalance_cashflow: xr.DataArray, parties: Grain
) -> xr.DataArray:
    """Paid by a Party over a day for the imbalance of its accounts; below zero it is paid.

    CAEI_p = Σ_j∈D CAEI_pj
    """
    return total(party_period_energy_imbalance_cashflow, onto=parties)


@tag(
    symbol="CII_p", clause="T1.2.2~", unit="GBP", dims="party", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.9",
)  # fmt: skip
def daily_party_information_imbalance_charge(
    party_period_information_imbalance_charge: xr.DataArray, parties: Grain
) -> xr.DataArray:
    """Paid by a Party over a day for metering otherwise than it notified.

    CII_p = Σ_j∈D CII_pj
    """
    return total(party_period_information_imbalance_charge, onto=parties)


@tag(
    symbol="RCRC_p", clause="T1.2.2~", unit="GBP", dims="party", form="sum",
    evidence="recollection", rule="volumes-and-charges.md 8.10",
)  # fmt: skip
def daily_party_residual_cashflow(party_period_residual_cashflow: xr.DataArray, parties: Grain) -> xr.DataArray:
    """Paid to a Party over a day from the residual cashflow; below zero it pays.

    RCRC_p = Σ_j∈D RCRC_pj
    """
    return total(party_period_residual_cashflow, onto=parties)


@tag(
    symbol="Net_p", clause="T1.2.2", unit="GBP", dims="party", form="algebra",
    evidence="verified", rule="volumes-and-charges.md 8.12",
)  # fmt: skip
def daily_party_net_due(
    daily_party_bm_cashflow: xr.DataArray,
    daily_party_non_delivery_charge: xr.DataArray,
    daily_party_energy_imbalance_cashflow: xr.DataArray,
    daily_party_information_imbalance_charge: xr.DataArray,
    daily_party_residual_cashflow: xr.DataArray,
    replacement_reserve_cashflow: xr.DataArray,
    replacement_reserve_deviation_cashflow: xr.DataArray,
    supplier_compensation_paid: xr.DataArray,
    supplier_compensation_charged: xr.DataArray,
) -> xr.DataArray:
    """Trading Charges of a Party for a Settlement Day: due to it above zero, owed by it below.

    Net_p = CBM_p - CND_p - CAEI_p - CII_p + RCRC_p + RR_p + RRdev_p + SCP_p - SCC_p
    """
    charged = daily_party_non_delivery_charge + daily_party_energy_imbalance_cashflow
    charged = charged + daily_party_information_imbalance_charge + supplier_compensation_charged
    paid = daily_party_bm_cashflow + daily_party_residual_cashflow + replacement_reserve_cashflow
    return paid + replacement_reserve_deviation_cashflow + supplier_compensation_paid - charged


@tag(
    symbol="CSOBM_D", clause="T3~", unit="GBP", dims="settlement_date", form="kernel", scope="settlement_date",
    evidence="recollection", rule="volumes-and-charges.md 6",
)  # fmt: skip
def daily_system_operator_bm_cashflow(
    system_operator_bm_cashflow: xr.DataArray, settlement_dates: Grain
) -> xr.DataArray:
    """Paid by the system operator over a day for all that it accepted.

    CSOBM_D = Σ_j CSOBM_j
    """
    return settlement_dates.array([math.fsum(system_operator_bm_cashflow.to_numpy().tolist())])
