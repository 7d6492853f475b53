"""The machine twins: each table whole, each column with unit and sign, and the same bytes whenever they are made."""

from __future__ import annotations

import io
import json
import os
import shutil
import time
import zipfile
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from reports import manifest
from reports.figures import figures
from reports.open_view import open_day_and_run
from reports.render import NotRendered, render
from reports.twins import Column, Told, files_of, table_of, tables_of_day, tables_of_run
from reports.twins.files import reported
from reports.twins.table import Table, WrongTable, table
from reports.verification import verify

TOLD = Told("settlement-x", "A day, SYNTHETIC", "2026-10-14", "IP", "a" * 64, "b" * 64, True, None, ("No charges.",))


@pytest.fixture(scope="module")
def made(day):
    return files_of(tables_of_day(day), TOLD)


@pytest.fixture(scope="module")
def listed(made):
    return json.loads(made["settlement-x.tables.json"])


@pytest.fixture(scope="module")
def sheets(made):
    book = CalamineWorkbook.from_filelike(io.BytesIO(made["settlement-x.xlsx"]))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.fixture(scope="module")
def charged_tables(charged, charged_home):
    _, settled = open_day_and_run(charged.DAY, "SF", charged_home)
    return {one.name: one for one in tables_of_run(settled)}


def one_of(listed, name):
    return next(one for one in listed["tables"] if one["name"] == name)


def records(listed, name):
    held = one_of(listed, name)
    names = [one["name"] for one in held["columns"]]
    return [dict(zip(names, row, strict=True)) for row in held["rows"]]


def test_the_json_says_of_each_period_what_the_manifest_says(day, listed):
    wanted = [manifest.result(view) for view in day.periods]

    found = [{name: row[name] for name in wanted[0]} for row in records(listed, "periods")]
    assert found == wanted


def test_what_is_not_there_is_null_and_no_zero(listed):
    row = records(listed, "periods")[19]

    assert row["own"] is None and row["net_imbalance_volume"] is None and row["published"] == "96.21740"


def test_every_action_of_every_stack_is_there_once(day, listed):
    rows = records(listed, "actions")

    assert len(rows) == sum(len(view.actions) for view in day.periods)
    keys = [(row["settlement_period"], row["side"], row["action"]) for row in rows]
    assert len(set(keys)) == len(keys)


def test_volumes_of_a_period_add_up_to_those_after_each_stage(day, listed):
    left = {"3": "volume", "4a": "de_minimis_adjusted_volume", "6": "net_imbalance_adjusted_volume"}
    actions = [row for row in records(listed, "actions") if row["settlement_period"] == 37]
    stages = {row["stage"]: row for row in records(listed, "stages") if row["settlement_period"] == 37}

    for stage, name in left.items():
        whole = sum(Decimal(row[name]) for row in actions)
        assert whole == Decimal(stages[stage]["buys_left"]) + Decimal(stages[stage]["sells_left"]), stage


def test_parquet_holds_figures_in_full_with_unit_sign_and_clause(day, made):
    held = pq.read_table(io.BytesIO(made["settlement-x.periods.parquet"]))

    fields = held.schema
    assert fields.field("own").metadata[b"unit"] == b"GBP/MWh"
    assert fields.field("net_imbalance_volume").metadata[b"sign"] == b"above zero: short; below: long"
    assert fields.field("own").metadata[b"symbol"] and fields.field("own").metadata[b"clause"].startswith(b"T4")
    assert fields.metadata[b"run_id"] == b"a" * 64 and fields.metadata[b"synthetic"] == b"true"
    assert held.column("system_price").to_pylist() == [view.system_price for view in day.periods]
    assert held.column("start").to_pylist() == [view.start for view in day.periods]


def test_the_workbook_has_a_sheet_a_table_with_units_below_the_names(day, sheets, listed):
    assert list(sheets) == ["report", *(one["name"] for one in listed["tables"])]
    head, units, *rows = sheets["periods"]
    at = head.index("own")
    assert units[at] == "GBP/MWh"
    assert [row[at] for row in rows] == ["" if v.own is None else float(v.own) for v in day.periods]


def test_the_first_sheet_says_report_run_hash_synthetic_and_what_is_not_covered(sheets):
    said = [tuple(row[:2]) for row in sheets["report"]]

    assert ("Report", "A day, SYNTHETIC") in said and ("Stamp", "SYNTHETIC") in said
    assert ("Run id", "a" * 64) in said and ("Content SHA-256", "b" * 64) in said
    assert ("Not covered", "No charges.") in said


def test_no_text_of_the_data_is_a_formula_or_a_link(day):
    bad = replace(day.refusals[0], found='=HYPERLINK("http://x.invalid","y")', wanted="+1+1", todo="https://x.invalid")
    made = files_of(tables_of_day(replace(day, refusals=(bad,))), TOLD)["settlement-x.xlsx"]

    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        inside = b"".join(packed.read(name) for name in packed.namelist() if name.startswith("xl/worksheets/"))
    assert b"<f>" not in inside and b"hyperlink" not in inside.lower()


