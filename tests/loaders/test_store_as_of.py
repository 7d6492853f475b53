"""The store as it stood: loaded, changed, withdrawn, read before, between and after."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta

import pytest

from loaders import load, store
from loaders.errors import UnknownDataset, UnknownVersion
from loaders.store.files import FileLayer

DISBSAD = "SYNTHETIC_DISBSAD_2024-01-15.json"


def costs(desk, version=None):
    return {row["adjustment_id"]: row["cost_gbp"] for row in desk.rows("adjustment_actions", version=version)}


def test_each_version_shows_what_was_known_then(desk):
    desk.load_files({DISBSAD: [desk.adjustment_row(1, cost=10), desk.adjustment_row(2, cost=20)]})
    desk.load_files({DISBSAD: [desk.adjustment_row(1, cost=11), desk.adjustment_row(2, cost=20)]})
    desk.load_files({DISBSAD: [desk.adjustment_row(1, cost=11)]})
    desk.load_files({DISBSAD: []})

    assert [costs(desk, version) for version in range(5)] == [{}, {1: 10, 2: 20}, {1: 11, 2: 20}, {1: 11}, {}]
    assert costs(desk) == {}


def test_a_row_that_was_taken_back_may_come_again(desk):
    for rows in ([desk.adjustment_row(1, cost=10)], [], [desk.adjustment_row(1, cost=12)]):
        desk.load_files({DISBSAD: rows})

    assert costs(desk) == {1: 12}
    assert costs(desk, 2) == {}


def test_a_time_is_turned_into_the_version_that_was_in_force(desk):
    before = datetime.now(UTC)
    desk.load_files({DISBSAD: [desk.adjustment_row(1)]})
    between = datetime.now(UTC)
    desk.load_files({DISBSAD: []})

    times = [before, between, datetime.now(UTC), between + timedelta(days=365)]
    assert [desk.store.version_at(time) for time in times] == [0, 1, 2, 2]


def test_a_time_without_its_zone_and_a_version_to_come_are_refused(desk):
    with pytest.raises(UnknownVersion, match="zone"):
        desk.store.version_at(datetime(2024, 1, 15))
    with pytest.raises(UnknownVersion, match="found 7, wanted 0 to 0"):
        desk.store.rows("system_prices", desk.day, version=7)
    with pytest.raises(UnknownDataset, match="wanted one of acceptance_prices, acceptance_volumes"):
        desk.store.rows("boalf", desk.day)


def test_the_same_bytes_again_are_a_noted_repeat(desk):
    rows = [desk.adjustment_row(1)]
    desk.load_files({DISBSAD: rows})
    parts = desk.store.parts(["adjustment_actions"], desk.day)

    again = desk.load_files({DISBSAD: rows})

    assert [file.outcome for file in again.files] == ["repeated"]
    assert desk.store.version() == 1
    assert desk.store.parts(["adjustment_actions"], desk.day) == parts


def test_the_same_rows_in_another_file_write_no_rows(desk):
    rows = [desk.adjustment_row(1), desk.adjustment_row(2)]
    desk.load_files({DISBSAD: rows})
    parts = desk.store.parts(["adjustment_actions"], desk.day)

    again = desk.load_files({DISBSAD: json.dumps(list(reversed(rows)), indent=3)})

    assert [(file.outcome, file.new, file.unchanged) for file in again.files] == [("kept", 0, 2)]
    assert desk.store.parts(["adjustment_actions"], desk.day) == parts


def test_only_what_changed_is_written(desk):
    desk.load_files({DISBSAD: [desk.adjustment_row(n, cost=n) for n in range(1, 9)]})

    report = desk.load_files({DISBSAD: [desk.adjustment_row(n, cost=n if n != 5 else 55) for n in range(1, 9)]})

    assert [(file.new, file.changed, file.unchanged) for file in report.files] == [(0, 1, 7)]
    assert [part.rows for part in desk.store.parts(["adjustment_actions"], desk.day)] == [8, 1]


def test_an_older_run_that_comes_late_does_not_replace_a_newer_one(desk):
    name = "SYNTHETIC_stack_offer_2024-01-15_07.json"
    newer = [desk.stack_row(n, createdDateTime="2024-01-16T03:45:00Z") for n in (1, 2)]
    older = [desk.stack_row(n, createdDateTime="2024-01-15T03:49:00Z", volume=99.0) for n in (1, 2, 3)]
    desk.load_files({name: desk.stack(*newer)})

    report = desk.load_files({name: desk.stack(*older)})

    assert [(file.older, file.changed) for file in report.files] == [(3, 0)]
    assert [row["volume_mwh"] for row in desk.rows("settlement_stack")] == [10.0, 10.0]


def test_a_newer_run_replaces_the_whole_side_of_the_period_and_nothing_else(desk):
    offer, bid = ("SYNTHETIC_stack_offer_2024-01-15_07.json", "SYNTHETIC_stack_bid_2024-01-15_07.json")
    desk.load_files(
        {offer: desk.stack(*(desk.stack_row(n) for n in (1, 2, 3))), bid: desk.stack(desk.stack_row(1, volume=-1.0))}
    )

    report = desk.load_files({offer: desk.stack(desk.stack_row(1, createdDateTime="2024-01-17T00:00:00Z"))})

    found = [(row["side"], row["sequence_number"]) for row in desk.rows("settlement_stack")]
    assert found == [("buy", 1), ("sell", 1)]
    assert report.withdrawn == 2


def test_an_acceptance_that_is_sent_again_shorter_leaves_nothing_behind(desk):
    name = "SYNTHETIC_BOALF_2024-01-15.json"
    desk.load_files({name: [desk.acceptance_row("T_SYN-1", 1, 0, 10), desk.acceptance_row("T_SYN-1", 1, 10, 20)]})

    desk.load_files({name: [desk.acceptance_row("T_SYN-1", 1, 0, 20, amendmentFlag="UPD")]})

    assert [row["time_to"].minute for row in desk.rows("acceptances")] == [20]


def test_an_acceptance_that_is_taken_back_is_gone_and_was_there_before(desk):
    name = "SYNTHETIC_BOALF_2024-01-15.json"
    rows = [desk.acceptance_row("T_SYN-1", 1, 0, 10), desk.acceptance_row("T_SYN-2", 2, 0, 10)]
    desk.load_files({name: rows})

    desk.load_files({name: [rows[0] | {"amendmentFlag": "DEL"}]})

    assert [row["bm_unit"] for row in desk.rows("acceptances")] == ["T_SYN-2"]
    assert len(desk.rows("acceptances", version=1)) == 2


def test_a_refused_row_takes_nothing_back(desk):
    name = "SYNTHETIC_stack_offer_2024-01-15_07.json"
    desk.load_files({name: desk.stack(desk.stack_row(1), desk.stack_row(2))})

    desk.load_files({name: desk.stack(desk.stack_row(1, volume=11.0), desk.stack_row(2, volume="?"))})

    assert [row["volume_mwh"] for row in desk.rows("settlement_stack")] == [11.0, 10.0]
    assert desk.marks("settlement_stack") == [(7, "buy")]


def test_days_of_one_file_have_hashes_of_their_own(desk):
    head = "settlement_date,settlement_period,system_sell_price\n"
    one, two = "2024-01-15,1,50\n", "2024-01-16,1,51\n"
    desk.load_files({"SYNTHETIC_system_price_a.csv": head + one + two})

    days = [date(2024, 1, 15), date(2024, 1, 16)]
    (first,), (second,) = (desk.store.parts("price_history", day) for day in days)
    assert first.sha256 == second.sha256
    assert first.rows_hash != second.rows_hash
    assert [desk.rows("price_history", day)[0]["system_sell_price"] for day in days] == [50, 51]


def test_the_hash_of_rows_does_not_depend_on_the_file_they_came_in(desk, tmp_path_factory, monkeypatch):
    head = "settlement_date,settlement_period,system_sell_price\n"
    other = type(desk)(tmp_path_factory.mktemp("other"))
    desk.load_files({"SYNTHETIC_system_price_a.csv": head + "2024-01-15,1,50\n2024-01-16,1,51\n"})
    if os.environ.get("BSC_DATABASE"):
        monkeypatch.setenv("BSC_DATABASE", os.environ["BSC_DATABASE"].replace("bsc_tests", "{workspace}"))
    other.load_files({"SYNTHETIC_system_price_b.csv": head + "2024-01-15,1,50.0\n"})

    (ours,), (theirs,) = (d.store.parts("price_history", desk.day) for d in (desk, other))

    assert ours.rows_hash == theirs.rows_hash
    assert ours.sha256 != theirs.sha256


def test_an_empty_answer_and_a_mark_are_among_the_parts_that_a_run_reads(desk):
    desk.load_files({DISBSAD: []})
    desk.load_files({"SYNTHETIC_BOALF_2024-01-15.json": b"[{"})

    kinds = [
        (part.dataset, part.kind, part.rows)
        for part in desk.store.parts(["adjustment_actions", "acceptances"], desk.day)
    ]

    assert ("adjustment_actions", "empty", 0) in kinds
    assert ("acceptances", "incomplete", 0) in kinds


def test_files_that_say_so_are_synthetic(desk):
    real = desk.adjustment_row(1, partyId="P", settlementDate="2024-01-16")

    desk.load_files({DISBSAD: [desk.adjustment_row(1)], "DISBSAD_2024-01-16.json": [real]})

    said = {row.file: row.synthetic for row in desk.store.landings().values()}
    assert said == {DISBSAD: True, "DISBSAD_2024-01-16.json": False}


def test_a_load_that_comes_between_comparing_and_keeping_is_not_lost(desk):
    """The first load has compared, and not yet kept, when the second one of the same day is kept."""
    first, second = desk.inbox / "0_DISBSAD_stream.json", desk.inbox / DISBSAD
    first.write_text(json.dumps([desk.adjustment_row(1, cost=10), desk.adjustment_row(9, cost=90)]))
    second.write_text(json.dumps([desk.adjustment_row(1, cost=11), desk.adjustment_row(2, cost=22)]))

    class Between(FileLayer):
        met = False

        def step(self, name):
            if name == "write" and not self.met:
                self.met = True
                load(second, desk.home)

    report = load(first, desk.home, store=store.open(desk.home, Between()))

    assert costs(desk) == {1: 10, 9: 90}
    assert costs(desk, 1) == {1: 11, 2: 22}
    assert (report.files[0].new, report.files[0].changed, report.withdrawn) == (1, 1, 1)
