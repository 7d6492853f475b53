"""The sample market as plain tables: lists of dicts with the column names of the datasets.

Dates are dates, instants UTC datetimes, numbers floats or whole numbers, absent values None.

Reads    market_day, published, insights_form, random_markets
Gives    day_tables, market_tables, expected_stages, problem_tables, expected_volumes
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from loaders.sample_market import insights_form as form
from loaders.sample_market.columns import COLUMNS
from loaders.sample_market.exact_market import BUY, SELL, PriceResult, RowResult
from loaders.sample_market.exact_volumes import Piece
from loaders.sample_market.market_day import MarketDay
from loaders.sample_market.published import published_day
from loaders.sample_market.random_markets import (
    SETTLEMENT_DATE,
    SETTLEMENT_PERIOD,
    RandomMarket,
    VolumeProblem,
)
from settlement import calendar

Row = dict[str, Any]


def day_tables(day: MarketDay) -> dict[str, list[Row]]:
    """Every dataset of a day as its files would bring it, planted differences included."""
    published = published_day(day)
    on = day.settlement_date
    stacks = [
        {**record, "side": side}
        for entry in published
        for side in (BUY, SELL)
        for record in form.stack_records(on, entry, side)
    ]
    records = {
        "settlement_stack": stacks,
        "system_prices": [form.price_record(on, entry) for entry in published],
        "market_index": form.market_index_records(day),
        "physical_notifications": form.notification_records(day),
        "bid_offer_data": form.bid_offer_records(day),
        "acceptances": form.acceptance_records(day),
        "adjustment_actions": form.adjustment_records(day),
        "bm_units": form.bm_unit_records(day.units),
    }
    return {dataset: [_row(record, COLUMNS[dataset]) for record in given] for dataset, given in records.items()}


def market_tables(
    market: RandomMarket, settlement_date: date = SETTLEMENT_DATE, settlement_period: int = SETTLEMENT_PERIOD
) -> dict[str, list[Row]]:
    """A random market as settlement_stack and market_index rows, and its parameters by symbol.

    Stages are None. original_price is the price before any uplift to the Reserve Scarcity Price; an emergency
    flag is told as an SO-flag (price.md 4.3). Rows without a price are unpriced.
    """
    period = {
        "settlement_date": settlement_date,
        "settlement_period": settlement_period,
        "start_time": calendar.period_start(settlement_date, settlement_period),
    }
    parameters = market.parameters
    symbols = {
        "DMAT": parameters.de_minimis_threshold,
        "PAR": parameters.price_average_reference,
        "RPAR": parameters.replacement_price_average_reference,
        "RSVP": parameters.reserve_scarcity_price,
        "BPA": market.adjusters.buy,
        "SPA": market.adjusters.sell,
    }
    return {
        "settlement_stack": [
            {**_stack_row(row, parameters.reserve_scarcity_price), **period} for row in _by_rank(market.result())
        ],
        "market_index": [
            {**period, "provider": e.provider, "price": float(e.price), "volume_mwh": float(e.volume)}
            for e in market.market_index
        ],
        "parameters": [{"symbol": symbol, "value": float(value)} for symbol, value in symbols.items()],
    }


def expected_stages(result: PriceResult) -> list[Row]:
    """Every stage of every row of a result, by side and sequence number: MWh, GBP/MWh, GBP; 0 once removed."""
    return [
        {
            "side": row.action.side,
            "sequence_number": row.sequence_number,
            "dmat_adjusted_volume_mwh": float(row.dmat_adjusted_volume),
            "arbitrage_adjusted_volume_mwh": float(row.arbitrage_adjusted_volume),
            "second_stage_flagged": row.second_stage_flagged,
            "niv_adjusted_volume_mwh": float(row.niv_adjusted_volume),
            "repriced_flag": row.repriced,
            "final_price": None if row.final_price is None else float(row.final_price),
            "par_adjusted_volume_mwh": float(row.par_adjusted_volume),
            "tlm_adjusted_volume_mwh": float(row.tlm_adjusted_volume),
            "tlm_adjusted_cost_gbp": float(row.tlm_adjusted_cost),
        }
        for row in _by_rank(result)
    ]


def problem_tables(problem: VolumeProblem) -> dict[str, list[Row]]:
    """A random volume problem as rows of physical_notifications, bid_offer_data and acceptances."""
    unit = {"settlement_date": SETTLEMENT_DATE, "bm_unit": problem.bm_unit}
    in_period = {**unit, "settlement_period": SETTLEMENT_PERIOD}
    return {
        "physical_notifications": [{**in_period, **_line(piece)} for piece in problem.notification],
        "bid_offer_data": [
            {
                **in_period,
                "pair": band.pair,
                **_line(piece),
                "offer_price": float(band.offer_price),
                "bid_price": float(band.bid_price),
            }
            for band in problem.pairs
            for piece in band.pieces
        ],
        "acceptances": [
            {
                **unit,
                "acceptance_number": acceptance.number,
                "acceptance_time": _moment(acceptance.accepted_at),
                **_line(piece),
                "deemed_flag": False,
                "so_flag": acceptance.so_flag,
                "stor_flag": acceptance.stor_flag,
                "rr_flag": False,
                "amendment_flag": "ORI",
            }
            for acceptance in problem.acceptances
            for piece in acceptance.pieces
        ],
    }


def expected_volumes(problem: VolumeProblem) -> list[Row]:
    """What the exact calculator makes of a volume problem, by acceptance and pair, MWh."""
    return [
        {"acceptance_number": number, "pair": pair, "qao_kn_mwh": float(volume.offer), "qab_kn_mwh": float(volume.bid)}
        for (number, pair), volume in sorted(problem.volumes().items())
    ]


def _stack_row(row: RowResult, scarcity_price: Fraction) -> Row:
    action = row.action
    return {
        **dict.fromkeys(COLUMNS["settlement_stack"].values()),
        "side": action.side,
        "sequence_number": row.sequence_number,
        "bm_unit": action.id,
        "acceptance_number": action.acceptance_number,
        "pair": action.pair,
        "cadl_flag": None if action.is_adjustment else action.cadl_flag,
        "so_flag": action.so_flag or action.emergency_flag,
        "stor_flag": action.stor_flag,
        "reserve_scarcity_price": float(scarcity_price) if action.stor_flag else None,
        "original_price": None if action.price is None else float(action.price),
        "volume_mwh": float(action.volume),
        "tlm": float(action.tlm),
    }


def _by_rank(result: PriceResult) -> list[RowResult]:
    return sorted(result.rows, key=lambda row: (row.action.side, row.sequence_number))


def _row(record: form.Record, columns: Mapping[str, str]) -> Row:
    return {column: _typed(column, record[field]) for field, column in columns.items()}


def _typed(column: str, value: Any) -> Any:
    if value is None:
        return None
    if column == "settlement_date":
        return date.fromisoformat(value)
    if column.endswith("_time") or column in {"time_from", "time_to"}:
        return datetime.fromisoformat(value)
    if column in {"tlf", "generation_capacity_mw", "demand_capacity_mw"} or column.startswith("level_"):
        return float(value)
    return value


def _line(piece: Piece) -> Row:
    return {
        "time_from": _moment(piece.time_from),
        "time_to": _moment(piece.time_to),
        "level_from_mw": float(piece.level_from),
        "level_to_mw": float(piece.level_to),
    }


def _moment(minute: Fraction) -> datetime:
    return calendar.day_start(SETTLEMENT_DATE) + timedelta(minutes=int(minute))