def test_a_day_without_refusals_has_an_empty_table_of_them(day):
    listed = json.loads(files_of(tables_of_day(replace(day, refusals=())), TOLD)["settlement-x.tables.json"])

    assert one_of(listed, "refusals")["rows"] == [] and one_of(listed, "refusals")["columns"]


def test_equal_tables_give_equal_bytes_later_and_in_another_zone(day, made, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        time.sleep(2.1)  # a zip tells its time in steps of two seconds
        again = files_of(tables_of_day(day), TOLD)
    finally:
        monkeypatch.undo()
        time.tzset()

    assert os.environ.get("TZ") != "Asia/Tokyo"
    assert {name for name in made if made[name] != again[name]} == set()


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12), st.integers(0, 9))
def test_a_figure_is_rounded_half_away_from_zero_as_reports_do(value, places):
    wanted = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)

    found = reported(value, places)
    assert Decimal(found) == wanted and len(found.partition(".")[2]) == places
    assert not (found.startswith("-") and wanted == 0)


@given(st.integers(-10_000_000, 10_000_000), st.integers(1, 6))
def test_a_figure_that_lies_between_two_goes_away_from_zero(whole, places):
    value = float(Decimal(whole * 10 + 5).scaleb(-places - 1))

    wanted = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    assert Decimal(reported(value, places)) == wanted


def test_what_has_no_price_costs_infinity_and_not_nothing():
    held = table("costs", "Costs", [Column("cost", "figure", "GBP")], [[float("-inf")], [None]])
    made = files_of([held], TOLD)

    assert one_of(json.loads(made["settlement-x.tables.json"]), "costs")["rows"] == [["-Infinity"], [None]]


def values(held, quantity):
    """The column of a quantity as a frame beside its keys."""
    name = next(one.name for one in held.columns if one.quantity == quantity)
    return held.data.to_pandas()[name]


def test_what_all_parties_are_due_is_what_the_system_operator_pays(charged, charged_home, charged_tables):
    _, settled = open_day_and_run(charged.DAY, "SF", charged_home)
    paid = float(settled.values("daily_system_operator_bm_cashflow").sum())

    net = values(charged_tables["parties"], "daily_party_net_due")
    assert len(net) > 2 and abs(paid) > 1
    assert net.sum() == pytest.approx(paid, abs=0.005)


def test_what_one_account_sells_another_buys(charged_tables):
    contracts = values(charged_tables["account_periods"], "account_bilateral_contract_volume")

    assert contracts.abs().max() > 1
    assert contracts.sum() == pytest.approx(0, abs=1e-6)


def test_every_daily_quantity_of_a_party_is_there_with_its_unit(charged, charged_home, charged_tables):
    _, settled = open_day_and_run(charged.DAY, "SF", charged_home)
    held = {one.quantity: one for one in charged_tables["parties"].columns}

    daily = {name for name in settled.arrays if name.startswith("daily_party_")}
    assert daily <= set(held) and all(held[name].unit == "GBP" and held[name].clause for name in daily)


def test_volumes_of_units_by_period_add_up_to_those_over_the_day(charged_tables):
    by_period = charged_tables["unit_periods"]
    cashflow = values(by_period, "bm_unit_cashflow")
    summed = cashflow.groupby(by_period.data.column("bm_unit").to_pandas()).sum()
    over_the_day = charged_tables["units"].data.to_pandas().set_index("bm_unit")["bm_cashflow"]

    assert over_the_day.abs().max() > 1
    assert {unit: round(value, 6) for unit, value in summed.items()} == over_the_day.round(6).to_dict()


def test_a_run_of_prices_has_no_table_of_parties(settled_home):
    _, settled = open_day_and_run(__import__("datetime").date(2024, 1, 15), "IP", settled_home)

    assert tables_of_run(settled) == []


def test_column_names_of_a_table_are_its_own(charged_tables, day):
    for one in [*charged_tables.values(), *tables_of_day(day)]:
        names = [column.name for column in one.columns]
        assert len(set(names)) == len(names), one.name


def test_an_analysts_table_goes_along_with_units_and_absence():
    frame = pd.DataFrame(
        {"net due": [1.005, np.nan], "said": ["=x", None], "n": [1, 2]}, pd.Index(["A", "B"], name="party")
    )
    held = table_of(
        "mine", "Mine", figures(frame, {"net due": "GBP"}, "A note."), {"net due": Column("x", clause="T1")}
    )

    listed = json.loads(files_of([held], TOLD)["settlement-x.tables.json"])
    assert one_of(listed, "mine")["rows"] == [["A", "1.01", "=x", 1], ["B", None, None, 2]]
    assert one_of(listed, "mine")["columns"][1] == {
        "name": "net_due", "kind": "figure", "unit": "GBP", "decimals": 2, "clause": "T1",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["manifest", "signature", "Actions", "a/b", ""])
def test_a_name_that_another_file_has_is_refused(name):
    with pytest.raises(WrongTable, match=r"found this name, wanted small letters"):
        Table(name, "x", (), None)


def test_a_value_of_another_kind_is_refused_with_table_and_column():
    with pytest.raises(WrongTable, match="table x, volume: found a value that is no figure"):
        table("x", "X", [Column("volume", "figure")], [["much"]])


