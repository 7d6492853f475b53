"""The chart writer: SVG as text, with a role, a title and a description on each picture.

Colours are variables of the token file; `standalone` writes their light values out
and takes hatches and styles along, for readers that know no variables.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from importlib.resources import files

from reports.charts.scale import text_width
from reports.look import glyphs, tokens

Attribute = str | float | int | None


def number(value: float) -> str:
    """A place in the picture to one decimal, as short as it goes."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def attributes(given: dict[str, Attribute]) -> str:
    """Attributes as they stand in a tag; underscores become hyphens, None is left out."""
    parts = []
    for name, value in given.items():
        if value is None or value == "":
            continue
        shown = number(value) if isinstance(value, float) else escape(str(value))
        parts.append(f' {name.rstrip("_").replace("_", "-")}="{shown}"')
    return "".join(parts)


class Drawing:
    """A picture being drawn: shapes are added in the order in which they lie."""

    def __init__(self, key: str, width: int, height: int, title: str, description: str, grouped: bool = False) -> None:
        self.key, self.width, self.height = key, width, height
        self.title, self.description, self.grouped = title, description, grouped
        self._parts: list[str] = []
        self._labels: list[tuple[float, float, float, float]] = []

    @property
    def parts(self) -> tuple[str, ...]:
        """What was laid so far, without the picture around it: for a key."""
        return tuple(self._parts)

    def add(self, markup: str) -> None:
        """Lay markup on top; the caller has escaped it."""
        self._parts.append(markup)

    def rect(self, x: float, y: float, width: float, height: float, class_: str = "", **more: Attribute) -> None:
        """A box; widths under 0.6 are drawn 0.6 so that nothing vanishes."""
        named = f' class="{escape(class_)}"' if class_ else ""
        place = f'{named} x="{number(x)}" y="{number(y)}" width="{number(max(width, 0.6))}" height="{number(height)}"'
        self.add(f"<rect{place}{attributes(more) if more else ''}/>")

    def bar(self, x: float, y: float, width: float, height: float, class_: str) -> None:
        """The same box as `rect`, written shorter: of one that stands in a page ten thousand times."""
        wide = number(max(width, 0.6)).removeprefix("0")
        self.add(f'<path class="{class_}" d="M{number(x)} {number(y)}h{wide}v{number(height)}h-{wide}z"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, class_: str, **more: Attribute) -> None:
        """A straight line."""
        ends: dict[str, Attribute] = {
            "class": class_,
            "x1": float(x1),
            "y1": float(y1),
            "x2": float(x2),
            "y2": float(y2),
        }
        self.add(f"<line{attributes(ends | more)}/>")

    def circle(self, x: float, y: float, radius: float, class_: str, **more: Attribute) -> None:
        """A circle."""
        place: dict[str, Attribute] = {"class": class_, "cx": float(x), "cy": float(y), "r": float(radius)}
        self.add(f"<circle{attributes(place | more)}/>")

    def text(
        self, x: float, y: float, words: str, class_: str = "", anchor: str = "", size: float | None = None
    ) -> None:
        """Words, kept inside the picture."""
        width = text_width(words, size or 12, "b" in class_.split())
        left = {"middle": x - width / 2, "end": x - width}.get(anchor, x)
        x += max(0.0, -left) - max(0.0, left + width - self.width)
        style = f"font-size:{size:g}px" if size else ""
        given: dict[str, Attribute] = {
            "class": class_,
            "x": float(x),
            "y": float(y),
            "text_anchor": anchor,
            "style": style,
        }
        self.add(f"<text{attributes(given)}>{escape(words)}</text>")

    def label_box(
        self, x: float, y: float, words: str, class_: str = "", anchor: str = "middle", size: float = 11
    ) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of words laid here, kept inside the picture."""
        width = text_width(words, size, "b" in class_.split())
        left = {"middle": x - width / 2, "end": x - width}.get(anchor, x)
        left = min(max(left, 0), self.width - width)
        return (left - 1, y - size * 0.85, left + width + 1, y + size * 0.25)

    def free_label(
        self, x: float, y: float, words: str, class_: str = "", anchor: str = "middle", size: float = 11
    ) -> bool:
        """Words, only where they hide no label laid before; says whether they were laid."""
        box = self.label_box(x, y, words, class_, anchor, size)
        if any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
               for other in self._labels):  # fmt: skip
            return False
        self.keep_clear(*box)
        self.text(box[0] + 1, y, words, class_, size=size)
        return True

    def keep_clear(self, left: float, top: float, right: float, bottom: float) -> None:
        """Let no free label be laid here."""
        self._labels.append((left, top, right, bottom))

    def glyph(self, x: float, y: float, size: float, verdict: str, colour: str) -> None:
        """The glyph of a verdict with its corner at (x, y)."""
        box: dict[str, Attribute] = {
            "x": float(x),
            "y": float(y),
            "width": size,
            "height": size,
            "style": f"stroke:var(--{colour})",
        }
        self.add(f'<svg class="gl"{attributes(box)} viewBox="0 0 12 12"><use href="#g-{glyphs.SLUGS[verdict]}"/></svg>')

    def svg(self, class_: str = "") -> str:
        """The whole picture. One with links in it is a group of named links, the others are images."""
        role = "group" if self.grouped else "img"
        return (
            f'<svg class="c{" " + class_ if class_ else ""}" viewBox="0 0 {self.width} {self.height}" role="{role}" '
            f'aria-labelledby="{self.key}-t {self.key}-d" data-width="{self.width}">'
            f'<title id="{self.key}-t">{escape(self.title)}</title>'
            f'<desc id="{self.key}-d">{escape(self.description)}</desc>'
            f"{''.join(self._parts)}</svg>"
        )


def two_widths(draw: Callable[[int], str]) -> str:
    """The same picture drawn 900 and 360 wide; the style sheet shows the one that fits."""
    wide = draw(900).replace('<svg class="c"', '<svg class="c wid"', 1)
    narrow = draw(360).replace('<svg class="c"', '<svg class="c nar"', 1)
    return wide + narrow


def standalone(svg: str) -> str:
    """A picture that needs no page around it: light values written out, hatches, glyphs and styles inside."""
    style = files("reports.look").joinpath("charts.css").read_text("utf-8")
    inside = glyphs.definitions().removeprefix('<svg class="defs" width="0" height="0" aria-hidden="true">')
    head, _, rest = svg.partition(">")
    whole = (
        f'{head} xmlns="http://www.w3.org/2000/svg"><style>{escape(style, quote=False)}'
        f".c{{background:var(--paper)}}</style>{inside.removesuffix('</svg>')}{rest}"
    )
    return tokens.written_out(whole)
