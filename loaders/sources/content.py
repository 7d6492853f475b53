"""Whether a 200 is data: some senders say what went wrong with a friendly status."""

from __future__ import annotations

import msgspec

from loaders.sources.attempt import Got, NoAnswer, excerpt

_JSON = ("application/json", "text/json", "application/problem+json")
_TYPES = {
    "json": _JSON,
    "csv": ("text/csv", "text/plain", "application/csv", "application/octet-stream"),
    "xml": ("application/xml", "text/xml"),
}
_SAYS_WRONG = ("errors", "error", "message", "title")
# It keeps every part as it stands, so that a large answer is checked and not built.
_whole = msgspec.json.Decoder(dict[str, msgspec.Raw] | list[msgspec.Raw])


def fault_of_api(got: Got, form: str) -> NoAnswer | None:
    """What is wrong with an answer of the Insights API; None when it is data, be it of no rows.

    form  "json", "csv" or "xml", as it was asked for
    """
    if looks_like_a_page(got.data) and form != "xml":
        return _not_data(got, "a page in HTML")
    if got.content_type and got.content_type not in _TYPES.get(form, _JSON):
        return _not_data(got, f"content of type {got.content_type}")
    return _fault_of_json(got) if form == "json" else None


def _fault_of_json(got: Got) -> NoAnswer | None:
    try:
        said = _whole.decode(got.data)
    except msgspec.DecodeError as error:
        return _not_data(got, f"no whole JSON ({error})")
    if isinstance(said, list):
        return None
    rows = bytes(said.get("data", b"")).lstrip()
    trouble = [key for key in _SAYS_WRONG if key in said and bytes(said[key]) not in (b"null", b"[]", b"{}", b'""')]
    if trouble and not _has_rows(rows):
        return _not_data(got, f"an object with {', '.join(trouble)} and no data")
    return None if rows.startswith(b"[") else _not_data(got, "an object without a list of data")


def _has_rows(rows: bytes) -> bool:
    return rows.startswith(b"[") and not rows[1:].lstrip().startswith(b"]")


def looks_like_a_page(data: bytes) -> bool:
    """Whether bytes begin as HTML does."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def _not_data(got: Got, found: str) -> NoAnswer:
    return NoAnswer(
        f"{found}: {excerpt(got.data)}",
        "a list of records, or an object with a list of data",
        "Nothing was kept of it. Look at the path and the query of the job; if they are right, ask again later.",
        got.status,
    )
