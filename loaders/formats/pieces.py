"""A large file of JSON or CSV in pieces, each a small file of the same form: the records stand in one of them each.

JSON  head up to the list, some records, the end of the list; the last piece ends as the file does
CSV   lines up to the headings, then some lines; a line break within quotes is no end of a line

What cannot be cut for certain is NotCut: it is to be read whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from loaders.formats import csv
from loaders.formats.json_head import opening
from loaders.formats.lines import lines_of, records
from loaders.formats.packed import GZIP, ZIP, ZSTD
from loaders.store.files import OnDisk

PIECE_BYTES = 8_000_000
CSV_SHARE = 4  # pieces of CSV are so many times smaller: each of their values is an object of Python while it is read
MOST_PIECES = 4  # as many times a piece may one grow, where no place to cut it is found
HEAD_BYTES = 65_536
_MARK = b"\xef\xbb\xbf"
_UNCLOSED = "unexpected end of data"  # of a quote that no other follows, in the words of Python's reader


class NotCut(Exception):
    """A file that cannot be cut for certain."""


@dataclass(frozen=True)
class Piece:
    """A piece of a file, as a file.

    form    "json" or "csv"
    data    its bytes
    before  what is to be added to a line number of it, to have that of the whole; nothing in JSON
    ends    bytes at its end that are not of the whole
    share   of the whole that has been read with it, up to 1
    """

    form: str
    data: bytes
    before: int = 0
    ends: int = 0
    share: float = 1.0


class Bytes:
    """The bytes of a file as they are asked for, and their hash."""

    def __init__(self, source: OnDisk):
        self.beginning = next(source.chunks(4096), b"")
        self._chunks = source.chunks(min(PIECE_BYTES, 1_000_000))
        self._digest, self._size = hashlib.sha256(), len(source)
        self._read = 0
        self.ended = False

    def more(self, wanted: int) -> bytes:
        """At least so many bytes more, fewer at the end."""
        found: list[bytes] = []
        filled = 0
        while filled < wanted and not self.ended:
            chunk = next(self._chunks, b"")
            self._digest.update(chunk)
            self._read += len(chunk)
            filled += len(chunk)
            found.append(chunk)
            self.ended = not chunk
        return b"".join(found)

    @property
    def share(self) -> float:
        """How much of the file has been read."""
        return min(self._read / max(self._size, 1), 1.0)

    def sha256(self) -> str:
        """The hash of the file, of which the rest is read for it."""
        while not self.ended:
            self.more(PIECE_BYTES)
        return self._digest.hexdigest()


def pieces(read: Bytes) -> Iterator[Piece]:
    """The pieces of a file. Raises NotCut; may raise OSError."""
    data = read.more(HEAD_BYTES)
    if data.startswith((GZIP, ZSTD, *ZIP)) or b"\x00" in read.beginning:
        raise NotCut
    start = data.removeprefix(_MARK).lstrip()[:4]
    if start[:1] in (b"[", b"{"):
        yield from _of_json(read, data)
    elif start[:1] == b"<" or start in (b"HDR,", b"AAA|") or not start:
        raise NotCut
    else:
        yield from _of_csv(read, data)


def _of_json(read: Bytes, data: bytes) -> Iterator[Piece]:
    from loaders.formats.json_cuts import last_cut

    marked = data.startswith(_MARK)
    data = data.removeprefix(_MARK)
    begin, tail = opening(data)
    if begin < 0:
        raise NotCut
    # The mark is told of once.
    first, head, rest = (_MARK if marked else b"") + data[:begin], data[:begin], data[begin:]
    for cut in _cuts(read, rest, last_cut):
        if cut.last:
            yield Piece("json", first + cut.data, share=read.share)
        else:
            yield Piece("json", first + cut.data + tail, ends=len(tail), share=read.share)
        first = head


@dataclass(frozen=True)
class _Cut:
    data: bytes
    last: bool


def _cuts(read: Bytes, rest: bytes, last_cut: Callable[[bytes], tuple[int, bool]]) -> Iterator[_Cut]:
    while True:
        rest += read.more(max(PIECE_BYTES - len(rest), 1))
        cut, ended = last_cut(rest)
        if ended:
            # Behind the list stands little; else it was not the end of it.
            rest += read.more(PIECE_BYTES)
            if not read.ended and read.more(1):
                raise NotCut
        if ended or read.ended:
            yield _Cut(rest, True)
            return
        if cut >= 0:
            yield _Cut(rest[:cut], False)
            rest = rest[cut + 1 :]
        elif len(rest) > MOST_PIECES * PIECE_BYTES:
            raise NotCut


def _of_csv(read: Bytes, data: bytes) -> Iterator[Piece]:
    head, begin = _headings(data, whole=read.ended)
    body, before = data[len(head) :], 0
    plain = head.removeprefix(_MARK)
    while True:
        body += read.more(max(PIECE_BYTES // CSV_SHARE - len(body), 1))
        end = len(body) if read.ended else _last_end(plain, begin, body)
        if end:
            yield Piece("csv", head + body[:end], before, share=read.share)
            before += _line_ends(body[:end])
            body, head = body[end:], plain
        elif len(body) > MOST_PIECES * PIECE_BYTES:
            raise NotCut
        if read.ended and not body:
            return


def _headings(data: bytes, whole: bool) -> tuple[bytes, int]:
    """The bytes of the lines up to the headings, and how many lines they are."""
    mark = _MARK if data.startswith(_MARK) else b""
    known = data[len(mark) :] if whole else data[len(mark) : data.rfind(b"\n") + 1]
    lines = lines_of(known.decode("utf-8", errors="surrogateescape"))
    headings, begin = csv.headings_of(lines)
    if headings.fault or begin >= len(lines):
        raise NotCut
    return mark + "".join(lines[:begin]).encode("utf-8", errors="surrogateescape"), begin


def _last_end(head: bytes, begin: int, body: bytes) -> int:
    """Where the last line ends that is whole whatever follows; 0 where none is known to be."""
    end = body.rfind(b"\n") + 1
    if b'"' not in body[:end]:
        return end
    lines = lines_of((head + body[:end]).decode("utf-8", errors="surrogateescape"))
    width = len(csv.headings_of(lines)[0].values)
    # A quote that is not closed up to here may be closed behind: its line, and all behind it, wait for that. A torn
    # line before it may have been looked at beyond that place: then it waits too.
    while waiting := next((line.place for line in records(lines, begin, width) if line.fault == _UNCLOSED), 0):
        lines = lines[: waiting - 1]
    return len("".join(lines[begin:]).encode("utf-8", errors="surrogateescape"))


def _line_ends(data: bytes) -> int:
    """How many lines end in some bytes: at a line feed, a carriage return, or both."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
