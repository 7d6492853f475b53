"""Frames of published rows as what the engine and its kernels are given; the answers as frames again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from settlement import calendar, parameters, settle
from settlement.grains import full_grain, row_grain, sub_grain
from settlement.kernels.accepted_volumes import AcceptedVolumes, Lines, accepted_volumes

PERIOD = 1800  # seconds


def market_index_price(index: pd.DataFrame, weighting: str = "volume") -> pd.DataFrame:
    """Own market index price of every date and period in a frame of provider rows."""
    index = index.sort_values(["settlement_date", "settlement_period", "provider"])
    keys = index[["settlement_date", "settlement_period"]].drop_duplicates().reset_index(drop=True)
    numbers = index.groupby(["settlement_date", "settlement_period"], sort=True).ngroup().to_numpy() + 1
    rows = row_grain("market_index_row", {"settlement_period": numbers, "provider": index["provider"].to_numpy(object)})
    given = {
        "market_index_rows": rows,
        "market_index_price_by_provider": rows.array(index["price"].to_numpy(float)),
        "market_index_volume_by_provider": rows.array(index["volume_mwh"].to_numpy(float)),
    }
    found = settle(given, ["market_index_price"], options={"market_index_weighting": weighting})
    return keys.assign(market_index_price=found["market_index_price"].to_numpy())


def stack_stages(
    stack: pd.DataFrame, wanted: Sequence[str], market_index: float | None = None, **options: str
) -> dict[str, Any]:
    """Stages of stack rows of one period, in row order; figures of the period as numbers.

    stack  one date and period; bm_unit, acceptance_number, pair, side, volume_mwh, original_price, flags, tlm;
           rows in the order of side, then unit, acceptance and pair
    """
    day = stack["settlement_date"].iloc[0]
    labels = [
        f"{unit} {number} {pair}" for unit, number, pair in stack[["bm_unit", "acceptance_number", "pair"]].to_numpy()
    ]
    maps = {
        name: stack[name].to_numpy(object if name == "bm_unit" else np.int64)
        for name in ("bm_unit", "acceptance_number", "pair")
    }
    order = np.lexsort((labels, stack["side"].to_numpy(str)))
    keys = {
        "settlement_period": np.ones(len(stack), np.int64),
        "side": stack["side"].to_numpy(object)[order],
        "action": np.array(labels, object)[order],
    }
    rows = row_grain("action_row", keys, {name: values[order] for name, values in maps.items()})
    priced = sub_grain("priced_row", rows, np.ones(len(stack), bool))
    periods = full_grain(settlement_period=np.array([1]))
    index = row_grain(
        "market_index_row", {"settlement_period": np.array([1]), "provider": np.array(["published"], object)}
    )
    nothing = periods.array([0.0])

    def column(name: str, kind: type = float) -> np.ndarray:
        return stack[name].fillna(False).to_numpy(kind)[order]

    given = {
        "action_rows": rows, "priced_rows": priced, "settlement_periods": periods, "market_index_rows": index,
        "action_volume": rows.array(column("volume_mwh")), "original_price": priced.array(column("original_price")),
        "so_flag": rows.array(column("so_flag", bool)), "cadl_flag": rows.array(column("cadl_flag", bool)),
        "stor_flag": rows.array(column("stor_flag", bool)), "emergency_flag": rows.array(np.zeros(len(stack), bool)),
        "action_loss_multiplier": rows.array(column("tlm")), "loss_of_load_probability": nothing,
        "buy_price_adjustment": nothing, "sell_price_adjustment": nothing,
        "market_index_price_by_provider": index.array([0.0 if market_index is None else market_index]),
        "market_index_volume_by_provider": index.array([0.0 if market_index is None else 1.0]),
    }  # fmt: skip
    names = (
        "de_minimis_threshold",
        "price_average_reference_volume",
        "replacement_price_average_reference_volume",
        "value_of_lost_load",
    )
    given |= {name: float(parameters.value(name, day)) for name in names}
    found = settle(given, wanted, options=options)
    back = np.argsort(order)
    return {
        name: values[back] if values.shape == back.shape else values
        for name, values in ((n, a.to_numpy()) for n, a in found.items())
    }


class Market(NamedTuple):
    """Whole-minute data of some units and periods; times are UTC instants, levels MW."""

    day: date
    periods: Sequence[int]  # from 1; beyond the day's last they are those of the days after
    notifications: pd.DataFrame  # bm_unit, settlement_period, time_from, time_to, level_from, level_to
    pairs: pd.DataFrame  # the same, and pair
    points: pd.DataFrame  # bm_unit, acceptance_number, acceptance_time, time_from, time_to, level_from, level_to


class Volumes(NamedTuple):
    """Accepted volumes, a row an acceptance, period and pair; and what the kernel warns of."""

    rows: pd.DataFrame  # bm_unit, settlement_period, acceptance_number, pair, offer_mwh, bid_mwh
    kernel: AcceptedVolumes
    acceptances: pd.DataFrame
    unit_periods: pd.DataFrame


def volumes(market: Market) -> Volumes:
    """Accepted volumes through the kernels of the engine."""
    units = sorted({*market.notifications["bm_unit"], *market.pairs["bm_unit"], *market.points["bm_unit"]})
    first = int(calendar.day_start(market.day).timestamp())
    starts = np.array([first + (period - 1) * PERIOD for period in market.periods], np.int64)
    unit_periods = pd.MultiIndex.from_product([market.periods, units], names=["settlement_period", "bm_unit"])
    chain = ["bm_unit", "acceptance_time", "acceptance_number"]
    acceptances = market.points[chain].drop_duplicates().sort_values(chain).reset_index(drop=True)
    by_acceptance = pd.MultiIndex.from_frame(acceptances)
    pairs = market.pairs.sort_values(["settlement_period", "bm_unit", "pair", "time_from"])
    of_unit = np.searchsorted(acceptances["bm_unit"].to_numpy(str), np.array(units, str))
    kernel = accepted_volumes(
        starts, starts + PERIOD,
        np.repeat(np.arange(len(starts)), len(units)), np.tile(np.arange(len(units)), len(starts)),
        _lines(market.notifications, unit_periods),
        pairs["pair"].to_numpy(np.int64), _lines(pairs, unit_periods, sort=False),
        np.append(of_unit, len(acceptances)).astype(np.int64), _lines(market.points, by_acceptance),
    )  # fmt: skip
    at = unit_periods.to_frame(index=False)
    rows = at.iloc[kernel.unit_period].reset_index(drop=True)
    rows["acceptance_number"] = acceptances["acceptance_number"].to_numpy()[kernel.acceptance]
    rows["pair"] = pairs["pair"].to_numpy()[kernel.pair_row]
    rows["offer_mwh"], rows["bid_mwh"] = kernel.accepted_offer_volume, kernel.accepted_bid_volume
    return Volumes(rows, kernel, acceptances, at)


def _lines(frame: pd.DataFrame, groups: pd.MultiIndex, sort: bool = True) -> Lines:
    group = groups.get_indexer(pd.MultiIndex.from_frame(frame[list(groups.names)]))
    order = np.lexsort((_seconds(frame["time_from"]), group)) if sort else np.argsort(group, kind="stable")
    frame, group = frame.iloc[order], group[order]
    return Lines(
        np.searchsorted(group, np.arange(len(groups) + 1)).astype(np.int64),
        _seconds(frame["time_from"]), _seconds(frame["time_to"]),
        frame["level_from"].to_numpy(float), frame["level_to"].to_numpy(float),
    )  # fmt: skip


def _seconds(times: pd.Series) -> np.ndarray:
    return pd.to_datetime(times, utc=True).dt.as_unit("s").astype("int64").to_numpy()


def bid_cashflow(rows: pd.DataFrame, multiplier: float) -> np.ndarray:
    """Bid cashflow of pairs of one unit and period, GBP; rows with pair, volume_mwh and bid_price."""
    rows = rows.reset_index(drop=True)
    order = rows["pair"].argsort().to_numpy()
    pairs = row_grain(
        "pair_row",
        {
            "settlement_period": np.ones(len(rows), np.int64),
            "bm_unit": np.full(len(rows), "unit", object),
            "pair": rows["pair"].to_numpy(np.int64)[order],
        },
    )
    unit = full_grain(settlement_period=np.array([1]), bm_unit=np.array(["unit"], object))
    given = {
        "pair_rows": pairs,
        "bid_price": pairs.array(rows["bid_price"].to_numpy(float)[order]),
        "transmission_loss_multiplier": unit.array([multiplier]),
    }
    published = {"accepted_bid_volume": pairs.array(rows["volume_mwh"].to_numpy(float)[order])}
    found = settle(given, ["bid_cashflow"], published=published, way="own stack")["bid_cashflow"].to_numpy()
    return found[np.argsort(order)]
