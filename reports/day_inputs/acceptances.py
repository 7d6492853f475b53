"""The ranked actions from their causes: notifications, bid-offer pairs, acceptances, adjustment actions."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from reports.day_inputs import adjustments, loss_multipliers
from reports.day_inputs.gathered import Gathered, seconds, told
from reports.views import Default
from settlement import calendar
from settlement.grains import Grain, full_grain, row_grain

NEEDED = {
    "physical_notifications": "physical notifications",
    "bid_offer_data": "bid-offer data",
    "acceptances": "acceptances",
}
HALF_HOUR = 1800  # seconds
EVENING = 6 * 3600  # seconds before midnight from which acceptances of the day before may matter


def gather(day: Gathered) -> None:
    """Add notifications, pairs, acceptances, adjustment actions and loss multipliers of what has come."""
    for dataset, name in NEEDED.items():
        arrived = set().union(*day.arrived(dataset).values())
        for period in day.periods:
            if period not in arrived:
                day.leave_out(period, f"{name} did not arrive")
        day.note_incomplete(dataset)
    notifications = day.rows("physical_notifications")
    pairs = day.rows("bid_offer_data")
    points = _points(day)
    moved = set(points["bm_unit"])
    notifications = _without_crossed(day, notifications, moved)
    pairs = _without_wrong_side(day, pairs, moved)
    if day.charged:
        notifications, pairs, points = _without_strangers(day, notifications, pairs, points)
    settled = day.settled_periods
    notifications = notifications[notifications["settlement_period"].isin(settled)]
    pairs = pairs[pairs["settlement_period"].isin(settled)]
    units = sorted({*notifications["bm_unit"], *pairs["bm_unit"], *points["bm_unit"], *day.units})
    periods = full_grain(settlement_period=settled)
    unit_periods = full_grain(settlement_period=settled, bm_unit=units)
    day.given["settlement_periods"], day.given["unit_periods"] = periods, unit_periods
    starts = [int(calendar.period_start(day.settlement_date, period).timestamp()) for period in settled]
    day.given["period_start"] = periods.array(np.array(starts, np.int64))
    _lines(day, notifications, "notification", "notification", ["settlement_period", "bm_unit"])
    _lines(day, points, "acceptance_point", "point", ["bm_unit", "acceptance_number"])
    _pairs(day, pairs)
    _acceptances(day, points)
    adjustments.gather(day)
    if not day.charged:  # else they follow from the metered volumes
        loss_multipliers.gather(day, unit_periods)
    known = _loss_of_load(day, periods)
    day.notes["period_start"] = "the calendar"
    day.notes["acceptance_emergency_flag"] = "no feed names emergency instructions: none taken"
    _reserve_scarcity(day, points, known)


def _without_strangers(day: Gathered, *frames: pd.DataFrame) -> list[pd.DataFrame]:
    """Rows of registered units; the periods of any other are set aside, since its volume belongs to nobody."""
    start = int(calendar.day_start(day.settlement_date).timestamp())
    found: dict[int, set[str]] = {}
    for frame in frames:
        odd = frame[~frame["bm_unit"].isin(day.units)]
        if odd.empty:
            continue
        begins, ends = seconds(odd["time_from"]) - start, seconds(odd["time_to"]) - start
        for unit, begin, end in zip(odd["bm_unit"], begins, ends, strict=True):
            for period in range(int(begin) // HALF_HOUR + 1, -(-int(end) // HALF_HOUR) + 1):
                found.setdefault(period, set()).add(unit)
    for period in sorted(found.keys() & set(day.periods)):
        said = "notified or accepted, but not registered: load the register of BM Units"
        day.leave_out(period, f"{told(sorted(found[period]))}: {said}")
    return [frame[frame["bm_unit"].isin(day.units)] for frame in frames]


def _loss_of_load(day: Gathered, periods: Grain) -> set[int]:
    """The last probability told of each period; 0 by rule where none came, which matters where there is STOR."""
    frame = day.rows("loss_of_load")
    frame = frame[frame["loss_of_load_probability"].notna()].sort_values(["settlement_period", "publish_time"])
    last = frame.drop_duplicates("settlement_period", keep="last").set_index("settlement_period")
    settled = periods.indexes[0]
    values = last["loss_of_load_probability"].reindex(settled)
    day.given["loss_of_load_probability"] = periods.array(values.fillna(0.0).to_numpy(float))
    if values.isna().all():
        day.notes["loss_of_load_probability"] = "did not arrive: 0 by default (price.md 16a)"
    else:
        day.notes["loss_of_load_probability"] = "loss of load probability, as told last before the period"
    return set(values.dropna().index.tolist())


def _points(day: Gathered) -> pd.DataFrame:
    """Acceptance points of the day and of the evening before; cancelled acceptances left out."""
    before = day.rows("acceptances", day.settlement_date - timedelta(days=1))
    if not day.has("acceptances", day.settlement_date - timedelta(days=1)):
        day.defaults.append(Default("volumes-and-charges.md 10", "acceptances of the day before did not arrive: none"))
    frame = pd.concat([before, day.rows("acceptances")], ignore_index=True)
    start = int(calendar.day_start(day.settlement_date).timestamp())
    frame = frame[seconds(frame["time_to"]) >= start - EVENING] if len(frame) else frame
    cancelled = frame["amendment_flag"].fillna("") == "DEL"
    for unit, number in (
        frame.loc[cancelled, ["bm_unit", "acceptance_number"]].drop_duplicates().itertuples(index=False)
    ):
        day.warnings.append(f"acceptance {number} of {unit} was cancelled by its sender and is left out")
    frame = frame[~cancelled].drop_duplicates(["bm_unit", "acceptance_number", "time_from"], keep="last")
    if day.reading.removed:
        named = pd.MultiIndex.from_frame(frame[["bm_unit", "acceptance_number"]])
        frame = frame[~named.isin(sorted(day.reading.removed))]
    return frame.reset_index(drop=True)


def _lines(day: Gathered, frame: pd.DataFrame, grain: str, stem: str, keys: list[str]) -> Grain:
    """Straight lines in time as inputs, numbered in order of time within their keys."""
    frame = frame.sort_values([*keys, "time_from"], kind="stable").reset_index(drop=True)
    frame["segment"] = frame.groupby(keys).cumcount() + 1
    rows = row_grain(f"{grain}_row", {key: frame[key].to_numpy() for key in [*keys, "segment"]})
    day.given[f"{grain}_rows"] = rows
    for end in ("from", "to"):
        day.given[f"{stem}_time_{end}"] = rows.array(seconds(frame[f"time_{end}"]))
        day.given[f"{stem}_level_{end}"] = rows.array(frame[f"level_{end}_mw"].to_numpy(float))
    day.source_of(f"{grain}_row", frame)
    return rows


def _pairs(day: Gathered, frame: pd.DataFrame) -> None:
    keys = ["settlement_period", "bm_unit", "pair"]
    _lines(day, frame, "pair_level", "pair", keys)
    first = frame.sort_values([*keys, "time_from"]).drop_duplicates(keys).reset_index(drop=True)
    rows = row_grain("pair_row", {key: first[key].to_numpy() for key in keys})
    day.given["pair_rows"] = rows
    for name in ("offer_price", "bid_price"):
        day.given[name] = rows.array(first[name].to_numpy(float))
    day.source_of("pair_row", first)


def _acceptances(day: Gathered, points: pd.DataFrame) -> None:
    keys = ["bm_unit", "acceptance_number"]
    first = points.sort_values([*keys, "time_from"]).drop_duplicates(keys).reset_index(drop=True)
    rows = row_grain("acceptance_row", {key: first[key].to_numpy() for key in keys})
    day.given["acceptance_rows"] = rows
    day.given["acceptance_time"] = rows.array(seconds(first["acceptance_time"]))
    for name in ("so_flag", "stor_flag"):
        day.given[f"acceptance_{name}"] = rows.array(first[name].fillna(False).to_numpy(bool))
    day.given["acceptance_emergency_flag"] = rows.array(np.zeros(len(first), bool))
    day.source_of("acceptance_row", first)


def _without_crossed(day: Gathered, frame: pd.DataFrame, moved: set[str]) -> pd.DataFrame:
    """Notifications that do not run over themselves; where one of an accepted unit does, its period is set aside."""
    keys = ["settlement_period", "bm_unit"]
    ordered = frame.sort_values([*keys, "time_from"], kind="stable")
    crossed = ordered[ordered["time_from"] < ordered.groupby(keys)["time_to"].shift()]
    wrong = crossed[keys].drop_duplicates()
    for period, unit in wrong.itertuples(index=False):
        if unit in moved:
            day.leave_out(int(period), f"physical notifications of {unit} overlap in time")
        else:
            day.warnings.append(
                f"period {period}: physical notifications of {unit} overlap in time; it has no acceptance"
            )
    lost = pd.MultiIndex.from_frame(wrong)
    return frame[~pd.MultiIndex.from_frame(frame[keys]).isin(lost)]


def _without_wrong_side(day: Gathered, pairs: pd.DataFrame, moved: set[str]) -> pd.DataFrame:
    """Pairs whose level has the sign of their number; another one belongs to no band, and is said."""
    low = np.minimum(pairs["pair"] * pairs["level_from_mw"], pairs["pair"] * pairs["level_to_mw"])
    wrong = (low < 0) | (pairs["pair"] == 0)
    for unit, of_unit in pairs[wrong].groupby("bm_unit"):
        said = f"pairs of {unit} have a level on the wrong side of its notification and are left out"
        if unit in moved:
            for period in sorted(set(of_unit["settlement_period"])):
                day.doubt(int(period), said)
        else:
            day.warnings.append(f"{len(of_unit)} {said}; the unit has no acceptance")
    return pairs[~wrong]


def _reserve_scarcity(day: Gathered, points: pd.DataFrame, known: set[int]) -> None:
    """Say where a STOR action makes a probability of loss of load matter that did not arrive."""
    stor = points[points["stor_flag"].fillna(False).astype(bool)]
    start = int(calendar.day_start(day.settlement_date).timestamp())
    for begins, ends in zip(seconds(stor["time_from"]), seconds(stor["time_to"]), strict=True) if len(stor) else []:
        for period in set(day.settled_periods) - known:
            if begins < start + period * HALF_HOUR and ends > start + (period - 1) * HALF_HOUR:
                _no_scarcity(day, period)
    if "adjustment_stor_flag" in day.given:
        rows, flags = day.given["adjustment_rows"], day.given["adjustment_stor_flag"].to_numpy()
        for period in {int(one) for one in rows.column("settlement_period")[flags]} - known:
            _no_scarcity(day, period)


def _no_scarcity(day: Gathered, period: int) -> None:
    default = Default("price.md 16a", "loss of load probability did not arrive: Reserve Scarcity Price 0", period)
    if default not in day.defaults:
        day.defaults.append(default)
        day.doubt(period, "a STOR action, and no loss of load probability arrived: Reserve Scarcity Price 0 by default")
