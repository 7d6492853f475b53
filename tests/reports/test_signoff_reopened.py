"""Late data and new runs reopen or supersede what they touch, say why, and leave alone what they do not touch."""

from __future__ import annotations

import json
from datetime import date
from importlib.metadata import EntryPoint

import pytest

import loaders
from loaders import after_load
from reports.day_settlement import settle_day
from reports.signoff.moving import move
from reports.signoff.recording import MoveRefused
from reports.signoff.reopening import check, due
from reports.signoff.standing import stands
from reports.signoff.subjects import subject_held

DAY = date(2024, 1, 15)
ANA, BEN = "Ana Lima", "Ben Ode"
PRICES, INDEX = "SYNTHETIC_system-prices_2024-01-15.json", "SYNTHETIC_market-index_2024-01-15.json"


@pytest.fixture
def late(home, synthetic_folder, tmp_path):
    """Load a file of the day once more, changed, under another name."""

    def loaded(file, change=lambda row: None, name=None):
        said = json.loads((synthetic_folder / file).read_text())
        for row in said["data"]:
            change(row)
        folder = tmp_path / f"late {len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        path = folder / (name or file.replace("SYNTHETIC", "SYNTHETIC_LATE"))
        path.write_text(json.dumps(said))
        return loaders.load(folder, home)

    return loaded


def dearer(row):
    """The published price of period 3 comes out 1.11 GBP/MWh dearer."""
    if row["settlementPeriod"] == 3:
        row["systemSellPrice"] = row["systemBuyPrice"] = row["systemSellPrice"] + 1.11


def dearer_index(row):
    if row["settlementPeriod"] == 3:
        row["price"] += 1.11


def come_to(store, state):
    subject = subject_held(store, DAY, "IP")
    for action, who, to in (("prepare", ANA, "prepared"), ("review", BEN, "reviewed"), ("publish", ANA, "published")):
        move(store, subject, action, who, "looked at it")
        if to == state:
            return subject
    raise AssertionError(state)


def state_of(store, subject):
    return stands(store, subject).standing.state


@pytest.mark.parametrize("state", ["prepared", "published"])
def test_a_published_price_that_came_late_reopens_and_names_job_and_file(store, late, state):
    subject = come_to(store, state)
    assert check(store) == []

    late(PRICES, dearer)
    (written,) = check(store)

    assert written.body.who == "the workbench"
    assert written.body.comment.startswith("late data: job system_prices, file SYNTHETIC_LATE_system-prices_2024-01-15")
    assert "arrived 20" in written.body.comment and "(system_prices of 2024-01-15)" in written.body.comment
    assert state_of(store, subject) == "draft"
    assert check(store) == []  # told once
    assert subject_held(store, DAY, "IP") != subject  # what would be signed now is another content


def test_an_input_of_the_run_that_came_late_reopens_it(store, late):
    subject = come_to(store, "reviewed")

    late(INDEX, dearer_index)

    assert [one.action for one in due(store)] == ["reopen"]
    assert state_of(store, subject) == "reviewed"  # due only reads
    check(store)
    assert state_of(store, subject) == "draft"


def test_what_says_the_same_or_is_not_read_or_is_of_another_day_reopens_nothing(store, late, synthetic_folder):
    come_to(store, "published")

    late(INDEX)  # the same rows in another file
    late("SYNTHETIC_BOALF_2024-01-15.json", lambda row: row.update(levelTo=row["levelTo"] + 1))  # of no stack way
    late(PRICES, lambda row: row.update(settlementDate="2024-01-16"), "SYNTHETIC_system-prices_2024-01-16.json")

    assert due(store) == []


def test_a_new_run_of_the_day_and_type_supersedes_and_the_old_one_stays_told(store, late, home):
    subject = come_to(store, "published")
    late(INDEX, dearer_index)
    new = settle_day(DAY, "IP", home=home).run

    (written,) = check(store)

    assert (written.body.state, written.body.subject) == ("superseded", subject)
    assert written.body.comment.startswith("a new run: IP of 2024-01-15 was settled ")
    assert new.run_id[:16] in written.body.comment
    assert len(stands(store, subject).standing.entries) == 4


