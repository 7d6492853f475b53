"""Packed files: gzip and zstd (one file inside), zip (several), told apart by their first bytes, not by a name.

Nothing is ever written under a name that an archive gives. What unpacks to more than a file can be is stopped
while it unpacks, so that a few bytes cannot fill the memory. A workbook is a zip too, and is left as it is.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from loaders.errors import Finding, UnreadableFile

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second is an archive with nothing in it
WORKBOOK = "xl/workbook.xml"

MOST_BYTES = 2_000_000_000  # of one file, unpacked
FREE_BYTES = 50_000_000  # below this a file may be packed as tightly as it likes
MOST_TIMES = 200  # the packed size, above that
MOST_MEMBERS = 1_000  # of an archive, those of archives inside it included
MOST_DEPTH = 2  # archives in archives
STEP = 65_536  # packed bytes taken at a time
PIECE = 1_000_000  # unpacked bytes taken at a time

AGAIN = "Fetch the file again and load it."
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Member:
    """A file of an archive: its bytes as they stand in it, or the finding that says why there are none.

    name  of the archive and of the file in it, "archive.zip/inner.csv"
    """

    name: str
    data: bytes
    finding: Finding | None = None


def unpack(file: str, data: bytes) -> tuple[bytes, Finding | None]:
    """The bytes inside a gzip or zstd file, or the bytes themselves; of half a file what can be had, with a finding.

    Raises UnreadableFile for what unpacks to more than a file can be.
    """
    if data.startswith(GZIP):
        return _out_of_gzip(file, data)
    if data.startswith(ZSTD):
        return _out_of_zstd(file, data)
    return data, None


def is_archive(data: bytes) -> bool:
    """Whether bytes are a zip of files, be it inside gzip or zstd; a workbook is none."""
    inside = data if _first_bytes(data) not in ZIP else _unpacked_archive(data)
    return inside.startswith(ZIP) and not is_workbook(inside)


def is_workbook(data: bytes) -> bool:
    """Whether bytes are a zip that holds a workbook of Excel."""
    if not data.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return WORKBOOK in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return WORKBOOK.encode() in data  # half a workbook: names stand before each file as they are


def members(name: str, data: bytes) -> Iterator[Member]:
    """The files of an archive, one after the other, archives inside it opened; another file is its own member.

    name   of the archive
    gives  bytes, or a finding, for each; directories are passed over
    """
    if not is_archive(data):
        yield Member(name, data)
        return
    left = [MOST_MEMBERS]
    yield from _of_zip(name, unpack(name, data)[0], 1, left)


def fault_of_workbook(name: str, data: bytes) -> Finding | None:
    """What keeps the parts of a workbook from being unpacked, under the bounds of an archive's files."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if len(parts.infolist()) > MOST_MEMBERS:
                found, wanted = f"{len(parts.infolist())} parts", f"{MOST_MEMBERS} parts at most"
                return Finding(name, 0, "", found, wanted, AGAIN)
            for info in parts.infolist():
                _member(parts, info, name)
    except UnreadableFile as error:
        finding: Finding = error.args[0]
        return finding
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        return Finding(name, 0, "", f"a damaged workbook ({error})", "a whole workbook", AGAIN)
    return None


