"""Reads the files of a case folder as text rows, with typed access that says where it fails."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from settlement.errors import WrongCase


@dataclass(frozen=True)
class Table:
    """One CSV file of a case, every cell as text; rows are numbered as in the file, heading first."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]

    def column(self, name: str, read: Callable[[str], Any], default: Any = None) -> list[Any]:
        """Cells of a column, read; `default` for an absent column or empty cell, where one is given.

        Raises WrongCase naming file, row and column.
        """
        if name not in self.columns:
            if default is None:
                raise WrongCase(f"{self.name}: found no column {name}, wanted one. Add it.")
            return [default] * len(self.rows)
        values = []
        for number, row in enumerate(self.rows, start=2):
            text = row[name]
            if text == "" and default is not None:
                values.append(default)
                continue
            try:
                values.append(read(text))
            except ValueError as error:
                raise WrongCase(
                    f"{self.name}, row {number}, {name}: found {text!r}, wanted {_wanted(read)}. Correct the cell."
                ) from error
        return values


def only_columns(table: Table, known: Iterable[str]) -> None:
    """Raise WrongCase for the first column that is none of these."""
    wanted = list(known)
    if odd := [column for column in table.columns if column not in wanted]:
        raise WrongCase(f"{table.name}: found column {odd[0]!r}, wanted one of {', '.join(wanted)}. Correct it.")


def flag(text: str) -> bool:
    """true or false."""
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def instant(text: str) -> int:
    """Seconds since 1970 of an ISO instant that names its zone."""
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if at.tzinfo is None:
        raise ValueError(text)
    return int(at.timestamp())


def day(text: str) -> date:
    """A Settlement Date, yyyy-mm-dd."""
    return date.fromisoformat(text)


def number(text: str) -> float:
    """A plain number; not a number is refused."""
    value = float(text)
    if math.isnan(value):
        raise ValueError(text)
    return value


def number_or_none(text: str) -> float | None:
    """A number, or None for an empty cell."""
    return None if text == "" else number(text)


def read_folder(folder: Path) -> dict[str, Table]:
    """Every given and expected file of a case, by file name.

    Raises WrongCase when the folder holds none, or a file is not a table.
    """
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file))
        if not lines:
            raise WrongCase(f"{path}: found an empty file, wanted a heading and rows. Fill it or remove it.")
        heading = tuple(cell.strip() for cell in lines[0])
        for at, line in enumerate(lines[1:], start=2):
            if len(line) != len(heading):
                raise WrongCase(f"{path}, row {at}: found {len(line)} cells, wanted {len(heading)}. Correct the row.")
        rows = tuple(dict(zip(heading, (cell.strip() for cell in line), strict=True)) for line in lines[1:])
        tables[path.name] = Table(str(path), heading, rows)
    if not any(name.startswith("expected_") for name in tables):
        raise WrongCase(f"{folder}: found no expected_*.csv, wanted a case folder. Name a folder that holds one.")
    return tables


def _wanted(read: Callable[[str], Any]) -> str:
    told = {
        int: "a whole number",
        number: "a number",
        number_or_none: "a number or an empty cell",
        flag: "true or false",
        instant: "an ISO instant with its zone",
        day: "a date, yyyy-mm-dd",
    }
    return told.get(read, "text")
