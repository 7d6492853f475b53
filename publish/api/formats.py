"""Which form an answer takes, and its bytes: JSON or CSV, the same cells in both."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from publish.api.problems import Refused

MEDIA_TYPES = {"json": "application/json", "csv": "text/csv"}
CONTENT_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8; header=present"}


def wanted_form(named: str | None, accept: str | None) -> str:
    """ "json" or "csv": the form named in the address, else the best that the Accept header allows.

    Raises Refused (406) where it allows neither.

    >>> wanted_form(None, "text/csv;q=0.5, */*;q=0.1"), wanted_form("json", "text/csv"), wanted_form(None, None)
    ('csv', 'json', 'json')
    """
    if named:
        return named
    ranges = [_range(part) for part in (accept or "*/*").split(",") if part.strip()]
    weights = {form: _weight(media_type, ranges) for form, media_type in MEDIA_TYPES.items()}
    best = max(weights, key=lambda form: weights[form])  # a tie goes to JSON, which stands first
    if weights[best] <= 0:
        raise Refused(
            406, "header Accept", ascii(accept)[1:-1][:200], "application/json or text/csv",
            "Ask for one of these, or add ?format=json or ?format=csv.",
        )  # fmt: skip
    return best


def _range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0


def _weight(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The weight of the most exact range that covers the type."""
    for pattern in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        found = [weight for name, weight in ranges if name == pattern]
        if found:
            return max(found)
    return 0.0


def json_bytes(answer: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON; instants are text already, figures decimal text."""
    return orjson.dumps(answer)


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """UTF-8 CSV (RFC 4180) with a heading; null is an empty cell, flags are true and false."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in columns])
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value
