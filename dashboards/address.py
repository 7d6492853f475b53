"""What an address may say, and how each part of it is read: `/day?date=2024-01-15&run=IP&period=9`.

The state of a page is its address and nothing else. A page names the parts it takes as
parameters of its function; menu, links and the way back in the browser follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from dashboards.errors import WrongAddress
from reports.loads_records import STATES
from reports.work.records import KINDS
from settlement.calendar import RUN_TYPES

WHOSE = ("mine", "nobody", "closed")
STAGES = ("1", "2", "3", "4a", "4b", "5", "6", "7", "8", "9", "10")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongAddress(f"date: found {text!r}, wanted a day as yyyy-mm-dd. Correct the address.") from None


def _run(text: str) -> str:
    if text not in RUN_TYPES:
        raise WrongAddress(f"run: found {text!r}, wanted one of {', '.join(RUN_TYPES)}. Correct the address.")
    return text


def _period(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 50):
        raise WrongAddress(f"period: found {text!r}, wanted a whole number from 1 to 50. Correct the address.")
    return int(text)


def _stage(text: str) -> str:
    if text not in STAGES:
        raise WrongAddress(f"stage: found {text!r}, wanted one of {', '.join(STAGES)}. Correct the address.")
    return text


def _job(text: str) -> str:
    from reports.loads_view import declared

    if text not in declared():
        raise WrongAddress(f"job: found {text!r}, wanted one that bsc jobs lists. Correct the address.")
    return text


def _state(text: str) -> str:
    if text not in STATES:
        raise WrongAddress(f"state: found {text!r}, wanted one of {', '.join(STATES)}. Correct the address.")
    return text


def _from_one(name: str) -> Callable[[str], int]:
    def read_number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 10**9):
            raise WrongAddress(f"{name}: found {text!r}, wanted a whole number from 1. Correct the address.")
        return int(text)

    return read_number


def _kind(text: str) -> str:
    return _one_of("kind", text, KINDS)


def _whose(text: str) -> str:
    return _one_of("whose", text, WHOSE)


def _one_of(name: str, text: str, wanted: tuple[str, ...]) -> str:
    if text not in wanted:
        raise WrongAddress(f"{name}: found {text!r}, wanted one of {', '.join(wanted)}. Correct the address.")
    return text


def _item(text: str) -> str:
    if len(text) > 300 or not text.isprintable():
        raise WrongAddress("item: found what names no entry, wanted one of the Work list. Correct the address.")
    return text


# In the order in which an address names them.
PARTS: dict[str, Callable[[str], Any]] = {
    "date": _date, "run": _run, "period": _period, "stage": _stage, "state": _state, "job": _job,
    "refusal": _from_one("refusal"), "kind": _kind, "whose": _whose, "item": _item, "entry": _from_one("entry"),
}  # fmt: skip


def address(path: str, **state: Any) -> str:
    """An address with the parts that are not None, always in one order.

    >>> address("/day", period=9, date=date(2024, 1, 15))
    '/day?date=2024-01-15&period=9'
    """
    said = [(name, state[name]) for name in PARTS if state.get(name) is not None]
    return f"{path}?{urlencode(said)}" if said else path


def split(text: str) -> tuple[str, dict[str, str]]:
    """Path and parts of an address, the parts as text; what comes from another host is cut off.

    >>> split("/day?date=2024-01-15&period=9#period")
    ('/day', {'date': '2024-01-15', 'period': '9'})
    """
    found = urlsplit(text)
    return found.path, dict(parse_qsl(found.query))


def read(said: Mapping[str, str], wanted: tuple[str, ...]) -> dict[str, Any]:
    """The wanted parts, read; None where the address is silent. Raises WrongAddress."""
    return {name: PARTS[name](said[name]) if said.get(name) else None for name in wanted}
