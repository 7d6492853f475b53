"""Tasks with claims, watermarks, and the stations of a run; what a run was part of, and what it cost."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0002"
down_revision = "0001"

LONG_TEXT = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "job_tasks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("question", sa.String(length=128), nullable=False),
        sa.Column("due_at", sa.String(27), nullable=False),
        sa.Column("first", sa.String(27), nullable=False),
        sa.Column("last", sa.String(27), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=255), nullable=True),
        sa.Column("claimed_until", sa.String(27), nullable=True),
        sa.Column("not_before", sa.String(27), nullable=True),
        sa.Column("last_error", LONG_TEXT, nullable=True),
        sa.Column("failing_since", sa.String(27), nullable=True),
        sa.Column("failed_at", sa.String(27), nullable=True),
        sa.Column("done_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job", "question", "due_at", name="one_task_a_question"),
        if_not_exists=True,
    )
    op.create_index("job_tasks_by_state", "job_tasks", ["state", "first"], if_not_exists=True)
    op.create_index("job_tasks_of_a_job", "job_tasks", ["job", "due_at"], if_not_exists=True)
    op.create_table(
        "watermarks",
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("upto", sa.String(27), nullable=False),
        sa.Column("moved_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("job"),
        if_not_exists=True,
    )
    op.create_table(
        "steps",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(32), nullable=False),
        sa.Column("parent", sa.String(32), nullable=True),
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("station", sa.String(length=8), nullable=False),
        sa.Column("started_at", sa.String(27), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("rows_in", sa.Integer(), nullable=False),
        sa.Column("rows_out", sa.Integer(), nullable=False),
        sa.Column("rows_refused", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("warning", LONG_TEXT, nullable=True),
        sa.Column("error", LONG_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index(op.f("ix_steps_run_id"), "steps", ["run_id"], if_not_exists=True)
    op.create_index("steps_of_a_job", "steps", ["job", "started_at"], if_not_exists=True)

    connection = op.get_bind()
    there = {column["name"] for column in sa.inspect(connection).get_columns("job_runs")}
    columns: list[sa.Column[Any]] = [
        sa.Column("run_id", sa.String(32), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
    ]
    for column in columns:
        # SQLite knows no ADD COLUMN IF NOT EXISTS.
        if column.name not in there:
            op.add_column("job_runs", column)
    op.create_index(op.f("ix_job_runs_run_id"), "job_runs", ["run_id"], if_not_exists=True)

    # The row that writers lock in MariaDB, where no BEGIN IMMEDIATE keeps them one after the other.
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.Integer))
    writer = sa.select(counters.c.value).where(counters.c.name == "writer")
    if connection.execute(writer).scalar() is None:
        connection.execute(sa.insert(counters).values(name="writer", value=0))
