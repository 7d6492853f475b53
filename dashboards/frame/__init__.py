"""The frame around every page: header with the age of the data, menu, and the page itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from dashboards.address import read, split
from dashboards.declared import GROUPS, Content, Page, pages
from dashboards.errors import WrongAddress
from dashboards.held import Held
from dashboards.parts import states
from reports.errors import NoSuchRun
from reports.look import styles, times
from reports.sections import words

PRODUCT = "Settlement workbench"


@dataclass(frozen=True)
class Shown:
    """A page made for one address."""

    title: str
    inner: str  # HTML of header, menu and main
    says: str  # read out when it takes the place of another


def inner_page(held: Held, asked: str, now: datetime | None = None) -> Shown:
    """The page at an address; what cannot be shown is said on the page, never a bare failure."""
    path, said = split(asked)
    page = pages().get(path) or next(iter(pages().values()))
    content = _content(page, held, said)
    stamps = words.stamps(content.day) if content.day else list(content.stamps)
    as_of = content.day.data_as_of if content.day else content.as_of
    inner = Markup('{}{}<main id="main" tabindex="-1">{}</main>').format(
        _header(as_of, stamps, now or datetime.now(UTC)), _menu(page, content), content.main
    )
    return Shown(", ".join([content.title, *stamps]), str(inner), content.says or content.title)


@cache
def resource(name: str) -> str:
    """One file of this folder, as it lies there."""
    return files("dashboards.frame").joinpath(name).read_text("utf-8")


@cache
def style() -> str:
    """All style sheets of a page: those of the reports, then our own."""
    return styles.for_sections() + resource("dashboard.css")


def _content(page: Page, held: Held, said: Mapping[str, str]) -> Content:
    try:
        return page.shows(held, **read(said, page.parts))
    except WrongAddress as error:
        return states.wrong_address(page, str(error))
    except NoSuchRun:
        return states.not_settled(held, page, read(said, page.parts))
    except Exception as error:
        logging.getLogger(__name__).exception("page %s with %s", page.path, dict(said))
        return states.failed(page, error)


def _header(as_of: datetime | None, stamps: list[str], now: datetime) -> Markup:
    marks = Markup("").join(Markup('<span class="stamp">{}</span>').format(word) for word in stamps)
    return Markup('<header class="top"><b>{}</b>{}<span class="age">{} · times Europe/London</span></header>').format(
        PRODUCT, marks, _age(as_of, now) if as_of else "No data of a day shown"
    )


def _age(moment: datetime, now: datetime) -> Markup:
    return Markup(
        'Data as of <b class="nb">{}</b> ({} UTC), <b><time class="since" datetime="{}">{}</time></b> old'
    ).format(times.local_moment(moment), times.utc_clock(moment).removesuffix("Z"), moment.isoformat(),
             how_long(now - moment))  # fmt: skip


def how_long(age: timedelta) -> str:
    """An age in words: 4 min; 2 h 25 min; 3 days.

    >>> how_long(timedelta(minutes=145))
    '2 h 25 min'
    """
    minutes = max(0, int(age.total_seconds() // 60))
    hours = minutes // 60
    if hours >= 48:
        return f"{hours // 24} days"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _menu(page: Page, content: Content) -> Markup:
    """The menu twice: as a rail, and folded for narrow screens; the style sheet shows one."""
    groups = []
    for group in GROUPS:
        entries = [
            Markup('<li><a href="{}" title="{}"{}>{}</a></li>').format(
                one.at(content.state), one.question, Markup(' aria-current="page"') if one is page else "", one.title
            )
            for one in pages().values()
            if one.group == group
        ]
        if entries:
            groups.append(Markup("<h2>{}</h2><ul>{}</ul>").format(group, Markup("").join(entries)))
    rail = Markup('<nav class="rail" aria-label="Pages">{}</nav>').format(Markup("").join(groups))
    return Markup('<details class="menu" id="menu"><summary>{}: all pages</summary>{}</details>{}').format(
        page.title, rail, rail
    )
