"""Runs of notebooks in batches, and who does which of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0004"
down_revision = "0003"

LONG_TEXT = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "batch_runs",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch", sa.String(32), nullable=False),
        sa.Column("notebook", sa.String(64), nullable=False),
        sa.Column("settlement_date", sa.Date(), nullable=False),
        sa.Column("run", sa.String(8), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("run_key", sa.String(64), nullable=False),
        sa.Column("inputs", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.String(27), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("cpu_seconds", sa.Float(), nullable=True),
        sa.Column("peak_memory", sa.BigInteger(), nullable=True),
        sa.Column("output", sa.String(255), nullable=True),
        sa.Column("output_sha256", sa.String(64), nullable=True),
        sa.Column("outputs", sa.JSON(), nullable=True),
        sa.Column("verdicts", sa.JSON(), nullable=True),
        sa.Column("error_kind", sa.String(16), nullable=True),
        sa.Column("error", LONG_TEXT, nullable=True),
        sa.Column("cell", sa.Integer(), nullable=True),
        sa.Column("cell_source", LONG_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("batch_runs_by_key", "batch_runs", ["run_key", "state"], if_not_exists=True)
    op.create_index("batch_runs_of_a_day", "batch_runs", ["notebook", "settlement_date", "run"], if_not_exists=True)
    op.create_table(
        "batch_leases",
        sa.Column("notebook", sa.String(64), nullable=False),
        sa.Column("settlement_date", sa.Date(), nullable=False),
        sa.Column("run", sa.String(8), nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("batch", sa.String(32), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.String(32), nullable=False),
        sa.Column("claimed_until", sa.String(27), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("notebook", "settlement_date", "run"),
        if_not_exists=True,
    )
