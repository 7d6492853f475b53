"""The head of a JSON answer: what it says of itself, and how its first record is written.

Most answers are written by a program, so all records of a file look like the first of it but for their values. What
the head does not settle, as a first record with an object in it, has no Head: the file is read as a whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from loaders.formats.json import DECODER, Twice

FURTHEST = 65_536  # bytes in which the first record must end
_BLANK = rb"[ \t\r\n]*"
_LIST = re.compile(rb"%b\[%b(?=\{)" % (_BLANK, _BLANK))
_DATA = re.compile(rb'"data"%b:%b\[%b(?=\{)' % (_BLANK, _BLANK, _BLANK))
_OPENS = re.compile(rb"%b\[" % _BLANK)
_OPENS_DATA = re.compile(rb'"data"%b:%b\[' % (_BLANK, _BLANK))
_TEXT = rb'"[^"\\\x00-\x1f]*"'
_SCALAR = rb"-?[0-9][0-9.eE+-]*|true|false|null|" + _TEXT
_FIELD = re.compile(rb"([{,]%b)(%b)(%b:%b)(%b)(%b)" % (_BLANK, _TEXT, _BLANK, _BLANK, _SCALAR, _BLANK))
_BETWEEN = re.compile(rb"%b,%b(?=\{)" % (_BLANK, _BLANK))
END = re.compile(rb"\}(%b\]%b(\}%b)?)\Z" % (_BLANK, _BLANK, _BLANK))


@dataclass(frozen=True)
class Head:
    """What all records of a file share, if they are written as the first one is.

    says       the datasets that the file names, in its metadata and in the first record
    fields     names, in the order in which they stand
    literals   what stands before each value, and after the last one. A field `dataset` has no value: it belongs to them
    separator  what stands between two records
    begin, end  where the first record begins and where the last one ends
    """

    says: frozenset[str]
    fields: tuple[str, ...]
    literals: tuple[bytes, ...]
    separator: bytes
    begin: int
    end: int

    @property
    def shape(self) -> tuple[object, ...]:
        """What two files that are read as one must have in common."""
        return self.says, self.fields, self.literals, self.separator


def head_of(data: bytes) -> Head | None:
    """The head of an answer with records; None where it has none, or is not written plainly."""
    start = _LIST.match(data, 0, FURTHEST)
    says: set[str] = set()
    if start is None:
        place = data.find(b'"data"', 0, FURTHEST)
        start = _DATA.match(data, place, FURTHEST) if place > 0 else None
        told = _metadata(data[:place]) if start else None
        if told is None or start is None:
            return None
        says = told
        enveloped = True
    else:
        enveloped = False
    tail = len(data) - 64 if len(data) > 64 else 0
    end = END.search(data, tail)
    if end is None or bool(end.group(2)) != enveloped:
        return None
    return _first_record(data, start.end(), end.start(1), says)


def opening(data: bytes) -> tuple[int, bytes]:
    """Where the list of an answer begins, and what ends an answer of its form; -1 where no list is known to begin."""
    if start := _OPENS.match(data, 0, FURTHEST):
        return start.end(), b"]"
    place = data.find(b'"data"', 0, FURTHEST)
    start = _OPENS_DATA.match(data, place, FURTHEST) if place > 0 else None
    if start is None or _metadata(data[:place]) is None:
        return -1, b""
    return start.end(), b"]}"


def _metadata(before: bytes) -> set[str] | None:
    """The datasets that stand before the records; None where it is no plain beginning of an object."""
    plain = before.rstrip(b" \t\r\n")
    try:
        # An object that goes on has a comma at its end, one that begins with its data has nothing.
        said = DECODER.decode((plain[:-1] if plain.endswith(b",") else plain).decode() + "}")
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or isinstance(said, Twice) or bool(said) != plain.endswith(b","):
        return None
    metadata = said.get("metadata")
    datasets = metadata.get("datasets") if isinstance(metadata, dict) else None
    return {name for name in datasets if isinstance(name, str)} if isinstance(datasets, list) else set()


def _first_record(data: bytes, begin: int, end: int, says: set[str]) -> Head | None:
    fields: list[str] = []
    literals = [b""]
    at = begin
    while (field := _FIELD.match(data, at, begin + FURTHEST)) is not None:
        if (field.group(1)[:1] == b"{") != (not fields):
            return None
        fields.append(field.group(2)[1:-1].decode(errors="surrogateescape"))
        literals[-1] += field.group(1) + field.group(2) + field.group(3)
        value = field.group(4)
        if fields[-1] == "dataset":
            if not value.startswith(b'"'):
                return None
            says = says | {json.loads(value.decode(errors="surrogateescape"))}
            literals[-1] += value + field.group(5)
        else:
            literals.append(field.group(5))
        at = field.end()
    if not fields or len(set(fields)) < len(fields) or data[at : at + 1] != b"}":
        return None
    literals[-1] += b"}"
    between = _BETWEEN.match(data, at + 1)
    if between is None and at + 1 != end:
        return None
    separator = between.group() if between else b","
    return Head(frozenset(says), tuple(fields), tuple(literals), separator, begin, end)
