"""Identities of system price records, all fields: price.md, sections 3, 7, 8 and 15."""

from __future__ import annotations

import numpy as np
import pandas as pd
from conformance_identity import Found, by_period, held, identity, near
from published_world import World

from settlement import calendar, parameters

RECORDS = ("bmrs-api", "nuravolt", "gridskew")
TOTALS = tuple(
    f"total_{one}_volume_mwh" for one in ("accepted_offer", "accepted_bid", "adjustment_sell", "adjustment_buy")
)
DE_MINIMIS_MOST = 1.1  # MWh, price.md 3
FEWEST_PARTS = 14_400_000  # 0.0001 / 1440: price in pence times MWh of whole minutes and ramps


def of(world: World, data_set: str) -> pd.DataFrame:
    return world.frame("system_prices", data_set)


def repriced(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["replacement_price"].notna()]


def parameter(frame: pd.DataFrame, name: str) -> np.ndarray:
    return np.array([parameters.value(name, day) for day in frame["settlement_date"]], float)


def par_left(frame: pd.DataFrame) -> np.ndarray:
    """Volume inside PAR: each total less what the system tagged of it; a null stands for a total of 0."""
    tagged = [frame[name.replace("total_", "total_system_tagged_")].fillna(0.0) for name in TOTALS]
    return np.abs(sum(frame[name] - one for name, one in zip(TOTALS, tagged, strict=True))).to_numpy(float)


def worse_by(frame: pd.DataFrame) -> np.ndarray:
    """How much worse for the system the price is than the replacement price: higher when short, lower when long."""
    return (
        np.sign(frame["net_imbalance_volume_mwh"]) * (frame["system_sell_price"] - frame["replacement_price"])
    ).to_numpy(float)