def test_a_later_run_type_supersedes_and_an_earlier_one_does_not(store, home):
    settle_day(DAY, "SF", home=home)
    sf = subject_held(store, DAY, "SF")
    move(store, sf, "prepare", ANA, "looked at it")
    settle_day(DAY, "II", home=home)
    assert due(store) == []

    settle_day(DAY, "R1", home=home)
    (written,) = check(store)

    assert written.body.comment.startswith("a later run: R1 of 2024-01-15 was settled ")
    assert state_of(store, sf) == "superseded"


def test_a_run_on_what_was_held_earlier_supersedes_nothing(store, home):
    come_to(store, "published")
    settle_day(DAY, "SF", home=home, as_of=store.run(subject_held(store, DAY, "IP").run_id).kept_at)

    assert due(store) == []


def test_who_reviews_what_late_data_touched_is_told_and_it_is_reopened_first(store, late):
    subject = come_to(store, "prepared")
    late(PRICES, dearer)

    with pytest.raises(MoveRefused, match=r"found draft by the workbench at .*late data: job system_prices.*wanted"):
        move(store, subject, "review", BEN, "looked at it")
    assert state_of(store, subject) == "draft"


def test_a_run_that_late_data_left_behind_is_prepared_only_knowingly(store, late):
    late(INDEX, dearer_index)
    subject = subject_held(store, DAY, "IP")

    with pytest.raises(MoveRefused, match=r"late data: job market_index.*wanted the newest run"):
        move(store, subject, "prepare", ANA, "as it stands")
    move(store, subject, "prepare", ANA, "the index of period 3 moves no price", despite_late=True)

    assert check(store) == []  # it was known when it was prepared
    late(INDEX, lambda row: row.update(price=row["price"] + 2))
    assert "late data" in check(store)[0].body.comment


def test_data_that_come_while_somebody_reads_are_late(store, late):
    version, subject = store.version(), subject_held(store, DAY, "IP")
    late(PRICES, dearer)

    move(store, subject, "prepare", ANA, "looked at it", version=version, despite_late=True)

    assert check(store)[0].body.comment.startswith("late data: job system_prices")


def test_the_commands_load_and_settle_reopen_and_say_so(bsc, store, home, synthetic_folder, tmp_path, monkeypatch):
    mine = EntryPoint("signoff", "reports.signoff.reopening:after_load", after_load.GROUP)
    monkeypatch.setattr(after_load, "entry_points", lambda group: [mine] if group == after_load.GROUP else [])
    subject = come_to(store, "published")
    said = json.loads((synthetic_folder / INDEX).read_text())
    dearer_index(said["data"][4])
    (tmp_path / "SYNTHETIC_LATE_market-index.json").write_text(json.dumps(said))

    code, _, loaded = bsc("load", "--from", str(tmp_path / "SYNTHETIC_LATE_market-index.json"), home=home)
    assert (code, state_of(store, subject)) == (0, "draft")
    assert "2024-01-15 IP: reopened: late data: job market_index, file SYNTHETIC_LATE_market-index.json" in loaded

    move(store, subject, "prepare", ANA, "moves no price", despite_late=True)
    code, settled, _ = bsc("settle", "2024-01-15", home=home)
    assert (code, state_of(store, subject)) == (0, "superseded")
    assert "2024-01-15 IP: superseded: a new run: IP of 2024-01-15" in settled


def test_a_load_that_only_looks_reopens_nothing(bsc, home, synthetic_folder, monkeypatch):
    monkeypatch.setattr(after_load, "entry_points", lambda group: 1 / 0)

    assert bsc("load", "--from", str(synthetic_folder / INDEX), "--dry-run", home=home)[0] == 0
