"""What must hold of rows beyond the types of their columns: one function a rule.

Each refuses the rows that break it and leaves the others alone. They run in this order,
on the rows that are still good.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

import numpy as np

from loaders.sources.folder import NameScope
from loaders.steps.sheet import Sheet, Whole, distinct
from settlement import calendar

EPOCH = date(1970, 1, 1)
_HALF_HOUR = 30 * 60 * 1_000_000


def all_rules(sheet: Sheet, named: NameScope) -> None:
    """Hold the rows to every rule that their job declares."""
    period_is_of_the_day(sheet)
    row_is_of_the_file(sheet, named)
    sign_follows_side(sheet)
    needed_is_there(sheet)
    starts_with_its_period(sheet)
    time_goes_forward(sheet)
    latest_run_only(sheet)
    key_once(sheet)
    profile_without_gap(sheet)


def period_is_of_the_day(sheet: Sheet) -> None:
    """A Settlement Period must be one that its day has: 46, 48 or 50."""
    if not {"settlement_date", "settlement_period"} <= set(sheet.columns):
        return
    known = sheet.there("settlement_date") & sheet.there("settlement_period")
    days, period = sheet.numbers("settlement_date"), sheet.numbers("settlement_period")
    for day in distinct(days[known]):
        last = calendar.period_count(EPOCH + timedelta(days=int(day)))
        wrong = known & (days == day) & ((period < 1) | (period > last))
        sheet.refuse(
            np.flatnonzero(wrong), "settlement_period", lambda row: period[row], f"1 to {last}, the periods of the day"
        )


def row_is_of_the_file(sheet: Sheet, named: NameScope) -> None:
    """A file that names one period in its name holds rows of that period only."""
    if named.settlement_period is None or not {"settlement_date", "settlement_period"} <= set(sheet.columns):
        return
    period, days = sheet.numbers("settlement_period"), sheet.numbers("settlement_date")
    todo = "Name the file as its rows say, or fetch it again, and load it."
    other = sheet.good & (period != named.settlement_period)
    sheet.refuse(
        np.flatnonzero(other),
        "settlement_period",
        lambda r: period[r],
        f"{named.settlement_period} as the file says",
        todo,
    )
    if named.settlement_date:
        other = sheet.good & (days != (named.settlement_date - EPOCH).days)
        wanted = f"{named.settlement_date} as the file says"
        sheet.refuse(
            np.flatnonzero(other), "settlement_date", lambda r: sheet.value("settlement_date", r), wanted, todo
        )


def sign_follows_side(sheet: Sheet) -> None:
    """Buys are above zero, sells below."""
    for name in sheet.table.checks.sign_follows_side:
        sell = np.array(sheet.columns["side"].to_numpy(zero_copy_only=False) == "sell", dtype=bool)
        volume = sheet.columns[name].to_numpy(zero_copy_only=False)
        wrong = np.flatnonzero(sheet.good & sell & (volume > 0))
        sheet.refuse(wrong, name, partial(sheet.value, name), "0 or less on the sell side")
        wrong = np.flatnonzero(sheet.good & ~sell & (volume < 0))
        sheet.refuse(wrong, name, partial(sheet.value, name), "0 or more on the buy side")


def needed_is_there(sheet: Sheet) -> None:
    """A value that another one of the row calls for: an acceptance has a price."""
    for name, because in sheet.table.checks.needs.items():
        wrong = sheet.good & ~sheet.there(name) & sheet.there(because)
        sheet.refuse(np.flatnonzero(wrong), name, "", f"a value, as the row has {because}")


def starts_with_its_period(sheet: Sheet) -> None:
    """A start time must be the start of the row's Settlement Period."""
    name = sheet.table.checks.starts
    if not name:
        return
    known = sheet.good & sheet.there(name)
    days, period = sheet.numbers("settlement_date"), sheet.numbers("settlement_period")
    starts = np.zeros(len(days), dtype=np.int64)
    for day in distinct(days[known]):
        starts[days == day] = _microseconds(calendar.day_start(EPOCH + timedelta(days=int(day))))
    starts += (period - 1) * _HALF_HOUR
    wrong = known & (sheet.numbers(name) != starts)
    sheet.refuse(
        np.flatnonzero(wrong), name, lambda row: sheet.value(name, row), "the start of the row's period, in UTC"
    )


def time_goes_forward(sheet: Sheet) -> None:
    """No line ends before it begins."""
    if not {"time_from", "time_to"} <= set(sheet.columns):
        return
    wrong = sheet.good & (sheet.numbers("time_to") < sheet.numbers("time_from"))
    sheet.refuse(
        np.flatnonzero(wrong), "time_to", lambda row: sheet.value("time_to", row), "a time not before time_from"
    )


