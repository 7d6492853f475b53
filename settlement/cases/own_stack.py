"""Price cases from the raw way in: notifications, pairs, acceptances and adjustment actions.

The files of a volumes case, with `given_adjustments.csv` (settlement_period, adjustment, volume_mwh, cost_gbp,
so_flag, stor_provider_flag) and `given_parameters.csv` beside them; acceptances may bear flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from settlement import parameters
from settlement.cases import charges, price
from settlement.cases.answers import as_answers
from settlement.cases.checking import Answers
from settlement.cases.reading import Table, day, flag, number, number_or_none
from settlement.engine import settle
from settlement.grains import row_grain, sub_grain

_OF_ACCEPTANCE = {
    "acceptance_so_flag": "so_flag",
    "acceptance_stor_flag": "stor_provider_flag",
    "acceptance_emergency_flag": "emergency_flag",
}


def settle_own_stack(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    """The price of the one Settlement Date of a case, from its own accepted volumes.

    Raises WrongCase for a file or cell that cannot be read.
    """
    settlement_date = given["given_fpn.csv"].column("settlement_date", day)[0]
    inputs = charges.volume_inputs(given, settlement_date) | _acceptance_flags(given)
    inputs |= _adjustments(given["given_adjustments.csv"])
    inputs |= _dated(settlement_date)
    published = price.parameter_inputs(given, inputs, inputs["settlement_periods"])
    price.market_index_inputs(given, inputs, inputs["settlement_periods"], published)
    return as_answers(settle(inputs, sorted(wanted), published=published, way="own stack"), settlement_date)


def _acceptance_flags(given: Mapping[str, Table]) -> dict[str, Any]:
    table = given["given_acceptances.csv"]
    keys = list(zip(table.column("bm_unit", str), table.column("acceptance_number", int), strict=True))
    acceptances = sorted(set(keys))
    rows = row_grain(
        "acceptance_row",
        {"bm_unit": [unit for unit, _ in acceptances], "acceptance_number": [number for _, number in acceptances]},
    )
    flags = {}
    for name, column in _OF_ACCEPTANCE.items():
        of = dict(zip(keys, table.column(column, flag, default=False), strict=True))
        flags[name] = rows.array(np.array([of[key] for key in acceptances], bool))
    return flags


def _adjustments(table: Table) -> dict[str, Any]:
    columns = (
        table.column("settlement_period", int), table.column("adjustment", str), table.column("volume_mwh", number),
        table.column("cost_gbp", number_or_none), table.column("so_flag", flag, default=False),
        table.column("stor_provider_flag", flag, default=False),
    )  # fmt: skip
    lines = sorted(zip(*columns, strict=True), key=lambda line: line[:2])
    rows = row_grain(
        "adjustment_row",
        {
            "settlement_period": np.array([line[0] for line in lines], np.int64),
            "adjustment": np.array([line[1] for line in lines], object),
        },
    )
    costed = sub_grain("costed_adjustment_row", rows, np.array([line[3] is not None for line in lines], bool))
    return {
        "adjustment_rows": rows,
        "costed_adjustment_rows": costed,
        "adjustment_volume": rows.array(np.array([line[2] for line in lines], float)),
        "adjustment_cost": costed.array(np.array([line[3] for line in lines if line[3] is not None], float)),
        "adjustment_so_flag": rows.array(np.array([line[4] for line in lines], bool)),
        "adjustment_stor_flag": rows.array(np.array([line[5] for line in lines], bool)),
    }


def _dated(settlement_date: date) -> dict[str, Any]:
    """CADL of the day; what the case gives itself takes its place."""
    name = "continuous_acceptance_duration_limit"
    return {name: float(parameters.value(name, settlement_date))}