def _of_zip(name: str, data: bytes, depth: int, left: list[int]) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        wanted, todo = "a whole zip archive", f"Nothing of it was read. {AGAIN}"
        yield Member(name, b"", Finding(name, 0, "", f"a damaged archive ({error})", wanted, todo))
        return
    with archive:
        files = [info for info in archive.infolist() if not info.is_dir()]
        if not files:
            yield Member(name, b"", Finding(name, 0, "", "an archive without files", "files in it", AGAIN))
        for info in files:
            inner = f"{name}/{info.orig_filename}"
            if not left[0]:
                todo = "The files after these were not read. Pack fewer into one archive, and load it."
                yield Member(name, b"", Finding(name, 0, "", "more files", f"{MOST_MEMBERS} files at most", todo))
                return
            left[0] -= 1
            try:
                inside = _member(archive, info, inner)
                opened = is_archive(inside)
                if opened and depth == MOST_DEPTH:
                    found, todo = "an archive in an archive in an archive", "Unpack it, and load what is in it."
                    raise UnreadableFile(Finding(inner, 0, "", found, f"archives {MOST_DEPTH} deep", todo))
                whole = unpack(inner, inside)[0] if opened else inside
            except UnreadableFile as error:
                yield Member(inner, b"", error.args[0])
                continue
            if opened:
                yield from _of_zip(inner, whole, depth + 1, left)
            else:
                yield Member(inner, inside)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, inner: str) -> bytes:
    """The bytes of one file of a zip. Raises UnreadableFile with what is wrong with it, and with nothing else."""
    told = info.orig_filename
    if told.startswith("/") or "\\" in told or "\0" in told or _DRIVE.match(told) or ".." in told.split("/"):
        wanted, todo = "the name of a file inside the archive", "It was not read. Ask who packed it, or unpack it."
        raise UnreadableFile(Finding(inner, 0, "", f"the name {told!r}"[:120], wanted, todo))
    if info.flag_bits & 1:
        todo = "Unpack it with its password, and load what is in it."
        raise UnreadableFile(Finding(inner, 0, "", "an encrypted file", "a file without a password", todo))
    try:
        with archive.open(info) as stream:
            return _read(inner, stream, info.compress_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        wanted = "a whole file of an archive"
        raise UnreadableFile(Finding(inner, 0, "", f"a damaged file ({error})", wanted, AGAIN)) from None


def _read(file: str, stream: IO[bytes], packed: int) -> bytes:
    most, have, pieces = _most(packed), 0, []
    while piece := stream.read(PIECE):
        have += len(piece)
        if have > most:
            raise UnreadableFile(_too_large(file, most, packed))
        pieces.append(piece)
    return b"".join(pieces)


def _most(packed: int) -> int:
    return min(MOST_BYTES, max(FREE_BYTES, MOST_TIMES * packed))


def _too_large(file: str, most: int, packed: int) -> Finding:
    todo = "Nothing of it was read. Ask who packed it, or unpack it and load what is in it."
    return Finding(file, 0, "", f"more than {most} bytes of {packed} packed", f"{most} bytes at most", todo)


def _out_of_gzip(file: str, data: bytes) -> tuple[bytes, Finding | None]:
    most, have, at, view = _most(len(data)), 0, 0, memoryview(data)
    pieces = []
    try:
        while at < len(data):
            member = zlib.decompressobj(wbits=31)
            while at < len(data) and not member.eof:
                piece = member.decompress(view[at : at + STEP], most - have + 1)
                at = min(at + STEP, len(data))
                have += len(piece)
                if have > most:
                    raise UnreadableFile(_too_large(file, most, len(data)))
                pieces.append(piece)
            if not member.eof:
                pieces.append(member.flush())
                return b"".join(pieces), Finding(file, 0, "", "gzip data that stops", "a whole gzip file", AGAIN)
            rest = data[at - len(member.unused_data) :].lstrip(b"\x00")
            at = len(data) - len(rest)
    except zlib.error as error:
        return b"".join(pieces), Finding(file, 0, "", f"damaged gzip data ({error})", "a whole gzip file", AGAIN)
    return b"".join(pieces), None


def _out_of_zstd(file: str, data: bytes) -> tuple[bytes, Finding | None]:
    import pyarrow as pa

    most, have, pieces = _most(len(data)), 0, []
    try:
        with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
            while piece := stream.read(PIECE):
                have += len(piece)
                if have > most:
                    raise UnreadableFile(_too_large(file, most, len(data)))
                pieces.append(piece)
    except OSError as error:
        return b"".join(pieces), Finding(file, 0, "", f"damaged zstd data ({error})", "a whole zstd file", AGAIN)
    return b"".join(pieces), None


def _first_bytes(data: bytes) -> bytes:
    """The first four bytes inside a gzip or zstd file, or fewer."""
    if not data.startswith((GZIP, ZSTD)):
        return b""
    import pyarrow as pa

    try:
        if data.startswith(GZIP):
            return zlib.decompressobj(wbits=31).decompress(data[:STEP], 4)
        with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
            return bytes(stream.read(4))
    except (zlib.error, OSError):
        return b""


def _unpacked_archive(data: bytes) -> bytes:
    try:
        return unpack("", data)[0]
    except UnreadableFile:
        return b""


def contents(file: str, data: bytes) -> Iterator[bytes]:
    """All that is in an archive or workbook, unpacked, as far as it can be."""
    if is_workbook(data):
        if fault_of_workbook(file, data) is None:
            with zipfile.ZipFile(io.BytesIO(data)) as parts:
                yield from (parts.read(info) for info in parts.infolist())
        return
    for member in members(file, data):
        if is_workbook(member.data):
            yield from contents(member.name, member.data)
            continue
        try:
            yield unpack(member.name, member.data)[0]
        except UnreadableFile:
            continue
