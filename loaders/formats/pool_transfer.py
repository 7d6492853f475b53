"""Pool transfer format: a ZHD line, records under their parents, a ZPT line with count and checksum.

A record is its code and its fields with a pipe before each, and none at the end. Records stand one in the other: what
comes under a record is of it, until one of the same kind or of a wider one comes. What is known of a flow and version
is in LAYOUTS. A line that cannot be told for what it is ends the records above it, so that nothing is given to a
parent that may not be its own.

Source: a public reader of line loss factors and its test file for the records (WessexWater/chellow). Count and checksum
are those of the interface definition (IDD Part 1, 2.2.2): the count of a real D0265, 40672767, is 3 lines (ZHD, DIS,
ZPT) and 2274 classes of a year of lines each, and checksums of P0142 files of 2011 come out (uk.co.utilisoft.parms).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from loaders.errors import Finding, UnreadableFile
from loaders.formats.pipe_flow import checksum
from loaders.formats.raw import RawFile, RawTable
from loaders.formats.text import shown

ENDING = ".ptf"
AGAIN = "Fetch the file again and load it."
# Flow and version to its records, from the widest, of which a file has one, to the one that becomes rows; each with
# the number of its fields.
LAYOUTS = {"D0265001": {"DIS": 1, "LLF": 1, "SDT": 1, "SPL": 2}}


def read(file: str, text: str) -> RawFile:
    """The rows under the code of their record; own fields are named by their place from 1, those of parents "LLF:1".

    Every row bears "ZHD:7", the time at which the file was made. Raises UnreadableFile for a header that is none, and
    for a flow or version that is not known.
    """
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    flow, made, flag = _header(file, lines[0])
    walk = _Walk(file, LAYOUTS[flow])
    for place, line in enumerate(lines[1:], start=2):
        if line:
            walk.take(place, line, ended=place < len(lines))
    tables = {walk.kind: walk.table(made)}
    raw = RawFile("pool transfer", tables, frozenset({flow[:5]}), broken=walk.broken, counts=walk.counts)
    raw.blank = not walk.places
    raw.cut = _half(walk, text, lines)
    if flag not in ("", "OPER"):
        todo = "It was kept. Load test files into a workspace of their own."
        raw.warnings.append(Finding(file, 1, "ZHD", shown(flag), "OPER or nothing as test flag", todo, "warning"))
    return raw


def nothing(file: str) -> RawFile:
    """A file without a byte in it: such were met in archives of the portal. It says nothing of any day."""
    todo = "What came before stays in force. Ask for the file again, or ask the distributor whether it has factors."
    said = Finding(file, 0, "", "no bytes", "records from ZHD to ZPT", todo, "warning")
    return RawFile("pool transfer", {}, warnings=[said], blank=True)


@dataclass
class _Walk:
    """The way down a file.

    opened  fields of the records that are open, from the widest
    values  for each field of a row, and then of its parents, a value a row; equal texts are one object
    """

    file: str
    widths: dict[str, int]
    opened: list[list[str]] = field(default_factory=list)
    begun: bool = False
    values: list[list[str]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    broken: list[Finding] = field(default_factory=list)
    trailer: tuple[int, str] | None = None
    known: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.codes = list(self.widths)
        self.levels = {code: level for level, code in enumerate(self.codes)}
        self.kind = self.codes[-1]
        self.values = [[] for _ in range(sum(self.widths.values()))]

    def take(self, place: int, line: str, ended: bool = True) -> None:
        """One line that is not empty.

        ended  it has a line end; where a file is cut nothing else tells 1.07 from the beginning of 1.074
        """
        code, *fields = line.split("|")
        level = self.levels.get(code)
        if self.trailer:
            self._lose(place, "ZPT", shown(line), "nothing after ZPT")
        elif code == "ZPT":
            self.trailer = (place, line)
        elif level is None:
            del self.opened[1:]  # it may have been any of these
            self.counts[shown(code)] = self.counts.get(shown(code), 0) + 1
            self._lose(place, shown(code), shown(line), f"a record {', '.join(self.codes)} or ZPT")
        else:
            self.counts[code] = self.counts.get(code, 0) + 1
            if not ended:
                self._lose(place, code, f"no line end after {shown(line)}", "a record with its line end")
                return
            self._record(place, code, level, line, fields)

    def _record(self, place: int, code: str, level: int, line: str, fields: list[str]) -> None:
        del self.opened[level:]
        if level > len(self.opened):
            above = self.codes[level - 1]
            todo = f"It was not read, as nothing says what it is of. {AGAIN}"
            self._lose(place, code, f"{code} without {above}", f"{above} before it", todo)
        elif not line.isascii():
            self._lose(place, code, shown(line), "a record in ASCII")
        elif len(fields) != self.widths[code]:
            self._lose(place, code, f"{len(fields)} fields: {shown(line)}", f"{self.widths[code]} fields")
        elif level == 0 and self.begun:
            self._lose(place, code, f"{code} again", f"one {code} in a file", "Load each as a file of its own.")
        elif code == self.kind:
            for column, value in zip(self.values, fields, strict=False):
                column.append(self.known.setdefault(value, value))
            for column, (value,) in zip(self.values[len(fields) :], self.opened, strict=True):
                column.append(value)
            self.places.append(place)
        else:
            self.begun = True
            self.opened.append(fields)

    def _lose(self, place: int, code: str, found: str, wanted: str, todo: str = AGAIN) -> None:
        self.broken.append(Finding(self.file, place, code, found, wanted, todo))

    def table(self, made: str) -> RawTable:
        """The rows as columns."""
        own = [str(number) for number in range(1, self.widths[self.kind] + 1)]
        names = [*own, *(f"{code}:1" for code in self.codes[:-1])]
        fields = dict(zip(names, self.values, strict=True)) | {"ZHD:7": [made] * len(self.places)}
        return RawTable(dict(fields), np.array(self.places, dtype=np.int64))


def _half(walk: _Walk, text: str, lines: list[str]) -> Finding | None:
    """What says that the file is not whole: no trailer, another count, another checksum."""
    todo = f"The records that are there were read. {AGAIN}"
    found = sum(walk.counts.values()) + 2  # the count takes in header and trailer
    if walk.trailer is None:
        last = max(place for place, line in enumerate(lines, start=1) if line)
        wanted = "a ZPT record with count and checksum at the end"
        return Finding(walk.file, last, "ZPT", f"no ZPT after {found - 1} records", wanted, todo)
    place, line = walk.trailer
    said = line.split("|")[1:]
    if len(said) != 2 or not all(one.isascii() and one.isdigit() and len(one) < 20 for one in said):
        return Finding(walk.file, place, "ZPT", shown(line), "ZPT|record count|checksum", todo)
    if int(said[0]) != found:
        return Finding(walk.file, place, "ZPT", f"{found} records", f"{int(said[0])} as ZPT says", todo)
    records = text.encode("utf-8", "surrogateescape").split(b"\n")[: place - 1]
    total = checksum([record.removesuffix(b"\r") for record in records])
    # Whether the sum takes in the carriage return of files that have one is not known: either will do.
    if int(said[1]) != total and int(said[1]) != checksum([record for record in records if record.strip()]):
        return Finding(walk.file, place, "ZPT", f"checksum {total}", f"{int(said[1])} as ZPT says", todo)
    return None


def _header(file: str, line: str) -> tuple[str, str, str]:
    """Flow with version, time at which the file was made, test flag. Raises UnreadableFile."""
    todo = f"Nothing of it was read. {AGAIN}"
    fields = line.split("|")
    if len(fields) != 12:
        raise UnreadableFile(Finding(file, 1, "ZHD", shown(line), "a ZHD record of 11 fields", todo))
    flow, made, flag = fields[2], fields[7], fields[11]
    if flow not in LAYOUTS:
        todo = "Nothing of it was read. Add the layout of this flow and version to its reader, and load it again."
        wanted = " or ".join(f"flow {name[:5]} in version {name[5:]}" for name in LAYOUTS)
        raise UnreadableFile(Finding(file, 1, "ZHD", shown(flow), wanted, todo))
    try:
        datetime.strptime(made if len(made) == 14 and made.isascii() else "", "%Y%m%d%H%M%S")
    except ValueError:
        wanted = "a time yyyymmddhhmmss in field 7"
        raise UnreadableFile(Finding(file, 1, "ZHD", shown(made), wanted, todo)) from None
    return flow, made, flag
