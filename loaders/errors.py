"""Errors of this room, one tree.

    LoadError
    ├── NotALoadJob        a YAML file is not a load job; all its faults at once
    ├── UnreadableFile     bytes that no reader makes rows of; its argument is a Finding
    │   └── NotText        not a text at all: nothing that a job could know
    ├── FileChanged        a file is not what it was when its hash was taken: it is still being written
    ├── UnknownDataset     no job feeds the dataset asked for
    ├── UnknownVersion     the store has not come so far, or not yet then
    ├── WrongSettings      a setting or secret of the sources that cannot be used; no secret is in its words
    ├── StoreMoved         another load has come between; the load compares anew by itself
    ├── StoreUnavailable   the disk is full, the workspace cannot be written, or another process holds it
    ├── StoreDamaged       a file that the store names is not there, or is not what its name says
    └── WrongDatabase      the database that a workspace names cannot be used

Each takes one argument, so that it survives the way back from a worker process.
"""

from __future__ import annotations

from dataclasses import dataclass

_LONGEST = {"file": 255, "column": 255, "found": 500, "wanted": 2000, "todo": 2000}


def printable(text: str, most: int) -> str:
    r"""Text that can be stored and shown: bytes that are not of the encoding as \xNN, long text cut.

    >>> printable("Caf\udce9 and more", 9)
    'Caf\\xe...'
    """
    plain = "".join(_sign(letter) if "\ud800" <= letter <= "\udfff" else letter for letter in text[: most + 1])
    return plain if len(plain) <= most else plain[: most - 3] + "..."


def _sign(letter: str) -> str:
    code = ord(letter)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code < 0xDD00 else f"\\u{code:04x}"


@dataclass(frozen=True)
class Finding:
    """Where something is wrong, and what to do about it.

    row     line of a CSV from 1, heading included; place of a JSON record from 1; 0 = the file as a whole
    weight  "refused" (a row or file was lost) or "warning" (nothing was lost)
    """

    file: str
    row: int
    column: str
    found: str
    wanted: str
    todo: str
    weight: str = "refused"

    def __post_init__(self) -> None:
        # A file may hold text that no database and no terminal takes, and more of it than anyone reads.
        for name, most in _LONGEST.items():
            text = getattr(self, name)
            if len(text) > most or not text.isascii():
                object.__setattr__(self, name, printable(text, most))

    def __str__(self) -> str:
        where = f"{self.file}, row {self.row}" if self.row else self.file
        column = f", {self.column}" if self.column else ""
        return f"{where}{column}: found {self.found!r}, wanted {self.wanted}. {self.todo}"


class LoadError(Exception):
    """The base of all errors of `loaders`."""


class NotALoadJob(LoadError):
    """A YAML file is not a load job."""


class UnreadableFile(LoadError):
    """Bytes that no reader makes rows of; its one argument is the Finding."""


class NotText(UnreadableFile):
    """Bytes that are no text at all; its one argument is the Finding."""


class FileChanged(LoadError):
    """A file has changed while it was read; nothing of it was kept."""


class UnknownDataset(LoadError):
    """No job feeds the dataset asked for."""


class UnknownVersion(LoadError):
    """The store has no such version."""


class WrongSettings(LoadError):
    """A setting or secret of the sources cannot be used."""


class StoreMoved(LoadError):
    """The store has changed between comparing and keeping."""


class StoreUnavailable(LoadError):
    """The workspace cannot be read or written just now; nothing of what was asked has happened."""


class StoreDamaged(LoadError):
    """A file that the store names is missing or altered."""


class WrongDatabase(LoadError):
    """The database that a workspace names cannot be used."""
