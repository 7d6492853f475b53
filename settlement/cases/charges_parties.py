"""Charges cases by Party: credit cover, and what moves from run to run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from settlement import parameters
from settlement.cases.answers import as_answers
from settlement.cases.checking import Answers
from settlement.cases.reading import Table, day, number
from settlement.engine import settle
from settlement.errors import WrongCase
from settlement.grains import full_grain, row_grain

RUNS = ("II", "SF", "R1", "R2", "R3", "RF", "D", "DF")
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
    """Credit Cover Percentage and thresholds of the Parties of a case, which has no date: the values now in force."""
    table = given["given_parties.csv"]
    names = table.column("party", str)
    order = sorted(range(len(names)), key=lambda at: names[at])
    parties = full_grain(party=[names[at] for at in order])
    inputs: dict[str, Any] = {"parties": parties}
    inputs |= {name: float(parameters.value(name, date.max)) for name in _LEVELS}
    for column, name in _CREDIT.items():
        values = table.column(column, number)
        inputs[name] = parties.array(np.array([values[at] for at in order], float))
    return as_answers(settle(inputs, sorted(wanted)))


def settle_capabilities(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    """Credit assessment capabilities of BM Units from load factor and capacities."""
    table = given["given_capacities.csv"]
    units = full_grain(bm_unit=table.column("bm_unit", str))
    inputs = {name: units.array(np.array(table.column(column, number))) for column, name in _CAPACITY.items()}
    return as_answers(settle({"units": units, **inputs}, sorted(wanted)))


def settle_runs(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    """Payments of each Settlement Date from the net amounts of its runs."""
    table = given["given_net_due_to_party.csv"]
    columns = (
        table.column("settlement_date", day), table.column("party", str), table.column("run", str),
        table.column("net_gbp", number),
    )  # fmt: skip
    answers = {}
    for one in sorted(set(columns[0])):
        rows = []
        for at, (when, party, run, net) in enumerate(zip(*columns, strict=True), start=2):
            if run not in RUNS:
                raise WrongCase(f"{table.name}, row {at}, run: found {run!r}, wanted one of {', '.join(RUNS)}.")
            if when == one:
                rows.append((party, RUNS.index(run) + 1, run, net))
        rows.sort()
        grain = row_grain(
            "party_run_row",
            {"party": np.array([row[0] for row in rows], object), "run_number": np.array([r[1] for r in rows])},
            {"run": np.array([row[2] for row in rows], object)},
        )
        inputs = {"party_run_rows": grain, "net_due_by_run": grain.array(np.array([row[3] for row in rows], float))}
        paid = settle(inputs, ["payment_before_interest"])["payment_before_interest"].to_numpy()
        for (party, _, run, _), value in zip(rows, paid.tolist(), strict=True):
            answers[str(one), party, run] = value
    return {"payment_before_interest": (("settlement_date", "party", "run"), answers)}
