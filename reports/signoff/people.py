"""Who somebody is. Names are kept as given; two spellings of one name are one person."""

from __future__ import annotations

import getpass
import os
import unicodedata

from settlement.command_line import AskedWrongly

VARIABLE = "BSC_AS"
WORKBENCH = "the workbench"
_LONGEST = 100


class NoName(AskedWrongly):
    """A name that names nobody; its one argument says what was found and wanted."""


def a_name(text: str) -> str:
    """A name as it is kept: without blanks at its ends, single blanks inside. Raises NoName."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not _key(name) or not name.isprintable() or len(name) > _LONGEST:
        raise NoName(f"name: found {text!r}, wanted 1 to {_LONGEST} signs that can be shown. Name yourself with --as.")
    if same_person(name, WORKBENCH):
        raise NoName(f"name: found {text!r}, wanted a person: the workbench signs nothing off. Name yourself.")
    return name


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person: case, blanks and signs that are not seen make no difference.

    >>> same_person("Ana Lima", " ana  LIMA "), same_person("Ana Lima", "Ben Ode")
    (True, False)
    """
    return _key(one) == _key(other)


def somebody(given: str | None) -> str:
    """Who asks at a command: the name given, else BSC_AS, else the user of this machine. Raises NoName."""
    return a_name(given if given is not None else os.environ.get(VARIABLE) or getpass.getuser())


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in plain if not sign.isspace() and unicodedata.category(sign)[0] != "C")
