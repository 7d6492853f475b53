"""Of limits that are declared anew, the highest notification sequence holds, then the later notified."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from loaders.errors import LoadError
from loaders.redeclared_limits import resolved
from settlement.command_line import build

MIDNIGHT = datetime(2024, 1, 15, tzinfo=UTC)


def at(minute):
    return MIDNIGHT + timedelta(minutes=minute)


def line(start, end, level, sequence, to=None, unit="T_SYN-1", notified=0):
    return {
        "bm_unit": unit, "time_from": at(start), "time_to": at(end), "level_from_mw": float(level),
        "level_to_mw": float(level if to is None else to), "notification_sequence": sequence,
        "notification_time": at(notified),
    }  # fmt: skip


def told(*lines):
    schema = pa.schema(
        [
            ("bm_unit", pa.string()),
            ("time_from", pa.timestamp("us", "UTC")),
            ("time_to", pa.timestamp("us", "UTC")),
            ("level_from_mw", pa.float64()),
            ("level_to_mw", pa.float64()),
            ("notification_sequence", pa.int64()),
            ("notification_time", pa.timestamp("us", "UTC")),
        ]
    )
    return pa.Table.from_pylist(list(lines), schema=schema)


def minutes(found):
    return [
        (int((r["time_from"] - MIDNIGHT).seconds / 60), int((r["time_to"] - MIDNIGHT).seconds / 60),
         r["level_from_mw"], r["level_to_mw"])
        for r in found.to_pylist()
    ]  # fmt: skip


def test_a_later_notification_holds_for_its_time_and_the_earlier_one_around_it():
    found = resolved(told(line(0, 60, 500, 1), line(20, 40, 300, 2)))

    assert minutes(found) == [(0, 20, 500, 500), (20, 40, 300, 300), (40, 60, 500, 500)]


def test_an_earlier_notification_that_comes_later_changes_nothing():
    found = resolved(told(line(0, 60, 300, 9), line(10, 20, 500, 2)))

    assert minutes(found) == [(0, 60, 300, 300)]


def test_of_one_sequence_the_later_notified_holds():
    found = resolved(told(line(0, 60, 300, 1, notified=30), line(0, 60, 500, 1, notified=5)))

    assert minutes(found) == [(0, 60, 300, 300)]


def test_a_line_that_is_cut_keeps_its_slope():
    found = resolved(told(line(0, 40, 0, 1, to=400), line(10, 20, 50, 2)))

    assert minutes(found) == [(0, 10, 0, 100), (10, 20, 50, 50), (20, 40, 200, 400)]


def test_a_time_without_a_declaration_is_left_out_and_units_do_not_meet():
    found = resolved(told(line(0, 10, 5, 1), line(20, 30, 7, 1), line(5, 25, 9, 8, unit="T_SYN-2")))

    assert minutes(found) == [(0, 10, 5, 5), (20, 30, 7, 7), (5, 25, 9, 9)]


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 30), st.integers(0, 9), st.integers(-5, 5), st.integers(-5, 5)),
        max_size=12,
    )
)
def test_at_every_instant_the_level_is_that_of_the_highest_sequence_that_covers_it(drawn):
    lines = [
        line(start, start + length, level, sequence, to=to, notified=place)
        for place, (start, length, sequence, level, to) in enumerate(drawn)
    ]
    found = resolved(told(*lines)).to_pylist()

    for instant in range(91):
        when = at(instant + 0.5)
        over = [one for one in lines if one["time_from"] <= when < one["time_to"]]
        held = [one for one in found if one["time_from"] <= when < one["time_to"]]
        assert len(held) == (1 if over else 0)
        if over:
            best = max(over, key=lambda one: (one["notification_sequence"], one["notification_time"]))
            assert level(held[0], when) == pytest.approx(level(best, when), abs=1e-9)


def level(one, when):
    share = (when - one["time_from"]) / (one["time_to"] - one["time_from"])
    return one["level_from_mw"] + share * (one["level_to_mw"] - one["level_from_mw"])


def test_lines_without_a_sequence_are_refused():
    with pytest.raises(LoadError, match="notification_sequence"):
        resolved(told(line(0, 10, 5, 1)).drop_columns(["notification_sequence"]))


def test_the_command_says_which_row_of_which_file_holds(desk):
    record = {
        "dataset": "MELS", "settlementDate": "2024-01-15", "settlementPeriod": 1, "timeFrom": "2024-01-15T00:00:00Z",
        "timeTo": "2024-01-15T00:30:00Z", "levelFrom": 500, "levelTo": 500, "nationalGridBmUnit": "SYN-1",
        "bmUnit": "T_SYN-1", "notificationTime": "2024-01-14T12:00:00Z", "notificationSequence": 1,
    }  # fmt: skip
    later = record | {"timeFrom": "2024-01-15T00:10:00Z", "levelFrom": 0, "levelTo": 0, "notificationSequence": 2}
    desk.load_files({"mels_2024-01-15.json": [record, later]})

    def bsc(*words):
        return CliRunner().invoke(build(), ["limits", "mels", "--date", "2024-01-15", "--home", str(desk.home), *words])

    said, data = bsc("--unit", "T_SYN-1"), json.loads(bsc("--json").output)

    assert "2 lines declared, 2 hold" in said.output
    assert [(row["level_from_mw"], row["source_row"]) for row in data] == [(500.0, 1), (0.0, 2)]
    assert "no limit has been declared" in bsc("--unit", "T_OTHER-1").output
