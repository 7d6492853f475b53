"""What came of each dataset on some days, place by place, for whoever looks at it: never by colour or zero alone.

rows        something came
empty       the sender said that there is nothing
incomplete  something came, but not whole: rows were refused, a file was cut, or one of two sides is missing
missing     nothing came
to come     nothing came, and the period has not ended
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from loaders.declared import Dataset, all_jobs, datasets
from loaders.duty.expected import SIDES
from loaders.store import tables as sql
from settlement import calendar

STATES = ("rows", "empty", "incomplete", "missing", "to come")


@dataclass(frozen=True)
class Came:
    """One dataset on one day.

    states  period to one of STATES, for each period that the calendar gives the day
    notes   period to why it is incomplete, in words
    whole   what came was of the whole day, so a period is not told by itself
    """

    dataset: str
    day: date
    states: Mapping[int, str]
    notes: Mapping[int, str]
    whole: bool

    def count(self, state: str) -> int:
        """Periods in a state."""
        return sum(one == state for one in self.states.values())


def known(connection: sa.Connection) -> list[str]:
    """Dated datasets of which anything ever came or was asked for, by name."""
    come = set(connection.execute(sa.select(sql.arrivals.c.dataset).distinct()).scalars())
    come |= set(connection.execute(sa.select(sql.incomplete.c.dataset).distinct()).scalars())
    asked = set(connection.execute(sa.select(sql.job_tasks.c.job).distinct()).scalars())
    return sorted(
        name for name, one in datasets().items() if one.dated and (name in come or not asked.isdisjoint(one.jobs))
    )


def newest_days(connection: sa.Connection, by: date) -> dict[str, date]:
    """Job to the newest Settlement Date that came of it, not after a day; a forecast's first, where all are later."""
    table = sql.arrivals
    query = sa.select(table.c.job, sa.func.max(table.c.settlement_date), sa.func.min(table.c.settlement_date))
    query = query.where(table.c.settlement_date.is_not(None)).group_by(table.c.job)
    over = {job: newest for job, newest, _ in connection.execute(query.where(table.c.settlement_date <= by))}
    return {job: first for job, _, first in connection.execute(query)} | over


def last_arrivals(connection: sa.Connection) -> dict[str, datetime]:
    """Dataset to the instant of the newest file that brought anything of it."""
    table = sql.arrivals
    query = sa.select(table.c.dataset, sa.func.max(table.c.kept_at)).group_by(table.c.dataset)
    return {row[0]: row[1] for row in connection.execute(query)}


def came(connection: sa.Connection, wanted: Collection[tuple[str, date]], now: datetime) -> list[Came]:
    """What came of some datasets, each on a day, in their order. KeyError for what no job feeds."""
    days = {day for _, day in wanted}
    ended = {day: (now - calendar.day_start(day)) // calendar.PERIOD for day in days}
    arrivals, marks = _of_days(connection, sql.arrivals, days), _standing(_of_days(connection, sql.incomplete, days))
    return [
        _one(datasets()[name], day, arrivals.get((name, day), []), marks.get((name, day), []), ended[day])
        for name, day in wanted
    ]


def _of_days(
    connection: sa.Connection, table: sa.Table, days: Collection[date]
) -> dict[tuple[str, date], list[sa.Row[Any]]]:
    found: dict[tuple[str, date], list[sa.Row[Any]]] = defaultdict(list)
    query = sa.select(table).where(table.c.settlement_date.in_(sorted(set(days)))).order_by(table.c.id)
    for row in connection.execute(query):
        found[row.dataset, row.settlement_date].append(row)
    return found


def _standing(marks: dict[tuple[str, date], list[sa.Row[Any]]]) -> dict[tuple[str, date], list[sa.Row[Any]]]:
    return {place: [one for one in rows if one.repaired_version is None] for place, rows in marks.items()}


def _one(dataset: Dataset, day: date, arrivals: list[Any], marks: list[Any], ended: int) -> Came:
    kinds = {all_jobs()[job].arrives_for for job in dataset.jobs}
    sides = SIDES if kinds == {"period and side"} else (None,)
    states: dict[int, str] = {}
    notes: dict[int, str] = {}
    for period in calendar.periods(day):
        told = {side: _last(arrivals, period, side) for side in sides}
        lacking = [str(side) for side, empty in told.items() if empty is None]
        why = [one.reason for one in marks if one.settlement_period in (None, period)]
        if why:
            states[period], notes[period] = "incomplete", why[0]
        elif len(lacking) == len(sides):
            states[period] = "missing" if period <= ended else "to come"
        elif lacking:
            states[period], notes[period] = "incomplete", f"the {lacking[0]} side has not arrived"
        else:
            states[period] = "empty" if all(told.values()) else "rows"
    whole = all(one.settlement_period is None for one in arrivals)
    return Came(dataset.name, day, states, notes, whole)


def _last(arrivals: list[Any], period: int, side: str | None) -> bool | None:
    """Whether the last that came for a place is empty; None: nothing came for it."""
    said = None
    for one in arrivals:
        # An arrival that names no period, or no side, is of all of them.
        if one.settlement_period in (None, period) and (side is None or one.side in (None, side)):
            said = one.empty
    return said
