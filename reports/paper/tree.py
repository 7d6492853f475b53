"""An HTML page of ours as a tree. Pictures (SVG) stay as their own text, since HTML forgets the case of their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from reports.errors import ReportError

_VOID = {"br", "wbr", "meta", "link", "mspace", "hr"}
_PICTURE = re.compile(r"<svg\b|</svg>", re.IGNORECASE)
_NONE: frozenset[str] = frozenset()
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
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
        yield self
        for one in self.elements:
            yield from one.walk()

    def first(self, name: str) -> Element | None:
        """The first element of that name below."""
        return next((one for one in self.walk() if one.name == name), None)

    def text(self) -> str:
        """All its text, blanks as they stand."""
        return "".join(one if isinstance(one, str) else one.text() for one in self.inside)


class _Reader(HTMLParser):
    def __init__(self, pictures: list[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("page")
        self._open = [self.root]
        self._pictures = pictures

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        if tag == _HELD:
            svg = self._pictures[int(element.attributes["number"])]
            element = Element("svg", dict(_ATTRIBUTE.findall(svg.partition(">")[0])), [], svg)
        self._open[-1].inside.append(element)
        if tag not in _VOID and tag != _HELD:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID and tag != _HELD:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or tag == _HELD:
            return
        if self._open[-1].name != tag:
            found = "/".join(one.name for one in self._open[1:])
            raise NotPrinted(
                f"page, {found}: found </{tag}>, wanted </{self._open[-1].name}>. Close the elements of that section "
                "in order."
            )
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def tree(html: str) -> Element:
    """The tree of a page or a fragment. Raises NotPrinted where its elements are not closed in order."""
    pictures: list[str] = []
    reader = _Reader(pictures)
    reader.feed(_held_apart(str(html), pictures))  # str: Markup would escape what it is joined to
    reader.close()
    if len(reader._open) > 1:
        raise NotPrinted(f"page: found <{reader._open[-1].name}> open at the end, wanted it closed. Mend its section.")
    return reader.root


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
