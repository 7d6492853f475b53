"""A sign-off that is changed anywhere is named: in the file beside a report, and in the chain of the workspace."""

from __future__ import annotations

import json
import random
import shutil
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from loaders.store.database import writing
from loaders.store.signoff_entries import rows
from loaders.store.tables import signoff_entries as table
from reports import manifest
from reports.signing.keys import make_key, signing_key
from reports.signing.public_records import ENDING
from reports.signoff.checking import check_chain
from reports.signoff.exporting import NothingToExport, export
from reports.signoff.recording import record
from reports.signoff.records import CHAIN, Entry, entry_of, row_of
from reports.signoff.subjects import subject_of, subject_stated
from reports.verification import verify, verify_folder

ANA, BEN = "Ana Lima", "Ben Ode"
OTHER = subject_of(date(2024, 1, 16), "SF", "c" * 64, "d" * 64)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("BSC_SIGN_KEYS", str(tmp_path / "secret"))
    monkeypatch.delenv("BSC_SIGN_PASSPHRASE_FILE", raising=False)
    return tmp_path / "workspace"


@pytest.fixture
def keys(tmp_path, home):
    made = make_key(tmp_path / "secret", "Ana Lima of the desk")
    shutil.copy(tmp_path / "secret" / f"{made.key_id}{ENDING}", tmp_path / "reader.json")
    return tmp_path / "secret"


@pytest.fixture
def exported(report, store, keys, tmp_path):
    """A report with its sign-off beside it: two entries, one of them signed, in a chain with others."""
    out = Path(shutil.copytree(report.html_path.parent, tmp_path / "out"))
    subject, beside = subject_stated(out / report.html_path.name)
    record(store, OTHER, "prepare", ANA, "another day")
    record(store, subject, "prepare", ANA, "Period 7 explained", key=signing_key(keys))
    record(store, OTHER, "review", BEN, "words that are nobody else's affair")
    record(store, subject, "review", BEN, "Stack of period 7 followed by hand")
    record(store, OTHER, "publish", BEN, "sent")
    return export(store, subject, beside, keys)


def named(verdict):
    return {one.file for one in (*verdict.wrong, *(w for r in getattr(verdict, "reports", ()) for w in r.wrong))}


def test_the_file_beside_a_report_says_who_and_tells_nothing_of_others(exported, tmp_path):
    verdict = verify(exported, [tmp_path / "reader.json"])
    unproven = verify_folder(exported.parent)

    assert "wanted a signature by the key you gave" in str(verdict)  # the report itself is not signed
    assert named(verdict) == {exported.name.replace("signoff", "signature")}
    assert "Sign-off: reviewed, prepared by Ana Lima at " in str(unproven) and "reviewed by Ben Ode at " in str(
        unproven
    )
    assert "1 of 2 entries are signed, not checked: give a key with --key." in str(unproven)
    assert unproven.good
    assert b"nobody else" not in exported.read_bytes() and b"2024-01-16" not in exported.read_bytes()
    assert [head["number"] for head in json.loads(exported.read_bytes())["heads"]] == [2, 3, 4, 5]


def test_any_byte_flipped_in_the_file_names_it(exported, tmp_path, seed):
    chance, good, reader = random.Random(seed), exported.read_bytes(), tmp_path / "reader.json"
    for place in chance.choices(range(len(good)), k=50):
        bit = chance.randrange(8)
        flipped = bytearray(good)
        flipped[place] ^= 1 << bit
        exported.write_bytes(flipped)
        for verdict in (verify(exported), verify_folder(exported.parent, [reader])):
            assert exported.name in named(verdict), f"byte {place}, bit {bit}, seed {seed}"
    exported.write_bytes(good[: chance.randrange(len(good))])
    assert exported.name in named(verify(exported))


def rewritten(path, change):
    """The file with something changed and its own hash worked out anew, as by one who knows the form."""
    said = json.loads(path.read_bytes())
    del said["signoff_sha256"]
    change(said)
    path.write_bytes(manifest.canonical(said | {"signoff_sha256": manifest.sha256(manifest.canonical(said))}))


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said["entries"][1]["body"].update(who="Cleo"),
        lambda said: said["entries"].pop(),
        lambda said: said["entries"].reverse(),
        lambda said: said["heads"].pop(1),
        lambda said: said["heads"].reverse(),
        lambda said: said["subject"].update(run="R1"),
    ],
    ids=["name", "last entry", "order", "head", "order of heads", "subject"],
)
def test_a_file_worked_out_anew_does_not_hang_together(exported, change):
    rewritten(exported, change)

    assert exported.name in named(verify(exported))


