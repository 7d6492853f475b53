"""Published values of a disputed quantity, with the file row of each: prices, or figures of a settlement report."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reports.charges_comparison import ACCOUNTS, FIGURES
from reports.disputes.records import SourceRow
from settlement.compare import reported

if TYPE_CHECKING:
    from loaders.store.session import Store
    from reports.views import DayView

PRICES = ("system_price", "system_buy_price", "system_sell_price")
DECIMALS = {"GBP": 2, "GBP/MWh": 5, "MWh": 3}
Found = dict[int | None, tuple[Decimal, SourceRow]]


def decimals_of(unit: str) -> int:
    """Decimals that a figure of a unit is reported with."""
    return DECIMALS.get(unit, 7)


def published_of(store: Store, view: DayView, quantity: str, unit: str, key: dict[str, str]) -> Found:
    """By period (None: the whole day) what was published of a quantity at a key; empty where nothing was.

    Prices are those of the day's view; else the settlement report (S0142) of the run.
    """
    if quantity in PRICES:
        return {
            one.settlement_period: (
                one.published,
                SourceRow(file=one.price_source.file, sha256=one.price_source.sha256,
                          source_row=one.price_source.source_row),
            )
            for one in view.periods
            if one.published is not None and one.price_source is not None
        }  # fmt: skip
    figure = next((one for one in FIGURES if one.quantity == quantity), None)
    if figure is None:
        return {}
    frame = store.rows(figure.dataset, view.settlement_date).to_pandas()
    frame = frame[frame["run"] == view.run]
    if figure.dataset == ACCOUNTS:
        frame = frame.assign(account=frame["party"] + "-" + frame["production_consumption_flag"])
    for name, label in key.items():
        if name in frame.columns:
            frame = frame[frame[name] == label]
    frame = frame.dropna(subset=[figure.column])
    files = {sha: row.file for sha, row in store.landings(set(frame["landing"].astype(str))).items()}
    found: Found = {}
    for row in frame.to_dict("records"):
        period = row.get("settlement_period")
        found[None if period is None else int(period)] = (
            _reported(row[figure.column], unit),
            SourceRow(file=files.get(row["landing"], ""), sha256=row["landing"], source_row=int(row["source_row"])),
        )
    return found


def _reported(value: Any, unit: str) -> Decimal:
    return reported(float(value), decimals_of(unit))
