"""What is signed off: a run with its content hash, named by its day or by the report that shows it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports import manifest
from reports.errors import NoSuchRun
from reports.signoff.records import Subject
from settlement.command_line import AskedWrongly

if TYPE_CHECKING:
    from loaders.store.records import RunRow
    from loaders.store.session import Store
    from reports.views import DayView


def subject_of(settlement_date: date, run: str, run_id: str, content_hash: str) -> Subject:
    """The subject of a run with its content hash."""
    day = settlement_date.isoformat()
    return Subject(
        kind="report", name=f"{day} {run}", settlement_date=day, run=run, run_id=run_id, content_hash=content_hash
    )


def subject_of_view(day: DayView) -> Subject:
    """The subject of a day as it is shown."""
    return subject_of(day.settlement_date, day.run, day.run_id, manifest.content_hash(day))


def subject_held(store: Store, settlement_date: date, run: str | None) -> Subject:
    """The subject of the run of a day that was asked for last, with the published prices held now.

    run  a run type, or a run id; None: of any type

    Raises NoSuchRun.
    """
    return subject_of_view(shown_view(store, _row(store, settlement_date, run)))


def subject_stated(path: Path) -> tuple[Subject, Path]:
    """The subject that a report states, and its manifest; the files must hold. Raises AskedWrongly."""
    beside, said = _read(path)
    day = date.fromisoformat(said["settlement_date"])
    return subject_of(day, said["run"], said["run_id"], said["content_hash"]), beside


def subject_of_report(store: Store, path: Path) -> tuple[Subject, str]:
    """The subject of a report whose files hold, and the own hash of its manifest.

    Raises AskedWrongly for a report that is changed, of another workspace, or of figures that are not those held now.
    """
    beside, said = _read(path)
    try:
        row = _row(store, date.fromisoformat(said["settlement_date"]), said["run_id"])
    except NoSuchRun as error:
        raise AskedWrongly(f"{beside.name}: found a run that this workspace does not hold. {error}") from error
    held = subject_of_view(shown_view(store, row))
    if held.content_hash != said["content_hash"]:
        raise AskedWrongly(
            f"{beside.name}: found content {said['content_hash']}, wanted {held.content_hash}, as its run stands with "
            f'what is published now. Make the report again with "bsc report {held.settlement_date} --run {held.run}".'
        )
    return held, said[manifest.SELF]


def _read(path: Path) -> tuple[Path, dict[str, Any]]:
    from reports.signing.signing import MANIFEST
    from reports.verification import hashes_of

    beside = path.with_name(path.name.removesuffix(MANIFEST).removesuffix(".html") + MANIFEST)
    if wrong := hashes_of(beside):
        raise AskedWrongly(f"{wrong[0]} Nothing was signed off.")
    return beside, json.loads(beside.read_bytes())


def _row(store: Store, settlement_date: date, run: str | None) -> RunRow:
    from reports.views import RUN_ID_LENGTH

    if run is not None and len(run) == RUN_ID_LENGTH:
        row = store.run(run)
    else:
        row = store.latest_run(settlement_date, run, plain=True) or store.latest_run(settlement_date, run)
    if row is None or row.settlement_date != settlement_date:
        named = f" {run}" if run else ""
        raise NoSuchRun(
            f"{settlement_date}{named}: found no settled run, wanted one. "
            f'Settle it with "bsc settle {settlement_date}{" --run " + run if run and len(run) < 9 else ""}".'
        )
    return row


def shown_view(store: Store, row: RunRow) -> DayView:
    """A kept run beside the prices that are published now."""
    from reports.open_view import settled_of, view_of

    return view_of(row, settled_of(row, store), store, store.version())
