"""Settlement days, periods and runs: BSC Section S and Annex X-1.

A Settlement Day runs from local midnight to local midnight and is cut in half
hours numbered from 1. The number of periods, and where each starts, is taken from
the UTC length of the local day, never from the clock face.

Rules    volumes-and-charges.md, section 1 (1.1, 1.2, 1.4)
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
PERIOD = timedelta(minutes=30)

# Order of the runs of one day, the latest last (volumes-and-charges.md 1.4). IP is the indicative price run.
RUN_TYPES = ("IP", "II", "SF", "R1", "R2", "R3", "RF", "D", "DF")


def day_start(settlement_date: date) -> datetime:
    """The instant of local midnight that begins the day, in UTC.

    >>> day_start(date(2024, 7, 1)).isoformat()
    '2024-06-30T23:00:00+00:00'
    """
    return datetime.combine(settlement_date, time(), tzinfo=LONDON).astimezone(UTC)


def period_count(settlement_date: date) -> int:
    """46, 48 or 50.

    >>> [period_count(date(2024, *day)) for day in [(3, 30), (3, 31), (10, 27)]]
    [48, 46, 50]
    """
    return (day_start(settlement_date + timedelta(days=1)) - day_start(settlement_date)) // PERIOD


def periods(settlement_date: date) -> range:
    """The numbers of the day's Settlement Periods, from 1."""
    return range(1, period_count(settlement_date) + 1)


def period_start(settlement_date: date, settlement_period: int) -> datetime:
    """The instant at which a period starts, in UTC.

    Raises ValueError for a period that the day does not have.

    >>> period_start(date(2024, 3, 31), 3).isoformat()
    '2024-03-31T01:00:00+00:00'
    """
    if settlement_period not in periods(settlement_date):
        raise ValueError(
            f"{settlement_date} has no settlement period {settlement_period}: "
            f"found {settlement_period}, wanted 1 to {period_count(settlement_date)}. Correct the period or the date."
        )
    return day_start(settlement_date) + (settlement_period - 1) * PERIOD


def period_at(instant: datetime) -> tuple[date, int]:
    """The day and period that an instant falls in.

    >>> period_at(datetime(2024, 10, 27, 1, 0, tzinfo=UTC))
    (datetime.date(2024, 10, 27), 5)
    """
    settlement_date = instant.astimezone(LONDON).date()
    return settlement_date, (instant - day_start(settlement_date)) // PERIOD + 1


def local_clock(instant: datetime) -> str:
    """What the clock on the wall shows, HH:MM."""
    return instant.astimezone(LONDON).strftime("%H:%M")


def zone_name(instant: datetime) -> str:
    """GMT or BST, whichever is in force at the instant."""
    return instant.astimezone(LONDON).tzname() or "GMT"
