"""Price cases: a stack with its parameters, or acceptances held against CADL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from settlement import calendar, parameters
from settlement.cases.answers import as_answers, merge
from settlement.cases.checking import Answers
from settlement.cases.reading import Table, day, flag, instant, number, number_or_none
from settlement.engine import settle
from settlement.errors import WrongCase
from settlement.grains import Grain, full_grain, row_grain, sub_grain

_PARAMETERS = {
    "DMAT": "de_minimis_threshold",
    "PAR": "price_average_reference_volume",
    "RPAR": "replacement_price_average_reference_volume",
    "VoLL": "value_of_lost_load",
    "CADL": "continuous_acceptance_duration_limit",
}
_BY_PERIOD = {"LoLP": "loss_of_load_probability", "BPA": "buy_price_adjustment", "SPA": "sell_price_adjustment"}
_STANDING_IN = {"MIP": "market_index_price", "RSVP": "reserve_scarcity_price", "NIV": "net_imbalance_volume"}


def settle_stack(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    """A stack of actions; a file without settlement_period holds for one period on its own."""
    stack = given["given_stack.csv"]
    rows = _ordered(stack)
    period = [row["settlement_period"] for row in rows]
    keys = {key: [row[key] for row in rows] for key in ("settlement_period", "side", "action")}
    maps = {key: np.array([row[key] for row in rows]) for key in ("bm_unit", "acceptance_number", "pair")}
    action_rows = row_grain("action_row", keys, maps)
    priced_rows = sub_grain(
        "priced_row", action_rows, np.array([row["original_price"] is not None for row in rows], bool)
    )
    periods = full_grain(settlement_period=sorted(set(period)))
    inputs: dict[str, Any] = {
        "action_rows": action_rows,
        "priced_rows": priced_rows,
        "settlement_periods": periods,
        "original_price": priced_rows.array(
            [row["original_price"] for row in rows if row["original_price"] is not None]
        ),
    }
    for name in ("action_volume", "so_flag", "cadl_flag", "emergency_flag", "stor_flag", "action_loss_multiplier"):
        inputs[name] = action_rows.array([row[name] for row in rows])
    published = parameter_inputs(given, inputs, periods)
    market_index_inputs(given, inputs, periods, published)
    return as_answers(settle(inputs, sorted(wanted), published=published))


def _ordered(stack: Table) -> list[dict[str, Any]]:
    columns = {
        "settlement_period": stack.column("settlement_period", int, default=1),
        "action": stack.column("row_id", str),
        "bm_unit": stack.column("id", str),
        "acceptance_number": stack.column("acceptance_number", int, default=0),
        "pair": stack.column("pair", int, default=0),
        "action_volume": stack.column("volume", number),
        "original_price": stack.column("original_price", number_or_none),
        "so_flag": stack.column("so_flag", flag, default=False),
        "cadl_flag": stack.column("cadl_flag", flag, default=False),
        "emergency_flag": stack.column("emergency_flag", flag, default=False),
        "stor_flag": stack.column("stor_provider_flag", flag, default=False),
        "action_loss_multiplier": stack.column("tlm", number, default=1.0),
    }
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for row in rows:
        row["side"] = "buy" if row["action_volume"] > 0 else "sell"
    return sorted(rows, key=lambda row: (row["settlement_period"], row["side"], row["action"]))


def parameter_inputs(given: Mapping[str, Table], inputs: dict[str, Any], periods: Grain) -> dict[str, Any]:
    """Puts parameters and figures of the period into `inputs`; gives those that stand in for a computed one."""
    table = given.get("given_parameters.csv")
    published: dict[str, Any] = {}
    values = {} if table is None else dict(zip(table.column("symbol", str), table.column("value", number), strict=True))
    for symbol, value in values.items():
        if symbol in _PARAMETERS:
            inputs[_PARAMETERS[symbol]] = value
        elif symbol in _BY_PERIOD:
            inputs[_BY_PERIOD[symbol]] = periods.array(np.full(periods.size, value))
        elif symbol in _STANDING_IN:
            grain = _every_period(periods) if symbol == "MIP" else periods
            published[_STANDING_IN[symbol]] = grain.array(np.full(periods.size, value))
        else:
            known = ", ".join([*_PARAMETERS, *_BY_PERIOD, *_STANDING_IN])
            raise WrongCase(f"given_parameters.csv: found symbol {symbol!r}, wanted one of {known}.")
    for name in _BY_PERIOD.values():
        inputs.setdefault(name, periods.array(np.zeros(periods.size)))
    return published


def market_index_inputs(
    given: Mapping[str, Table], inputs: dict[str, Any], periods: Grain, published: dict[str, Any]
) -> None:
    """Market index rows; none at all where the case gives neither rows nor MIP."""
    table = given.get("given_market_index.csv")
    if table is None:
        rows = row_grain("market_index_row", {"settlement_period": np.array([], int), "provider": np.array([], object)})
        price = volume = np.array([], float)
    else:
        period = table.column("settlement_period", int, default=int(periods.indexes[0][0]))
        provider = table.column("provider", str)
        order = sorted(range(len(period)), key=lambda at: (period[at], provider[at]))
        rows = row_grain(
            "market_index_row",
            {"settlement_period": [period[at] for at in order], "provider": [provider[at] for at in order]},
        )
        price, volume = (np.array(table.column(name, number))[order] for name in ("price", "volume"))
        published.pop("market_index_price", None)
    inputs["market_index_rows"] = rows
    inputs["market_index_price_by_provider"] = rows.array(price)
    inputs["market_index_volume_by_provider"] = rows.array(volume)


def _every_period(periods: Grain) -> Grain:
    return row_grain("market_index_period", {"settlement_period": periods.indexes[0].to_numpy()})


def settle_acceptance_durations(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    """Acceptances against the CADL of the local day on which they begin."""
    table = given["given_acceptances.csv"]
    rows = sorted(
        zip(
            table.column("bm_unit", str),
            table.column("acceptance_number", int),
            table.column("time_from", instant),
            table.column("time_to", instant),
            strict=True,
        )
    )
    days = [_day_of(begin) for _, _, begin, _ in rows]
    if "settlement_date" in table.columns:
        days = sorted(table.column("settlement_date", day))
    return merge(_of_day(one, [row for row in rows if _day_of(row[2]) == one]) for one in sorted(set(days)))


def _of_day(settlement_date: date, rows: list[tuple[str, int, int, int]]) -> dict[str, tuple]:
    acceptances = sorted({(unit, number) for unit, number, _, _ in rows})
    limit = float(parameters.value("continuous_acceptance_duration_limit", settlement_date))
    acceptance_rows = row_grain(
        "acceptance_row", {"bm_unit": [u for u, _ in acceptances], "acceptance_number": [k for _, k in acceptances]}
    )
    points = row_grain(
        "acceptance_point_row",
        {
            "bm_unit": [row[0] for row in rows],
            "acceptance_number": [row[1] for row in rows],
            "segment": [sum(other[:2] == row[:2] for other in rows[:at]) for at, row in enumerate(rows)],
        },
    )
    results = settle(
        {
            "acceptance_rows": acceptance_rows,
            "acceptance_point_rows": points,
            "point_time_from": points.array([row[2] for row in rows]),
            "point_time_to": points.array([row[3] for row in rows]),
            "continuous_acceptance_duration_limit": limit,
        },
        ["continuous_acceptance_duration", "acceptance_cadl_flag"],
    )
    results["continuous_acceptance_duration_limit"] = acceptance_rows.array(np.full(acceptance_rows.size, limit))
    return as_answers(results)


def _day_of(seconds: int) -> date:
    return calendar.period_at(datetime.fromtimestamp(seconds, UTC))[0]
