"""Files on their way: what is on offer, which jobs know it, and what was met before.

The job of a file is found by what is in it. A pipe flow holds records of several jobs: it is a candidate of each.
An archive holds several files: it is kept as received, and each file in it is a candidate.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from loaders import large_files
from loaders.declared import all_jobs, job_hash
from loaders.errors import FileChanged, Finding, NotText, UnreadableFile, printable
from loaders.formats import packed
from loaders.formats.pieces import NotCut
from loaders.formats.raw import RawFile, RawTable
from loaders.job import Job
from loaders.sources.folder import NameScope, is_hidden, scope_of
from loaders.steps import land
from loaders.steps.read import of_jobs, read, read_as, scope_in
from loaders.steps.read_alike import Alike
from loaders.steps.read_pieces import Divided, read_divided
from loaders.store.files import OnDisk, sha256

if TYPE_CHECKING:
    from loaders.store.session import Store

# Files that are asked together what they are.
TOGETHER_BYTES = 8_000_000
TOGETHER_FILES = 250


@dataclass(frozen=True)
class Incoming:
    """A file on offer, be it of a folder, of a source or of the landings.

    name          what it is called, and so what it says of its content
    bytes_of      gives its bytes; may raise OSError
    published_at  the sender's clock, where the source told it
    path          where it lies, if it lies on disk: a large one need not be held whole then
    """

    name: str
    bytes_of: Callable[[], bytes]
    published_at: datetime | None = None
    path: Path | None = None

    @classmethod
    def of_path(cls, path: Path) -> Incoming:
        """A file of a folder."""
        return cls(path.name, path.read_bytes, path=path)

    @classmethod
    def of_bytes(cls, name: str, data: bytes, published_at: datetime | None = None) -> Incoming:
        """A file that is in memory."""
        return cls(name, lambda: data, published_at)


@dataclass(frozen=True)
class Manner:
    """How files are taken in.

    dry    say what would be kept, and keep nothing
    rows   read so many records of each file only (and keep nothing, since a part of a file is not the file)
    again  read what was read before too, as after a change of the program
    only   jobs to take in; all when empty
    """

    dry: bool = False
    rows: int | None = None
    again: bool = False
    only: frozenset[str] = frozenset()

    @property
    def keeps(self) -> bool:
        """Whether anything is written."""
        return not self.dry and self.rows is None


@dataclass
class Candidate:
    """A file on its way.

    place    its place among the files on offer; a file in an archive has that of the archive
    name     as reports say it, "archive.zip/inner.csv" for a file in an archive
    data     its bytes; of a file that its archive does not give up, those of the archive; of a large one, where it lies
    archive  an archive itself, as received
    lost     a file that its archive does not give up: `stopped` says why
    seconds  that it took to read it
    divided  what was read of a large file, in place of `raw`
    synthetic  of a large file: whether it says that it is
    """

    place: int
    name: str
    data: bytes | OnDisk
    landing: str
    named: NameScope
    scope: str = ""
    published_at: datetime | None = None
    job: Job | None = None
    raw: RawFile | None = None
    stopped: Finding | None = None
    repeated: str | None = None
    archive: bool = False
    lost: bool = False
    seconds: float = 0.0
    divided: Divided | None = None
    synthetic: bool = False


def candidates(
    store: Store, offered: Sequence[Incoming], manner: Manner, told: Callable[[str], None] | None = None
) -> Iterator[Candidate]:
    """A candidate for each job that a file belongs to, one without a job where no job knows it."""
    desk = _Desk(store, manner, told)
    waiting: list[Candidate] = []
    filled = 0
    for place, incoming in enumerate(offered):
        if told:
            told(incoming.name)
        large = large_files.taken_up(incoming.path, store.landings_folder)
        for candidate in [_large(place, incoming, large)] if large else _files_in(place, incoming):
            waiting.append(candidate)
            filled += len(candidate.data)
            if filled > TOGETHER_BYTES or len(waiting) == TOGETHER_FILES:
                yield from desk.recognised(waiting)
                waiting, filled = [], 0
    yield from desk.recognised(waiting)


class _Desk:
    """Where files are asked what they are, some at a time."""

    def __init__(self, store: Store, manner: Manner, told: Callable[[str], None] | None):
        import pyarrow as pa

        if "ARROW_DEFAULT_MEMORY_POOL" not in os.environ:
            # Arrow's own allocator keeps what it once had: a third more memory after a day of notifications.
            pa.set_memory_pool(pa.system_memory_pool())
        self.store, self.manner, self.told = store, manner, told
        jobs = all_jobs()
        self.hashes = {name: job_hash(name) for name in jobs}
        self.alike = Alike.of(jobs.values())

    def recognised(self, waiting: list[Candidate]) -> Iterator[Candidate]:
        """The candidates that some files are, in the order of the files. Each file is let go as it is given."""
        for one in waiting:
            if not one.archive:
                by_name = self.alike.named(one.name)
                one.scope = _scope(by_name, one.named)
                if one.lost or one.stopped:
                    one.job = by_name
        self._mark_repeats(waiting)
        new = [one for one in waiting if not (one.archive or one.lost or one.stopped or one.repeated)]
        new = [one for one in new if not isinstance(one.data, OnDisk)]
        start = time.perf_counter()
        # A few records of a file are looked at one by one.
        files = [(one.name, one.data) for one in new if isinstance(one.data, bytes)]
        read = self.alike.read(files) if self.manner.rows is None else [None] * len(new)
        seconds = (time.perf_counter() - start) / max(sum(one is not None for one in read), 1)
        quick = {id(one): found for one, found in zip(new, read, strict=True)}
        waiting.reverse()
        while waiting:
            candidate = waiting.pop()
            for one in self._of(candidate, quick.get(id(candidate)), seconds):
                if candidate.archive or candidate.lost or candidate.stopped or self._is_wanted(one):
                    yield one

    def _of(self, candidate: Candidate, quick: tuple[Job, RawFile] | None, seconds: float) -> list[Candidate]:
        if candidate.archive or candidate.lost or candidate.stopped or candidate.repeated:
            return [candidate]
        if quick:
            return [replace(candidate, job=quick[0], raw=quick[1], seconds=seconds)]
        if isinstance(candidate.data, OnDisk):
            found, whole = self._of_large(candidate, candidate.data)
            if found:
                return found
            candidate = whole
        found = _recognised(candidate, self.alike, self.manner)
        for one in found:
            if one.job and "pipe flow" in one.job.read.forms and not self.manner.again:
                one.repeated = land.met_before(self.store, one.landing, one.scope, self.hashes)
        return found

    def _of_large(self, one: Candidate, source: OnDisk) -> tuple[list[Candidate], Candidate]:
        """What a large file is, read by days; or nothing, and the same file with its bytes, to be read whole."""
        start = time.perf_counter()
        try:
            if self.manner.rows is not None:
                first = large_files.first_piece(one.name, source, self.manner.rows)
                return ([], replace(one, data=first)) if first else ([], _held(one, source))
            told = partial(large_files.tell_share, self.told, one.name) if self.told else None
            found = read_divided(
                self.alike, one.name, source, one.landing, one.named, self.store.home, self.manner.only, told
            )
        except NotCut:
            try:
                return [], _held(one, source)
            except OSError as error:
                return [replace(one, stopped=large_files.gone(one.name, error), lost=True)], one
        except (FileChanged, OSError) as error:
            return [replace(one, stopped=large_files.gone(one.name, error), lost=True)], one
        seconds = time.perf_counter() - start
        if isinstance(found, Divided):
            return [replace(one, job=found.job, divided=found, stopped=found.stopped, seconds=seconds)], one
        return [replace(one, job=found)], one

    def _is_wanted(self, one: Candidate) -> bool:
        return not self.manner.only or bool(one.job and one.job.job in self.manner.only)

    def _mark_repeats(self, waiting: Sequence[Candidate]) -> None:
        """Note which files were read before. Of a pipe flow some jobs may have read it and others not: it is asked
        of each, once it is read.
        """
        if self.manner.again:
            return
        asked = []
        for one in waiting:
            by_name = self.alike.named(one.name)
            if not (one.archive or one.lost or one.stopped or (by_name and "pipe flow" in by_name.read.forms)):
                asked.append(one)
        met = land.all_met_before(self.store, [(one.landing, one.scope) for one in asked], self.hashes)
        for one in asked:
            one.repeated = met.get((one.landing, one.scope))


def _files_in(place: int, incoming: Incoming) -> Iterator[Candidate]:
    """The file itself; or, of an archive, the archive as received and then each file in it, one at a time."""
    name = printable(incoming.name, 255)
    try:
        data = incoming.bytes_of()
    except OSError as error:
        todo = "Nothing of it was read. See to it that it can be read, and load it again."
        finding = Finding(name, 0, "", error.strerror or str(error), "a file to read", todo)
        yield Candidate(place, name, b"", sha256(b""), scope_of(name), stopped=finding)
        return
    whole = Candidate(place, name, data, sha256(data), scope_of(name), published_at=incoming.published_at)
    if not packed.is_archive(data):
        yield whole
        return
    opened = False
    for member in packed.members(name, data):
        lost = member.finding is not None
        if not opened and not (lost and member.name == name):  # not one that cannot be opened at all
            opened = True
            yield replace(whole, archive=True)
        if is_hidden(member.name.removeprefix(f"{name}/")) and member.name != name:
            continue
        inner = printable(member.name, 255)
        if lost:
            yield replace(whole, name=inner, named=scope_of(inner), stopped=member.finding, lost=True)
        else:
            yield replace(whole, name=inner, data=member.data, landing=sha256(member.data), named=scope_of(member.name))


def _large(place: int, incoming: Incoming, large: large_files.Large) -> Candidate:
    """A file that is too large to be held."""
    name = printable(incoming.name, 255)
    return Candidate(
        place,
        name,
        large.source,
        large.sha256,
        scope_of(name),
        published_at=incoming.published_at,
        synthetic=large.synthetic,
    )


def _held(one: Candidate, source: OnDisk) -> Candidate:
    data = source.path.read_bytes()
    return replace(one, data=data, landing=sha256(data))


def _scope(job: Job | None, named: NameScope) -> str:
    return f"{job.job if job else ''}|{named}"


def _recognised(candidate: Candidate, alike: Alike, manner: Manner) -> list[Candidate]:
    """A candidate for each job that the file belongs to; one without a job, when there is none."""
    file, data, named = candidate.name, candidate.data, candidate.named
    if isinstance(data, OnDisk):
        return [candidate]
    start = time.perf_counter()
    try:
        raw = read(file, data)
        found = [
            (job, _first(read_as(job, file, data, part), manner.rows)) for job, part in of_jobs(alike.jobs, file, raw)
        ]
    except NotText as error:
        return [replace(candidate, stopped=error.args[0])]
    except UnreadableFile as error:
        return [replace(candidate, job=alike.named(file), stopped=error.args[0])]
    seconds = time.perf_counter() - start
    if raw.form == "pipe flow":
        about = scope_in(raw, named)
        return [
            replace(candidate, job=job, raw=own, named=about, scope=_scope(job, named), seconds=seconds / len(found))
            for job, own in found
        ] or [replace(candidate, raw=raw)]
    return [replace(candidate, job=job, raw=own, seconds=seconds) for job, own in found] or [
        replace(candidate, raw=raw)
    ]


def _first(raw: RawFile, rows: int | None) -> RawFile:
    """The first records of a file, of each kind."""
    if rows is None:
        return raw
    tables = {
        kind: RawTable({name: values[:rows] for name, values in table.fields.items()}, table.source_row[:rows])
        for kind, table in raw.tables.items()
    }
    counts = {kind: min(count, rows) for kind, count in raw.counts.items()}
    return replace(raw, tables=tables, counts=counts)
