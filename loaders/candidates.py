"""Files on their way: what is on offer, which jobs know it, and what was met before.

The job of a file is found by what is in it. A pipe flow holds records of several jobs: it is a candidate of each.
An archive holds several files: it is kept as received, and each file in it is a candidate.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.declared import all_jobs, job_hash
from loaders.errors import Finding, NotText, UnreadableFile, printable
from loaders.formats import packed
from loaders.formats.raw import RawFile, RawTable
from loaders.job import Job
from loaders.sources.folder import NameScope, is_hidden, job_named, scope_of
from loaders.steps import land
from loaders.steps.read import of_jobs, read, read_as, scope_in
from loaders.store.files import sha256

if TYPE_CHECKING:
    from loaders.store.session import Store


@dataclass(frozen=True)
class Incoming:
    """A file on offer, be it of a folder, of a source or of the landings.

    name          what it is called, and so what it says of its content
    bytes_of      gives its bytes; may raise OSError
    published_at  the sender's clock, where the source told it
    """

    name: str
    bytes_of: Callable[[], bytes]
    published_at: datetime | None = None

    @classmethod
    def of_path(cls, path: Path) -> Incoming:
        """A file of a folder."""
        return cls(path.name, path.read_bytes)


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
    data     its bytes; of a file that its archive does not give up, those of the archive
    archive  an archive itself, as received
    lost     a file that its archive does not give up: `stopped` says why
    seconds  that it took to read it
    """

    place: int
    name: str
    data: bytes
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


def candidates(
    store: Store, offered: Sequence[Incoming], manner: Manner, told: Callable[[str], None] | None = None
) -> Iterator[Candidate]:
    """A candidate for each job that a file belongs to, one without a job where no job knows it."""
    jobs = all_jobs()
    hashes = {name: job_hash(name) for name in jobs}
    for place, incoming in enumerate(offered):
        if told:
            told(incoming.name)
        for candidate in _files_in(place, incoming):
            if candidate.archive:
                yield candidate
                continue
            by_name = job_named(jobs.values(), candidate.name)
            candidate.scope = _scope(by_name, candidate.named)
            if candidate.lost or candidate.stopped:
                candidate.job = by_name
                yield candidate
                continue
            # Of a pipe flow some jobs may have read it and others not: it is read first, then asked of each.
            if not manner.again and (by_name is None or "pipe flow" not in by_name.read.forms):
                candidate.repeated = land.met_before(store, candidate.landing, candidate.scope, hashes)
            for one in [candidate] if candidate.repeated else _recognised(candidate, jobs.values(), by_name, manner):
                if one.job and "pipe flow" in one.job.read.forms and not manner.again:
                    one.repeated = land.met_before(store, one.landing, one.scope, hashes)
                if not manner.only or (one.job and one.job.job in manner.only):
                    yield one


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


def _scope(job: Job | None, named: NameScope) -> str:
    return f"{job.job if job else ''}|{named}"


def _recognised(candidate: Candidate, jobs: Iterable[Job], by_name: Job | None, manner: Manner) -> list[Candidate]:
    """A candidate for each job that the file belongs to; one without a job, when there is none."""
    file, data, named = candidate.name, candidate.data, candidate.named
    start = time.perf_counter()
    try:
        raw = read(file, data)
        found = [(job, _first(read_as(job, file, data, part), manner.rows)) for job, part in of_jobs(jobs, file, raw)]
    except NotText as error:
        return [replace(candidate, stopped=error.args[0])]
    except UnreadableFile as error:
        return [replace(candidate, job=by_name, stopped=error.args[0])]
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
