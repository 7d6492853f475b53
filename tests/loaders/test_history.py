"""What was known when, and what changed: our clock and the sender's, against plain dictionaries."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from loaders import declared, load, store
from loaders.errors import UnknownVersion
from loaders.history import Moment, dataset_of, diff
from loaders.store.published import publish_column, rows_by_kept_at

DAY = date(2024, 1, 15)
START = datetime(2024, 1, 15, tzinfo=UTC)
KINDS = {"whole": "whole", "some": "changes", "marked": "changes with withdrawals"}
JOB = """
job: levels_{name}
title: "SYNTHETIC levels"
dataset: levels_{name}
delivers: {delivers}
keys: [settlement_date, settlement_period, bm_unit]
partition: {partition}
withdrawn_when: {withdrawn_when}
arrives_for: day
owner: tests
licence: none
retention: for ever
confidence: confirmed
sample: invented
cadence: now and then
fetch: {{from: folder, file_names: levels_{name}}}
read: {{as: [csv]}}
columns:
  settlement_date: {{from: day, type: date, empty: reject}}
  settlement_period: {{from: period, type: integer, empty: reject}}
  bm_unit: {{from: unit, type: text, empty: reject}}
  created_time: {{from: made, type: instant, empty: reject}}
  level_mw: {{from: level, type: decimal, unit: MW, empty: reject}}
  state: {{from: state, type: text}}
