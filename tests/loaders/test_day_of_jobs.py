"""What has come of a day: periods of the calendar, and units that the reference data name."""

from __future__ import annotations

import json
from datetime import date

from typer.testing import CliRunner

from loaders.declared import all_jobs
from loaders.duty.day_of_jobs import day_of_jobs
from loaders.duty.schedule import looked_after
from settlement.command_line import build

DAY = date(2024, 1, 15)


def unit(name, fpn=True):
    return {
        "nationalGridBmUnit": name[2:], "elexonBmUnit": name, "eic": None, "fuelType": "CCGT",
        "leadPartyName": "SYNTHETIC", "bmUnitType": "T", "fpnFlag": fpn, "bmUnitName": name, "leadPartyId": "SYN",
        "demandCapacity": "0", "generationCapacity": "100", "productionOrConsumptionFlag": "P",
        "transmissionLossFactor": "0", "workingDayCreditAssessmentImportCapability": None,
        "nonWorkingDayCreditAssessmentImportCapability": None, "workingDayCreditAssessmentExportCapability": None,
        "nonWorkingDayCreditAssessmentExportCapability": None, "creditQualifyingStatus": False,
        "demandInProductionFlag": False, "gspGroupId": None, "gspGroupName": None, "interconnectorId": None,
    }  # fmt: skip


def found(desk, job):
    (one,) = [one for one in day_of_jobs(desk.store, looked_after(all_jobs(), {}), DAY) if one.job == job]
    return one


def test_a_unit_without_a_row_and_one_whose_rows_are_zero_are_two_things(desk):
    flat = {"levelFrom": 0, "levelTo": 0}
    desk.load_files(
        {
            "bm_units.json": [unit("T_SYN-1"), unit("T_SYN-2"), unit("T_SYN-3"), unit("T_SYN-9", fpn=False)],
            "pn_2024-01-15.json": [desk.pn_row("T_SYN-1", 0, 30), desk.pn_row("T_SYN-2", 0, 30, **flat)],
        }
    )

    units = found(desk, "pn").units

    assert (units.expected, units.with_rows, units.zero, units.without) == (3, 2, 1, ("T_SYN-3",))


def test_without_reference_data_it_is_not_known_which_units_are_missing(desk):
    desk.load_files({"pn_2024-01-15.json": [desk.pn_row("T_SYN-1", 0, 30)]})

    units = found(desk, "pn").units

    assert (units.expected, units.with_rows, units.without) == (None, 1, ())


def test_periods_that_came_are_empty_or_are_missing_are_counted_apart(desk):
    desk.load_files({"disbsad_2024-01-15_03.json": [], "disbsad.json": [desk.adjustment_row(1, period=7)]})

    one = found(desk, "disbsad")

    assert (one.places, one.arrived, one.empty, one.not_arrived) == (48, 1, 1, 46)
    assert one.missing == "1 to 2, 4 to 6, 8 to 48"


def test_the_command_says_it_in_words_and_in_json(desk):
    desk.load_files(
        {
            "bm_units.json": [unit("T_SYN-1"), unit("T_SYN-2")],
            "pn_2024-01-15.json": [desk.pn_row("T_SYN-1", 0, 30)],
        }
    )

    def bsc(*words):
        return CliRunner().invoke(build(), ["status", "--date", "2024-01-15", "--home", str(desk.home), *words])

    said, data = bsc(), bsc("--json")

    assert "pn: 2 units expected, 1 have rows (0 all zero), 1 have none: T_SYN-2" in said.output
    assert json.loads(data.output)[0]["units"]["without"] == ["T_SYN-2"]


def test_a_day_of_which_nothing_came_says_so(desk):
    desk.load_files({"pn_2024-01-15.json": [desk.pn_row("T_SYN-1", 0, 30)]})

    said = CliRunner().invoke(build(), ["status", "--date", "2024-01-16", "--home", str(desk.home)])

    assert said.output == "2024-01-16: nothing has come, and nothing is fetched\n"


def ready(desk, *words):
    return CliRunner().invoke(build(), ["load", "ready", *words, "--date", "2024-01-15", "--home", str(desk.home)])


def test_a_settlement_waits_until_its_jobs_are_in_and_is_told_what_is_missing(desk):
    desk.load_files({"disbsad_2024-01-15.json": [], "pn.json": [desk.pn_row("T_SYN-1", 0, 30, period=7)]})

    empty, part = ready(desk, "disbsad"), ready(desk, "disbsad", "pn", "boalf")

    assert (empty.exit_code, empty.output) == (0, "2024-01-15: all 1 jobs are in\n")
    assert part.exit_code == 1
    assert part.output.splitlines() == [
        "2024-01-15: pn is not in: 1 to 6, 8 to 48",
        "2024-01-15: boalf is not in: 1 to 48",
    ]


def test_waiting_ends_when_the_last_has_come(desk, monkeypatch):
    desk.load_files({"disbsad_2024-01-14.json": []})
    monkeypatch.setattr("time.sleep", lambda _: desk.load_files({"disbsad_2024-01-15.json": []}))

    assert ready(desk, "disbsad", "--wait", "1 minute").exit_code == 0
    assert desk.loads == 2


def test_a_job_that_is_not_declared_is_asked_wrongly(desk):
    assert "wanted declared jobs" in str(ready(desk, "nothing").exception)
