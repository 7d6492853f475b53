"""Charges cases of losses, non-delivery and accounts: metered volumes by unit, with what stands in for the rest.

A column that a rule would give (`qbs_mwh`, `cbm_gbp`, `tlm` ...) takes that rule's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from settlement import parameters
from settlement.cases.answers import as_answers, merge
from settlement.cases.charges_accounts import account_inputs
from settlement.cases.checking import Answers
from settlement.cases.derived import asked, derive
from settlement.cases.reading import Table, day, flag, number
from settlement.engine import settle
from settlement.errors import WrongCase
from settlement.grains import Grain, full_grain, row_grain

Rows = list[dict[str, Any]]

_VOLUMES = {
    "qm_mwh": "metered_volume",
    "qas_mwh": "applicable_balancing_services_volume",
    "qbsd_mwh": "supplier_delivered_volume",
    "snbabsvd_mwh": "supplier_non_bm_volume",
    "rra_mwh": "replacement_reserve_volume",
    "tlf": "transmission_loss_factor",
    "tlm": "transmission_loss_multiplier",
}
_OPTIONAL = ("qas_mwh", "qbsd_mwh", "snbabsvd_mwh", "rra_mwh")  # 0 where a case leaves them out (section 10)
_STANDING_IN = {
    "fpn_mwh": "notified_volume",
    "qbs_mwh": "balancing_services_volume",
    "qme_mwh": "expected_metered_volume",
    "cbm_gbp": "bm_unit_cashflow",
    "cnd_gbp": "non_delivery_charge",
}
_FLAGS = {"interconnector": "interconnector_flag", "supplier": "supplier_flag", "production": "production_flag"}
_PRICES = {"sbp": "system_buy_price", "ssp": "system_sell_price"}
_SYMBOLS = {
    "alpha": "delivering_share_of_losses",
    "IIP": "information_imbalance_price",
    "ETLMO+": "estimated_tlmo_plus",
    "ETLMO-": "estimated_tlmo_minus",
}
_DATED = ("delivering_share_of_losses", "interconnectors_share_losses", "information_imbalance_price")


def settle_units(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    """Each Settlement Date of a case by itself, and within it units of other prices by themselves."""
    units = _rows(given["given_units.csv"])
    found = []
    for one in sorted({row["settlement_date"] for row in units}):
        of_day = [row for row in units if row["settlement_date"] == one]
        for prices in sorted({(row.get("sbp"), row.get("ssp")) for row in of_day}, key=str):
            rows = [row for row in of_day if (row.get("sbp"), row.get("ssp")) == prices]
            found.append(_settled(given, one, rows, wanted))
    return merge(found)


def _settled(given: Mapping[str, Table], settlement_date: date, rows: Rows, wanted: set[str]) -> dict[str, tuple]:
    inputs, published = _unit_inputs(given["given_units.csv"], settlement_date, rows)
    inputs |= _parameters(given, settlement_date)
    _pairs(given, settlement_date, inputs, published)
    _prices(given, settlement_date, rows, inputs, published)
    account_inputs(given, settlement_date, inputs)
    if "notified_volume" not in published and inputs["information_imbalance_price"] == 0:
        # At a price of 0 the charge is 0 whatever the volume, which a case without notifications does not have.
        published["information_imbalance_cashflow"] = inputs["unit_periods"].array(
            np.zeros(inputs["unit_periods"].size)
        )
    names = sorted(asked(wanted) - set(inputs))
    results = settle(inputs, names, published=published, losses=_losses(inputs))
    results |= {name: value for name, value in inputs.items() if name in wanted}
    return as_answers(results, settlement_date) | derive(wanted, results, inputs, settlement_date)


def _losses(inputs: Mapping[str, Any]) -> str:
    if "transmission_loss_multiplier" in inputs:
        return "given"
    return "metered" if "metered_volume" in inputs else "estimated"


def _unit_inputs(table: Table, settlement_date: date, rows: Rows) -> tuple[dict[str, Any], dict[str, Any]]:
    periods = sorted({row["settlement_period"] for row in rows})
    units = sorted({row["bm_unit"] for row in rows})
    by_key = {(row["settlement_period"], row["bm_unit"]): row for row in rows}
    if missing := [(period, unit) for period in periods for unit in units if (period, unit) not in by_key]:
        raise WrongCase(f"{table.name}: found no row of {missing[0][1]} in period {missing[0][0]}. Add it.")
    first = {row["bm_unit"]: row for row in reversed(rows)}
    unit_periods = full_grain(settlement_period=periods, bm_unit=units).mapped(
        "bm_unit",
        trading_unit=[first[unit].get("trading_unit") or unit for unit in units],
        account=[first[unit].get("lead_account") or "" for unit in units],
    )
    trading_units = sorted(set(unit_periods.labels("trading_unit")))
    inputs: dict[str, Any] = {
        "settlement_periods": full_grain(settlement_period=periods),
        "unit_periods": unit_periods,
        "trading_unit_periods": full_grain(settlement_period=periods, trading_unit=trading_units),
        "settlement_dates": full_grain(settlement_date=[str(settlement_date)]),
    }
    published: dict[str, Any] = {}
    ordered = [by_key[key] for key in sorted(by_key)]
    for columns, into in ((_VOLUMES, inputs), (_FLAGS, inputs), (_STANDING_IN, published)):
        for column, name in columns.items():
            if all(row.get(column) is not None for row in ordered):
                into[name] = unit_periods.array(np.array([row[column] for row in ordered]))
    for column in _OPTIONAL:
        inputs.setdefault(_VOLUMES[column], unit_periods.array(np.zeros(unit_periods.size)))
    for column in ("interconnector", "supplier"):
        inputs.setdefault(_FLAGS[column], unit_periods.array(np.zeros(unit_periods.size, bool)))
    return inputs, published


def _rows(table: Table) -> Rows:
    known: dict[str, Any] = {
        "settlement_date": day, "settlement_period": int, "bm_unit": str, "trading_unit": str, "lead_account": str,
        **dict.fromkeys((*_VOLUMES, *_STANDING_IN, *_PRICES), number), **dict.fromkeys(_FLAGS, flag),
    }  # fmt: skip
    if odd := [column for column in table.columns if column not in known]:
        raise WrongCase(f"{table.name}: found column {odd[0]!r}, wanted one of {', '.join(known)}. Correct it.")
    read = {column: table.column(column, known[column]) for column in table.columns}
    rows = [dict(zip(read, values, strict=True)) for values in zip(*read.values(), strict=True)]
    keys = [(row["settlement_date"], row["settlement_period"], row["bm_unit"]) for row in rows]
    if len(set(keys)) != len(keys):
        raise WrongCase(f"{table.name}: a unit stands twice in a period. Keep one row of it.")
    return rows


def _parameters(given: Mapping[str, Table], settlement_date: date) -> dict[str, Any]:
    values = {name: parameters.value(name, settlement_date) for name in _DATED}
    values = {name: value if isinstance(value, bool) else float(value) for name, value in values.items()}
    table = given.get("given_parameters.csv")
    if table is not None:
        for symbol, value in zip(table.column("symbol", str), table.column("value", number), strict=True):
            if symbol not in _SYMBOLS:
                raise WrongCase(f"{table.name}: found symbol {symbol!r}, wanted one of {', '.join(_SYMBOLS)}.")
            values[_SYMBOLS[symbol]] = value
    return values


def _pairs(
    given: Mapping[str, Table], settlement_date: date, inputs: dict[str, Any], published: dict[str, Any]
) -> None:
    """Accepted volumes and prices of pairs, of the units at hand; no file: none was accepted."""
    unit_periods: Grain = inputs["unit_periods"]
    units = set(unit_periods.indexes[1])
    rows: list[tuple] = []
    table = given.get("given_pairs.csv")
    if table is not None:
        columns = (
            table.column("settlement_date", day), table.column("settlement_period", int), table.column("bm_unit", str),
            table.column("pair", int), table.column("qao_n_mwh", number), table.column("qab_n_mwh", number),
            table.column("offer_price", number), table.column("bid_price", number),
        )  # fmt: skip
        rows = sorted(
            row[1:] for row in zip(*columns, strict=True) if row[0] == settlement_date and row[2] in units
        )  # fmt: skip
    keys = ("settlement_period", "bm_unit", "pair")
    kinds = (np.int64, object, np.int64)
    pair_rows = row_grain(
        "pair_row", {key: np.array([r[at] for r in rows], kinds[at]) for at, key in enumerate(keys)}
    )  # fmt: skip
    inputs["pair_rows"] = pair_rows
    for at, name in enumerate(("accepted_offer_volume", "accepted_bid_volume"), start=3):
        published[name] = pair_rows.array(np.array([row[at] for row in rows], float))
    for at, name in enumerate(("offer_price", "bid_price"), start=5):
        inputs[name] = pair_rows.array(np.array([row[at] for row in rows], float))


def _prices(
    given: Mapping[str, Table], settlement_date: date, rows: Rows, inputs: dict[str, Any], published: dict[str, Any]
) -> None:
    """System prices from a file of their own, or from the columns of the units."""
    told: dict[tuple[int, str], float] = {}
    table = given.get("given_prices.csv")
    if table is not None:
        days, periods = table.column("settlement_date", day), table.column("settlement_period", int)
        for column in _PRICES:
            for one, period, value in zip(days, periods, table.column(column, number), strict=True):
                if one == settlement_date:
                    told[period, column] = value
    for row in rows:
        told |= {(row["settlement_period"], column): row[column] for column in _PRICES if column in row}
    periods = list(inputs["settlement_periods"].indexes[0])
    for column, name in _PRICES.items():
        if all((period, column) in told for period in periods):
            published[name] = inputs["settlement_periods"].array([told[period, column] for period in periods])
