"""The tables of a run that has charges: quantities of Parties, accounts, BM Units and periods."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from reports.day_tables import units
from reports.twins.table import Column, Table, of_arrays, table_of
from settlement.calendar import period_count
from settlement.engine import Quantity, quantities
from settlement.naming import column_name
from settlement.settled import Settled

# Dims of the quantities -> name and title of their table.
_GRAINS = {
    "party": ("parties", "Parties over the day"),
    "settlement_period": ("system_periods", "Quantities of the whole system, a row a period"),
    "settlement_period party": ("party_periods", "Parties, a row a period"),
    "settlement_period account": ("account_periods", "Energy accounts, a row a period"),
    "settlement_period bm_unit": ("unit_periods", "BM Units, a row a period"),
}
_SYMBOL = re.compile(r"[A-Za-z]+[+-]?([_^][A-Za-z0-9,]+)*")
DUE = "above zero: paid to the Party; below: paid by it"


def tables_of_run(settled: Settled) -> list[Table]:
    """The tables of a run with charges; none of a run of prices.

    A period that was set aside has no row: nothing of it was worked out.
    """
    if "daily_party_net_due" not in settled.arrays:
        return []
    known = quantities(settled.way, settled.single_price, settled.losses)
    made = []
    for dims, (name, title) in _GRAINS.items():
        held = [one for one in known.values() if " ".join(one.dims) == dims and one.name in settled.arrays]
        if held:
            made.append(_of_grain(settled, dims, name, title, held))
    if any(one.name == "unit_periods" for one in made):
        made.append(table_of("units", "BM Units over the day", units(settled)))
    return made


def _of_grain(settled: Settled, dims: str, name: str, title: str, held: list[Quantity]) -> Table:
    grain = settled.grain(held[0].name)
    columns: list[tuple[Column, np.ndarray]] = []
    for key in (*grain.keys, *sorted(grain.along), *sorted(grain.maps)):
        values = grain.column(key)
        columns.append((Column(key, _kind(values)), _spoken(values)))
    taken = {column.name for column, _ in columns}
    for one in held:
        values = settled.values(one.name)
        column = Column(
            _column(one), _kind(values), one.unit, symbol=one.symbol, quantity=one.name,
            clause=one.clause, about=one.about.split("\n")[0], sign=DUE if one.name == "daily_party_net_due" else "",
        )  # fmt: skip
        if column.name in taken:  # two quantities of one symbol: the full name tells them apart
            column = replace(column, name=one.name)
        taken.add(column.name)
        columns.append((column, values))
    return of_arrays(name, title, columns, _over(settled))


def _column(one: Quantity) -> str:
    """Its column by its symbol; by its name where the symbol is a formula."""
    return column_name(one.symbol, one.unit) if _SYMBOL.fullmatch(one.symbol) else one.name


def _over(settled: Settled) -> str:
    held, every = settled.grain("system_price").size, period_count(settled.settlement_date)
    rest = "" if held == every else "; the others were set aside, and nothing of them is in here"
    return f"{held} of {every} Settlement Periods{rest}."


def _kind(values: np.ndarray) -> str:
    if values.dtype.kind == "b":
        return "flag"
    if values.dtype.kind in "iu":
        return "count"
    return "figure" if values.dtype.kind == "f" else "text"


def _spoken(values: np.ndarray) -> np.ndarray:
    """Labels as Arrow takes them: text as objects."""
    if values.dtype.kind in "biuf":
        return values
    return np.asarray([str(one) for one in values], dtype=object)
