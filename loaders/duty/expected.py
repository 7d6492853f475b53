"""What should have come of a day, and what has: arrived, empty and not arrived are three states.

Empty is an answer that there is nothing, and is as good as rows; a value of zero is a row.
Periods are those of the calendar, 46, 48 or 50, never those that happen to be there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from loaders.job import Job
from loaders.store.tables import arrivals as table
from settlement import calendar

Place = tuple[int | None, str | None]  # settlement period and side; None: of all time, or both sides
SIDES = ("buy", "sell")


@dataclass(frozen=True)
class Arrived:
    """The places of a day that a job is to fill, by what has come for them."""

    arrived: tuple[Place, ...]
    empty: tuple[Place, ...]
    not_arrived: tuple[Place, ...]

    @property
    def whole(self) -> bool:
        """Whether something has come for each."""
        return not self.not_arrived


def places(job: Job, settlement_date: date, periods: Collection[int] | None = None) -> list[Place]:
    """The places that a job fills on a day; `periods`: only these of them."""
    if job.arrives_for == "all time":
        return [(None, None)]
    wanted = [p for p in calendar.periods(settlement_date) if periods is None or p in periods]
    sides = SIDES if job.arrives_for == "period and side" else (None,)
    return [(period, side) for period in wanted for side in sides]


def arrived(
    connection: sa.Connection, job: Job, settlement_date: date, periods: Collection[int] | None = None
) -> Arrived:
    """What has come of a job for a day. The last that came for a place says whether it is empty."""
    query = sa.select(table.c.settlement_period, table.c.side, table.c.empty).where(table.c.job == job.job)
    if job.arrives_for != "all time":
        query = query.where(table.c.settlement_date == settlement_date)
    states: dict[Place, bool] = {}
    everywhere = places(job, settlement_date)
    for row in connection.execute(query.order_by(table.c.id)):
        for period, side in everywhere:
            # An arrival that names no period, or no side, is of all of them.
            if row.settlement_period in (None, period) and (side is None or row.side in (None, side)):
                states[(period, side)] = row.empty
            elif job.arrives_for == "all time":
                states[(None, None)] = row.empty
    wanted = places(job, settlement_date, periods)
    return Arrived(
        tuple(place for place in wanted if states.get(place) is False),
        tuple(place for place in wanted if states.get(place) is True),
        tuple(place for place in wanted if place not in states),
    )


def spans(numbers: Collection[int]) -> str:
    """Numbers as they are said.

    >>> spans([3, 4, 5, 9])
    '3 to 5, 9'
    """
    groups: list[list[int]] = []
    for number in sorted(set(numbers)):
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return ", ".join(f"{g[0]} to {g[-1]}" if len(g) > 1 else str(g[0]) for g in groups)
