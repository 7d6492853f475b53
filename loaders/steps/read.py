"""Read: bytes to records, and the job whose records they are.

The job is found by what the file says of itself (its HDR line, its dataset), then by the
names of its fields, and only then by the name of the file. A pipe flow holds records of
several jobs, and goes to each of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from loaders.errors import Finding, NotText, UnreadableFile
from loaders.formats import csv, excel, headed_csv, json, json_mapping, pipe_flow, pool_transfer, xml
from loaders.formats.packed import unpack
from loaders.formats.raw import ANY_CASE, RawFile
from loaders.formats.text import decode, is_broken, plain_name
from loaders.job import Column, Job
from loaders.sources.folder import YEARS, NameScope, job_named, named_by

NEARLY = 0.6  # of the fields of a job must be there: with fewer, the file is not held to be of it
# Parquet, Arrow, PDF, pictures, SQLite, programs: whole files that are no answers, whatever they are called.
OF_ANOTHER_KIND = (b"PAR1", b"ARROW1", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"SQLite format 3", b"\x7fELF")
HALF = 0.5  # of the fields of a file must be known to the job


def read(file: str, data: bytes, encoding: str = "utf-8") -> RawFile:
    """The records of a file, in the form that its content shows. Raises UnreadableFile."""
    unpacked, cut = unpack(file, data)
    if excel.is_excel(unpacked):
        return excel.read(file, unpacked)
    if unpacked.startswith(OF_ANOTHER_KIND):
        raise NotText(Finding(file, 0, "", "a file of another kind", "JSON or CSV", "Leave it out of the folder."))
    if b"\x00" in unpacked[:4096] and not unpacked.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        todo = "Fetch it again, or leave it out of the folder."
        raise UnreadableFile(Finding(file, 0, "", "bytes that are no text", "JSON or CSV", todo))
    text = decode(file, unpacked, encoding)
    start = text.text.lstrip()[:4]
    if not start and not cut and file.lower().endswith(pool_transfer.ENDING):
        return pool_transfer.nothing(file)
    if not start:
        todo = "Fetch it again: an answer without rows is not an empty file."
        raise UnreadableFile(Finding(file, 0, "", "no bytes", "JSON or CSV", todo))
    if start[0] in "[{":
        raw = json.read(file, text.text)
    elif start[0] == "<":
        raw = xml.read(file, text.text)
    elif start == "HDR,":
        raw = headed_csv.read(file, text.text)
    elif start == "AAA|":
        raw = pipe_flow.read(file, text.text)
    elif start == "ZHD|":
        raw = pool_transfer.read(file, text.text)
    else:
        raw = csv.read(file, text.text)
    raw.warnings += text.warnings
    raw.cut = raw.cut or cut
    return raw


def read_as(job: Job, file: str, data: bytes, raw: RawFile) -> RawFile:
    """The file read again in the encoding of its job, where that differs; else as it was read."""
    if job.read.encoding != "utf-8" and raw.form == "csv":
        return read(file, data, job.read.encoding)
    odd = [name for table in raw.tables.values() for name in table.fields if is_broken(name)]
    if odd:
        raw.warnings.append(
            Finding(
                file, 1, "", "headings that are not UTF-8", "UTF-8", "They were read without the odd signs.", "warning"
            )
        )
    return raw


class Headings:
    """The fields of a file, to be asked which of them brings a column.

    Outside JSON, case and signs of a heading do not count, unless they are all that tells two headings apart.
    """

    def __init__(self, form: str, fields: Iterable[str]):
        self.present = set(fields)
        self.plain: dict[str, list[str]] = {}
        if form in ANY_CASE:
            for name in self.present:
                self.plain.setdefault(plain_name(name), []).append(name)

    def of(self, column: Column) -> str | None:
        """The field that brings a column, or None."""
        for name in column.names:
            if name in self.present:
                return name
        if not self.plain:
            return None
        alike = (self.plain.get(plain_name(name), []) for name in column.names)
        return next((names[0] for names in alike if len(names) == 1), None)


def find_job(jobs: Iterable[Job], file: str, raw: RawFile) -> Job | None:
    """The job that a file belongs to, or None when no job knows it."""
    able = [job for job in jobs if raw.form in job.read.forms and not _speaks_against(job, raw)]
    if raw.form in ("headed csv", "pool transfer"):
        said_by_header = next((job for job in able if job.read.header in raw.says), None)
        return said_by_header or (job_named(able, file) if raw.blank else None)
    fields = list(raw.tables[""].fields)
    if not fields:
        named = job_named(able, file)
        said = [job for job in able if raw.says & set(job.read.says)]
        return named or next(iter(said), None)
    headings = Headings(raw.form, fields)
    scored = [(share, matched, job) for job in able for share, matched in [_match(job, headings, fields)]]
    scored = [
        (share, matched, job)
        for share, matched, job in scored
        if matched >= HALF * len(fields) or (share == 1 and named_by(job, file))
    ]
    whole = [(matched, job) for share, matched, job in scored if share == 1]
    if whole:
        # Some feeds have the same fields: then the file has to say, or be named, whose it is.
        most = max(matched for matched, _ in whole)
        alike = [job for matched, job in whole if matched == most]
        said = [job for job in alike if raw.says & set(job.read.says)]
        named = job_named(said or alike, file)
        return next(iter([named] if named else said or (alike if len(alike) == 1 else [])), None)
    said = [job for _, _, job in scored if raw.says & set(job.read.says)]
    named = job_named([job for share, _, job in scored if share > 0], file)
    near = [(share, matched, job) for share, matched, job in scored if share >= NEARLY]
    if said or named:
        return said[0] if said else named
    return max(near, key=lambda found: found[:2])[2] if near else None


def of_jobs(jobs: Iterable[Job], file: str, raw: RawFile) -> list[tuple[Job, RawFile]]:
    """The jobs that a file belongs to, each with its part of it.

    Raises UnreadableFile for a pipe flow of which a fault left no record of any job, and for one JSON object that
    neither says its dataset nor is a record of the job that its file is named after.
    """
    if raw.form != "pipe flow":
        mapped = _mapped(jobs, file, raw)
        if mapped:
            return [mapped]
        job = find_job(jobs, file, raw) if raw.pairs != {} else None
        if raw.alone and not raw.says and not (job and named_by(job, file)):
            raise UnreadableFile(raw.alone)
        return [(job, raw)] if job else []
    able = [job for job in jobs if raw.form in job.read.forms and job.read.header in raw.says]
    says_none = pipe_flow.flow_of(raw).says_none
    found = [(job, _part(job, raw)) for job in able if says_none or job.tables.keys() & raw.counts.keys()]
    if not found and (raw.cut or raw.broken):
        raise UnreadableFile(raw.cut or raw.broken[0])
    return found


def _mapped(jobs: Iterable[Job], file: str, raw: RawFile) -> tuple[Job, RawFile] | None:
    """The job whose records are the names and values of one JSON object; of an empty one, or an empty list, by name."""
    pairs = raw.pairs
    if not pairs and (raw.form != "json" or raw.counts != {"": 0} or raw.says or raw.cut):
        return None
    able = [job for job in jobs if "json mapping" in job.read.forms]
    job = job_named(able, file) if not pairs else None
    job = job or next((one for one in able if json_mapping.has_names_of(one.read.names, pairs or ())), None)
    if job is None:
        return None
    found = json_mapping.records(file, pairs or {}, job.read.names)
    return job, replace(found, warnings=raw.warnings, cut=raw.cut)


def _part(job: Job, raw: RawFile) -> RawFile:
    """What concerns a job: its records, and the faults of these, of the records above them and of the whole file."""
    flow = pipe_flow.flow_of(raw)
    own = {code for kind in job.tables for code in flow.line_of(kind)} | {"ZZZ"}
    tables = {kind: table for kind, table in raw.tables.items() if kind in job.tables}
    others = set(flow.widths) - own
    return replace(
        raw,
        tables=tables,
        broken=[finding for finding in raw.broken if finding.column in own],
        warnings=[finding for finding in raw.warnings if finding.column not in others],
    )


def scope_in(raw: RawFile, named: NameScope) -> NameScope:
    """What a file is about: as its name says, or the day that a pipe flow says itself."""
    if raw.form != "pipe flow":
        return named
    try:
        day = datetime.strptime(raw.header["date"], "%Y%m%d").date()
    except ValueError:
        return named
    return NameScope(day) if day.year in YEARS else named


def _speaks_against(job: Job, raw: RawFile) -> bool:
    return raw.form != "headed csv" and bool(raw.says) and bool(job.read.says) and not raw.says & set(job.read.says)


def _match(job: Job, headings: Headings, fields: list[str]) -> tuple[float, int]:
    columns = [column for column in job.tables[""].columns.values() if column.from_the_rows]
    found = [column for column in columns if headings.of(column) is not None]
    needed = sum(column.missing == "stop" for column in columns)
    there = sum(column.missing == "stop" for column in found)
    left_out = set(map(plain_name, job.read.left_out))
    also = sum(plain_name(name) in left_out for name in fields) if left_out else 0
    return there / needed, len(found) + also
