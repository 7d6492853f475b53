"""How wide each column of a table on paper is, and how small its type.

Widths are reckoned from the letters, a little on the wide side; a column never gets less than its longest word, or its
longest figure. What does not fit at the size wanted gets smaller type, down to 7 pt; then a page turned on its side;
then the columns in parts, each with the first column again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts.scale import text_width
from reports.paper.tree import Element
from reports.paper.written import collapsed

ACROSS, TURNED = 516.0, 763.0  # points between the margins of A4, upright and on its side
SMALLEST, STEP = 7.0, 0.5
_FACE = 0.94  # Libertinus Serif is narrower than the sans face of the estimate
_READABLE = 7.3  # parts of the type size below which a column of words is not squeezed
_WORD = re.compile(r"[^\s/_-]{1,18}[/_-]?|\S")
_UNIT, _LINE = 16, 40  # letters of a unit that is not broken; of a cell that is kept on one line
_MARK = 18.0  # glyph and edges of a verdict, edges of a flag


@dataclass
class Cell:
    """A cell as it stands in the page. Its widths are told in parts of the type size."""

    element: Element

    def __post_init__(self) -> None:
        self.span = int(self.element.attributes.get("colspan") or 1)
        self.figure = "n" in self.element.classes
        inside = self.element.inside
        self.plain = len(inside) == 1 and isinstance(inside[0], str)
        self.text = collapsed(self.element.text()).strip()
        self._chip = not self.plain and any("v" in one.classes for one in self.element.elements)
        self.lines = [self.text] if self.plain else self._lines()
        self.marks = 0.0 if self.plain else self._marks()

    @property
    def down(self) -> int:
        return int(self.element.attributes.get("rowspan") or 1)

    @property
    def style_plain(self) -> bool:
        return "font-weight:400" in self.element.attributes.get("style", "").replace(" ", "")

    def _lines(self) -> list[str]:
        """Its text; a unit in a head stands on a line of its own."""
        small = [one for one in self.element.elements if one.name == "small"]
        if not small:
            return [self.text]
        rest = [one if isinstance(one, str) else one.text() for one in self.element.inside if one not in small]
        return [collapsed("".join(rest)).strip(), *(collapsed(one.text()).strip() for one in small)]

    def words(self, figure: bool) -> list[str]:
        """What must not be broken: its words, or all of it."""
        if self.element.name == "th" and self.element.attributes.get("scope") == "col":
            units = [one for one in self.lines[1:] if len(one) <= _UNIT]
            return units + [word for one in self.lines for word in (one.split(" ") if figure else _WORD.findall(one))]
        whole = len(self.text) <= _LINE and (self._chip or "nb" in self.element.classes)
        return self.lines if figure or whole else [word for one in self.lines for word in _WORD.findall(one)]

    def _marks(self) -> float:
        """What glyphs and edges of verdicts and flags take."""
        marked = [one for one in self.element.walk() if one.classes & {"v", "fl", "ev"}]
        return (_MARK if any("v" in one.classes for one in marked) else 7.0 * len(marked)) / 8

    def width(self, texts: Sequence[str], known: float) -> float:
        """The widest of the texts, or what is known already where none can be wider."""
        bold = self.element.name == "th" or self._chip
        face = _FACE * (1.1 if "mono" in self.element.classes else 1.0)
        for text in texts:
            if len(text) * face * 0.92 + self.marks > known:  # no letter is wider
                known = max(known, text_width(text, 1, bold) * face + self.marks)
        return known


@dataclass(frozen=True)
class Layout:
    """Type size in points, the columns of each part with their widths in points, and whether the page is turned."""

    size: float
    parts: tuple[tuple[tuple[int, ...], tuple[float, ...]], ...]
    turned: bool
    figures: frozenset[int]  # columns of figures


def laid_out(rows: Sequence[Sequence[Cell]], base: float, may_turn: bool) -> Layout:
    """How a table is laid out on paper.

    rows      its cells, those of the head first
    base      points of its type where it fits
    may_turn  whether the page may be turned on its side
    """
    count = max(sum(cell.span for cell in row) for row in rows)
    figures = _figures(rows, count)
    every = tuple(range(count))
    ways = [(size, ACROSS, False) for size in _sizes(base)]
    if may_turn:
        ways += [(size, TURNED, True) for size in _sizes(base)]
    least, most = _columns(rows, count, figures)

    def shared(size: float, columns: tuple[int, ...], room: float) -> tuple[float, ...]:
        return _shared([least[c] * size for c in columns], [most[c] * size for c in columns], room, gap(size))

    for size, room, turned in ways:
        if sum(least) * size + gap(size) * (count - 1) <= room:
            return Layout(size, ((every, shared(size, every, room)),), turned, figures)
    parts = _parts([one * SMALLEST for one in least], ACROSS, gap(SMALLEST))
    return Layout(SMALLEST, tuple((part, shared(SMALLEST, part, ACROSS)) for part in parts), False, figures)


def gap(size: float) -> float:
    """Points between two columns."""
    return 6.0 if size <= 7.5 else 9.0


def _sizes(base: float) -> list[float]:
    return [base - STEP * step for step in range(int((base - SMALLEST) / STEP) + 1)]


def _figures(rows: Sequence[Sequence[Cell]], count: int) -> frozenset[int]:
    """The columns whose head says that figures stand in them; without a head, those whose cells all do."""
    head = rows[0]
    if sum(cell.span for cell in head) == count and all(cell.span == 1 for cell in head):
        return frozenset(number for number, cell in enumerate(head) if cell.figure)
    plain = [row for row in rows if len(row) == count]
    return frozenset(number for number in range(count) if plain and all(row[number].figure for row in plain))


def _columns(rows: Sequence[Sequence[Cell]], count: int, figures: frozenset[int]) -> tuple[list[float], list[float]]:
    """The least and the most that each column may take, in parts of the type size."""
    least, most = [0.5] * count, [0.5] * count
    for row in rows:
        at = 0
        for cell in row:
            if cell.span == 1 and at < count:
                least[at] = cell.width(cell.words(at in figures or cell.figure), least[at])
                most[at] = cell.width(cell.lines, most[at])
            at += cell.span
    for column in range(count):
        if column not in figures:
            least[column] = max(least[column], min(most[column], _READABLE))
    return least, [max(pair) for pair in zip(least, most, strict=True)]


def _shared(least: Sequence[float], most: Sequence[float], room: float, between: float) -> tuple[float, ...]:
    """Widths that fill the room: what is over goes to those who can use it."""
    inner = room - between * (len(least) - 1)
    over = inner - sum(least)
    wanted = [high - low for low, high in zip(least, most, strict=True)]
    if over < 0:
        widths = [width * inner / sum(least) for width in least]
    elif sum(wanted) >= over and sum(wanted) > 0:
        widths = [low + over * want / sum(wanted) for low, want in zip(least, wanted, strict=True)]
    else:
        widths = [high + (over - sum(wanted)) / len(least) for high in most]
    last = len(widths) - 1
    # The gap lies half on either side of a line between two columns, and not at the edges of the table.
    return tuple(width + between / 2 * ((number > 0) + (number < last)) for number, width in enumerate(widths))


def _parts(least: Sequence[float], room: float, between: float) -> list[tuple[int, ...]]:
    """The columns in parts that fit, the first column again in each."""
    parts: list[list[int]] = [[0]]
    used = least[0]
    for column in range(1, len(least)):
        if used + between + least[column] > room and len(parts[-1]) > 1:
            parts.append([0])
            used = least[0]
        parts[-1].append(column)
        used += between + least[column]
    return [tuple(part) for part in parts]
