"""One run of a batch: its lease, its process with limits, its outputs put in place, its row.

The same here and on a worker of a cluster. Done twice it is done once: who comes second finds
the row and the files, or waits for the lease.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.store import batch_leases, batch_runs
from loaders.store.batch_leases import Lease, Wanted
from reports.batch import planning
from reports.batch.child import EXECUTED, MADE
from reports.batch.process_of_one import Ended, Limits, run_process
from reports.formats import HTML, left_over

if TYPE_CHECKING:
    from loaders.store.session import Store

ATTEMPTS = 2
AGAIN = ("dead kernel", "time-out")  # an error of a cell comes again, so it is not tried again
FAILED, RUNNING = "failed", ".running"
RENEW_EACH, LOOK_EACH = 5.0, 0.5  # seconds
_CHANGES = 3


class Stopped(Exception):
    """The batch was stopped, or the lease of the run was taken by another."""


@dataclass(frozen=True)
class Work:
    """What every run of a batch has in common; may be sent to another process."""

    batch: str
    home: Path
    out: Path
    template: Path
    limits: Limits
    formats: tuple[str, ...] = (HTML,)


def perform(
    store: Store,
    work: Work,
    wanted: Wanted,
    ended: Callable[[], bool] = lambda: False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Do one run, unless another has done it; gives the number of its row, that of a failed run too.

    ended  says from outside that the batch was stopped

    Raises Stopped, and OSError or StoreUnavailable where what came of it cannot be kept.
    """
    attempt = changes = 1
    while True:
        row = batch_runs.done_with(store.engine, {wanted.run_key}).get(wanted.run_key)
        if row is not None and planning.there(row, work.out):
            return int(row.id)
        lease = batch_leases.take(store.engine, wanted, work.batch, attempt, now())
        if isinstance(lease, str):
            _wait(ended)
            continue
        outcome = _do(store, work, lease, ended, now)
        fresh = planning.of_run(
            store, wanted.notebook, work.template, wanted.settlement_date, wanted.run_id, work.formats
        )
        moved = fresh is not None and fresh.run_key != wanted.run_key
        if moved and changes < _CHANGES:
            # Something of the day came in meanwhile: what was shown may be of before or after.
            batch_leases.finish(store.engine, lease, "stopped", error_kind="inputs moved", seconds=outcome.seconds)
            wanted, changes = fresh or wanted, changes + 1
            continue
        _keep(store, work, lease, outcome)
        if outcome.kind not in AGAIN or attempt == ATTEMPTS:
            return lease.row
        attempt += 1


def _wait(ended: Callable[[], bool]) -> None:
    until = time.monotonic() + LOOK_EACH
    while time.monotonic() < until:
        if ended():
            raise Stopped
        time.sleep(0.05)


def _do(store: Store, work: Work, lease: Lease, ended: Callable[[], bool], now: Callable[[], datetime]) -> Ended:
    """Run the process while the lease is held; a folder of its own, by its token, keeps older holders apart."""
    folder = _folder(work, lease)
    renewed = time.monotonic()
    lost = threading.Event()

    def go_on() -> bool:
        nonlocal renewed
        if time.monotonic() - renewed > RENEW_EACH:
            renewed = time.monotonic()
            if not batch_leases.renew(store.engine, lease, now()):
                lost.set()
        return not (lost.is_set() or ended())

    try:
        for old in folder.parent.glob(f"{_stem(lease.wanted)}-*"):
            shutil.rmtree(old, ignore_errors=True)
        folder.mkdir(parents=True)
        asked = {
            "folder": str(folder), "home": str(work.home), "template": str(work.template),
            "parameters": lease.wanted.parameters, "formats": work.formats,
        }  # fmt: skip
        outcome = run_process(asked, work.limits, go_on)
    except BaseException:
        _give_up(store, work, lease)
        raise
    if outcome is None:
        _give_up(store, work, lease)
        raise Stopped
    return outcome


def _give_up(store: Store, work: Work, lease: Lease) -> None:
    shutil.rmtree(_folder(work, lease), ignore_errors=True)
    with suppress(Exception):  # the error that is on its way says more than one of the database
        batch_leases.finish(store.engine, lease, "stopped", error_kind="stopped", error="the batch was stopped")


def _keep(store: Store, work: Work, lease: Lease, outcome: Ended) -> None:
    """Put the outputs in place, whole, and then the row: a row that says done has its files."""
    folder = _folder(work, lease)
    measured = {"seconds": outcome.seconds, "cpu_seconds": outcome.cpu_seconds, "peak_memory": outcome.peak_memory}
    said = outcome.said
    try:
        if outcome.kind is None:
            stale = left_over(work.out, said["output"].removesuffix(".html"), said["outputs"])
            for name in said["outputs"]:
                _into_place(folder / MADE / name, work.out / name)
            for path in stale:
                path.unlink(missing_ok=True)
            told = {
                "output": said["output"], "output_sha256": said["outputs"][said["output"]],
                "outputs": said["outputs"], "verdicts": said["verdicts"],
            }  # fmt: skip
            kept = batch_leases.finish(store.engine, lease, "done", **measured, **told)
            if kept:
                (work.out / FAILED / f"{_stem(lease.wanted)}.ipynb").unlink(missing_ok=True)
        else:
            left = None
            if (folder / EXECUTED).is_file():
                left = f"{FAILED}/{_stem(lease.wanted)}.ipynb"
                _into_place(folder / EXECUTED, work.out / left)
            kept = batch_leases.finish(
                store.engine, lease, "failed", **measured, output=left, error_kind=outcome.kind,
                error=said.get("error"), cell=said.get("cell"), cell_source=said.get("cell_source"),
            )  # fmt: skip
    except BaseException:
        _give_up(store, work, lease)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # others may be at work beside it
        folder.parent.rmdir()
    if not kept:
        raise Stopped


def _into_place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    for place in (source, target.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if place == source:
            os.replace(source, target)


def _stem(wanted: Wanted) -> str:
    return f"{wanted.notebook}-{wanted.settlement_date}-{wanted.run}"


def _folder(work: Work, lease: Lease) -> Path:
    return work.out / RUNNING / f"{_stem(lease.wanted)}-{lease.token[:12]}"
