"""A report settled again says the same, or which figure and which input is another."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import reports
from loaders.store.files import sha256
from loaders.store.parts import rows_hash
from reports import manifest
from reports.signing.rerun import settled_again
from settlement.command_line import AskedWrongly

DAY = date(2024, 1, 15)


@pytest.fixture
def home(settled_home, tmp_path):
    """A copy of the settled workspace, to change behind the report's back."""
    return Path(shutil.copytree(settled_home, tmp_path / "workspace"))


@pytest.fixture
def made(home, make_report, tmp_path):
    return make_report(reports.open_day_view(DAY, None, home), tmp_path / "report")


def part_file(home, dataset):
    with sqlite3.connect(home / "workspace.sqlite") as records:
        (name,) = records.execute("SELECT sha256 FROM parts WHERE dataset = ?", (dataset,)).fetchone()
    return home / "parts" / f"{name}.parquet"


def raised(path, column, period, by):
    """The table of a part in which one column of a period is higher."""
    rows = pq.read_table(path).to_pylist()
    for row in rows:
        if row["settlement_period"] == period and row[column] is not None:
            row[column] += by
    return pa.Table.from_pylist(rows, schema=pq.read_schema(path))


def held(home):
    """How much a workspace holds: files, and rows of what happened."""
    with sqlite3.connect(home / "workspace.sqlite") as records:
        counts = [
            records.execute(f"SELECT count(*) FROM {name}").fetchone()
            for name in ("runs", "run_calls", "outbox", "versions")
        ]
    return sorted(path.name for folder in ("parts", "landings") for path in (home / folder).iterdir()), counts


def test_an_untouched_workspace_gives_the_same_and_keeps_nothing(home, made):
    before = held(home)

    assert str(settled_again(made.manifest_path, home)) == "same"
    assert held(home) == before


def test_a_stored_price_changed_behind_the_report_is_told_by_period_and_figure(home, made):
    path = part_file(home, "settlement_stack")
    pq.write_table(raised(path, "original_price", 9, 1), path)
    reported = json.loads(made.manifest_path.read_bytes())["results"][8]["own"]

    said = str(settled_again(made.manifest_path, home))

    # Every action of the period costs 1 GBP/MWh more, and so does any average of them.
    assert said.startswith(f"differs: period 9, own price: reported {reported}, found {Decimal(reported) + 1}, and "), (
        said
    )
    assert f"input rows of settlement_stack, file {path.name}: altered, found SHA-256" in said


def test_a_published_price_changed_is_told_too(home, made):
    path = part_file(home, "system_prices")
    table = raised(path, "system_buy_price", 12, 5)
    pq.write_table(table, path)

    assert "period 12, published price: reported " in str(settled_again(made.manifest_path, home))


@pytest.mark.parametrize("rewritten", [False, True])
def test_records_written_to_fit_a_changed_price_are_seen(home, made, rewritten):
    path = part_file(home, "settlement_stack")
    table = raised(path, "original_price", 9, 1)
    pq.write_table(table, path)
    name = sha256(path.read_bytes())
    path.rename(path.with_name(f"{name}.parquet"))
    with sqlite3.connect(home / "workspace.sqlite") as records:
        records.execute("UPDATE parts SET sha256 = ? WHERE dataset = 'settlement_stack'", (name,))
        if rewritten:
            records.execute("UPDATE parts SET rows_hash = ? WHERE dataset = 'settlement_stack'", (rows_hash(table),))

    said = settled_again(made.manifest_path, home)

    assert str(said).startswith("differs: period 9, own price")
    assert any("gone from the store" in one if rewritten else "found rows of hash" in one for one in said.inputs)


def test_a_file_as_received_that_is_gone_or_altered_is_told_by_name_and_hash(home, made):
    first, second = json.loads(made.manifest_path.read_bytes())["landings"][:2]
    (home / "landings" / first["sha256"]).unlink()
    (home / "landings" / second["sha256"]).write_bytes(b"other")

    again = settled_again(made.manifest_path, home)

    assert not again.good and again.figures == ()
    assert again.inputs[0] == f"input file {first['file']} with SHA-256 {first['sha256']}: gone"
    assert again.inputs[1].startswith(f"input file {second['file']} with SHA-256 {second['sha256']}: altered")


def test_rows_that_are_gone_differ_and_say_which_file(home, made):
    path = part_file(home, "settlement_stack")
    path.unlink()

    assert path.stem in str(settled_again(made.manifest_path, home))


def test_another_code_with_the_same_figures_differs_only_in_code_version(home, made):
    said = json.loads(made.manifest_path.read_bytes())
    made.manifest_path.write_bytes(manifest.canonical(manifest.sealed(said | {"code_hash": "0" * 64})))

    assert str(settled_again(made.manifest_path, home)) == "differs only in code version"


def test_a_store_that_never_came_so_far_differs(home, day, make_report, tmp_path):
    other = make_report(replace(day, settlement_date=DAY), tmp_path / "other")

    assert "store version: found 1284" in str(settled_again(other.manifest_path, home))


def test_assumed_actions_are_asked_for_and_held_to_their_hash(home, make_report, tmp_path):
    from reports.day_settlement import settle_day

    file = tmp_path / "assumed.csv"
    file.write_text("settlement_date,settlement_period,volume_mwh,price_gbp_per_mwh,so_flag\n")
    settle_day(DAY, home=home, assume=file)
    made = make_report(reports.open_day_view(DAY, None, home), tmp_path / "assumed")

    assert str(settled_again(made.manifest_path, home, file)) == "same"
    with pytest.raises(AskedWrongly, match=r"wanted assumed.csv"):
        settled_again(made.manifest_path, home)
    file.write_text(file.read_text() + "2024-01-15,5,1,2,false\n")
    with pytest.raises(AskedWrongly, match="with SHA-256"):
        settled_again(made.manifest_path, home, file)


def test_no_workspace_is_asked_wrongly_and_none_is_made(made, tmp_path):
    with pytest.raises(AskedWrongly, match="found no workspace"):
        settled_again(made.manifest_path, tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_the_command_prints_one_line_and_leaves_with_its_code(home, made, bsc):
    words = ("verify", str(made.html_path), "--rerun")
    command = [str(Path(sys.executable).with_name("bsc")), *words, "--home", str(home)]
    same = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    path = part_file(home, "settlement_stack")
    pq.write_table(raised(path, "original_price", 9, 1), path)
    other, said, _ = bsc(*words, home=home)

    assert (same.returncode, same.stdout) == (0, "same\n"), same.stderr
    assert other == 1 and said.startswith("differs: period 9") and said.count("\n") == 1
    assert "not signed" in same.stderr
