"""Ways in which a file is damaged between its sender and the load.

Each takes a random generator and the bytes of a sample, unpacked, and gives damaged bytes,
or None where the sample has nothing of the kind. The seed decides where the damage falls.
"""

from __future__ import annotations

import codecs
import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any

Mutation = Callable[[random.Random, bytes], "bytes | None"]

HUGE = 5_000_000
ODD_NUMBERS = ("1e999", "-1e999", "NaN", "Infinity", "-0", "1" + "0" * 400, "9" * 5000, str(2**63), "0x1F", "١٢")
ODD_DATES = (
    *("9999-12-31", "0001-01-01", "2024-02-30", "2024-W03-1", "1899-12-31", "99991231", "00010101", "20240230"),
    *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "31/12/9999", "20240115256199"),
)
ODD_TEXTS = ("", " ", "null", "\\ud800", "\\u0000", "Caf\u00e9", "=1+1", "a\u2028b", "'; drop table parts; --", "\\")
ODD_VALUES: tuple[Any, ...] = (None, True, 5, -0.0, 10**400, "word", "", [], [1], {}, {"deep": {"er": 1}}, "\x00")


def is_json(data: bytes) -> bool:
    return data.lstrip()[:1] in (b"[", b"{")


def records_of(data: bytes) -> tuple[Any, list[dict[str, Any]]]:
    """A JSON answer, and the list of records in it."""
    said = json.loads(data)
    return said, said if isinstance(said, list) else said.get("data", [said])


# of any bytes


def cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def beginning_lost(rng: random.Random, data: bytes) -> bytes:
    return data[rng.randrange(1, len(data)) :]


