"""Dispute cases, and what happened to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0006"
down_revision = "0005"

LONG_TEXT = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("made_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        if_not_exists=True,
    )
    op.create_table(
        "dispute_events",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("made_by", sa.String(255), nullable=False),
        sa.Column("said", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number", "sequence"),
        if_not_exists=True,
    )
