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
import pandas as pd

from settlement import parameters
from settlement.engine import Quantity, dependencies, label_nodes, quantities
from settlement.errors import UnknownLabel, WrongInput
from settlement.explanation_numbers import formula_of, with_numbers
from settlement.grains import Grain, spoken
from settlement.inputs import INPUTS
from settlement.naming import words
from settlement.options import OPTIONS
from settlement.settled import Settled

DEPTH = 9  # levels: from a price to the row of the file its furthest volume came from
FEW = 3  # rows of one contributor that are followed down where a figure has thousands of rows below it
LEVELS_OF_FEW = 2
FEWER = 5  # rows listed there of what is no sum
MOST_FOLLOWED = 50  # rows listed there of a sum: a day has no more periods
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


def explain(
    settled: Settled, quantity: str, key: Mapping[str, Any], *, depth: int = DEPTH, follow: int | None = None
) -> Explanation:
    """The tree of one value.

    key     the labels of the value: settlement_period, bm_unit, action and so on
    depth   levels to go down; what lies below is left out and said
    follow  of the rows of one contributor, the largest so many are followed down, the others told and not followed;
            0 follows all; None follows all of a period's figure of a unit or the system, else the largest few

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
    if follow is None:
        wide = {"party", "account", "settlement_date"} & set(settled.grain(quantity).keys)
        follow = FEW if wide else 0
    return _Walk(settled, follow, depth).value(quantity, int(rows[0]), depth)


def matching(grain: Grain, key: Mapping[str, Any]) -> np.ndarray:
    """Positions of the rows whose columns bear the labels of the key; columns the grain lacks do not matter."""
    asked = {name: label for name, label in key.items() if name in grain.columns()}
    if grain.ragged:
        return _rows_matching(grain, asked)
    places = np.zeros(1, dtype=np.int64)
    for dim, index in zip(grain.dims, grain.indexes, strict=True):
        of_dim = np.ones(len(index), dtype=bool)
        for name, label in asked.items():
            if name == dim or grain.along.get(name, ("",))[0] == dim:
                of_dim &= _is(grain.labels(name), label)
        places = (places[:, None] * len(index) + np.flatnonzero(of_dim)[None, :]).reshape(-1)
    return places


def _rows_matching(grain: Grain, asked: Mapping[str, Any]) -> np.ndarray:
    """Rows stand in the order of their keys, so the first keys that are asked for are a stretch of them."""
    begin, end, rest = 0, grain.size, dict(asked)
    for level, name in enumerate(grain.keys):
        if name not in rest:
            break
        labels, codes = grain.levels[level]
        found = np.flatnonzero(_is(labels, rest.pop(name)))
        codes = codes[begin:end]
        if not len(found) or (np.diff(codes) < 0).any():
            begin, end, rest = (0, 0, {}) if not len(found) else (begin, end, {**rest, name: asked[name]})
            break
        low, high = np.searchsorted(codes, found[0], "left"), np.searchsorted(codes, found[0], "right")
        begin, end = begin + int(low), begin + int(high)
    keep = np.ones(end - begin, dtype=bool)
    for name, label in rest.items():
        if name in grain.maps:
            keep &= _is(grain.maps[name][begin:end], label)
        else:  # a level is compared once a label, not once a row
            labels, codes = grain.levels[grain.keys.index(name)]
            keep &= _is(labels, label)[codes[begin:end]]
    return begin + np.flatnonzero(keep)


def _is(labels: np.ndarray, label: Any) -> np.ndarray:
    """Which labels are the one asked for."""
    return np.asarray(labels == _like(labels, label), dtype=bool)


def _like(labels: np.ndarray, label: Any) -> Any:
    """A label as the others are: what was asked for may be the text of a number."""
    return type(labels[0].item())(label) if len(labels) and hasattr(labels[0], "item") else label


class _Walk:
    """Follows the graph of one settled day; a value met twice is told once."""

    def __init__(self, settled: Settled, follow: int, depth: int) -> None:
        self.settled, self.follow, self.depth = settled, follow, depth
        self.quantities = quantities(settled.way, settled.single_price, settled.losses)
        self.needs = dependencies(settled.way, settled.single_price, settled.losses)
        self.labels = label_nodes(settled.way, settled.single_price, settled.losses)
        self.told: set[tuple[str, int]] = set()
        self.said_parameters: set[str] = set()
        self.left: dict[tuple[str, str], np.ndarray] = {}  # rows with volume left at a stage, by stage and grain

    def value(self, name: str, row: int, depth: int) -> Explanation:
        grain, quantity = self.settled.grain(name), self.quantities.get(name)
        key = {column: spoken(grain.label(column, row)) for column in grain.keys}
        told = spoken(self.settled.values(name)[row])
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
            followed = self._followed(parameter, children, depth)
            found.inputs += [self.value(parameter, at, depth - 1 if at in followed else 0) for at in children]
            if left_out:
                found.not_shown = "; ".join(filter(None, [found.not_shown, left_out]))
        found.inputs += self._scalars(name)
        found.with_numbers = with_numbers(self.settled, quantity, key, found.inputs)
        return found

    def _followed(self, parameter: str, rows: list[int], depth: int) -> set[int]:
        """The rows that are gone down into: the largest few, and below the first levels the largest one."""
        few = self.follow if depth > self.depth - LEVELS_OF_FEW else min(self.follow, 1)
        if not few or len(rows) <= few:
            return set(rows)
        size = np.abs(self.settled.values(parameter)[rows].astype(float))
        return {rows[at] for at in np.argsort(-size, kind="stable")[:few]}

    def _with_source(self, found: Explanation, dims: str, row: int) -> Explanation:
        """An end of the tree, with the file, hash and row that brought it, or the note that says where it is from.

        A note "@bm_unit" says that it came with the label of that grain: with the registration of the BM Unit.
        """
        note = self.settled.notes.get(found.quantity, "")
        if note.startswith("@"):
            dims = note.removeprefix("@")
            row = int(matching(self.settled.grains[dims], found.key)[0])
        elif note:
            found.source = note
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
        rows = matching(other, {column: grain.label(column, row) for column in shared})
        rows = self._within(quantity, other, rows)
        same_row = set(grain.keys) <= set(other.columns()) and set(other.keys) <= set(grain.columns())
        if same_row and len(rows) > 1:
            own = matching(other, {column: grain.label(column, row) for column in other.keys})
            others = len(rows) - len(own)
            return list(own), f"{parameter}: {others} other rows of the same {' and '.join(shared)} act on it"
        values = self.settled.values(parameter)[rows]
        nonzero = rows[values != 0] if values.dtype.kind in "fib" and len(rows) > 1 else rows
        zero = len(rows) - len(nonzero)
        left_out = f"{parameter}: {zero} rows of 0" if zero else ""
        most = MOST if not self.follow else MOST_FOLLOWED if quantity.form == "sum" else FEWER
        if len(nonzero) > most:
            left_out = f"{parameter}: the {most} largest of {len(nonzero)} rows"
            held = self.settled.values(parameter).astype(float)
            largest = nonzero[np.argsort(-np.abs(held[nonzero]), kind="stable")]
            if quantity.form == "sum":
                left_out += f"; the others add up to {held[largest[most:]].sum():.10g}"
            nonzero = np.sort(largest[:most])
        return list(nonzero), left_out

    def _within(self, quantity: Quantity, other: Grain, rows: np.ndarray) -> np.ndarray:
        """Where a rule says that only rows with volume left at a stage matter, keep those."""
        stage = quantity.within
        if not stage or stage not in self.settled.arrays or "action" not in other.columns():
            return rows
        key = (stage, " ".join(other.dims))
        if key not in self.left:
            of_stage = self.settled.grain(stage)
            index = of_stage.indexes[0][self.settled.values(stage) != 0]
            self.left[key] = pd.MultiIndex.from_arrays([other.column(one) for one in of_stage.keys]).isin(index)
        return rows[self.left[key][rows]]

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
                source = self.settled.notes.get(one, source)
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