def latest_run_only(sheet: Sheet) -> None:
    """Rows of two runs in one partition: those of the latest stay.

    Where a job delivers changes, a row of an older run is a row that the sender has since revised: it is counted
    (`superseded`), not refused. A partition that is delivered whole has one run: an older row in it is a fault.
    """
    name = sheet.table.checks.latest_of
    if not name:
        return
    made = np.where(sheet.there(name), sheet.numbers(name), -1)
    group = sheet.groups(sheet.table.partition_columns)
    latest = np.full(int(group.max(initial=-1)) + 1, -1, dtype=np.int64)
    np.maximum.at(latest, group[sheet.good], made[sheet.good])
    older = sheet.good & (made < latest[group])
    if sheet.table.delivers != "whole":
        sheet.good &= ~older
        sheet.superseded = int(older.sum())
        return
    for row in np.flatnonzero(older).tolist():
        when = datetime.fromtimestamp(latest[group[row]] / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        sheet.refuse([row], name, lambda r: sheet.value(name, r), f"{when}, the latest run in the file")


def key_once(sheet: Sheet) -> None:
    """A key stands once in a file; the first row with it stays."""
    group = sheet.groups(sheet.table.keys)
    rows = np.flatnonzero(sheet.good)
    if not len(rows) or not np.bincount(group[rows]).max() > 1:
        return
    _, first = np.unique(group[rows], return_index=True)
    again = np.setdiff1d(np.arange(len(rows)), first)
    keys = sheet.table.keys
    for row in rows[again]:
        said = ", ".join(f"{key} {sheet.columns[key][int(row)]}" for key in keys)
        sheet.refuse([row], keys[-1], f"{said} again", "each key once")


def profile_without_gap(sheet: Sheet) -> None:
    """Lines of a profile join: each begins where the one before it ends. A profile with a gap is refused whole."""
    profile = sheet.table.checks.profile
    if profile is None or not len(sheet.source_row):
        return
    group, start, end = sheet.groups(profile.of), sheet.numbers("time_from"), sheet.numbers("time_to")
    rows = np.flatnonzero(sheet.good)
    if not _in_order(group[rows], start[rows]):
        rows = rows[np.lexsort((end[rows], start[rows], group[rows]))]
    same = np.zeros(len(rows), dtype=bool)
    same[1:] = group[rows][1:] == group[rows][:-1]
    before = np.where(same, np.roll(end[rows], 1), start[rows])
    last = np.ones(len(rows), dtype=bool)
    last[:-1] = ~same[1:]
    late = start[rows] != before
    torn = dict(zip(rows[late].tolist(), before[late].tolist(), strict=True))
    short: dict[int, int] = {}
    if profile.fills == "period":
        opens = _period_starts(sheet)
        firsts, lasts = rows[~same], rows[last]
        firsts, lasts = firsts[start[firsts] != opens[firsts]], lasts[end[lasts] != opens[lasts] + _HALF_HOUR]
        torn |= dict(zip(firsts.tolist(), opens[firsts].tolist(), strict=True))
        short = dict(zip(lasts.tolist(), (opens[lasts] + _HALF_HOUR).tolist(), strict=True))
    lost = set(group[list(torn) + list(short)].tolist()) | set(group[list(sheet.refused)].tolist())
    if not lost:
        return
    for row, wanted in torn.items():
        sheet.refuse(
            [row], "time_from", lambda r: sheet.value("time_from", r), f"{_clock(wanted)}, where the profile has got to"
        )
    for row, wanted in short.items():
        said = f"{_clock(wanted)}, where the period ends"
        sheet.refuse([row], "time_to", lambda r: sheet.value("time_to", r), said)
    others = [int(row) for row in rows if sheet.good[row] and group[row] in lost]
    sheet.refuse(
        others, "time_from", "a row of a profile that is not whole", "a whole profile", "See the other rows of it."
    )
    for number in lost:
        of_it = np.flatnonzero((group == number) & sheet.there("time_from") & sheet.there("time_to"))
        if len(of_it):
            span = (_instant(int(start[of_it].min())), _instant(int(end[of_it].max())))
            sheet.spans |= {int(row): span for row in of_it}


def _in_order(group: Whole, start: Whole) -> bool:
    """Whether rows stand by group, and within each by start, no two of one start: most senders write them so."""
    later, same = group[1:] > group[:-1], group[1:] == group[:-1]
    return bool((later | (same & (start[1:] > start[:-1]))).all())


def _period_starts(sheet: Sheet) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    days, period = sheet.numbers("settlement_date"), sheet.numbers("settlement_period")
    starts = np.zeros(len(days), dtype=np.int64)
    for day in distinct(days[sheet.good]):
        starts[days == day] = _microseconds(calendar.day_start(EPOCH + timedelta(days=int(day))))
    return starts + (period - 1) * _HALF_HOUR


def _microseconds(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000


def _instant(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, UTC)


def _clock(microseconds: int) -> str:
    return _instant(microseconds).strftime("%Y-%m-%dT%H:%M:%SZ")
