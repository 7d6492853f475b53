"""What a pack shows of the frozen runs: explanations down to file rows, and the variance to the earlier run.

Both follow from kept runs, which are never overwritten; what cannot be had is said in place of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from reports.disputes.money import Money
from reports.disputes.records import Case, DayRun, FigureRow
from reports.errors import NoSuchRun
from settlement.errors import UnknownLabel, WrongInput

if TYPE_CHECKING:
    from reports.variance import Variance
    from settlement.explanation import Explanation

MOST_EXPLAINED = 3  # trees in a pack: those of the largest effects
MOST_VARIANCES = 3
DEPTH, FOLLOW = 9, 1  # followed down is the largest row of each sum: whole trees of a price weigh megabytes


@dataclass(frozen=True)
class Explained:
    """One disputed value as a tree; `said` why there is none."""

    figure: FigureRow
    tree: Explanation | None
    said: str = ""


@dataclass(frozen=True)
class Moved:
    """The variance of one Settlement Date to the run before; `said` why there is none."""

    day: DayRun
    variance: Variance | None
    said: str = ""


@dataclass(frozen=True)
class Evidence:
    """Trees of the largest figures, and what moved since the earlier runs; `left_out` what was not shown."""

    explained: tuple[Explained, ...]
    moved: tuple[Moved, ...]
    left_out: tuple[str, ...]


def of_case(home: Path, case: Case, worth: Money) -> Evidence:
    """The evidence of a case. Raises NoSuchRun where a frozen run is not in the workspace any more."""
    amounts = {one.figure.where: abs(one.amount or Decimal(0)) for one in worth.effects}
    figures = sorted(
        case.figures, key=lambda row: (-amounts.get(row.where, Decimal(0)), _at(row))
    )  # fmt: skip
    first = figures[:MOST_EXPLAINED]
    days = {day.settlement_date: day for day in case.subject.days}
    explained = tuple(_explained(home, case, days[row.settlement_date], row) for row in first)
    largest = list(dict.fromkeys(row.settlement_date for row in figures))[:MOST_VARIANCES]
    moved = tuple(_moved(home, case, days[day]) for day in sorted(largest))
    left_out = ["Of many rows of one quantity the largest is followed down: bsc explain --follow 0 tells all."]
    if len(figures) > len(first):
        left_out.append(f"{len(figures) - len(first)} smaller values are not explained here: bsc explain tells each.")
    if len(days) > len(largest):
        left_out.append(f"{len(days) - len(largest)} further days have no variance here: bsc variance tells each.")
    return Evidence(explained, moved, tuple(left_out))


def _at(row: FigureRow) -> tuple[str, int]:
    return row.settlement_date.isoformat(), row.settlement_period or 0


def _explained(home: Path, case: Case, day: DayRun, row: FigureRow) -> Explained:
    from reports.explained import explain_value

    key: dict[str, object] = dict(case.subject.key)
    if row.settlement_period is not None:
        key["settlement_period"] = row.settlement_period
    try:
        with _here(day):
            tree = explain_value(
                case.subject.quantity,
                day.settlement_date,
                key,
                home=home,
                run=day.run_id,
                depth=DEPTH,
                follow=FOLLOW,
            )
    except (UnknownLabel, WrongInput) as error:
        return Explained(row, None, f"No value of the run to explain: {error}")
    return Explained(row, tree)


def _moved(home: Path, case: Case, day: DayRun) -> Moved:
    from reports.variance import variance

    if day.earlier_run_id is None:
        return Moved(
            day, None, f"{day.settlement_date}: no earlier run settled the same way was there to compare with."
        )
    periods = {row.settlement_period for row in case.figures if row.settlement_date == day.settlement_date}
    key: dict[str, object] = dict(case.subject.key)
    if len(periods) == 1 and None not in periods:
        key["settlement_period"] = periods.pop()
    try:
        with _here(day):
            found = variance(
                day.settlement_date, day.earlier_run_id, day.run_id, home=home, quantity=case.subject.quantity, key=key
            )
    except WrongInput as error:
        return Moved(day, None, f"{day.settlement_date}: {error}")
    return Moved(day, found)


@contextmanager
def _here(day: DayRun) -> Iterator[None]:
    """Say whose run it was that is not there."""
    try:
        yield
    except NoSuchRun as error:
        raise NoSuchRun(f"run {day.run_id[:12]} of {day.settlement_date}, which the case froze: {error}") from error
