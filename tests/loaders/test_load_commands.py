"""The verbs load, jobs and status: what they print, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from loaders import all_jobs, commands, commands_load
from settlement.command_line import AskedWrongly

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def bsc():
    app = typer.Typer()
    app.add_typer(commands_load.load, name="load")
    for name in ("jobs", "status"):
        app.command(name)(getattr(commands, name))
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def sample(tmp_path, *patterns):
    folder = tmp_path / "inbox"
    folder.mkdir()
    for job in ("disbsad", "pn"):
        for pattern in patterns:
            for path in (SAMPLES / job).glob(pattern):
                (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_a_good_load_ends_with_0_and_a_table_a_reader_can_follow(bsc, tmp_path):
    answer = bsc("load", "--from", sample(tmp_path, "SYNTHETIC*"), "--home", tmp_path / "home")

    assert answer.exit_code == 0
    lines = [line.split() for line in answer.output.splitlines()]
    assert lines[0][:4] == ["file", "job", "outcome", "rows"]
    assert lines[1][:5] == ["SYNTHETIC_DISBSAD_2024-01-15.json", "disbsad", "kept", "2", "2"]
    assert answer.output.splitlines()[-1] == "2 of 2 files kept, 0 rows withdrawn; store version 2"


def test_a_refused_row_ends_with_1_and_is_told(bsc, tmp_path):
    answer = bsc("load", "--from", sample(tmp_path, "broken*"), "--home", tmp_path / "home")

    assert answer.exit_code == 1
    assert "broken_DISBSAD_2024-01-15.json, row 3, cost_gbp: found 'NaN', wanted a number of GBP" in answer.output


def test_load_answers_machines_in_json(bsc, tmp_path):
    answer = bsc("load", "--from", sample(tmp_path, "broken*"), "--home", tmp_path / "home", "--json")

    said = json.loads(answer.output)
    assert answer.exit_code == 1
    assert said["good"] is False
    assert {file["job"]: file["refused"] for file in said["files"]} == {"disbsad": 2, "pn": 2}
    assert {"file", "row", "column", "found", "wanted", "todo", "weight"} == set(said["files"][0]["findings"][0])


def test_the_same_load_again_is_a_repeat_and_ends_with_0(bsc, tmp_path):
    folder = sample(tmp_path, "SYNTHETIC*")
    bsc("load", "--from", folder, "--home", tmp_path / "home")

    answer = bsc("load", "--from", folder, "--home", tmp_path / "home", "--json")

    said = json.loads(answer.output)
    assert answer.exit_code == 0
    assert [file["outcome"] for file in said["files"]] == ["repeated", "repeated"]
    assert said["version_before"] == said["version"]


def test_a_folder_that_is_not_there_is_asked_wrongly(bsc, tmp_path):
    answer = bsc("load", "--from", tmp_path / "nowhere", "--home", tmp_path / "home")

    assert isinstance(answer.exception, AskedWrongly)
    assert not (tmp_path / "home").exists()


def test_an_empty_folder_is_asked_wrongly(bsc, tmp_path):
    (tmp_path / "empty").mkdir()

    answer = bsc("load", "--from", tmp_path / "empty", "--home", tmp_path / "home")

    assert isinstance(answer.exception, AskedWrongly)


def test_jobs_lists_every_declared_job(bsc):
    said = json.loads(bsc("jobs", "--json").output)

    assert {job["job"] for job in said} == set(all_jobs())
    assert all(job["owner"] and job["licence"] for job in said)
    assert "settlement_stack" in bsc("jobs").output


def test_status_counts_what_the_workspace_holds(bsc, tmp_path):
    bsc("load", "--from", sample(tmp_path, "*.json"), "--home", tmp_path / "home")

    said = json.loads(bsc("status", "--home", tmp_path / "home", "--json").output)

    assert (said["version"], said["landings"], said["synthetic"]) == (2, 4, 3)
    assert (said["quarantined"], said["unsent"], said["runs"]) == (4, 0, 0)
    assert [row["dataset"] for row in said["datasets"]] == ["adjustment_actions", "physical_notifications"]
    assert "4 rows in quarantine" in bsc("status", "--home", tmp_path / "home").output


def test_status_says_how_each_job_stands(bsc, tmp_path):
    bsc("load", "--from", SAMPLES / "disbsad" / "SYNTHETIC_DISBSAD_2024-01-15.json", "--home", tmp_path / "home")

    shown = bsc("status", "--home", tmp_path / "home")
    said = json.loads(bsc("status", "--home", tmp_path / "home", "--json").output)

    assert shown.exit_code == 0
    assert {job["job"] for job in said["jobs"]} == set(all_jobs())
    assert {job["state"] for job in said["jobs"] if job["job"] != "disbsad"} == {"never"}
    assert [job["state"] for job in said["jobs"] if job["job"] == "disbsad"] == ["fresh"]
    assert any(line.split()[:2] == ["disbsad", "fresh"] for line in shown.output.splitlines())


def test_status_gives_figures_for_prometheus(bsc, tmp_path):
    bsc("load", "--from", SAMPLES / "disbsad" / "SYNTHETIC_DISBSAD_2024-01-15.json", "--home", tmp_path / "home")

    shown = bsc("status", "--home", tmp_path / "home", "--metrics")

    assert shown.exit_code == 0
    assert 'bsc_load_state{job="disbsad",state="fresh"} 1.0' in shown.output


def test_status_of_no_workspace_is_asked_wrongly(bsc, tmp_path):
    assert isinstance(bsc("status", "--home", tmp_path / "nowhere").exception, AskedWrongly)


def test_the_verbs_are_imported_without_what_is_slow():
    slow = ["pyarrow", "pandas", "numpy", "sqlalchemy", "alembic", "pydantic", "duckdb", "msgspec", "yaml"]
    code = f"import sys, loaders, loaders.commands; print([m for m in {slow} if m in sys.modules])"

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
