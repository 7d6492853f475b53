"""Insights answers: `{"metadata": {"datasets": [...]}, "data": [...]}`, or a bare list of records.

A file whose end is missing gives the records before the break. NaN, which JSON does not
know, is read as the number that it is not, so that the check of its column refuses that row only. Fields of an object
inside a record are fields of the record, `pairVolumes.negative1`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from loaders.errors import Finding, UnreadableFile
from loaders.formats.raw import ABSENT, RawFile, RawTable
from loaders.formats.text import is_broken


def read(file: str, text: str) -> RawFile:
    """The records of an answer. Raises UnreadableFile where there is no list of them."""
    cut = None
    try:
        said: Any = json.loads(text) if is_broken(text) else msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, ValueError):
        try:
            said = json.loads(text)
        except ValueError as error:
            said, cut = _what_is_whole(file, text, error)
    says: list[str] = []
    records = said
    if isinstance(said, dict):
        metadata = said.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("datasets"), list):
            says = [name for name in metadata["datasets"] if isinstance(name, str)]
        records = said.get("data")
    if not isinstance(records, list):
        raise UnreadableFile(
            Finding(
                file, 0, "", "no list of records", 'a list, or an object with a list under "data"', "Fetch it again."
            )
        )
    return _file(file, records, says, cut)


def _file(file: str, records: list[Any], says: list[str], cut: Finding | None) -> RawFile:
    broken = [
        Finding(file, place, "", repr(record)[:80], "an object of named fields", "Correct the record.")
        for place, record in enumerate(records, start=1)
        if not isinstance(record, dict)
    ]
    places = np.arange(1, len(records) + 1, dtype=np.int64)
    if broken:
        good = [isinstance(record, dict) for record in records]
        places, records = places[good], [record for record in records if isinstance(record, dict)]
    names: dict[str, None] = {}
    for shape in {tuple(record): None for record in records}:
        names |= dict.fromkeys(shape)
    fields: dict[str, Sequence[Any]] = {}
    for name in names:
        values = [record.get(name, ABSENT) for record in records]
        fields |= _parts(name, values) if any(isinstance(value, dict) for value in values) else {name: values}
    said = set(says) | {value for value in fields.get("dataset", []) if isinstance(value, str)}
    count = {"": len(places) + len(broken)}
    return RawFile("json", {"": RawTable(fields, places)}, frozenset(said), broken=broken, cut=cut, counts=count)


def _parts(name: str, values: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """The fields of objects inside records, `pairVolumes.negative1`; null is an object with nothing in it."""
    parts = {part: None for value in values if isinstance(value, dict) for part in value}
    return {
        f"{name}.{part}": [
            value.get(part, ABSENT) if isinstance(value, dict) else None if value is None else ABSENT
            for value in values
        ]
        for part in parts
    }


def _what_is_whole(file: str, text: str, error: ValueError) -> tuple[Any, Finding]:
    """The records before the place where the text breaks off."""
    start = text.find("[", text.find('"data"')) if text.lstrip().startswith("{") else text.find("[")
    if start < 0:
        raise UnreadableFile(
            Finding(file, 0, "", f"text that breaks off ({error})", "a whole JSON answer", "Fetch the file again.")
        )
    decoder = json.JSONDecoder()
    records: list[Any] = []
    place = start + 1
    while True:
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        try:
            record, place = decoder.raw_decode(text, place)
        except ValueError:
            break
        records.append(record)
    finding = Finding(
        file,
        len(records) + 1,
        "",
        "text that breaks off",
        "a whole JSON answer",
        f"The {len(records)} records before it were read. Fetch the file again and load it.",
    )
    before = text[:start].rstrip().removesuffix(":").rstrip().removesuffix('"data"').rstrip(" \t\r\n,")
    try:
        head = decoder.decode(before + "}")
    except ValueError:
        head = {}
    return ({**head, "data": records} if isinstance(head, dict) else records), finding
