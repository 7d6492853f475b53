"""One value as a tree: formula, formula with numbers, inputs, down to file, hash and row.

Nothing was noted while settling: the tree follows from the graph. What a parameter
contributes at a point are its rows that agree on every key column both have (for a
rule of form `kernel`, on the columns of its scope). Only `sum` claims that the level
below adds up to the value above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from settlement import parameters
from settlement.engine import Quantity, dependencies, label_nodes, quantities
from settlement.errors import UnknownLabel, WrongInput
from settlement.explanation_numbers import formula_of, with_numbers
from settlement.grains import Grain
from settlement.inputs import INPUTS
from settlement.naming import words
from settlement.options import OPTIONS
from settlement.settled import Settled

DEPTH = 9  # levels: from a price to the row of the file its furthest volume came from
MOST = 400  # rows of one contributor; more are counted, not listed


@dataclass
class Explanation:
    """How one value came about."""

    quantity: str
    symbol: str
    unit: str
    key: dict[str, Any]
    value: Any
    clause: str = ""
    evidence: str = ""
    rule: str = ""
    form: str = "input"
    about: str = ""
    formula: str = ""
    with_numbers: str = ""
    file: str = ""
    sha256: str = ""
    source_row: int | None = None
    source: str = ""  # of a parameter or option
    not_shown: str = ""
    inputs: list[Explanation] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, empty parts left out."""
        plain = {name: value for name, value in vars(self).items() if name != "inputs" and value not in ("", None)}
        if self.inputs:
            plain["inputs"] = [child.as_dict() for child in self.inputs]
        return plain

    def leaves(self) -> list[Explanation]:
        """The ends of the tree."""
        if not self.inputs:
            return [self]
        return [leaf for child in self.inputs for leaf in child.leaves()]

    def as_text(self, indent: int = 0) -> str:
        """The tree for a terminal."""
        key = ", ".join(f"{name} {value}" for name, value in self.key.items())
        value = f"{self.value:.10g}" if isinstance(self.value, float) else self.value
        line = f"{'  ' * indent}{words(self.quantity)} {self.symbol} = {value} {self.unit}  [{key}]".rstrip()
        if self.clause:
            line += f"  {self.clause}, {self.evidence}"
        if self.file:
            line += f"  <- {self.file} row {self.source_row} ({self.sha256[:12]})"
        elif self.source:
            line += f"  <- {self.source}"
        lines = [line]
        if self.with_numbers:
            lines.append(f"{'  ' * indent}  = {self.with_numbers}")
        if self.not_shown:
            lines.append(f"{'  ' * indent}  ({self.not_shown})")
        return "\n".join([*lines, *(child.as_text(indent + 1) for child in self.inputs)])


def explain(settled: Settled, quantity: str, key: Mapping[str, Any], *, depth: int = DEPTH) -> Explanation:
    """The tree of one value.

    key    the labels of the value: settlement_period, bm_unit, action and so on
    depth  levels to go down; what lies below is left out and said

    Raises WrongInput for a quantity that the run does not hold, UnknownLabel for a key it has no row for.
    """
    if quantity not in settled.arrays:
        known = ", ".join(sorted(settled.arrays))
        raise WrongInput(f"quantity: found {quantity!r}, which this run does not hold; wanted one of {known}.")
    rows = matching(settled.grain(quantity), key)
    if len(rows) != 1:
        grain = settled.grain(quantity)
        raise UnknownLabel(
            f"{quantity} has {len(rows)} rows at {dict(key)}; wanted one. Give each of {', '.join(grain.keys)} "
            "a label of the run."
        )
    return _Walk(settled).value(quantity, int(rows[0]), depth)


def matching(grain: Grain, key: Mapping[str, Any]) -> np.ndarray:
    """Positions of the rows whose columns bear the labels of the key; columns the grain lacks do not matter."""
    keep = np.ones(grain.size, dtype=bool)
    for name, label in key.items():
        if name in grain.columns():
            column = grain.column(name)
            keep &= column == (type(column[0].item())(label) if len(column) and hasattr(column[0], "item") else label)
    return np.flatnonzero(keep)


