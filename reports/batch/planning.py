"""Which runs a batch needs: what is there already, what is to be run, and what cannot be, with the reason."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loaders.store import batch_runs
from loaders.store.batch_leases import Wanted
from reports.batch import keys, notebook_path
from reports.batch.parameters import WrongParameters, batched, checked, notebook_name
from reports.formats import HTML
from reports.views import RUN_ID_LENGTH

if TYPE_CHECKING:
    from loaders.store.session import Store

Asked = tuple[date, str | None]
NO_RUN, HALF_SETTLED = "no such run", "half-settled run"


@dataclass(frozen=True)
class Unavailable:
    """A run that cannot be reported; `kind` is one of two words."""

    settlement_date: date
    run: str | None
    kind: str
    why: str


@dataclass(frozen=True)
class Plan:
    """What a batch will do. `cached`: each run that is there already, with its row."""

    notebook: str
    template: Path
    home: Path
    out: Path
    to_run: tuple[Wanted, ...]
    cached: tuple[tuple[Wanted, Any], ...]
    unavailable: tuple[Unavailable, ...]
    unchanged: int = 0  # left out by --only-changed
    each_seconds: float | None = None  # None: no run is known to reckon from
    reasons: dict[str, int] = field(default_factory=dict)
    formats: tuple[str, ...] = (HTML,)

    @property
    def count(self) -> int:
        """How many runs were asked for."""
        return len(self.to_run) + len(self.cached) + len(self.unavailable) + self.unchanged

    def seconds(self, jobs: int) -> float | None:
        """Estimated time for what is to be run, so many at once; None where nothing is known."""
        return None if self.each_seconds is None else len(self.to_run) * self.each_seconds / max(jobs, 1)


def plan(
    store: Store, notebook: str, asked: Iterable[Asked], out: Path, only_changed: bool = False,
    formats: tuple[str, ...] = (HTML,),
) -> Plan:  # fmt: skip
    """The plan of a batch; starts nothing and writes nothing.

    notebook  the name of a declared one, or a path to a notebook of such a name
    asked     days with a run type; None: the run that was asked for last
    formats   of `reports.formats.FORMATS`: what each run writes

    Raises WrongParameters.
    """
    name = notebook_name(notebook)
    if name not in batched():
        raise WrongParameters(
            f"{name}: found a notebook that a day and a run are not enough for, wanted one of {', '.join(batched())}."
        )
    template = Path(notebook) if "/" in notebook or Path(notebook).is_file() else notebook_path(f"{name}.ipynb")
    if not template.is_file():
        raise WrongParameters(f"{notebook}: found no such notebook, wanted its path, or the name alone.")
    wanted, unavailable = _resolved(store, name, template, list(asked), formats)
    before = batch_runs.last_inputs(store.engine, name)
    done = batch_runs.done_with(store.engine, {one.run_key for one in wanted})
    to_run, cached, unchanged, reasons = [], [], 0, dict[str, int]()
    for one in wanted:
        row = done.get(one.run_key)
        last = before.get((one.settlement_date, one.run))
        if row is not None and there(row, out):
            cached.append((one, row))
            continue
        if only_changed and last == one.inputs:
            unchanged += 1
            continue
        to_run.append(one)
        why = _why(row, last, one)
        reasons[why] = reasons.get(why, 0) + 1
    known = batch_runs.durations(store.engine, name)
    return Plan(
        name, template, store.home, out, tuple(to_run), tuple(cached), tuple(unavailable), unchanged,
        statistics.median(known) if known else None, reasons, formats,
    )  # fmt: skip


def there(row: Any, out: Path) -> bool:
    """Whether every output of a run lies in a folder as it was written."""
    return bool(row.outputs) and all(keys.file_hash(out / name) == sha for name, sha in row.outputs.items())


def of_run(
    store: Store, notebook: str, template: Path, settlement_date: date, run_id: str, formats: tuple[str, ...] = (HTML,)
) -> Wanted | None:
    """One run of a notebook with its key as it is now; None where the run or a table of it is gone."""
    found, _ = _resolved(store, notebook, template, [(settlement_date, run_id)], formats)
    return found[0] if found else None


def _why(row: Any, last: str | None, one: Wanted) -> str:
    if row is not None:
        return "files missing or changed"
    if last is None:
        return "never made"
    return "inputs changed" if last != one.inputs else "code, notebook or style changed"


def _resolved(
    store: Store, name: str, template: Path, asked: list[Asked], formats: tuple[str, ...]
) -> tuple[list[Wanted], list[Unavailable]]:
    if not asked:
        return [], []
    days = [day for day, _ in asked]
    called = batch_runs.last_called(store.engine, days)
    rows, unavailable = [], []
    for day, run in asked:
        row = called.get((day, run)) if run is None or len(run) != RUN_ID_LENGTH else store.run(run)
        if row is None:
            which = f" run {run}" if run else ""
            todo = f'Settle it with "bsc settle {day}{f" --run {run}" if run else ""}".'
            unavailable.append(Unavailable(day, run, NO_RUN, f"{day}{which} was not settled. {todo}"))
        else:
            rows.append(row)
    tables = batch_runs.tables_of(store.engine, {row.run_id for row in rows})
    newest, source = batch_runs.newest_of_days(store.engine, days), keys.source_hash(template)
    wanted: dict[tuple[date, str], Wanted] = {}
    for row in rows:
        missing = _missing(store, tables[row.run_id])
        if missing:
            why = (
                f"{row.settlement_date} run {row.run_type}: found {missing}, wanted every table of it. Settle it again."
            )
            unavailable.append(Unavailable(row.settlement_date, row.run_type, HALF_SETTLED, why))
            continue
        given = checked(name, {"settlement_date": row.settlement_date, "run": row.run_id})
        parameters = {"settlement_date": row.settlement_date.isoformat(), "run": row.run_id}
        inputs = keys.inputs_hash(row, tables[row.run_id], newest.get(row.settlement_date, 0))
        key = keys.run_key(inputs, given.model_dump(exclude={"home"}), source, formats)
        one = Wanted(name, row.settlement_date, row.run_type, row.run_id, parameters, key, inputs)
        wanted[one.settlement_date, one.run] = one
    return [wanted[place] for place in sorted(wanted)], unavailable


def _missing(store: Store, tables: dict[str, str]) -> str:
    if not tables:
        return "a run without results"
    gone = [grain for grain, sha in sorted(tables.items()) if not (store.parts_folder / f"{sha}.parquet").is_file()]
    return f"no file of {', '.join(gone)}" if gone else ""
