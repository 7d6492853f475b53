"""The runs of a batch on a Dask cluster that is there already: one task a run.

The scheduler gives the task of a worker that died to another; the lease of the dead one is taken
over, and a task that is done twice finds the row and the files of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from loaders.store.batch_leases import Wanted
from reports.batch.performing import Stopped, Work, perform
from settlement.command_line import AskedWrongly

_SECONDS = 10  # to reach the scheduler


def results(address: str, work: Work, wanted: list[Wanted]) -> Iterator[Callable[[], int]]:
    """Each run as it ends: call it for the number of its row, or for the error.

    Raises AskedWrongly where no scheduler answers or the package is not installed.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise AskedWrongly("--cluster: found no package distributed, wanted it: pip install '.[cluster]'.") from error
    try:
        client = Client(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise AskedWrongly(
            f"--cluster: found no scheduler at {address}, wanted one: dask scheduler. {error}"
        ) from error
    futures: list[Any] = []
    try:
        # A key a run and batch: Dask would else hand out what an earlier batch came to.
        futures = [
            client.submit(do_one, work, one, key=f"bsc-{work.batch}-{one.settlement_date}-{one.run}", pure=False)
            for one in wanted
        ]
        for future in as_completed(futures, loop=client.loop):
            yield partial(_result, future)
    finally:
        client.cancel(futures)
        client.close()


def _result(future: Any) -> int:
    from distributed import CancelledError
    from distributed.scheduler import KilledWorker

    try:
        return int(future.result())
    except (KilledWorker, CancelledError) as error:
        raise Stopped from error


def do_one(work: Work, wanted: Wanted) -> int:
    """One run on a worker, in the workspace that it sees under the same name."""
    from loaders import store as stores

    store = stores.open(work.home)
    try:
        return perform(store, work, wanted)
    finally:
        store.close()
