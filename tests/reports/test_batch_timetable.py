"""Which runs are due: by the calendar that was loaded, else by lags in Working Days; and what starts the batch."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest

import loaders
from loaders import store as stores
from reports.batch.timetable import CALENDAR, LAG, due, due_since

DAY = date(2024, 1, 15)  # a Monday

CALENDAR_FILE = """Settlement Date,Settlement Run Type,Settlement Run Date,Notification Date,Payment Date
15/01/2024,SF,07/02/2024,09/02/2024,14/02/2024
"""


@pytest.fixture
def store(tmp_path):
    return stores.open(tmp_path / "workspace")


def at(month, day, hour=12):
    return datetime(2024, month, day, hour, tzinfo=UTC)


# Counted on a paper calendar: five weekdays after Monday 15 January is Monday 22; sixteen is Tuesday 6 February.
@pytest.mark.parametrize(
    ("run", "since"),
    [
        ("IP", date(2024, 1, 16)),
        ("II", date(2024, 1, 22)),
        ("SF", date(2024, 2, 6)),
        ("R1", date(2024, 3, 8)),
        ("DF", None),
    ],
)
def test_a_run_is_due_after_its_lag_in_working_days(run, since):
    assert due_since(DAY, run) == since


def test_easter_is_not_counted():
    """Sixteen weekdays after Monday 18 March 2024 is Tuesday 9 April; Good Friday and Easter Monday add two."""
    assert due_since(date(2024, 3, 18), "SF") == date(2024, 4, 11)


def test_a_run_that_the_days_of_2027_no_longer_have_is_not_due():
    assert due_since(date(2027, 8, 2), "R2") is None
    assert due_since(date(2027, 8, 2), "SF") == date(2027, 8, 11)  # seven weekdays since July 2027


def test_what_fell_due_while_nothing_ran_is_in_the_next_answer(store):
    found = due(store, at(2, 6), [DAY, date(2024, 1, 16)], ["SF", "II"])

    assert [(one.settlement_date.day, one.run) for one in found] == [(15, "II"), (15, "SF"), (16, "II")]
    assert {one.source for one in found} == {LAG}


def test_the_day_begins_at_midnight_in_london_not_in_utc(store):
    day = date(2024, 7, 1)

    assert not due(store, datetime(2024, 7, 1, 22, 59, tzinfo=UTC), [day], ["IP"])
    assert due(store, datetime(2024, 7, 1, 23, 0, tzinfo=UTC), [day], ["IP"])


def test_the_settlement_calendar_comes_before_the_lag(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/SYNTHETIC_settlement_calendar.csv").write_text(CALENDAR_FILE)
    loaders.load(tmp_path / "in", tmp_path / "workspace")
    store = stores.open(tmp_path / "workspace")

    assert not due(store, at(2, 6), [DAY], ["SF"])
    assert [one.source for one in due(store, at(2, 7), [DAY], ["SF"])] == [CALENDAR]


def test_units_of_systemd_name_no_machine_and_start_the_command_by_its_name():
    units = {path.name: path.read_text() for path in files("reports.batch").joinpath("systemd").iterdir()}

    assert set(units) == {"bsc-batch-due.service", "bsc-batch-due.timer"}
    for name, text in units.items():
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert all(re.fullmatch(r"\[\w+\]|\w+=.+", line) for line in lines), name
        assert not re.search(r"/(home|root|opt)/", text), name
    service, timer = units["bsc-batch-due.service"], units["bsc-batch-due.timer"]
    assert "ExecStart=/usr/bin/env bsc batch settlement_day --due\n" in service
    assert "Persistent=true" in timer


def test_the_line_for_cron_is_one_and_takes_a_lock():
    from cronsim import CronSim

    text = files("reports.batch").joinpath("systemd/bsc-batch-due.service").read_text()
    [line] = re.findall(r"^#   (\d.*)$", text, re.MULTILINE)

    times, command = re.match(r"((?:\S+ ){5})(.*)", line).groups()
    assert next(CronSim(times.strip(), at(1, 15))) == at(1, 16, 5).replace(minute=30)
    assert command.startswith("flock -n ") and "bsc batch settlement_day --due" in command
