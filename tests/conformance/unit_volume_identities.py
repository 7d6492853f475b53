"""Accepted volumes of single units, through the kernels: volumes-and-charges.md, sections 2 and 3."""

from __future__ import annotations

from datetime import date

import pandas as pd
from conformance_identity import Found, identity, near
from conformance_inputs import Market, volumes
from published_world import World

from settlement import calendar

SEABANK, LONDON_ARRAY = date(2026, 8, 12), date(2026, 8, 6)
LONDON_ARRAY_FPN = 23.0  # MW; its notification is not in the file, and no other level fits both published rows
DEEP = 1200.0  # MW; the depth of the pairs is not in the files


POINTS = {
    "acceptanceNumber": "acceptance_number", "acceptanceTime": "acceptance_time", "timeFrom": "time_from",
    "timeTo": "time_to", "levelFrom": "level_from", "levelTo": "level_to",
}  # fmt: skip


def level_lines(day: date, periods: list[int], unit: str, level: dict[int, float]) -> pd.DataFrame:
    """One level a period."""
    starts = pd.Series([pd.Timestamp(calendar.period_start(day, period)) for period in periods])
    levels = [level[period] for period in periods]
    lines = {
        "time_from": starts,
        "time_to": starts + pd.Timedelta(minutes=30),
        "level_from": levels,
        "level_to": levels,
    }
    return pd.DataFrame({"bm_unit": unit, "settlement_period": periods, **lines})


def as_points(frame: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Acceptance rows of one unit under the names of the dataset."""
    return frame.rename(columns=POINTS)[list(POINTS.values())].assign(bm_unit=unit)


def seabank(world: World) -> pd.DataFrame:
    """Own and published accepted offer volume of the 48 periods."""
    published = world.frame("volumes_seab", "grid-mysteries")
    periods = list(calendar.periods(SEABANK))
    notified = dict(zip(published["settlementPeriod"], published["pnMW"], strict=True))
    lines = level_lines(SEABANK, periods, "T_SEAB-1", notified)
    pairs = level_lines(SEABANK, periods, "T_SEAB-1", dict.fromkeys(periods, DEEP)).assign(pair=1)
    points = as_points(world.frame("acceptances_seab", "grid-mysteries"), "T_SEAB-1")
    rows = volumes(Market(SEABANK, periods, lines, pairs, points)).rows
    own = rows.groupby("settlement_period")["offer_mwh"].sum().reindex(periods, fill_value=0.0)
    shown = published["acceptedOfferVolume"].to_numpy(float)
    return pd.DataFrame({"settlement_period": periods, "own": own.to_numpy(), "published": shown})


@identity(
    "accepted offer volume of T_SEAB-1, periods with a published volume",
    "volumes-and-charges.md 2.6, 3",
    "grid-mysteries",
    reads="volumes_seab.acceptedOfferVolume",
    unit="MWh",
)
def seabank_volumes(world: World, data_set: str) -> Found:
    frame = seabank(world)
    frame = frame[frame["published"] > 0]
    return near([f"P{one}" for one in frame["settlement_period"]], frame["own"] - frame["published"], 1e-6)


@identity(
    "accepted offer volume of T_SEAB-1, periods published as 0 (exceptions: records missing)",
    "volumes-and-charges.md 2.6, 3",
    "grid-mysteries",
    reads="volumes_seab.acceptedOfferVolume",
    unit="MWh",
)
def seabank_zeros(world: World, data_set: str) -> Found:
    frame = seabank(world)
    frame = frame[frame["published"] <= 0]
    return near([f"P{one}" for one in frame["settlement_period"]], frame["own"] - frame["published"], 1e-6)


@identity(
    "accepted bid volume of T_LARYW-1, each acceptance (FPN of 23 MW assumed)",
    "volumes-and-charges.md 2.6",
    "grid-mysteries",
    reads="settlement_stack.volume_mwh",
    unit="MWh",
)
def london_array(world: World, data_set: str) -> Found:
    stack = world.frame("settlement_stack", data_set).sort_values("acceptance_number")
    lines = level_lines(LONDON_ARRAY, [29], "T_LARYW-1", {29: LONDON_ARRAY_FPN})
    pairs = level_lines(LONDON_ARRAY, [29], "T_LARYW-1", {29: -DEEP}).assign(pair=-1)
    points = as_points(world.frame("acceptances_laryw", data_set), "T_LARYW-1")
    rows = volumes(Market(LONDON_ARRAY, [29], lines, pairs, points)).rows.sort_values("acceptance_number")
    return near(
        [f"acceptance {one}" for one in rows["acceptance_number"]],
        rows["bid_mwh"].to_numpy() - stack["volume_mwh"].to_numpy(float),
        1e-6,
    )
