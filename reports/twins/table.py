"""A table with described columns: what a machine must know to read a figure without guessing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from reports.errors import ReportError
from reports.figures import DECIMALS, Figures

KINDS = {
    "text": pa.string(),
    "count": pa.int64(),
    "figure": pa.float64(),
    "flag": pa.bool_(),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
TAKEN = ("manifest", "signature", "public", "tables")  # endings of other files of a report


class WrongTable(ReportError):
    """A table that cannot be a twin; its one argument says where, what was found, what was wanted, what to do."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    kind      one of KINDS
    unit      MWh, GBP ...; blank for what has none, "1" for a plain number
    decimals  of a figure, as reports write it; None takes those of its unit
    sign      what above and below zero mean; blank where it has no sign or none is told
    clause    of the Code; `symbol` and `quantity` as the engine has them; blank where the engine does not give it
    about     one line
    """

    name: str
    kind: str = "text"
    unit: str = ""
    decimals: int | None = None
    sign: str = ""
    symbol: str = ""
    quantity: str = ""
    clause: str = ""
    about: str = ""

    def described(self) -> dict[str, Any]:
        """What is said of it, without what is blank."""
        said = asdict(self)
        if self.kind == "figure":
            said["decimals"] = self.places
        return {name: value for name, value in said.items() if value not in ("", None)}

    @property
    def places(self) -> int:
        """Decimals at which it is reported."""
        return DECIMALS.get(self.unit, 3) if self.decimals is None else self.decimals


@dataclass(frozen=True)
class Table:
    """A table: its name in files, its title, its columns with their data, and what must be known to read it."""

    name: str
    title: str
    columns: tuple[Column, ...]
    data: pa.Table
    note: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name in TAKEN:
            raise WrongTable(
                f"table {self.name!r}: found this name, wanted small letters, digits and _, and none of "
                f"{', '.join(TAKEN)}. Give it another name."
            )

    @property
    def rows(self) -> int:
        return int(self.data.num_rows)


def table(name: str, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], note: str = "") -> Table:
    """A table from its rows; None is what is not there. Raises WrongTable for a value that is not of its kind."""
    across = list(zip(*rows, strict=True)) or [()] * len(columns)
    held = {one.name: _array(name, one, values) for one, values in zip(columns, across, strict=True)}
    return Table(name, title, tuple(columns), pa.table(held), note)


def _array(table_name: str, column: Column, values: Sequence[Any]) -> pa.Array:
    try:
        if column.kind == "figure":
            return pa.array([None if v is None else float(v) for v in values], KINDS["figure"])
        return pa.array(list(values), KINDS[column.kind])
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, ValueError) as error:
        raise WrongTable(
            f"table {table_name}, {column.name}: found a value that is no {column.kind} ({error}), wanted only such. "
            "Correct the column or its kind."
        ) from error


def of_arrays(name: str, title: str, columns: Sequence[tuple[Column, np.ndarray]], note: str = "") -> Table:
    """A table from whole columns; NaN in a figure is what is not there."""
    held = {one.name: pa.array(values, KINDS[one.kind], from_pandas=True) for one, values in columns}
    return Table(name, title, tuple(one for one, _ in columns), pa.table(held), note)


def table_of(name: str, title: str, figures: Figures, said: Mapping[str, Column] | None = None) -> Table:
    """A table of `reports.figures` as a twin: its index becomes columns, its units go along.

    said  what more is known of a column, by its name there: a Column, of which sign, symbol, clause and about are used
    """
    index = [str(one or f"key_{at}") for at, one in enumerate(figures.index.names)]
    frame = pd.DataFrame(figures).rename_axis(index).reset_index()
    units = getattr(figures, "units", None) or {}
    columns = []
    for label in frame.columns:
        values = frame[label].to_numpy(dtype=object)
        there = [one for one in values if not _absent(one)]
        column = Column(_plain(str(label)), _kind(there), units.get(str(label), ""))
        if said and str(label) in said:
            more = said[str(label)]
            column = replace(more, name=column.name, kind=column.kind, unit=column.unit or more.unit)
        columns.append((column, [None if _absent(one) else _value(one, column.kind) for one in values]))
    rows = zip(*(values for _, values in columns), strict=True)
    return table(name, title, [one for one, _ in columns], rows, getattr(figures, "note", "") or "")


def _plain(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_") or "column"


def _absent(value: Any) -> bool:
    return value is None or (not isinstance(value, str) and bool(pd.isna(value)))


def _kind(there: Sequence[Any]) -> str:
    kinds = (
        ("flag", (bool, np.bool_)), ("count", (int, np.integer)), ("figure", (int, float, Decimal, np.number)),
        ("instant", (datetime,)), ("date", (date,)),
    )  # fmt: skip
    return next((kind for kind, of in kinds if there and all(isinstance(one, of) for one in there)), "text")


def _value(value: Any, kind: str) -> Any:
    return str(value) if kind == "text" else value.item() if isinstance(value, np.generic) else value
