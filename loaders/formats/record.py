"""One record of a file as it stands there: the text of a JSON object, or the line of a CSV or pipe flow.

A place is what the readers give as `source_row`: from 1 in a JSON list, else the line from
1; of a CSV record that goes over several lines it is the first of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from loaders.formats.csv import headings_of
from loaders.formats.lines import lines_of, records
from loaders.formats.packed import unpack
from loaders.formats.text import decode


class _Answer(msgspec.Struct):
    data: list[msgspec.Raw]


def records_at(
    file: str, data: bytes, places: Iterable[int], encoding: str = "utf-8", mapping: bool = False
) -> dict[int, str]:
    """The records at some places, as text without the line end; a place that the file has not is left out.

    mapping  a JSON object is a record for each name and value
    Raises UnreadableFile for text that no reader takes (UTF-16). A form that has no lines, as a workbook, gives none.
    """
    wanted = set(places)
    unpacked, _ = unpack(file, data)
    if b"\x00" in unpacked[:4096]:
        return {}
    text = decode(file, unpacked, encoding).text
    start = text.lstrip()[:4]
    if start[:1] in ("[", "{"):
        found = _pairs(text) if mapping else _json(text, wanted)
    elif start in ("AAA|", "ZHD|"):
        found = dict(enumerate(text.split("\n"), start=1))
    else:
        found = _csv(text)
    return {place: _plain(found[place]) for place in wanted if place in found}


def _plain(text: str) -> str:
    """Bytes that are not of the encoding as \\xNN: what is shown can be written anywhere."""
    return text.rstrip("\r\n").encode("utf-8", errors="surrogateescape").decode("utf-8", errors="backslashreplace")


def _csv(text: str) -> dict[int, str]:
    """The records by the lines in which they begin, taken apart as the reader does."""
    lines = lines_of(text)
    headings, begin = headings_of(lines)
    width = 0 if headings.values[:1] == ["HDR"] else len(headings.values)
    begins = [*range(begin), *(line.place - 1 for line in records(lines, begin, width)), len(lines)]
    return {first + 1: "".join(lines[first:after]) for first, after in pairwise(begins)}


def _pairs(text: str) -> dict[int, str]:
    try:
        said = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return {}
    pairs = (f"{json.dumps(name, ensure_ascii=False)}: {bytes(value).decode()}" for name, value in said.items())
    return dict(enumerate(pairs, start=1))


def _json(text: str, wanted: set[int]) -> dict[int, str]:
    try:
        if text.lstrip().startswith("["):
            found = msgspec.json.decode(text, type=list[msgspec.Raw])
        else:
            found = msgspec.json.decode(text, type=_Answer).data
        return {place: bytes(found[place - 1]).decode() for place in wanted if 0 < place <= len(found)}
    except (msgspec.DecodeError, UnicodeEncodeError):
        return _json_by_steps(text, max(wanted, default=0))


def _json_by_steps(text: str, last: int) -> dict[int, str]:
    """Records of a text that is not good JSON as a whole: it holds NaN, odd bytes, or breaks off."""
    decoder = json.JSONDecoder()
    found: dict[int, str] = {}
    at = text.find("[", text.find('"data"')) if text.lstrip().startswith("{") else text.find("[")
    while 0 <= at < len(text) and len(found) < last:
        at += 1
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        try:
            _, end = decoder.raw_decode(text, at)
        except ValueError:
            break
        found[len(found) + 1] = text[at:end]
        at = end
    return found
