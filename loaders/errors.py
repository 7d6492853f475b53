"""Errors of this room, one tree.

    LoadError
    ├── NotALoadJob        a YAML file is not a load job; all its faults at once
    ├── UnreadableFile     bytes that no reader makes rows of; its argument is a Finding
    │   └── NotText        not a text at all: nothing that a job could know
    ├── UnknownDataset     no job feeds the dataset asked for
    ├── UnknownVersion     the store has not come so far, or not yet then
    ├── StoreMoved         another load has come between; the load compares anew by itself
    └── StoreDamaged       a file that the store names is not there, or is not what its name says

Each takes one argument, so that it survives the way back from a worker process.
"""

from __future__ import annotations

from dataclasses import dataclass


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


class UnknownDataset(LoadError):
    """No job feeds the dataset asked for."""


class UnknownVersion(LoadError):
    """The store has no such version."""


class StoreMoved(LoadError):
    """The store has changed between comparing and keeping."""


class StoreDamaged(LoadError):
    """A file that the store names is missing or altered."""
