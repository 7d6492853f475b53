"""Legacy BMRS files: an HDR line, records that begin with their type, an FTR line with their count.

The HDR line names the data, its Settlement Date and one Settlement Period; the FTR line
counts the records between. A count that differs, or no FTR line, is half a file.
"""

from __future__ import annotations

import csv
from typing import Any

import numpy as np

from loaders.errors import Finding
from loaders.formats.raw import RawFile, RawTable
from loaders.formats.text import shown


def read(file: str, text: str) -> RawFile:
    """The records, by type; fields are named by their place after the type, from 1."""
    rows = csv.reader(text.splitlines(keepends=True))
    header: dict[str, str] = {}
    records: dict[str, tuple[list[list[str]], list[int]]] = {}
    counts: dict[str, int] = {}
    counted: str | None = None
    broken = []
    for row in rows:
        if not row:
            continue
        kind = row[0].strip()
        if kind == "HDR":
            header = dict(zip(("data", "date", "period"), row[1:], strict=False))
        elif kind == "FTR":
            counted = row[1].strip() if len(row) > 1 else ""
        elif counted is not None:
            broken.append(
                Finding(file, rows.line_num, "", shown(",".join(row)), "nothing after FTR", "Fetch it again.")
            )
        else:
            lines, places = records.setdefault(kind, ([], []))
            lines.append(row[1:])
            places.append(rows.line_num)
            counts[kind] = counts.get(kind, 0) + 1
    tables = {kind: _table(file, lines, places, broken) for kind, (lines, places) in records.items()}
    cut = _half(file, counted, sum(counts.values()))
    says = frozenset({header["data"].strip()}) if "data" in header else frozenset()
    return RawFile("headed csv", tables, says, header, broken, cut=cut, counts=counts)


def _table(file: str, lines: list[list[str]], places: list[int], broken: list[Finding]) -> RawTable:
    widths = [len(line) for line in lines]
    usual = max(set(widths), key=widths.count)
    good = [(line, place) for line, place in zip(lines, places, strict=True) if len(line) == usual]
    broken += [
        Finding(
            file,
            place,
            "",
            f"{len(line) + 1} fields: {shown(','.join(line))}",
            f"{usual + 1} fields",
            "Fetch it again.",
        )
        for line, place in zip(lines, places, strict=True)
        if len(line) != usual
    ]
    columns: list[Any] = list(zip(*(line for line, _ in good), strict=True))
    fields = {str(number): column for number, column in enumerate(columns, start=1)}
    return RawTable(fields, np.array([place for _, place in good], dtype=np.int64))


def _half(file: str, counted: str | None, found: int) -> Finding | None:
    todo = f"The {found} records that are there were read. Fetch the file again and load it."
    if counted is None:
        return Finding(file, 0, "FTR", "no FTR line", "an FTR line with the count of records", todo)
    if counted != str(found):
        return Finding(file, 0, "FTR", f"{found} records", f"{counted or 'a count'} as the FTR line says", todo)
    return None
