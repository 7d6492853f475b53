"""Identities of the price histories and the market index: price.md, sections 8, 9, 11, 12 and 13."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from conformance_identity import Found, by_period, held, identity, near
from conformance_inputs import market_index_price
from published_world import World

from settlement import calendar

NEW, OLD, INSIGHTS = "price-diver-spread-radar", "wind-curtailment", "gb-grid-margin"
KEYS = ["settlement_date", "settlement_period"]
PRICE, VOLUME = "system_sell_price", "net_imbalance_volume_mwh"
FIFTH_DECIMAL = 0.5e-5 + 1e-9  # GBP/MWh: the file has the price to five decimals
NO_MARKET = (date(2024, 10, 13), date(2024, 10, 14), date(2024, 10, 27))
PAR_OF_ONE = date(2018, 11, 1)


def year_2024(world: World) -> pd.DataFrame:
    """Price, NIV, and own market index price and volume of each period of 2024."""
    index = world.frame("market_index", NEW)
    own = market_index_price(index)
    volume = index.groupby(KEYS)["volume_mwh"].sum().rename("market_volume").reset_index()
    history = world.frame("price_history", NEW)
    return history.merge(own, on=KEYS).merge(volume, on=KEYS)


def off_market(frame: pd.DataFrame) -> Any:
    return (frame[PRICE] - frame["market_index_price"]).to_numpy(float)


@identity(
    "system sell price = system buy price",
    "price.md 15, I21",
    NEW,
    OLD,
    reads="price_history.system_buy_price",
    unit="GBP/MWh",
)
def one_price(world: World, data_set: str) -> Found:
    frame = world.frame("price_history", data_set)
    return near(by_period(frame, True), frame[PRICE] - frame["system_buy_price"], 0.0)


@identity(
    "every day has the calendar's periods",
    "volumes-and-charges.md 1.1",
    NEW,
    OLD,
    INSIGHTS,
    reads="price_history.settlement_period",
)
def every_day_is_whole(world: World, data_set: str) -> Found:
    days = world.frame("price_history", data_set).groupby("settlement_date")["settlement_period"].agg(sorted)
    whole = [there == list(calendar.periods(day)) for day, there in days.items()]
    labels = [f"{day} ({calendar.period_count(day) - len(there)} missing)" for day, there in days.items()]
    return held(labels, whole)


@identity(
    "NIV = 0: price = market index price", "price.md 8.4", NEW, reads="price_history.system_sell_price", unit="GBP/MWh"
)
def balanced_is_market(world: World, data_set: str) -> Found:
    frame = year_2024(world)
    frame = frame[frame[VOLUME] == 0]
    return near(by_period(frame, True), off_market(frame), FIFTH_DECIMAL)


@identity(
    "price = market index price to 5 decimals, of the periods of 2024 with market volume", "price.md 7.5", NEW,
    reads="price_history.system_sell_price",
)  # fmt: skip
def priced_at_market(world: World, data_set: str) -> Found:
    frame = year_2024(world)
    agree = (np.abs(off_market(frame)) <= FIFTH_DECIMAL) & (frame["market_volume"] > 0)
    return Found(len(frame), int(agree.sum()))


@identity(
    "of those, the system was long or balanced", "price.md 7.5", NEW, reads="price_history.net_imbalance_volume_mwh"
)
def priced_at_market_when_long(world: World, data_set: str) -> Found:
    frame = year_2024(world)
    frame = frame[(np.abs(off_market(frame)) <= FIFTH_DECIMAL) & (frame["market_volume"] > 0)]
    return Found(len(frame), int((frame[VOLUME] <= 0).sum()))


def _without_market(on: tuple[date, ...]) -> Any:
    def check(world: World, data_set: str) -> Found:
        frame = year_2024(world)
        frame = frame[(frame["market_volume"] == 0) & frame["settlement_date"].isin(on)]
        return Found(len(frame), int((frame[PRICE] == 0).sum()))

    return check


for days, words in (
    (NO_MARKET, "13, 14 and 27 October 2024"),
    (NO_MARKET[2:], "27 October 2024"),
    (NO_MARKET[:2], "13 and 14 October 2024"),
):
    identity(
        f"no market volume, {words}: price exactly 0", "price.md 9.3", NEW, reads="price_history.system_sell_price"
    )(_without_market(days))


@identity(
    "no market volume, 27 October 2024, system long: price exactly 0",
    "price.md 9.3",
    NEW,
    reads="price_history.system_sell_price",
)
def zero_without_market_when_long(world: World, data_set: str) -> Found:
    frame = year_2024(world)
    frame = frame[(frame["market_volume"] == 0) & (frame["settlement_date"] == NO_MARKET[2]) & (frame[VOLUME] < 0)]
    return Found(len(frame), int((frame[PRICE] == 0).sum()))


@identity("the same, 13 and 14 October 2024", "price.md 9.3", NEW, reads="price_history.system_sell_price")
def zero_without_market_on_the_other_days(world: World, data_set: str) -> Found:
    frame = year_2024(world)
    frame = frame[(frame["market_volume"] == 0) & frame["settlement_date"].isin(NO_MARKET[:2]) & (frame[VOLUME] < 0)]
    return Found(len(frame), int((frame[PRICE] == 0).sum()))


@identity(
    "with market volume, 2024, system long: price exactly 0",
    "price.md 9.3",
    NEW,
    reads="price_history.system_sell_price",
)
def zero_elsewhere(world: World, data_set: str) -> Found:
    frame = year_2024(world)
    frame = frame[(frame["market_volume"] > 0) & (frame[VOLUME] < 0)]
    return Found(len(frame), int((frame[PRICE] == 0).sum()))


@identity("second provider (N2EXMIDP) has volume, 2024", "price.md 9.1", NEW, reads="market_index.volume_mwh")
def second_provider(world: World, data_set: str) -> Found:
    rows = world.frame("market_index", NEW)
    rows = rows[rows["provider"] == "N2EXMIDP"]
    return Found(len(rows), int((rows["volume_mwh"] > 0).sum()))


@identity(
    "second provider has volume: price is at neither mean of the providers, by volume or plain", "price.md 9.1", NEW,
    reads="price_history.system_sell_price",
)  # fmt: skip
def priced_at_neither_mean(world: World, data_set: str) -> Found:
    index = world.frame("market_index", NEW)
    second = index[(index["provider"] == "N2EXMIDP") & (index["volume_mwh"] > 0)]
    frame = world.frame("price_history", NEW).merge(second[KEYS], on=KEYS)
    means = [market_index_price(index.merge(second[KEYS], on=KEYS), weighting) for weighting in ("volume", "plain")]
    at = [np.abs(off_market(frame.merge(one, on=KEYS))) <= FIFTH_DECIMAL for one in means]
    return held(by_period(frame, True), ~(at[0] | at[1]))


@identity(
    "price of the 2022 vintage = price of the 2025 vintage within 0.01",
    "price.md 13.2",
    OLD,
    reads="price_history.system_sell_price",
    unit="GBP/MWh",
)
def prices_of_two_vintages(world: World, data_set: str) -> Found:
    both = two_vintages(world)
    return near(by_period(both, True), both[PRICE] - both[f"{PRICE}_new"], 0.01 + 1e-9)


@identity(
    "NIV of the 2022 vintage = NIV of the 2025 vintage within 0.001",
    "price.md 13.2",
    OLD,
    reads="price_history.net_imbalance_volume_mwh",
    unit="MWh",
)
def volumes_of_two_vintages(world: World, data_set: str) -> Found:
    both = two_vintages(world)
    return near(by_period(both, True), both[VOLUME] - both[f"{VOLUME}_new"], 0.001 + 1e-9)


def two_vintages(world: World) -> pd.DataFrame:
    old, new = world.frame("price_history", OLD), world.frame("price_history", NEW)
    return old.merge(new, on=KEYS, suffixes=("", "_new"))


def _decimals(column: str, places: int) -> Any:
    def check(world: World, data_set: str) -> Found:
        frame = world.frame("price_history", data_set)
        return held(by_period(frame, True), whole_at(frame[column], places))

    return check


for data_set, places in ((NEW, 3), (OLD, 4)):
    identity("price has at most 5 decimals", "price.md 11", data_set, reads=f"price_history.{PRICE}")(
        _decimals(PRICE, 5)
    )
    identity(f"NIV has at most {places} decimals", "price.md 11", data_set, reads=f"price_history.{VOLUME}")(
        _decimals(VOLUME, places)
    )


def whole_at(values: pd.Series, places: int) -> np.ndarray:
    """Whether a number has no more than so many decimals."""
    return (np.abs(values - values.round(places)) < 1e-9).to_numpy(bool)


def _two_decimals(first: date, last: date) -> Any:
    def check(world: World, data_set: str) -> Found:
        frame = world.frame("price_history", data_set)
        frame = frame[(frame["settlement_date"] >= first) & (frame["settlement_date"] <= last)]
        return Found(len(frame), int(whole_at(frame[PRICE], 2).sum()))

    return check


for first, last, words in (
    (date(2018, 1, 1), date(2018, 10, 31), "before 1 November 2018 (PAR 50)"),
    (date(2018, 11, 1), date(2018, 12, 31), "from 1 November 2018 (PAR 1)"),
    (date(2018, 10, 25), date(2018, 10, 31), "25 to 31 October 2018"),
    (date(2018, 11, 1), date(2018, 11, 7), "1 to 7 November 2018"),
):
    identity(f"price has at most two decimals, {words}", "price.md 12, PAR", INSIGHTS, reads=f"price_history.{PRICE}")(
        _two_decimals(first, last)
    )
