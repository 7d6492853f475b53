"""Errors of this room, one tree.

    SettlementError
    ├── WrongInput         what was given does not fit: labels, dims, missing names
    │   └── ZeroDenominator    a total that shares are taken of is 0
    ├── WrongShape         a rule gave other dims than it declares
    ├── NotANumber         a rule gave NaN: what does not exist must have no row
    ├── UnknownLabel       a change of grain met a label that the target lacks
    ├── NoValueOnDate      a parameter has no value on the day asked for
    ├── NotSettled         a day that the rules do not reach
    └── WrongCase          a case folder that cannot be read

Each takes one argument, a sentence that says where, what was found, what was wanted
and what to do, so that it survives the way back from a worker process.
"""

from __future__ import annotations

from collections.abc import Iterable


class SettlementError(Exception):
    """The base of all errors of `settlement`."""


class WrongInput(SettlementError):
    """What was given does not fit."""


class ZeroDenominator(WrongInput):
    """A total that shares are taken of is 0, so there are no shares.

    periods  the Settlement Periods in which it is; none once the error has come from another process
    """

    def __init__(self, sentence: str, periods: Iterable[int] = ()) -> None:
        super().__init__(sentence)
        self.periods = tuple(periods)


class WrongShape(SettlementError):
    """A rule gave other dims than it declares."""


class NotANumber(SettlementError):
    """A rule gave NaN."""


class UnknownLabel(SettlementError):
    """A change of grain met a label that the target lacks."""


class NoValueOnDate(SettlementError):
    """A parameter has no value on the day asked for."""


class NotSettled(SettlementError):
    """A day that the rules do not reach."""


class WrongCase(SettlementError):
    """A case folder that cannot be read."""
