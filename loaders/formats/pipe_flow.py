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
from loaders.formats.pipe_flow_layouts import FLOWS, Flow
from loaders.formats.raw import RawFile, RawTable
from loaders.formats.text import shown

AGAIN = "Fetch the file again and load it."
RUNS = frozenset({"II", "SF", "R1", "R2", "R3", "RF", "DF", "DR"})


def flow_of(raw: RawFile) -> Flow:
    """The flow that a file was read by."""
    return FLOWS[raw.header["flow"], raw.header["version"]]


def read(file: str, text: str) -> RawFile:
    """The records, by code; own fields are named by their place from 1, those of parents as in "SP7:1".

    Every row bears "AAA:3", the time at which the file was made, and what else of AAA its flow says. Raises
    UnreadableFile for a header that is none, a flow or version that is not known, or no record that says the day.
    """
    lines = text.split("\n")
    header = _header(file, lines[0].removesuffix("\r"))
    flow = FLOWS[header["flow"], header["version"]]
    walk = _Walk(file, flow, tuple(lines[0].split("|")[number] for number in flow.made))
    for place, line in enumerate(lines[1:], start=2):
        walk.take(place, line.removesuffix("\r"))
    cut = walk.half(lines)
    top = walk.first
    if top is None:
        todo = "Nothing of it was read. " + AGAIN
        code, places = walk.flow.top
        wanted = f"an {code} record with {'date and run' if len(places) > 1 else 'the date'}"
        raise UnreadableFile(cut or Finding(file, 2, code, shown(lines[1]), wanted, todo))
    header |= dict(zip(("date", "run"), top, strict=False))
    raw = RawFile("pipe flow", walk.tables(), frozenset({header["flow"]}), header, walk.broken, cut=cut)
    raw.counts = walk.counts
    raw.heads = walk.heads()
    raw.warnings = [*walk.wider.values(), *walk.strangers(), *_odd_header(file, header, raw.heads)]
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
    """The way down a file: which parents are open, the rows so far, and what did not fit.

    made    when the file was made, and of some flows for whom: what every row bears
    opened  code of an open parent to what its children bear of it and of all above it
    below   code to the parents that end where it comes again
    """

    file: str
    flow: Flow
    made: tuple[str, ...]
    opened: dict[str, tuple[str, ...]] = field(init=False)
    below: dict[str, tuple[str, ...]] = field(init=False)
    first: tuple[str, ...] | None = None
    tops: list[tuple[str, ...]] = field(default_factory=list)
    rows: dict[str, tuple[list[tuple[str, ...]], list[int]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    broken: list[Finding] = field(default_factory=list)
    wider: dict[str, Finding] = field(default_factory=dict)
    trailer: tuple[int, str] | None = None

    def __post_init__(self) -> None:
        self.opened = {"": self.made}
        carried = self.flow.carried
        self.below = {
            code: tuple(one for one in carried if code in self.flow.line_of(one)) for code in self.flow.widths
        }

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
        for other in self.below[code]:
            self.opened.pop(other, None)  # with its parent, a child ends too
        fields = line.split("|")
        width, found = self.flow.widths[code], len(fields) - 2
        above = self.flow.parents[code]
        if not line.isascii():
            self._lose(place, code, shown(line), "a record in ASCII")
        elif fields[0] != code or fields[-1]:
            self._lose(place, code, shown(line), "a record that ends with a pipe")
        elif found < width:
            self._lose(place, code, f"{found} fields: {shown(line)}", f"{width} fields")
        elif above not in self.opened:
            todo = f"It was not read, as nothing says what it is of. {AGAIN}"
            self._lose(place, code, f"{code} without {above}", f"{above} before it", todo)
        elif code == self.flow.top[0] and self.first and not self.flow.repeats:
            self._lose(place, code, f"{code} again", f"one {code} in a file", "Load each report as a file of its own.")
        else:
            self._keep(place, code, above, fields[1 : width + 1])
            if found > width and code not in self.wider:
                todo = "The fields beyond were left out, here and in the records like it; tell the owner of the job."
                said = Finding(self.file, place, code, f"{found} fields", f"{width} fields", todo, "warning")
                self.wider[code] = said

    def _keep(self, place: int, code: str, above: str, fields: list[str]) -> None:
        if code in self.flow.rows:
            values, places = self.rows.setdefault(code, ([], []))
            values.append((*fields, *self.opened[above]))
            places.append(place)
        if code in self.flow.carried:
            own = tuple(fields[number - 1] for number in self.flow.carried[code])
            self.opened[code] = self.opened[above] + own
            if code == self.flow.top[0]:
                self.first = self.first or tuple(fields[number - 1] for number in self.flow.top[1])
                self.tops.append(self.opened[code])

    def _lose(self, place: int, code: str, found: str, wanted: str, todo: str = AGAIN) -> None:
        self.broken.append(Finding(self.file, place, code, found, wanted, todo))

    def tables(self) -> dict[str, RawTable]:
        """The rows as columns."""
        found = {}
        for code, (values, places) in self.rows.items():
            names = [*map(str, range(1, self.flow.widths[code] + 1)), *self._borne_under(self.flow.parents[code])]
            columns: list[Any] = list(zip(*values, strict=True))
            found[code] = RawTable(dict(zip(names, columns, strict=True)), np.array(places, dtype=np.int64))
        return found

    def heads(self) -> dict[str, Sequence[str]]:
        """What the first record says, each time that it comes."""
        columns: list[Any] = list(zip(*self.tops, strict=True))
        return dict(zip(self._borne_under(self.flow.top[0]), columns, strict=True))

    def _borne_under(self, code: str) -> list[str]:
        """Names of what a record under this one bears besides its own fields."""
        line_of = self.flow.line_of(code) if code else []
        made = [f"AAA:{number}" for number in self.flow.made]
        return made + [f"{one}:{number}" for one in line_of for number in self.flow.carried[one]]

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
        if len(said) != 2 or not all(one.isascii() and one.isdigit() and len(one) < 20 for one in said):
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


def _odd_header(file: str, header: dict[str, str], heads: dict[str, Sequence[str]]) -> list[Finding]:
    odd = []
    if header["test flag"] not in ("", "OPER"):
        todo = "It was kept. Load test files into a workspace of their own."
        odd.append(Finding(file, 1, "AAA", header["test flag"], "OPER or nothing as test flag", todo, "warning"))
    code, places = FLOWS[header["flow"], header["version"]].top
    runs = dict.fromkeys(heads[f"{code}:{places[1]}"]) if len(places) > 1 else {}
    todo, wanted = (
        "Its rows were kept under that name; tell the owner of the job.",
        f"a run of {', '.join(sorted(RUNS))}",
    )
    odd += [Finding(file, 0, code, shown(run), wanted, todo, "warning") for run in runs if run not in RUNS]
    return odd
