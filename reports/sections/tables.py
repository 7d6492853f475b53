"""Tables of a report: head with units, figures to the right, a row label, a region that scrolls by itself.

A cell is text, which is escaped, or Markup, which is taken as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape


@dataclass(frozen=True)
class Column:
    """A column: its name, the unit below it, whether figures stand in it, its label on a narrow screen."""

    name: str
    unit: str = ""
    figure: bool = False
    label: str = ""
    class_: str = ""

    @property
    def classes(self) -> str:
        return " ".join(part for part in ("n" if self.figure else "", self.class_) if part)


@dataclass(frozen=True)
class Row:
    """A row: its cells in the order of the columns, how it is marked (hit, off, sub), and what stands below it.

    below  in a row of its own across the table, under the label `below_label` on a narrow screen
    """

    cells: Sequence[str | Markup]
    class_: str = ""
    below: str | Markup = ""
    below_label: str = ""


def table(
    columns: Sequence[Column],
    rows: Sequence[Row],
    region: str,
    class_: str = "",
    caption: str | Markup = "",
    label_column: int = 0,
    foot: Markup | str = "",
) -> Markup:
    """HTML of a table in a region that can be scrolled and focused; `region` names it.

    label_column  the column whose cells are heads of their rows
    foot          rows of the foot, as Markup
    """
    cards, lean = "cards" in class_.split(), bool({"act", "charges"} & set(class_.split()))
    head = "".join(_head(column) for column in columns)
    named = [_attributes(column, cards, lean) for column in columns]
    body = "".join(_row(columns, named, row, label_column) for row in rows)
    said = Markup("<caption>{}</caption>").format(caption) if caption else ""
    ended = Markup("<tfoot>{}</tfoot>").format(foot) if foot else ""
    of_table = Markup(' class="{}"').format(class_) if class_ else ""
    return Markup(
        '<div class="tw" tabindex="0" role="region" aria-label="{}"><table{}>{}<thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody>{}</table></div>"
    ).format(region, of_table, said, Markup(head), Markup(body), ended)


def _head(column: Column) -> Markup:
    unit = Markup("<small>{}</small>").format(column.unit) if column.unit else ""
    classes = Markup(' class="{}"').format(column.classes) if column.classes else ""
    return Markup('<th scope="col"{}>{}{}</th>').format(classes, column.name, unit)


def _row(columns: Sequence[Column], named: Sequence[str], row: Row, label_column: int) -> str:
    """A row. Text is joined as it is, for a report has a hundred thousand cells: each is escaped here, once."""
    cells = []
    for number, (given, cell) in enumerate(zip(named, row.cells, strict=True)):
        if number == label_column and cell:
            cells.append(f'<th scope="row"{given}>{escape(cell)}</th>')
        else:
            cells.append(f"<td{given}>{escape(cell)}</td>")
    class_ = f' class="{escape(row.class_)}"' if row.class_ else ""
    return f"<tr{class_}>{''.join(cells)}</tr>{_below(row, len(columns))}"


def _attributes(column: Column, cards: bool, lean: bool) -> str:
    """Of each cell of a column; in a lean table the style sheet knows which columns hold figures."""
    classes = f' class="{escape(column.classes)}"' if column.classes and not lean else ""
    label = f' data-l="{escape(column.label)}"' if cards and column.label else ""
    return classes + label


def _below(row: Row, width: int) -> Markup:
    if not row.below:
        return Markup("")
    return Markup('<tr class="why"><td colspan="{}" data-l="{}"><span class="hash">{}</span></td></tr>').format(
        width, row.below_label, row.below
    )
