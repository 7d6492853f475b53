"""Own volumes, losses and charges against a settlement report (S0142), figure by figure.

The report is another's answer to the same question: nothing of it is put in place of an own figure. Figures that the
report leaves blank are not compared. Signs are those of the report as far as they are known; for the residual the
report's sign is a recollection, and a figure that differs by its sign alone is said to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reports.errors import NothingArrived
from settlement.calendar import RUN_TYPES

if TYPE_CHECKING:
    from settlement.settled import Settled

UNITS, ACCOUNTS, PARTIES = "settlement_report_units", "settlement_report_accounts", "settlement_report_parties"
# What equal means, in the unit of the figure: the last decimal of the report.
TOLERANCE = {"MWh": 0.001, "GBP": 0.01, "1": 1e-7}


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


@dataclass(frozen=True)
class Compared:
    """One figure: how many values were compared and how they stand; the largest difference, and where it is."""

    figure: Figure
    symbol: str
    unit: str
    compared: int
    equal: int
    other_sign: int
    not_own: int  # published, and no own figure
    not_published: int
    largest: float
    where: dict[str, Any]

    @property
    def differing(self) -> int:
        """Values further apart than the last decimal of the report, and not by their sign alone."""
        return self.compared - self.equal - self.other_sign

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "quantity": self.figure.quantity, "symbol": self.symbol, "unit": self.unit, "column": self.figure.column,
            "compared": self.compared, "equal": self.equal, "other_sign": self.other_sign,
            "differing": self.differing, "published_only": self.not_own, "own_only": self.not_published,
            "largest_difference": self.largest, "where": self.where,
        }  # fmt: skip


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
    return [_compared(one, settled, frames[one.dataset]) for one in FIGURES if one.quantity in settled.arrays]


def _compared(figure: Figure, settled: Settled, frame: pd.DataFrame) -> Compared:
    from reports.day_arrays import array

    entry = array(settled, figure.quantity).attrs
    grain = settled.grain(figure.quantity)
    own = pd.DataFrame({key: grain.column(key) for key in grain.keys} | {"own": settled.values(figure.quantity)})
    theirs = frame[[*grain.keys, figure.column]].dropna(subset=[figure.column])
    both = own.merge(theirs, on=list(grain.keys), how="outer", indicator="side")
    matched = both[both["side"] == "both"]
    mine, published = matched["own"].to_numpy(float), matched[figure.column].to_numpy(float)
    near = TOLERANCE.get(entry["units"], 0.01) * (1 + 1e-9)
    equal = np.abs(published - mine) <= near
    turned = ~equal & (np.abs(published + mine) <= near)
    apart = np.where(equal | turned, 0.0, np.abs(published - mine))
    at = int(np.argmax(apart)) if len(apart) else 0
    found = bool(len(apart)) and apart[at] > 0
    return Compared(
        figure, entry["symbol"], entry["units"], len(matched), int(equal.sum()), int(turned.sum()),
        int((both["side"] == "right_only").sum()), int((both["side"] == "left_only").sum()),
        float(published[at] - mine[at]) if found else 0.0,
        {key: matched[key].iloc[at] for key in grain.keys} if found else {},
    )  # fmt: skip


def in_words(found: list[Compared]) -> str:
    """A table for a terminal."""
    lines = [f"{'quantity':<44} {'compared':>9} {'equal':>9} {'differ':>8} {'sign':>6} {'largest':>14}  where"]
    for one in found:
        where = ", ".join(f"{key} {value}" for key, value in one.where.items())
        largest = f"{one.largest:+.5g} {one.unit}" if one.where else "-"
        lines.append(
            f"{one.figure.quantity:<44} {one.compared:>9,} {one.equal:>9,} {one.differing:>8,} {one.other_sign:>6,} "
            f"{largest:>14}  {where}"
        )
    only = sum(one.not_own for one in found), sum(one.not_published for one in found)
    lines.append(f"difference = published - own; published without own {only[0]:,}, own without published {only[1]:,}")
    return "\n".join(lines)
