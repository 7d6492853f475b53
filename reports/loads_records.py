"""What the loads of a workspace look like to those who show them: plain, frozen, complete.

Counts are of Settlement Periods unless they say otherwise; instants are in UTC. A place is arrived with rows,
arrived empty, incomplete, not arrived, or still to come: five states, and none of them is a zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

# From worst to best, as a wall shows them; "never" is no fault of anybody by itself and stands last.
STATES = ("failing", "quarantined", "late", "drifting", "fresh", "never")
NEEDS_A_PERSON = STATES[:4]
# What a cell of a matrix says.
CELLS = ("rows", "empty", "incomplete", "missing", "to come")
CELL_WORDS = {
    "rows": "arrived with rows",
    "empty": "arrived, holds none",
    "incomplete": "incomplete",
    "missing": "not arrived",
    "to come": "not over yet",
}


@dataclass(frozen=True)
class JobLoads:
    """How one job stands.

    day      newest Settlement Day of it that came; None where its files are of all time, or nothing came
    cells    periods of that day by what arrived for them, the worst of its datasets
    refused  rows and files refused that have not come whole since
    """

    job: str
    title: str
    family: str
    owner: str
    datasets: tuple[str, ...]
    state: str
    since: datetime | None
    reason: str
    last_answer: datetime | None
    next_due: datetime | None
    day: date | None
    cells: Mapping[str, int]
    refused: int
    waiting: int
    failed: int


@dataclass(frozen=True)
class Wall:
    """Every declared job, the worst first; `newest`: when the newest file was taken in."""

    jobs: tuple[JobLoads, ...]
    newest: datetime | None
    synthetic: bool
    fetches: bool  # jobs are asked for by themselves: only then can one be late

    def of_state(self, state: str) -> list[JobLoads]:
        """The jobs in a state, by name."""
        return [one for one in self.jobs if one.state == state]

    def counts(self) -> dict[str, int]:
        """Jobs by state, all states named."""
        found = Counter(one.state for one in self.jobs)
        return {state: found[state] for state in STATES}

    def job(self, name: str) -> JobLoads:
        """A job by name. KeyError for what is not declared."""
        found = next((one for one in self.jobs if one.job == name), None)
        if found is None:
            raise KeyError(name)
        return found


@dataclass(frozen=True)
class RefusedRow:
    """A refused row (or a whole file, where `row` is 0) with its remedy.

    record  the row as it stands in the landing; None where the landing gives no line for it
    mended  what it is about has come whole since
    """

    job: str
    dataset: str
    file: str
    landing: str
    row: int
    column: str
    found: str
    wanted: str
    todo: str
    settlement_date: date | None
    settlement_period: int | None
    record: str | None
    mended: bool

    @property
    def kind(self) -> str:
        """The kind of fault: what was wanted, in which column."""
        return f"{self.column}: {self.wanted}" if self.column else self.wanted


@dataclass(frozen=True)
class Refusals:
    """Some refused rows, those that stand first; `count` are known."""

    rows: tuple[RefusedRow, ...]
    count: int


@dataclass(frozen=True)
class Line:
    """A dataset in a matrix: of its periods on a day, or of its days in a month.

    cells  number of the period or day of the month, to one of CELLS
    rows   the same, to how many rows are in force; missing where they are not counted
    notes  the same, to why it is incomplete
    total  rows in force of the whole; None where they are not counted
    whole  the dataset comes a day at a time and names no periods: its cells say the same all day
    """

    dataset: str
    cells: Mapping[int, str]
    rows: Mapping[int, int]
    notes: Mapping[int, str]
    total: int | None
    whole: bool

    def count(self, cell: str) -> int:
        """Periods or days in a state."""
        return sum(one == cell for one in self.cells.values())

    def numbers(self, cell: str) -> list[int]:
        """The periods or days in a state."""
        return [number for number, one in self.cells.items() if one == cell]

    @property
    def odd(self) -> bool:
        """Whether anything is missing or incomplete."""
        return any(one in ("missing", "incomplete") for one in self.cells.values())


@dataclass(frozen=True)
class Matrix:
    """Datasets by period of a day (`of` "period"), or by day of a month (`of` "day"); the odd ones first.

    first   the day, or the first day of the month
    silent  dated datasets of which nothing ever came or was asked for: they are left out
    """

    of: str
    first: date
    lines: tuple[Line, ...]
    silent: int

    @property
    def numbers(self) -> list[int]:
        """The columns."""
        from settlement import calendar

        if self.of == "period":
            return list(calendar.periods(self.first))
        return list(range(1, days_of_month(self.first) + 1))

    def count(self, cell: str) -> int:
        """Cells in a state, of all datasets."""
        return sum(line.count(cell) for line in self.lines)


@dataclass(frozen=True)
class DriftSeen:
    """A column that a sender has begun to send; `draft` are lines for the job's file, to be looked at first."""

    job: str
    field: str
    file: str
    seen_at: datetime
    example: str
    draft: str


def days_of_month(first: date) -> int:
    """How many days the month of a day has."""
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return (after - first.replace(day=1)).days
