"""A landing may have more than two gigabytes: MariaDB's INTEGER ends there, SQLite's does not."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("landings", "bytes", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)
