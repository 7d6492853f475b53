"""What the dated rules of disputes promise, and that Working Days are those of England and Wales."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from pandas.tseries.holiday import MO, AbstractHolidayCalendar, EasterMonday, GoodFriday, Holiday
from pandas.tseries.offsets import DateOffset

from reports import working_days
from reports.disputes import dated
from settlement.command_line import AskedWrongly
from settlement.errors import NoValueOnDate, WrongInput


class Ordinary(AbstractHolidayCalendar):
    """The bank holidays of an ordinary year, by the rules of pandas; New Year and Christmas are added below."""

    rules = [  # noqa: RUF012
        GoodFriday,
        EasterMonday,
        Holiday("early May", month=5, day=1, offset=DateOffset(weekday=MO(1))),
        Holiday("spring", month=5, day=31, offset=DateOffset(weekday=MO(-1))),
        Holiday("summer", month=8, day=31, offset=DateOffset(weekday=MO(-1))),
    ]


# What proclamations moved and added: out of the ordinary, into the list.
MOVED = {
    2020: ({date(2020, 5, 4)}, {date(2020, 5, 8)}),
    2022: ({date(2022, 5, 30)}, {date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19)}),
    2023: (set(), {date(2023, 5, 8)}),
}


def next_free(day: date, taken: set[date]) -> date:
    while day.weekday() > 4 or day in taken:
        day += timedelta(days=1)
    return day


@pytest.mark.parametrize("year", range(2018, 2029))
def test_the_bank_holidays_of_a_year_are_those_that_another_calendar_reckons(year):
    found = {one.date() for one in Ordinary().holidays(pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31))}
    found.add(next_free(date(year, 1, 1), set()))
    fixed = [date(year, 12, 25), date(year, 12, 26)]
    taken = {one for one in fixed if one.weekday() < 5}
    for one in fixed:
        if one.weekday() > 4:
            taken.add(next_free(one, taken))
    gone, came = MOVED.get(year, (set(), set()))

    assert working_days.bank_holidays(year) == (found | taken) - gone | came


def test_a_settlement_file_was_stamped_on_the_sixteenth_working_day():
    """The SF file of 28 August 2026 is stamped 22 September 2026, the R3 file of 17 February too: 16 and 150."""
    assert working_days.after(date(2026, 8, 28), 16).day == date(2026, 9, 22)
    assert working_days.after(date(2026, 2, 17), 150).day == date(2026, 9, 22)


def test_a_year_whose_holidays_are_not_known_is_said():
    counted = working_days.after(date(2030, 12, 30), 5)

    assert not counted.certain and counted.unknown_years == (2030, 2031)
    assert "may be some days early" in str(counted)


def test_working_days_left_count_down_to_below_zero():
    last = date(2024, 4, 2)  # the Tuesday after Easter
    assert [working_days.left(day, last) for day in (date(2024, 3, 28), date(2024, 4, 2), date(2024, 4, 4))] == [
        1,
        0,
        -2,
    ]


@pytest.mark.parametrize("name", dated.rules().dispute_types)
def test_every_dispute_type_has_a_limit_with_its_source_since_the_market_began(name):
    limit = dated.limit(name, date(2001, 3, 27))

    assert limit.source and limit.working_days > 0
    with pytest.raises(NoValueOnDate):
        dated.limit(name, date(2001, 3, 26))


def test_the_half_hourly_limit_changed_with_p256():
    before, after = (dated.limit("sva_half_hourly", day) for day in (date(2010, 11, 3), date(2010, 11, 4)))

    assert (before.counted_from, before.working_days) == ("R2", 20)
    assert (after.counted_from, after.working_days) == ("RF", 70)


def test_the_threshold_was_raised_in_november_2010():
    assert [dated.threshold(day).value for day in (date(2010, 11, 3), date(2010, 11, 4))] == [500, 3000]


def test_a_value_without_a_source_does_not_load_and_all_faults_are_told():
    text = """
dispute_types:
  general: {title: General, clause: W, values: {2001-03-27: {counted_from: run, working_days: 0, evidence: heard}}}
"""
    with pytest.raises(WrongInput) as refused:
        dated.read(text)

    for part in ("working_days", "source", "evidence", "materiality_threshold"):
        assert part in str(refused.value)


def test_every_licence_of_a_declared_job_is_decided_and_an_unknown_one_lets_nothing_out():
    from loaders.declared import all_jobs

    known = dated.rules().licences
    open_terms = "open data of Elexon, terms not seen"  # decided by its own words: by hash only

    assert {job.licence for job in all_jobs().values()} - set(known) <= {open_terms}
    assert not dated.licence("some other terms").in_pack
    assert not dated.licence("Elexon P114 terms, derived analysis only").in_pack


def test_an_unknown_type_is_a_wrong_question():
    with pytest.raises(AskedWrongly, match="general"):
        dated.dispute_type("metering")
