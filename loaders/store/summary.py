"""What a workspace holds, in a few figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from loaders.store import tables as sql
from loaders.store.database import reading

if TYPE_CHECKING:
    from loaders.store.session import Store


def summary(store: Store) -> dict[str, Any]:
    """Versions, files, arrivals, refusals and messages of a workspace; `rows` counts rows kept, superseded ones too."""
    with reading(store.engine) as connection:

        def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
            return connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar() or 0

        last = connection.execute(
            sa.select(sql.versions.c.version, sql.versions.c.kept_at).order_by(sql.versions.c.version.desc()).limit(1)
        ).first()
        return {
            "home": str(store.home),
            "version": last.version if last else 0,
            "last_change": last.kept_at.isoformat() if last else None,
            "landings": count(sql.landings),
            "synthetic": count(sql.landings, sql.landings.c.synthetic),
            "quarantined": count(sql.quarantine),
            "incomplete": count(sql.incomplete, sql.incomplete.c.repaired_version.is_(None)),
            "runs": count(sql.runs),
            "messages": count(sql.outbox),
            "unsent": count(sql.outbox, sql.outbox.c.sent_at.is_(None)),
            "datasets": _datasets(connection),
        }


def _datasets(connection: sa.Connection) -> list[dict[str, Any]]:
    part, arrival = sql.parts, sql.arrivals
    kept = connection.execute(
        sa.select(part.c.dataset, sa.func.sum(part.c.rows)).where(part.c.kind == "rows").group_by(part.c.dataset)
    )
    rows = {name: int(total) for name, total in kept}  # MariaDB gives a sum as a Decimal
    arrived = connection.execute(
        sa.select(
            arrival.c.dataset,
            sa.func.min(arrival.c.settlement_date).label("first"),
            sa.func.max(arrival.c.settlement_date).label("last"),
            sa.func.max(arrival.c.kept_at).label("at"),
        )
        .group_by(arrival.c.dataset)
        .order_by(arrival.c.dataset)
    )
    return [
        {
            "dataset": row.dataset,
            "rows": rows.get(row.dataset, 0),
            "first_day": row.first.isoformat() if row.first else None,
            "last_day": row.last.isoformat() if row.last else None,
            "last_arrival": row.at.isoformat() if row.at else None,
        }
        for row in arrived
    ]
