"""The walk of files through the stations: land, read, check, keep.

The job of each file is found by what is in it. Files of one job are kept in one step;
a file that no job knows, or that cannot be read, is a finding, and the others load.
A pipe flow holds records of several jobs: it is a candidate, and has a report, of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from loaders import store as stores
from loaders.declared import all_jobs, dataset_named, job_hash
from loaders.errors import Finding, LoadError, NotText, StoreMoved, UnreadableFile
from loaders.formats.raw import RawFile
from loaders.job import Job
from loaders.report import FileReport, LoadReport
from loaders.sources.folder import NameScope, files_in, job_named, scope_of
from loaders.steps import land, place
from loaders.steps.check import Checked, check
from loaders.steps.keep import FileRows, difference
from loaders.steps.read import of_jobs, read, read_as, scope_in
from loaders.store.database import writing
from loaders.store.files import sha256
from loaders.store.loads import Delta, LandingToKeep, LoadToKeep, note_run

if TYPE_CHECKING:
    from loaders.store.session import Store

GROUP_BYTES = 64_000_000
GROUP_FILES = 1000
ATTEMPTS = 20
_ORDER_LAST = ("boalf", "physical_data")  # what refers to BM Units comes after them


@dataclass
class Candidate:
    """A file on its way."""

    path: Path
    data: bytes
    landing: str
    named: NameScope
    scope: str
    job: Job | None = None
    raw: RawFile | None = None
    stopped: Finding | None = None
    repeated: str | None = None


def load(
    folder_or_files: Path | str | Iterable[Path | str],
    home: Path | str,
    told: Callable[[str], None] | None = None,
    store: Store | None = None,
) -> LoadReport:
    """Take files into the workspace in folder `home`, and say what became of each.

    told   called with the name of each file as it is taken up, for a progress bar
    store  an open store of that workspace, when there is one
    Raises LoadError when the folder or a file is not there.
    """
    paths = _paths(folder_or_files)
    own = store or stores.open(Path(home))
    try:
        before = own.version()
        reports: dict[Path, list[FileReport]] = {path: [] for path in paths}
        withdrawn = 0
        for group in _groups(_candidates(own, paths, told)):
            waiting: dict[str, list[Candidate]] = {}
            for candidate in group:
                if candidate.job is None or candidate.repeated:
                    reports[candidate.path].append(_set_aside(own, candidate))
                else:
                    waiting.setdefault(candidate.job.job, []).append(candidate)
            for name in sorted(waiting, key=lambda job: (job in _ORDER_LAST, job)):
                kept, gone = _keep(own, waiting[name])
                for candidate, report in zip(waiting[name], kept, strict=True):
                    reports[candidate.path].append(report)
                withdrawn += gone
        told_once = [report for path in reports for report in _each_fault_once(reports[path])]
        return LoadReport(told_once, withdrawn, before, own.version())
    finally:
        if store is None:
            own.close()


def _each_fault_once(reports: Sequence[FileReport]) -> Iterator[FileReport]:
    """The reports of one file; a fault of the file as a whole stands in the first that has it."""
    told: set[Finding] = set()
    for report in reports:
        yield replace(report, findings=[finding for finding in report.findings if finding not in told])
        told.update(report.findings)


def _paths(place_: Path | str | Iterable[Path | str]) -> list[Path]:
    named = Path(place_) if isinstance(place_, str | Path) else [Path(path) for path in place_]
    for path in [named] if isinstance(named, Path) else named:
        if not path.exists():
            raise LoadError(f"{path}: found nothing, wanted a folder or file. Correct the name.")
    return files_in(named)


def _candidates(store: Store, paths: Sequence[Path], told: Callable[[str], None] | None) -> Iterator[Candidate]:
    jobs = all_jobs()
    hashes = {name: job_hash(name) for name in jobs}
    for path in paths:
        if told:
            told(path.name)
        data = path.read_bytes()
        named = scope_of(path.name)
        by_name = job_named(jobs.values(), path.name)
        candidate = Candidate(path, data, sha256(data), named, _scope(by_name, named))
        # Of a pipe flow some jobs may have read it and others not: it is read first, then asked of each.
        if by_name is None or "pipe flow" not in by_name.read.forms:
            candidate.repeated = land.met_before(store, candidate.landing, candidate.scope, hashes)
        for one in [candidate] if candidate.repeated else _recognised(candidate, list(jobs.values()), by_name):
            if one.job and "pipe flow" in one.job.read.forms:
                one.repeated = land.met_before(store, one.landing, one.scope, hashes)
            yield one


def _scope(job: Job | None, named: NameScope) -> str:
    return f"{job.job if job else ''}|{named}"


def _recognised(candidate: Candidate, jobs: Sequence[Job], by_name: Job | None) -> list[Candidate]:
    """A candidate for each job that the file belongs to; one without a job, when there is none."""
    file, data, named = candidate.path.name, candidate.data, candidate.named
    try:
        raw = read(file, data)
        found = [(job, read_as(job, file, data, part)) for job, part in of_jobs(jobs, file, raw)]
    except NotText as error:
        return [replace(candidate, stopped=error.args[0])]
    except UnreadableFile as error:
        return [replace(candidate, job=by_name, stopped=error.args[0])]
    if raw.form == "pipe flow":
        about = scope_in(raw, named)
        parts = [replace(candidate, job=job, raw=own, named=about, scope=_scope(job, named)) for job, own in found]
    else:
        parts = [replace(candidate, job=job, raw=own) for job, own in found]
    return parts or [replace(candidate, raw=raw)]


def _groups(candidates: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """Files that are in memory together: a bounded number of bytes, whatever the folder holds."""
    group: list[Candidate] = []
    filled = 0
    for candidate in candidates:
        group.append(candidate)
        filled += len(candidate.data)
        if filled > GROUP_BYTES or len(group) == GROUP_FILES:
            yield group
            group, filled = [], 0
    if group:
        yield group


def _set_aside(store: Store, candidate: Candidate) -> FileReport:
    """A repeat is noted and does nothing; a file that no job knows is a finding."""
    file = candidate.path.name
    if candidate.repeated:
        noted = _landing(candidate, Checked(), "repeated")
        with writing(store.engine) as connection:
            note_run(connection, noted, None, datetime.now(UTC))
        return FileReport(file, "repeated", candidate.repeated, candidate.landing, noted.synthetic)
    finding = candidate.stopped or _unknown(candidate)
    warning = Finding(finding.file, finding.row, finding.column, finding.found, finding.wanted, finding.todo, "warning")
    return FileReport(file, "unknown", None, candidate.landing, findings=[warning])


def _unknown(candidate: Candidate) -> Finding:
    raw = candidate.raw
    fields = sorted({name for table in raw.tables.values() for name in table.fields}) if raw else []
    found = ", ".join(fields)[:120] or "records of another kind"
    todo = "It was not loaded. Write a job for it, or leave it out of the folder."
    return Finding(candidate.path.name, 0, "", found, "the fields of a declared job (bsc jobs)", todo)


def _keep(store: Store, batch: Sequence[Candidate]) -> tuple[list[FileReport], int]:
    """Check the files of one job and keep them in one step."""
    job = batch[0].job
    if job is None:
        return [], 0
    checked = [_check(store, job, candidate) for candidate in batch]
    landings = [
        _landing(candidate, one, "refused" if candidate.stopped else "kept")
        for candidate, one in zip(batch, checked, strict=True)
    ]
    tallies, withdrawn = _keep_differences(store, job, checked, landings)
    reports = [
        FileReport(
            file=candidate.path.name,
            outcome=landing.outcome,
            job=job.job,
            landing=candidate.landing,
            synthetic=landing.synthetic,
            rows_read=one.rows_read,
            refused=one.rows_refused,
            not_kept=one.not_kept,
            findings=one.findings,
            **tally,
        )
        for candidate, landing, one, tally in zip(batch, landings, checked, tallies, strict=True)
    ]
    return reports, withdrawn


def _keep_differences(
    store: Store, job: Job, checked: Sequence[Checked], landings: Sequence[LandingToKeep]
) -> tuple[list[dict[str, int]], int]:
    """Compare with the rows in force and keep what differs; anew, when another load has come between."""
    there = [number for number, one in enumerate(checked) if one.tables]
    for attempt in range(ATTEMPTS):
        compared = store.version()
        deltas: list[Delta] = []
        tallies = [dict.fromkeys(("new", "changed", "unchanged", "older"), 0) for _ in checked]
        withdrawn = 0
        for kind in range(len(job.tables) if there else 0):
            found = difference(store, [FileRows(landings[i].sha256, checked[i].tables[kind]) for i in there])
            deltas += found.deltas
            withdrawn += found.withdrawn
            for name in tallies[0]:
                for i, count in zip(there, getattr(found, name), strict=True):
                    tallies[i][name] += count
        try:
            store.keep_load(LoadToKeep(job.job, compared, landings, deltas))
        except StoreMoved:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            break
    return tallies, withdrawn


def _check(store: Store, job: Job, candidate: Candidate) -> Checked:
    def known(dataset: str) -> frozenset[str] | None:
        there = store.rows(dataset)
        return frozenset(there.column(dataset_named(dataset).keys[0]).to_pylist()) if there.num_rows else None

    if candidate.raw is not None and candidate.stopped is None:
        try:
            return check(candidate.path.name, job, candidate.raw, candidate.named, known)
        except UnreadableFile as error:
            candidate.stopped = error.args[0]
    return _stopped(job, candidate)


def _stopped(job: Job, candidate: Candidate) -> Checked:
    """A file that cannot be read as a whole: a finding, and a mark on what it is about, where its name says that."""
    finding = candidate.stopped or _unknown(candidate)
    day, period = candidate.named.settlement_date, candidate.named.settlement_period
    first = next(iter(job.tables.values())).dataset
    return Checked(refusals=[place.refusal(first, finding, day, period)], findings=[finding], rows_refused=0)


def _landing(candidate: Candidate, checked: Checked, outcome: str) -> LandingToKeep:
    marks = [mark for table in checked.tables for mark in table.marks]
    arrivals = [arrival for table in checked.tables for arrival in table.arrivals]
    if outcome == "refused" and candidate.job and candidate.stopped:
        marks = _marks_of_stopped(candidate.job, candidate, candidate.stopped)
    return LandingToKeep(
        sha256=candidate.landing,
        data=candidate.data,
        file=candidate.path.name,
        job=candidate.job.job if candidate.job else candidate.repeated,
        job_hash=job_hash(candidate.job.job) if candidate.job else None,
        scope=candidate.scope,
        outcome=outcome,
        rows_read=checked.rows_read,
        rows_kept=sum(table.rows.num_rows for table in checked.tables),
        rows_refused=checked.rows_refused,
        synthetic=land.is_synthetic(candidate.path.name, candidate.data),
        published_at=_published(checked),
        arrivals=arrivals,
        marks=marks,
        refusals=checked.refusals,
        mended={table.table.dataset: table.mended for table in checked.tables},
    )


def _marks_of_stopped(job: Job, candidate: Candidate, finding: Finding) -> list[dict[str, object]]:
    day, period = candidate.named.settlement_date, candidate.named.settlement_period
    if day is None:
        return []
    side = place.SIDES.get(candidate.named.side or "") if job.arrives_for == "period and side" else None
    return [place.mark(table.dataset, day, period, side, [finding]) for table in job.tables.values()]


def _published(checked: Checked) -> datetime | None:
    """The sender's clock: the newest run time among the rows."""
    import pyarrow.compute as pc

    times = [
        pc.max(table.rows.column(table.table.checks.latest_of)).as_py()
        for table in checked.tables
        if table.table.checks.latest_of
    ]
    return max((time for time in times if time), default=None)
