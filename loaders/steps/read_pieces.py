"""Read a large file piece by piece: its rows typed and put down by their day, and what it says as a whole.

Only the piece at hand is in memory. What the whole file decides is known at its end: which fields its records have,
first of all. Where later records have other fields than those before them, the file is read again with all of them.
A file that cannot be cut for certain, or that cannot be told job or kept apart by days, is NotCut: to be read whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from loaders.declared import arrow_schema, dataset_named
from loaders.errors import FileChanged, Finding, UnreadableFile
from loaders.formats import csv, json
from loaders.formats.json_fields import Fields
from loaders.formats.pieces import Bytes, NotCut, Piece, pieces
from loaders.formats.raw import RawFile, RawTable
from loaders.formats.text import decode
from loaders.job import Job
from loaders.sources.folder import NameScope
from loaders.steps.check import Checked, sheet_of
from loaders.steps.read import of_jobs, read, read_as
from loaders.steps.read_alike import Alike
from loaders.steps.spill import DAY, Spill
from loaders.store.files import OnDisk

if TYPE_CHECKING:
    import pyarrow as pa

GOOD = "_good"  # the column of a spill that says which rows broke no rule so far


@dataclass
class Divided:
    """A large file as it was read.

    rows      its rows, typed, by day; `_good` says which are
    raw       what it says as a whole: its tables have names of fields, and a row where it has any
    refused   place of a row in the file to the finding that refused it
    findings  on the file as a whole that lost nothing
    not_kept  rows that are counted and not kept
    stopped   what stops the file as a whole
    """

    job: Job
    rows: Spill
    raw: RawFile
    refused: dict[int, Finding] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    not_kept: dict[str, int] = field(default_factory=dict)
    stopped: Finding | None = None


def keeps_to_days(job: Job, named: NameScope) -> bool:
    """Whether all that a job asks of several rows is asked of rows of one day, and no row tells the side of others."""
    if set(job.tables) != {""} or job.arrives_for not in ("day", "period and side"):
        return False
    if job.arrives_for == "period and side" and named.side is None:
        return False
    table = job.tables[""]
    profile = table.checks.profile
    return (
        dataset_named(table.dataset).dated
        and DAY in table.columns
        and table.columns[DAY].from_the_rows
        and DAY in table.keys
        and DAY in table.partition_columns
        and (profile is None or DAY in profile.of)
    )


def read_divided(
    alike: Alike,
    file: str,
    source: OnDisk,
    landing: str,
    named: NameScope,
    folder: Path,
    only: Collection[str] = (),
    told: Callable[[float], None] | None = None,
) -> Divided | Job:
    """A large file by days; its job alone, where that is none of those asked for.

    landing  its hash, as taken before
    folder   where rows may wait
    only     jobs asked for; all when empty
    told     called with the share of the file that has been read
    Raises NotCut; FileChanged where the bytes are others than before; may raise OSError.
    """
    job = _job_of_first(alike, file, source)
    if job is None or not keeps_to_days(job, named):
        raise NotCut
    if only and job.job not in only:
        return job
    known: Fields | None = None
    quick = True
    while True:
        walk = _Walk(alike, file, job, named, folder, known, quick)
        try:
            walk.go(source, landing, told)
        except BaseException:
            walk.found.rows.close()
            raise
        if not walk.again:
            break
        walk.found.rows.close()
        # A plain look does not tell which fields are null throughout; where some are objects, that counts.
        known = walk.fields
        if quick and walk.quick_ones and known.parts:
            quick, known = False, None
    found = walk.found
    try:
        told_by_all = [one for one, _ in of_jobs(alike.jobs, file, found.raw)]
    except UnreadableFile:
        told_by_all = []
    if told_by_all != [job]:
        found.rows.close()
        raise NotCut
    return found


def _job_of_first(alike: Alike, file: str, source: OnDisk) -> Job | None:
    """The job that the first piece of a file says."""
    first = next(pieces(Bytes(source)))
    quick = alike.read([(file, first.data)])[0]
    if quick:
        return quick[0]
    try:
        found = of_jobs(alike.jobs, file, read(file, first.data))
    except UnreadableFile:
        raise NotCut from None
    return found[0][0] if len(found) == 1 else None


class _Walk:
    """One reading of a file, from its first piece to its last.

    again  some records have other fields than those before: what was read is to be read with `fields`
    """

    def __init__(
        self, alike: Alike, file: str, job: Job, named: NameScope, folder: Path, known: Fields | None, quick: bool
    ):
        import pyarrow as pa

        self.alike, self.file, self.job, self.named = alike, file, job, named
        self.complete, self.known, self.quick = known is not None, known, quick
        self.fields = Fields()
        self.again = False
        self.quick_ones = 0
        self._before = 0
        self._torn = False
        self._table = job.tables[""]
        columns = [*arrow_schema(self._table.columns), pa.field("source_row", pa.int64()), pa.field(GOOD, pa.bool_())]
        none = RawTable({}, np.zeros(0, dtype=np.int64))
        raw = RawFile("", {"": none}, counts={"": 0})
        self.found = Divided(job, Spill(folder, pa.schema(columns)), raw)

    def go(self, source: OnDisk, landing: str, told: Callable[[float], None] | None) -> None:
        read = Bytes(source)
        for piece in pieces(read):
            if not self._take(piece):
                break
            if told:
                told(piece.share)
        if read.sha256() != landing:
            raise FileChanged(f"{self.file}: found other bytes than before.")
        raw = self.found.raw
        if raw.form == "json":
            names = self.fields.laid_out
            raw.tables[""].fields = dict.fromkeys(names, ())
            raw.cut = json.cut_after(self.file, self._before) if self._torn else None

    def _take(self, piece: Piece) -> bool:
        """Take up a piece; whether what stands behind it can be read."""
        quick = self.alike.read([(self.file, piece.data)])[0] if self.quick else None
        if quick and quick[0] is self.job and self._is_known(quick[1]):
            raw, goes_on = quick[1], True
            self.quick_ones += 1
            raw.tables[""].source_row = raw.tables[""].source_row + self._before
            self._before += len(raw.tables[""])
            self._join(Fields(dict.fromkeys(raw.tables[""].fields)))
        elif piece.form == "json":
            raw, goes_on = self._json(piece)
        else:
            raw, goes_on = self._csv(piece), True
        self._note(raw)
        if not self.again and self.found.stopped is None:
            self._put_down(raw)
        return goes_on

    def _is_known(self, raw: RawFile) -> bool:
        """Whether the fields of a piece are those of the pieces before it."""
        return self.known is None or set(self.known.laid_out) == set(raw.tables[""].fields)

    def _json(self, piece: Piece) -> tuple[RawFile, bool]:
        text = decode(self.file, piece.data)
        try:
            part = json.read_part(self.file, text.text, self._before, piece.ends, self.known)
        except UnreadableFile:
            raise NotCut from None
        self._before, self._torn = part.after, self._torn or part.torn
        self._join(part.fields)
        part.raw.warnings += text.warnings
        return read_as(self.job, self.file, b"", part.raw), not part.ends

    def _join(self, own: Fields) -> None:
        self.fields.join(own)
        if self.known is None:
            self.known = Fields(dict(own.names), {name: dict(parts) for name, parts in own.parts.items()}, {*own.plain})
        elif not self.complete and set(self.fields.laid_out) != set(self.known.laid_out):
            self.again = True

    def _csv(self, piece: Piece) -> RawFile:
        encoding = self.job.read.encoding
        text = decode(self.file, piece.data, encoding)
        try:
            raw = csv.read(self.file, text.text)
        except UnreadableFile:
            raise NotCut from None
        raw.warnings += text.warnings
        if encoding == "utf-8":
            raw = read_as(self.job, self.file, b"", raw)
        raw.tables[""].source_row = raw.tables[""].source_row + piece.before
        raw.broken = [replace(finding, row=finding.row + piece.before) for finding in raw.broken]
        self.found.raw.tables[""].fields = dict.fromkeys(raw.tables[""].fields, ())
        return raw

    def _note(self, own: RawFile) -> None:
        """What a piece says of the file as a whole."""
        raw = self.found.raw
        raw.form, raw.says = own.form, raw.says | own.says
        raw.broken += own.broken
        raw.warnings += [one for one in own.warnings if one not in raw.warnings]
        raw.counts[""] += own.counts[""]
        if len(own.tables[""]):
            raw.tables[""].source_row = np.ones(1, dtype=np.int64)

    def _put_down(self, raw: RawFile) -> None:
        import pyarrow as pa

        found, records = self.found, raw.tables[""]
        seen = Checked()
        try:
            sheet = sheet_of(self.file, self._table, raw, records, self.named, seen, self.job)
        except UnreadableFile as error:
            found.stopped = error.args[0]
            return
        columns: dict[str, pa.Array] = {**sheet.columns, "source_row": pa.array(sheet.source_row, pa.int64())}
        found.rows.add(pa.table({**columns, GOOD: pa.array(sheet.good)}))
        found.refused |= {int(sheet.source_row[row]): finding for row, finding in sheet.refused.items()}
        found.findings += [one for one in seen.findings if one not in found.findings]
        for kind, count in seen.not_kept.items():
            found.not_kept[kind] = found.not_kept.get(kind, 0) + count
