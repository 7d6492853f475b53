"""Drift: columns that senders have begun to send and no job knows yet, each with the lines that would take it in.

What a new column holds is looked up in the landing that brought it; its type is read off the values, its name
is the sender's in our way of writing. A unit cannot be read off figures: who accepts a column of figures says it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from loaders.declared import all_jobs, job_file, read_job
from loaders.errors import LoadError, NotALoadJob, UnreadableFile
from loaders.formats.raw import ABSENT
from loaders.formats.text import shown
from loaders.job import Job
from loaders.steps.read import read
from loaders.store import tables as sql
from loaders.store.database import reading

if TYPE_CHECKING:
    from loaders.store.session import Store

NEW = ("a new column", "a value in a new column")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Drift:
    """A new column of one job.

    seen_at  when the newest file with it was taken in
    example  one of its values, as the sender wrote it; empty when it had none
    draft    the line for `columns` of the job's file; `unit: ?` where a unit has to be given
    """

    job: str
    field: str
    file: str
    landing: str
    seen_at: datetime
    example: str
    draft: str

    def as_data(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self) | {"seen_at": self.seen_at.isoformat()}


def drifts(store: Store) -> list[Drift]:
    """New columns that the jobs, as they stand today, still do not know; by job and field."""
    met: dict[tuple[str, str], Any] = {}
    jobs = all_jobs()
    for row in _met(store):
        for field in row.column.split(", "):
            if row.job in jobs and field not in _known(jobs[row.job]):
                met[row.job, field] = row
    return [_drift(store, field, row) for (_, field), row in sorted(met.items())]


def accept(job: str, field: str, draft: str, unit: str = "", leave_out: bool = False) -> Path:
    """Write a column into the file of its job, or among what it leaves out; gives the file.

    The next load reads by the job as it then stands; `bsc load replay` reads what has come already.
    Raises LoadError when the file cannot be written, NotALoadJob when it would not be a job any more.
    """
    path = job_file(job)
    before = path.read_text(encoding="utf-8")
    line = draft.replace("unit: ?", f"unit: {unit or '?'}")
    if not leave_out and "unit: ?" in line:
        raise LoadError(f"{job}.{field}: found no unit, wanted the unit of its figures. Give --unit, as --unit MW.")
    after = _left_out(before, field) if leave_out else _with_column(before, line)
    try:
        path.write_text(after, encoding="utf-8")
        read_job(path)
    except OSError as error:
        said = f"{path.name}: found {error.strerror}, wanted to write it. Add the line by hand: {line}"
        raise LoadError(said) from None
    except NotALoadJob:
        path.write_text(before, encoding="utf-8")
        raise
    return path


def _met(store: Store) -> Sequence[sa.Row[Any]]:
    """Warnings and refusals that tell of a new column, the oldest first."""
    found: list[Any] = []
    with reading(store.engine) as connection:
        for table in (sql.warnings, sql.quarantine):
            landing = sql.landings.c
            query = (
                sa.select(table.c.job, table.c.column, table.c.file, table.c.landing, landing.kept_at)
                .join(sql.landings, landing.sha256 == table.c.landing)
                .where(table.c.found.in_(NEW))
            )
            found += connection.execute(query).all()
    return sorted(found, key=lambda row: row.kept_at)


def _known(job: Job) -> set[str]:
    columns = {name for table in job.tables.values() for column in table.columns.values() for name in column.names}
    return columns | set(job.read.left_out)


def _drift(store: Store, field: str, row: Any) -> Drift:
    try:
        raw = read(row.file, store.landing_bytes(row.landing))
        values = [value for table in raw.tables.values() for value in table.fields.get(field, ())]
    except (UnreadableFile, LoadError):
        values = []
    there = [value for value in values if value is not ABSENT and value not in (None, "")]
    example = shown(str(there[0])) if there else ""
    return Drift(row.job, field, row.file, row.landing, row.kept_at, example, _draft(field, there))


def _draft(field: str, values: Sequence[Any]) -> str:
    kind = _type(values)
    unit = ", unit: ?" if kind == "decimal" else ""
    return f"{_our_name(field)}: {{from: {field}, type: {kind}{unit}, missing: allow}}"


def _type(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values}
    if kinds and kinds <= {bool}:
        return "flag"
    if kinds and kinds <= {int}:
        return "integer"
    if kinds and kinds <= {int, float}:
        return "decimal"
    if kinds == {str}:
        for pattern, kind in ((_INSTANT, "instant"), (_DATE, "date"), (re.compile(r"[+-]?\d*\.\d+"), "decimal")):
            if all(pattern.fullmatch(value) for value in values):
                return kind
    return "text"


def _our_name(field: str) -> str:
    """A field in our way of writing.

    >>> _our_name("carbonIntensity"), _our_name("NIV Volume (MWh)")
    ('carbon_intensity', 'niv_volume_mwh')
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", field)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def _with_column(text: str, line: str) -> str:
    """The text of a job with one more column, at the end of its columns."""
    lines = text.split("\n")
    start = next((place for place, said in enumerate(lines) if said.startswith("columns:")), None)
    if start is None:
        raise LoadError("columns: found several tables in the job, wanted one. Add the line by hand to its table.")
    end = start + 1
    while end < len(lines) and (lines[end].startswith("  ") or not lines[end].strip()):
        if not lines[end].strip():
            break
        end += 1
    return "\n".join([*lines[:end], f"  {line}", *lines[end:]])


def _left_out(text: str, field: str) -> str:
    """The text of a job that knows the field and does not keep it."""
    if re.search(r"(?m)^  left_out: \[", text):
        return re.sub(r"(?m)^(  left_out: \[[^\]]*)\]", rf"\1, {field}]", text, count=1)
    return re.sub(r"(?m)^read:\n", f"read:\n  left_out: [{field}]\n", text, count=1)
