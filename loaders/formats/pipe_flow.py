"""Pipe-delimited flows of the central systems: AAA, records under their parents, ZZZ with count and checksum.

A record is its code and its fields, each closed by a pipe: a file of n fields has n pipes
after the code, and what stands behind the last is no field. Nothing between two pipes is
an absent value; a printed 0 is a value. Which records there are, how wide they are and
whose children they are is keyed on the flow and version of the AAA record.

Source: the interface definition (IDD Part 1, 2.2) for lines, header, trailer and checksum;
the S0142 layout as public readers and a public schema report of its files give it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loaders.errors import Finding, UnreadableFile
from loaders.formats.raw import RawFile, RawTable
from loaders.formats.text import shown

AGAIN = "Fetch the file again and load it."
RUNS = frozenset({"II", "SF", "R1", "R2", "R3", "RF", "DF", "DR"})


@dataclass(frozen=True)
class Flow:
    """What a version of a flow holds.

    widths   fields of each record that is taken apart; a version only ever appends
    parents  the record under which each of them stands; "" for the first of the file
    carried  fields of a parent that its children bear too, as "SP7:1"
    rows     the records that become rows
    counted  records that are known and only counted: a file holds millions of them
    """

    widths: dict[str, int]
    parents: dict[str, str]
    carried: dict[str, tuple[int, ...]]
    rows: frozenset[str]
    counted: frozenset[str]

    def line_of(self, code: str) -> list[str]:
        """A record and those above it, from the top.

        >>> FLOWS["S0142", "013"].line_of("BP7")
        ['SRH', 'BPH', 'SP7', 'BP7']
        """
        above = self.parents.get(code, "")
        return [*(self.line_of(above) if above else []), code]


_SETTLEMENT_REPORT = Flow(
    widths={"SRH": 8, "SPI": 53, "BPH": 8, "APC": 12, "SP7": 1, "APD": 14, "BP7": 25},
    parents={"SRH": "", "SPI": "SRH", "BPH": "SRH", "APC": "BPH", "SP7": "BPH", "APD": "SP7", "BP7": "SP7"},
    carried={"SRH": (1, 2, 3), "BPH": (8,), "SP7": (1,)},
    rows=frozenset({"SPI", "APC", "APD", "BP7"}),
    counted=frozenset(
        {"MD1", "DB1", "TRA", "BPI", "RUE", "RUI", "RDE", "RDI", "MEL", "MIL"}
        | {"BO4", "BO3", "BO6", "BO7", "PPC", "SSD", "MD2", "DB2", "APB", "MVR"}
    ),
)

FLOWS = {
    ("S0142", "013"): _SETTLEMENT_REPORT,
    ("S0142", "014"): Flow(
        _SETTLEMENT_REPORT.widths | {"APC": 13, "BP7": 27},
        _SETTLEMENT_REPORT.parents,
        _SETTLEMENT_REPORT.carried,
        _SETTLEMENT_REPORT.rows,
        _SETTLEMENT_REPORT.counted,
    ),
}


def flow_of(raw: RawFile) -> Flow:
    """The flow that a file was read by."""
    return FLOWS[raw.header["flow"], raw.header["version"]]


def read(file: str, text: str) -> RawFile:
    """The records, by code; own fields are named by their place from 1, those of parents as in "SP7:1".

    Every row bears "AAA:3", the time at which the file was made. Raises UnreadableFile for a
    header that is none, a flow or version that is not known, or no SRH record.
    """
    lines = text.split("\n")
    header = _header(file, lines[0].removesuffix("\r"))
    walk = _Walk(file, FLOWS[header["flow"], header["version"]], header["created"])
    for place, line in enumerate(lines[1:], start=2):
        walk.take(place, line.removesuffix("\r"))
    cut = walk.half(lines)
    top = walk.first
    if top is None:
        todo = "Nothing of it was read. " + AGAIN
        raise UnreadableFile(cut or Finding(file, 2, "SRH", shown(lines[1]), "an SRH record with date and run", todo))
    header |= {"date": top[0], "run": top[1]}
    raw = RawFile("pipe flow", walk.tables(), frozenset({header["flow"]}), header, walk.broken, cut=cut)
    raw.counts = walk.counts
    raw.warnings = [*walk.wider.values(), *walk.strangers(), *_odd_header(file, header)]
    return raw


def checksum(records: Sequence[bytes]) -> int:
    """The checksum of records without their line ends, from AAA to the last before ZZZ; unsigned, 32 bits.

    The exclusive or of big-endian words of four bytes; each record begins a word, and is
    filled with zero bytes at its end. Source: IDD Part 1, 2.2.2.

    >>> checksum([b"A"]) == 0x41000000
    True
    """
    filled = b"".join(record + b"\x00" * (-len(record) % 4) for record in records)
    return int(np.bitwise_xor.reduce(np.frombuffer(filled, dtype=">u4"), initial=0))


@dataclass
class _Walk:
    """The way down a file: which parents are open, the rows so far, and what did not fit."""

    file: str
    flow: Flow
    created: str
    opened: dict[str, tuple[str, ...]] = field(default_factory=dict)  # code of a parent to what its children bear
    first: tuple[str, ...] | None = None
    rows: dict[str, tuple[list[tuple[str, ...]], list[int]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    broken: list[Finding] = field(default_factory=list)
    wider: dict[str, Finding] = field(default_factory=dict)
    trailer: tuple[int, str] | None = None

    def take(self, place: int, line: str) -> None:
        """One line of the file."""
        if not line:
            return
        code = line[:3]
        if self.trailer:
            self._lose(place, "ZZZ", shown(line), "nothing after ZZZ")
        elif code == "ZZZ":
            self.trailer = (place, line)
        else:
            self.counts[code] = self.counts.get(code, 0) + 1
            if code in self.flow.widths:
                self._record(place, code, line)

    def _record(self, place: int, code: str, line: str) -> None:
        line_of = self.flow.line_of(code)
        for other in [name for name in self.opened if code in self.flow.line_of(name)]:
            del self.opened[other]  # with its parent, a child ends too
        fields = line.split("|")[1:]
        width, found = self.flow.widths[code], len(fields) - 1
        above = [one for one in line_of[:-1] if one not in self.opened]
        if not line.isascii():
            self._lose(place, code, shown(line), "a record in ASCII")
        elif line[3:4] != "|" or fields[-1]:
            self._lose(place, code, shown(line), "a record that ends with a pipe")
        elif found < width:
            self._lose(place, code, f"{found} fields: {shown(line)}", f"{width} fields")
        elif above:
            todo = f"It was not read, as nothing says what it is of. {AGAIN}"
            self._lose(place, code, f"{code} without {above[-1]}", f"{above[-1]} before it", todo)
        elif code == "SRH" and self.first:
            self._lose(place, code, "SRH again", "one SRH in a file", "Load each report as a file of its own.")
        else:
            self._keep(place, code, line_of, fields[:width])
            if found > width and code not in self.wider:
                todo = "The fields beyond were left out, here and in the records like it; tell the owner of the job."
                said = Finding(self.file, place, code, f"{found} fields", f"{width} fields", todo, "warning")
                self.wider[code] = said

    def _keep(self, place: int, code: str, line_of: list[str], fields: list[str]) -> None:
        if code in self.flow.carried:
            self.opened[code] = tuple(fields[number - 1] for number in self.flow.carried[code])
            if code == "SRH":
                self.first = self.opened[code]
        if code in self.flow.rows:
            values, places = self.rows.setdefault(code, ([], []))
            inherited = [value for one in line_of[:-1] for value in self.opened[one]]
            values.append((*fields, self.created, *inherited))
            places.append(place)

    def _lose(self, place: int, code: str, found: str, wanted: str, todo: str = AGAIN) -> None:
        self.broken.append(Finding(self.file, place, code, found, wanted, todo))

    def tables(self) -> dict[str, RawTable]:
        """The rows as columns."""
        found = {}
        for code, (values, places) in self.rows.items():
            names = [str(number) for number in range(1, self.flow.widths[code] + 1)] + ["AAA:3"]
            names += [f"{one}:{n}" for one in self.flow.line_of(code)[:-1] for n in self.flow.carried[one]]
            columns: list[Any] = list(zip(*values, strict=True))
            found[code] = RawTable(dict(zip(names, columns, strict=True)), np.array(places, dtype=np.int64))
        return found

    def strangers(self) -> list[Finding]:
        """Records that this version does not have."""
        known = self.flow.counted | set(self.flow.widths)
        todo = "The records were not read; tell the owner of the job."
        return [
            Finding(
                self.file, 0, shown(code), f"{count} records {shown(code)}", "records that are known", todo, "warning"
            )
            for code, count in self.counts.items()
            if code not in known
        ]

    def half(self, lines: list[str]) -> Finding | None:
        """What says that the file is not whole: no trailer, another count, another checksum."""
        found = sum(self.counts.values()) + 2  # the count takes in header and trailer
        todo = f"The records that are there were read. {AGAIN}"
        if self.trailer is None:
            last = max(place for place, line in enumerate(lines, start=1) if line.strip())
            wanted = "a ZZZ record with count and checksum at the end"
            return Finding(self.file, last, "ZZZ", f"no ZZZ after {found - 1} records", wanted, todo)
        place, line = self.trailer
        said = line.split("|")[1:3]
        if len(said) != 2 or not all(one.isascii() and one.isdigit() for one in said):
            return Finding(self.file, place, "ZZZ", shown(line), "ZZZ|record count|checksum|", todo)
        if int(said[0]) != found:
            return Finding(self.file, place, "ZZZ", f"{found} records", f"{int(said[0])} as ZZZ says", todo)
        records = [line.encode("utf-8", "surrogateescape") for line in lines[: place - 1] if line.strip()]
        total = checksum([record.removesuffix(b"\r") for record in records])
        # Whether the sum takes in the carriage return of files that have one is not known: either will do.
        if int(said[1]) != total and int(said[1]) != checksum(records):
            return Finding(self.file, place, "ZZZ", f"checksum {total}", f"{int(said[1])} as ZZZ says", todo)
        return None


def _header(file: str, line: str) -> dict[str, str]:
    fields = line.split("|")[1:-1]
    if len(fields) < 9 or not line.endswith("|"):
        wanted = "an AAA record of 9 fields, each closed by a pipe"
        raise UnreadableFile(Finding(file, 1, "AAA", shown(line), wanted, "Nothing of it was read. " + AGAIN))
    kind, role, created = fields[:3]
    flow, version = kind[:5], kind[5:]
    if role != "D":
        todo = "Leave it out of the folder: an answer to a file holds no data."
        raise UnreadableFile(Finding(file, 1, "AAA", f"message role {shown(role)}", "D, a file of data", todo))
    if (flow, version) not in FLOWS:
        known = [number for name, number in FLOWS if name == flow]
        flows = sorted({name for name, _ in FLOWS})
        wanted = f"{flow} in version {' or '.join(known)}" if known else f"flow {' or '.join(flows)}"
        todo = "Nothing of it was read. Add the layout of this flow and version to its reader, and load it again."
        raise UnreadableFile(Finding(file, 1, "AAA", shown(kind), wanted, todo))
    return {"flow": flow, "version": version, "created": created, "test flag": fields[8]}


def _odd_header(file: str, header: dict[str, str]) -> list[Finding]:
    odd = []
    if header["test flag"] not in ("", "OPER"):
        todo = "It was kept. Load test files into a workspace of their own."
        odd.append(Finding(file, 1, "AAA", header["test flag"], "OPER or nothing as test flag", todo, "warning"))
    if header["run"] not in RUNS:
        todo = "Its rows were kept under that name; tell the owner of the job."
        odd.append(
            Finding(file, 0, "SRH", shown(header["run"]), f"a run of {', '.join(sorted(RUNS))}", todo, "warning")
        )
    return odd
