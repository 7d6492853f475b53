"""Wind units on 1 and 2 January 2022, an extract that somebody reshaped: counts only, for want of totals.

No job reads it. Notifications and acceptances are there for both days, pairs for the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
from conformance_inputs import Market, volumes
from published_world import World

DAY = date(2022, 1, 1)
PERIODS_A_DAY = 48
NAMES = {
    "Accept ID": "acceptance_number", "Accept Time": "acceptance_time", "settlementPeriod": "settlement_period",
    "bidOfferPairNumber": "pair", "timeFrom": "time_from", "timeTo": "time_to", "levelFrom": "level_from",
    "levelTo": "level_to", "bidOfferLevelFrom": "level_from", "bidOfferLevelTo": "level_to",
}  # fmt: skip


@dataclass(frozen=True)
class WindCounts:
    """What the kernels say of the extract; volumes of 1 January only, where there are pairs."""

    units: int
    acceptances: int
    acceptances_of_the_day: int
    offer_mwh: float
    bid_mwh: float
    beyond_bands: int  # acceptance and period pairs that moved the unit where no pair is
    beyond_bands_mwh: float
    off_profile: int  # acceptances, of both days, that end off the profile with none to follow
    periods_without_notification: int  # unit and period pairs with an acceptance and no notification


def wind_counts(world: World) -> WindCounts:
    """Feed the extract to the kernels of accepted volumes."""
    points = _named(world.frame("wind_boal", "wind-curtailment"), "acceptance_number", "acceptance_time")
    notifications = _named(world.frame("wind_fpn", "wind-curtailment"), "settlement_period")
    pairs = _named(world.frame("wind_bod", "wind-curtailment"), "settlement_period", "pair")
    market = Market(DAY, range(1, 2 * PERIODS_A_DAY + 1), notifications, pairs, points)
    found = volumes(market)
    kernel, rows = found.kernel, found.rows
    periods = found.unit_periods["settlement_period"].to_numpy()
    first_day = periods[kernel.beyond_bands_unit_period] <= PERIODS_A_DAY
    moved = rows[["settlement_period", "bm_unit"]].drop_duplicates()
    silent = found.unit_periods.iloc[kernel.notification_defaulted]
    return WindCounts(
        units=points["bm_unit"].nunique(),
        acceptances=len(found.acceptances),
        acceptances_of_the_day=len(rows[["bm_unit", "acceptance_number"]].drop_duplicates()),
        offer_mwh=float(rows["offer_mwh"].sum()),
        bid_mwh=float(rows["bid_mwh"].sum()),
        beyond_bands=int(first_day.sum()),
        beyond_bands_mwh=float(kernel.beyond_bands_volume[first_day].sum()),
        off_profile=len(kernel.ends_off_profile),
        periods_without_notification=len(moved.merge(silent)),
    )


def _named(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Rows under the names of the datasets; periods of the second day count on from the first."""
    later = frame["settlementDate"].astype(str).to_numpy() != DAY.isoformat()
    frame = frame.rename_axis("bm_unit").reset_index().rename(columns=NAMES)
    frame["settlement_period"] = frame["settlement_period"].astype(int) + PERIODS_A_DAY * later
    frame = frame[["bm_unit", "time_from", "time_to", "level_from", "level_to", *columns]].drop_duplicates()
    whole = [name for name in columns if name != "acceptance_time"]
    return frame.astype(dict.fromkeys(("level_from", "level_to"), float) | dict.fromkeys(whole, int))
