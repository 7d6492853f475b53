"""Reading landings again: after a change of a job, and in the order in which the files came."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pytest
from typer.testing import CliRunner

from loaders import declared, load, store
from loaders.candidates import Manner
from loaders.drift import accept, drifts
from loaders.duty.refused import standing
from loaders.errors import LoadError
from loaders.replaying import is_older, replay
from loaders.store.database import reading
from settlement.command_line import build

DAY = date(2024, 1, 15)
ROW = {
    "dataset": "FUELHH",
    "publishTime": "2024-01-15T17:30:00Z",
    "startTime": "2024-01-15T17:00:00Z",
    "settlementDate": "2024-01-15",
    "settlementPeriod": 35,
    "fuelType": "WIND",
    "generation": 8000,
}


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """The declared jobs as files of this test, which it may change."""
    folder = tmp_path / "jobs"
    shutil.copytree(declared.FOLDER, folder)
    monkeypatch.setattr(declared, "FOLDER", folder)
    forget()
    yield folder
    monkeypatch.undo()
    forget()


def forget():
    declared._jobs.cache_clear()
    declared.datasets.cache_clear()


def brought(tmp_path, name, *rows):
    path = tmp_path / name
    path.write_text(json.dumps(rows))
    return path


def generation(home):
    return store.open(home).rows("fuel_type_generation").column("generation_mw").to_pylist()


def test_what_has_not_changed_is_not_read_again(tmp_path):
    home = tmp_path / "home"
    load([brought(tmp_path, "fuelhh.json", ROW)], home)

    report = replay(home)

    assert report.files == []
    assert report.version == report.version_before


def test_files_read_again_leave_the_newest_in_force_and_write_no_rows(tmp_path):
    home = tmp_path / "home"
    load([brought(tmp_path, "one.json", ROW)], home)
    load([brought(tmp_path, "two.json", ROW | {"publishTime": "2024-01-15T18:00:00Z", "generation": 8100})], home)
    parts = sorted((home / "parts").iterdir())

    report = replay(home, ["fuelhh"], again=True)

    assert [file.file for file in report.files] == ["one.json", "two.json"]
    assert [(file.new, file.changed) for file in report.files] == [(0, 0), (0, 0)]
    assert generation(home) == [8100]
    assert sorted((home / "parts").iterdir()) == parts


def test_a_job_that_was_corrected_reads_what_it_refused(jobs, tmp_path):
    home = tmp_path / "home"
    path = jobs / "insights" / "fuelhh.yaml"
    right = path.read_text()
    path.write_text(right.replace("{from: generation,  type: decimal", "{from: generationOutput,  type: decimal"))
    forget()
    load([brought(tmp_path, "fuelhh_2024-01-15.json", ROW)], home)
    assert generation(home) == []
    path.write_text(right)
    forget()

    report = replay(home)

    opened = store.open(home)
    assert is_older(opened, "fuelhh") is False
    assert report.good
    assert generation(home) == [8000]
    assert opened.incomplete("fuel_type_generation", DAY) == []
    assert len(opened.quarantine()) == 1, "what was refused once stays on record"
    with reading(opened.engine) as connection:
        assert standing(connection) == {}


def test_only_the_files_of_the_days_asked_for_are_read_again(tmp_path):
    home = tmp_path / "home"
    other = ROW | {"settlementDate": "2024-01-16", "startTime": "2024-01-16T17:00:00Z"}
    load([brought(tmp_path, "one.json", ROW), brought(tmp_path, "two.json", other)], home)

    report = replay(home, ["fuelhh"], days={date(2024, 1, 16)}, again=True)

    assert [file.file for file in report.files] == ["two.json"]


def test_a_job_that_is_not_declared_is_refused(tmp_path):
    with pytest.raises(LoadError, match="found nonesuch"):
        replay(tmp_path / "home", ["nonesuch"])


def test_a_new_column_is_told_with_an_example_and_a_line_that_takes_it_in(jobs, tmp_path):
    home = tmp_path / "home"
    load([brought(tmp_path, "fuelhh.json", ROW | {"carbonIntensity": 212.5, "tripFlag": False})], home)

    found = drifts(store.open(home))

    assert [(one.job, one.field, one.example) for one in found] == [
        ("fuelhh", "carbonIntensity", "212.5"),
        ("fuelhh", "tripFlag", "False"),
    ]
    assert found[0].draft == "carbon_intensity: {from: carbonIntensity, type: decimal, unit: ?, missing: allow}"
    assert found[1].draft == "trip_flag: {from: tripFlag, type: flag, missing: allow}"


def test_a_column_taken_in_has_values_once_its_files_are_read_again(jobs, tmp_path):
    home = tmp_path / "home"
    load([brought(tmp_path, "fuelhh.json", ROW | {"carbonIntensity": 212.5, "tripFlag": False})], home)
    carbon, trip = drifts(store.open(home))

    with pytest.raises(LoadError, match="found no unit"):
        accept("fuelhh", "carbonIntensity", carbon.draft)
    accept("fuelhh", "carbonIntensity", carbon.draft, unit="g/kWh")
    accept("fuelhh", "tripFlag", trip.draft, leave_out=True)
    forget()
    report = replay(home)

    opened = store.open(home)
    assert report.findings == []
    assert opened.rows("fuel_type_generation").column("carbon_intensity").to_pylist() == [212.5]
    assert drifts(opened) == []


def test_a_dry_run_says_what_would_be_kept_and_keeps_nothing(tmp_path):
    home = tmp_path / "home"

    report = load([brought(tmp_path, "fuelhh.json", ROW)], home, manner=Manner(dry=True))

    opened = store.open(home)
    assert [(file.outcome, file.new) for file in report.files] == [("would be kept", 1)]
    assert opened.version() == 0
    assert list((home / "parts").iterdir()) == list((home / "landings").iterdir()) == []


def test_a_sample_of_a_file_reads_its_first_records_and_keeps_none(tmp_path):
    home = tmp_path / "home"
    rows = [ROW | {"fuelType": name} for name in ("WIND", "CCGT", "COAL")]

    report = load([brought(tmp_path, "fuelhh.json", *rows)], home, manner=Manner(rows=2))

    assert [(file.rows_read, file.new) for file in report.files] == [(2, 2)]
    assert store.open(home).version() == 0


def test_the_commands_list_drift_and_read_again(jobs, tmp_path):
    home = tmp_path / "home"
    load([brought(tmp_path, "fuelhh.json", ROW | {"tripFlag": True})], home)

    def bsc(*words):
        return CliRunner().invoke(build(), [*words, "--home", str(home)])

    listed, accepted = bsc("drift", "list"), bsc("drift", "accept", "fuelhh", "tripFlag")
    forget()
    again, after = bsc("load", "replay", "fuelhh"), bsc("drift", "list")

    assert (listed.exit_code, accepted.exit_code, again.exit_code, after.exit_code) == (1, 0, 0, 0)
    assert "trip_flag: {from: tripFlag, type: flag, missing: allow}" in listed.output
    assert store.open(home).rows("fuel_type_generation").column("trip_flag").to_pylist() == [True]


def test_a_fault_and_its_correction_read_again_together_leave_nothing_incomplete(tmp_path):
    home = tmp_path / "home"
    load([brought(tmp_path, "fuelhh_2024-01-15.json", ROW | {"generation": "high"})], home)
    corrected = tmp_path / "later"
    corrected.mkdir()
    load([brought(corrected, "fuelhh_2024-01-15.json", ROW)], home)
    opened = store.open(home)
    assert opened.incomplete("fuel_type_generation", DAY) == []

    replay(home, ["fuelhh"], again=True)

    assert opened.incomplete("fuel_type_generation", DAY) == []
    assert generation(home) == [8000]
