"""Pages as they declare themselves: one module in `dashboards.pages` with one decorated function.

@page("/day", title="Day", group="Watch", question="Where do we differ?")
def day(held: Held, date: Day | None, run: str | None, period: int | None) -> Content: ...

The parameters after the first are parts of the address (`dashboards.address.PARTS`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from typing import Any

from markupsafe import Markup

from dashboards.address import PARTS, address
from dashboards.errors import WrongPage
from reports.views import DayView

GROUPS = ("Watch", "Work", "Publish", "Run")


@dataclass(frozen=True)
class Content:
    """What a page shows at one address."""

    title: str  # of the window; stamps and the name of the product are added
    main: Markup
    day: DayView | None = None  # whose age stands in the header
    says: str = ""  # read out when the page has changed under the reader
    state: dict[str, Any] = field(default_factory=dict)  # taken along to the other pages of the menu
    as_of: datetime | None = None  # whose age stands in the header, where the page is of no one day
    stamps: tuple[str, ...] = ()  # the words in capitals of a page that is of no one day


@dataclass(frozen=True)
class Page:
    """A declared page."""

    path: str
    title: str
    group: str
    question: str
    shows: Callable[..., Content]
    parts: tuple[str, ...]

    def at(self, state: dict[str, Any]) -> str:
        """The address of this page with as much of a state as it takes."""
        return address(self.path, **{name: value for name, value in state.items() if name in self.parts})


def page(path: str, *, title: str, group: str, question: str) -> Callable[[Callable[..., Content]], Page]:
    """Declare the function below as a page.

    path      its address, one word after a slash
    group     under which it stands in the menu, one of GROUPS
    question  what it answers, in words
    """

    def declare(shows: Callable[..., Content]) -> Page:
        parts = tuple(signature(shows).parameters)[1:]
        unknown = [name for name in parts if name not in PARTS]
        if unknown or group not in GROUPS:
            raise WrongPage(
                f"page {path}: found parameters {', '.join(parts)} and group {group!r}, wanted parameters out of "
                f"{', '.join(PARTS)} and a group out of {', '.join(GROUPS)}. Correct the declaration."
            )
        return Page(path, title, group, question, shows, parts)

    return declare


@cache
def pages() -> dict[str, Page]:
    """Every page by its path, in the order of the menu: group, then module name."""
    import dashboards.pages as room

    found: list[Page] = []
    for module in sorted(one.name for one in iter_modules(room.__path__)):
        here = [one for one in vars(import_module(f"{room.__name__}.{module}")).values() if isinstance(one, Page)]
        if len(here) != 1:
            raise WrongPage(
                f"dashboards/pages/{module}.py: found {len(here)} pages, wanted one function under @page. "
                "Declare it, or move the module out of pages/."
            )
        found += here
    found.sort(key=lambda one: GROUPS.index(one.group))
    return {one.path: one for one in found}
