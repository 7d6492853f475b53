"""One JSON object may be a list of names and values: its names tell, and no ordinary object is taken for one."""

from __future__ import annotations

import json
from datetime import date

import pytest

from loaders import all_jobs
from loaders.formats.record import records_at
from loaders.job import Read

DATASET = "p114_reports_on_offer"
REPORT = "S0142_20240115_SF_20240208101500.gz"
OTHER = "C0301_20240115_SF_A_20240208101500.gz"


def offered(desk):
    return [(row["file_name"], row["source_row"]) for row in desk.rows(DATASET, None)]


def test_a_list_is_told_by_its_names_whatever_the_file_is_called(desk):
    came = desk.load_files({"SYNTHETIC_saved.json": {REPORT: "2024-02-08 10:15:21", OTHER: ""}})

    assert came.findings == []
    assert [(file.job, file.rows_read) for file in came.files] == [("p114_list", 2)]
    assert offered(desk) == [(OTHER, 2), (REPORT, 1)]


def test_the_name_says_flow_day_run_group_and_time(desk):
    desk.load_files({"SYNTHETIC_saved.json": {OTHER: "2024-02-08 10:15:21"}})

    (row,) = desk.rows(DATASET, None)
    assert (row["flow"], row["settlement_date"], row["run"], row["gsp_group_letter"]) == (
        *("C0301", date(2024, 1, 15), "SF", "A"),
    )
    assert (row["created_time"].isoformat(), row["run_date_time"]) == (
        *("2024-02-08T10:15:00+00:00", "2024-02-08 10:15:21"),
    )


def test_a_value_that_is_no_text_costs_its_pair_and_not_the_others(desk):
    """One public reader takes the value for a size: were it one, a date would be wrong for it."""
    came = desk.load_files({"SYNTHETIC_saved.json": {REPORT: 5120, OTHER: "2024-02-08 10:15:21"}})

    assert [(f.row, f.column, f.found) for f in came.findings] == [(1, "run_date_time", "5120")]
    assert offered(desk) == [(OTHER, 2)]


@pytest.mark.parametrize("nothing", ["{}", "[]"])
def test_a_date_without_reports_is_an_empty_list_where_the_file_is_called_one(desk, nothing):
    came = desk.load_files({"SYNTHETIC_p114_list_20240208.json": nothing})

    assert came.findings == []
    assert [(file.job, file.outcome) for file in came.files] == [("p114_list", "kept")]
    assert [arrival.empty for arrival in desk.store.arrivals(DATASET, None)] == [True]


def test_an_empty_object_is_no_answer_of_another_job(desk):
    came = desk.load_files({"SYNTHETIC_pn_2024-01-15.json": "{}"})

    assert [(f.row, f.found) for f in came.findings] == [(0, "no list of records")]
    assert [(file.outcome, file.job) for file in came.files] == [("refused", "pn")]


@pytest.mark.parametrize(
    "other",
    [
        {"error": "not found", "status": "404"},
        {REPORT: "2024-02-08 10:15:21", "error": "and", "status": "more"},
        {REPORT: "2024-02-08 10:15:21", "data": []},
        {REPORT.lower(): "2024-02-08 10:15:21"},
    ],
)
def test_an_object_of_other_names_is_no_list(desk, other):
    came = desk.load_files({"SYNTHETIC_saved.json": other})

    assert "p114_list" not in {file.job for file in came.files}
    assert came.findings


def test_a_message_that_is_one_record_stays_one_record(desk):
    came = desk.load_files(
        {
            "FREQ_202401151200_1.json": json.dumps(
                {"dataset": "FREQ", "measurementTime": "2024-01-15T12:00:00Z", "frequency": 50.0}
            )
        }
    )

    assert [(file.job, file.rows_read) for file in came.files] == [("freq", 1)]


def test_no_sample_of_another_job_is_taken_for_a_list():
    """Fields of records have names of their own, none with the look of a report."""
    for name, job in all_jobs().items():
        if not job.read.names:
            fields = {one for table in job.tables.values() for column in table.columns.values() for one in column.names}
            assert not any(one.endswith(".gz") for one in fields), name


def test_a_pair_is_shown_as_it_stands_in_its_file():
    text = f'{{"{REPORT}": "2024-02-08 10:15:21", "é": 5}}'

    assert records_at("a.json", text.encode(), [1, 2, 3], mapping=True) == {
        1: f'"{REPORT}": "2024-02-08 10:15:21"',
        2: '"é": 5',
    }


@pytest.mark.parametrize("said", [{"as": ["json mapping"]}, {"as": ["json"], "names": "a"}])
def test_a_job_says_how_the_names_of_a_mapping_look_and_no_other_job_does(said):
    with pytest.raises(ValueError, match="names: wanted for"):
        Read.model_validate(said)
