"""Packed files: what is in an archive loads file by file, what is wrong with one file costs only that file."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zipfile
import zlib
from datetime import date

import pyarrow as pa
import pytest
import sqlalchemy as sa

from loaders.errors import UnreadableFile
from loaders.formats import packed
from loaders.store import tables as sql
from loaders.store.files import sha256

PN = "SYNTHETIC_PN_2024-01-15.json"
STORED = zipfile.ZIP_STORED


def zipped(files, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data if isinstance(data, bytes) else json.dumps(data))
    return out.getvalue()


def zstd(data):
    return pa.compress(data, "zstd", asbytes=True)


def notes(desk, *units):
    return [desk.pn_row(unit, 0, 30) for unit in units]


def units(desk):
    return sorted(row["bm_unit"] for row in desk.rows("physical_notifications"))


def outcomes(report):
    return [(file.file, file.outcome) for file in report.files]


def faults(data):
    return {member.name: member.finding.found for member in packed.members("a.zip", data) if member.finding}


def good(data):
    return {member.name: member.data for member in packed.members("a.zip", data) if not member.finding}


def test_each_file_of_an_archive_goes_to_its_own_job(desk):
    files = {PN: notes(desk, "T_SYN-1"), "day/DISBSAD_2024-01-15.json": [desk.adjustment_row(1)]}

    report = desk.load_files({"archive.zip": zipped({"day/": b""} | files)})

    assert report.findings == []
    assert sorted((file.file, file.outcome, file.job) for file in report.files) == [
        ("archive.zip", "unpacked", None),
        (f"archive.zip/{PN}", "kept", "pn"),
        ("archive.zip/day/DISBSAD_2024-01-15.json", "kept", "disbsad"),
    ]
    assert units(desk) == ["T_SYN-1"]
    assert len(desk.rows("adjustment_actions")) == 1


def test_an_archive_is_kept_beside_the_files_in_it_each_under_its_own_hash(desk):
    inner = json.dumps(notes(desk, "T_SYN-1")).encode()
    archive = zipped({PN: inner})

    desk.load_files({"archive.zip": archive})

    landed = desk.store.landings()
    assert {(name, row.file) for name, row in landed.items()} == {
        (sha256(archive), "archive.zip"),
        (sha256(inner), f"archive.zip/{PN}"),
    }
    assert all(row.synthetic for row in landed.values())
    assert desk.store.landing_bytes(sha256(archive)) == archive
    assert {row["landing"] for row in desk.rows("physical_notifications")} == {sha256(inner)}


def test_an_archive_that_comes_again_is_noted_and_changes_nothing(desk):
    archive = zipped({PN: notes(desk, "T_SYN-1")})
    first = desk.load_files({"archive.zip": archive})

    again = desk.load_files({"archive.zip": archive})

    assert [outcome for _, outcome in outcomes(again)] == ["repeated", "repeated"]
    assert (again.version_before, again.version) == (first.version, first.version)
    with desk.store.engine.connect() as connection:
        runs = connection.execute(sa.select(sql.job_runs.c.outcome, sql.job_runs.c.file)).all()
    assert [tuple(run) for run in runs] == [
        ("unpacked", "archive.zip"),
        ("kept", f"archive.zip/{PN}"),
        ("repeated", "archive.zip"),
        ("repeated", f"archive.zip/{PN}"),
    ]


def test_a_file_that_came_by_itself_is_a_repeat_in_an_archive(desk):
    inner = json.dumps(notes(desk, "T_SYN-1")).encode()
    desk.load_files({PN: inner})

    came = desk.load_files({"archive.zip": zipped({PN: inner})})

    assert outcomes(came) == [("archive.zip", "unpacked"), (f"archive.zip/{PN}", "repeated")]


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
@pytest.mark.parametrize("name", ["download", "download.json", "download.zip"])
def test_a_packed_file_is_known_by_its_content_and_not_by_its_name(desk, pack, name):
    report = desk.load_files({name: pack(json.dumps(notes(desk, "T_SYN-1")).encode())})

    assert report.findings == []
    assert outcomes(report) == [(name, "kept")]
    assert units(desk) == ["T_SYN-1"]


def test_packed_files_inside_archives_are_unpacked_too(desk):
    one, two, three = (json.dumps(notes(desk, f"T_SYN-{number}")).encode() for number in (1, 2, 3))
    inner = zipped({"PN_2.json.zst": zstd(two), "PN_3.json": three})
    outer = zipped({"PN_1.json.gz": gzip.compress(one), "inner.zip": inner}, STORED)

    report = desk.load_files({"outer.zip.gz": gzip.compress(outer)})

    assert report.findings == []
    assert "outer.zip.gz/inner.zip/PN_2.json.zst" in dict(outcomes(report))
    assert units(desk) == ["T_SYN-1", "T_SYN-2", "T_SYN-3"]


def test_a_third_archive_inside_the_second_is_refused_and_the_others_go_on():
    third = zipped({"c": b"3"})

    data = zipped({"b.zip": zipped({"c.zip": third, "b": b"2"}), "a": b"1"})

    assert faults(data) == {"a.zip/b.zip/c.zip": "an archive in an archive in an archive"}
    assert good(data) == {"a.zip/b.zip/b": b"2", "a.zip/a": b"1"}


def test_what_is_in_a_file_says_that_it_is_synthetic_however_it_is_packed(desk):
    row = desk.adjustment_row(1)
    assert "SYNTHETIC" in row["partyId"]
    plain = json.dumps([row]).encode()

    desk.load_files(
        {"a.json": plain, "b.json.gz": gzip.compress(plain), "c": zstd(plain), "d.zip": zipped({"e": plain})}
    )

    assert all(row.synthetic for row in desk.store.landings().values())


@pytest.mark.parametrize(
    "name", ["../PN.json", "a/../../PN.json", "/etc/PN.json", "C:PN.json", "C:/PN.json", "a\\PN.json", "..\\PN.json"]
)
def test_a_name_that_leads_out_of_the_archive_is_refused(name):
    data = zipped({name: b"1", "good": b"2"})

    assert faults(data) == {f"a.zip/{name}": f"the name {name!r}"}
    assert good(data) == {"a.zip/good": b"2"}


def test_an_encrypted_file_is_refused_and_its_neighbour_is_kept(desk):
    data = bytearray(zipped({PN: notes(desk, "T_SYN-1"), "PN_2024-01-16.json": []}))
    data[6] |= 1  # the flag in the header before the first file, and in the list at the end
    data[data.index(b"PK\x01\x02") + 8] |= 1

    report = desk.load_files({"archive.zip": bytes(data)})

    assert [(f.file, f.found, f.weight) for f in report.findings] == [
        (f"archive.zip/{PN}", "an encrypted file", "refused")
    ]
    assert not report.good
    assert desk.marks("physical_notifications") == [(None, None)]
    assert desk.store.incomplete("physical_notifications", date(2024, 1, 16)) == []


def test_a_file_whose_checksum_is_wrong_is_refused_and_the_others_load(desk):
    broken = json.dumps(notes(desk, "T_SYN-1")).encode()
    data = zipped({"PN_2024-01-15.json": broken, "other.json": notes(desk, "T_SYN-2")}, STORED)
    data = data.replace(b"T_SYN-1", b"T_SYN-9", 1)

    report = desk.load_files({"archive.zip": data})

    (finding,) = report.findings
    assert (finding.file, finding.weight) == ("archive.zip/PN_2024-01-15.json", "refused")
    assert "CRC" in finding.found
    assert units(desk) == ["T_SYN-2"]
    assert desk.marks("physical_notifications") == [(None, None)]


def test_a_bad_file_of_no_known_job_makes_the_load_a_bad_one(desk):
    report = desk.load_files({"archive.zip": zipped({"a\\b.txt": b"1"})})

    assert outcomes(report) == [("archive.zip", "unpacked"), ("archive.zip/a\\b.txt", "refused")]
    assert not report.good


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_an_archive_that_is_cut_is_refused_as_a_whole(desk, keep):
    whole = zipped({PN: notes(desk, *(f"T_SYN-{number}" for number in range(50)))})

    report = desk.load_files({"PN_2024-01-15.zip": whole[: int(len(whole) * keep)]})

    (finding,) = report.findings
    assert finding.found.startswith("a damaged archive")
    assert outcomes(report) == [("PN_2024-01-15.zip", "refused")]
    assert desk.marks("physical_notifications") == [(None, None)]


def test_an_archive_with_nothing_in_it_says_so(desk):
    report = desk.load_files({"empty.zip": zipped({}), "folders.zip": zipped({"a/": b""})})

    assert [finding.found for finding in report.findings] == ["an archive without files"] * 2
    assert not report.good


def test_hidden_files_of_an_archive_are_passed_over_like_those_of_a_folder(desk):
    report = desk.load_files(
        {"archive.zip": zipped({"__MACOSX/._PN.json": b"\x00", ".DS_Store": b"x", "README.md": b"x", PN: []})}
    )

    assert report.findings == []
    assert outcomes(report) == [("archive.zip", "unpacked"), (f"archive.zip/{PN}", "kept")]


def test_files_beyond_the_thousandth_are_not_read_and_that_is_said():
    data = zipped({f"{number}": b"x" for number in range(1_001)})

    assert len(good(data)) == 1_000
    assert faults(data) == {"a.zip": "more files"}


def test_files_of_archives_inside_count_as_files_of_the_outermost():
    inner = zipped({f"{number}": b"x" for number in range(600)})

    # An archive is itself a file: 1 + 600, then 1 + 398.
    assert len(good(zipped({"one.zip": inner, "two.zip": inner}))) == 998


def bomb(megabytes):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("zeros.csv", "w") as file:
            for _ in range(megabytes):
                file.write(bytes(1_000_000))
        archive.writestr("good.csv", b"x")
    return out.getvalue()


def test_a_file_that_swells_is_stopped_before_it_fills_the_memory():
    data = bomb(300)
    tracemalloc.start()

    members = {member.name: member for member in packed.members("a.zip", data)}

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 150_000_000
    finding = members["a.zip/zeros.csv"].finding
    packed_size = zipfile.ZipFile(io.BytesIO(data)).getinfo("zeros.csv").compress_size
    assert finding.found == f"more than {max(50_000_000, 200 * packed_size)} bytes of {packed_size} packed"
    assert members["a.zip/zeros.csv"].data == b""
    assert members["a.zip/good.csv"].data == b"x"


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_a_packed_file_that_swells_is_stopped_and_its_day_is_marked(desk, pack):
    data = pack(bytes(120_000_000))
    tracemalloc.start()

    with pytest.raises(UnreadableFile) as stopped:
        packed.unpack("a", data)

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 120_000_000
    assert stopped.value.args[0].found == f"more than 50000000 bytes of {len(data)} packed"
    report = desk.load_files({PN: data})
    assert [finding.found for finding in report.findings] == [f"more than 50000000 bytes of {len(data)} packed"]
    assert desk.marks("physical_notifications") == [(None, None)]


def test_a_file_just_below_the_bounds_is_read_whole():
    data = bytes(50_000_000)

    assert packed.unpack("a", gzip.compress(data)) == (data, None)
    assert good(zipped({"b": data})) == {"a.zip/b": data}


def test_no_file_may_be_larger_than_the_largest_however_loosely_it_is_packed(monkeypatch):
    monkeypatch.setattr(packed, "MOST_BYTES", 1_000)
    data = bytes(range(256)) * 4

    assert faults(zipped({"b": data, "c": data[:1_000]}, STORED)) == {"a.zip/b": "more than 1000 bytes of 1024 packed"}
    with pytest.raises(UnreadableFile):
        packed.unpack("a", gzip.compress(data))


def test_gzip_files_one_after_the_other_are_one_file():
    pieces = [bytes([number]) * 200_000 for number in range(3)]

    packed_pieces = b"".join(map(gzip.compress, pieces)) + bytes(512)

    assert packed.unpack("a", packed_pieces) == (b"".join(pieces), None)


def test_half_a_zstd_file_is_told_of(desk):
    whole = zstd(json.dumps(notes(desk, *(f"T_SYN-{number}" for number in range(40)))).encode())

    report = desk.load_files({PN: whole[: len(whole) // 2]})

    assert not report.good
    assert desk.marks("physical_notifications") == [(None, None)]


def test_what_gzip_gives_is_what_the_standard_library_gives():
    data = json.dumps([{"n": number, "crc": zlib.crc32(bytes([number % 256]))} for number in range(50_000)]).encode()

    assert packed.unpack("a", gzip.compress(data)) == (gzip.decompress(gzip.compress(data)), None)
