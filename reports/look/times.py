"""How days, periods and instants are written: period first, then local time, then UTC.

BST or GMT always stands beside a local time; Z marks UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from reports.views import PeriodView
from settlement.calendar import LONDON, local_clock, zone_name


def long_day(day: date) -> str:
    """Wednesday 14 October 2026."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def middle_day(day: date) -> str:
    """14 October 2026."""
    return f"{day.day} {day:%B %Y}"


def short_day(day: date) -> str:
    """14 Oct 2026."""
    return f"{day.day} {day:%b %Y}"


def utc_clock(instant: datetime) -> str:
    """17:00Z."""
    return f"{instant.astimezone(UTC):%H:%M}Z"


def local_moment(instant: datetime) -> str:
    """15 Oct 2026 07:42 BST."""
    local = instant.astimezone(LONDON)
    return f"{short_day(local.date())} {local_clock(instant)} {zone_name(instant)}"


def utc_moment(instant: datetime | None) -> str:
    """14 Oct 17:49:12Z; "not told" where the sender gave no time."""
    if instant is None:
        return "not told"
    moment = instant.astimezone(UTC)
    return f"{moment.day} {moment:%b %H:%M:%S}Z"


def span(period: PeriodView) -> str:
    """18:00 to 18:30 BST; both zones are written where the clocks change inside."""
    first, last = zone_name(period.start), zone_name(period.end)
    return f"{local_clock(period.start)}{'' if first == last else ' ' + first} to {local_clock(period.end)} {last}"


def heading(period: PeriodView) -> str:
    """Period 37, 18:00 to 18:30 BST (17:00Z to 17:30Z)."""
    return f"Period {period.settlement_period}, {span(period)} ({utc_clock(period.start)} to {utc_clock(period.end)})"


def zones(day_start: datetime, day_end: datetime) -> str:
    """The zone of a day: BST (UTC+1), GMT (UTC), or both in order on a day the clocks change."""
    names = [zone_name(day_start), zone_name(day_end)]
    if names[0] == names[1]:
        return "BST (UTC+1)" if names[0] == "BST" else "GMT (UTC)"
    return f"{names[0]}, then {names[1]}"
