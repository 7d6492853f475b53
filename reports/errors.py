"""Errors of this room, one tree.

ReportError
├── WrongAssumption    a file of assumed adjustment actions that cannot be read
├── NothingArrived     no feed of a day has come
├── NoSuchRun          a day or run that was not settled
├── NotShown           something that is not for the viewer who asks
├── NotAnOutput        a file that a manifest cannot name (outputs)
├── NotPrinted         a page that cannot be set on paper (paper.tree)
├── WrongTable         a table that cannot be a twin (twins.table)
├── NotAsWritten       a file of signing that is not what was written (signing.records)
├── NotSigned          a report that cannot be signed (signing.signing)
└── MoveRefused        a move of sign-off that is not allowed (signoff.recording)
    └── Overtaken      somebody else has moved it since it was looked at
"""

from __future__ import annotations


class ReportError(Exception):
    """The base of all errors of `reports`."""


class WrongAssumption(ReportError):
    """A file of assumed adjustment actions cannot be read."""


class NothingArrived(ReportError):
    """No feed of the day has come."""


class NoSuchRun(ReportError):
    """The day or run was not settled."""


class NotShown(ReportError):
    """Something that is not for the viewer who asks."""
