"""Tables whose columns foot: rows by money, the smaller ones in one row with their sum, and a total that is exact.

Every figure is rounded once. Where the rounded rows miss the rounded total, a row says by how much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from reports.look import numbers
from reports.sections.tables import Column, Row, table
from settlement.compare import reported


@dataclass(frozen=True)
class Figure:
    """A column of figures; one that must not be added (a price, a multiplier) has no total."""

    name: str
    unit: str = "£"
    decimals: int = 2
    signed: bool = False
    adds: bool = True
    label: str = ""

    def written(self, value: float | Decimal | None) -> str:
        return numbers.written(value, self.decimals, signed=self.signed)


@dataclass(frozen=True)
class Line:
    """A row: its words, and a value for each column of figures; None does not apply."""

    words: Sequence[str | Markup]
    values: Sequence[float | None]
    class_: str = ""


def footed(
    heads: Sequence[Column], figures: Sequence[Figure], lines: Sequence[Line], region: str, *, total: str,
    caption: str | Markup = "", most: int | None = None, others: str = "others", class_: str = "charges",
) -> Markup:  # fmt: skip
    """HTML of a table with its total.

    lines   in the order in which they shall stand, the largest first where some are left out
    most    rows that are shown; the others are summed in one row that says how many they are
    """
    shown = list(lines) if most is None or len(lines) <= most + 1 else list(lines[:most])
    rest = lines[len(shown) :]
    cells = [_written(figures, line.values) for line in shown]
    body = [Row([*line.words, *written], line.class_) for line, written in zip(shown, cells, strict=True)]
    sums = [list(line.values) for line in shown]
    if rest:
        summed = [_sum([line.values[at] for line in rest]) if one.adds else None for at, one in enumerate(figures)]
        sums.append(summed)
        body.append(_labelled(heads, f"{len(rest):,} {others}", _written(figures, summed), "off"))
    totals = [_sum([line.values[at] for line in lines]) if one.adds else None for at, one in enumerate(figures)]
    missed = [_missed(one, [values[at] for values in sums], totals[at]) for at, one in enumerate(figures)]
    if any(missed):
        said = ["" if not miss else numbers.written(miss, one.decimals, signed=True)
                for miss, one in zip(missed, figures, strict=True)]  # fmt: skip
        body.append(_labelled(heads, "Rounding of the rows above", said, "off"))
    columns = [*heads, *(Column(one.name, one.unit, figure=True, label=one.label) for one in figures)]
    return table(columns, body, region, class_, caption, foot=_foot(heads, figures, totals, total))


def _written(figures: Sequence[Figure], values: Sequence[float | None]) -> list[str]:
    return [one.written(value) if value is not None else "" for one, value in zip(figures, values, strict=True)]


def _sum(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return math.fsum(there) if there else None


def _missed(figure: Figure, shown: Sequence[float | None], total: float | None) -> Decimal:
    """What the rounded rows of a column miss of its rounded total."""
    if not figure.adds or total is None:
        return Decimal(0)
    rows = sum((reported(value, figure.decimals) for value in shown if value is not None), Decimal(0))
    return reported(total, figure.decimals) - rows


def _labelled(heads: Sequence[Column], words: str, cells: Sequence[str], class_: str) -> Row:
    return Row([words, *[""] * (len(heads) - 1), *cells], class_)


def _foot(heads: Sequence[Column], figures: Sequence[Figure], totals: Sequence[float | None], total: str) -> Markup:
    cells = Markup("").join(
        Markup('<td class="n"{}>{}</td>').format(
            Markup(' data-l="{}"').format(one.label) if one.label else "", "" if value is None else one.written(value)
        )
        for one, value in zip(figures, totals, strict=True)
    )
    return Markup('<tr><th scope="row" colspan="{}">{}</th>{}</tr>').format(len(heads), total, cells)
