"""Every job keeps its promises: where its sample comes from, how sure it is, when it is due, and its page."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cronsim import CronSim
from typer.testing import CliRunner

from loaders import all_jobs
from loaders.catalogue import entry, pages
from loaders.job_fetch import span
from loaders.sources.folder import job_named
from settlement.command_line import AskedWrongly, build

SAMPLES = Path(__file__).parent / "samples"
CATALOGUE = Path(__file__).parents[2] / "docs" / "catalogue"
JOBS = sorted(all_jobs())
OURS = {"insights-dataset", "insights-settlement", "insights-reference", "elexon-portal"}


def test_the_command_lists_138_jobs_with_provenance_and_confidence():
    said = json.loads(CliRunner().invoke(build(), ["jobs", "--json"]).stdout)

    assert len(said) == 138
    assert {one["provenance"] for one in said} <= {"published record", "layout document", "invented"}
    assert {one["confidence"] for one in said} <= {"confirmed", "unverified"}
    assert all(one["owner"] and one["licence"] and one["cadence"] for one in said)


def test_every_confirmed_feed_of_our_families_has_a_job(shared):
    with (shared / "catalogue" / "load_jobs.csv").open(newline="", encoding="utf-8") as file:
        wanted = {
            row["id"] for row in csv.DictReader(file) if row["family"] in OURS and row["confidence"] == "confirmed"
        }
    have = {feed for job in all_jobs().values() for feed in job.feeds}

    assert len(wanted) == 118
    assert wanted - have == set()


@pytest.mark.parametrize("name", JOBS)
def test_a_sample_says_the_same_of_where_it_comes_from_as_its_job(name):
    said = (SAMPLES / name / "provenance.txt").read_text(encoding="utf-8")

    assert said.startswith(f"SYNTHETIC. {all_jobs()[name].sample}: ")


def test_what_rests_on_an_invented_layout_is_not_called_confirmed():
    own = {"parameter_notices"}  # a file of the desk's own form
    sure = {name for name, job in all_jobs().items() if job.sample == "invented" and job.confidence == "confirmed"}

    assert sure == own
    assert all(job.doubts for job in all_jobs().values() if job.confidence == "unverified")


def test_what_is_fetched_says_when_it_is_due_and_when_it_is_late():
    for name, job in all_jobs().items():
        if job.fetch.source == "folder":
            continue
        assert job.fetch.covers, name
        assert next(CronSim(job.fetch.due, datetime(2026, 1, 1, tzinfo=UTC))), name
        assert span(job.fetch.late_after), name
        assert span(job.fetch.fresh_within), name


@pytest.mark.parametrize("name", JOBS)
def test_a_file_that_bears_the_name_of_a_job_is_of_that_job(name):
    for file in (f"{name}_2024-01-15_07.json", f"{name}_published_20240115T0000_20240116T0000.json"):
        found = job_named(all_jobs().values(), file)
        assert found is not None
        assert found.job == name


def test_jobs_that_are_needed_are_there():
    assert {need for job in all_jobs().values() for need in job.needs} <= set(JOBS)


def test_the_catalogue_is_what_the_jobs_say_now():
    there = {path.name: path.read_text(encoding="utf-8") for path in CATALOGUE.glob("*.md")}

    assert there == pages(), "docs/catalogue is stale: run scripts/catalogue"


def test_the_note_of_a_column_is_the_comment_above_it():
    (table,) = entry("fuelhh")["datasets"]
    notes = {column["column"]: column["note"] for column in table["columns"]}

    assert "Below zero in the INT types where Great Britain exports" in notes["generation_mw"]
    assert notes["start_time"] == ""


def test_an_unknown_job_is_asked_wrongly():
    said = CliRunner().invoke(build(), ["jobs", "nonesuch"])

    assert isinstance(said.exception, AskedWrongly)
    assert "found 'nonesuch'" in str(said.exception)
