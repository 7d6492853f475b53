"""Own volumes, losses and charges against a settlement report (S0142), figure by figure.

Signs are those of the report as far as they are known; for the residual the report's sign is a recollection, and a
figure that differs by its sign alone is said to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reports.errors import NothingArrived
from reports.figures_compared import Compared, compared
from settlement.calendar import RUN_TYPES

UNITS, ACCOUNTS, PARTIES = "settlement_report_units", "settlement_report_accounts", "settlement_report_parties"


@dataclass(frozen=True)
class Figure:
    """A column of the report and the quantity that it is."""

    dataset: str
    column: str
    quantity: str


FIGURES = (
    Figure(UNITS, "bm_unit_metered_volume_mwh", "metered_volume"),
    Figure(UNITS, "transmission_loss_factor", "transmission_loss_factor"),
    Figure(UNITS, "transmission_loss_multiplier", "transmission_loss_multiplier"),
    Figure(UNITS, "period_fpn_mwh", "notified_volume"),
    Figure(UNITS, "period_bm_unit_balancing_services_volume_mwh", "balancing_services_volume"),
    Figure(UNITS, "period_expected_metered_volume_mwh", "expected_metered_volume"),
    Figure(UNITS, "period_information_imbalance_volume_mwh", "information_imbalance_volume"),
    Figure(UNITS, "information_imbalance_cashflow_gbp", "information_imbalance_cashflow"),
    Figure(UNITS, "period_bm_unit_non_delivered_bid_volume_mwh", "non_delivered_bid_volume"),
    Figure(UNITS, "period_bm_unit_non_delivered_offer_volume_mwh", "non_delivered_offer_volume"),
    Figure(UNITS, "bm_unit_period_non_delivery_charge_gbp", "non_delivery_charge"),
    Figure(ACCOUNTS, "account_credited_energy_volume_mwh", "account_credited_energy_volume"),
    Figure(ACCOUNTS, "account_period_balancing_services_volume_mwh", "account_balancing_services_volume"),
    Figure(ACCOUNTS, "account_bilateral_contract_volume_mwh", "account_bilateral_contract_volume"),
    Figure(ACCOUNTS, "account_energy_imbalance_volume_mwh", "account_energy_imbalance_volume"),
    Figure(ACCOUNTS, "energy_imbalance_charge_gbp", "account_energy_imbalance_cashflow"),
    Figure(ACCOUNTS, "residual_cashflow_reallocation_proportion", "residual_cashflow_reallocation_proportion"),
    Figure(ACCOUNTS, "residual_cashflow_reallocation_charge_gbp", "residual_cashflow"),
    Figure(PARTIES, "bm_unit_cashflow_gbp", "daily_party_bm_cashflow"),
    Figure(PARTIES, "energy_imbalance_cashflow_gbp", "daily_party_energy_imbalance_cashflow"),
    Figure(PARTIES, "information_imbalance_cashflow_gbp", "daily_party_information_imbalance_charge"),
    Figure(PARTIES, "non_delivery_charge_gbp", "daily_party_non_delivery_charge"),
    Figure(PARTIES, "residual_cashflow_reallocation_charge_gbp", "daily_party_residual_cashflow"),
)


def compare_charges(settlement_date: date, run: str | None, home: Path) -> list[Compared]:
    """Every figure of the settlement report of a run against the kept run.

    Raises NoSuchRun for a day that was not settled, NothingArrived where no report of the run, or of one before it,
    has come.
    """
    from reports.open_view import open_run

    row, settled, store = open_run(settlement_date, run, home)
    try:
        frames = {name: store.rows(name, settlement_date).to_pandas() for name in (UNITS, ACCOUNTS, PARTIES)}
    finally:
        store.close()
    upto = RUN_TYPES[: RUN_TYPES.index(row.run_type) + 1]
    reported = [one for one in upto if any((frame["run"] == one).any() for frame in frames.values())]
    if not reported:
        raise NothingArrived(
            f"{settlement_date}: no settlement report (S0142) of run {row.run_type} is in the workspace. "
            'Load one with "bsc load --from FOLDER": jobs idd/s0142_bm_units, s0142_accounts, s0142_parties.'
        )
    frames = {name: frame[frame["run"] == reported[-1]] for name, frame in frames.items()}
    frames[ACCOUNTS] = frames[ACCOUNTS].assign(
        account=frames[ACCOUNTS]["party"] + "-" + frames[ACCOUNTS]["production_consumption_flag"]
    )
    return [
        compared(one.quantity, one.column, settled, frames[one.dataset].rename(columns={one.column: "published"}))
        for one in FIGURES
        if one.quantity in settled.arrays
    ]
