"""Tables on paper: heads repeat, figures stand right, rows stay whole, and no column leaves the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reports.paper.inline import BELOW, INLINE, MINOR, Setting, line
from reports.paper.table_widths import Cell, Layout, gap, laid_out
from reports.paper.tree import Element

_LONG = 900  # letters of a cell from which on its row may be split between pages
KINDS = ("hit", "off", "sub", "why")


@dataclass(frozen=True)
class Line:
    """A row: its cells, its kind, and whether it is of the head or the foot."""

    cells: tuple[Cell, ...]
    kind: str
    part: str  # thead, tbody, tfoot


def tabular(one: Element, setting: Setting, top: bool, body: Callable[[list[Element | str]], str]) -> list[str]:
    """The expressions of a table. One that is too wide gets smaller type, then a page turned, then parts.

    top   whether a page may be turned here
    body  sets blocks that stand in a cell
    """
    lines = _lines(one)
    if not lines:
        return []
    caption = next((part for part in one.elements if part.name == "caption"), None)
    said = [] if caption is None else [_caption(caption, setting)]
    layout = laid_out([row.cells for row in lines], _base_size(one), may_turn=top)
    dense = ", dense: true" if "day48" in one.classes else ""
    parts = [_part(lines, layout, columns, widths, setting, body, dense) for columns, widths in layout.parts]
    if layout.turned:
        return [f"turned({{{'; '.join([*said, *parts])}}})"]
    return said + parts


def _caption(one: Element, setting: Setting) -> str:
    """Its words, and beside them, lighter, what says the unit and the signs."""
    rest: list[Element | str] = [part for part in one.elements if part.name == "span"]
    title = [part for part in one.inside if part not in rest]
    return f"caption({line(title, setting)}, {line(rest, setting)})"


def _base_size(one: Element) -> float:
    """Points of its type where nothing is too wide."""
    if "act" in one.classes:
        return 7.5
    return 8.0 if one.classes & {"day48", "people", "files"} else 8.5


def _lines(table: Element) -> list[Line]:
    found = []
    for part in table.elements:
        if part.name in ("thead", "tbody", "tfoot"):
            for row in part.elements:
                kind = next((kind for kind in KINDS if kind in row.classes), "")
                found.append(Line(tuple(Cell(cell) for cell in row.elements), kind, part.name))
    order = {"thead": 0, "tbody": 1, "tfoot": 2}
    return sorted(found, key=lambda row: order[row.part])


def _part(
    lines: list[Line], layout: Layout, columns: tuple[int, ...], widths: tuple[float, ...], setting: Setting,
    body: Callable[[list[Element | str]], str], dense: str,
) -> str:  # fmt: skip
    """One table with these columns of it."""
    rights = layout.figures
    head = [_row(row, columns, rights, setting, body) for row in lines if row.part == "thead"]
    said, before = [], "thead"
    rows = [row for row in lines if row.part != "thead"]
    for number, row in enumerate(rows):
        heavy = row.part == "tfoot" and before != "tfoot"
        heavy = heavy or (row.kind == "sub" and number == len(rows) - 1)
        if number and row.kind != "why":
            said.append("heavy-line" if heavy else "light-line")
        said.append(_row(row, columns, rights, setting, body))
        before = row.part
    header = f"table.header({', '.join([*head, 'heavy-line'])})" if head else ""
    aligned = ", ".join("right" if column in rights else "left" for column in columns)
    across = ", ".join(f"{width:.1f}pt" for width in widths)
    inner = ", ".join(part for part in [header, *said] if part)
    return f"figures-table({layout.size}pt, {gap(layout.size)}pt, ({across},), ({aligned},), {inner}{dense})"


def _row(
    row: Line, columns: tuple[int, ...], rights: frozenset[int], setting: Setting,
    body: Callable[[list[Element | str]], str],
) -> str:  # fmt: skip
    made, at = [], 0
    whole = columns == tuple(range(len(columns))) and len(columns) >= sum(cell.span for cell in row.cells)
    for cell in row.cells:
        kept = cell.span if whole else sum(at <= column < at + cell.span for column in columns)
        if kept:
            parts = cell.element.elements
            blocks = bool(parts) and any(part.name not in INLINE for part in parts)
            small = BELOW if row.part == "thead" else MINOR
            inner = body(cell.element.inside) if blocks else line(cell.element.inside, setting, small)
            if "mono" in cell.element.classes and row.part != "thead":
                inner = f"mono({inner})"
            made.append(_cell(row, cell, inner, kept, cell.figure or (cell.span == 1 and at in rights)))
        at += cell.span
    missing = sum(column >= at for column in columns)
    made += ["none"] * missing
    return ", ".join(made)


def _cell(row: Line, cell: Cell, inner: str, span: int, figure: bool) -> str:
    kind = {"thead": "head", "tfoot": "sub"}.get(row.part, row.kind)
    if cell.style_plain or (inner == "none" and kind in ("off", "why", "sub")):
        kind = ""  # what is empty has no style
    said = []
    if kind:
        said.append(f'kind: "{kind}"')
    if span > 1:
        said.append(f"span: {span}")
    if cell.down > 1:
        said.append(f"down: {cell.down}")
    if cell.span > 1:
        said.append(f"side: {'right' if figure else 'left'}")
    if len(cell.text) > _LONG:
        said.append("splits: true")
    return f"cell({inner}, {', '.join(said)})" if said else inner
