"""Fetching: the questions of a job put to its source, and what comes back taken into the store.

A failure never stops the other questions. A back-fill that was stopped goes on where it was: what was answered
and kept is not asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from loaders import store as stores
from loaders.candidates import Incoming
from loaders.declared import all_jobs
from loaders.duty.walk import Walk, new_run_id
from loaders.errors import Finding, LoadError
from loaders.job import Job
from loaders.loading import take
from loaders.report import FileReport
from loaders.sources.answers import Answer, Failure
from loaders.sources.questions import Question, questions
from loaders.sources.settings import Settings, read_settings
from loaders.store import tables as sql
from loaders.store.database import reading
from loaders.store.files import keep_named

if TYPE_CHECKING:
    from loaders.store.session import Store

AT_ONCE = 100  # answers that are kept in one step
AT_ONCE_BYTES = 32_000_000
UNCLAIMED = "unclaimed"  # folder of a workspace


@dataclass
class FetchReport:
    """What came of questions: answers as files, failures as findings, and how many were left as answered before."""

    files: list[FileReport] = field(default_factory=list)
    failures: list[Finding] = field(default_factory=list)
    withdrawn: int = 0
    left: int = 0
    again_at: datetime | None = None

    @property
    def findings(self) -> list[Finding]:
        """All findings: failures first, then those of the files."""
        return [*self.failures, *(finding for file in self.files for finding in file.findings)]

    @property
    def good(self) -> bool:
        """Whether all was answered and nothing refused."""
        return not any(finding.weight == "refused" for finding in self.findings)


def back_fill(
    home: Path | str,
    job: str,
    first: date,
    last: date,
    told: Callable[[str], None] | None = None,
    again: bool = False,
    settings: Settings | None = None,
) -> FetchReport:
    """Ask a job's source for all Settlement Dates from `first` to `last`.

    again  also what was answered and kept before
    Raises LoadError for a job that is not declared or is not fetched, WrongSettings for settings that do not do.
    """
    declared = fetched_job(job)
    opened = stores.open(Path(home))
    try:
        asked = questions(declared, first, last)
        kept = set() if again else names_kept(opened, job)
        open_ = [question for question in asked if question.name not in kept]
        report = ask(opened, declared, open_, settings or read_settings(Path(home)), told)
        report.left = len(asked) - len(open_)
        return report
    finally:
        opened.close()


def fetched_job(name: str) -> Job:
    """A declared job that is asked for over the network. Raises LoadError."""
    job = all_jobs().get(name)
    if job is None:
        raise LoadError(f"job: found {name!r}, wanted a declared job. Correct the name (bsc jobs).")
    if job.fetch.source == "folder":
        raise LoadError(f"{name}: found a job whose files somebody brings, wanted one that is fetched. Use --from.")
    return job


def names_kept(store: Store, job: str) -> set[str]:
    """Names of the files of a job that were read."""
    table = sql.job_runs
    query = sa.select(table.c.file).where(table.c.job == job, table.c.outcome.in_(("kept", "repeated")))
    with reading(store.engine) as connection:
        return set(connection.execute(query).scalars())


def ask(
    store: Store,
    job: Job,
    asked: Sequence[Question],
    settings: Settings,
    told: Callable[[str], None] | None = None,
    upto: datetime | None = None,
    parent: str | None = None,
) -> FetchReport:
    """Put questions to the source of a job and keep what comes back, some answers at a time.

    upto  how far the job has come when all are answered: the watermark moves with the last of them, and only if none
          failed
    """
    report = FetchReport()
    run = parent or new_run_id()
    with Walk(store.engine, job.job, run).station("fetch") as passed:
        passed.rows_in = len(asked)
        waiting: list[Answer] = []
        for came in _answers(store, job, asked, settings, told):
            if came is None:  # its sender waits until it is kept
                keep_answers(store, waiting, report, None, run)
                waiting = []
                continue
            if isinstance(came, Failure):
                report.failures.append(came.finding)
                report.again_at = max(filter(None, (report.again_at, came.come_again)), default=None)
                continue
            passed.rows_out, passed.bytes = passed.rows_out + 1, passed.bytes + len(came.data)
            waiting.append(came)
            if len(waiting) >= AT_ONCE or sum(len(one.data) for one in waiting) > AT_ONCE_BYTES:
                keep_answers(store, waiting, report, None, run)
                waiting = []
        keep_answers(store, waiting, report, None if report.failures else upto, run)
        passed.rows_refused = len(report.failures)
        passed.error = str(report.failures[0]) if report.failures else None
    return report


def keep_answers(store: Store, answers: Sequence[Answer], report: FetchReport, upto: datetime | None, run: str) -> None:
    """Take answers into the store, add what came of them to a report, and tell a sender that waits for that.

    A sender that is told forgets: what no job knows is put into the folder `unclaimed` of the workspace before.
    """
    if not answers:
        return
    offered = [Incoming.of_bytes(one.name, one.data, one.published_at) for one in answers]
    taken = take(store, offered, upto=upto, parent=run)
    report.files += taken.files
    report.withdrawn += taken.withdrawn
    unknown = {file.file for file in taken.files if file.outcome == "unknown"}
    for one in answers:
        if one.kept and one.name in unknown:
            keep_named(store.files, store.home / UNCLAIMED, one.name, one.data)
    for one in answers:
        if one.kept:
            one.kept()


def _answers(
    store: Store, job: Job, asked: Iterable[Question], settings: Settings, told: Callable[[str], None] | None
) -> Iterator[Answer | Failure | None]:
    """What comes of questions, by whichever source the job names; None where what has come is to be kept at once."""
    match job.fetch.source:
        case "insights":
            from loaders.sources import insights

            yield from insights.answers(asked, settings, told)
        case "portal":
            from loaders.sources import portal

            yield from portal.answers(asked, settings, told, met=names_kept(store, job.job))
        case "sftp":
            from loaders.sources import sftp

            kept = names_kept(store, job.job)
            yield from sftp.files(job, settings, lambda remote: remote.name in kept, told)
        case "queue":
            from loaders.sources import queue

            for came in queue.batches(job.fetch.path, settings):
                yield from [came] if isinstance(came, Failure) else queue.answers(came, job.fetch.path)
                yield None
        case _:
            raise LoadError(f"{job.job}: found source {job.fetch.source!r}, wanted insights, portal, sftp or queue.")
