"""Settles what a case folder gives: chooses the way by the files that are there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from settlement import calendar
from settlement.cases.bindings import EXPECTED
from settlement.cases.checking import Answers
from settlement.cases.reading import Table, day
from settlement.errors import WrongCase


def settle_case(folder: Path, given: Mapping[str, Table], expected: Mapping[str, Table]) -> Answers:
    """Answers for every quantity that the expected files ask for.

    Raises WrongCase for a file or column that no rule of this engine gives.
    """
    from settlement.cases.charges import settle_volumes
    from settlement.cases.charges_parties import settle_capabilities, settle_credit, settle_runs
    from settlement.cases.charges_units import settle_units
    from settlement.cases.own_stack import settle_own_stack
    from settlement.cases.price import settle_acceptance_durations, settle_stack

    if unknown := [name for name in expected if name not in EXPECTED]:
        raise WrongCase(f"{folder / unknown[0]}: no rule gives this file yet; known are {', '.join(EXPECTED)}.")
    _known_columns(folder, expected)
    ways = (
        ("given_stack.csv", settle_stack),
        ("given_days.csv", _calendar),
        ("given_adjustments.csv", settle_own_stack),
        ("given_fpn.csv", settle_volumes),
        ("given_units.csv", settle_units),
        ("given_net_due_to_party.csv", settle_runs),
        ("given_capacities.csv", settle_capabilities),
        ("given_parties.csv", settle_credit),
        ("given_acceptances.csv", settle_acceptance_durations),
    )
    for file, way in ways:
        if file in given:
            return way(given, _wanted(expected))
    raise WrongCase(f"{folder}: found {', '.join(given) or 'nothing given'}, wanted {' or '.join(f for f, _ in ways)}.")


def _wanted(expected: Mapping[str, Table]) -> set[str]:
    """The quantities that the columns and symbols of these files mean."""
    found: set[str] = set()
    for name, table in expected.items():
        binding = EXPECTED[name]
        told_by = (binding.quantity(column, table.columns) for column in table.columns)
        found.update(name for name in told_by if name is not None)
        if binding.symbols:
            told = (row.get("symbol") for row in table.rows)
            found.update(binding.symbols[symbol] for symbol in told if symbol in binding.symbols)
    return found


def _known_columns(folder: Path, expected: Mapping[str, Table]) -> None:
    for name, table in expected.items():
        binding = EXPECTED[name]
        known = {*binding.keys, *binding.columns, *(("symbol", "value") if binding.symbols else ())}
        if odd := [column for column in table.columns if column not in known]:
            raise WrongCase(f"{folder / name}: column {odd[0]!r} is none that a rule gives; known are {sorted(known)}.")


def _calendar(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    days = given["given_days.csv"].column("settlement_date", day)
    counts, starts, clocks = {}, {}, {}
    for one in days:
        counts[(str(one),)] = calendar.period_count(one)
        for period in calendar.periods(one):
            start = calendar.period_start(one, period)
            starts[(str(one), str(period))] = start.strftime("%Y-%m-%dT%H:%M:%SZ")
            clocks[(str(one), str(period))] = calendar.local_clock(start)
    by_period = ("settlement_date", "settlement_period")
    return {
        "period_count": (("settlement_date",), counts),
        "start_time": (by_period, starts),
        "local_clock": (by_period, clocks),
    }
