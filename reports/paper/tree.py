"""An HTML page of ours as a tree. Pictures (SVG) stay as their own text, since HTML forgets the case of their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from reports.errors import ReportError

_VOID = {"br", "wbr", "meta", "link", "mspace", "hr"}
_PICTURE = re.compile(r"<svg\b|</svg>", re.IGNORECASE)
_NONE: frozenset[str] = frozenset()
_VALUE = r"""(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?"""
_ATTRIBUTE = re.compile(rf"([\w:-]+){_VALUE}")
# A tag with its attributes, or a comment. The parser of the standard library reads it too, in twice the time.
_TAG = re.compile(
    rf"<(/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+{_VALUE.replace('([', '(?:[')})*)\s*(/?)>|<!--.*?-->|<![^>]*>", re.S
)
_RAW = {name: re.compile(f"</{name}>", re.I) for name in ("style", "script")}  # what stands in them is no HTML
_HELD = "picture-held-apart"


class NotPrinted(ReportError):
    """A page that cannot be set on paper; its one argument says where, what was found, what was wanted, what to do."""


@dataclass
class Element:
    """An element: its name, its attributes, and what stands in it: text and elements. `svg`: a picture as it stands."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)
    svg: str = ""

    def __post_init__(self) -> None:
        self.classes = frozenset(self.attributes["class"].split()) if "class" in self.attributes else _NONE

    @property
    def elements(self) -> list[Element]:
        """What stands in it directly, without text."""
        return [one for one in self.inside if isinstance(one, Element)]

    def walk(self) -> Iterator[Element]:
        """Itself and every element below, in order."""
        still = [self]
        while still:
            one = still.pop()
            yield one
            still += one.elements[::-1]

    def first(self, name: str) -> Element | None:
        """The first element of that name below."""
        return next((one for one in self.walk() if one.name == name), None)

    def text(self) -> str:
        """All its text, blanks as they stand."""
        return "".join(one if isinstance(one, str) else one.text() for one in self.inside)


def tree(html: str) -> Element:
    """The tree of a page or a fragment. Raises NotPrinted where its elements are not closed in order."""
    pictures: list[str] = []
    page = _held_apart(str(html), pictures)  # str: Markup would escape what it is joined to
    root = Element("page")
    opened, at = [root], 0
    while (found := _TAG.search(page, at)) is not None:
        if found.start() > at:
            opened[-1].inside.append(_text(page[at : found.start()]))
        at = found.end()
        closes, tag = found[1], (found[2] or "").lower()
        if not tag:
            continue  # a comment, or what says that this is HTML
        if closes:
            _close(opened, tag)
            continue
        element = _element(tag, found[3], pictures)
        opened[-1].inside.append(element)
        if tag in _RAW:
            end = _RAW[tag].search(page, at)
            element.inside.append(page[at : end.start() if end else None])
            at = end.end() if end else len(page)
            opened += [] if end else [element]
        elif tag not in _VOID and tag != _HELD and not found[4]:
            opened.append(element)
    if at < len(page):
        opened[-1].inside.append(_text(page[at:]))
    if len(opened) > 1:
        raise NotPrinted(f"page: found <{opened[-1].name}> open at the end, wanted it closed. Mend its section.")
    return root


def _text(text: str) -> str:
    return unescape(text) if "&" in text else text


def _element(tag: str, said: str, pictures: list[str]) -> Element:
    attributes = {
        found[1].lower(): _text(found[2] or found[3] or found[4] or "") for found in _ATTRIBUTE.finditer(said)
    } if said else {}  # fmt: skip
    if tag == _HELD:
        svg = pictures[int(attributes["number"])]
        head = svg.partition(">")[0].partition(" ")[2]
        return Element("svg", {found[1]: found[2] or "" for found in _ATTRIBUTE.finditer(head)}, [], svg)
    return Element(tag, attributes)


def _close(opened: list[Element], tag: str) -> None:
    if tag in _VOID or tag == _HELD:
        return
    if opened[-1].name != tag:
        found = "/".join(one.name for one in opened[1:])
        raise NotPrinted(
            f"page, {found}: found </{tag}>, wanted </{opened[-1].name}>. Close the elements of that section in order."
        )
    opened.pop()


def _held_apart(html: str, pictures: list[str]) -> str:
    """The page with each picture taken out; a picture may hold others."""
    kept, at, depth, begun = [], 0, 0, 0
    for found in _PICTURE.finditer(html):
        if found[0] != "</svg>":
            if depth == 0:
                kept.append(html[at : found.start()])
                begun = found.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                at = found.end()
                kept.append(f'<{_HELD} number="{len(pictures)}">')
                pictures.append(html[begun:at])
    return "".join(kept) + html[at:]
