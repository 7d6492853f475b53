"""Tables of a settled day as an analyst wants them: plain pandas underneath, written with units and decimals."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from reports.look.numbers import written

DECIMALS = {"GBP": 2, "GBP/MWh": 5, "MWh": 3, "MW": 1, "1": 7, "%": 2}
MOST_ROWS = 60


class Figures(pd.DataFrame):
    """A table whose `units` say the unit of each column; pandas in every other way.

    In Jupyter numbers are written with the decimals of their unit and the units stand in the heading. Values keep
    full precision. A part of it that pandas gives back keeps the units.
    """

    _metadata = ["units", "note"]  # noqa: RUF012  pandas looks for a list of this name
    units: dict[str, str]
    note: str

    @property
    def _constructor(self) -> Any:
        return Figures

    def _repr_html_(self) -> str:
        from reports.sections.shown import Shown

        note = getattr(self, "note", "")
        told = f'<p class="small">{escape(note)}</p>' if note else ""
        return Shown("figures", table(self) + told)._repr_html_()


def figures(frame: pd.DataFrame, units: dict[str, str], note: str = "") -> Figures:
    """The frame with the units of its columns, those that have one, and what must be known to read it."""
    made = Figures(frame)
    made.units, made.note = units, note
    return made


def table(frame: Figures) -> str:
    """The HTML of a table, its first and last rows where it is long."""
    units = getattr(frame, "units", {}) or {}
    names = [str(name or "") for name in frame.index.names]
    numbers = _numbers(frame)
    every = [(name, "") for name in names] + [(str(name), units.get(str(name), "")) for name in frame.columns]
    heads = "".join(_head(name, unit, number) for (name, unit), number in zip(every, numbers, strict=True))
    if len(frame) > MOST_ROWS:
        half = MOST_ROWS // 2
        between = f'<tr><td colspan="{len(names) + len(frame.columns)}">{len(frame) - 2 * half:,} more rows</td></tr>'
        body = _rows(frame.head(half), units, numbers) + between + _rows(frame.tail(half), units, numbers)
    else:
        body = _rows(frame, units, numbers)
    return f'<div class="tw figures"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


def _numbers(frame: pd.DataFrame) -> list[bool]:
    """Which of the columns, those of the index first, are numbers and stand at the right."""
    kinds = [*(frame.index.get_level_values(level).dtype for level in range(frame.index.nlevels)), *frame.dtypes]
    return [is_numeric_dtype(kind) and not is_bool_dtype(kind) for kind in kinds]


def _head(name: str, unit: str, number: bool) -> str:
    shown = f"<br><small>{escape(unit)}</small>" if unit else ""
    kind = ' class="n"' if unit or number else ""
    return f"<th{kind}>{escape(name.replace('_', ' '))}{shown}</th>"


def _rows(frame: pd.DataFrame, units: dict[str, str], numbers: list[bool]) -> str:
    names = [""] * frame.index.nlevels + [str(name) for name in frame.columns]
    lines = []
    for label, row in zip(frame.index, frame.itertuples(index=False, name=None), strict=True):
        keys = label if isinstance(label, tuple) else (label,)
        told = zip((*keys, *row), names, numbers, strict=True)
        cells = "".join(_cell(value, units.get(name, ""), number) for value, name, number in told)
        lines.append(f"<tr>{cells}</tr>")
    return "".join(lines)


def _cell(value: Any, unit: str, number: bool) -> str:
    kind = ' class="n"' if unit or number else ""
    if not isinstance(value, str) and pd.isna(value):
        return f"<td{kind}>none</td>"
    if unit and not isinstance(value, (str, bool)):
        return f"<td{kind}>{written(value, DECIMALS.get(unit, 3))}</td>"
    return f"<td{kind}>{escape(str(value))}</td>"
