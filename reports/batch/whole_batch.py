"""A plan done: so many at once here, or on a cluster; the index kept up to date, and one summary at the end."""

from __future__ import annotations

import signal
import time
import uuid
from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING, Any

from loaders.store import batch_leases, batch_runs
from loaders.store.batch_leases import Wanted
from reports.batch import index
from reports.batch.performing import Limits, Stopped, Work, perform
from reports.batch.planning import Plan
from reports.batch.process_of_one import let_go

if TYPE_CHECKING:
    from loaders.store.session import Store

INDEX_EACH, LOOK_EACH = 1.0, 0.2  # seconds


@dataclass
class Summary:
    """What a batch came to, as its last line says it."""

    batch: str
    notebook: str
    planned: int
    cached: int
    unchanged: int
    unavailable: int
    done: int = 0
    failed: int = 0
    stopped: bool = False
    seconds: float = 0.0
    index: str = ""
    index_sha256: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 good, 1 something is wrong or missing, 130 stopped from outside."""
        if self.stopped:
            return 130
        return 1 if self.failed or self.unavailable or self.errors else 0


def run_batch(
    store: Store,
    plan: Plan,
    jobs: int = 2,
    limits: Limits | None = None,
    cluster: str | None = None,
    told: Callable[[int, int], None] | None = None,
    batch: str = "",
) -> Summary:
    """Do a plan. Stopped by KeyboardInterrupt it ends what runs, keeps what is done, and says so in the summary.

    cluster  address of a Dask scheduler; its workers see the same workspace folder
    told     called with what is finished, and how many there are, after each run
    """
    begun, name = time.monotonic(), batch or uuid.uuid4().hex
    places = (plan.home.resolve(), plan.out.resolve(), plan.template.resolve())
    work = Work(name, *places, limits or Limits(), plan.formats)
    summary = Summary(
        name, plan.notebook, len(plan.to_run), len(plan.cached), plan.unchanged, len(plan.unavailable),
        index=str(plan.out / index.JSON),
    )  # fmt: skip
    entries = [index.entry(row) for _, row in plan.cached] + [index.entry_of_none(one) for one in plan.unavailable]
    how = partial(_here, store, jobs) if cluster is None else partial(_there, cluster)
    results, written = how(work, list(plan.to_run)), 0.0
    try:
        for at, result in enumerate(results, 1):
            if isinstance(result, int):
                row = batch_runs.row_numbered(store.engine, result)
                summary.done += row.state == "done"
                summary.failed += row.state != "done"
                entries.append(index.entry(row))
            else:
                summary.errors.append(result)
            if told:
                told(at, len(plan.to_run))
            if time.monotonic() - written > INDEX_EACH:
                index.write(work.out, plan.notebook, entries)
                written = time.monotonic()
    except KeyboardInterrupt:
        summary.stopped = True
        results.close()
        batch_leases.release_all(store.engine, name)
    except OSError as error:
        summary.errors.append(_refused(plan.out.name, error))
    try:
        summary.index_sha256 = index.write(work.out, plan.notebook, entries)
    except OSError as error:
        summary.errors.append(_refused(index.JSON, error) + " The index before it stays.")
    summary.seconds = round(time.monotonic() - begun, 3)
    return summary


def _here(store: Store, jobs: int, work: Work, wanted: list[Wanted]) -> Generator[int | str, None, None]:
    """The row of each run as it ends, or the words of an error that let none be kept."""
    ended = Event()
    with (
        _stopped_by_hand() as stopped, ExitStack() as at_the_end,
        ThreadPoolExecutor(max(jobs, 1), thread_name_prefix="batch") as pool,
    ):  # fmt: skip
        at_the_end.callback(let_go)  # the warm processes of a batch end with it, once no thread asks for one
        waiting: set[Future[int]] = set()
        rest = iter(wanted)
        try:
            while True:
                while len(waiting) < jobs and (one := next(rest, None)) is not None:
                    waiting.add(pool.submit(perform, store, work, one, ended.is_set))
                if not waiting:
                    return
                finished, waiting = wait(waiting, LOOK_EACH, return_when=FIRST_COMPLETED)
                if stopped.is_set():
                    raise KeyboardInterrupt
                for future in finished:
                    yield _said(future.result)
        finally:
            ended.set()  # on the way out by an error or Ctrl-C the processes of the pool end, then its threads


@contextmanager
def _stopped_by_hand() -> Generator[Event, None, None]:
    """An event that Ctrl-C sets, so that it is met between two runs and not in the middle of a lock or of the index.

    Pressed again it interrupts at once. Off the main thread nobody presses anything.
    """
    stopped = Event()
    if current_thread() is not main_thread():
        yield stopped
        return
    before = signal.getsignal(signal.SIGINT)

    def pressed(*_: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    signal.signal(signal.SIGINT, pressed)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _there(address: str, work: Work, wanted: list[Wanted]) -> Generator[int | str, None, None]:
    from reports.batch.cluster import results

    for result in results(address, work, wanted):
        yield _said(result)


def _said(result: Callable[[], int]) -> int | str:
    from loaders.errors import LoadError

    try:
        return result()
    except Stopped:
        return "a run was stopped, or taken over by another process: run the batch again"
    except LoadError as error:
        return str(error)
    except OSError as error:
        return _refused(Path(str(error.filename or "a file")).name, error)


def _refused(name: str, error: OSError) -> str:
    return f"{name}: found '{error.strerror}', wanted to write it. Make room or give the right to, then run it again."


def as_line(summary: Summary) -> dict[str, Any]:
    """The summary as the one line that machines read."""
    return {**vars(summary), "exit_code": summary.exit_code}
