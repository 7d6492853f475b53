"""Keeping the files of one job: checked, compared with the rows in force, and made visible in one step.

What each batch cost, station by station, is noted for whoever is on duty.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from loaders.candidates import Candidate, Manner
from loaders.declared import dataset_named, job_hash
from loaders.duty.walk import Measured, Passed, Walk, note_all
from loaders.errors import FileChanged, Finding, StoreMoved, UnreadableFile
from loaders.job import Job
from loaders.large_files import gone
from loaders.report import FileReport
from loaders.steps import land, place
from loaders.steps.check import Checked, Known, check
from loaders.steps.check_alike import check_alike
from loaders.steps.check_days import DividedTable, check_days
from loaders.steps.keep import FileRows, difference, portions
from loaders.store.files import OnDisk, keep_all
from loaders.store.loads import Delta, LandingToKeep, LoadToKeep

if TYPE_CHECKING:
    from loaders.store.session import Store

ATTEMPTS = 20
HELD_ROWS = 20_000  # of a large file that differ: more, and they are written before the next days are compared


def keep_batch(
    store: Store, batch: Sequence[Candidate], manner: Manner, walk: Walk, upto: datetime | None = None
) -> tuple[list[FileReport], int]:
    """Check the files of one job and keep them in one step; gives a report for each, and how many rows were withdrawn.

    upto  how far the job has come with them
    Raises StoreMoved when other loads come between again and again.
    """
    job = batch[0].job
    if job is None:
        return [], 0
    changed = keep_large(store, batch) if manner.keeps else {}
    if changed:
        return _without(store, batch, changed, manner, walk, upto)
    began, start = datetime.now(UTC), time.perf_counter()
    checked = check_all(store, job, batch)
    for candidate in batch:  # its records are typed now, and need not be held twice
        candidate.raw = candidate.divided = None
    landings = [landing(candidate, one, run_id=walk.run_id) for candidate, one in zip(batch, checked, strict=True)]
    between = time.perf_counter()
    tallies, withdrawn = _keep_differences(store, job, checked, landings, manner, upto)
    if manner.keeps:
        seconds = (sum(one.seconds for one in batch), between - start, time.perf_counter() - between)
        note_all(store.engine, walk, _measured(began, batch, checked, tallies, seconds))
    for one in checked:
        for table in one.tables:
            if isinstance(table, DividedTable) and table.on_disk:
                table.on_disk.close()
    reports = [
        FileReport(
            file=candidate.name,
            outcome=one.outcome if manner.keeps or one.outcome == "refused" else "would be kept",
            job=job.job,
            landing=candidate.landing,
            synthetic=one.synthetic,
            rows_read=result.rows_read,
            refused=result.rows_refused,
            not_kept=result.not_kept,
            findings=result.findings,
            **tally,
        )
        for candidate, one, result, tally in zip(batch, landings, checked, tallies, strict=True)
    ]
    return reports, withdrawn


def keep_large(store: Store, batch: Sequence[Candidate]) -> dict[int, Finding]:
    """Keep the bytes of large files, which no load has in memory; gives the place and finding of each that changed."""
    changed = {}
    for number, one in enumerate(batch):
        if isinstance(one.data, OnDisk):
            try:
                keep_all(store.files, store.landings_folder, {one.landing: one.data}, "")
            except FileChanged as error:
                changed[number] = gone(one.name, error)
    return changed


def _without(
    store: Store,
    batch: Sequence[Candidate],
    changed: dict[int, Finding],
    manner: Manner,
    walk: Walk,
    upto: datetime | None,
) -> tuple[list[FileReport], int]:
    """Keep the files that are still what was read, and refuse the others."""
    left = [one for number, one in enumerate(batch) if number not in changed]
    kept, withdrawn = keep_batch(store, left, manner, walk, upto) if left else ([], 0)
    reports = iter(kept)
    return [
        FileReport(one.name, "refused", one.job.job if one.job else None, one.landing, findings=[changed[number]])
        if number in changed
        else next(reports)
        for number, one in enumerate(batch)
    ], withdrawn


def _keep_differences(
    store: Store,
    job: Job,
    checked: Sequence[Checked],
    landings: Sequence[LandingToKeep],
    manner: Manner,
    upto: datetime | None,
) -> tuple[list[dict[str, int]], int]:
    """Compare with the rows in force and keep what differs; anew, when another load has come between."""
    there = [number for number, one in enumerate(checked) if one.tables]
    large = any(isinstance(table, DividedTable) for one in checked for table in one.tables)
    for attempt in range(ATTEMPTS):
        compared = store.version()
        deltas: list[Delta] = []
        written: list[dict[str, Any]] = []
        tallies = [dict.fromkeys(("new", "changed", "unchanged", "older"), 0) for _ in checked]
        withdrawn = 0
        for kind in range(len(job.tables) if there else 0):
            for some in portions([FileRows(landings[i].sha256, checked[i].tables[kind]) for i in there]):
                found = difference(store, some)
                deltas += found.deltas
                withdrawn += found.withdrawn
                for name in tallies[0]:
                    for i, count in zip(there, getattr(found, name), strict=True):
                        tallies[i][name] += count
                if sum(delta.table.num_rows for delta in deltas) > HELD_ROWS and large:
                    written += store.write_parts(deltas) if manner.keeps else []
                    deltas = []
                del found, some  # else a day would be held while the next is compared
        if not manner.keeps:
            break
        try:
            store.keep_load(LoadToKeep(job.job, compared, landings, deltas, upto, manner.again, written))
        except StoreMoved:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            break
    return tallies, withdrawn


def _measured(
    began: datetime,
    batch: Sequence[Candidate],
    checked: Sequence[Checked],
    tallies: Sequence[dict[str, int]],
    seconds: tuple[float, float, float],
) -> list[Measured]:
    """What the batch cost at the stations read, check and keep."""
    rows, refused = sum(one.rows_read for one in checked), sum(one.rows_refused for one in checked)
    odd = [finding for one in checked for finding in one.findings if finding.weight == "warning"]
    differ = sum(tally["new"] + tally["changed"] for tally in tallies)
    passed = (
        Passed(rows_out=rows, bytes=sum(len(one.data) for one in batch)),
        Passed(rows, rows - refused, refused, warnings=len(odd), warning=str(odd[0]) if odd else None),
        Passed(rows - refused, differ),
    )
    return [Measured(*one) for one in zip(("read", "check", "keep"), [began] * 3, seconds, passed, strict=True)]


def check_all(store: Store, job: Job, batch: Sequence[Candidate]) -> list[Checked]:
    """What each file holds: clean ones looked at together, the others one by one."""

    @lru_cache
    def known(dataset: str) -> frozenset[str] | None:
        there = store.rows(dataset)
        return frozenset(there.column(dataset_named(dataset).keys[0]).to_pylist()) if there.num_rows else None

    found: list[Checked | None] = [None] * len(batch)
    parts = [(n, one.name, one.raw, one.named) for n, one in enumerate(batch) if one.raw and _is_typed(one)]
    if parts:
        for part, checked in zip(parts, check_alike(job, [part[1:] for part in parts], known), strict=True):
            found[part[0]] = checked
    return [checked or _check(store, job, one, known) for one, checked in zip(batch, found, strict=True)]


def _is_typed(candidate: Candidate) -> bool:
    raw = candidate.raw
    return candidate.stopped is None and raw is not None and "" in raw.tables and raw.tables[""].typed is not None


def _check(store: Store, job: Job, candidate: Candidate, known: Known) -> Checked:
    if candidate.divided is not None and candidate.stopped is None:
        try:
            return check_days(candidate.name, candidate.divided, candidate.named, known, store.home)
        except UnreadableFile as error:
            candidate.stopped = error.args[0]
    if candidate.raw is not None and candidate.stopped is None:
        try:
            return check(candidate.name, job, candidate.raw, candidate.named, known)
        except UnreadableFile as error:
            candidate.stopped = error.args[0]
    return _stopped(job, candidate)


def _stopped(job: Job, candidate: Candidate) -> Checked:
    """A file that cannot be read as a whole: a finding, and a mark on what it is about, where its name says that."""
    finding = candidate.stopped or unknown(candidate)
    day, period = candidate.named.settlement_date, candidate.named.settlement_period
    first = next(iter(job.tables.values())).dataset
    return Checked(refusals=[place.refusal(first, finding, day, period)], findings=[finding], rows_refused=0)


def unknown(candidate: Candidate) -> Finding:
    """That no job knows a file."""
    raw = candidate.raw
    fields = sorted({name for table in raw.tables.values() for name in table.fields}) if raw else []
    found = ", ".join(fields)[:120] or "records of another kind"
    todo = "It was not loaded. Write a job for it, or leave it out of the folder."
    return Finding(candidate.name, 0, "", found, "the fields of a declared job (bsc jobs)", todo)


def landing(
    candidate: Candidate, checked: Checked, outcome: str | None = None, run_id: str | None = None
) -> LandingToKeep:
    """A file as received and what came of it, ready to be kept."""
    marks = [mark for table in checked.tables for mark in table.marks]
    outcome = outcome or ("refused" if candidate.stopped else "kept")
    if outcome == "refused" and candidate.job and candidate.stopped:
        marks = _marks_of_stopped(candidate.job, candidate, candidate.stopped)
    return LandingToKeep(
        sha256=candidate.landing,
        data=candidate.data,
        file=candidate.name,
        job=candidate.job.job if candidate.job else candidate.repeated,
        job_hash=job_hash(candidate.job.job) if candidate.job else None,
        scope=candidate.scope,
        outcome=outcome,
        rows_read=checked.rows_read,
        rows_kept=sum(table.count for table in checked.tables),
        rows_refused=checked.rows_refused,
        synthetic=candidate.synthetic
        if isinstance(candidate.data, OnDisk)
        else land.is_synthetic(candidate.name, candidate.data),
        published_at=_published(checked) or candidate.published_at,
        arrivals=[arrival for table in checked.tables for arrival in table.arrivals],
        marks=marks,
        refusals=checked.refusals,
        warnings=[_warning(finding) for finding in checked.findings if finding.weight == "warning"],
        mended={table.table.dataset: table.mended for table in checked.tables},
        run_id=run_id,
        seconds=candidate.seconds,
    )


def _warning(finding: Finding) -> dict[str, object]:
    return {name: getattr(finding, name) for name in ("row", "column", "found", "wanted", "todo")}


def _marks_of_stopped(job: Job, candidate: Candidate, finding: Finding) -> list[dict[str, object]]:
    day, period = candidate.named.settlement_date, candidate.named.settlement_period
    if day is None:
        return []
    side = place.SIDES.get(candidate.named.side or "") if job.arrives_for == "period and side" else None
    return [place.mark(table.dataset, day, period, side, [finding]) for table in job.tables.values()]


def _published(checked: Checked) -> datetime | None:
    """The sender's clock: the newest run time among the rows."""
    return max((table.newest for table in checked.tables if table.newest), default=None)
