"""Values of a column to the column's type, with what did not fit.

Each distinct text is read once. A value that does not fit is not mended: its place is
given back with what was found, and the row is refused by the check.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from loaders.formats.raw import ABSENT
from loaders.formats.text import is_broken, shown
from loaders.job import Column, MinusWhere
from settlement import calendar

if TYPE_CHECKING:
    import pyarrow as pa

# Digits of other scripts are digits to Python; no feed writes them, and to read them would be a guess.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,1000}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_FLAGS = {"true": True, "t": True, "false": False, "f": False}
_FORMS = {
    "yyyy-mm-dd": "%Y-%m-%d",
    "dd/mm/yyyy": "%d/%m/%Y",
    "dd Month yyyy": "%d %B %Y",
    "dd Mon yyyy": "%d %b %Y",
    "yyyymmdd": "%Y%m%d",
    "yyyymmddhhmmss": "%Y%m%d%H%M%S",
}
_WIDTHS = {"yyyy-mm-dd": 10, "dd/mm/yyyy": 10, "dd Mon yyyy": 11, "yyyymmdd": 8, "yyyymmddhhmmss": 14}
_OF_AN_INSTANT = {"day of", "period of"}
_INT64 = 2**63
# Days and times beyond have no settlement periods that the calendar could tell, and no feed writes them.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
REACH = f"a day from {FIRST_DAY} to {LAST_DAY}"
_ALIKE = frozenset({str, int, bool})  # of one of these kinds, equal values are the same value


class Odd(Exception):
    """A value that does not fit."""


def wanted(column: Column) -> str:
    """What a column wants, in words."""
    of = f" of {column.unit}" if column.unit not in ("", "1") else ""
    sign = column.minus_where
    beside = f" and no sign, and {sign.is_} or {sign.else_} in field {sign.field}" if sign else ""
    if column.form in _OF_AN_INSTANT:
        return "a time in UTC, as 2024-01-15T12:00:00Z"
    form = " or ".join(column.forms)
    return {
        "date": f"a date {form or 'YYYY-MM-DD'}",
        "instant": f"a time {form or 'in UTC, as 2024-01-15T12:00:00Z'}",
        "text": "a list"
        if column.form == "list"
        else f"one of {', '.join(column.values)}"
        if column.values
        else "text in the encoding of the file",
        "integer": "a whole number",
        "decimal": f"a number{of} with a decimal point{beside}",
        "flag": "true or false",
    }[column.type]


def typed(values: Sequence[Any], column: Column, schema_type: pa.DataType) -> tuple[pa.Array, dict[int, str]]:
    """Values of one column in its type, null where empty or odd; and place to what was found, where odd."""
    import pyarrow as pa

    kinds = set(map(type, values))
    if column.type == "decimal" and kinds <= {float, int, type(None)}:
        return _numbers(values)
    found = _each(values, column, kinds - {type(None)})
    odd = {}
    if Odd in set(map(type, found)):
        odd = {place: str(one) for place, one in enumerate(found) if type(one) is Odd}
    for place in odd:
        found[place] = None
    if column.type == "instant":
        return pa.array(found, pa.int64()).cast(schema_type), odd
    return pa.array(found, schema_type), odd


def in_reach(values: pa.Array) -> tuple[pa.Array, list[int]]:
    """Dates and instants from FIRST_DAY to LAST_DAY; one beyond becomes null, and its place is given back."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(values) or not pa.types.is_temporal(values.type):
        return values, []
    dated = pa.types.is_date32(values.type)
    numbers = pc.cast(values, pa.int32() if dated else pa.int64())
    least, most = ((day - date(1970, 1, 1)).days * (1 if dated else 86_400_000_000) for day in (FIRST_DAY, LAST_DAY))
    beyond = pc.fill_null(pc.or_(pc.less(numbers, least), pc.greater(numbers, most)), False)
    far = np.flatnonzero(beyond.to_numpy(zero_copy_only=False)).tolist()
    return (pc.if_else(beyond, pa.scalar(None, values.type), values), far) if far else (values, [])


def turned(
    volumes: pa.Array, sign: MinusWhere, said: Sequence[Any], odd: dict[int, str]
) -> tuple[pa.Array, dict[int, str]]:
    """Volumes below zero where the field beside them says so; a zero has no sign.

    volumes  without sign, null where empty or odd
    said     the field beside each; a volume with neither of its two values, or with a sign of its own, is odd
    """
    import pyarrow as pa

    values, there = volumes.to_numpy(zero_copy_only=False), volumes.is_valid().to_numpy(zero_copy_only=False)
    beside = np.array([value.strip() if type(value) is str else value for value in said], dtype=object)
    minus = np.array(beside == sign.is_, dtype=bool)
    wrong = there & ((values < 0) | ~(minus | np.array(beside == sign.else_, dtype=bool)))
    more = {int(row): f"{values[row]:g} with {_shown(beside[row]) or 'nothing'}" for row in np.flatnonzero(wrong)}
    return pa.array(np.where(minus, 0.0 - values, values), mask=~there | wrong), odd | more


