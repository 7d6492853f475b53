"""How each job stands: one word, since when, and why; the clock is given."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from loaders.declared import all_jobs
from loaders.duty import claims, needs
from loaders.duty.expected import arrived, spans
from loaders.duty.schedule import Due, looked_after
from loaders.duty.status import status
from loaders.duty.walk import Walk
from loaders.duty.wall import as_text
from loaders.store import tables as sql
from loaders.store.database import reading, writing
from settlement import calendar

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DISBSAD = "SYNTHETIC_DISBSAD_2024-01-15.json"
COME = datetime(2024, 1, 16, 5, 40, tzinfo=UTC)


def scheduled(name, **fetch):
    """A declared job with a schedule put in, as its file may have it one day."""
    job = all_jobs()[name]
    bare = {"due": "", "late_after": "", "fresh_within": "", "re_read": "", "longest": ""}
    return {name: job.model_copy(update={"fetch": job.fetch.model_copy(update=bare | fetch)})}


DAILY = scheduled("disbsad", due="30 5 * * *", late_after="1 hour", covers="settlement day")


def came_at(desk, instant):
    """Turn the clock of what was loaded to an instant."""
    with writing(desk.store.engine) as connection:
        for table in (sql.job_runs, sql.arrivals, sql.versions):
            connection.execute(sa.update(table).values(kept_at=instant))


def stands(desk, jobs, now):
    (one,) = status(desk.store.engine, jobs, now)
    return one


def test_a_job_of_which_nothing_came_is_never_and_not_fresh(desk):
    one = stands(desk, DAILY, datetime(2024, 1, 16, 5, 31, tzinfo=UTC))

    assert (one.state, one.since, one.last_answer) == ("never", None, None)
    assert "30 5 * * *" in one.reason


def test_a_day_that_came_in_time_is_fresh_until_the_next_is_missed(desk):
    desk.load_files({DISBSAD: [desk.adjustment_row(1)]})
    came_at(desk, COME)
    missed = datetime(2024, 1, 17, 6, 30, tzinfo=UTC)

    jobs = scheduled("disbsad", due="30 5 * * *", late_after="1 hour", re_read="1 day")
    in_time, just, late = (stands(desk, jobs, at) for at in (missed - MINUTE, missed, missed + 3 * HOUR))

    assert (in_time.state, in_time.since, in_time.late_by_seconds) == ("fresh", COME, 0)
    assert (just.state, late.state) == ("late", "late")
    assert (late.since, late.late_by_seconds) == (missed, 3 * 3600)
    assert late.reason == "2024-01-16 has not arrived"
    assert late.next_due == datetime(2024, 1, 18, 5, 30, tzinfo=UTC)


def test_a_job_that_missed_three_days_is_late_since_the_first(desk):
    desk.load_files({DISBSAD: [desk.adjustment_row(1)]})
    came_at(desk, COME)

    one = stands(desk, DAILY, datetime(2024, 1, 19, 9, tzinfo=UTC))

    assert (one.state, one.since) == ("late", datetime(2024, 1, 17, 6, 30, tzinfo=UTC))


def test_a_job_that_somebody_brings_is_never_late(desk):
    desk.load_files({DISBSAD: [desk.adjustment_row(1)]})

    one = stands(desk, looked_after({"disbsad": all_jobs()["disbsad"]}, {}), datetime.now(UTC) + timedelta(days=100))

    assert (one.state, one.late_by_seconds, one.next_due) == ("fresh", 0, None)


def test_an_answer_older_than_it_may_be_is_late_whatever_was_due(desk):
    desk.load_files({DISBSAD: [desk.adjustment_row(1)]})
    came_at(desk, COME)
    jobs = scheduled("disbsad", due="0 0 1 1 *", covers="all time", fresh_within="35 minutes")

    assert stands(desk, jobs, COME + 35 * MINUTE).state == "fresh"
    late = stands(desk, jobs, COME + 40 * MINUTE)
    assert (late.state, late.since, late.late_by_seconds) == ("late", COME + 35 * MINUTE, 300)


def test_rows_that_were_refused_put_a_job_in_quarantine_until_they_come_whole(desk):
    desk.load_files({DISBSAD: [desk.adjustment_row(1), desk.adjustment_row(2, cost="ten")]})
    broken = stands(desk, DAILY, COME)
    desk.load_files({DISBSAD: [desk.adjustment_row(1), desk.adjustment_row(2, cost=10)]})
    mended = stands(desk, DAILY, COME)

    assert (broken.state, broken.incomplete) == ("quarantined", 1)
    assert "found 'ten'" in broken.reason
    assert (mended.state, mended.incomplete) == ("fresh", 0)


def test_a_question_that_failed_is_failing_since_the_first_time_until_it_is_answered(desk):
    engine = desk.store.engine
    first = calendar.day_start(date(2024, 1, 15))
    claims.plan(engine, [Due("disbsad", "2024-01-15", COME, first, first + timedelta(days=1))])
    claims.failed(engine, claims.claim(engine, "one", COME), "answer 503: try later", COME)
    claims.failed(engine, claims.claim(engine, "one", COME + HOUR), "answer 500: broken", COME + HOUR)
    failing = stands(desk, DAILY, COME + HOUR)
    claims.done(engine, claims.claim(engine, "one", COME + 2 * HOUR), COME + 2 * HOUR)
    answered = stands(desk, DAILY, COME + 2 * HOUR)

    assert (failing.state, failing.since, failing.reason) == ("failing", COME, "answer 500: broken")
    assert failing.tasks_waiting == 1
    assert answered.state != "failing"


def test_a_failed_question_is_not_made_good_by_another_one(desk):
    engine = desk.store.engine
    first = calendar.day_start(date(2024, 1, 15))
    for number, day in enumerate(("2024-01-14", "2024-01-15")):
        claims.plan(engine, [Due("disbsad", day, COME, first + timedelta(days=number), first + timedelta(days=2))])
    claims.failed(engine, claims.claim(engine, "one", COME), "answer 404", COME, again=False)
    claims.done(engine, claims.claim(engine, "one", COME + HOUR), COME + HOUR)

    one = stands(desk, DAILY, COME + HOUR)

    assert (one.state, one.reason, one.tasks_failed) == ("failing", "answer 404", 1)


def test_warnings_in_the_newest_run_are_a_drift_and_their_end_is_the_end_of_it(desk):
    desk.load_files({DISBSAD: [desk.adjustment_row(1)]})
    came_at(desk, COME)
    engine = desk.store.engine
    with Walk(engine, "disbsad").station("check") as passed:
        passed.warnings, passed.warning = 2, "a new column: carbon"
    drifting = stands(desk, DAILY, COME + MINUTE)
    with Walk(engine, "disbsad").station("check") as passed:
        passed.rows_in = passed.rows_out = 10
    again = stands(desk, DAILY, COME + MINUTE)

    assert (drifting.state, drifting.reason) == ("drifting", "a new column: carbon")
    assert again.state == "fresh"


def stack_file(desk, day, period, side, *volumes):
    """A stack of one side and period; without volumes an answer that there is none."""
    start = calendar.period_start(day, period)
    times = {"startTime": f"{start:%Y-%m-%dT%H:%M:%SZ}", "createdDateTime": f"{start + 25 * HOUR:%Y-%m-%dT%H:%M:%SZ}"}
    rows = [
        desk.stack_row(n, period=period, settlementDate=str(day), volume=volume, **times)
        for n, volume in enumerate(volumes, start=1)
    ]
    return {f"SYNTHETIC_stack_{side}_{day}_{period:02}.json": desk.stack(*rows)}


@pytest.mark.parametrize(("day", "periods"), [("2024-03-31", 46), ("2024-10-27", 50), ("2024-12-31", 48)])
def test_not_arrived_empty_and_zero_are_three_states_of_a_day_of_any_length(desk, day, periods):
    day = date.fromisoformat(day)
    jobs = scheduled("settlement_stack", covers="settlement period")
    zero, nothing = stack_file(desk, day, 2, "bid", 0.0), stack_file(desk, day, periods, "offer")
    desk.load_files(zero | nothing)

    with reading(desk.store.engine) as connection:
        come = arrived(connection, jobs["settlement_stack"], day)
    after = stands(desk, jobs, calendar.day_start(day + timedelta(days=1)))

    # A bid is the sell side of the stack. A volume of zero is a row that came.
    assert (come.arrived, come.empty) == (((2, "sell"),), ((periods, "buy"),))
    assert len(come.not_arrived) == 2 * periods - 2
    assert {(2, "buy"), (periods, "sell")} <= set(come.not_arrived)
    assert (after.day, after.arrived, after.empty, after.not_arrived) == (day, 1, 1, 2 * periods - 2)


def test_an_empty_answer_for_a_whole_day_is_an_arrival_of_each_of_its_periods(desk):
    desk.load_files({"SYNTHETIC_DISBSAD_2024-10-27.json": []})

    one = stands(desk, DAILY, datetime(2024, 10, 28, 0, 0, tzinfo=UTC))

    assert (str(one.day), one.arrived, one.empty, one.not_arrived) == ("2024-10-27", 0, 50, 0)


def test_periods_that_should_be_there_are_named(desk):
    yesterday = date(2024, 1, 14)
    for side in ("bid", "offer"):
        for day, periods in ((desk.day, (1, 2, 6)), (yesterday, range(1, 49))):
            desk.load_files({k: v for period in periods for k, v in stack_file(desk, day, period, side).items()})
    now = datetime(2024, 1, 15, 4, 0, tzinfo=UTC)
    came_at(desk, now)
    jobs = scheduled("settlement_stack", due="5,35 * * * *", late_after="1 hour", covers="settlement period")

    one = stands(desk, jobs, now)

    # Period 3 ends at 01:30, is asked for at 01:35 and may take an hour; period 6 has come before its time.
    assert (one.state, one.since) == ("late", datetime(2024, 1, 15, 2, 35, tzinfo=UTC))
    assert one.reason == "2024-01-15: periods 3 to 5 have not arrived"
    assert (one.arrived, one.empty, one.not_arrived) == (0, 6, 10)


def test_a_question_waits_for_the_periods_that_it_is_about_and_no_others(desk):
    name = "SYNTHETIC_stack_{}_2024-01-15_07.json"
    jobs = looked_after(all_jobs(), {})
    jobs = jobs | {"boav": jobs["boav"].model_copy(update={"needs": ("settlement_stack", "bm_units")})}
    first = calendar.period_start(desk.day, 7)
    due = Due("boav", "2024-01-15 07", COME, first, first + 30 * MINUTE)

    def unmet():
        with reading(desk.store.engine) as connection:
            return needs.unmet(connection, jobs, due)

    assert unmet() == ["settlement_stack for 2024-01-15, periods 7", "bm_units"]
    desk.load_files({name.format("bid"): desk.stack()})
    assert unmet() == ["settlement_stack for 2024-01-15, periods 7", "bm_units"]
    desk.load_files({name.format("offer"): desk.stack(desk.stack_row(1))})
    assert unmet() == ["bm_units"]


def test_the_wall_shows_the_worst_first_and_colours_only_for_a_terminal(desk):
    desk.load_files({DISBSAD: [desk.adjustment_row(1, cost="ten")]})
    desk.load_files({"SYNTHETIC_system_prices_2024-01-15.json": {"data": [desk.price_row(1, 50.0)]}})
    jobs = looked_after({name: all_jobs()[name] for name in ("disbsad", "system_prices", "boalf")}, {})

    text = as_text(status(desk.store.engine, jobs, COME))

    lines = text.splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["disbsad", "quarantined"], ["system_prices", "fresh"]]
    assert lines[-1] == "never: boalf"
    assert "\x1b[" not in text
    assert "\x1b[" in as_text(status(desk.store.engine, jobs, COME), colours=True)


def test_what_is_said_of_a_job_can_be_written_as_json(desk):
    desk.load_files({DISBSAD: [desk.adjustment_row(1)]})
    came_at(desk, COME)

    said = json.loads(json.dumps(stands(desk, DAILY, COME).as_data()))

    assert (said["job"], said["state"], said["last_answer"]) == ("disbsad", "fresh", COME.isoformat())


def test_numbers_are_said_as_spans():
    assert spans([9, 3, 5, 4, 3]) == "3 to 5, 9"
    assert spans([]) == ""
