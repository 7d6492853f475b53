"""Pictures: each SVG made whole (light values written out, styles and hatches inside) and set once, by name.

Typst draws text of a picture in its own fonts. Those are narrower than the face the pictures were drawn for, so text
is set a little larger: 12 px come out at 7.4 pt where a picture is as wide as the page.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.resources import files

from reports.look import glyphs, tokens
from reports.paper.tree import Element
from reports.paper.written import literal

FACE = "Libertinus Serif"
LARGER = 1.08
FULL = 900  # width of a drawing that takes the width of the page
_SIZE = re.compile(r"font-size:([\d.]+)px")
_IDS = re.compile(r'(?:href="|url\()#([\w-]+)')
_TOLD = re.compile(r"<g><title>[^<]*</title>((?:(?!</?g>).)*)</g>")  # what a pointer would be told: not on paper
_DEFINED = re.compile(r'<(pattern|symbol) id="([\w-]+)".*?</\1>', re.DOTALL)


class Pictures:
    """The pictures of a page: equal ones are written once."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def definitions(self) -> str:
        """What must stand before the page."""
        return "".join(f"#let {name} = bytes({literal(svg)})\n" for svg, name in self._names.items())

    def named(self, svg: str) -> str:
        """The name of a picture in the source."""
        return self._names.setdefault(svg, f"picture-{len(self._names)}")

    def in_line(self, one: Element) -> list[str]:
        """A small one: the shape of a key, or the glyph of a verdict, which `verdict` sets itself."""
        if "g" in one.classes:
            return []
        view = [float(value) for value in one.attributes.get("viewBox", "0 0 22 14").split()]
        return [f"shape({self.named(whole(one.svg))}, {view[2] * 0.7:.1f}pt)"]

    def in_figure(self, one: Element) -> str:
        """A chart; one drawn narrower than the page stays so."""
        view = [float(value) for value in one.attributes["viewBox"].split()]
        said = _said(one.svg)
        return f"chart({self.named(whole(one.svg))}, {min(view[2] / FULL, 1) * 100:.1f}%, {literal(said)})"


def _said(svg: str) -> str:
    """The title and the description of a picture, for who hears it."""
    found = [re.search(rf"<{name}\b[^>]*>(.*?)</{name}>", svg, re.DOTALL) for name in ("title", "desc")]
    from html import unescape

    return " ".join(unescape(one[1]).strip() for one in found if one)


def whole(svg: str) -> str:
    """A picture that needs no page: only the hatches and glyphs that it names, styles, and no variable."""
    head, _, rest = svg.partition(">")
    style = _style()
    named = set(_IDS.findall(rest + _used(rest)))
    needed = "".join(text for name, text in _definitions().items() if name in named)
    space = "" if "xmlns=" in head else ' xmlns="http://www.w3.org/2000/svg"'
    rest = tokens.written_out(_TOLD.sub(r"\1", rest))
    head = head if 'class="' in head else f'{head} class="c"'
    made = f"{head}{space}><style>{style}</style><defs>{needed}</defs>{rest}"
    return _SIZE.sub(lambda found: f"font-size:{float(found[1]) * LARGER:g}px", made)


def glyph(slug: str, colour: str) -> str:
    """The glyph of a verdict, drawn alone."""
    paths = _definitions()[f"g-{slug}"].partition(">")[2].removesuffix("</symbol>")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 12" fill="none" stroke="{tokens.light(colour)}" '
        f'stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">{paths}</svg>'
    )


def _used(svg: str) -> str:
    """The hatches that the classes of a picture take from the style sheet."""
    classes = {name for found in re.findall(r'class="([^"]*)"', svg) for name in found.split()}
    return "".join(text for rule, text in _hatched() if rule <= classes)


@cache
def _hatched() -> list[tuple[set[str], str]]:
    sheet = files("reports.look").joinpath("charts.css").read_text("utf-8")
    rules = []
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*url\([^{}]*)\}", sheet):
        for one in selectors.split(","):
            rules.append((set(one.strip().split(" ")[-1].strip(".").split(".")), body))
    return rules


@cache
def _definitions() -> dict[str, str]:
    return {found[2]: tokens.written_out(found[0]) for found in _DEFINED.finditer(glyphs.definitions())}


@cache
def _style() -> str:
    """The style sheet of charts without what is only for screens, in the face of the paper."""
    sheet = files("reports.look").joinpath("charts.css").read_text("utf-8").replace("var(--text-face)", f'"{FACE}"')
    rules = [rule for rule in sheet.splitlines() if "hover" not in rule and ":focus" not in rule]
    return escape(tokens.written_out("".join(rules)).replace("650", "700"), quote=False)
