"""Dispute cases in SQL: a number for each, and events that are only added.

A writer names how many events it has read. Where another has added one since, nothing is written: the decision was
made on a case that is no longer so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from loaders.store.database import reading, writing
from loaders.store.tables import dispute_events as events
from loaders.store.tables import disputes


@dataclass(frozen=True)
class EventRow:
    """One event of a case; `said` is what it brought."""

    number: int
    sequence: int
    kind: str
    at: datetime
    by: str
    said: dict[str, Any]


def make(engine: sa.Engine, said: Mapping[str, Any], by: str, at: datetime) -> int:
    """A new case with its first event, "draft"; gives its number, which no other case has or had."""
    with writing(engine) as connection:
        made = connection.execute(sa.insert(disputes).values(made_at=at))
        number = int(made.inserted_primary_key[0])  # type: ignore[index]
        connection.execute(sa.insert(events).values(_row(number, 1, "draft", said, by, at)))
    return number


def add(
    engine: sa.Engine, number: int, after: int, kind: str, said: Mapping[str, Any], by: str, at: datetime
) -> bool:  # fmt: skip
    """Add an event after so many; False, and nothing written, where the case has another number of them by now."""
    with writing(engine) as connection:
        count = sa.select(sa.func.count()).where(events.c.number == number)
        if connection.execute(count).scalar() != after:
            return False
        connection.execute(sa.insert(events).values(_row(number, after + 1, kind, said, by, at)))
    return True


def events_of(engine: sa.Engine, number: int | None = None) -> dict[int, list[EventRow]]:
    """Events by case, in order; of one case or of all."""
    query = sa.select(events).order_by(events.c.number, events.c.sequence)
    if number is not None:
        query = query.where(events.c.number == number)
    found: dict[int, list[EventRow]] = {}
    with reading(engine) as connection:
        for row in connection.execute(query):
            said = json.loads(row.said)
            found.setdefault(row.number, []).append(
                EventRow(row.number, row.sequence, row.kind, row.at, row.made_by, said)
            )
    return found


def _row(number: int, sequence: int, kind: str, said: Mapping[str, Any], by: str, at: datetime) -> dict[str, Any]:
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return {"number": number, "sequence": sequence, "kind": kind, "at": at, "made_by": by, "said": text}
