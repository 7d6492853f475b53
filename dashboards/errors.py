"""Errors of this room, one tree.

PageError
├── WrongPage       a page module that does not declare a page as pages are declared
├── WrongAddress    an address that asks for what cannot be read
└── NotLoopback     pages asked for on an address that others can reach
"""

from __future__ import annotations


class PageError(Exception):
    """The base of all errors of `dashboards`."""


class WrongPage(PageError):
    """A page module that does not declare a page as pages are declared."""


class WrongAddress(PageError):
    """An address that asks for what cannot be read; its one argument says what was found and wanted."""


class NotLoopback(PageError):
    """Pages asked for on an address that others can reach."""
