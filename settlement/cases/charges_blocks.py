"""What of a charges case is settled together, and the rows of each file that belong to it.

A Settlement Date is settled as one block where every period has the same units, each with the same accounts, and one
price. Else each period is a block; and where units of one period are given prices of their own, each price is one.
What a block is only a part of cannot be asked for: a day's total of single periods, or a system total of some units.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from settlement import calendar
from settlement.cases.reading import Table, day, only_columns
from settlement.engine import dependencies, quantities
from settlement.errors import WrongCase
from settlement.grains import Grain, row_grain

Rows = list[dict[str, Any]]
Readers = Mapping[str, Callable[[str], Any]]

_KEYS: dict[str, Callable[[str], Any]] = {"settlement_date": day, "settlement_period": int}
_FIXED = ("trading_unit", "lead_account")  # maps of a unit: one value a block
_PRICES = ("sbp", "ssp")
_WHOLE = ("settlement_period", "acceptance_number", "pair", "segment")  # keys that are whole numbers, not text


@dataclass(frozen=True)
class Block:
    """Units and periods of one Settlement Date that are settled together; no date where a case names none."""

    settlement_date: date | None
    periods: tuple[int, ...]
    units: tuple[str, ...]
    part: str  # "day": the whole of it; "period": periods by themselves; "unit": units of one price by themselves
    whole: frozenset[tuple[date | None, int, str]]  # every unit of the case in every period

    def __contains__(self, row: Mapping[str, Any]) -> bool:
        return (
            row["settlement_date"] == self.settlement_date
            and row.get("settlement_period", self.periods[0]) in self.periods
            and row.get("bm_unit", self.units[0]) in self.units
        )


def blocks(rows: Rows) -> list[tuple[Block, Rows]]:
    """The blocks of a case with their rows of given_units.csv."""
    whole = frozenset((row["settlement_date"], row["settlement_period"], row["bm_unit"]) for row in rows)
    found = []
    for one in sorted({row["settlement_date"] for row in rows}, key=str):
        of_day = [row for row in rows if row["settlement_date"] == one]
        part = _part(of_day)
        groups: dict[Any, Rows] = {}
        for row in of_day:
            prices = tuple(row.get(name) for name in _PRICES) if part == "unit" else ()
            groups.setdefault((row["settlement_period"] if part != "day" else 0, prices), []).append(row)
        for group in groups.values():
            periods = tuple(sorted({row["settlement_period"] for row in group}))
            units = tuple(sorted({row["bm_unit"] for row in group}))
            found.append((Block(one, periods, units, part, whole), group))
    return found


def _part(of_day: Rows) -> str:
    prices: dict[int, set[tuple]] = {}
    units: dict[int, set[tuple]] = {}
    for row in of_day:
        prices.setdefault(row["settlement_period"], set()).add(tuple(row.get(name) for name in _PRICES))
        units.setdefault(row["settlement_period"], set()).add((row["bm_unit"], *(row.get(name) for name in _FIXED)))
    if any(len(found) > 1 for found in prices.values()):
        return "unit"
    return "day" if len({frozenset(found) for found in units.values()}) == 1 else "period"


def refuse_totals_of_parts(block: Block, names: Collection[str], given: Collection[str], losses: str) -> None:
    """Raise WrongCase where what is asked for, or anything behind it, adds up more than the block holds."""
    tags, reads = quantities(losses=losses), dependencies(losses=losses)
    queue, seen = list(names), set(given)
    while queue and block.part != "day":
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        queue += reads.get(name, ())
        dims = tags[name].dims if name in tags else ()
        by_unit = "bm_unit" in dims or dims == ("pair_row",)
        in_part = by_unit if block.part == "unit" else by_unit or dims not in ((), ("party",), ("settlement_date",))
        if name in tags and not in_part:
            why = {
                "unit": "units of one period have prices of their own, so there is none of the system. Give one price",
                "period": "its periods have other units or accounts. Give every unit a row in every period",
            }[block.part]
            told = f"{name} ({tags[name].symbol}) of {block.settlement_date or 'the case'}"
            raise WrongCase(f"given_units.csv: {told} cannot be added up: {why}.")


def known_columns(table: Table, known: Collection[str]) -> None:
    """Raise WrongCase for the first column that is none of these, nor a date or period."""
    only_columns(table, (*_KEYS, *known))


def with_keys(table: Table, given: Mapping[str, Table], of_day: bool = False) -> Rows:
    """Date, period and row number of each row; a file that does not name them holds for the one that others name.

    Rows of a day have no period. Raises WrongCase for a period that the date does not have, and where others name
    several.
    """
    keys: dict[str, list[Any]] = {}
    for name, reader in list(_KEYS.items())[: 1 if of_day else 2]:
        if name in table.columns:
            keys[name] = table.column(name, reader)
            continue
        told = {one for other in given.values() if name in other.columns for one in other.column(name, reader)}
        if len(told) > 1:
            raise WrongCase(f"{table.name}: found no {name}, and other files name {len(told)}. Add the column.")
        keys[name] = [next(iter(told), 1 if name == "settlement_period" else None)] * len(table.rows)
    rows = [dict(zip(keys, values, strict=True)) for values in zip(*keys.values(), strict=True)]
    for at, row in enumerate(rows, start=2):
        row["at"] = at
        if of_day:
            continue
        last = 50 if row["settlement_date"] is None else calendar.period_count(row["settlement_date"])
        if not 1 <= row["settlement_period"] <= last:
            raise WrongCase(
                f"{table.name}, row {at}, settlement_period: found {row['settlement_period']}, "
                f"wanted 1 to {last} on {row['settlement_date'] or 'any date'}. Correct the period or the date."
            )
    return rows


def rows_of(
    table: Table | None, block: Block, given: Mapping[str, Table], must: Readers,
    may: Mapping[str, tuple[Callable[[str], Any], Any]] | None = None, beyond: bool = False, of_day: bool = False,
) -> Rows:  # fmt: skip
    """The rows of a file that belong to a block, every cell read; none where there is no file.

    must     columns that the file must have, with how to read them
    may      columns that it may have, with what an absent cell means
    beyond   whether rows of periods in which the case has no unit are passed over; else they are refused
    of_day   whether its rows are of a day, not of a period

    Raises WrongCase for a column of neither kind, and for a row that no unit of the case stands behind.
    """
    if table is None:
        return []
    may = may or {}
    known_columns(table, (*must, *may))
    read = {name: table.column(name, reader) for name, reader in must.items()}
    read |= {name: table.column(name, reader, default=absent) for name, (reader, absent) in may.items()}
    rows = with_keys(table, given, of_day)
    for at, row in enumerate(rows):
        row |= {name: values[at] for name, values in read.items()}
        if not (beyond or of_day):
            _behind(table.name, row, block)
    return [row for row in rows if row in block]


def labelled(dim: str, keys: tuple[str, ...], rows: Rows) -> Grain:
    """The row grain of rows that are sorted by their keys; of no rows too."""
    kinds = {key: np.int64 if key in _WHOLE else object for key in keys}
    return row_grain(dim, {key: np.array([row[key] for row in rows], kinds[key]) for key in keys})


def _behind(file: str, row: Mapping[str, Any], block: Block) -> None:
    key = (row["settlement_date"], row["settlement_period"])
    unit = row.get("bm_unit")
    if not any(one[:2] == key and unit in (None, one[2]) for one in block.whole):
        told = f"{unit or 'no unit'} in period {key[1]} of {key[0] or 'the case'}"
        raise WrongCase(f"{file}, row {row['at']}: found {told}, wanted one of given_units.csv. Add it there.")
