"""Feeds with the same fields are told apart by what a file says or is named; lines above the headings are no rows."""

from __future__ import annotations

import csv
import io

import pytest

PARTIES = "Trading Party ID,Trading Party Name"
TWINS = {"pn": "physical_notifications", "qpn": "quiescent_notifications"}
LIMITS = {"mels": "maximum_export_limits", "mils": "maximum_import_limits"}


def without_dataset(rows):
    return [{name: value for name, value in row.items() if name != "dataset"} for row in rows]


def as_csv(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def limit(desk, sequence, level):
    said = {"notificationTime": "2024-01-15T02:00:00Z", "notificationSequence": sequence}
    return desk.pn_row("T_SYN-1", 0, 30, levelFrom=level, levelTo=level) | said


@pytest.mark.parametrize("name", TWINS)
def test_a_file_that_says_its_dataset_goes_there_whatever_its_name(desk, name):
    rows = [desk.pn_row("T_SYN-1", 0, 30, dataset=name.upper())]

    desk.load_files({"mils_2024-01-15.json": rows})

    assert {job: len(desk.rows(dataset)) for job, dataset in TWINS.items()} == {job: job == name for job in TWINS}


@pytest.mark.parametrize("form", [lambda rows: rows, as_csv], ids=["json", "csv"])
@pytest.mark.parametrize("name", [*TWINS, *LIMITS])
def test_a_file_that_does_not_say_goes_where_its_name_says(desk, name, form):
    alike = TWINS if name in TWINS else LIMITS
    rows = [desk.pn_row("T_SYN-1", 0, 30)] if name in TWINS else [limit(desk, 1, 40)]

    came = desk.load_files({f"{name}_2024-01-15.txt": form(without_dataset(rows))})

    assert came.findings == []
    assert {job: len(desk.rows(dataset)) for job, dataset in alike.items()} == {job: job == name for job in alike}


def test_a_file_of_two_feeds_that_neither_says_nor_is_named_is_not_guessed_at(desk):
    came = desk.load_files({"download.json": without_dataset([desk.pn_row("T_SYN-1", 0, 30)])})

    assert [(file.outcome, file.job) for file in came.files] == [("unknown", None)]
    assert not any(desk.rows(dataset) for dataset in TWINS.values())


def test_an_empty_answer_of_net_adjustments_takes_no_adjustment_action_back(desk):
    action = {
        "dataset": "DISBSAD", "settlementDate": "2024-01-15", "settlementPeriod": 1, "id": 1, "cost": 100.0,
        "volume": 5.0, "soFlag": False, "storFlag": False, "partyId": None, "assetId": None,
        "isTendered": None, "service": None,
    }  # fmt: skip
    desk.load_files({"DISBSAD_2024-01-15.json": [action]})

    came = desk.load_files({"NETBSAD_2024-01-15.json": []})

    assert [(file.outcome, file.job) for file in came.files] == [("kept", "netbsad")]
    assert len(desk.rows("adjustment_actions")) == 1


def test_loss_of_load_comes_under_either_of_its_names(desk):
    row = {
        "publishTime": "2024-01-15T08:00:00Z", "publishingPeriodCommencingTime": "2024-01-15T08:00:00Z",
        "startTime": "2024-01-15T09:00:00Z", "settlementDate": "2024-01-15", "settlementPeriod": 19,
        "lossOfLoadProbability": 0.01, "deratedMargin": 900.0,
    }  # fmt: skip
    for place, name in enumerate(("LOLPDRM", "LOLPDM")):
        came = desk.load_files({f"download{place}.json": [row | {"dataset": name, "settlementPeriod": 19 + place,
                                "startTime": f"2024-01-15T09:{30 * place:02d}:00Z"}]})  # fmt: skip
        assert [file.job for file in came.files] == ["lolpdrm"]

    assert len(desk.rows("loss_of_load")) == 2


def test_a_limit_that_is_notified_again_stands_beside_the_earlier_one(desk):
    desk.load_files({"MELS_a.json": [limit(desk, 1, 40) | {"dataset": "MELS"}]})
    desk.load_files({"MELS_b.json": [limit(desk, 2, 35) | {"dataset": "MELS"}]})

    rows = desk.rows("maximum_export_limits")
    assert [(row["notification_sequence"], row["level_from_mw"]) for row in rows] == [(1, 40), (2, 35)]


def test_a_roll_of_parties_with_a_column_for_each_role_is_known_by_its_name(desk):
    roles = [f"Role {number}" for number in range(8)]
    text = f"{PARTIES},{','.join(roles)}\nSYNA,SYNTHETIC One{',T' * 8}\n"

    came = desk.load_files({"registered_participants_file.csv": text})

    assert [(f.weight, f.column) for f in came.findings] == [("warning", ", ".join(roles))]
    assert [row["party_name"] for row in desk.rows("parties", None)] == ["SYNTHETIC One"]


@pytest.mark.parametrize("above", ["", "A roll\n", "A roll\n\nas at a day\n", "\n\n\n\n\n"])
def test_lines_without_a_comma_above_the_headings_are_no_rows_and_row_numbers_count_them(desk, above):
    text = f"{above}{PARTIES}\nSYNB,SYNTHETIC Two\nSYNA\n"

    came = desk.load_files({"registered_participants.csv": text})

    first = above.count("\n") + 2
    assert [row["source_row"] for row in desk.rows("parties", None)] == [first]
    assert [(f.row, f.found) for f in came.findings] == [(first + 1, "1 fields: SYNA")]


def test_headings_that_stand_too_far_down_are_not_looked_for(desk):
    came = desk.load_files({"registered_participants.csv": "A line\n" * 6 + f"{PARTIES}\nSYNB,SYNTHETIC Two\n"})

    assert came.findings
    assert desk.rows("parties", None) == []


def test_an_empty_cell_of_the_register_is_nothing_and_not_a_zero(desk):
    headings = (
        "BM Unit ID,Party ID,BMU Type,GSP Group Id,Trading Unit Name,Prod/Cons Status,TLF,GC,DC,WDCALF,NWDCALF,"
        "Exempt Export Flag,Base TU Flag,FPN Flag,Interconnector Id"
    )

    came = desk.load_files({"registered_bmunits.csv": f"{headings}\nT_SYN-1{',' * 14}\nT_SYN-2,,,,,,0,,,,,,,F,\n"})

    assert came.findings == []
    bare, other = (dict(row) for row in desk.rows("bm_unit_registrations", None))
    said = {name for name, value in bare.items() if value is not None}
    assert said == {"bm_unit", "landing", "source_row"}
    assert (other["tlf"], other["fpn_flag"]) == (0.0, False)
