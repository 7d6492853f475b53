"""The parts of a change: by cause, by label, exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.errors import NoSuchRun
from reports.variance.causes import CAUSES, CODE, Cause
from reports.variance.changed_rows import ChangedRow
from reports.variance.path import steps
from settlement.errors import WrongInput

if TYPE_CHECKING:
    from loaders.store.records import RunRow
    from settlement.settled import Settled

NET = "daily_party_net_due"
Label = tuple[Any, ...]
Values = dict[Label, Fraction]
Told = tuple[Cause | None, dict[str, Values], tuple[ChangedRow, ...]]  # a step of the path: cause, quantities, rows


@dataclass(frozen=True)
class Part:
    """What one cause moved: by label of the quantity, exactly, and the rows that changed."""

    cause: str
    by_label: Values
    rows: tuple[ChangedRow, ...] = ()
    said: str = ""

    @property
    def moved(self) -> bool:
        """Whether it moved anything, or would have: rows changed."""
        return any(self.by_label.values()) or bool(self.rows)

    def size(self) -> Fraction:
        """All movement, whichever way."""
        return sum((abs(one) for one in self.by_label.values()), Fraction(0))


@dataclass(frozen=True, repr=False)
class Variance:
    """The change of a quantity between two runs; for each label the parts add up to it exactly."""

    settlement_date: date
    quantity: str
    symbol: str
    unit: str
    keys: tuple[str, ...]
    earlier: RunRow
    later: RunRow
    before: Values
    after: Values
    parts: tuple[Part, ...]
    reverse: bool = False
    appeared: frozenset[Label] = field(default_factory=frozenset)  # labels that only one of the runs has

    def change(self, label: Label) -> Fraction:
        """What a label moved by; one that a run does not have stands at nothing there, and is among `appeared`."""
        return self.after.get(label, Fraction(0)) - self.before.get(label, Fraction(0))

    def labels(self) -> list[Label]:
        """Labels that moved, the one that moved most first."""
        every = self.before.keys() | self.after.keys()
        return sorted((one for one in every if self.change(one)), key=lambda one: (-abs(self.change(one)), one))

    def causes(self) -> list[Part]:
        """Parts that moved something, the largest first."""
        return sorted((part for part in self.parts if part.moved), key=lambda part: -part.size())

    def __repr__(self) -> str:
        from reports.variance.words import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from reports.sections.shown import Shown
        from reports.variance.picture import fragment

        return Shown("variance", fragment(self))._repr_html_()

    def adds_up(self) -> bool:
        """Whether the parts of every label add up to its change, exactly."""
        every = self.before.keys() | self.after.keys() | {one for part in self.parts for one in part.by_label}
        return all(
            sum((part.by_label.get(one, Fraction(0)) for part in self.parts), Fraction(0)) == self.change(one)
            for one in every
        )


def variance(
    settlement_date: date,
    earlier: str,
    later: str,
    *,
    home: Path,
    quantity: str = NET,
    key: Mapping[str, Any] | None = None,
    reverse: bool = False,
) -> Variance:
    """Why a quantity moved between two kept runs of a day.

    earlier, later  run types or run ids
    quantity        any array that both runs hold, in its own unit
    key             labels to keep: party, settlement_period and so on; None keeps all
    reverse         exchange the causes in the other order

    Raises NoSuchRun for a run that was not kept, WrongInput where the two were settled in different ways or one of
    them does not hold the quantity.
    """
    return variances(settlement_date, earlier, later, home=home, quantities=(quantity,), key=key, reverse=reverse)[0]


def variances(
    settlement_date: date,
    earlier: str,
    later: str,
    *,
    home: Path,
    quantities: Sequence[str],
    key: Mapping[str, Any] | None = None,
    reverse: bool = False,
) -> list[Variance]:
    """Why several quantities moved, in their order: the day is settled once a cause for all of them.

    Raises as `variance` does.
    """
    from loaders import store as stores
    from reports.open_view import open_run

    old_row, old, store = open_run(settlement_date, earlier, home)
    store.close()
    new_row, new, store = open_run(settlement_date, later, home)
    store.close()
    for quantity in quantities:
        _comparable(old_row, new_row, old, new, quantity)
    kept = dict(key or {})
    store = stores.open(home)
    try:
        path = [
            (step.cause, {name: _values(step.result, name, kept) for name in quantities}, step.rows)
            for step in steps(store, old_row, new_row, reverse)
        ]
    finally:
        store.close()
    return [_split(path, old_row, new_row, old, new, quantity, kept, reverse) for quantity in quantities]


def _split(
    path: Sequence[Told], old_row: RunRow, new_row: RunRow, old: Settled, new: Settled, quantity: str,
    key: dict[str, Any], reverse: bool,
) -> Variance:  # fmt: skip
    before, after = _values(old, quantity, key), _values(new, quantity, key)
    last = path[0][1][quantity]
    code = _minus(last, before)
    found: dict[str, Part] = {}
    for cause, values, rows in path[1:]:
        assert cause is not None
        now = values[quantity]
        found[cause.name] = Part(cause.name, _minus(now, last), rows)
        last = now
    code = _plus(code, _minus(after, last))
    order = [one.name for one in (reversed(CAUSES) if reverse else CAUSES)]
    parts = [found.get(name, Part(name, {})) for name in order] + [Part(CODE, code)]
    entry = _entry(old, quantity)
    return Variance(
        old_row.settlement_date, quantity, entry.symbol, entry.unit, old.grain(quantity).keys, old_row, new_row,
        before, after, tuple(parts), reverse, frozenset(before.keys() ^ after.keys()),
    )  # fmt: skip


def _values(settled: Settled, quantity: str, key: dict[str, Any]) -> Values:
    from settlement.explanation import matching

    grain = settled.grain(quantity)
    rows = matching(grain, key)
    columns = [grain.column(name)[rows].tolist() for name in grain.keys]
    values = settled.values(quantity)[rows].tolist()
    return {label: Fraction(value) for label, value in zip(zip(*columns, strict=True), values, strict=True)}


def _minus(one: Values, other: Values) -> Values:
    return {k: one.get(k, Fraction(0)) - other.get(k, Fraction(0)) for k in _ordered(one, other)}


def _plus(one: Values, other: Values) -> Values:
    return {k: one.get(k, Fraction(0)) + other.get(k, Fraction(0)) for k in _ordered(one, other)}


def _ordered(one: Values, other: Values) -> Iterator[Label]:
    yield from dict.fromkeys([*one, *other])


def _entry(settled: Settled, quantity: str) -> Any:
    from settlement.engine import quantities
    from settlement.inputs import INPUTS

    known: dict[str, Any] = {**INPUTS, **quantities(settled.way, settled.single_price, settled.losses)}
    return known[quantity]


def _comparable(old_row: RunRow, new_row: RunRow, old: Settled, new: Settled, quantity: str) -> None:
    for row, settled in ((old_row, old), (new_row, new)):
        if row.details.get("as_of") or row.assumed:
            raise NoSuchRun(
                f"run {row.run_id[:12]}: found a run on {'assumptions' if row.assumed else 'data as of a moment'}, "
                "wanted one on what arrived. Name another run."
            )
        if quantity not in settled.arrays:
            raise WrongInput(
                f"quantity: found {quantity!r}, which run {row.run_type} does not hold; wanted one of "
                f"{', '.join(sorted(settled.arrays))}. A run without metered volumes holds prices only."
            )
    if old_row.details["way"] != new_row.details["way"]:
        raise WrongInput(
            f"runs {old_row.run_type} and {new_row.run_type}: found one from {old_row.details['way']} and one from "
            f'{new_row.details["way"]}, wanted the same. Settle the day again with "--way".'
        )