def _each(values: Sequence[Any], column: Column, kinds: set[type]) -> list[Any]:
    """Every value as its type has it, None where empty, or what is odd about it."""
    parse = _PARSERS[column.type]

    def read(value: Any) -> Any:
        if value is None:
            return None
        try:
            return parse(value.strip() if type(value) is str else value, column)
        except Odd as found:
            return found

    if len(kinds) == 1 and kinds <= _ALIKE:
        known = {value: read(value) for value in set(values)}
        return list(map(known.__getitem__, values))
    return [read(value) for value in values]


def _numbers(values: Sequence[Any]) -> tuple[pa.Array, dict[int, str]]:
    import pyarrow as pa

    try:
        array = pa.array(values, pa.float64())
    except (pa.ArrowInvalid, OverflowError):  # whole numbers beyond the floats
        array = pa.array([None if value is None else _as_float(value) for value in values], pa.float64())
    numbers = array.to_numpy(zero_copy_only=False)
    odd = np.flatnonzero(~np.isfinite(numbers) & array.is_valid().to_numpy(zero_copy_only=False))
    if not len(odd):
        return array, {}
    found = {place: _shown(values[place]) for place in odd.tolist()}
    return pa.array([None if place in found else v for place, v in enumerate(values)], pa.float64()), found


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _text(value: Any, column: Column) -> str | None:
    if column.form == "list" and type(value) is list:
        said = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if is_broken(said):
            raise Odd(shown(value))
        return said
    if type(value) is not str:
        raise Odd(_shown(value))
    if is_broken(value) or "\x00" in value:
        raise Odd(shown(value))
    if column.values and value:
        if value not in column.values:
            raise Odd(shown(value))
        return column.values[value]
    return value or None


def _integer(value: Any, column: Column) -> int | None:
    if value == "":
        return None
    if column.form == "period of":
        return _spot(value)[1]
    if type(value) is str and _WHOLE.fullmatch(value):
        value = int(value)
    if type(value) is not int or not -_INT64 <= value < _INT64:
        raise Odd(_shown(value))
    return value


def _decimal(value: Any, _: Column) -> float | None:
    if value == "":
        return None
    if type(value) is str and _NUMBER.fullmatch(value):
        value = float(value)
    if type(value) not in (int, float) or not math.isfinite(_as_float(value)):
        raise Odd(_shown(value))
    return float(value)


def _flag(value: Any, _: Column) -> bool | None:
    if value == "":
        return None
    if type(value) is str:
        value = _FLAGS.get(value.lower(), value)
    if type(value) is not bool:
        raise Odd(_shown(value))
    return value


def _date(value: Any, column: Column) -> date | None:
    if value == "":
        return None
    if column.form == "day of":
        return _spot(value)[0]
    if type(value) is date:  # a cell of a workbook
        return value
    if type(value) is not str:
        raise Odd(_shown(value))
    for form in column.forms:
        try:
            if not form:
                return date.fromisoformat(value) if _DATE.fullmatch(value) else _refuse(value)
            if len(value) == _WIDTHS.get(form, len(value)):
                return datetime.strptime(value, _FORMS[form]).date()
        except ValueError:
            continue
    raise Odd(shown(value))


def _instant(value: Any, column: Column) -> int | None:
    if value == "":
        return None
    since = _moment(value, str(column.form)) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _spot(value: Any) -> tuple[date, int]:
    """Settlement Date and Period of an instant. Raises Odd."""
    try:
        return calendar.period_at(_moment(value))
    except OverflowError:  # before the year 1, or after 9999
        raise Odd(shown(value)) from None


def _moment(value: Any, form: str = "") -> datetime:
    """An instant with its zone. Raises Odd."""
    form = "" if form in _OF_AN_INSTANT else form
    if type(value) is not str or (len(value) != _WIDTHS[form] if form else not _INSTANT.fullmatch(value)):
        raise Odd(_shown(value))
    try:
        return datetime.strptime(value, _FORMS[form]).replace(tzinfo=UTC) if form else datetime.fromisoformat(value)
    except ValueError:
        raise Odd(shown(value)) from None


def _refuse(value: str) -> date:
    raise Odd(shown(value))


def _shown(value: Any) -> str:
    return "no such field" if value is ABSENT else shown(value)


_PARSERS: dict[str, Callable[[Any, Column], Any]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "flag": _flag,
    "date": _date,
    "instant": _instant,
}
