"""Settles what a case folder gives: chooses the way by the files that are there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from settlement import calendar
from settlement.cases.bindings import EXPECTED
from settlement.cases.checking import Answers
from settlement.cases.reading import Table, day
from settlement.errors import WrongCase

_OF_UNITS = (
    "given_pairs.csv", "given_prices.csv", "given_system.csv", "given_accounts.csv", "given_contracts.csv",
    "given_reallocations.csv", "given_parties.csv", "given_parameters.csv",
)  # fmt: skip


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
    volumes = ("given_fpn.csv", "given_bid_offer_pairs.csv", "given_acceptances.csv", "given_tlm.csv")
    of_price = ("given_parameters.csv", "given_market_index.csv")
    # The way is told by its first file; what it does not read beside that is refused, never passed over.
    ways = (
        (settle_stack, ("given_stack.csv", *of_price)),
        (_calendar, ("given_days.csv",)),
        (settle_own_stack, ("given_adjustments.csv", *volumes, *of_price)),
        (settle_units, ("given_units.csv", *volumes, *_OF_UNITS)),
        (settle_volumes, volumes),
        (settle_runs, ("given_net_due_to_party.csv",)),
        (settle_capabilities, ("given_capacities.csv",)),
        (settle_credit, ("given_parties.csv",)),
        (settle_acceptance_durations, ("given_acceptances.csv",)),
    )
    for way, files in ways:
        if files[0] in given:
            if odd := [name for name in given if name not in files]:
                raise WrongCase(f"{folder / odd[0]}: nothing reads it beside {files[0]}; known are {', '.join(files)}.")
            return way(given, _wanted(expected))
    told_by = " or ".join(files[0] for _, files in ways)
    raise WrongCase(f"{folder}: found {', '.join(given) or 'nothing given'}, wanted {told_by}.")


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
