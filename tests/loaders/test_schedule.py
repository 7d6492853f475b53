"""Which questions are due: the clock is given, never waited for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from loaders.duty.schedule import due, next_tick
from loaders.errors import LoadError
from loaders.job import Job

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def a_job(name="feed", **fetch):
    """The smallest job that can be declared, with what it says of fetching."""
    return Job.model_validate(
        {
            "job": name,
            "title": "SYNTHETIC",
            "owner": "nobody",
            "licence": "none",
            "retention": "for ever",
            "confidence": "confirmed",
            "sample": "invented",
            "cadence": "now and then",
            "arrives_for": "day",
            "fetch": {"from": "folder", "file_names": name, "covers": "settlement day"} | fetch,
            "read": {"as": ["json"]},
            "dataset": "feed",
            "delivers": "changes",
            "keys": ["number"],
            "columns": {"number": {"from": "number", "type": "integer", "empty": "reject"}},
        }
    )


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def asked(job, now, last=None, back_fill=None):
    runs = {job.job: at(last)} if last else {}
    return [one.question for one in due({job.job: job}, at(now), runs, back_fill)]


DAILY = a_job(due="30 5 * * *")
HALF_HOURLY = a_job(due="5,35 * * * *", covers="settlement period")


def test_a_day_is_asked_for_once_it_has_ended():
    assert asked(DAILY, "2024-01-16T05:30", last="2024-01-15T05:30") == ["2024-01-15"]


def test_before_its_tick_nothing_is_due_and_after_it_once_only():
    assert asked(DAILY, "2024-01-16T05:29:59", last="2024-01-15T05:30") == []
    assert asked(DAILY, "2024-01-16T05:30:01", last="2024-01-16T05:30") == []
    assert asked(DAILY, "2024-01-16T23:00", last="2024-01-16T05:30") == []


def test_a_clock_that_goes_back_asks_for_nothing_again():
    assert asked(DAILY, "2024-01-15T12:00", last="2024-01-16T05:30") == []


def test_a_job_that_somebody_brings_is_never_due():
    assert asked(a_job(), "2024-01-16T05:30") == []


def test_three_days_of_downtime_are_caught_up_oldest_first():
    assert asked(DAILY, "2024-01-18T14:00", last="2024-01-15T05:30") == ["2024-01-15", "2024-01-16", "2024-01-17"]


def test_three_days_of_downtime_over_new_year_leave_no_day_out():
    assert asked(DAILY, "2025-01-02T06:00", last="2024-12-30T05:30") == ["2024-12-30", "2024-12-31", "2025-01-01"]


def test_two_jobs_catch_up_day_by_day_and_not_one_after_the_other():
    jobs = {name: a_job(name, due="30 5 * * *") for name in ("b", "a")}

    found = due(jobs, at("2024-01-17T05:30"), {name: at("2024-01-15T05:30") for name in jobs})

    wanted = [("a", "2024-01-15"), ("b", "2024-01-15"), ("a", "2024-01-16"), ("b", "2024-01-16")]
    assert [(one.job, one.question) for one in found] == wanted


def test_days_of_change_are_asked_for_after_their_own_last_period():
    """The clock goes on: the day ends at 23:00 in UTC, and in October at 24:00 for the first time again."""
    hourly = a_job(due="0 * * * *")

    assert asked(hourly, "2024-03-31T22:59", last="2024-03-31T21:00") == []
    assert asked(hourly, "2024-03-31T23:00", last="2024-03-31T22:00") == ["2024-03-31"]
    assert asked(hourly, "2024-10-27T23:00", last="2024-10-27T22:00") == []
    assert asked(hourly, "2024-10-28T00:00", last="2024-10-27T23:00") == ["2024-10-27"]


@pytest.mark.parametrize(
    ("day", "starts", "periods"),
    [
        ("2024-03-31", "2024-03-31T00:00", 46),
        ("2024-10-27", "2024-10-26T23:00", 50),
        ("2024-12-31", "2024-12-31T00:00", 48),
    ],
)
def test_each_period_of_a_day_is_asked_for_once_whatever_its_length(day, starts, periods):
    found = []
    ticks = [at(starts) + half * 30 * MINUTE + 5 * MINUTE for half in range(periods + 1)]
    for before, now in pairwise(ticks):
        found += due({"feed": HALF_HOURLY}, now, {"feed": before})

    assert [one.question for one in found] == [f"{day} {number:02}" for number in range(1, periods + 1)]
    assert {one.last - one.first for one in found} == {30 * MINUTE}
    assert (found[0].first, found[-1].last) == (at(starts), at(starts) + periods * 30 * MINUTE)
    assert [spot for one in found for spot in one.periods] == [
        (date.fromisoformat(day), n) for n in range(1, periods + 1)
    ]


def test_three_days_of_downtime_around_the_short_day_miss_no_period():
    found = asked(HALF_HOURLY, "2024-04-01T23:10", last="2024-03-29T23:35")

    wanted = ["2024-03-29 48"]
    for day, periods in (("2024-03-30", 48), ("2024-03-31", 46), ("2024-04-01", 48)):
        wanted += [f"{day} {number:02}" for number in range(1, periods + 1)]
    assert found == wanted


def test_what_may_still_be_on_its_way_is_asked_for_again():
    job = a_job(due="5,35 * * * *", covers="settlement period", late_after="1 hour")

    assert asked(job, "2024-01-15T12:05", last="2024-01-15T11:35") == [
        "2024-01-15 22",
        "2024-01-15 23",
        "2024-01-15 24",
    ]


def test_once_a_day_all_of_the_re_read_is_asked_again():
    job = a_job(due="0 * * * *", re_read="3 days")

    assert asked(job, "2024-01-16T00:00", last="2024-01-15T23:00") == ["2024-01-13", "2024-01-14", "2024-01-15"]
    assert asked(job, "2024-01-16T01:00", last="2024-01-16T00:00") == []


def test_a_job_that_never_ran_reaches_back_by_its_re_read_or_to_the_back_fill():
    job = a_job(due="30 5 * * *", re_read="2 days")

    assert asked(job, "2024-01-16T06:00") == ["2024-01-14", "2024-01-15"]
    assert asked(job, "2024-01-16T06:00", back_fill=date(2024, 1, 12)) == [f"2024-01-{day}" for day in range(12, 16)]
    assert asked(job, "2024-01-16T06:00", last="2024-01-16T05:30", back_fill=date(2024, 1, 15)) == ["2024-01-15"]


def test_the_day_under_way_is_asked_for_only_where_it_must_be_fresh():
    fresh = a_job(due="*/10 * * * *", fresh_within="35 minutes")
    (today,) = due({"feed": fresh}, at("2024-01-15T10:30"), {"feed": at("2024-01-15T10:20")})

    assert (today.question, today.first, today.last) == ("2024-01-15", at("2024-01-15T00:00"), at("2024-01-15T10:30"))
    assert asked(fresh, "2024-01-15T00:20", last="2024-01-15T00:10") == []
    assert asked(a_job(due="*/10 * * * *"), "2024-01-15T10:30", last="2024-01-15T10:20") == []


def test_windows_of_publishing_join_without_a_gap_and_none_is_too_long():
    job = a_job(due="*/10 * * * *", covers="publish window", longest="1 day", late_after="1 hour")

    found = due({"feed": job}, at("2024-01-18T12:03"), {"feed": at("2024-01-15T12:00")})

    assert [(one.first, one.last) for one in found] == [
        (at("2024-01-15T11:00"), at("2024-01-16T11:00")),
        (at("2024-01-16T11:00"), at("2024-01-17T11:00")),
        (at("2024-01-17T11:00"), at("2024-01-18T11:00")),
        (at("2024-01-18T11:00"), at("2024-01-18T12:00")),
    ]


def test_a_season_goes_over_the_new_year_and_is_asked_for_whole():
    job = a_job(due="0 6 * * *", covers="season")

    assert asked(job, "2025-01-01T06:00", last="2024-12-31T06:00") == ["2024-11-01/2025-02-28"]
    assert asked(job, "2025-11-02T06:00", last="2025-11-01T06:00") == ["2025-11-01/2026-02-28"]
    assert asked(job, "2025-11-01T06:00", last="2025-10-31T06:00") == ["2024-11-01/2025-02-28", "2025-11-01/2026-02-28"]
    assert asked(job, "2024-03-01T06:00", last="2024-02-29T06:00") == ["2023-11-01/2024-02-29"]


def test_what_is_of_all_time_is_asked_for_once_after_any_downtime():
    assert asked(a_job(due="0 6 * * *", covers="all time"), "2025-01-05T07:00", last="2025-01-01T06:00") == ["all time"]


def test_ticks_are_in_utc_in_summer_too():
    assert next_tick("30 5 * * *", at("2024-07-01T05:29")) == at("2024-07-01T05:30")


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(LoadError, match="without a zone"):
        due({"feed": DAILY}, datetime(2024, 1, 16), {})


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"due": "every day"}, "wanted minute, hour, day"),
        ({"due": "0 0 30 2 *"}, "wanted minute, hour, day"),
        ({"due": "0 0 0 * * *"}, "wanted minute, hour, day"),
        ({"late_after": "soon"}, "wanted a number of minutes"),
        ({"re_read": "0 days"}, "wanted a number of minutes"),
        ({"covers": "week"}, "settlement day"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused(said, fault):
    with pytest.raises(ValueError, match=fault):
        a_job(**said)
