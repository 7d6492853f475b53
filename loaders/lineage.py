"""Where rows came from: file, landing, place in it, the record as it stands there, and what the key said before.

A key is answered by all that the store was told of it, the latest first: the value in
force, those that it superseded, and withdrawals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from loaders.declared import Dataset, all_jobs
from loaders.errors import StoreDamaged, UnreadableFile
from loaders.formats.record import records_at
from loaders.store import tables as sql
from loaders.store.database import reading
from loaders.store.reading import PART, deltas, of_rows, same_as_next

if TYPE_CHECKING:
    from loaders.store.session import Store

MOST_KEYS = 100


@dataclass(frozen=True)
class Told:
    """What the store was once told of a key.

    state      "in force", "superseded" or "withdrawn" (a value that was taken back); "withdrawal" takes one back
    values     columns of the dataset; of a withdrawal its key only
    landing    SHA-256 of the file as received; None: a withdrawal that was kept without it
    record     the record as it stands in the landing; empty where it has none, and then `unread` says why
    """

    state: str
    values: dict[str, Any]
    file: str | None
    landing: str | None
    source_row: int | None
    kept_at: datetime
    version: int
    job: str
    job_hash: str | None
    record: str = ""
    unread: str = ""


@dataclass(frozen=True)
class KeyHistory:
    """All that was told of one key up to a store version, the latest first."""

    key: dict[str, Any]
    told: Sequence[Told]

    @property
    def in_force(self) -> bool:
        """Whether the key has a value at the version asked for."""
        return self.told[0].state == "in force"


@dataclass(frozen=True)
class Lineage:
    """Keys that were asked for: those in force first, by key; `count` of them are known, not all need be shown."""

    dataset: Dataset
    version: int
    count: int
    in_force: int
    keys: list[KeyHistory] = field(default_factory=list)


def lineage(store: Store, dataset: Dataset, wanted: Mapping[str, Any], version: int, most: int = MOST_KEYS) -> Lineage:
    """Where the rows that carry some keys came from, as the store stood at a version.

    wanted  key column to value, some of the keys or all; KeyError for what is no key of the dataset
    most    keys that are followed
    """
    if strange := set(wanted) - set(dataset.keys):
        raise KeyError(f"{', '.join(sorted(strange))}: no key of {dataset.name}")
    parts = _parts(store, dataset, wanted.get("settlement_date"), version)
    files = [(part.version, part.kind, part.sha256) for part in parts]
    table = deltas(store.parts_folder, dataset, files, wanted.get("settlement_date"))
    for name, value in wanted.items():
        table = table.filter(pc.field(name) == pa.scalar(value, table.schema.field(name).type))
    table = table.sort_by([(name, "ascending") for name in (*dataset.keys, PART)]).combine_chunks()
    ends = ~same_as_next(table, dataset.keys)
    key_of = np.cumsum(ends) - ends  # rows of one key share a number
    alive = of_rows(table, files)[ends]
    shown = np.concatenate([np.flatnonzero(alive), np.flatnonzero(~alive)])[:most]
    rows = table.filter(pa.array(np.isin(key_of, shown))).to_pylist()
    told = _told(store, dataset, [(row, parts[row.pop(PART)]) for row in rows])
    by_key = groupby(told, key=lambda one: [one.values[name] for name in dataset.keys])
    keys = [KeyHistory(dict(zip(dataset.keys, key, strict=True)), _states(list(group))) for key, group in by_key]
    keys.sort(key=lambda one: not one.in_force)
    return Lineage(dataset, version, len(alive), int(alive.sum()), keys)


def key_values(dataset: Dataset, said: Mapping[str, str]) -> dict[str, Any]:
    """Values of keys from text. KeyError for a column that is no key, ValueError for what is not of its type."""
    read: dict[str, Callable[[str], Any]] = {
        "date": date.fromisoformat,
        "instant": datetime.fromisoformat,
        "integer": int,
        "text": str,
    }
    found = {}
    for name, text in said.items():
        if name not in dataset.keys:
            raise KeyError(f"found {name!r}, wanted one of {', '.join(dataset.keys)}")
        kind = dataset.columns[name].type
        try:
            found[name] = read[kind](text)
        except ValueError:
            raise ValueError(f"{name}: found {text!r}, wanted a value of type {kind}") from None
        if kind == "instant" and found[name].tzinfo is None:
            raise ValueError(f"{name}: found {text!r} without a zone, wanted one: write {text}Z for UTC")
    return found


def _parts(store: Store, dataset: Dataset, day: date | None, version: int) -> list[sa.Row[Any]]:
    """Parts up to a version in their order, each file of a version once."""
    part = sql.parts
    query = sa.select(part).where(part.c.dataset == dataset.name, part.c.version <= version)
    if day is not None and dataset.dated:
        query = query.where(part.c.settlement_date == day)
    with reading(store.engine) as connection:
        found = connection.execute(query.order_by(part.c.version, part.c.id)).all()
    return list({(row.version, row.kind, row.sha256): row for row in found}.values())


def _told(store: Store, dataset: Dataset, rows: Sequence[tuple[dict[str, Any], sa.Row[Any]]]) -> list[Told]:
    landings = sorted({row["landing"] for row, _ in rows if row["landing"]})
    run = sql.job_runs
    with reading(store.engine) as connection:
        met = connection.execute(sa.select(run).where(run.c.landing.in_(landings)).order_by(run.c.id)).all()
    runs = {(one.landing, one.version, one.job): one for one in met}
    records = _records(store, rows, {one.landing: one.file for one in met})
    found = []
    for row, part in rows:
        landing, place = row.pop("landing"), row.pop("source_row")
        by = runs.get((landing, part.version, part.job))
        record, unread = records.get((landing, place), ("", "The withdrawal names no record."))
        values = row if part.kind == "rows" else {name: row[name] for name in dataset.keys}
        found.append(
            Told(
                state=part.kind,
                values=values,
                file=by.file if by else None,
                landing=landing,
                source_row=place,
                kept_at=part.kept_at,
                version=part.version,
                job=part.job,
                job_hash=by.job_hash if by else None,
                record=record,
                unread=unread,
            )
        )
    return found


def _records(
    store: Store, rows: Sequence[tuple[dict[str, Any], sa.Row[Any]]], files: Mapping[str, str]
) -> dict[tuple[str, int], tuple[str, str]]:
    """The records of rows as they stand, or why they cannot be shown; each landing is opened once."""
    places: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row, part in rows:
        if row["landing"] and row["source_row"] is not None:
            places[row["landing"], part.job].add(row["source_row"])
    found: dict[tuple[str, int], tuple[str, str]] = {}
    for (landing, job), wanted in places.items():
        declared = all_jobs().get(job)
        encoding = declared.read.encoding if declared else "utf-8"
        mapping = declared is not None and bool(declared.read.names)
        records, why = {}, "The landing holds no line or record at this place."
        try:
            records = records_at(files.get(landing, ""), store.landing_bytes(landing), wanted, encoding, mapping)
        except (StoreDamaged, UnreadableFile) as error:
            why = str(error)
        for place in wanted:
            found[landing, place] = (records[place], "") if place in records else ("", why)
    return found


def _states(told: Sequence[Told]) -> list[Told]:
    """What was told of one key, the latest first, each with what became of it."""
    found = []
    later: str | None = None
    for one in reversed(told):
        if one.state != "rows":
            state = "withdrawal"
        else:
            state = {None: "in force", "rows": "superseded"}.get(later, "withdrawn")
        found.append(replace(one, state=state))
        later = one.state
    return found
