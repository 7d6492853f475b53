"""Holds what a case expects against what the engine gave, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from settlement.cases.bindings import EXPECTED
from settlement.cases.expected import Expected
from settlement.cases.reading import Table
from settlement.errors import WrongCase

# Answers of the engine: quantity name -> (key columns in order, value by key). A key that has no row is absent.
Answers = Mapping[str, tuple[tuple[str, ...], Mapping[tuple, Any]]]


@dataclass(frozen=True)
class Difference:
    """One cell that came out otherwise."""

    file: str
    row: int
    column: str
    wanted: str
    got: str
    key: str

    def __str__(self) -> str:
        where = f"{self.file}, row {self.row}, {self.column} ({self.key})"
        return f"{where}: wanted {self.wanted or 'nothing'}, got {self.got or 'nothing'}"


def check(name: str, table: Table, answers: Answers) -> list[Difference]:
    """Every cell of an expected file that differs from the answer."""
    binding = EXPECTED[name]
    if binding.symbols:
        return _check_symbols(table, binding, answers)
    differences = []
    for at, row in enumerate(table.rows, start=2):
        key = {binding.keys[column]: row[column] for column in table.columns if column in binding.keys}
        for column in table.columns:
            if column in binding.keys:
                continue
            answer = _answer(answers, str(binding.quantity(column, table.columns)), table.name, column)
            got = _look_up(answer, key, table.name, at)
            if not _same(row[column], got, binding.tolerance(column)):
                said = ", ".join(f"{name} {value}" for name, value in key.items())
                differences.append(Difference(table.name, at, column, row[column], _text(got), said))
    return differences


def _check_symbols(table: Table, binding: Expected, answers: Answers) -> list[Difference]:
    differences = []
    for at, row in enumerate(table.rows, start=2):
        symbol = row["symbol"]
        if symbol not in binding.symbols:
            known = ", ".join(binding.symbols)
            raise WrongCase(f"{table.name}, row {at}, symbol: found {symbol!r}, wanted one of {known}.")
        key = {binding.keys[column]: row[column] for column in table.columns if column in binding.keys}
        got = _look_up(_answer(answers, binding.symbols[symbol], table.name, symbol), key, table.name, at)
        if not _same(row["value"], got, binding.tolerance(symbol)):
            differences.append(Difference(table.name, at, symbol, row["value"], _text(got), symbol))
    return differences


def _answer(answers: Answers, name: str, file: str, column: str) -> tuple[tuple[str, ...], Mapping[tuple, Any]]:
    if name not in answers:
        raise WrongCase(f"{file}: {column} is not made from the files of this case. Give what it is made from.")
    return answers[name]


def _look_up(answer: tuple[tuple[str, ...], Mapping[tuple, Any]], key: dict[str, str], file: str, at: int) -> Any:
    """The answer at a key, None where it has no row; a key column the file leaves out must have one value only."""
    names, values = answer
    wanted = {name: value for name, value in key.items() if name in names}
    if set(wanted) == set(names):
        return values.get(tuple(wanted[name] for name in names))
    found = [
        value
        for label, value in values.items()
        if all(label[names.index(name)] == text for name, text in wanted.items())
    ]
    if len(found) > 1:
        missing = [name for name in names if name not in wanted]
        raise WrongCase(f"{file}, row {at}: {len(found)} rows answer to {key}. Add the column {missing[0]}.")
    return found[0] if found else None


def _same(wanted: str, got: Any, tolerance: float) -> bool:
    if wanted == "" or got is None:
        return wanted == "" and got is None
    if isinstance(got, bool):
        return wanted.lower() == str(got).lower()
    if isinstance(got, str):
        return wanted == got
    try:
        # Written this way round so that not-a-number is never "the same".
        return bool(abs(float(wanted) - float(got)) <= tolerance)
    except ValueError:
        return False


def _text(got: Any) -> str:
    if got is None:
        return ""
    return str(got).lower() if isinstance(got, bool) else str(got)
