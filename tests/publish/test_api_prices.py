"""The answers are the figures of the store, the same in JSON and CSV, and absent is not zero."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from loaders import store

_spec = importlib.util.spec_from_file_location("api_fixtures", Path(__file__).with_name("api_fixtures.py"))
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)

DAY = f"/v1/prices/{given.DAY}"
PATHS = [DAY, f"{DAY}/9", f"{DAY}/9/stack", f"{DAY}/9/explain"]
STACK_FIGURES = {
    "volume_mwh": "action_volume",
    "dmat_adjusted_volume_mwh": "de_minimis_adjusted_volume",
    "arbitrage_adjusted_volume_mwh": "arbitrage_adjusted_volume",
    "niv_adjusted_volume_mwh": "net_imbalance_adjusted_volume",
    "par_adjusted_volume_mwh": "price_average_adjusted_volume",
    "tlm": "action_loss_multiplier",
    "tlm_adjusted_volume_mwh": "loss_adjusted_volume",
    "tlm_adjusted_cost_gbp": "loss_adjusted_cost",
}


@pytest.fixture(scope="module")
def tables(settled_home):
    """The tables of the kept run, read past everything that answers."""
    box = store.open(settled_home)
    (run,) = box.runs(given.DAY)
    return box.run_tables(run.run_id)


def rounded(value, places):
    return Decimal(repr(value)).quantize(Decimal(places), rounding=ROUND_HALF_UP)


def test_prices_and_net_volumes_are_those_of_the_kept_run(client, tables):
    kept = tables["settlement_period"].to_pydict()
    expected = {
        period: (rounded(price, "0.00001"), rounded(volume, "0.0001"))
        for period, price, volume in zip(
            kept["key.settlement_period"], kept["system_price"], kept["net_imbalance_volume"], strict=True
        )
    }

    rows = client.get(DAY).json()["rows"]

    told = {
        row["settlement_period"]: (Decimal(row["sbp_gbp_per_mwh"]), Decimal(row["niv_mwh"]))
        for row in rows
        if row["sbp_gbp_per_mwh"] is not None
    }
    assert [row["settlement_period"] for row in rows] == list(range(1, 49))
    assert len(expected) == 47
    assert told == expected


def test_figures_have_their_decimals_as_text(client):
    rows = client.get(DAY).json()["rows"]

    settled = [row for row in rows if row["settlement_period"] != given.NO_STACK]
    assert {row["sbp_gbp_per_mwh"].partition(".")[2].__len__() for row in settled} == {5}
    assert {row["niv_mwh"].partition(".")[2].__len__() for row in settled} == {4}


def test_published_prices_are_those_of_the_file_that_came(client, synthetic_folder):
    (path,) = synthetic_folder.glob("SYNTHETIC_system-prices_*.json")
    records = json.loads(path.read_text(), parse_float=Decimal)["data"]
    expected = {record["settlementPeriod"]: Decimal(record["systemBuyPrice"]) for record in records}

    rows = client.get(DAY).json()["rows"]

    told = {row["settlement_period"]: Decimal(row["published_sbp_gbp_per_mwh"]) for row in rows}
    assert told == {period: price.quantize(Decimal("0.00001"), ROUND_HALF_UP) for period, price in expected.items()}


def test_stacks_of_all_periods_hold_every_action_with_its_very_figures(client, tables):
    kept = tables["action_row"].to_pylist()
    expected = {(row["key.settlement_period"], row["key.side"], row["key.action"]): row for row in kept}

    told = {
        (row["settlement_period"], row["side"], row["action"]): row
        for period in range(1, 49)
        for row in client.get(f"{DAY}/{period}/stack").json()["rows"]
    }

    assert told.keys() == expected.keys()
    for key, row in told.items():
        figures = {column: float(row[column]) for column in STACK_FIGURES}
        assert figures == {column: expected[key][quantity] for column, quantity in STACK_FIGURES.items()}, key
        assert (row["sha256"], row["source_row"]) == (expected[key]["from.sha256"], expected[key]["from.source_row"])


def test_what_is_left_of_nothing_has_no_price(client, tables):
    left = {
        (row["key.side"], row["key.action"]): row["final_price"]
        for row in tables["net_imbalance_row"].to_pylist()
        if row["key.settlement_period"] == 9
    }

    rows = client.get(f"{DAY}/9/stack").json()["rows"]

    told = {(row["side"], row["action"]): row["final_price_gbp_per_mwh"] for row in rows}
    assert {key: float(price) for key, price in told.items() if price is not None} == left
    assert any(price is None for price in told.values())


def test_the_period_is_the_row_that_the_day_has_of_it(client):
    of_day = client.get(DAY).json()["rows"][8]

    answer = client.get(f"{DAY}/9").json()

    assert answer["rows"] == [of_day]


@pytest.mark.parametrize("path", PATHS)
def test_csv_says_the_same_as_json(client, path):
    answer = client.get(path, headers={"Accept": "application/json"}).json()
    rows = answer["rows"] if "rows" in answer else list(walked(answer["explanation"]))

    text = client.get(path, headers={"Accept": "text/csv"})

    assert text.headers["content-type"].startswith("text/csv")
    read = list(csv.DictReader(io.StringIO(text.text, newline="")))
    assert read == [{name: given.as_csv_cell(value) for name, value in row.items()} for row in rows]
    assert read
    assert client.get(path, params={"format": "csv"}).content == text.content


def walked(node):
    """A tree as the rows of its CSV."""
    row = {name: value for name, value in node.items() if name != "inputs"}
    yield row | {"key": "; ".join(f"{name}={label}" for name, label in node["key"].items())}
    for child in node["inputs"]:
        yield from walked(child)


def test_a_period_without_a_stack_has_no_figures_and_says_why(client):
    row = client.get(f"{DAY}/{given.NO_STACK}").json()["rows"][0]

    own = ["sbp", "difference", "rp", "mip", "price_adjustment", "rsvp"]
    assert [row[f"{name}_gbp_per_mwh"] for name in own] == [None] * 6
    assert (row["niv_mwh"], row["worth_gbp"], row["rprv_mwh"]) == (None, None, None)
    assert row["class"] == "not comparable"
    assert "stack" in row["reason"]
    assert Decimal(row["published_sbp_gbp_per_mwh"]) != 0


def test_a_period_without_a_stack_has_empty_cells_in_csv(client):
    text = client.get(f"{DAY}/{given.NO_STACK}", params={"format": "csv"}).text

    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["sbp_gbp_per_mwh"], row["niv_mwh"], row["price_adjustment_gbp_per_mwh"]) == ("", "", "")


def test_a_period_without_a_stack_has_no_actions_and_an_explanation_of_their_absence(client):
    stack = client.get(f"{DAY}/{given.NO_STACK}/stack").json()
    explanation = client.get(f"{DAY}/{given.NO_STACK}/explain").json()["explanation"]

    assert stack["rows"] == []
    assert explanation["value"] is None
    assert "stack did not arrive" in explanation["not_shown"]


def test_an_explanation_ends_in_rows_of_files_that_hold_the_number(client, synthetic_folder):
    root = client.get(f"{DAY}/9/explain").json()["explanation"]

    row = client.get(f"{DAY}/9").json()["rows"][0]
    assert Decimal(root["value"]).quantize(Decimal("0.00001")) == Decimal(row["sbp_gbp_per_mwh"])
    columns = {"original_price": "originalPrice", "action_loss_multiplier": "transmissionLossMultiplier"}
    ends = [node for node in walked(root) if node["quantity"] in columns and node["file"]]
    assert {node["quantity"] for node in ends} >= {"action_loss_multiplier"}
    for node in ends:
        record = json.loads((synthetic_folder / node["file"]).read_text())["data"][node["source_row"] - 1]
        assert Decimal(node["value"]) == Decimal(repr(float(record[columns[node["quantity"]]])))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_each_answer_says_that_the_day_is_synthetic(client, path, form):
    answer = client.get(path, params={"format": form})

    assert answer.headers["x-marks"] == "SYNTHETIC"
    assert 'filename="SYNTHETIC_' in answer.headers["content-disposition"]
    if form == "json":
        about = answer.json()["about"]
        assert (about["marks"], about["synthetic"], about["assumed"]) == (["SYNTHETIC"], True, None)


@pytest.mark.parametrize("path", PATHS)
def test_who_holds_an_answer_gets_304_until_it_changes(client, path):
    first = client.get(path)
    etag = first.headers["etag"]

    held = client.get(path, headers={"If-None-Match": f'"other", W/{etag}'})
    other = client.get(path, headers={"If-None-Match": '"other"'})

    assert (held.status_code, held.content, held.headers["etag"]) == (304, b"", etag)
    assert (other.status_code, other.content) == (200, first.content)
    assert not etag.startswith("W/")
    assert "no-cache" in first.headers["cache-control"]


def test_json_and_csv_have_etags_of_their_own(client):
    of_json = client.get(DAY).headers["etag"]

    answer = client.get(DAY, params={"format": "csv"}, headers={"If-None-Match": of_json})

    assert answer.status_code == 200
    assert answer.headers["vary"] == "Accept"


def test_a_run_can_be_named_by_type_and_by_id(client):
    run_id = client.get(DAY).json()["about"]["run_id"]

    by_id = client.get(DAY, params={"run": run_id})
    by_type = client.get(DAY, params={"run": "SF"})

    assert by_id.json()["about"]["run_id"] == run_id
    assert by_type.status_code == 404
