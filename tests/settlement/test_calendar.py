"""Settlement days are cut from the UTC length of the local day: 46, 48 or 50 periods."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement import calendar

DAYS = st.dates(date(2001, 3, 27), date(2037, 12, 31))


@pytest.mark.parametrize(
    ("day", "count"),
    [(date(2024, 3, 31), 46), (date(2024, 10, 27), 50), (date(2024, 1, 15), 48), (date(2024, 7, 1), 48)],
)
def test_the_days_the_clocks_change_have_other_counts(day, count):
    assert calendar.period_count(day) == count
    assert list(calendar.periods(day)) == list(range(1, count + 1))


@given(DAYS)
def test_periods_abut_from_midnight_to_midnight(day):
    starts = [calendar.period_start(day, period) for period in calendar.periods(day)]

    assert starts[0] == calendar.day_start(day)
    assert starts[-1] + timedelta(minutes=30) == calendar.day_start(day + timedelta(days=1))
    assert all(later - earlier == timedelta(minutes=30) for earlier, later in pairwise(starts))


@given(DAYS, st.integers(0, 49), st.integers(0, 1799))
def test_every_instant_of_a_period_falls_in_it(day, place, seconds):
    period = 1 + place % calendar.period_count(day)

    assert calendar.period_at(calendar.period_start(day, period) + timedelta(seconds=seconds)) == (day, period)


@given(st.integers(2002, 2037))
def test_a_year_has_one_short_and_one_long_day_and_they_are_sundays(year):
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    odd = {calendar.period_count(day): day for day in days if day.year == year and calendar.period_count(day) != 48}

    assert set(odd) == {46, 50}
    assert all(day.weekday() == 6 for day in odd.values())
    assert (odd[46].month, odd[50].month) == (3, 10)


@pytest.mark.parametrize(("day", "period"), [(date(2024, 3, 31), 47), (date(2024, 10, 27), 51), (date(2024, 1, 15), 0)])
def test_a_period_that_the_day_does_not_have_is_an_error(day, period):
    with pytest.raises(ValueError, match=f"{day} has no settlement period {period}: found {period}, wanted 1 to"):
        calendar.period_start(day, period)


def test_the_hour_that_comes_twice_is_told_apart_by_its_zone():
    first, second = (datetime(2024, 10, 27, hour, 30, tzinfo=UTC) for hour in (0, 1))

    assert calendar.local_clock(first) == calendar.local_clock(second) == "01:30"
    assert (calendar.zone_name(first), calendar.zone_name(second)) == ("BST", "GMT")
    assert (calendar.period_at(first)[1], calendar.period_at(second)[1]) == (4, 6)
