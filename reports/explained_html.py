"""An explanation as Jupyter shows it: a tree that opens, formula and numbers beside each value."""

from __future__ import annotations

from html import escape
from typing import Any

from reports.look.numbers import written
from settlement.explanation import Explanation

DECIMALS = {"GBP": 2, "GBP/MWh": 5, "MWh": 3, "1": 7}
MOST_OPEN = 8  # rows of one quantity that are not folded
OPEN = 2  # levels that stand open at first, the second only where few values lie on it
FEW = 3


class ShownExplanation:
    """An `Explanation` with its picture; everything of the tree is there under its own name."""

    def __init__(self, tree: Explanation) -> None:
        self.tree = tree

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tree, name)

    def __repr__(self) -> str:
        head = self.tree.as_text().split("\n", 1)[0]
        return f"{head}\n  {len(self.tree.leaves())} ends below: print(day.explain(...).as_text()) tells all of them"

    def _repr_html_(self) -> str:
        from reports.sections.shown import Shown

        return Shown("explanation", f'<div class="explained">{fragment(self.tree)}</div>')._repr_html_()


def fragment(tree: Explanation, level: int = 0, opened: bool = True) -> str:
    """One value with what it was made from, as nested details."""
    key = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in tree.key.items())
    unit = "" if tree.unit in ("1", "flag") else tree.unit
    head = (
        f'<span class="symbol">{escape(tree.symbol)}</span> <b>{escape(_value(tree))}</b> {escape(unit)} '
        f"<small>{escape(tree.quantity.replace('_', ' '))}{', ' + escape(key) if key else ''}</small>"
    )
    told = "".join(f'<p class="small">{line}</p>' for line in _lines(tree))
    inner = told + _children(tree.inputs, level + 1)
    if not inner:
        return f'<div class="leaf">{head}</div>'
    return f"<details{' open' if opened and level < OPEN else ''}><summary>{head}</summary>{inner}</details>"


def _children(inputs: list[Explanation], level: int) -> str:
    """What a value was made from; many rows of one quantity stand folded under their number."""
    groups: dict[str, list[Explanation]] = {}
    for child in inputs:
        groups.setdefault(child.quantity, []).append(child)
    told = []
    for quantity, rows in groups.items():
        inner = "".join(fragment(child, level, len(inputs) <= FEW) for child in rows)
        if len(rows) > MOST_OPEN:
            head = f"<summary>{len(rows)} rows of <b>{escape(quantity.replace('_', ' '))}</b></summary>"
            inner = f"<details>{head}{inner}</details>"
        told.append(inner)
    return "".join(told)


def _lines(tree: Explanation) -> list[str]:
    lines = []
    if tree.formula:
        lines.append(escape(tree.formula).replace("\n", "<br>"))
    if tree.with_numbers:
        lines.append("= " + escape(tree.with_numbers))
    if tree.clause:
        lines.append(escape(f"{tree.clause}, {tree.rule}: {tree.evidence}"))
    if tree.file:
        lines.append(f"{escape(tree.file)}, row {tree.source_row}, <code>{escape(tree.sha256[:12])}</code>")
    elif tree.source:
        lines.append(escape(tree.source))
    if tree.not_shown:
        lines.append(f"<i>{escape(tree.not_shown)}</i>")
    return lines


def _value(tree: Explanation) -> str:
    if isinstance(tree.value, bool) or not isinstance(tree.value, (int, float)):
        return str(tree.value)
    if isinstance(tree.value, int):
        return f"{tree.value}"
    return written(tree.value, DECIMALS.get(tree.unit, 6))
