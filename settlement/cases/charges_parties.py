"""Charges cases by Party: credit cover, and what moves from run to run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from settlement import calendar, parameters
from settlement.cases.answers import as_answers, merge
from settlement.cases.checking import Answers
from settlement.cases.reading import Table, day, number, only_columns
from settlement.engine import settle
from settlement.errors import WrongCase
from settlement.grains import Grain, full_grain, row_grain

RUNS = tuple(run for run in calendar.RUN_TYPES if run != "IP")  # an indicative price is no run of a Party's money
_CREDIT = {
    "credit_cover_gbp": "credit_cover_lodged",
    "cap_gbp_per_mwh": "credit_assessment_price",
    "cei_mwh": "credit_assessed_indebtedness",
    "mei_mwh": "metered_indebtedness",
    "unpaid_net_payable_gbp": "unpaid_net_payable",
}
_CAPACITY = {
    "calf": "credit_assessment_load_factor",
    "gc_mw": "generation_capacity",
    "dc_mw": "demand_capacity",
}
_LEVELS = ("credit_default_level_1", "credit_default_level_2")


def settle_credit(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    """Credit Cover Percentage and thresholds of Parties, each date by itself; without one, by the values now in force.

    Raises WrongCase for an unknown column, or a Party twice.
    """
    table = given["given_parties.csv"]
    found = []
    for one, rows in _by_date(table, "party", _CREDIT).items():
        parties = full_grain(party=[row["party"] for row in rows])
        inputs: dict[str, Any] = {"parties": parties}
        inputs |= {name: float(parameters.value(name, one or date.max)) for name in _LEVELS}
        inputs |= _arrays(parties, rows, _CREDIT)
        found.append(as_answers(settle(inputs, sorted(wanted)), one))
    return merge(found)


def settle_capabilities(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    """Credit assessment capabilities of BM Units from load factor and capacities.

    Raises WrongCase for an unknown column, or a unit twice.
    """
    table = given["given_capacities.csv"]
    found = []
    for one, rows in _by_date(table, "bm_unit", _CAPACITY).items():
        units = full_grain(bm_unit=[row["bm_unit"] for row in rows])
        found.append(as_answers(settle({"units": units, **_arrays(units, rows, _CAPACITY)}, sorted(wanted)), one))
    return merge(found)


def _by_date(table: Table, key: str, columns: Mapping[str, str]) -> dict[date | None, list[dict[str, Any]]]:
    """Rows of each date in the order of their key, with the columns that are there; one date of None where none is."""
    only_columns(table, ("settlement_date", key, *columns))
    read = {column: table.column(column, number) for column in columns if column in table.columns}
    dates = _dates(table)
    found: dict[date | None, dict[str, dict[str, Any]]] = {}
    for at, label in enumerate(table.column(key, str)):
        of_date = found.setdefault(dates[at], {})
        if label in of_date:
            raise WrongCase(f"{table.name}, row {at + 2}, {key}: found {label} twice. Keep one row of it.")
        of_date[label] = {key: label, **{column: values[at] for column, values in read.items()}}
    return {one: [of_date[label] for label in sorted(of_date)] for one, of_date in found.items()}


def _arrays(grain: Grain, rows: list[dict[str, Any]], columns: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: grain.array(np.array([row[column] for row in rows], float))
        for column, name in columns.items()
        if column in rows[0]
    }


def _dates(table: Table) -> list[date | None]:
    if "settlement_date" not in table.columns:
        return [None] * len(table.rows)
    return table.column("settlement_date", day)


def settle_runs(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    """Payments of each Settlement Date from the net amounts of its runs.

    Raises WrongCase for an unknown column or run, or a Party twice on one run.
    """
    table = given["given_net_due_to_party.csv"]
    only_columns(table, ("settlement_date", "party", "run", "net_gbp"))
    columns = (table.column("party", str), table.column("run", str), table.column("net_gbp", number))
    dated: dict[date | None, dict[tuple[str, int], tuple[str, float]]] = {}
    for at, (one, party, run, net) in enumerate(zip(_dates(table), *columns, strict=True), start=2):
        if run not in RUNS:
            raise WrongCase(f"{table.name}, row {at}, run: found {run!r}, wanted one of {', '.join(RUNS)}.")
        rows = dated.setdefault(one, {})
        key = (party, RUNS.index(run) + 1)
        if key in rows:
            raise WrongCase(f"{table.name}, row {at}, run: found {run} of {party} twice. Keep one row of it.")
        rows[key] = (run, net)
    return merge(_paid(one, rows) for one, rows in dated.items())


def _paid(one: date | None, rows: dict[tuple[str, int], tuple[str, float]]) -> dict[str, tuple]:
    keys = sorted(rows)
    grain = row_grain(
        "party_run_row",
        {"party": np.array([party for party, _ in keys], object), "run_number": np.array([run for _, run in keys])},
        {"run": np.array([rows[key][0] for key in keys], object)},
    )
    net = grain.array(np.array([rows[key][1] for key in keys], float))
    paid = settle({"party_run_rows": grain, "net_due_by_run": net}, ["payment_before_interest"])
    values = paid["payment_before_interest"].to_numpy().tolist()
    front = () if one is None else (str(one),)
    names = ("party", "run") if one is None else ("settlement_date", "party", "run")
    answers = {(*front, key[0], rows[key][0]): value for key, value in zip(keys, values, strict=True)}
    return {"payment_before_interest": (names, answers)}
