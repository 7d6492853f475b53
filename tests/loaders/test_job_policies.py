"""What a job may decide: new columns, revisions in one answer, days taken from an instant, tables that come whole."""

from __future__ import annotations

import json
from datetime import date

import pytest

from loaders import all_jobs, load, store
from loaders.errors import UnreadableFile
from loaders.sources.folder import scope_of
from loaders.steps.check import check
from loaders.steps.read import read

ROW = {
    "dataset": "FUELHH",
    "publishTime": "2024-01-15T17:30:00Z",
    "startTime": "2024-01-15T17:00:00Z",
    "settlementDate": "2024-01-15",
    "settlementPeriod": 35,
    "fuelType": "WIND",
    "generation": 8000,
}


def checked(drift: str, *rows: dict):
    job = all_jobs()["fuelhh"]
    job = job.model_copy(update={"on_trouble": job.on_trouble.model_copy(update={"drift": drift})})
    raw = read("fuelhh_2024-01-15.json", json.dumps(rows).encode())
    return check("fuelhh_2024-01-15.json", job, raw, scope_of("fuelhh_2024-01-15.json"), lambda _: None)


def kept(result) -> int:
    return sum(table.rows.num_rows for table in result.tables)


def test_a_new_column_that_a_job_takes_lightly_is_left_out_with_a_warning():
    result = checked("additive-ok", ROW | {"confidence": "high"})

    assert kept(result) == 1
    assert [(f.weight, f.column, f.found) for f in result.findings] == [("warning", "confidence", "a new column")]


def test_a_new_column_that_a_job_does_not_bear_stops_the_file():
    with pytest.raises(UnreadableFile) as told:
        checked("freeze", ROW | {"confidence": "high"})

    assert "confidence: found 'a new column', wanted the columns of the job" in str(told.value.args[0])


def test_only_rows_with_a_value_in_the_new_column_are_refused_where_a_job_says_so():
    other = ROW | {"fuelType": "CCGT"}
    third = ROW | {"fuelType": "COAL", "confidence": None}
    result = checked("quarantine", ROW | {"confidence": "high"}, other, third)

    assert kept(result) == 2
    assert [(f.weight, f.row, f.column) for f in result.findings] == [("refused", 1, "confidence")]


def test_of_two_revisions_in_one_answer_the_latest_counts_and_nothing_is_left_incomplete(tmp_path):
    later = ROW | {"publishTime": "2024-01-15T18:30:00Z", "generation": 8100}
    path = tmp_path / "fuelhh.json"
    path.write_text(json.dumps([later, ROW]))

    report = load([path], tmp_path / "home")

    opened = store.open(tmp_path / "home")
    assert report.findings == []
    assert report.files[0].not_kept == {"superseded": 1}
    assert opened.rows("fuel_type_generation").column("generation_mw").to_pylist() == [8100]
    assert opened.incomplete("fuel_type_generation", date(2024, 1, 15)) == []


def frequency(*times: str) -> bytes:
    rows = [{"dataset": "FREQ", "measurementTime": time, "frequency": 50.0} for time in times]
    return json.dumps(rows).encode()


def test_a_row_that_names_no_period_belongs_to_the_one_its_instant_lies_in(tmp_path):
    # Local midnight of 1 July is 23:00 UTC of 30 June; the day of 31 March 2024 has no period of 01:00 local time.
    path = tmp_path / "freq.json"
    path.write_bytes(frequency("2024-06-30T22:59:45Z", "2024-06-30T23:00:00Z", "2024-03-31T01:15:00Z"))

    report = load([path], tmp_path / "home")

    rows = store.open(tmp_path / "home").rows("system_frequency").to_pylist()
    assert report.findings == []
    assert [(row["settlement_date"], row["settlement_period"]) for row in rows] == [
        (date(2024, 3, 31), 3),
        (date(2024, 6, 30), 48),
        (date(2024, 7, 1), 1),
    ]


def test_an_instant_that_no_calendar_holds_is_a_refused_row(tmp_path):
    path = tmp_path / "freq.json"
    path.write_bytes(frequency("0001-01-01T00:00:00+12:00", "2024-06-30T23:00:00+99:00", "2024-06-30T23:00:00Z"))

    report = load([path], tmp_path / "home")

    assert [f.row for f in report.findings] == [1, 2]
    assert store.open(tmp_path / "home").rows("system_frequency").num_rows == 1


GROUPS = '"GSP Group Id","GSP Group Name"\n"_A","Eastern"\n'


def test_a_table_without_days_comes_whole_and_takes_back_what_it_no_longer_has(tmp_path):
    first, second, third = (tmp_path / f"GSP_Group_{number}.csv" for number in (1, 2, 3))
    first.write_text(GROUPS + '"_L","South West"\n')
    second.write_text(GROUPS)
    third.write_text('"GSP Group Id","GSP Group Name"\n"","Nowhere"\n')
    home = tmp_path / "home"

    load([first], home)
    assert load([second], home).withdrawn == 1
    opened = store.open(home)
    assert opened.rows("gsp_groups").column("gsp_group").to_pylist() == ["_A"]
    assert opened.rows("gsp_groups", version=1).column("gsp_group").to_pylist() == ["_A", "_L"]

    assert load([third], home).withdrawn == 0, "a table with a refused row does not say what is no longer there"


def test_dates_in_two_forms_stand_in_one_column(tmp_path):
    heading = "Settlement Date,Settlement Run Type,Settlement Period,Zone,Off Taking,Delivering\n"
    path = tmp_path / "TLM_FILE.csv"
    path.write_text(heading + "31/03/2026,SF,1,1,1.01,0.99\n2026-04-01,SF,1,1,1.02,0.98\n")

    report = load([path], tmp_path / "home")

    days = store.open(tmp_path / "home").rows("transmission_loss_multipliers").column("settlement_date").to_pylist()
    assert report.findings == []
    assert days == [date(2026, 3, 31), date(2026, 4, 1)]
