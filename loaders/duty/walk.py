"""One run of one job, station by station: fetch, land, read, check, keep, each measured as it passes.

    walk = Walk(engine, "boalf")
    with walk.station("read") as passed:
        passed.rows_out = 1200

What a station counted is written when it ends, also when it fails: its error stands in the row,
and goes on to whoever asked.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from loaders.store.database import writing
from loaders.store.tables import steps as table

STATIONS = ("fetch", "land", "read", "check", "keep")


def new_run_id() -> str:
    """An id that no other run has; it stands in tables, logs and, as `parent`, with runs that this one starts."""
    return uuid.uuid4().hex


@dataclass
class Passed:
    """What passed through a station. `warning`: the first of its warnings, in words."""

    rows_in: int = 0
    rows_out: int = 0
    rows_refused: int = 0
    bytes: int = 0
    warnings: int = 0
    warning: str | None = None
    error: str | None = None


class Walk:
    """A run of a job."""

    def __init__(self, engine: sa.Engine, job: str, parent: str | None = None, run_id: str | None = None) -> None:
        self._engine = engine
        self.job = job
        self.parent = parent
        self.run_id = run_id or new_run_id()

    @contextmanager
    def station(self, name: str) -> Iterator[Passed]:
        """Measure one station, and write its row when it ends. ValueError for a station that there is not."""
        if name not in STATIONS:
            raise ValueError(f"station: found {name!r}, wanted one of {', '.join(STATIONS)}. Correct the name.")
        passed, started_at, start = Passed(), datetime.now(UTC), time.perf_counter()
        try:
            yield passed
        except BaseException as error:
            passed.error = f"{type(error).__name__}: {error}"
            raise
        finally:
            note_all(self._engine, self, [Measured(name, started_at, time.perf_counter() - start, passed)])


@dataclass(frozen=True)
class Measured:
    """What passed through a station, when, and how long that took."""

    station: str
    started_at: datetime
    seconds: float
    passed: Passed


def note_all(engine: sa.Engine, walk: Walk, measured: Sequence[Measured]) -> None:
    """Write the rows of several stations in one step."""
    rows = [
        {
            "run_id": walk.run_id,
            "parent": walk.parent,
            "job": walk.job,
            "station": one.station,
            "started_at": one.started_at,
            "seconds": one.seconds,
            **asdict(one.passed),
        }
        for one in measured
    ]
    with writing(engine) as connection:
        connection.execute(sa.insert(table), rows)