@identity(
    "price derivation code is P when short, N when long",
    "price.md 3",
    *RECORDS,
    reads="system_prices.price_derivation_code",
)
def derivation_code_is_the_sign(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    wanted = np.sign(frame["net_imbalance_volume_mwh"]).map({1.0: "P", -1.0: "N"})
    return held(by_period(frame), frame["price_derivation_code"] == wanted)


@identity(
    "system sell price = system buy price",
    "price.md 15, I21",
    *RECORDS,
    reads="system_prices.system_buy_price",
    unit="GBP/MWh",
)
def one_price(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    return near(by_period(frame), frame["system_sell_price"] - frame["system_buy_price"], 0.0)


@identity(
    "four totals together = NIV, but for De Minimis volume of at most 1.1 MWh", "price.md 3, I4", *RECORDS,
    reads="system_prices.total_accepted_bid_volume_mwh", unit="MWh",
)  # fmt: skip
def totals_are_niv(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    return near(by_period(frame), frame[list(TOTALS)].sum(axis=1) - frame["net_imbalance_volume_mwh"], DE_MINIMIS_MOST)


@identity(
    "totals less system tagged totals = min(PAR, abs(NIV))", "price.md 15, I7", *RECORDS,
    reads="system_prices.total_system_tagged_accepted_bid_volume_mwh", unit="MWh",
)  # fmt: skip
def par_is_filled(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    par = parameter(frame, "price_average_reference_volume")
    return near(by_period(frame), par_left(frame) - np.minimum(par, frame["net_imbalance_volume_mwh"].abs()), 1e-9)


@identity(
    "a system tagged total is null only where its total is 0", "price.md 3", *RECORDS,
    reads="system_prices.total_adjustment_sell_volume_mwh", unit="MWh",
)  # fmt: skip
def nothing_tagged_is_null(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    silent = [frame[name.replace("total_", "total_system_tagged_")].isna() for name in TOTALS]
    off = [frame[name].where(one, 0.0) for name, one in zip(TOTALS, silent, strict=True)]
    return near(by_period(frame), np.max(np.abs(np.array(off)), axis=0), 0.0)


@identity(
    "replacement price and its reference volume are null together", "price.md 3", *RECORDS,
    reads="system_prices.replacement_price",
)  # fmt: skip
def null_together(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    price, volume = frame["replacement_price"], frame["replacement_price_reference_volume_mwh"]
    return held(by_period(frame), price.isna() == volume.isna())


@identity(
    "replacement price reference volume <= RPAR", "price.md 7.5", "bmrs-api",
    reads="system_prices.replacement_price_reference_volume_mwh", unit="MWh",
)  # fmt: skip
def reference_volume_is_bounded(world: World, data_set: str) -> Found:
    frame = repriced(of(world, data_set))
    volume = frame["replacement_price_reference_volume_mwh"].to_numpy(float)
    beyond = np.maximum(
        volume - parameter(frame, "replacement_price_average_reference_volume"), -np.minimum(volume, 0.0)
    )
    return near(by_period(frame), np.maximum(beyond, 0.0), 0.0)


@identity(
    "repriced: price no better than replacement price",
    "price.md 8.6",
    "bmrs-api",
    reads="system_prices.system_sell_price",
    unit="GBP/MWh",
)
def never_better(world: World, data_set: str) -> Found:
    frame = repriced(of(world, data_set))
    return near(by_period(frame), np.minimum(worse_by(frame), 0.0), 1e-9)


@identity(
    "repriced: price = replacement price (the others are worse, 8.6)", "price.md 8.1, 8.6", "bmrs-api",
    reads="system_prices.replacement_price", unit="GBP/MWh",
)  # fmt: skip
def equal_to_replacement(world: World, data_set: str) -> Found:
    frame = repriced(of(world, data_set))
    return near(by_period(frame), worse_by(frame), 1e-9)


@identity(
    "replacement price x reference volume is a terminating decimal or a multiple of 0.0001/1440: a plain mean, no TLM",
    "price.md 7.5", "bmrs-api", reads="system_prices.replacement_price", unit="parts",
)  # fmt: skip
def replacement_price_is_a_plain_mean(world: World, data_set: str) -> Found:
    frame = repriced(of(world, data_set))
    return near(
        by_period(frame), parts_off(frame["replacement_price"] * frame["replacement_price_reference_volume_mwh"]), 1e-4
    )


@identity(
    "the same of the price, where it is not the replacement price (its TLM has 7 decimals: none should)",
    "price.md 7.5", "bmrs-api", reads="system_prices.system_sell_price", unit="parts",
)  # fmt: skip
def price_is_weighted_by_losses(world: World, data_set: str) -> Found:
    frame = repriced(of(world, data_set))
    frame = frame[np.abs(worse_by(frame)) > 1e-9]
    off = parts_off(frame["system_sell_price"] * par_left(frame))
    return held(by_period(frame), off > 1e-4, off)


def parts_off(value: pd.Series) -> np.ndarray:
    """Distance to the nearest seven-decimal number or multiple of 0.0001/1440, in such parts."""
    scaled = np.array([value.to_numpy(float) * parts for parts in (10**7, FEWEST_PARTS)])
    return np.abs(scaled - np.round(scaled)).min(axis=0)


@identity(
    "reference volume 0: replacement price is a market price, of two decimals", "price.md 3, 7.5", "bmrs-api",
    reads="system_prices.replacement_price", unit="GBP/MWh",
)  # fmt: skip
def market_price_has_two_decimals(world: World, data_set: str) -> Found:
    frame = repriced(of(world, data_set))
    price = frame.loc[frame["replacement_price_reference_volume_mwh"] == 0]
    return near(by_period(price), price["replacement_price"] - price["replacement_price"].round(2), 1e-9)


@identity(
    "buy and sell price adjustment are 0",
    "price.md 8.7",
    *RECORDS,
    reads="system_prices.buy_price_adjustment",
    unit="GBP/MWh",
)
def no_adjustment(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    return near(by_period(frame), frame["buy_price_adjustment"].abs() + frame["sell_price_adjustment"].abs(), 0.0)


@identity(
    "start time = the calendar's start of the period",
    "volumes-and-charges.md 1.2",
    *RECORDS,
    reads="system_prices.start_time",
)
def starts_by_the_calendar(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    keys = zip(frame["settlement_date"], frame["settlement_period"], strict=True)
    wanted = [pd.Timestamp(calendar.period_start(day, int(period))) for day, period in keys]
    return held(by_period(frame), frame["start_time"].to_numpy() == pd.DatetimeIndex(wanted).to_numpy())


@identity(
    "one record for every period of the short day",
    "volumes-and-charges.md 1.1",
    "bmrs-api",
    reads="system_prices.settlement_period",
)
def every_period_of_the_short_day(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    day = frame["settlement_date"].iloc[0]
    there = set(frame["settlement_period"])
    return held([f"P{one}" for one in calendar.periods(day)], [one in there for one in calendar.periods(day)])


@identity(
    "the price of the same period in the history of another copy (gb-grid-margin)",
    "price.md 13",
    "bmrs-api",
    reads="system_prices.system_sell_price",
    unit="GBP/MWh",
)
def same_in_the_other_copy(world: World, data_set: str) -> Found:
    other = world.frame("price_history", "gb-grid-margin")
    both = of(world, data_set).merge(other, on=["settlement_date", "settlement_period"], suffixes=("", "_other"))
    return near(by_period(both), both["system_sell_price"] - both["system_sell_price_other"], 0.0)
