"""Legacy BMRS files: an HDR line, records that begin with their type, an FTR line with their count.

The HDR line names the data, its Settlement Date and one Settlement Period; the FTR line
counts the records between. A count that differs, or no FTR line, is half a file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from loaders.errors import Finding
from loaders.formats.lines import lines_of, records
from loaders.formats.raw import RawFile, RawTable
from loaders.formats.text import shown


def read(file: str, text: str) -> RawFile:
    """The records, by type; fields are named by their place after the type, from 1."""
    header: dict[str, str] = {}
    kinds: dict[str, tuple[list[list[str]], list[int]]] = {}
    counts: dict[str, int] = {}
    counted: str | None = None
    broken = []
    for line in records(lines_of(text)):
        if not line.values:
            continue
        row, said = list(line.values), shown(",".join(line.values))
        kind = row[0].partition(",")[0].strip()
        if counted is not None:
            broken.append(Finding(file, line.place, "", said, "nothing after FTR", "Fetch it again."))
        elif line.fault:
            broken.append(Finding(file, line.place, "", f"{line.fault}: {said}", "a row of CSV", "Fetch it again."))
            counts[kind] = counts.get(kind, 0) + 1
        elif kind == "HDR" and header:
            broken.append(Finding(file, line.place, "HDR", said, "one HDR line in a file", "Fetch it again."))
        elif kind == "HDR":
            header = dict(zip(("data", "date", "period"), row[1:], strict=False))
        elif kind == "FTR":
            counted = row[1].strip() if len(row) > 1 else ""
        else:
            lines, places = kinds.setdefault(kind, ([], []))
            lines.append(row[1:])
            places.append(line.place)
            counts[kind] = counts.get(kind, 0) + 1
    tables = {kind: _table(file, lines, places, broken) for kind, (lines, places) in kinds.items()}
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
