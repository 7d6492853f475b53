"""Doing what is due: planned from the clock, claimed by one worker, asked, kept, and noted as done or failed.

    bsc load --due          what is due now, once, as from cron
    bsc load --watch        for ever, as a service

Several workers may do this on one workspace: each task is done by one of them, and of one job one task at a time.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from loaders.declared import all_jobs
from loaders.duty import claims, logs, needs
from loaders.duty.schedule import Due, due, next_tick
from loaders.duty.walk import new_run_id
from loaders.errors import Finding, LoadError, WrongSettings
from loaders.fetching import FetchReport, ask
from loaders.job import Job
from loaders.sources.questions import questions_about
from loaders.sources.settings import Settings, read_settings

if TYPE_CHECKING:
    import sqlalchemy as sa

    from loaders.store.session import Store

LONGEST_SLEEP = timedelta(seconds=60)
RENEW_EACH = 60.0  # seconds


@dataclass
class Worked:
    """What a worker did: tasks done, and those that failed with what was found."""

    done: list[str] = field(default_factory=list)
    failed: list[tuple[str, Finding | str]] = field(default_factory=list)
    files: int = 0
    refused: int = 0

    @property
    def good(self) -> bool:
        """Whether nothing failed and nothing was refused."""
        return not self.failed and not self.refused


def what_is_due(store: Store, now: datetime, only: Collection[str] = ()) -> list[Due]:
    """The questions that are due at an instant and not put down yet, the oldest first."""
    return due(_fetched(only), now, claims.last_runs(store.engine))


def work(
    store: Store,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    only: Collection[str] = (),
    told: Callable[[str], None] | None = None,
    settings: Settings | None = None,
    ended: threading.Event | None = None,
    worker: str = "",
) -> Worked:
    """Put down what is due and do tasks until none is left that may run.

    now     the clock
    ended   set from outside to stop after the task at hand
    worker  a name that no other worker has
    """
    jobs = _fetched(only)
    said = settings or read_settings(store.home)
    name = worker or f"{socket.gethostname()} {os.getpid()} {threading.get_ident()}"
    claims.plan(store.engine, due(jobs, now(), claims.last_runs(store.engine)))
    worked = Worked()
    while not (ended and ended.is_set()):
        task = claims.claim(store.engine, name, now(), ready=partial(_ready, jobs))
        if task is None:
            break
        _do(store, jobs[task.job], task, now, said, told, worked)
    return worked


def watch(
    store: Store,
    ended: threading.Event,
    only: Collection[str] = (),
    told: Callable[[str], None] | None = None,
    after: Callable[[Worked], None] | None = None,
) -> None:
    """Work whenever something is due, until `ended` is set; what fell due while nothing ran is caught up first.

    after  called with what was done, each time that something was
    """
    while not ended.is_set():
        worked = work(store, only=only, told=told, ended=ended)
        if after and (worked.done or worked.failed):
            after(worked)
        now = datetime.now(UTC)
        ticks = [next_tick(job.fetch.due, now) for job in _fetched(only).values()]
        sleep = min([LONGEST_SLEEP, *(tick - now for tick in ticks)])
        ended.wait(max(sleep.total_seconds(), 0.1))


def _ready(jobs: Mapping[str, Job], connection: sa.Connection, one: Due) -> bool:
    return one.job in jobs and needs.met(all_jobs(), connection, one)


def _fetched(only: Collection[str]) -> dict[str, Job]:
    jobs = {name: job for name, job in all_jobs().items() if job.fetch.source != "folder" and job.fetch.due}
    unknown = sorted(set(only) - set(jobs))
    if unknown:
        raise LoadError(f"job: found {', '.join(unknown)}, wanted jobs that are fetched by schedule (bsc jobs).")
    return {name: job for name, job in jobs.items() if not only or name in only}


def _do(
    store: Store,
    job: Job,
    task: claims.Task,
    now: Callable[[], datetime],
    settings: Settings,
    told: Callable[[str], None] | None,
    worked: Worked,
) -> None:
    """One task: asked, kept and noted. An error of the loads fails the task and stops nothing else."""
    run, label = new_run_id(), f"{task.job} {task.question}"
    log = logs.opened(run, job=task.job)
    with _Held(store, task, now):
        try:
            asked = questions_about(job, task.first, task.last)
            report = ask(store, job, asked, settings, told, upto=task.last, parent=run)
        except WrongSettings as error:
            claims.failed(store.engine, task, str(error), now(), again=False)
            worked.failed.append((label, str(error)))
            log.error("failed", question=task.question, why=str(error))
            return
        except LoadError as error:
            claims.failed(store.engine, task, str(error), now())
            worked.failed.append((label, str(error)))
            log.error("failed", question=task.question, why=str(error))
            return
    _note(store, task, report, now(), worked)
    log.info("asked", question=task.question, files=len(report.files), failures=len(report.failures))


def _note(store: Store, task: claims.Task, report: FetchReport, now: datetime, worked: Worked) -> None:
    worked.files += len(report.files)
    worked.refused += sum(file.refused for file in report.files)
    label = f"{task.job} {task.question}"
    if report.failures:
        claims.failed(store.engine, task, str(report.failures[0]), now)
        worked.failed.append((label, report.failures[0]))
    else:
        claims.done(store.engine, task, now)
        worked.done.append(label)


class _Held:
    """Holds the lease of a task for as long as the work on it takes."""

    def __init__(self, store: Store, task: claims.Task, now: Callable[[], datetime]) -> None:
        self._store, self._task, self._now = store, task, now
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _renew(self) -> None:
        while not self._over.wait(RENEW_EACH):
            claims.renew(self._store.engine, self._task, self._now())
