"""A page set on paper: its source in typst, and the PDF/A-3b that comes of it.

No clock, no folder and no font of the machine has a part in it: typst brings its own fonts, and the date of the
document is the moment that the caller names.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from reports.look import tokens
from reports.look.glyphs import SLUGS
from reports.paper import pictures
from reports.paper.blocks import anchors, flow
from reports.paper.inline import Setting
from reports.paper.tree import Element, NotPrinted, tree
from reports.paper.written import literal

STANDARD = "a-3b"
NO_CLOCK = datetime(1980, 1, 1, tzinfo=UTC)  # what zip and xlsx files say who tell no moment; PDF/A wants one
DATED = "dated"


def pdf_of_page(html: str, moment: datetime | None = None) -> bytes:
    """The bytes of the PDF of a whole page of ours; equal pages and moments give equal bytes.

    html    with <title>, <main>, and the metas "run-id" and "content-hash" where it has them
    moment  the date of the document; None takes the meta "dated" of the page, else NO_CLOCK

    Raises NotPrinted for an element, a class of formula or a text that cannot be set.
    """
    page = tree(html)
    return compiled(source(page, moment or _moment(page)))


def compiled(text: str) -> bytes:
    """The PDF of a typst source. Raises NotPrinted with the words of typst."""
    import typst

    try:
        # Without tags: they take five times the bytes, and the page itself is there for who hears it.
        made: bytes = _compiler().compile(
            input=text.encode("utf-8"), format="pdf", pdf_standards=STANDARD, pdf_tags=False
        )
    except typst.TypstError as error:
        raise NotPrinted(
            f"paper: found a source that typst refuses ({error}), wanted one that it sets. The page is whole and can "
            "be read; report this with the page."
        ) from error
    return made


@cache
def _compiler() -> Any:
    import typst

    return typst.Compiler(ignore_system_fonts=True)


def source(page: Element, moment: datetime) -> str:
    """The typst source of a page."""
    main = page.first("main")
    if main is None:
        raise NotPrinted("page: found no <main>, wanted the page of a report. Give the whole page.")
    setting = Setting(ids=anchors(main))
    head = page.first("header")
    foot = page.first("footer")
    body = flow([one for one in (head, main, foot) if one is not None], setting)
    frame = files("reports.paper").joinpath("frame.typ").read_text("utf-8")
    verdicts = _verdicts(setting)
    return (
        _colours() + _report(page, moment) + setting.pictures.definitions() + verdicts + frame
        + "#{\n" + "\n".join(body) + "\n}\n"
    )  # fmt: skip


def _report(page: Element, moment: datetime) -> str:
    title = " ".join((page.first("title") or Element("title", inside=["Report"])).text().split())
    metas = _metas(page)
    marks = [f"content {metas['content-hash'][:16]}"] if metas.get("content-hash") else []
    at = moment.astimezone(UTC)
    date = f"year: {at.year}, month: {at.month}, day: {at.day}, hour: {at.hour}, minute: {at.minute}"
    return (
        f"#let report = (title: {literal(title)}, foot: {literal(' · '.join([title, *marks]))}, "
        f"date: datetime({date}, second: {at.second}))\n"
    )


def _moment(page: Element) -> datetime:
    said = _metas(page).get(DATED)
    return datetime.fromisoformat(said) if said else NO_CLOCK


def _metas(page: Element) -> dict[str, str]:
    """What the head of a page says of it, by name."""
    head = page.first("head") or Element("head")
    return {one.attributes.get("name", ""): one.attributes.get("content", "") for one in head.elements}


def _colours() -> str:
    named = {"ink": "ink", "ink2": "ink2", "panel": "panel", "rule-colour": "rule", "edge": "edge"}
    return "".join(f'#let {name} = rgb("{tokens.light(token)}")\n' for name, token in named.items())


def _verdicts(setting: Setting) -> str:
    """Colour, ground, glyph and edge of each verdict."""
    entries = []
    for slug in SLUGS.values():
        drawn = setting.pictures.named(pictures.glyph(slug, slug))
        ground = "none" if slug == "exact" else f'rgb("{tokens.light(f"{slug}-ground")}")'
        edged = "true" if slug == "notcomp" else "false"
        entries.append(f'"{slug}": (rgb("{tokens.light(slug)}"), {ground}, {drawn}, {edged})')
    return f"#let verdicts = ({', '.join(entries)})\n"
