"""A signed report proves who answers for it; whatever is changed, the file is named."""

from __future__ import annotations

import json
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.errors import StoreUnavailable
from loaders.store.files import FileLayer
from reports import manifest
from reports.outputs import NotAnOutput, output_of
from reports.signing import chain
from reports.signing.keys import KeyRefused, keys_folder, make_key, signing_key
from reports.signing.public_records import ENDING
from reports.signing.records import NotAsWritten
from reports.signing.revocation import revoke
from reports.signing.signing import NotSigned, sign
from reports.verification import verify, verify_folder
from settlement.command_line import AskedWrongly

T = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """A folder of keys outside any workspace."""
    monkeypatch.setenv("BSC_SIGN_KEYS", str(tmp_path / "secret"))
    monkeypatch.delenv("BSC_SIGN_PASSPHRASE_FILE", raising=False)
    return keys_folder(tmp_path)


@pytest.fixture
def record(keys):
    return make_key(keys, "Settlement desk", now=T)


@pytest.fixture
def public(keys, record, tmp_path):
    """The public record as a reader has it: away from the reports."""
    return Path(shutil.copy(keys / f"{record.key_id}{ENDING}", tmp_path / "reader.json"))


def copies(report, folder, count=1):
    """Reports of one text under several names, each with made-up twins and paper; gives their manifests."""
    folder.mkdir()
    made = []
    for number in range(count):
        stem = f"report-{number}"
        html = report.html_path.read_bytes()
        (folder / f"{stem}.html").write_bytes(html)
        beside = [folder / f"{stem}{ending}" for ending in (".periods.parquet", ".tables.json", ".xlsx", ".pdf")]
        for one in beside:
            one.write_bytes(f"a made-up {one.suffix} {number}".encode() * 20)
        said = json.loads(report.manifest_path.read_bytes())
        said["report"]["file"] = f"{stem}.html"
        path = folder / f"{stem}.manifest.json"
        path.write_bytes(manifest.canonical(manifest.with_outputs(said, map(output_of, beside))))
        made.append(path)
    return made


@pytest.fixture
def signed(report, keys, record, tmp_path):
    """Two signed reports in a folder."""
    made = copies(report, tmp_path / "out", 2)
    for hours, path in enumerate(made, 1):
        sign(path, signing_key(keys), keys, now=T + hours * HOUR)
    return made


def named(verdict):
    return {one.file for one in (*verdict.wrong, *(w for r in getattr(verdict, "reports", ()) for w in r.wrong))}


def test_a_signed_report_holds_for_whom_has_the_public_key(signed, public, record):
    verdict = verify(signed[0], [public])

    assert verdict.good and verdict.signature.state == "holds"
    assert f"Signed by Settlement desk, key {record.key_id}" in str(verdict)
    assert verify_folder(signed[0].parent, [public]).good
    twin = signed[0].with_name("report-0.periods.parquet")
    assert verify(twin, [public]).report.name == "report-0.html"


def test_without_a_key_it_is_said_that_the_signature_was_not_checked(signed):
    assert "Integrity was checked, the signature" in str(verify(signed[0])) and "was not" in str(verify(signed[0]))


def test_any_byte_flipped_in_any_file_names_that_file(signed, public, seed):
    chance, folder = random.Random(seed), signed[0].parent
    files = [
        "report-0.html", "report-0.manifest.json", "report-0.periods.parquet", "report-0.tables.json", "report-0.xlsx",
        "report-0.pdf", "report-0.signature.json", chain.FILE,
        next(folder.glob(f"*{ENDING}")).name,
    ]  # fmt: skip
    for path in [*(folder / name for name in files), public]:
        good = path.read_bytes()
        for place in chance.choices(range(len(good)), k=50):
            bit = chance.randrange(8)
            flipped = bytearray(good)
            flipped[place] ^= 1 << bit
            path.write_bytes(flipped)
            for verdict in (verify(signed[0], [public]), verify_folder(folder, [public])):
                assert path.name in named(verdict), f"{path.name}, byte {place}, bit {bit}, seed {seed}"
        path.write_bytes(good[: chance.randrange(len(good))])
        assert path.name in named(verify(signed[0], [public])), f"{path.name} cut, seed {seed}"
        path.write_bytes(good)
    assert verify_folder(folder, [public]).good


def test_flips_are_found_without_a_key_too(signed, seed):
    chance, folder = random.Random(seed), signed[0].parent
    for name in ("report-0.signature.json", chain.FILE, "report-0.periods.parquet"):
        path, good = folder / name, (folder / name).read_bytes()
        for place in chance.choices(range(len(good)), k=50):
            path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
            assert name in named(verify(signed[0])), f"{name}, byte {place}, seed {seed}"
        path.write_bytes(good)


@pytest.mark.parametrize("name", ["report-0.signature.json", "report-0.periods.parquet", chain.FILE])
def test_a_file_that_is_gone_is_named(signed, public, name):
    (signed[0].parent / name).unlink()

    assert name in named(verify(signed[0], [public]))