class _Walk:
    """Follows the graph of one settled day; a value met twice is told once."""

    def __init__(self, settled: Settled) -> None:
        self.settled = settled
        self.quantities = quantities(settled.way, settled.single_price, settled.losses)
        self.needs = dependencies(settled.way, settled.single_price, settled.losses)
        self.labels = label_nodes(settled.way, settled.single_price, settled.losses)
        self.told: set[tuple[str, int]] = set()
        self.said_parameters: set[str] = set()

    def value(self, name: str, row: int, depth: int) -> Explanation:
        grain, quantity = self.settled.grain(name), self.quantities.get(name)
        key = {column: _plain(grain.column(column)[row]) for column in grain.keys}
        told = _plain(self.settled.values(name)[row])
        if quantity is None:
            declared = INPUTS[name]
            return self._with_source(
                Explanation(name, declared.symbol, declared.unit, key, told, about=declared.about), declared.dims, row
            )
        found = Explanation(
            name,
            quantity.symbol,
            quantity.unit,
            key,
            told,
            quantity.clause,
            quantity.evidence,
            quantity.rule,
            quantity.form,
            quantity.about.split("\n")[0],
            formula_of(quantity),
        )
        if name in self.settled.published:
            found.form, found.formula = "published", ""
            found.source = "a published figure, put in place of the computed one"
            return self._with_source(found, " ".join(quantity.dims), row)
        if (name, row) in self.told:
            found.not_shown = "told above"
            return found
        if depth <= 0:
            found.not_shown = "goes deeper: ask for it by name, or with a greater depth"
            return found
        self.told.add((name, row))
        for parameter in self._array_parameters(name):
            children, left_out = self._contributors(quantity, grain, row, parameter)
            found.inputs += [self.value(parameter, at, depth - 1) for at in children]
            if left_out:
                found.not_shown = "; ".join(filter(None, [found.not_shown, left_out]))
        found.inputs += self._scalars(name)
        found.with_numbers = with_numbers(self.settled, quantity, key, found.inputs)
        return found

    def _with_source(self, found: Explanation, dims: str, row: int) -> Explanation:
        """An end of the tree, with the file, hash and row that brought it, or the note that says where it is from."""
        if found.quantity in self.settled.notes:
            found.source = self.settled.notes[found.quantity]
            return found
        sources = self.settled.sources.get(dims)
        if sources is not None and sources.source_row[row] > 0:
            found.file = str(sources.file[row])
            found.sha256 = str(sources.sha256[row])
            found.source_row = int(sources.source_row[row])
        return found

    def _array_parameters(self, name: str) -> list[str]:
        """The arrays a rule reads, seen through the records between rules, not through grains."""
        found: list[str] = []
        queue, seen = list(self.needs.get(name, ())), set()
        while queue:
            one = queue.pop(0)
            if one in seen or one in self.labels:
                continue
            seen.add(one)
            if one in self.settled.arrays:
                found.append(one)
            elif one in self.needs and one not in self.quantities:
                queue.extend(self.needs[one])
        return found

    def _contributors(self, quantity: Quantity, grain: Grain, row: int, parameter: str) -> tuple[list[int], str]:
        other = self.settled.grain(parameter)
        shared = [column for column in other.columns() if column in grain.columns()]
        if quantity.form == "kernel" and quantity.scope:
            shared = [column for column in shared if column in quantity.scope or column == "settlement_date"]
        rows = matching(other, {column: grain.column(column)[row] for column in shared})
        rows = self._within(quantity, other, rows)
        same_row = set(grain.keys) <= set(other.columns()) and set(other.keys) <= set(grain.columns())
        if same_row and len(rows) > 1:
            own = matching(other, {column: grain.column(column)[row] for column in other.keys})
            others = len(rows) - len(own)
            return list(own), f"{parameter}: {others} other rows of the same {' and '.join(shared)} act on it"
        values = self.settled.values(parameter)[rows]
        nonzero = rows[values != 0] if values.dtype.kind in "fib" and len(rows) > 1 else rows
        zero = len(rows) - len(nonzero)
        left_out = f"{parameter}: {zero} rows of 0" if zero else ""
        if len(nonzero) > MOST:
            left_out = f"{parameter}: the {MOST} largest of {len(nonzero)} rows"
            nonzero = np.sort(nonzero[np.argsort(-np.abs(self.settled.values(parameter)[nonzero]))[:MOST]])
        return list(nonzero), left_out

    def _within(self, quantity: Quantity, other: Grain, rows: np.ndarray) -> np.ndarray:
        """Where a rule says that only rows with volume left at a stage matter, keep those."""
        stage = quantity.within
        if not stage or stage not in self.settled.arrays or "action" not in other.columns():
            return rows
        of_stage = self.settled.grain(stage)
        left = of_stage.frame()[list(of_stage.keys)][self.settled.values(stage) != 0]
        wanted = {tuple(label) for label in left.itertuples(index=False)}
        columns = [other.column(column) for column in of_stage.keys]
        return np.array([at for at in rows if tuple(column[at] for column in columns) in wanted], dtype=int)

    def _scalars(self, name: str) -> list[Explanation]:
        """Parameters and options that a rule reads, once each in the tree."""
        queue, seen, found = list(self.needs.get(name, ())), set(), []
        while queue:
            one = queue.pop(0)
            if one in seen:
                continue
            seen.add(one)
            if one in self.settled.parameters and one not in self.said_parameters:
                self.said_parameters.add(one)
                dated = parameters.every()[one].on(self.settled.settlement_date)
                entry = parameters.every()[one]
                same = dated.value == self.settled.parameters[one]
                source = f"since {dated.since}: {dated.source}" if same else "given for this run"
                found.append(
                    Explanation(
                        one,
                        entry.symbol,
                        entry.unit,
                        {},
                        self.settled.parameters[one],
                        entry.clause,
                        dated.evidence,
                        form="parameter",
                        source=source,
                    )
                )
            elif one in OPTIONS and one not in self.said_parameters:
                self.said_parameters.add(one)
                option, value = OPTIONS[one], self.settled.options.get(one, OPTIONS[one].default)
                found.append(
                    Explanation(
                        one,
                        "",
                        "",
                        {},
                        value,
                        "",
                        option.evidence,
                        f"{option.document} {option.rule}",
                        "option",
                        source="a named option: " + option.about,
                    )
                )
            elif one in self.needs and one not in self.quantities and one not in self.settled.arrays:
                queue.extend(self.needs[one])
        return found


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
