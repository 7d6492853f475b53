"""Errors of the sample market.

SampleMarketError
    CannotPrice          the exact calculator was given something no rule covers
    CannotWriteDay       the day asked for cannot be made up
"""

from __future__ import annotations


class SampleMarketError(Exception):
    """Something the sample market cannot do; its one argument is the sentence that says so."""


class CannotPrice(SampleMarketError):
    """The exact calculator was given something that no rule covers."""


class CannotWriteDay(SampleMarketError):
    """A synthetic day, or a later vintage of it, that cannot be made up."""
