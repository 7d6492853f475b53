"""How questions on the command line are read: days, instants, named values, a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from settlement.command_line import AskedWrongly
from settlement.errors import UnknownLabel, WrongInput

if TYPE_CHECKING:
    from loaders.store.session import Store

Day = Annotated[str, typer.Argument(metavar="DATE", help="Settlement Date, yyyy-mm-dd.")]
As = Annotated[str | None, typer.Option("--as", help="Who you are; left out: BSC_AS, else the user of this machine.")]
Run = Annotated[str | None, typer.Option("--run", help="Run type (IP, II, SF ...).")]


@contextmanager
def opened(home: Path, wanted: str = "one with settled days. Correct the folder.") -> Iterator[Store]:
    """The store of a workspace. Raises AskedWrongly, which says what was `wanted`, where the folder holds none."""
    from loaders import store as stores
    from loaders.store.database import is_workspace

    if not is_workspace(home):
        raise AskedWrongly(f"--home {home}: found no workspace, wanted {wanted}")
    store = stores.open(home)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def asking() -> Iterator[None]:
    """A name or label that a kept run does not have is a wrong question. Raises AskedWrongly."""
    try:
        yield
    except (WrongInput, UnknownLabel) as error:
        raise AskedWrongly(str(error)) from error


def a_day(text: str) -> date:
    """A Settlement Date. Raises AskedWrongly."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise AskedWrongly(f"DATE: found {text!r}, wanted a day as yyyy-mm-dd.") from error


def an_instant(text: str | None) -> datetime | None:
    """The instant of --as-of, with its zone. Raises AskedWrongly."""
    return a_moment(text, "--as-of")


def a_moment(text: str | None, asked: str) -> datetime | None:
    """An instant with its zone. Raises AskedWrongly, naming the option that it was asked with."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise AskedWrongly(f"{asked}: found {text!r}, wanted an instant such as 2024-01-16T05:00Z.") from error
    if at.tzinfo is None:
        raise AskedWrongly(f"{asked}: found {text!r} without a zone, wanted one: write {text}Z for UTC.")
    return at


def options_of(pairs: list[str] | None, asked: str = "--option") -> dict[str, str]:
    """Values by name, each given as name=value. Raises AskedWrongly."""
    found = {}
    for pair in pairs or []:
        name, sign, value = pair.partition("=")
        if not sign:
            raise AskedWrongly(f"{asked}: found {pair!r}, wanted name=value.")
        found[name] = value
    return found
