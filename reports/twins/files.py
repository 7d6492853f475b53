"""Tables to files: Parquet a table, one JSON of all, one xlsx of all; each the same bytes whenever it is made.

Parquet holds figures in full, JSON and xlsx as they are reported. One Parquet a table, since each is read on its own;
one JSON a report, since what needs no library is read at once, and a folder of a year stays short.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from reports.twins.table import Column, Table
from reports.twins.workbook import workbook

FORM = "settlement-workbench report tables 1"
MOST_CELLS = 1_000_000  # of a table in JSON: beyond it names its Parquet file instead


@dataclass(frozen=True)
class Told:
    """What a reader of a table must know of its report. `about` is its title, SYNTHETIC and ASSUMED in it."""

    stem: str
    about: str
    settlement_date: str
    run: str
    run_id: str
    content_hash: str
    synthetic: bool
    assumed: str | None
    not_covered: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as it stands at the head of each file."""
        said = {name: value for name, value in vars(self).items() if name != "not_covered"}
        return {"form": FORM, **said, "not_covered": list(self.not_covered)}


def files_of(tables: Sequence[Table], told: Told) -> dict[str, bytes]:
    """Every form of the tables by file name."""
    made = {f"{told.stem}.{one.name}.parquet": parquet(one, told) for one in tables}
    made[f"{told.stem}.tables.json"] = as_json(tables, told)
    made[f"{told.stem}.xlsx"] = workbook(tables, told)
    return made


def parquet(one: Table, told: Told) -> bytes:
    """A table as Parquet; unit, sign and clause of a column are its field metadata."""
    fields = [
        pa.field(column.name, one.data.schema.field(column.name).type, metadata=_bytes(column.described()))
        for column in one.columns
    ]
    head = _bytes(told.as_dict() | {"table": one.name, "title": one.title, "note": one.note})
    sink = pa.BufferOutputStream()
    pq.write_table(one.data.cast(pa.schema(fields, metadata=head)), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def _bytes(said: dict[str, Any]) -> dict[bytes, bytes]:
    """Text as it is, all else as JSON."""
    return {
        name.encode(): value.encode() if isinstance(value, str) else orjson.dumps(value) for name, value in said.items()
    }


def as_json(tables: Sequence[Table], told: Told) -> bytes:
    """All tables: keys sorted, a row a line, decimals as text at reported precision, null for what is not there."""
    head = orjson.dumps(told.as_dict(), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    parts = [head.removesuffix(b"\n}"), b',\n  "tables": [']
    for number, one in enumerate(tables):
        said = {
            "name": one.name, "title": one.title, "note": one.note, "parquet": f"{told.stem}.{one.name}.parquet",
            "row_count": one.rows, "columns": [column.described() for column in one.columns],
        }  # fmt: skip
        listed = one.rows * len(one.columns) <= MOST_CELLS
        described = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).removesuffix(b"}")
        rows = b",\n".join(orjson.dumps(row) for row in _rows(one)) if listed else b""
        inner = b'"rows": [\n' + rows + b"]" if listed else b'"rows": null'
        parts += [b",\n" if number else b"\n", described, b", ", inner, b"}"]
    return b"".join([*parts, b"\n  ]\n}\n"])


def _rows(one: Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(_said(column, one.data.column(column.name)) for column in one.columns), strict=True)


def _said(column: Column, values: pa.ChunkedArray) -> list[Any]:
    if column.kind == "instant":
        return list(pc.strftime(values, format="%Y-%m-%dT%H:%M:%SZ").to_pylist())
    if column.kind == "date":
        return [None if one is None else one.isoformat() for one in values.to_pylist()]
    if column.kind == "figure":
        return [None if one is None else reported(one, column.places) for one in values.to_pylist()]
    return list(values.to_pylist())


def reported(value: float, places: int) -> str:
    """A figure as it is reported: rounded half away from zero on its own digits, never "-0"; "Infinity" as a word.

    >>> reported(2.5, 0), reported(-0.0004, 3), reported(1.005, 2), reported(float("-inf"), 2)
    ('3', '0.000', '1.01', '-Infinity')
    """
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    digits = repr(value)
    whole, _, fraction = digits.partition(".")
    if "e" in digits or (len(fraction) == places + 1 and fraction[-1] == "5"):
        exact = Decimal(digits).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        said = f"{exact:f}"
    elif len(fraction) <= places:
        said = f"{whole}.{fraction:0<{places}}"
    else:
        said = f"{value:.{places}f}"
    return said.removeprefix("-") if said.startswith("-") and not said.strip("-0.") else said
