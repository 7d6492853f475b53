"""Market index rows, price adjustments and parameters: what both ways need of a period."""

from __future__ import annotations

import numpy as np

from reports.day_inputs.gathered import Gathered
from settlement.grains import row_grain

SCALARS = (
    "value_of_lost_load",
    "de_minimis_threshold",
    "continuous_acceptance_duration_limit",
    "price_average_reference_volume",
    "replacement_price_average_reference_volume",
)


def gather(day: Gathered) -> None:
    """Add the market index rows, adjustments and dated parameters of the settled periods."""
    _market_index(day)
    _adjustments(day)
    for name in SCALARS:
        day.given[name] = float(day.parameter(name))


def _market_index(day: Gathered) -> None:
    frame = day.rows("market_index")
    day.note_incomplete("market_index")
    frame = frame[
        frame["settlement_period"].isin(day.settled_periods) & frame["price"].notna() & frame["volume_mwh"].notna()
    ]
    frame = frame.sort_values(["settlement_period", "provider"]).reset_index(drop=True)
    rows = row_grain("market_index_row", {key: frame[key].to_numpy() for key in ("settlement_period", "provider")})
    day.given["market_index_rows"] = rows
    day.given["market_index_price_by_provider"] = rows.array(frame["price"].to_numpy(float))
    day.given["market_index_volume_by_provider"] = rows.array(frame["volume_mwh"].to_numpy(float))
    day.source_of("market_index_row", frame)
    traded = frame.groupby("settlement_period")["volume_mwh"].sum()
    for period in traded.index[traded == 0]:
        day.warnings.append(f"period {period}: no market index volume, so the Market Index Price is 0 (price.md 9.3)")


def _adjustments(day: Gathered) -> None:
    """BPA and SPA; a null is 0 (price.md 8.7), and so is a record that has not come, which is said."""
    frame = day.rows("system_prices").set_index("settlement_period")
    periods = day.given["settlement_periods"]
    known = frame.reindex(day.settled_periods)
    for name in ("buy_price_adjustment", "sell_price_adjustment"):
        day.given[name] = periods.array(np.nan_to_num(known[name].to_numpy(float), nan=0.0))
    record = known.reset_index()
    day.source_of("settlement_period", record)
