"""Insights answers: `{"metadata": {"datasets": [...]}, "data": [...]}`, or a bare list of records.

A message of IRIS, the push service, is such a list, or one record by itself; its file is named after its dataset
(`ABUC_202311140741_NGET-EMFIP-ABUC-00689167-1.json`, or `ABUC_231114T074100_123456.json`), in a folder of its own.
Source: elexon-data/iris-clients, python/client.py; elexon-data/insights-docs, docs/iris_archive.md.

A file whose end is missing gives the records before the break. NaN, which JSON does not
know, is read as the number that it is not, so that the check of its column refuses that row only. A record that has a
field twice is refused: which of the two holds is not guessed at. Fields of an object inside a record are fields of the
record, `pairVolumes.negative1`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from loaders.errors import Finding, UnreadableFile
from loaders.formats.json_fields import Fields
from loaders.formats.raw import MOST_FIELDS, RawFile, RawTable
from loaders.formats.text import is_broken, shown

AGAIN = "Fetch it again."


class Twice(dict[str, Any]):
    """An object of which a field stood more than once; `said` tells the field and what it said."""

    said: tuple[str, str]


TEXTS = "[]"  # the field of a record that is a text and nothing else, as in a list of names


@dataclass(frozen=True)
class Part:
    """What a piece of an answer, written as an answer of its own, holds of the whole.

    raw     its records, with their places in the whole; `cut` is left to the whole
    fields  of its records
    after   how many records of the whole stand up to its end
    torn    it is no good JSON; `ends`: nor can the records behind it be read
    """

    raw: RawFile
    fields: Fields
    after: int
    torn: bool
    ends: bool


def read(file: str, text: str) -> RawFile:
    """The records of an answer. Raises UnreadableFile where there is no list of them."""
    said, stopped = _said(file, text)
    records, says, alone = _records(file, said, stopped is not None)
    if records and all(type(record) is str for record in records):
        records = [{TEXTS: record} for record in records]
    raw = _file(file, records, says)
    raw.alone = alone
    raw.pairs = said if alone else None
    raw.cut = cut_after(file, len(records)) if stopped is not None else None
    return raw


def read_part(file: str, text: str, before: int, ends: int, known: Fields | None) -> Part:
    """A piece of an answer, written as an answer of its own. Raises UnreadableFile where there is no list in it.

    before  records of the whole that stand before it
    ends    letters of the text that end the answer and are not of the whole
    known   fields that the records of the whole have, if more than its own
    """
    said, stopped = _said(file, text)
    records, says, alone = _records(file, said, stopped is not None)
    if alone:
        raise UnreadableFile(alone)
    own = Fields()
    raw = _file(file, records, says, before, known, own)
    # What stands between its last record and its end is blank or a comma, if all of it was read.
    left = stopped is not None and text[stopped : len(text) - ends].strip(" \t\r\n,") != ""
    return Part(raw, own, before + len(records), stopped is not None, left)


def cut_after(file: str, records: int) -> Finding:
    """That an answer breaks off after so many records."""
    todo = f"The {records} records before it were read. Fetch the file again and load it."
    return Finding(file, records + 1, "", "text that breaks off", "a whole JSON answer", todo)


def _records(file: str, said: Any, cut: bool) -> tuple[list[Any], list[str], Finding | None]:
    """The records of an answer, the datasets that it names, and of one object the finding that it may be no record."""
    if isinstance(said, Twice):
        raise UnreadableFile(Finding(file, 0, said.said[0], f"the field twice: {said.said[1]}", "it once", AGAIN))
    says: list[str] = []
    records = said
    alone = None
    if isinstance(said, dict):
        metadata = said.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("datasets"), list):
            says = [name for name in metadata["datasets"] if isinstance(name, str)]
        records = said.get("data")
    if not isinstance(records, list):
        wanted = 'a list, or an object with a list under "data"'
        alone = Finding(file, 0, "", "no list of records", wanted, "Fetch it again.")
        if not isinstance(said, dict) or cut or {"data", "metadata"} & said.keys():
            raise UnreadableFile(alone)
        records = [said] if said else []
    return records, says, alone


def _said(file: str, text: str) -> tuple[Any, int | None]:
    """What a text says; where it breaks off, what is whole of it, and the place where that ends."""
    if not is_broken(text):
        try:
            said = msgspec.json.decode(text)
        except (ValueError, RecursionError):
            pass
        else:
            if _each_field_once(said, text):
                return said, None
    try:
        return DECODER.decode(text), None
    except (ValueError, RecursionError) as error:
        return _what_is_whole(file, text, error)


def _each_field_once(said: Any, text: str) -> bool:
    """Whether as many fields are there as were written: a reader keeps the last of two alike, and says nothing.

    True is certain; False, as for a quote and a colon within a text, is to be looked at with the slow reader.
    """
    if any(f"{blank}:" in text for blank in " \t\r\n"):
        return False
    fields = 0
    level = [said] if isinstance(said, dict | list) else []
    while level:
        below: list[Any] = []
        for one in level:
            if type(one) is dict:
                fields += len(one)
            below += [value for value in (one.values() if type(one) is dict else one) if type(value) in (dict, list)]
        level = below
    return fields == text.count('":')


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a Twice where it, or one within it, has a field more than once."""
    found = dict(pairs)
    said = next((value.said for value in found.values() if isinstance(value, Twice)), None)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        name = next(name for name in names if names.count(name) > 1)
        said = name, " and ".join(shown(value) for other, value in pairs if other == name)
    if said is None:
        return found
    twice = Twice(found)
    twice.said = said
    return twice


