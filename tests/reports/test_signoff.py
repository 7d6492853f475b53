"""Who prepared, reviewed and published a run: two people, a reason at each step, and nothing ever changed."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from loaders import store as stores
from reports.signing.keys import make_key, signing_key
from reports.signoff.moving import move
from reports.signoff.people import NoName, same_person
from reports.signoff.recording import MoveRefused, Overtaken, record
from reports.signoff.records import Subject
from reports.signoff.standing import stands
from reports.signoff.states import MOVES, STATES
from settlement.command_line import AskedWrongly

T = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SUBJECT = Subject(
    kind="report", name="2024-01-15 SF", settlement_date="2024-01-15", run="SF", run_id="a" * 64, content_hash="b" * 64
)
ANA, BEN = "Ana Lima", "Ben Ode"
# How each state is come to, by hand.
WAY = {
    "draft": [],
    "prepared": [("prepare", ANA)],
    "reviewed": [("prepare", ANA), ("review", BEN)],
    "published": [("prepare", ANA), ("review", BEN), ("publish", ANA)],
    "superseded": [("prepare", ANA), ("supersede", "the workbench")],
}


@pytest.fixture
def store(tmp_path):
    opened = stores.open(tmp_path / "workspace")
    yield opened
    opened.close()


def say(store, action, who, comment="looked at it", **more):
    return record(store, SUBJECT, action, who, comment, **more)


def come_to(store, state):
    for action, who in WAY[state]:
        say(store, action, who)
    return stands(store, SUBJECT).standing


def test_a_run_goes_from_draft_to_published_by_two_people(store):
    assert stands(store, SUBJECT).standing.state == "draft"
    seen = [say(store, *step).body.state for step in (("prepare", ANA), ("review", BEN), ("publish", ANA))]
    now = stands(store, SUBJECT).standing

    assert seen == ["prepared", "reviewed", "published"]
    assert [one.body.who for one in (now.prepared, now.reviewed, now.published)] == [ANA, BEN, ANA]


# Every pair that is not an arrow of the picture in docs/signoff.md; the arrows, written by hand.
ARROWS = {
    ("draft", "prepare"), ("prepared", "review"), ("reviewed", "publish"), ("prepared", "reopen"),
    ("reviewed", "reopen"), ("published", "reopen"), ("superseded", "reopen"), ("prepared", "supersede"),
    ("reviewed", "supersede"), ("published", "supersede"),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_every_move_that_is_no_arrow_is_refused_and_writes_nothing(store, state):
    before = come_to(store, state)
    refused = set()
    for action in sorted({action for kind, action in MOVES if kind == "report"} | {"close"}):
        if (state, action) in ARROWS:
            continue
        with pytest.raises(MoveRefused, match=r"found .*, wanted "):
            say(store, action, "the workbench" if action == "supersede" else "Cleo")
        refused.add(action)

    assert refused == {"prepare", "review", "publish", "reopen", "supersede", "close"} - {
        action for one, action in ARROWS if one == state
    }
    assert stands(store, SUBJECT).standing == before


@pytest.mark.parametrize(
    "other", ["Ana Lima", "ana lima", "  ANA   LIMA ", "Ana\u00a0Lima", "AnaLima", "\uff21na Lima"]
)
def test_nobody_reviews_what_they_prepared_however_they_write_their_name(store, other):
    say(store, "prepare", ANA)

    with pytest.raises(MoveRefused, match="wanted another person"):
        say(store, "review", other)
    assert stands(store, SUBJECT).standing.state == "prepared"


def test_names_that_differ_are_two_people():
    assert not same_person("Ana Lima", "Anna Lima")
    assert not same_person("José", "Jose")


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "Ana\u200b Lima", "a\x00", "x" * 101, "The  Workbench"])
def test_who_has_no_name_signs_nothing_off(store, name):
    with pytest.raises(NoName, match="wanted"):
        say(store, "prepare", name)
    assert stands(store, SUBJECT).standing.last is None


@pytest.mark.parametrize("comment", ["", "  \n\t "])
@pytest.mark.parametrize("action", ["prepare", "comment"])
def test_a_step_without_a_comment_is_refused(store, comment, action):
    with pytest.raises(MoveRefused, match="found no comment"):
        say(store, action, ANA, comment)


def test_a_comment_that_is_too_long_is_told(store):
    with pytest.raises(AskedWrongly, match="found 4001 signs, wanted at most 4000"):
        say(store, "comment", ANA, "x" * 4001)


def test_nobody_supersedes_by_hand(store):
    say(store, "prepare", ANA)

    with pytest.raises(MoveRefused, match="nobody supersedes by hand"):
        say(store, "supersede", BEN)


def test_after_a_reopening_the_old_reviewer_counts_no_more_and_may_prepare(store):
    come_to(store, "reviewed")
    say(store, "reopen", ANA, "Unit SYNB-1 was settled as demand")
    now = stands(store, SUBJECT).standing
    assert (now.state, now.prepared, now.reviewed) == ("draft", None, None)

    say(store, "prepare", BEN)
    with pytest.raises(MoveRefused, match="wanted another person"):
        say(store, "review", BEN)
    assert say(store, "review", ANA).body.state == "reviewed"
    assert len(stands(store, SUBJECT).standing.entries) == 5


def test_of_eight_who_prepare_at_once_one_wins_and_each_other_is_told_who(store):
    def once(at):
        try:
            say(store, "prepare", f"Person {at}")
        except MoveRefused as told:
            return str(told)
        return None

    with ThreadPoolExecutor(8) as pool:
        told = [one for one in pool.map(once, range(8)) if one]

    winner = stands(store, SUBJECT).standing.prepared.body.who
    assert len(told) == 7
    assert all(f"found prepared by {winner}" in one for one in told)


def test_who_looked_at_an_older_state_is_told_what_came_since(store):
    first = say(store, "prepare", ANA)
    say(store, "comment", "Cleo", "Period 12 looks odd")

    with pytest.raises(Overtaken, match=r"found comment by Cleo at .*Period 12 looks odd"):
        say(store, "review", BEN, seen=first.number)
    assert say(store, "review", BEN, seen=2).body.state == "reviewed"


def test_comments_and_assignments_move_nothing(store):
    say(store, "prepare", ANA)
    say(store, "assign", ANA, "", assigned_to=" ben  ode ")
    say(store, "comment", BEN, "On it")
    now = stands(store, SUBJECT).standing
    assert (now.state, now.assigned_to, now.moved.body.action) == ("prepared", "ben ode", "prepare")

    say(store, "assign", BEN, assigned_to="")
    assert stands(store, SUBJECT).standing.assigned_to == ""


def test_a_clock_set_back_makes_no_time_go_backwards_and_is_told(store):
    say(store, "prepare", ANA, now=T)
    second = say(store, "review", BEN, now=T - HOUR)

    assert (second.body.at, second.body.clock) == ("2026-11-01T12:00:00.000000Z", "2026-11-01T11:00:00.000000Z")


def test_the_key_that_prepared_does_not_review_under_another_name(store, tmp_path):
    keys = tmp_path / "keys"
    make_key(keys, "Desk", now=T)
    say(store, "prepare", ANA, key=signing_key(keys))

    with pytest.raises(MoveRefused, match="wanted the key of another person"):
        say(store, "review", BEN, key=signing_key(keys))
    assert say(store, "review", BEN).body.key_id is None


def test_the_content_hash_does_not_depend_on_who_signed_and_the_cover_says_who(settled_home, tmp_path):
    from reports import manifest, open_day_view
    from reports.sections.cover import cover
    from reports.signoff.subjects import subject_of_view

    home, day = shutil.copytree(settled_home, tmp_path / "home"), date(2024, 1, 15)
    before = open_day_view(day, None, home)
    opened = stores.open(home)
    for action, who in (("prepare", ANA), ("review", BEN)):
        move(opened, subject_of_view(before), action, who, "followed by hand")
    opened.close()
    after = open_day_view(day, None, home)

    assert manifest.content_hash(before) == manifest.content_hash(after)
    assert "<dd>Draft<small>nobody has signed it off" in cover(before)
    assert "<dt>Reviewed by</dt><dd>nobody yet" in cover(before)
    assert "<dd>Reviewed<small>entry 2 of the sign-off chain" in cover(after)
    assert f"<dt>Prepared by</dt><dd>{ANA}" in cover(after)
    assert f"<dt>Reviewed by</dt><dd>{BEN}" in cover(after)