checks: {{latest_of: created_time}}
"""


@pytest.fixture(scope="module")
def levels(tmp_path_factory):
    """A job of each way to deliver, whose rows say when they were published; and folders to work in."""
    folder = tmp_path_factory.mktemp("jobs") / "tests"
    folder.mkdir()
    for name, delivers in KINDS.items():
        partition = "[settlement_date, settlement_period]" if name == "whole" else "[]"
        marks = "{state: [DEL]}" if name == "marked" else "{}"
        text = JOB.format(name=name, delivers=delivers, partition=partition, withdrawn_when=marks)
        (folder / f"levels_{name}.yaml").write_text(text)
    shutil.copytree(declared.FOLDER, folder.parent, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(declared, "FOLDER", folder.parent)
        declared._jobs.cache_clear()
        declared.datasets.cache_clear()
        yield iter(lambda: tmp_path_factory.mktemp("one"), None)
    declared._jobs.cache_clear()
    declared.datasets.cache_clear()


def sent(hour: int, *rows: tuple[int, str, float | None]) -> str:
    """A file of rows (period, unit, level), published at an hour; no level takes the row back."""
    lines = ["day,period,unit,made,level,state"]
    for period, unit, level in rows:
        made = (START + timedelta(hours=hour)).isoformat()
        lines.append(f"{DAY},{period},{unit},{made},{0 if level is None else level},{'DEL' if level is None else ''}")
    return "\n".join(lines) + "\n"


def take(folder: Path, kind: str, text: str) -> int:
    path = folder / f"SYNTHETIC_levels_{kind}_{sum(1 for _ in folder.iterdir())}.csv"
    path.write_text(text)
    report = load(path, folder / "home")
    assert report.good
    return report.version


def said(opened, kind, **at):
    rows = opened.rows(f"levels_{kind}", DAY, **at).to_pylist()
    found = {(row["settlement_period"], row["bm_unit"]): row["level_mw"] for row in rows}
    assert len(found) == len(rows)
    return found


def after(kind, model, rows):
    """A dictionary after a file, by what each way to deliver means."""
    periods = {period for period, _, _ in rows}
    left = {key: level for key, level in model.items() if not (kind == "whole" and key[0] in periods)}
    for period, unit, level in rows:
        if level is None:
            left.pop((period, unit), None)
        else:
            left[period, unit] = level
    return left


keys = some.tuples(some.integers(1, 2), some.sampled_from(["T_A", "T_B", "T_C"]))
figures = some.integers(-2, 2).map(float)


def files(kind):
    levels = some.one_of(some.none(), figures) if kind == "marked" else figures
    one = some.dictionaries(keys, levels, min_size=1, max_size=4)
    return some.lists(one.map(lambda said: [(*key, level) for key, level in said.items()]), min_size=1, max_size=4)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=5, deadline=None)
@given(some.data())
def test_both_clocks_and_what_changed_between_say_what_a_dictionary_says(levels, kind, data):
    folder, model, states = next(levels), {}, [{}]
    for hour, rows in enumerate(data.draw(files(kind)), start=1):
        take(folder, kind, sent(hour, *rows))
        model = after(kind, model, rows)
        states.append(model)
    opened = store.open(folder / "home")
    half = [START + timedelta(hours=hour, minutes=30) for hour in range(len(states))]

    ours = [said(opened, kind, version=version) for version in range(len(states))]
    theirs = [said(opened, kind, published_by=time) for time in half]

    assert ours == states
    assert theirs == states
    dataset = dataset_of(f"levels_{kind}")
    for first, last in [*pairwise(range(len(states))), (len(states) - 1, 1)]:
        before, now = states[first], states[last]
        found = diff(opened, dataset, [DAY], Moment(first), Moment(last))
        assert keys_of(found.added) == now.keys() - before.keys()
        assert keys_of(found.removed) == before.keys() - now.keys()
        moved = {
            (one.key["settlement_period"], one.key["bm_unit"]): one.columns["level_mw"]
            for one in found.moved("level_mw").changes()
        }
        assert moved == {k: (before[k], now[k]) for k in before.keys() & now.keys() if before[k] != now[k]}
    opened.close()


def keys_of(table):
    return {(row["settlement_period"], row["bm_unit"]) for row in table.to_pylist()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_is_taken_back_and_comes_again_is_read_before_between_and_after(levels, kind):
    folder = next(levels)
    back = [(7, "T_B", 5.0)] if kind == "whole" else [(7, "T_A", None)]
    for hour, rows in ((1, [(7, "T_A", 1.0), (7, "T_B", 5.0)]), (3, back), (5, [(7, "T_A", 2.0), (7, "T_B", 5.0)])):
        take(folder, kind, sent(hour, *rows))
    opened = store.open(folder / "home")
    gone = {} if kind != "some" else {(7, "T_A"): 0.0}

    seen = [said(opened, kind, published_by=START + timedelta(hours=hour)) for hour in (0, 1, 2, 3, 4, 5, 6)]

    one, two, three = {(7, "T_A"): 1.0, (7, "T_B"): 5.0}, gone | {(7, "T_B"): 5.0}, {(7, "T_A"): 2.0, (7, "T_B"): 5.0}
    assert seen == [{}, one, one, two, two, three, three]
    assert [said(opened, kind, version=version) for version in range(4)] == [{}, one, two, three]


def test_what_was_published_first_and_kept_last_counts_from_when_it_was_published(levels):
    folder = next(levels)
    take(folder, "some", sent(9, (7, "T_A", 9.0)))
    take(folder, "some", sent(3, (8, "T_A", 3.0)))
    opened = store.open(folder / "home")

    at = [said(opened, "some", published_by=START + timedelta(hours=hour)) for hour in (2, 3, 9)]

    assert at == [{}, {(8, "T_A"): 3.0}, {(7, "T_A"): 9.0, (8, "T_A"): 3.0}]


def test_with_a_version_too_it_is_what_was_known_then_of_what_they_had_published(levels):
    folder = next(levels)
    take(folder, "some", sent(1, (7, "T_A", 1.0)))
    take(folder, "some", sent(2, (8, "T_A", 2.0)))
    opened = store.open(folder / "home")
    late = START + timedelta(hours=9)

    assert said(opened, "some", version=1, published_by=late) == {(7, "T_A"): 1.0}
    assert said(opened, "some", version=2, published_by=START + timedelta(hours=1)) == {(7, "T_A"): 1.0}
    assert said(opened, "some", version=0, published_by=late) == {}


def test_files_of_one_load_take_back_each_at_its_own_time(levels):
    """Two periods lose a row in one load; the runs that took them were published four hours apart."""
    folder = next(levels)
    take(folder, "whole", sent(1, (7, "T_A", 1.0), (7, "T_B", 1.0), (8, "T_A", 1.0), (8, "T_B", 1.0)))
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "SYNTHETIC_levels_whole_a.csv").write_text(sent(3, (7, "T_A", 3.0)))
    (inbox / "SYNTHETIC_levels_whole_b.csv").write_text(sent(7, (8, "T_A", 7.0)))
    assert load(inbox, folder / "home").withdrawn == 2
    opened = store.open(folder / "home")

    at = [said(opened, "whole", published_by=START + timedelta(hours=hour)) for hour in (2, 4, 8)]

    whole = dict.fromkeys([(7, "T_A"), (7, "T_B"), (8, "T_A"), (8, "T_B")], 1.0)
    assert at[0] == whole
    assert at[1] == {(7, "T_A"): 3.0, (8, "T_A"): 1.0, (8, "T_B"): 1.0}
    assert at[2] == {(7, "T_A"): 3.0, (8, "T_A"): 7.0}


def test_periods_of_one_file_are_taken_back_each_at_its_own_time(levels):
    folder = next(levels)
    take(folder, "whole", sent(1, *((period, unit, 1.0) for period in (7, 8) for unit in ("T_A", "T_B"))))
    _, row = sent(7, (8, "T_A", 7.0)).splitlines()
    take(folder, "whole", sent(3, (7, "T_A", 3.0)) + row)
    opened = store.open(folder / "home")

    at = [set(said(opened, "whole", published_by=START + timedelta(hours=hour))) for hour in (2, 4, 8)]

    one, two = {(7, "T_A"), (8, "T_A")}, {(7, "T_B"), (8, "T_B")}
    assert at == [one | two, one | {(8, "T_B")}, one]


def test_a_row_is_taken_back_by_the_run_that_counts_and_not_by_an_older_one_beside_it(levels):
    """Both runs of one load lack the unit; of the older one nothing is kept, so nothing of it counts."""
    folder = next(levels)
    take(folder, "whole", sent(1, (7, "T_A", 1.0), (7, "T_B", 1.0)))
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "SYNTHETIC_levels_whole_a.csv").write_text(sent(7, (7, "T_A", 7.0)))
    (inbox / "SYNTHETIC_levels_whole_b.csv").write_text(sent(3, (7, "T_A", 3.0)))
    load(inbox, folder / "home")
    opened = store.open(folder / "home")

    at = [said(opened, "whole", published_by=START + timedelta(hours=hour)) for hour in (4, 8)]

    assert at == [{(7, "T_A"): 1.0, (7, "T_B"): 1.0}, {(7, "T_A"): 7.0}]


def test_where_nobody_says_when_it_was_published_the_time_of_keeping_counts_and_is_told(desk):
    before = datetime.now(UTC)
    desk.load_files({"SYNTHETIC_DISBSAD_2024-01-15.json": [desk.adjustment_row(n) for n in (1, 2)]})
    between = datetime.now(UTC)
    desk.load_files({"SYNTHETIC_DISBSAD_2024-01-15.json": [desk.adjustment_row(1)]})

    tables = [desk.store.rows("adjustment_actions", DAY, published_by=t) for t in (before, between, datetime.now(UTC))]

    assert [table.num_rows for table in tables] == [0, 2, 1]
    assert [rows_by_kept_at(table) for table in tables] == [0, 2, 1]
    assert tables[1].schema == desk.store.rows("adjustment_actions", DAY).schema


def test_the_hash_of_a_withdrawal_does_not_depend_on_the_file_that_said_it(desk, tmp_path_factory):
    """A run names the hashes of what it has read: the same rows taken back are the same to it."""
    other = type(desk)(tmp_path_factory.mktemp("other"))
    name, rows = "SYNTHETIC_DISBSAD_2024-01-15.json", [desk.adjustment_row(n) for n in (1, 2)]
    for one, blanks in ((desk, ""), (other, "  ")):
        one.load_files({name: rows})
        one.load_files({name: json.dumps(rows[:1]) + blanks})

    ours, theirs = (one.store.parts("adjustment_actions", DAY)[-1] for one in (desk, other))

    assert (ours.kind, ours.rows) == (theirs.kind, theirs.rows) == ("withdrawn", 1)
    assert ours.rows_hash == theirs.rows_hash
    assert ours.sha256 != theirs.sha256  # the file says who took the row back


def test_rows_that_say_when_they_were_published_are_not_told_as_undated(desk):
    desk.load_files({"SYNTHETIC_system-prices_2024-01-15.json": [desk.price_row(9, 50.0)]})

    table = desk.store.rows("system_prices", DAY, published_by=START + timedelta(days=9))

    assert (table.num_rows, rows_by_kept_at(table)) == (1, 0)


def test_the_publish_column_is_that_of_the_run_or_one_named_so():
    named = {name: publish_column(one) for name, one in declared.datasets().items()}

    assert (named["system_prices"], named["loss_of_load"]) == ("created_time", "publish_time")
    assert (named["price_history"], named["acceptances"]) == (None, None)


def test_a_publishing_time_without_its_zone_is_refused(desk):
    with pytest.raises(UnknownVersion, match="zone"):
        desk.store.rows("system_prices", DAY, published_by=datetime(2024, 1, 15))
