"""Messages of IRIS as its clients save them: one record or a list of them a file, named after the dataset."""

from __future__ import annotations

import json

import pytest

from loaders import load


def message(dataset, number=1):
    return f"{dataset}_202401150741_NGET-EMFIP-{dataset}-0068916{number}-1.json"


def test_a_message_of_one_record_is_a_list_of_one(desk):
    report = desk.load_files({message("PN"): desk.pn_row("T_SYN-1", 0, 30)})

    assert report.findings == []
    assert [(file.job, file.new) for file in report.files] == [("pn", 1)]
    assert [(row["bm_unit"], row["source_row"]) for row in desk.rows("physical_notifications")] == [("T_SYN-1", 1)]


def test_a_message_is_known_by_the_dataset_that_it_says_whatever_its_file_is_named(desk):
    report = desk.load_files({"download": desk.pn_row("T_SYN-1", 0, 30, dataset="QPN")})

    assert [file.job for file in report.files] == ["qpn"]
    assert len(desk.rows("quiescent_notifications")) == 1


def test_a_message_that_says_no_dataset_is_known_by_its_name(desk):
    record = desk.pn_row("T_SYN-1", 0, 30)
    del record["dataset"]

    report = desk.load_files({message("QPN"): record})

    assert report.findings == []
    assert len(desk.rows("quiescent_notifications")) == 1


def test_one_object_that_neither_says_nor_is_named_is_not_guessed_at(desk):
    record = desk.acceptance_row("T_SYN-1", 1, 0, 5)
    del record["dataset"]

    report = desk.load_files({"download.json": record})

    assert [file.outcome for file in report.files] == ["unknown"]
    assert [finding.found for finding in report.findings] == ["no list of records"]
    assert desk.rows("acceptances") == []


@pytest.mark.parametrize(
    "answer", [{"message": "Too many requests", "statusCode": 429}, {}, {"data": None}, {"metadata": {"datasets": []}}]
)
def test_an_error_under_the_name_of_a_feed_is_still_refused_and_marks_its_day(desk, answer):
    report = desk.load_files({"PN_2024-01-15.json": answer})

    assert [(f.found, f.weight) for f in report.findings] == [("no list of records", "refused")]
    assert desk.marks("physical_notifications") == [(None, None)]


def test_a_message_of_a_dataset_that_no_job_reads_is_unknown_and_the_others_load(desk):
    report = desk.load_files(
        {
            message("NEWDATA"): {"dataset": "NEWDATA", "someTime": "2024-01-15T07:41:00Z", "newValue": 50.02},
            message("PN"): desk.pn_row("T_SYN-1", 0, 30),
        }
    )

    assert [(file.job, file.outcome) for file in report.files] == [(None, "unknown"), ("pn", "kept")]
    assert report.good


def test_a_record_that_lacks_a_field_is_told_of_and_not_passed_over(desk):
    record = desk.pn_row("T_SYN-1", 0, 30)
    record["levelAtEnd"] = record.pop("levelTo")

    report = desk.load_files({message("PN"): record})

    assert not report.good
    assert [(f.column, f.found) for f in report.findings] == [("level_to_mw", "no such column, but levelAtEnd")]


def test_half_a_message_is_no_record(desk):
    text = json.dumps(desk.pn_row("T_SYN-1", 0, 30))

    report = desk.load_files({"PN_2024-01-15.json": text[: len(text) // 2]})

    assert not report.good
    assert desk.rows("physical_notifications") == []
    assert desk.marks("physical_notifications") == [(None, None)]


def test_a_folder_of_messages_in_folders_by_dataset_loads_whole(desk, tmp_path):
    folder = tmp_path / "iris"
    files = {
        "PN": desk.pn_row("T_SYN-1", 0, 30),
        "BOALF": [desk.acceptance_row("T_SYN-1", 1, 0, 5), desk.acceptance_row("T_SYN-1", 1, 5, 10)],
        "DISEBSP": desk.price_row(1, 50.0),
        "LOLPDM": {
            "publishTime": "2024-01-15T08:00:00Z", "publishingPeriodCommencingTime": "2024-01-15T08:00:00Z",
            "startTime": "2024-01-15T09:00:00Z", "settlementDate": "2024-01-15", "settlementPeriod": 19,
            "lossOfLoadProbability": 0.01, "deratedMargin": 900.0,
        },
    }  # fmt: skip
    for dataset, said in files.items():
        (folder / dataset).mkdir(parents=True)
        (folder / dataset / message(dataset)).write_text(json.dumps(said))

    report = load(folder, desk.home)

    assert report.findings == []
    assert {file.job: file.new for file in report.files} == {"pn": 1, "boalf": 2, "system_prices": 1, "lolpdrm": 1}


def test_messages_of_one_day_stand_beside_each_other(desk):
    for number in (1, 2):
        desk.load_files({message("PN", number): desk.pn_row(f"T_SYN-{number}", 0, 30)})

    assert [row["bm_unit"] for row in desk.rows("physical_notifications")] == ["T_SYN-1", "T_SYN-2"]
