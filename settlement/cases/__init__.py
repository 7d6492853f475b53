"""Worked cases: folders that a settlement analyst can write, held against the engine.

A folder holds `given_*.csv` and `expected_*.csv`. Files bind by name and column to
quantities (see `bindings`), never by the name of the case. This is the one place of the
room that reads files: the analyst's own, for `bsc case`.

Dialect  cases/README.md of the rules
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from settlement.cases.checking import Difference, check
from settlement.cases.reading import read_folder


def run_case(folder: Path) -> list[Difference]:
    """Settle what the folder gives and compare with what it expects; no difference is a pass.

    Raises WrongCase when the folder cannot be read: a file or column that binds to nothing.
    """
    from settlement.cases.settling import settle_case

    tables = read_folder(folder)
    given = {name: table for name, table in tables.items() if name.startswith("given_")}
    expected = {name: table for name, table in tables.items() if name.startswith("expected_")}
    answers = settle_case(folder, given, expected)
    return [difference for name, table in expected.items() for difference in check(name, table, answers)]


def find_cases(folders: Iterable[Path]) -> list[Path]:
    """The case folders named, or below a folder named; a case folder holds an expected file."""
    found: list[Path] = []
    for folder in folders:
        here = [folder] if any(folder.glob("expected_*.csv")) else []
        below = sorted({path.parent for path in folder.rglob("expected_*.csv")} - {folder})
        found += here or below
    return found


__all__ = ["Difference", "find_cases", "run_case"]