def flipped_bytes(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 20))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def noise_inside(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(rng.choice((1, 3, 200))) + data[at:]


def nothing_but_noise(rng: random.Random, _: bytes) -> bytes:
    return rng.randbytes(rng.choice((1, 2, 500, 5000)))


def empty(_: random.Random, __: bytes) -> bytes:
    return b""


def blanks_only(_: random.Random, __: bytes) -> bytes:
    return b" \r\n\t\n"


def zeros_inside(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b"\x00" * rng.choice((1, 64)) + data[at:]


def latin_1(_: random.Random, data: bytes) -> bytes:
    return data.replace(b"SYN", "SÝÑ".encode("latin-1"), 1)


def utf_16(_: random.Random, data: bytes) -> bytes:
    return data.decode("latin-1").encode("utf-16")


def utf_16_without_mark(_: random.Random, data: bytes) -> bytes:
    return data.decode("latin-1").encode("utf-16-le")


def byte_order_mark(_: random.Random, data: bytes) -> bytes:
    return codecs.BOM_UTF8 + data


def mark_inside(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + codecs.BOM_UTF8 + data[at:]


def twice_over(_: random.Random, data: bytes) -> bytes:
    return data + data


def old_line_ends(_: random.Random, data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r")


def half_a_gzip(rng: random.Random, data: bytes) -> bytes:
    packed = gzip.compress(data)
    return packed[: rng.randrange(3, len(packed))]


def damaged_gzip(rng: random.Random, data: bytes) -> bytes:
    packed = bytearray(gzip.compress(data))
    packed[rng.randrange(10, len(packed))] ^= 0xFF
    return bytes(packed)


def gzip_with_more_behind(_: random.Random, data: bytes) -> bytes:
    return gzip.compress(data) + b"not gzip"


def gzip_in_gzip(_: random.Random, data: bytes) -> bytes:
    return gzip.compress(gzip.compress(data))


def gzip_bomb(_: random.Random, __: bytes) -> bytes:
    return gzip.compress(b"\x00" * 60_000_000, 1)


def zip_that_climbs(_: random.Random, data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../climbed.json", data)
    return packed.getvalue()


def xml_bomb(_: random.Random, __: bytes) -> bytes:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a0 "ha">{levels}]><d>&a9;</d>'.encode()


def deep_brackets(rng: random.Random, _: bytes) -> bytes:
    return rng.choice((b"[" * 100_000, b"[" * 900 + b"]" * 900, b'{"data":' * 100_000))


# of records in JSON and lines of text


def _in_a_record(change: Callable[[random.Random, dict[str, Any], str], None]) -> Mutation:
    def mutation(rng: random.Random, data: bytes) -> bytes | None:
        if not is_json(data):
            return None
        said, records = records_of(data)
        record = rng.choice(records)
        change(rng, record, rng.choice(sorted(record)))
        return json.dumps(said).encode()

    return mutation


def _in_a_line(change: Callable[[random.Random, str], str]) -> Mutation:
    def mutation(rng: random.Random, data: bytes) -> bytes | None:
        if is_json(data):
            return None
        lines = data.decode(errors="surrogateescape").splitlines(keepends=True)
        place = rng.randrange(len(lines))
        lines[place] = change(rng, lines[place])
        return "".join(lines).encode(errors="surrogateescape")

    return mutation


def _put(rng: random.Random, record: dict[str, Any], field: str) -> None:
    record[field] = rng.choice(ODD_VALUES)


def _swap(rng: random.Random, record: dict[str, Any], field: str) -> None:
    other = rng.choice(sorted(record))
    record[field], record[other] = record[other], record[field]


def _nest(_: random.Random, record: dict[str, Any], field: str) -> None:
    for _level in range(700):
        record[field] = [record[field]]


def _separator(line: str) -> str:
    return "|" if line.count("|") > line.count(",") else ","


def _with_field(rng: random.Random, line: str, text: str) -> str:
    body, end = line.rstrip("\r\n"), line[len(line.rstrip("\r\n")) :]
    fields = body.split(_separator(line))
    fields[rng.randrange(len(fields))] = text
    return _separator(line).join(fields) + end


def _swap_fields(rng: random.Random, line: str) -> str:
    fields = line.rstrip("\r\n").split(_separator(line))
    one, other = rng.randrange(len(fields)), rng.randrange(len(fields))
    fields[one], fields[other] = fields[other], fields[one]
    return _separator(line).join(fields) + "\n"


def _token(words: tuple[str, ...], quoted: bool) -> Mutation:
    """One value in the place of another, as text: JSON has no other way to say NaN."""

    def mutation(rng: random.Random, data: bytes) -> bytes:
        word = rng.choice(words)
        if not is_json(data):
            done = _in_a_line(lambda r, line: _with_field(r, line, word))(rng, data)
            return done or data
        said, records = records_of(data)
        record = rng.choice(records)
        record[rng.choice(sorted(record))] = "@@"
        return json.dumps(said).replace('"@@"', f'"{word}"' if quoted else word).encode()

    return mutation


def field_twice(rng: random.Random, data: bytes) -> bytes | None:
    if not is_json(data):
        return None
    said, records = records_of(data)
    record = rng.choice(records)
    record["@@"] = 0
    blank = rng.choice(("", " ", "\n"))
    return json.dumps(said).replace('"@@": 0', f'"{rng.choice(sorted(record)[1:])}"{blank}: "again"').encode()


def _lines(change: Callable[[random.Random, list[bytes]], None]) -> Mutation:
    def mutation(rng: random.Random, data: bytes) -> bytes | None:
        if is_json(data):
            return None
        lines = data.splitlines(keepends=True)
        change(rng, lines)
        return b"".join(lines)

    return mutation


def repeated(rng: random.Random, data: bytes) -> bytes | None:
    """One record, or one line, a thousand times more."""
    if not is_json(data):
        lines = data.splitlines(keepends=True)
        place = rng.randrange(len(lines))
        return b"".join([*lines[:place], *[lines[place]] * 1000, *lines[place:]])
    said, records = records_of(data)
    records.extend([rng.choice(records)] * 1000)
    return json.dumps(said).encode()


def odd_record(rng: random.Random, data: bytes) -> bytes | None:
    if not is_json(data):
        return None
    said, records = records_of(data)
    records.insert(rng.randrange(len(records) + 1), rng.choice((None, 5, "x", [], {}, [[{}]])))  # type: ignore[arg-type]
    return json.dumps(said).encode()


def another_frame(rng: random.Random, data: bytes) -> bytes | None:
    """A list of records where something else should be."""
    if not is_json(data):
        return None
    _, records = records_of(data)
    framed: tuple[Any, ...] = ({"data": {"data": records}}, [records], {"items": records}, "word", {"data": None}, 5)
    return json.dumps(rng.choice(framed)).encode()


def many_fields(_: random.Random, data: bytes) -> bytes:
    """A hundred thousand fields that nobody knows."""
    if not is_json(data):
        first, rest = data.split(b"\n", 1)
        return first + "".join(f",x{n}" for n in range(100_000)).encode() + b"\n" + rest
    said, records = records_of(data)
    records[0] |= {f"x{number}": number for number in range(100_000)}
    return json.dumps(said).encode()


def _drop(rng: random.Random, lines: list[bytes]) -> None:
    del lines[rng.randrange(len(lines))]


OF_BYTES: tuple[Mutation, ...] = (
    *(cut, beginning_lost, flipped_bytes, noise_inside, nothing_but_noise, empty, blanks_only, zeros_inside),
    *(latin_1, utf_16, utf_16_without_mark, byte_order_mark, mark_inside, twice_over, old_line_ends),
    *(half_a_gzip, damaged_gzip, gzip_with_more_behind, gzip_in_gzip, zip_that_climbs, xml_bomb, deep_brackets),
)
OF_ROWS: dict[str, Mutation] = {
    "odd value in a record": _in_a_record(_put),
    "two values of a record swapped": _in_a_record(_swap),
    "a field gone from a record": _in_a_record(lambda _, record, field: record.pop(field) and None),
    "a field of another name": _in_a_record(lambda _, record, field: record.update({field + "X": record.pop(field)})),
    "a value within 700 brackets": _in_a_record(_nest),
    "a field twice in a record": field_twice,
    "something else among the records": odd_record,
    "another frame round the records": another_frame,
    "odd number": _token(ODD_NUMBERS, quoted=False),
    "odd number as text": _token(ODD_NUMBERS, quoted=True),
    "odd date": _token(ODD_DATES, quoted=True),
    "odd text": _token(ODD_TEXTS, quoted=True),
    "two fields of a line swapped": _in_a_line(_swap_fields),
    "a quote not closed": _in_a_line(lambda rng, line: _with_field(rng, line, '"open')),
    "a quote at a random place": _in_a_line(
        lambda rng, line: ((at := rng.randrange(len(line))) and line[:at] + '"' + line[at:]) or '"' + line
    ),
    "a line with more fields": _in_a_line(lambda _, line: line.rstrip("\r\n") + _separator(line) + "more" + "\n"),
    "a line with fewer fields": _in_a_line(lambda _, line: line.rstrip("\r\n").rpartition(_separator(line))[0] + "\n"),
    "the first line again": _lines(lambda rng, lines: lines.insert(rng.randrange(1, len(lines) + 1), lines[0])),
    "a line gone": _lines(_drop),
    "two lines in each other's place": _lines(lambda rng, lines: rng.shuffle(lines)),
    "one row a thousand times": repeated,
    "a hundred thousand fields": many_fields,
}
HEAVY: dict[str, Mutation] = {
    "gzip bomb": gzip_bomb,
    "a field of five million letters": _token(("y" * HUGE,), quoted=True),
}
LIGHT: dict[str, Mutation] = {one.__name__.replace("_", " "): one for one in OF_BYTES} | OF_ROWS
