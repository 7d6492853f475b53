"""What changed between two moments of the store: rows added, removed and changed, by key.

A moment is a store version (our clock), or what the sender had published by an instant.
Both states are read whole and laid side by side by their keys; only rows that differ are
ever looked at one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.declared import Dataset, all_jobs, dataset_named, datasets
from loaders.errors import UnknownDataset, UnknownVersion
from loaders.store.published import rows_by_kept_at
from loaders.store.reading import same_as_next

if TYPE_CHECKING:
    from loaders.store.session import Store

FEW_DAYS = 40  # more, and one read of the whole dataset is quicker than one a day


@dataclass(frozen=True)
class Moment:
    """A state of the store: a version and, where that is asked, only what its senders had published by an instant."""

    version: int
    published_by: datetime | None = None

    def __str__(self) -> str:
        by = f", as published by {self.published_by.isoformat()}" if self.published_by else ""
        return f"store version {self.version}{by}"


@dataclass(frozen=True)
class Change:
    """One row that differs: its key, and column to the value before and after. `before` and `after` are whole rows."""

    key: dict[str, Any]
    columns: dict[str, tuple[Any, Any]]
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """What differs between two moments; tables have the columns of the dataset, landing and source_row, by key.

    old, new    the changed rows before and after, one beside the other
    files       landing to the name of its file
    undated     rows before and after that counted from when they were kept, as nothing says when they were published
    column      where rows were chosen by how far it moved: added and removed rows, which did not move, are counted only
    """

    dataset: Dataset
    before: Moment
    after: Moment
    added: pa.Table
    removed: pa.Table
    old: pa.Table
    new: pa.Table
    files: dict[str, str]
    undated: tuple[int, int] = (0, 0)
    column: str | None = None

    def changes(self, limit: int | None = None) -> Iterator[Change]:
        """The changed rows in the order of their keys, each with what differs."""
        old, new = (table.slice(0, limit).to_pylist() for table in (self.old, self.new))
        for before, after in zip(old, new, strict=True):
            columns = {
                name: (before[name], after[name]) for name in self.dataset.columns if before[name] != after[name]
            }
            yield Change({key: after[key] for key in self.dataset.keys}, columns, before, after)

    def moved(self, column: str, more_than: Decimal = Decimal(0)) -> Difference:
        """The rows whose column moved by more than so much; one that is empty before or after is among them.

        Figures are compared as the decimals that were written, so that 0.3 less 0.1 is 0.2. KeyError for a column
        that the dataset has not, TypeError for an amount where the column is no number.
        """
        kind = self.dataset.columns[column].type
        if more_than and kind not in ("decimal", "integer"):
            raise TypeError(f"{column}: found a column of type {kind}, wanted one of numbers")
        differs = np.flatnonzero(~_same(self.old, self.new, column))
        old, new = (table.column(column).take(pa.array(differs)).to_pylist() for table in (self.old, self.new))
        far = [
            place
            for place, before, after in zip(differs.tolist(), old, new, strict=True)
            if not more_than or None in (before, after) or abs(Decimal(str(after)) - Decimal(str(before))) > more_than
        ]
        places = pa.array(far, pa.int64())
        return replace(self, old=self.old.take(places), new=self.new.take(places), column=column)


def dataset_of(name: str) -> Dataset:
    """The dataset of this name, or the one that the job of this name feeds. Raises UnknownDataset."""
    job = all_jobs().get(name)
    if name in datasets() or job is None:
        return dataset_named(name)
    fed = sorted({table.dataset for table in job.tables.values()})
    if len(fed) > 1:
        raise UnknownDataset(f"{name}: found a job of several datasets, wanted one of {', '.join(fed)}. Name it.")
    return dataset_named(fed[0])


def moment(store: Store, said: str, published: bool = False) -> Moment:
    """The moment that `2024-01-15T12:00Z`, a date (its start in UTC) or the number of a store version names.

    published  the time is of the sender's clock
    Raises UnknownVersion for a version that is not there, a time without its zone, and what is neither.
    """
    if said.isascii() and said.isdigit() and not published:
        newest = store.version()
        if int(said) > newest:
            raise UnknownVersion(f"store version: found {said}, wanted 0 to {newest}. Ask for one of these.")
        return Moment(int(said))
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        wanted = "an instant as 2024-01-15T12:00Z or a date" + ("" if published else ", or a store version")
        raise UnknownVersion(f"moment: found {said!r}, wanted {wanted}. Correct it.") from None
    if len(said) == len("2024-01-15") and "T" not in said:
        at = at.replace(tzinfo=UTC)
    if at.tzinfo is None:
        raise UnknownVersion(f"moment: found {said!r} without a zone, wanted one in UTC. Write {said}Z.")
    return Moment(store.version(), at) if published else Moment(store.version_at(at))


def diff(store: Store, dataset: Dataset, days: Collection[date] | None, before: Moment, after: Moment) -> Difference:
    """What differs in a dataset between two moments.

    days  Settlement Dates; None: all of them
    """
    earlier, later = (_rows(store, dataset, days, at) for at in (before, after))
    undated = (sum(map(rows_by_kept_at, earlier)), sum(map(rows_by_kept_at, later)))
    empty = dataset.stored_schema.empty_table()
    one, other = (pa.concat_tables([empty, *tables]) for tables in (earlier, later))
    sides = pa.array(np.repeat(np.array([0, 1], dtype=np.int8), [one.num_rows, other.num_rows]))
    table = pa.concat_tables([one, other]).append_column("_side", sides)
    table = table.sort_by([(name, "ascending") for name in (*dataset.keys, "_side")]).combine_chunks()
    side = table.column("_side").to_numpy()
    table = table.select(dataset.stored_schema.names)
    pairs = same_as_next(table, dataset.keys)
    second = np.roll(pairs, 1)  # the last row is of no pair, so nothing comes round
    places = np.flatnonzero(pairs)
    old, new = table.take(pa.array(places)), table.take(pa.array(places + 1))
    differs = np.zeros(len(places), dtype=bool)
    for name in dataset.columns:
        differs |= ~_same(old, new, name)
    added, removed = (table.filter(pa.array(~pairs & ~second & (side == number))) for number in (1, 0))
    old, new = old.filter(pa.array(differs)), new.filter(pa.array(differs))
    named = [name for part in (added, removed, old, new) for name in pc.unique(part.column("landing")).to_pylist()]
    files = {sha: row.file for sha, row in store.landings(named).items()}
    return Difference(dataset, before, after, added, removed, old, new, files, undated)


def _rows(store: Store, dataset: Dataset, days: Collection[date] | None, at: Moment) -> list[pa.Table]:
    if days is None or not dataset.dated:
        return [store.rows(dataset.name, None, at.version, at.published_by)]
    if len(days) <= FEW_DAYS or at.published_by:  # rows without a clock are counted by the read
        return [store.rows(dataset.name, day, at.version, at.published_by) for day in sorted(days)]
    everything = store.rows(dataset.name, None, at.version, at.published_by)
    return [everything.filter(pc.is_in(everything.column("settlement_date"), pa.array(sorted(days), pa.date32())))]


def _same(old: pa.Table, new: pa.Table, column: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Where a column is alike in two tables, row by row; empty is like empty."""
    one, other = old.column(column), new.column(column)
    equal = pc.fill_null(pc.equal(one, other), False).to_numpy(zero_copy_only=False)
    empty = pc.and_(pc.is_null(one), pc.is_null(other)).to_numpy(zero_copy_only=False)
    return np.asarray(equal | empty, dtype=bool)