def test_a_report_taken_out_of_the_folder_with_all_its_files_is_missed(signed, public):
    for path in signed[0].parent.glob("report-0.*"):
        path.unlink()

    assert "report-0.signature.json" in named(verify_folder(signed[0].parent, [public]))
    assert verify(signed[1], [public]).good


@pytest.mark.parametrize(
    "change", [lambda lines: lines[:1], lambda lines: lines[1:], lambda lines: lines[::-1], lambda lines: lines * 2]
)
def test_lines_gone_turned_round_or_cut_off_are_seen_in_the_chain(signed, public, change):
    path = signed[0].with_name(chain.FILE)
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))

    assert chain.FILE in named(verify_folder(signed[0].parent, [public]))


def test_a_chain_with_all_hashes_worked_out_anew_does_not_fit_the_signatures(signed, public):
    folder, made = signed[0].parent, []
    for name in ("report-1", "report-0"):
        content = (folder / f"{name}.signature.json").read_bytes()
        made.append(chain.next_line(made, f"{name}.signature.json", content, "2026-11-02T00:00:00.000000Z"))
    (folder / chain.FILE).write_bytes(chain.as_bytes(made))

    assert chain.FILE in named(verify_folder(folder, [public]))


def test_swapped_reports_and_swapped_signatures_are_named(signed, public):
    folder = signed[0].parent
    first, second = folder / "report-0.signature.json", folder / "report-1.signature.json"
    a, b = first.read_bytes(), second.read_bytes()
    first.write_bytes(b)
    second.write_bytes(a)

    assert {first.name, second.name} <= named(verify_folder(folder, [public]))


def test_an_unsigned_report_and_one_signed_by_another_are_wrong_to_who_gave_a_key(report, keys, public, tmp_path):
    (unsigned,) = copies(report, tmp_path / "unsigned")
    (foreign,) = copies(report, tmp_path / "foreign")
    other = tmp_path / "other"
    sign(foreign, signing_key(other, make_key(other, "Somebody", now=T).key_id), other, now=T)

    assert verify(unsigned).good and "not signed" in str(verify(unsigned))
    assert "wanted a signature by the key you gave" in str(verify(unsigned, [public]))
    assert "unknown to you" in str(verify(foreign, [public]))


def test_who_trusts_the_first_key_accepts_the_next_and_no_other(report, keys, record, public, tmp_path):
    (path,) = copies(report, tmp_path / "out")
    second = make_key(keys, "Settlement desk", succeeds=record.key_id, now=T + HOUR)
    third = make_key(keys, "Settlement desk", succeeds=second.key_id, now=T + 2 * HOUR)

    assert sign(path, signing_key(keys), keys, now=T + 3 * HOUR).new
    assert verify(path, [public]).signature.key_id == third.key_id
    assert verify(path, [public]).good
    path.with_name(f"{second.key_id}{ENDING}").unlink()
    assert "unknown to you" in str(verify(path, [public]))


def test_a_revoked_key_counts_before_and_not_after(report, keys, record, public, signed, tmp_path):
    spare = make_key(keys, "Settlement desk, spare", now=T)
    shutil.copy(keys / f"{spare.key_id}{ENDING}", tmp_path / "spare.json")
    late = copies(report, tmp_path / "late")[0]
    sign(late, signing_key(keys, record.key_id), keys, now=T + 9 * HOUR)
    held = revoke(keys, record.key_id, "Laptop lost", signing_key(keys, spare.key_id), now=T + 5 * HOUR)
    both = [public, tmp_path / "spare.json"]

    assert verify(signed[0], both, held).good
    assert "revoked at 2026-11-01T17:00:00.000000Z (Laptop lost)" in str(verify(late, both, held))
    assert "a list signed by key" in str(verify(late, [public], held))
    with pytest.raises(KeyRefused, match="Laptop lost"):
        sign(copies(report, tmp_path / "more")[0], signing_key(keys, record.key_id), keys, now=T + 9 * HOUR)
    good = held.read_bytes()
    held.write_bytes(good.replace(b"Laptop", b"laptop"))
    assert held.name in named(verify(signed[0], both, held))
    with pytest.raises(AskedWrongly, match="without --key"):
        verify(signed[0], [], held)


def test_a_key_that_has_not_started_signs_nothing(report, keys, tmp_path):
    make_key(keys, "Desk", valid_from=T + HOUR, now=T)

    with pytest.raises(KeyRefused, match="when the key starts"):
        sign(copies(report, tmp_path / "out")[0], signing_key(keys), keys, now=T)


