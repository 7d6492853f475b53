"""Working Days: Monday to Friday without the bank holidays of England and Wales.

Source  volumes-and-charges.md 1.7; the holidays stand in `bank_holidays.yaml` beside this reader
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class Counted:
    """A day that was counted to: how many bank holidays lay between, and the years of which none are known."""

    day: date
    holidays: int
    unknown_years: tuple[int, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether the bank holidays of every year on the way are known."""
        return not self.unknown_years

    def __str__(self) -> str:
        said = f"{self.holidays} bank holiday{'' if self.holidays == 1 else 's'} on the way left out"
        if self.certain:
            return said
        years = ", ".join(map(str, self.unknown_years))
        return f"{said}; the bank holidays of {years} are not known, so the day may be some days early"


@cache
def _holidays() -> dict[int, frozenset[date]]:
    said = yaml.safe_load(files(__package__).joinpath("bank_holidays.yaml").read_text(encoding="utf-8"))
    return {
        year: frozenset(date.fromisoformat(f"{year}-{one}") for one in days) for year, days in said["years"].items()
    }


def bank_holidays(year: int) -> frozenset[date] | None:
    """The bank holidays of a year; None where they are not known."""
    return _holidays().get(year)


def is_working_day(day: date) -> bool:
    """Whether a day is a Working Day, as far as the holidays of its year are known."""
    return day.weekday() < 5 and day not in _holidays().get(day.year, frozenset())


def after(day: date, count: int) -> Counted:
    """The day that lies so many Working Days after one; after 0 of them, the day itself.

    >>> after(date(2026, 8, 28), 16).day.isoformat()
    '2026-09-22'
    """
    holidays, unknown = 0, []
    while count > 0:
        day += timedelta(days=1)
        if day.year not in _holidays() and day.year not in unknown:
            unknown.append(day.year)
        if is_working_day(day):
            count -= 1
        elif day.weekday() < 5:
            holidays += 1
    return Counted(day, holidays, tuple(unknown))


def left(today: date, last: date) -> int:
    """Working Days from the day after today to a last day; below zero when it is past.

    >>> left(date(2024, 1, 12), date(2024, 1, 15)), left(date(2024, 1, 16), date(2024, 1, 15))
    (1, -1)
    """
    if last >= today:
        return sum(is_working_day(day) for day in _days(today, last))
    return -sum(is_working_day(day) for day in _days(last, today)) or -1


def _days(first: date, last: date) -> Iterator[date]:
    """Every day after the first to the last."""
    for at in range(1, (last - first).days + 1):
        yield first + timedelta(days=at)