def _whole_number(digits: str) -> Any:
    """A whole number; one with more digits than Python reads is a Decimal, which no column takes."""
    return int(digits) if len(digits) < 1000 else Decimal(digits)


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole_number)


def _fault(file: str, place: int, record: Any) -> Finding | None:
    """What is wrong with a record as a whole."""
    if not isinstance(record, dict):
        return Finding(file, place, "", shown([record])[1:-1], "an object of named fields", "Correct the record.")
    if isinstance(record, Twice):
        name, found = record.said
        return Finding(file, place, name, f"the field twice: {found}", "each field once", "Correct the record.")
    if len(record) > MOST_FIELDS:
        return Finding(file, place, "", f"{len(record)} fields", f"at most {MOST_FIELDS}", "Correct the record.")
    return None


def _file(
    file: str,
    records: list[Any],
    says: list[str],
    before: int = 0,
    known: Fields | None = None,
    own: Fields | None = None,
) -> RawFile:
    """Records by field. `own` takes up the fields of these; `known` are laid out, if not only these."""
    faults = [
        None if type(record) is dict and len(record) <= MOST_FIELDS else _fault(file, place, record)
        for place, record in enumerate(records, start=before + 1)
    ]
    broken = [fault for fault in faults if fault]
    places = np.arange(before + 1, before + len(records) + 1, dtype=np.int64)
    if broken:
        good = [fault is None for fault in faults]
        places, records = places[good], [record for record, fine in zip(records, good, strict=True) if fine]
    own = Fields() if own is None else own
    own.take_up(records)
    fields = (own if known is None else known).columns(records)
    if len(fields) > MOST_FIELDS:
        raise UnreadableFile(Finding(file, 0, "", f"{len(fields)} fields", f"at most {MOST_FIELDS}", AGAIN))
    said = set(says) | {value for value in fields.get("dataset", []) if isinstance(value, str)}
    count = {"": len(places) + len(broken)}
    return RawFile("json", {"": RawTable(fields, places)}, frozenset(said), broken=broken, counts=count)


def _what_is_whole(file: str, text: str, error: Exception) -> tuple[Any, int]:
    """The records before the place where the text breaks off, and that place."""
    start = text.find("[", text.find('"data"')) if text.lstrip().startswith("{") else text.find("[")
    if start < 0:
        raise UnreadableFile(
            Finding(file, 0, "", f"text that breaks off ({error})", "a whole JSON answer", "Fetch the file again.")
        )
    records: list[Any] = []
    place = start + 1
    while True:
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        try:
            record, place = DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        records.append(record)
    before = text[:start].rstrip().removesuffix(":").rstrip().removesuffix('"data"').rstrip(" \t\r\n,")
    try:
        head = DECODER.decode(before + "}")
    except (ValueError, RecursionError):
        head = {}
    return ({**head, "data": records} if isinstance(head, dict) else records), place
