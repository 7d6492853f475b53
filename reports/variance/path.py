"""The path between two runs: each step a reading in which one more cause is that of the later run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from reports.day_inputs import Reading, gather_day
from reports.settling import settle_gathered, settled
from reports.variance.causes import CAUSES, PARAMETERS, RULES, Cause
from reports.variance.changed_rows import ChangedRow, changed_rows
from settlement.settled import Settled

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.store.records import RunRow
    from loaders.store.session import Store


@dataclass(frozen=True)
class Step:
    """The day after one more cause was exchanged, and the rows that differ; no cause at the start of the path."""

    cause: Cause | None
    result: Settled
    rows: tuple[ChangedRow, ...] = ()


class HeldRows:
    """A store whose rows are read once however often a path asks for them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: dict[tuple[str, date | None, int | None], pa.Table] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def rows(self, dataset: str, settlement_date: date | None = None, version: int | None = None) -> pa.Table:
        """Rows in force, as the store gives them."""
        key = (dataset, settlement_date, version)
        if key not in self._held:
            self._held[key] = self._store.rows(dataset, settlement_date, version)
        return self._held[key]


def steps(store: Store, earlier: RunRow, later: RunRow, reverse: bool = False) -> Iterator[Step]:
    """The day as the earlier run read it, then after each cause that differs; the last is the later run's day.

    reverse  exchange the causes in the other order
    """
    held: Any = HeldRows(store)
    old, new = reading_of(earlier), reading_of(later)
    options = dict(earlier.options)
    yield Step(None, _settle(held, earlier, old, options))
    reading = old
    for cause in reversed(CAUSES) if reverse else CAUSES:
        rows = _rows(held, cause, earlier, later)
        if cause.name == RULES:
            changed = options != dict(later.options)
            options = dict(later.options)
        elif cause.name == PARAMETERS:
            decided = {name: new.decided.get(name) for name in new.decided.keys() | old.decided.keys()}
            changed = bool(rows) or new.decided != old.decided
            reading = _exchanged(reading, cause, new).but(
                decided={name: value for name, value in decided.items() if value is not None}, rules_of=new.rules_of
            )
        else:
            changed = bool(rows)
            reading = _exchanged(reading, cause, new)
        if changed:
            yield Step(cause, _settle(held, earlier, reading, options), rows)


def reading_of(run: RunRow) -> Reading:
    """Where a kept run was read from."""
    return Reading(run.store_version, run.run_type)


def _exchanged(reading: Reading, cause: Cause, new: Reading) -> Reading:
    return reading.but(other={**reading.other, **dict.fromkeys(cause.datasets, new)})


def _rows(store: Store, cause: Cause, earlier: RunRow, later: RunRow) -> tuple[ChangedRow, ...]:
    """Rows of a cause that the two runs read differently; where the parts read are the same there are none."""
    read = {dataset for run in (earlier, later) for dataset, _ in run.details["read"]}
    found: list[ChangedRow] = []
    for dataset in cause.datasets:
        by_run = dataset == "metered_volumes" and earlier.run_type != later.run_type
        if dataset in read and (by_run or _parts(dataset, earlier) != _parts(dataset, later)):
            found += changed_rows(store, dataset, earlier, later)
    return tuple(found)


def _parts(dataset: str, run: RunRow) -> set[str]:
    return {part for part in run.parts if part.startswith(f"{dataset}:")}


def _settle(store: Store, run: RunRow, reading: Reading, options: Mapping[str, str]) -> Settled:
    day = gather_day(store, run.settlement_date, reading, way=run.details["way"])
    return settled(day, settle_gathered(day, options), options)
