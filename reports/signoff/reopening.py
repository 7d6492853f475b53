"""Late data and new runs reopen or supersede what they touch, and say why.

`due` only reads. `check` writes, and is called after `bsc settle`, after `bsc load` (by the entry-point group
`bsc.after_load`, so that the loaders know nothing of it), by `bsc batch --due`, by `bsc signoff check`, and before
each sign-off. Nothing is remembered from call to call: what one call missed the next one finds.

A newer run of the same type, or a run of a later type, supersedes. Data of the day that came after it was prepared
(rows, withdrawals, empty answers, marks; of what the run reads and of what was published) reopens.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from reports.day_settlement import named
from reports.signoff.people import WORKBENCH
from reports.signoff.recording import MoveRefused, record
from reports.signoff.records import Entry, Subject
from reports.signoff.standing import Stands, all_standing
from reports.signoff.states import STANDING
from settlement.calendar import RUN_TYPES

if TYPE_CHECKING:
    from loaders.store.records import RunRow
    from loaders.store.session import Store

# What a report shows beside its run: the published prices, and the stacks that say where a price parts from them.
PUBLISHED = ("price_history", "settlement_stack", "system_prices")
_NAMED = 3


@dataclass(frozen=True)
class Due:
    """A move that data or runs call for."""

    subject: Subject
    action: str  # "reopen" or "supersede"
    reason: str
    seen: int

    def as_dict(self) -> dict[str, object]:
        """The same for machines."""
        return {**self.subject.data(), "action": self.action, "reason": self.reason}


def due(store: Store, known: Mapping[str, Stands] | None = None) -> list[Due]:
    """What is to be reopened or superseded now. Raises NotAsWritten for a chain that is not what was written.

    known  every subject, where they were read already
    """
    every = all_standing(store) if known is None else known
    standing = [one for one in every.values() if one.standing.state in STANDING]
    return _due(store, standing) if standing else []


def due_of(store: Store, one: Stands) -> Due | None:
    """The same of one subject."""
    found = _due(store, [one]) if one.standing.state in STANDING else []
    return found[0] if found else None


def out_of_date(store: Store, subject: Subject) -> str | None:
    """Why a run is not what would be settled now: a newer one is there, or data came since; else None."""
    from loaders.store.batch_runs import last_called
    from loaders.store.signoff_entries import moved_after

    row = store.run(subject.run_id or "")
    if row is None:
        return "a run that is not kept"
    newer = _newer_run(store, subject, last_called(store.engine, [row.settlement_date]))
    return newer or late_since(store, row, row.store_version, moved_after(store.engine, row.store_version), shown=False)


def check(store: Store) -> list[Entry]:
    """Write what is due; a subject that somebody moved meanwhile is left to the next call."""
    written = []
    for one in due(store):
        try:
            written.append(record(store, one.subject, one.action, WORKBENCH, one.reason, seen=one.seen))
        except MoveRefused:
            continue
    return written


def after_load(home: Path) -> list[str]:
    """What a load reopened, in sentences: the entry of the group `bsc.after_load`."""
    from loaders import store as stores

    store = stores.open(home)
    try:
        return in_words(check(store))
    finally:
        store.close()


def in_words(entries: Collection[Entry]) -> list[str]:
    """A sentence for each."""
    done = {"reopen": "reopened", "supersede": "superseded"}
    return [f"{one.body.subject.name}: {done[one.body.action]}: {one.body.comment}" for one in entries]


def _due(store: Store, standing: list[Stands]) -> list[Due]:
    from loaders.store.batch_runs import last_called
    from loaders.store.signoff_entries import moved_after

    days = {date.fromisoformat(one.subject.settlement_date or "") for one in standing}
    latest = last_called(store.engine, sorted(days))
    moved = moved_after(store.engine, min(_base(one) for one in standing))
    found = []
    for one in standing:
        action, reason = "supersede", _newer_run(store, one.subject, latest)
        if reason is None:
            action, reason = "reopen", _late(store, one, moved)
        if reason is not None:
            last = one.standing.last
            found.append(Due(one.subject, action, reason, 0 if last is None else last.number))
    return found


def _base(one: Stands) -> int:
    """The store version that was known when it was prepared."""
    return 0 if one.standing.prepared is None else one.standing.prepared.body.store_version


def _newer_run(store: Store, subject: Subject, latest: dict[tuple[date, str | None], RunRow]) -> str | None:
    day, run = date.fromisoformat(subject.settlement_date or ""), subject.run or ""
    later = [one for one in RUN_TYPES[RUN_TYPES.index(run) + 1 :] if (day, one) in latest]
    same = latest.get((day, run))
    if not later and same is not None and same.run_id == subject.run_id:
        return None  # the usual case costs no further question
    mine = store.run(subject.run_id or "")
    for run_type in reversed(later):
        row = store.latest_run(day, run_type, plain=True)
        if row is not None:
            return f"a later run: {run_type} of {day} was settled {row.kept_at:%Y-%m-%d %H:%M}Z (run {row.run_id[:16]})"
    row = store.latest_run(day, run, plain=mine is None or _is_plain(mine))
    if row is not None and row.run_id != subject.run_id:
        return f"a new run: {run} of {day} was settled {row.kept_at:%Y-%m-%d %H:%M}Z (run {row.run_id[:16]})"
    return None


def _is_plain(row: RunRow) -> bool:
    return row.assumed is None and not row.details.get("as_of")


def _late(store: Store, one: Stands, moved: dict[tuple[str, date | None], int]) -> str | None:
    """What came of the day since it was prepared, and says something else than what was there."""
    base = _base(one)
    if not any(version > base for version in moved.values()):
        return None
    row = store.run(one.subject.run_id or "")
    return None if row is None else late_since(store, row, base, moved)


def late_since(
    store: Store, row: RunRow, base: int, moved: dict[tuple[str, date | None], int], shown: bool = True
) -> str | None:
    """What came after a store version of all that a run rests on; None where it all is as it was.

    shown  of what its report shows beside it too: the published figures
    """
    told = []
    for dataset, day in read_by(row, shown):
        if moved.get((dataset, day), 0) > base:
            before = {named(part) for part in store.parts(dataset, day, base)}
            if before != {named(part) for part in store.parts(dataset, day)}:
                told.append(_told(store, dataset, day, base))
    return "late data: " + "; ".join(told) if told else None


def read_by(row: RunRow, shown: bool = True) -> list[tuple[str, date | None]]:
    """Dataset and day of all that a run rests on, and its report where `shown`; a dataset of all time has no day."""
    read: set[tuple[str, date | None]] = set()
    if not row.details.get("as_of"):  # else it rests on what was held then, whatever came later
        read = {(name, None if of is None else date.fromisoformat(of)) for name, of in row.details["read"]}
    if shown:
        read |= {(name, row.settlement_date) for name in PUBLISHED}
    return sorted(read, key=lambda one: (one[0], str(one[1])))


def _told(store: Store, dataset: str, day: date | None, base: int) -> str:
    from loaders.store.signoff_entries import files_after

    of = f"{dataset} of {day}" if day else dataset
    files = files_after(store.engine, dataset, day, base)
    if not files:
        return f"{of} changed"
    said = [f"job {job}, file {file} arrived {at}" for job, file, at in files[:_NAMED]]
    more = f", and {len(files) - _NAMED} more files" if len(files) > _NAMED else ""
    return f"{', '.join(said)}{more} ({of})"
