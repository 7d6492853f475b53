"""What given_units.csv says of BM Units: volumes, flags, and the figures that stand in for a rule's.

An empty or absent cell of a volume of services, or of a flag, is 0 or false by section 10; all else must be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from settlement.cases.bindings_charges import CHARGES
from settlement.cases.charges_blocks import Block, Rows, known_columns, rows_of, with_keys
from settlement.cases.reading import Table, flag, number
from settlement.errors import WrongCase
from settlement.grains import Grain, full_grain

FILE = "given_units.csv"
_VOLUMES = {
    "qm_mwh": "metered_volume",
    "tlf": "transmission_loss_factor",
    "tlm": "transmission_loss_multiplier",
}
_SERVICES = {
    "qas_mwh": "applicable_balancing_services_volume",
    "qbsd_mwh": "supplier_delivered_volume",
    "snbabsvd_mwh": "supplier_non_bm_volume",
    "rra_mwh": "replacement_reserve_volume",
}
_STANDING_IN = {
    "fpn_mwh": "notified_volume",
    "cbm_gbp": "bm_unit_cashflow",
    **{
        column: name
        for column, name in CHARGES["expected_units.csv"].columns.items()
        if column not in ("tlm", "delivering")
    },
}
_KINDS = {"interconnector": "interconnector_flag", "supplier": "supplier_flag"}
_STATUS = {"production": "production_flag"}
_STATUS_STANDING_IN = {"delivering": "unit_delivering_flag"}
_NAMES = {"trading_unit": str, "lead_account": str}
_PRICES = ("sbp", "ssp")


def unit_rows(given: Mapping[str, Table]) -> Rows:
    """Rows of given_units.csv, every cell read; WrongCase for an unknown column or a unit twice in a period."""
    table = given[FILE]
    readers: dict[str, Any] = {
        "bm_unit": str, **_NAMES, **dict.fromkeys((*_VOLUMES, *_STANDING_IN, *_PRICES), number),
        **dict.fromkeys((*_STATUS, *_STATUS_STANDING_IN), flag),
    }  # fmt: skip
    optional = {**dict.fromkeys(_SERVICES, (number, 0.0)), **dict.fromkeys(_KINDS, (flag, False))}
    known_columns(table, (*readers, *optional))
    read = {name: table.column(name, reader) for name, reader in readers.items() if name in table.columns}
    read |= {name: table.column(name, reader, default=absent) for name, (reader, absent) in optional.items()}
    read.setdefault("bm_unit", table.column("bm_unit", str))
    rows = with_keys(table, given)
    seen: set[tuple] = set()
    for at, row in enumerate(rows):
        row |= {name: values[at] for name, values in read.items()}
        key = (row["settlement_date"], row["settlement_period"], row["bm_unit"])
        if key in seen:
            raise WrongCase(
                f"{table.name}, row {row['at']}: {key[2]} stands twice in period {key[1]}. Keep one row of it."
            )
        seen.add(key)
    return rows


def unit_inputs(block: Block, rows: Rows, given: Mapping[str, Table]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Inputs by unit and period, and what stands in for a rule's figure."""
    by_key = {(row["settlement_period"], row["bm_unit"]): row for row in rows}
    first = {row["bm_unit"]: row for row in rows}
    unit_periods = full_grain(settlement_period=list(block.periods), bm_unit=list(block.units)).mapped(
        "bm_unit",
        trading_unit=[first[unit].get("trading_unit") or unit for unit in block.units],
        account=[first[unit].get("lead_account") or "" for unit in block.units],
    )
    trading_units = sorted(set(unit_periods.labels("trading_unit")))
    inputs: dict[str, Any] = {
        "settlement_periods": full_grain(settlement_period=list(block.periods)),
        "unit_periods": unit_periods,
        "trading_unit_periods": full_grain(settlement_period=list(block.periods), trading_unit=trading_units),
        "settlement_dates": full_grain(settlement_date=[str(block.settlement_date or "")]),
    }
    published: dict[str, Any] = {}
    ordered = [by_key[key] for key in sorted(by_key)]
    into_inputs = {**_VOLUMES, **_SERVICES, **_KINDS, **_STATUS}
    for columns, into in ((into_inputs, inputs), ({**_STANDING_IN, **_STATUS_STANDING_IN}, published)):
        for column, name in columns.items():
            if column in ordered[0]:
                into[name] = unit_periods.array(np.array([row[column] for row in ordered]))
    return inputs | _multipliers(block, given, unit_periods, inputs), published


def _multipliers(
    block: Block, given: Mapping[str, Table], unit_periods: Grain, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Multipliers from a file of their own, which must then name every unit in every period."""
    table = given.get("given_tlm.csv")
    if table is None:
        return {}
    if "transmission_loss_multiplier" in inputs:
        raise WrongCase(f"{table.name}: found tlm here and in given_units.csv, wanted one of them. Keep one.")
    rows = rows_of(table, block, given, {"bm_unit": str, "tlm": number})
    told = {(row["settlement_period"], row["bm_unit"]): row["tlm"] for row in rows}
    keys = list(zip(unit_periods.column("settlement_period"), unit_periods.column("bm_unit"), strict=True))
    if missing := [key for key in keys if key not in told]:
        raise WrongCase(f"{table.name}: found no TLM of {missing[0][1]} in period {missing[0][0]}. Add the row.")
    return {"transmission_loss_multiplier": unit_periods.array([told[key] for key in keys])}