def test_a_clock_set_back_makes_no_time_go_backwards(report, keys, record, public, tmp_path):
    first, second = copies(report, tmp_path / "out", 2)
    sign(first, signing_key(keys), keys, now=T + HOUR)

    done = sign(second, signing_key(keys), keys, now=T)

    assert "the clock says 2026-11-01T12:00:00.000000Z, before the last signature" in done.said
    assert verify_folder(first.parent, [public]).good
    assert [line.at for line in chain.read_chain(first.parent)] == ["2026-11-01T13:00:00.000000Z"] * 2


def test_signing_twice_is_said_and_changes_nothing(signed, keys):
    before = {path: path.read_bytes() for path in signed[0].parent.iterdir()}

    done = sign(signed[0], signing_key(keys), keys, now=T + 5 * HOUR)

    assert not done.new and "signed before" in done.said
    assert before == {path: path.read_bytes() for path in signed[0].parent.iterdir()}


def test_a_changed_report_is_not_signed(report, keys, record, tmp_path):
    (path,) = copies(report, tmp_path / "out")
    path.with_name("report-0.html").write_bytes(b"changed")

    with pytest.raises(NotSigned, match=r"report-0.html: found SHA-256"):
        sign(path, signing_key(keys), keys, now=T)
    assert not path.with_name(chain.FILE).exists()


def test_two_signers_at_once_lose_no_line(report, keys, record, public, tmp_path):
    made = copies(report, tmp_path / "out", 8)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda path: sign(path, signing_key(keys), keys, now=T + HOUR), made))

    assert [line.number for line in chain.read_chain(made[0].parent)] == list(range(1, 9))
    assert verify_folder(made[0].parent, [public]).good


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_full_disk_leaves_nothing_half_signed(signed, report, keys, public, nth, tmp_path):
    class Full(FileLayer):
        written = 0

        def write(self, path, data):
            self.written += 1
            if self.written == nth:
                path.write_bytes(data[:5])
                raise OSError(28, "No space left on device")
            super().write(path, data)

    for path in copies(report, tmp_path / "more", 3)[2:]:
        for file in path.parent.glob("report-2.*"):
            shutil.copy(file, signed[0].parent)
    before = {path: path.read_bytes() for path in signed[0].parent.iterdir()}

    with pytest.raises(StoreUnavailable, match="No space left on device"):
        sign(signed[0].with_name("report-2.manifest.json"), signing_key(keys), keys, now=T + 9 * HOUR, layer=Full())

    assert before == {path: path.read_bytes() for path in signed[0].parent.iterdir()}


def test_a_private_key_readable_by_others_is_refused(keys, record):
    path = keys / f"{record.key_id}.private.pem"
    assert path.stat().st_mode & 0o777 == 0o600 and keys.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)

    with pytest.raises(KeyRefused, match=r"others may read \(mode 0644\)"):
        signing_key(keys)


def test_a_passphrase_closes_the_key_and_stands_nowhere(keys, tmp_path, monkeypatch):
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    file.chmod(0o600)
    monkeypatch.setenv("BSC_SIGN_PASSPHRASE_FILE", str(file))
    record = make_key(keys, "Desk", now=T)

    assert signing_key(keys).record == record
    assert b"ENCRYPTED" in (keys / f"{record.key_id}.private.pem").read_bytes()
    file.write_text("wrong horse\n")
    with pytest.raises(KeyRefused, match="does not open") as caught:
        signing_key(keys)
    assert "horse" not in str(caught.value)


def test_no_private_key_is_in_any_file_beside_a_report(signed, keys, record):
    raw = signing_key(keys).private.private_bytes_raw()
    for path in signed[0].parent.iterdir():
        content = path.read_bytes()
        assert b"PRIVATE" not in content and raw not in content and raw.hex().encode() not in content


def test_a_manifest_names_no_key_and_no_unknown_kind_as_an_output(tmp_path):
    for name in ("a.public.json", "a.txt"):
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(NotAnOutput):
            output_of(tmp_path / name)


def test_an_older_manifest_without_outputs_is_still_read(report, tmp_path):
    said = json.loads(report.manifest_path.read_bytes())
    for name in ("outputs", "code", "packages", "parts", "published_store_version", "as_of", "assumed_sha256"):
        del said[name]
    old = manifest.sealed(said | {"form": manifest.FORMS[0]})
    (tmp_path / report.manifest_path.name).write_bytes(manifest.canonical(old))
    shutil.copy(report.html_path, tmp_path)

    assert verify(tmp_path / report.html_path.name).good


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=6), st.data())
def test_a_chain_of_any_length_tells_every_change_of_its_lines(contents, data):
    lines = []
    for content in contents:
        lines.append(chain.next_line(lines, "a.signature.json", content, "2026-11-01T12:00:00.000000Z"))
    good = chain.as_bytes(lines)
    assert chain.lines_of(good) == lines
    raw = good.splitlines(keepends=True)
    order = data.draw(st.lists(st.sampled_from(range(len(raw))), max_size=8))

    if order != list(range(len(order))):
        with pytest.raises(NotAsWritten):
            chain.lines_of(b"".join(raw[place] for place in order))
