"""Charges cases of volumes and BM cashflows: notifications, pairs, acceptances, TLM."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from settlement import calendar
from settlement.cases.answers import as_answers, merge
from settlement.cases.charges_blocks import Block, labelled
from settlement.cases.checking import Answers
from settlement.cases.reading import Table, day, instant, number
from settlement.engine import settle
from settlement.errors import WrongCase
from settlement.grains import Grain, full_grain

_LEVELS = ("level_from_mw", "level_to_mw")


def settle_volumes(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    """Accepted volumes and cashflows, each Settlement Date by itself."""
    days = sorted(set(given["given_fpn.csv"].column("settlement_date", day)))
    return merge(as_answers(settle(volume_inputs(given, one), sorted(wanted)), one) for one in days)


def volume_inputs(given: Mapping[str, Table], settlement_date: date, block: Block | None = None) -> dict[str, Any]:
    """Notifications, pairs, acceptances and TLM of one Settlement Date, as the engine is given them.

    With a block: of its units and periods, whether they notified anything or not, and without TLM.
    """
    fpn = _rows(
        given, "given_fpn.csv", settlement_date, settlement_period=int, bm_unit=str, time_from=instant, time_to=instant,
        level_from_mw=number, level_to_mw=number,
    )  # fmt: skip
    pairs = _pairs(given, settlement_date)
    points = _rows(
        given, "given_acceptances.csv", None, bm_unit=str, acceptance_number=int, time_from=instant, time_to=instant,
        acceptance_time=instant, level_from_mw=number, level_to_mw=number,
    )  # fmt: skip
    periods = sorted({row["settlement_period"] for row in fpn} | {row["settlement_period"] for row in pairs})
    units = sorted({row["bm_unit"] for row in [*fpn, *pairs, *points]})
    if block is not None:
        fpn, pairs, points = (_of_block(rows, settlement_date, block) for rows in (fpn, pairs, points))
        periods, units = list(block.periods), list(block.units)
    starts = [int(calendar.period_start(settlement_date, period).timestamp()) for period in periods]
    settlement_periods = full_grain(settlement_period=periods)
    unit_periods = full_grain(settlement_period=periods, bm_unit=units)
    inputs: dict[str, Any] = {
        "settlement_periods": settlement_periods,
        "unit_periods": unit_periods,
        "period_start": settlement_periods.array(starts),
    }
    inputs |= _with_rows(fpn, "notification", ("settlement_period", "bm_unit"))
    inputs |= _with_rows(points, "acceptance_point", ("bm_unit", "acceptance_number"), as_="point")
    inputs |= _with_rows(pairs, "pair_level", ("settlement_period", "bm_unit", "pair"), as_="pair")
    priced = _first_of_each(pairs, ("settlement_period", "bm_unit", "pair"))
    pair_rows = labelled("pair_row", ("settlement_period", "bm_unit", "pair"), priced)
    accepted = _first_of_each(points, ("bm_unit", "acceptance_number"))
    acceptance_rows = labelled("acceptance_row", ("bm_unit", "acceptance_number"), accepted)
    inputs |= {
        "pair_rows": pair_rows,
        "offer_price": pair_rows.array(np.array([row["offer_price"] for row in priced], float)),
        "bid_price": pair_rows.array(np.array([row["bid_price"] for row in priced], float)),
        "acceptance_rows": acceptance_rows,
        "acceptance_time": acceptance_rows.array(np.array([row["acceptance_time"] for row in accepted], np.int64)),
    }
    if block is None:
        inputs["transmission_loss_multiplier"] = _loss_multiplier(given, settlement_date, unit_periods)
    return inputs


def _of_block(rows: list[dict[str, Any]], settlement_date: date, block: Block) -> list[dict[str, Any]]:
    """The rows of a block; WrongCase for a unit, or unit in a period, that the case does not settle."""
    for row in rows:
        if not any(
            one == settlement_date and row["bm_unit"] == unit and row.get("settlement_period", period) == period
            for one, period, unit in block.whole
        ):
            told = " in period ".join(str(row[name]) for name in ("bm_unit", "settlement_period") if name in row)
            raise WrongCase(f"found {told} of {settlement_date}, wanted a row of it in given_units.csv. Add it there.")
    return [row for row in rows if {**row, "settlement_date": settlement_date} in block]


def _pairs(given: Mapping[str, Table], settlement_date: date) -> list[dict[str, Any]]:
    """Bid-offer pairs, with a level over the whole period unless the file says from and to."""
    columns = given["given_bid_offer_pairs.csv"].columns
    levels = dict.fromkeys(_LEVELS, number) if "level_from_mw" in columns else {"level_mw": number}
    times = dict.fromkeys(("time_from", "time_to"), instant) if "time_from" in columns else {}
    rows = _rows(
        given, "given_bid_offer_pairs.csv", settlement_date, settlement_period=int, bm_unit=str, pair=int,
        offer_price=number, bid_price=number, **levels, **times,
    )  # fmt: skip
    for row in rows:
        start = int(calendar.period_start(settlement_date, row["settlement_period"]).timestamp())
        row.setdefault("time_from", start)
        row.setdefault("time_to", start + 1800)
        for name in _LEVELS:
            row.setdefault(name, row.get("level_mw"))
    return rows


def _rows(given: Mapping[str, Table], name: str, settlement_date: date | None, **columns: Any) -> list[dict[str, Any]]:
    if name not in given:
        raise WrongCase(
            f"found {', '.join(given)}, wanted also {name}. Add the file, with its heading only if it is empty."
        )
    table = given[name]
    read = {column: table.column(column, reader) for column, reader in columns.items()}
    rows = [dict(zip(read, values, strict=True)) for values in zip(*read.values(), strict=True)]
    if settlement_date is not None and "settlement_date" in table.columns:
        days = table.column("settlement_date", day)
        rows = [row for row, one in zip(rows, days, strict=True) if one == settlement_date]
    return rows


def _with_rows(rows: list[dict[str, Any]], grain: str, keys: tuple[str, ...], as_: str | None = None) -> dict[str, Any]:
    """Lines in time as inputs: the grain, and its times and levels; lines of a key are numbered in order of time."""
    rows.sort(key=lambda row: (*(row[key] for key in keys), row["time_from"]))
    seen: dict[tuple, int] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        row["segment"] = seen[key] = seen.get(key, 0) + 1
    labels = labelled(f"{grain}_row", (*keys, "segment"), rows)
    stem = as_ or grain
    return {
        f"{grain}_rows": labels,
        f"{stem}_time_from": labels.array(np.array([row["time_from"] for row in rows], np.int64)),
        f"{stem}_time_to": labels.array(np.array([row["time_to"] for row in rows], np.int64)),
        f"{stem}_level_from": labels.array(np.array([row["level_from_mw"] for row in rows], float)),
        f"{stem}_level_to": labels.array(np.array([row["level_to_mw"] for row in rows], float)),
    }


def _first_of_each(rows: list[dict[str, Any]], keys: tuple[str, ...]) -> list[dict[str, Any]]:
    first: dict[tuple, dict[str, Any]] = {}
    for row in rows:
        first.setdefault(tuple(row[key] for key in keys), row)
    return [first[key] for key in sorted(first)]


def _loss_multiplier(given: Mapping[str, Table], settlement_date: date, unit_periods: Grain) -> Any:
    rows = _rows(given, "given_tlm.csv", settlement_date, settlement_period=int, bm_unit=str, tlm=number)
    known = {(row["settlement_period"], row["bm_unit"]): row["tlm"] for row in rows}
    keys = list(zip(unit_periods.column("settlement_period"), unit_periods.column("bm_unit"), strict=True))
    if missing := [key for key in keys if key not in known]:
        raise WrongCase(f"given_tlm.csv: found no TLM of {missing[0][1]} in period {missing[0][0]}. Add the row.")
    return unit_periods.array([known[key] for key in keys])