def test_a_wholly_forged_file_is_caught_by_the_signed_entry(exported, tmp_path):
    def forged(said):
        body = said["entries"][0]["body"]
        body["comment"] = "nothing to see"
        said["heads"][0]["body_sha256"] = manifest.sha256(manifest.canonical(body))
        for before, head in zip(said["heads"], said["heads"][1:], strict=False):
            head["previous"] = manifest.sha256(manifest.canonical(before))

    rewritten(exported, forged)

    assert exported.name not in named(verify(exported))  # hashes alone prove nothing against one who works all out
    told = [one for one in verify(exported, [tmp_path / "reader.json"]).wrong if one.file == exported.name]
    assert "a content that its key did not sign" in str(told[0])


def test_a_file_of_another_report_and_one_without_its_report_are_named(exported, report, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(exported, other)
    assert report.manifest_path.name in named(verify_folder(other))

    said = json.loads(report.manifest_path.read_bytes()) | {"run": "R3"}
    (exported.parent / report.manifest_path.name).write_bytes(manifest.canonical(manifest.sealed(said)))
    assert "the sign-off of another report: run" in str(verify(exported))


def test_a_report_that_nobody_signed_off_has_nothing_to_export(report, store, keys):
    subject, beside = subject_stated(report.html_path)

    with pytest.raises(NothingToExport, match="found no entry"):
        export(store, subject, beside, keys)


def change_rows(store, change):
    with writing(store.engine) as connection:
        change(connection)


def swap(connection):
    """Rows 2 and 3 change places."""
    for old, new in ((2, 99), (3, 2), (99, 3)):
        connection.execute(sa.update(table).where(table.c.number == old).values(number=new))


def push_in(connection):
    """A copy of row 3 stands before it, and what follows moves up."""
    rows = [dict(one._mapping) for one in connection.execute(sa.select(table).order_by(table.c.number))]
    connection.execute(sa.delete(table).where(table.c.number > 2))
    extra = rows[2] | {"previous": "e" * 64, "head_sha256": "f" * 64}
    later = [one | {"number": one["number"] + 1} for one in rows[2:]]
    connection.execute(sa.insert(table), [extra, *later])


def setting(**values):
    return lambda connection: connection.execute(sa.update(table).where(table.c.number == 3).values(**values))


def words(connection):
    body = connection.execute(sa.select(table.c.body).where(table.c.number == 3)).scalar_one()
    connection.execute(sa.update(table).where(table.c.number == 3).values(body=body.replace("Ben", "Bea")))


@pytest.mark.parametrize(
    "change, row",
    [
        (words, 3), (setting(subject="0" * 64), 3), (setting(previous="0" * 64), 3), (setting(signature="0" * 128), 3),
        (setting(body_sha256="0" * 64), 3), (setting(head_sha256="0" * 64), 3),
        (lambda c: c.execute(sa.delete(table).where(table.c.number == 3)), 4),
        (lambda c: c.execute(sa.delete(table).where(table.c.number == 1)), 2),
        (swap, 2), (push_in, 3),
    ],
)  # fmt: skip
def test_a_row_changed_taken_out_put_in_or_moved_is_named(exported, store, change, row):
    assert check_chain(store).good and check_chain(store).entries == 5
    change_rows(store, change)

    assert f"{CHAIN}, row {row}" in {one.file for one in check_chain(store).wrong}


def test_a_row_written_anew_with_all_its_hashes_does_not_fit_the_row_after_it(exported, store):
    entry = entry_of(rows(store.engine)[2])
    body = entry.body.model_copy(update={"who": "Cleo"})
    head = entry.head.model_copy(update={"body_sha256": manifest.sha256(body.content())})
    forged = vars(row_of(Entry(head, body)))
    change_rows(store, lambda c: c.execute(sa.update(table).where(table.c.number == 3).values(**forged)))

    assert [one.file for one in check_chain(store).wrong] == [f"{CHAIN}, row 4"]


def test_a_chain_that_was_cut_off_is_named(exported, store):
    change_rows(store, lambda connection: connection.execute(sa.delete(table).where(table.c.number == 5)))

    assert "found 4 rows, wanted 5 as counted" in str(check_chain(store))


def test_the_signatures_of_a_chain_are_checked_by_the_keys_a_reader_trusts(exported, store, tmp_path):
    make_key(tmp_path / "foreign", "Somebody")
    foreign = next((tmp_path / "foreign").glob(f"*{ENDING}"))

    assert "1 signed; their signatures hold" in str(check_chain(store, [tmp_path / "reader.json"]))
    assert "unknown to you" in str(check_chain(store, [foreign]))
