"""The loads as figures, in the text form of Prometheus.

All are read from the store when they are asked for, so every process that answers gives the
same, and nothing is lost when one stops. `alerts.yaml` beside this has the rules that go with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from loaders.duty.status import STATES, JobStatus, status
from loaders.job import Job
from loaders.store import tables as sql
from loaders.store.database import reading

if TYPE_CHECKING:
    from prometheus_client import Metric

ALERTS = Path(__file__).with_name("alerts.yaml")


def text(engine: sa.Engine, jobs: Mapping[str, Job], now: datetime) -> str:
    """The figures at an instant, as Prometheus reads them."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Loads(engine, jobs, now))
    return generate_latest(registry).decode()


class _Loads:
    def __init__(self, engine: sa.Engine, jobs: Mapping[str, Job], now: datetime) -> None:
        self._engine, self._jobs, self._now = engine, jobs, now

    def collect(self) -> Iterator[Metric]:
        with reading(self._engine) as connection:
            yield from _of_files(connection)
            yield from _of_stations(connection)
            yield _of_tasks(connection)
        yield from _of_states(status(self._engine, self._jobs, self._now), self._now)


def _of_files(connection: sa.Connection) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily

    table = sql.job_runs
    files = CounterMetricFamily("bsc_load_files", "Files that came, by what became of them", labels=["job", "outcome"])
    rows = CounterMetricFamily("bsc_load_rows", "Rows read from files", labels=["job"])
    refused = CounterMetricFamily("bsc_load_rows_refused", "Rows refused", labels=["job"])
    size = CounterMetricFamily("bsc_load_bytes", "Bytes of the files that came", labels=["job"])
    job = sa.func.coalesce(table.c.job, "none").label("job")
    for row in connection.execute(
        sa.select(job, table.c.outcome, sa.func.count().label("files")).group_by(job, table.c.outcome)
    ):
        files.add_metric([row.job, row.outcome], row.files)
    for row in connection.execute(
        sa.select(
            job,
            sa.func.sum(table.c.rows_read).label("rows"),
            sa.func.sum(table.c.rows_refused).label("refused"),
            sa.func.sum(sa.func.coalesce(table.c.bytes, 0)).label("bytes"),
        ).group_by(job)
    ):
        rows.add_metric([row.job], float(row.rows))
        refused.add_metric([row.job], float(row.refused))
        size.add_metric([row.job], float(row.bytes))
    yield from (files, rows, refused, size)


def _of_stations(connection: sa.Connection) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily

    table = sql.steps
    runs = CounterMetricFamily("bsc_load_runs", "Runs of jobs", labels=["job"])
    failed = CounterMetricFamily("bsc_load_errors", "Stations that ended in an error", labels=["job", "station"])
    seconds = CounterMetricFamily("bsc_load_seconds", "Time spent in a station", labels=["job", "station"])
    for row in connection.execute(
        sa.select(table.c.job, sa.func.count(sa.distinct(table.c.run_id)).label("runs")).group_by(table.c.job)
    ):
        runs.add_metric([row.job], row.runs)
    for row in connection.execute(
        sa.select(
            table.c.job,
            table.c.station,
            sa.func.sum(table.c.seconds).label("seconds"),
            sa.func.count(table.c.error).label("errors"),
        ).group_by(table.c.job, table.c.station)
    ):
        seconds.add_metric([row.job, row.station], row.seconds)
        failed.add_metric([row.job, row.station], row.errors)
    yield from (runs, failed, seconds)


def _of_tasks(connection: sa.Connection) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    table = sql.job_tasks
    tasks = GaugeMetricFamily("bsc_load_tasks", "Tasks, by state", labels=["job", "state"])
    for row in connection.execute(
        sa.select(table.c.job, table.c.state, sa.func.count().label("tasks")).group_by(table.c.job, table.c.state)
    ):
        tasks.add_metric([row.job, row.state], row.tasks)
    return tasks


def _of_states(jobs: list[JobStatus], now: datetime) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    states = GaugeMetricFamily("bsc_load_state", "1 for the state that a job is in", labels=["job", "state"])
    late = GaugeMetricFamily("bsc_load_lateness_seconds", "How long a job has been late", labels=["job"])
    age = GaugeMetricFamily("bsc_load_last_answer_age_seconds", "Age of the last answer", labels=["job"])
    missing = GaugeMetricFamily("bsc_load_periods_not_arrived", "Ended periods that have not arrived", labels=["job"])
    incomplete = GaugeMetricFamily("bsc_load_places_incomplete", "Places that came with faults", labels=["job"])
    for one in jobs:
        for state in STATES:
            states.add_metric([one.job, state], float(one.state == state))
        late.add_metric([one.job], one.late_by_seconds)
        missing.add_metric([one.job], one.not_arrived)
        incomplete.add_metric([one.job], one.incomplete)
        # An answer that never came has no age: no line, not a zero.
        if one.last_answer is not None:
            age.add_metric([one.job], (now - one.last_answer).total_seconds())
    yield from (states, late, age, missing, incomplete)
