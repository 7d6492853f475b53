"""What happened, in SQL: the tables of the store.

Rows of feeds and results are Parquet files; here stand which files are in force, where
they came from, what was refused, which runs were made and which messages are to be sent.
Money and volumes are decimal text (SQLite keeps a Numeric as a float), instants are text
in UTC to the microsecond, so that their order as text is their order in time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import LONGTEXT


class Instant(sa.types.TypeDecorator[datetime]):
    """An instant in UTC, kept as text of fixed width."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Any) -> datetime | None:
        return None if value is None else datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


metadata = sa.MetaData()
Sha = sa.String(64)
# A plain TEXT of MariaDB ends at 65,535 bytes, and what was found in a cell may be longer.
LongText = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")


def _numbered() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def _whole(name: str, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null)


def _text(name: str, length: int = 255, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=null)


counters = sa.Table(
    "counters", metadata, sa.Column("name", sa.String(32), primary_key=True), sa.Column("value", sa.Integer)
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    _text("what"),
    sa.Column("kept_at", Instant, nullable=False, index=True),
)

landings = sa.Table(
    "landings",
    metadata,
    sa.Column("sha256", Sha, primary_key=True),
    _text("job", 64),
    _text("file"),
    sa.Column("bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    _whole("rows_kept"),
    _whole("rows_refused"),
    sa.Column("synthetic", sa.Boolean, nullable=False),
    sa.Column("published_at", Instant),
    sa.Column("kept_at", Instant, nullable=False),
    _whole("version"),
)

job_runs = sa.Table(
    "job_runs",
    metadata,
    _numbered(),
    _whole("version", null=True),
    _text("job", 64, null=True),
    _text("job_hash", 64, null=True),
    sa.Column("landing", Sha, index=True),
    _text("file"),
    _text("scope", 64),
    _text("outcome", 16),
    sa.Column("rows_read", sa.Integer, nullable=False),
    sa.Column("rows_refused", sa.Integer, nullable=False),
    sa.Column("kept_at", Instant, nullable=False),
    sa.Column("run_id", sa.String(32), index=True),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("seconds", sa.Float),
)

parts = sa.Table(
    "parts",
    metadata,
    _numbered(),
    _whole("version"),
    _text("dataset", 64),
    _text("job", 64),
    sa.Column("settlement_date", sa.Date),
    _text("kind", 16),
    sa.Column("sha256", Sha, nullable=False),
    sa.Column("rows_hash", Sha, nullable=False),
    _whole("rows"),
    sa.Column("published_at", Instant),
    sa.Column("kept_at", Instant, nullable=False),
    sa.Index("parts_of_a_day", "dataset", "settlement_date", "version"),
)

arrivals = sa.Table(
    "arrivals",
    metadata,
    _numbered(),
    _whole("version"),
    _text("dataset", 64),
    _text("job", 64),
    sa.Column("landing", Sha, nullable=False),
    _text("file"),
    sa.Column("settlement_date", sa.Date),
    _whole("settlement_period", null=True),
    _text("side", 8, null=True),
    sa.Column("empty", sa.Boolean, nullable=False),
    sa.Column("published_at", Instant),
    sa.Column("kept_at", Instant, nullable=False),
    sa.Index("arrivals_of_a_day", "dataset", "settlement_date", "version"),
)

incomplete = sa.Table(
    "incomplete",
    metadata,
    _numbered(),
    _whole("version"),
    _whole("repaired_version", null=True),
    _text("dataset", 64),
    _text("job", 64),
    sa.Column("landing", Sha, nullable=False),
    sa.Column("settlement_date", sa.Date),
    _whole("settlement_period", null=True),
    _text("side", 8, null=True),
    sa.Column("reason", LongText, nullable=False),
    sa.Column("finding", LongText, nullable=False),
    sa.Index("incomplete_of_a_day", "dataset", "settlement_date", "version"),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    _numbered(),
    _whole("version"),
    _text("dataset", 64),
    _text("job", 64),
    sa.Column("landing", Sha, nullable=False, index=True),
    _text("file"),
    _whole("row"),
    sa.Column("column", sa.String(255), nullable=False),
    sa.Column("found", LongText, nullable=False),
    sa.Column("wanted", LongText, nullable=False),
    sa.Column("todo", LongText, nullable=False),
    sa.Column("settlement_date", sa.Date, index=True),
    _whole("settlement_period", null=True),
)

# What was odd about a file though nothing of it was lost: a new column first of all.
warnings = sa.Table(
    "warnings",
    metadata,
    _numbered(),
    _whole("version"),
    _text("job", 64),
    sa.Column("landing", Sha, nullable=False),
    _text("file"),
    _whole("row"),
    sa.Column("column", sa.String(255), nullable=False),
    sa.Column("found", LongText, nullable=False),
    sa.Column("wanted", LongText, nullable=False),
    sa.Column("todo", LongText, nullable=False),
    sa.Column("kept_at", Instant, nullable=False),
    sa.Index("warnings_of_a_job", "job", "id"),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("run_id", Sha, primary_key=True),
    _whole("number"),
    sa.Column("settlement_date", sa.Date, nullable=False),
    _text("run_type", 8),
    _whole("store_version"),
    _whole("version"),
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("parameters", sa.JSON, nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("published", sa.JSON, nullable=False),
    _text("code_hash", 64),
    sa.Column("assumed", LongText),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("kept_at", Instant, nullable=False),
    sa.Index("runs_of_a_day", "settlement_date", "run_type", "number"),
)

# Every call that asked for a run, also for one that was there already: the run asked for last is the one shown.
run_calls = sa.Table(
    "run_calls",
    metadata,
    _numbered(),
    sa.Column("run_id", Sha, nullable=False),
    sa.Column("settlement_date", sa.Date, nullable=False),
    _text("run_type", 8),
    sa.Column("called_at", Instant, nullable=False),
    sa.Index("run_calls_of_a_day", "settlement_date", "run_type", "id"),
)

run_tables = sa.Table(
    "run_tables",
    metadata,
    sa.Column("run_id", Sha, primary_key=True),
    sa.Column("grain", sa.String(64), primary_key=True),
    sa.Column("sha256", Sha, nullable=False),
    _whole("rows"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("message_id", sa.String(32), nullable=False, unique=True),
    _text("destination", 64),
    sa.Column("settlement_date", sa.Date, nullable=False),
    _whole("settlement_period"),
    _text("run", 8),
    _text("value", 64),
    _whole("previous", null=True),
    sa.Column("supersedes", sa.String(32)),
    sa.Column("run_id", Sha, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Index("outbox_key", "destination", "settlement_date", "run", "settlement_period", "sequence"),
    sa.Index("outbox_unsent", "sent_at", "sequence"),
)

# What is to be done: one question of one job, at the time when it fell due. A claim is a lease: it runs out.
job_tasks = sa.Table(
    "job_tasks",
    metadata,
    _numbered(),
    _text("job", 64),
    _text("question", 128),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("first", Instant, nullable=False),
    sa.Column("last", Instant, nullable=False),
    _text("state", 8),
    _whole("attempts"),
    sa.Column("claimed_by", sa.String(255)),
    sa.Column("claimed_until", Instant),
    sa.Column("not_before", Instant),
    sa.Column("last_error", LongText),
    sa.Column("failing_since", Instant),
    sa.Column("failed_at", Instant),
    sa.Column("done_at", Instant),
    sa.UniqueConstraint("job", "question", "due_at", name="one_task_a_question"),
    sa.Index("job_tasks_by_state", "state", "first"),
    sa.Index("job_tasks_of_a_job", "job", "due_at"),
)

# How far a job has come: moved in the transaction that makes its rows visible, never back.
watermarks = sa.Table(
    "watermarks",
    metadata,
    sa.Column("job", sa.String(64), primary_key=True),
    sa.Column("upto", Instant, nullable=False),
    sa.Column("moved_at", Instant, nullable=False),
)

# One run of one job, station by station; `parent`: the run that this one was started by.
steps = sa.Table(
    "steps",
    metadata,
    _numbered(),
    sa.Column("run_id", sa.String(32), nullable=False, index=True),
    sa.Column("parent", sa.String(32)),
    _text("job", 64),
    _text("station", 8),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    _whole("rows_in"),
    _whole("rows_out"),
    _whole("rows_refused"),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    _whole("warnings"),
    sa.Column("warning", LongText),
    sa.Column("error", LongText),
    sa.Index("steps_of_a_job", "job", "started_at"),
)

# One run of a notebook over one settled run, each attempt its own row. `run_key`: hash of all it was made from;
# `inputs`: of the settled run alone.
batch_runs = sa.Table(
    "batch_runs",
    metadata,
    _numbered(),
    _text("batch", 32),
    _text("notebook", 64),
    sa.Column("settlement_date", sa.Date, nullable=False),
    _text("run", 8),
    sa.Column("run_id", Sha, nullable=False),
    sa.Column("parameters", sa.JSON, nullable=False),
    sa.Column("run_key", Sha, nullable=False),
    sa.Column("inputs", Sha, nullable=False),
    _text("state", 8),
    _whole("attempt"),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("seconds", sa.Float),
    sa.Column("cpu_seconds", sa.Float),
    sa.Column("peak_memory", sa.BigInteger),
    _text("output", null=True),
    sa.Column("output_sha256", Sha),
    sa.Column("outputs", sa.JSON(none_as_null=True)),
    sa.Column("verdicts", sa.JSON(none_as_null=True)),
    _text("error_kind", 16, null=True),
    sa.Column("error", LongText),
    _whole("cell", null=True),
    sa.Column("cell_source", LongText),
    sa.Index("batch_runs_by_key", "run_key", "state"),
    sa.Index("batch_runs_of_a_day", "notebook", "settlement_date", "run"),
)

# Who does a run of a notebook now: one at a time, until the lease is over or the process is gone.
batch_leases = sa.Table(
    "batch_leases",
    metadata,
    sa.Column("notebook", sa.String(64), primary_key=True),
    sa.Column("settlement_date", sa.Date, primary_key=True),
    sa.Column("run", sa.String(8), primary_key=True),
    _text("token", 32),
    _text("batch", 32),
    _text("host"),
    _whole("pid"),
    _text("process_started", 32),
    sa.Column("claimed_until", Instant, nullable=False),
    _whole("row"),
)

# The sign-off chain: a row an entry, only ever added to. `body` is JSON as it was written, hashed by bytes; the head
# (number, previous, subject, body_sha256, signature) links it to the entry before. See `reports.signoff`.
signoff_entries = sa.Table(
    "signoff_entries",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("subject", Sha, nullable=False, index=True),
    sa.Column("previous", Sha, unique=True),
    sa.Column("body", LongText, nullable=False),
    sa.Column("body_sha256", Sha, nullable=False),
    sa.Column("signature", sa.String(128)),
    sa.Column("head_sha256", Sha, nullable=False, unique=True),
)

# Dispute cases, one row a case, so that two made at once have two numbers; what became of them stands in their events.
disputes = sa.Table(
    "disputes",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("made_at", Instant, nullable=False),
)

# Only ever added to. `said` is JSON text: a case is read back as it was written, decimals included.
dispute_events = sa.Table(
    "dispute_events",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    _text("kind", 16),
    sa.Column("at", Instant, nullable=False),
    _text("made_by"),
    sa.Column("said", LongText, nullable=False),
)
