"""Charges of a report are settled again too: a day's tables, a Party's statement, what moved between two runs."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from reports import manifest
from reports.batch import run_notebook
from reports.formats import HTML, TABLES
from reports.open_view import open_day_and_run
from reports.outputs import output_of
from reports.render import render
from reports.signing.rerun import settled_again
from reports.subjects_of_days import of_day
from settlement.command_line import AskedWrongly

PARTY, READ = "SYNA", "metered_volume_mwh"


@pytest.fixture
def home(charged_home, tmp_path):
    """A copy of the settled workspace, to change behind the report's back."""
    return Path(shutil.copytree(charged_home, tmp_path / "workspace"))


@pytest.fixture(scope="module")
def of_a_day(charged, charged_home, make_notebook, tmp_path_factory):
    view, settled = open_day_and_run(charged.DAY, "SF", charged_home)
    folder = tmp_path_factory.mktemp("day")
    return render(make_notebook(view), of_day(view, settled), folder, formats=(HTML, TABLES)).manifest_path


@pytest.fixture(scope="module")
def of_runs(charged, charged_home, tmp_path_factory):
    """Manifests of a statement for its Party and of the change between two runs."""
    day = {"settlement_date": charged.DAY, "run": "SF"}
    given = {"party_statement": day | {"party": PARTY}, "run_variance": day | {"earlier": "II"}}
    return {
        name: run_notebook(name, one, charged_home, tmp_path_factory.mktemp(name), (HTML, TABLES)).manifest_path
        for name, one in given.items()
    }


def with_values(table, name, values):
    """A table in which one column has other values."""
    field = table.schema.field(name)
    return table.set_column(table.column_names.index(name), field, pa.array(values, field.type))


def altered_reading(home, run):
    """One more MWh in one reading, in the rows as they are kept."""
    with sqlite3.connect(home / "workspace.sqlite") as records:
        names = [one for (one,) in records.execute("SELECT sha256 FROM parts WHERE dataset = 'metered_volumes'")]
    for path in (home / "parts" / f"{name}.parquet" for name in names):
        table = pq.read_table(path)
        at = pc.index(table["run"], run).as_py()
        if at < 0:
            continue
        volumes = table[READ].to_pylist()
        volumes[at] += 1
        pq.write_table(with_values(table, READ, volumes), path)
        return path
    raise LookupError(run)


def test_a_day_with_charges_that_nobody_touched_is_the_same(home, of_a_day):
    assert str(settled_again(of_a_day, home)) == "same"


def test_a_reading_changed_behind_the_report_is_told_by_table_row_and_figure(home, of_a_day):
    path = altered_reading(home, "SF")

    again = settled_again(of_a_day, home)

    assert any(one.startswith("table unit_periods, settlement_period ") for one in again.figures), again.figures
    assert any(one.startswith("table parties, party ") for one in again.figures)
    assert any(path.name in one for one in again.inputs)


def test_a_twin_written_to_fit_another_charge_differs_from_what_is_settled(home, of_a_day, tmp_path):
    folder = Path(shutil.copytree(of_a_day.parent, tmp_path / "report"))
    (path,) = folder.glob("*.parties.parquet")
    table = pq.read_table(path)
    name = next(one for one in table.column_names if (table.schema.field(one).metadata or {}).get(b"unit") == b"GBP")
    paid = table[name].to_pylist()
    decimals = int(table.schema.field(name).metadata[b"decimals"])
    told = f"{paid[2]:.{decimals}f}"
    paid[2] += 0.01
    pq.write_table(with_values(table, name, paid), path)
    said = manifest.with_outputs(json.loads(of_a_day.read_bytes()), [output_of(path)])
    (folder / of_a_day.name).write_bytes(manifest.canonical(said))

    (figure,) = settled_again(folder / of_a_day.name, home).figures

    party = table["party"][2].as_py()
    assert figure == f"table parties, party {party}, {name}: reported {paid[2]:.{decimals}f}, found {told}"


@pytest.mark.parametrize("name", ["party_statement", "run_variance"])
def test_a_report_of_runs_that_nobody_touched_is_the_same(home, of_runs, name):
    assert str(settled_again(of_runs[name], home)) == "same"


@pytest.mark.parametrize("name", ["party_statement", "run_variance"])
def test_a_reading_changed_behind_a_report_of_runs_differs_from_the_run_that_is_kept(home, of_runs, name):
    path = altered_reading(home, "SF")

    again = settled_again(of_runs[name], home)

    assert str(again).startswith("differs: run SF "), str(again)
    assert any("metered_volume, settlement_period" in one and ": kept " in one for one in again.figures)
    assert any(path.name in one for one in again.inputs)


def test_a_report_of_reports_is_refused_and_says_what_can_be_settled_again(charged_home, of_runs, tmp_path):
    said = json.loads(of_runs["run_variance"].read_bytes()) | {"kind": "batch_index"}
    path = tmp_path / "batch.manifest.json"
    path.write_bytes(manifest.canonical(said))

    with pytest.raises(AskedWrongly, match="wanted one of settlement_day, period_detail, party_statement"):
        settled_again(path, charged_home)
