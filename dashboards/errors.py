"""Errors of this room, one tree.

PageError
├── WrongPage       a page module that does not declare a page as pages are declared
├── WrongAddress    an address that asks for what cannot be read
├── NotLoopback     pages asked for on an address that others can reach
├── WrongToken      a change asked for by what is not our own page
└── Busy            a replay asked for while another runs
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


class WrongToken(PageError):
    """A change asked for by what is not our own page; its one argument says what was found and wanted."""


class Busy(PageError):
    """A replay asked for while another runs; its one argument says which."""
