"""A row is followed back to the record that it came from, and to what its key said before."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
import typer
from typer.testing import CliRunner

from loaders import commands_history
from loaders.declared import dataset_named, job_hash
from loaders.formats import csv
from loaders.formats.record import records_at
from loaders.lineage import lineage
from settlement.command_line import AskedWrongly, FoundWrong

DAY = date(2024, 1, 15)
DISBSAD = "SYNTHETIC_DISBSAD_2024-01-15.json"


@pytest.fixture
def bsc():
    app = typer.Typer()
    for name in ("diff", "lineage"):
        app.command(name)(getattr(commands_history, name))
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def adjusted(desk):
    """An action that is told, told otherwise, taken back, and told again; another that stays, one that goes."""
    for costs in ({1: 10.0, 2: 20.0}, {1: 11.0, 2: 20.0, 3: 30.0}, {2: 20.0}, {1: 12.0, 2: 20.0}):
        desk.load_files({DISBSAD: [desk.adjustment_row(number, cost=cost) for number, cost in costs.items()]})
    return desk


def told(desk, key, version=None):
    found = lineage(desk.store, dataset_named("adjustment_actions"), key, version or desk.store.version())
    return {
        one.key["adjustment_id"]: [(t.state, t.version, t.values.get("cost_gbp")) for t in one.told]
        for one in found.keys
    }


def test_a_key_tells_all_that_was_told_of_it_the_latest_first(adjusted):
    assert told(adjusted, {"settlement_date": DAY, "adjustment_id": 1}) == {
        1: [("in force", 4, 12.0), ("withdrawal", 3, None), ("withdrawn", 2, 11.0), ("superseded", 1, 10.0)]
    }


def test_a_key_that_is_no_more_in_force_comes_after_those_that_are(adjusted):
    found = told(adjusted, {"settlement_period": 7})

    assert list(found) == [1, 2, 3]
    assert found[2] == [("in force", 1, 20.0)]
    assert found[3] == [("withdrawal", 3, None), ("withdrawn", 2, 30.0)]


def test_a_lineage_as_it_stood_knows_nothing_of_what_came_later(adjusted):
    assert told(adjusted, {"adjustment_id": 1}, version=2) == {1: [("in force", 2, 11.0), ("superseded", 1, 10.0)]}
    assert told(adjusted, {"adjustment_id": 3}, version=1) == {}


def test_a_withdrawal_names_the_file_that_took_the_row_back(adjusted):
    found = lineage(adjusted.store, dataset_named("adjustment_actions"), {"adjustment_id": 3}, 4)

    withdrawal = found.keys[0].told[0]
    sent = (adjusted.inbox / "3" / DISBSAD).read_bytes()
    assert withdrawal.landing == hashlib.sha256(sent).hexdigest()
    assert (withdrawal.file, withdrawal.record, withdrawal.job) == (DISBSAD, "", "disbsad")


def test_a_row_leads_to_the_record_the_file_its_hash_and_the_job_that_read_it(adjusted):
    found = lineage(adjusted.store, dataset_named("adjustment_actions"), {"adjustment_id": 2}, 4)

    (two,) = found.keys[0].told
    sent = (adjusted.inbox / "1" / DISBSAD).read_bytes()
    assert (two.file, two.source_row, two.landing) == (DISBSAD, 2, hashlib.sha256(sent).hexdigest())
    assert json.loads(two.record) == adjusted.adjustment_row(2, cost=20.0)
    assert two.record in sent.decode()
    assert (two.job, two.job_hash) == ("disbsad", job_hash("disbsad"))


def test_no_more_keys_are_followed_than_asked_and_those_in_force_first(adjusted):
    found = lineage(adjusted.store, dataset_named("adjustment_actions"), {}, 3, most=2)

    assert (found.count, found.in_force) == (3, 1)
    assert [(one.key["adjustment_id"], one.in_force) for one in found.keys] == [(2, True), (1, False)]


def test_a_landing_that_is_gone_leaves_the_rest_of_the_answer(adjusted):
    sent = (adjusted.inbox / "2" / DISBSAD).read_bytes()
    (adjusted.home / "landings" / hashlib.sha256(sent).hexdigest()).unlink()

    found = lineage(adjusted.store, dataset_named("adjustment_actions"), {"adjustment_id": 1}, 4)

    assert [bool(one.record) for one in found.keys[0].told] == [True, False, False, True]
    assert "found no file, wanted the bytes of this hash" in found.keys[0].told[2].unread


def test_the_verb_prints_the_line_of_a_packed_csv_as_it_stands(bsc, desk):
    text = "settlement_date,settlement_period,system_sell_price\n2024-01-15,1,50\n2024-01-15,2,60.50\n"
    desk.load_files({"SYNTHETIC_system_price_a.csv.gz": gzip.compress(text.encode())})
    keys = ("--key", "settlement_date=2024-01-15", "--key", "settlement_period=2")

    answer = bsc("lineage", "sell_price_history", *keys, "--home", desk.home)

    assert answer.exit_code == 0
    assert "    | 2024-01-15,2,60.50" in answer.output.splitlines()
    assert "SYNTHETIC_system_price_a.csv.gz, row 3" in answer.output
    said = json.loads(bsc("lineage", "price_history", *keys, "--home", desk.home, "--json").output)
    (row,) = said["rows"][0]["told"]
    assert (row["state"], row["record"], row["values"]["system_sell_price"]) == ("in force", "2024-01-15,2,60.50", 60.5)


def test_the_verb_takes_a_moment(bsc, desk):
    times = []
    for price in (50, 55):
        text = f"settlement_date,settlement_period,system_sell_price\n2024-01-15,1,{price}\n"
        desk.load_files({f"SYNTHETIC_system_price_{price}.csv": text})
        times.append(datetime.now(UTC).isoformat())
    words = ("lineage", "price_history", "--key", "settlement_period=1", "--home", desk.home, "--json")

    seen = [json.loads(bsc(*words, "--as-of", at).output)["rows"][0]["told"] for at in (times[0], "1", "2")]

    assert [[one["values"]["system_sell_price"] for one in told] for told in seen] == [[50.0], [50.0], [55.0, 50.0]]


def test_a_key_that_was_never_told_is_found_wanting(bsc, adjusted):
    answer = bsc("lineage", "disbsad", "--key", "adjustment_id=9", "--home", adjusted.home)

    assert isinstance(answer.exception, FoundWrong)


@pytest.mark.parametrize("key", ["cost_gbp=10", "adjustment_id", "adjustment_id=one", "settlement_date=15 January"])
def test_what_is_no_key_or_no_value_of_it_is_asked_wrongly(bsc, adjusted, key):
    answer = bsc("lineage", "adjustment_actions", "--key", key, "--home", adjusted.home)

    assert isinstance(answer.exception, AskedWrongly)


def test_the_verbs_are_imported_without_what_is_slow():
    slow = ["pyarrow", "pandas", "numpy", "sqlalchemy", "alembic", "pydantic", "duckdb", "msgspec", "yaml"]
    code = f"import sys, loaders.commands_history; print([m for m in {slow} if m in sys.modules])"

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


def test_a_record_of_several_lines_is_shown_whole():
    text = 'name,said\na,"one\ntwo"\nb,three\n'

    places = csv.read("a.csv", text).tables[""].source_row.tolist()

    assert records_at("a.csv", text.encode(), places) == {2: 'a,"one\ntwo"', 4: "b,three"}


def test_a_line_of_a_pipe_flow_is_counted_from_its_header():
    assert records_at("a.txt", b"AAA|S0142013|D|\r\nSRH|20240115|\r\nZZZ|3|0|\r\n", [2]) == {2: "SRH|20240115|"}


@pytest.mark.parametrize(
    "text",
    [
        '{"metadata": {"data": "none"}, "data": [{"a": 1.50},  {"a": [2, {"b": "]"}]}]}',
        '[{"a": 1.50}, {"a": [2, {"b": "]"}]}]',
        '[{"a": 1.50}, {"a": [2, {"b": "]"}]}, {"a": NaN}]',
        '{"data": [{"a": 1.50}, {"a": [2, {"b": "]"}]}, {"a": ',
    ],
)
def test_a_json_record_keeps_its_own_writing_be_the_file_whole_or_broken(text):
    assert records_at("a.json", text.encode(), [1, 2, 9]) == {1: '{"a": 1.50}', 2: '{"a": [2, {"b": "]"}]}'}