def test_a_report_with_all_formats_is_good_and_names_each_file(day, make_notebook, tmp_path):
    few = replace(day, periods=day.periods[36:38])
    made = render(make_notebook(few), few, tmp_path, formats=("html", "tables", "pdf"))

    named = {one["file"]: one["kind"] for one in json.loads(made.manifest_path.read_text())["outputs"]}
    there = {path.name for path in tmp_path.iterdir()} - {made.html_path.name, made.manifest_path.name}
    assert set(named) == there == {path.name for path in made.beside}
    assert sorted(set(named.values())) == ["json", "parquet", "pdf", "xlsx"]
    assert verify(made.html_path).good
    for kind in ("json", "parquet", "pdf", "xlsx"):
        path = tmp_path / next(name for name, of in named.items() if of == kind)
        good = path.read_bytes()
        path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        assert path.name in {one.file for one in verify(made.html_path).wrong}
        path.write_bytes(good)


def test_formats_that_are_not_made_again_do_not_lie_beside_a_newer_report(day, make_notebook, tmp_path):
    few = replace(day, periods=day.periods[36:37])
    stranger = tmp_path / "notes.pdf"
    stranger.write_bytes(b"mine")
    first = render(make_notebook(few), few, tmp_path, formats=("html", "tables"))

    second = render(make_notebook(few), few, tmp_path)

    assert first.beside and not second.beside
    assert sorted(tmp_path.iterdir()) == sorted([second.html_path, second.manifest_path, stranger])


def test_a_format_that_cannot_be_made_leaves_nothing_written(day, make_notebook, tmp_path):
    notebook = make_notebook(day)
    notebook.cells[0].outputs[0]["data"]["text/html"] = (
        notebook.cells[0].outputs[0]["data"]["text/html"].replace('<p class="kick">', '<blink></blink><p class="kick">')
    )

    with pytest.raises(NotRendered, match="blink"):
        render(notebook, day, tmp_path, formats=("html", "tables", "pdf"))
    assert list(tmp_path.iterdir()) == []


def test_formats_make_another_run_of_a_batch(settled_home, light_notebook, tmp_path):
    from datetime import date

    from loaders import store as stores
    from reports.batch.planning import plan

    store = stores.open(settled_home)
    ways = [("html",), ("html", "tables"), ("html", "tables", "pdf")]
    keys = [
        plan(store, str(light_notebook), [(date(2024, 1, 15), "IP")], tmp_path, formats=one).to_run[0].run_key
        for one in [*ways, ways[0]]
    ]

    assert keys[0] == keys[3] and all(before != after for before, after in pairwise(keys[:3]))


def test_a_copy_without_refusals_has_none_in_any_file(day):
    secret = replace(day.refusals[0], found="secret-of-the-desk")
    whole = files_of(tables_of_day(replace(day, refusals=(secret,))), TOLD)
    copy = files_of(tables_of_day(replace(day, refusals=())), TOLD)

    assert b"secret-of-the-desk" in whole["settlement-x.tables.json"]
    assert b"secret-of-the-desk" not in b"".join(copy.values())


def test_a_long_table_says_in_the_workbook_and_in_json_where_the_rest_is():
    from reports.twins import files, workbook

    columns = [Column("n", "count")]
    long = table("long", "Long", columns, ([one] for one in range(files.MOST_CELLS + 1)))

    made = files_of([long], TOLD)

    listed = one_of(json.loads(made["settlement-x.tables.json"]), "long")
    assert listed["rows"] is None and listed["row_count"] == files.MOST_CELLS + 1
    rows = CalamineWorkbook.from_filelike(io.BytesIO(made["settlement-x.xlsx"])).get_sheet_by_name("long").to_python()
    rest = files.MOST_CELLS + 1 - workbook.MOST_CELLS
    assert rows[-1] == [f"{rest:,} more rows: settlement-x.long.parquet"]
    assert pq.read_table(io.BytesIO(made[listed["parquet"]])).num_rows == files.MOST_CELLS + 1


def test_a_batch_with_tables_and_paper_leaves_them_beside_each_report_and_takes_them_away_again(
    batches, settled_home, light_notebook, tmp_path
):
    from loaders import store as stores
    from reports.batch.planning import plan
    from reports.batch.whole_batch import run_batch

    home, out = Path(shutil.copytree(settled_home, tmp_path / "workspace")), tmp_path / "out"
    store = stores.open(home)

    def made(*formats):
        summary = run_batch(
            store, plan(store, str(light_notebook), [(batches.DAY, "IP")], out, formats=formats), jobs=1
        )
        assert (summary.done, summary.failed, summary.errors) == (1, 0, [])
        return {path.suffix for path in out.glob("settlement-*")}

    assert made("html", "tables", "pdf") == {".html", ".json", ".parquet", ".xlsx", ".pdf"}
    assert verify(next(out.glob("settlement-*.html"))).good
    assert made("html") == {".html", ".json"}
    assert len(list(out.glob("settlement-*.json"))) == 1
