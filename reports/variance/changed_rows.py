"""Rows of a dataset that two runs read differently: what stood there, what stands there, and in which file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from reports.day_inputs.charges import of_run
from reports.variance.causes import READ_COLUMNS
from reports.views import Source

if TYPE_CHECKING:
    from loaders.store.records import RunRow
    from loaders.store.session import Store

# Columns that say which file or moment a row is of, and not what it says.
OF_THE_FILE = frozenset({"run", "recipient", "created_time", "cdca_run_number", "ecvaa_run_number", "saa_run_number",
                         "landing", "source_row", "notice"})  # fmt: skip


@dataclass(frozen=True)
class ChangedRow:
    """A row that came, went or says something else.

    before, after  the columns that differ; empty where there is no row
    """

    dataset: str
    key: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    source_before: Source | None
    source_after: Source | None

    @property
    def settlement_period(self) -> int | None:
        """The period of the row, where its dataset has one."""
        return self.key.get("settlement_period")

    def in_words(self) -> str:
        """One line for a terminal."""
        what = ", ".join(f"{name} {value}" for name, value in self.key.items())
        if not self.after:
            told = "withdrawn: " + ", ".join(f"{name} {_said(value)}" for name, value in self.before.items())
        elif not self.before:
            told = "new: " + ", ".join(f"{name} {_said(value)}" for name, value in self.after.items())
        else:
            told = ", ".join(f"{name} {_said(self.before[name])} to {_said(self.after[name])}" for name in self.after)
        source = self.source_after or self.source_before
        return f"{self.dataset} [{what}] {told}" + (f"  <- {source.file} row {source.source_row}" if source else "")


def changed_rows(store: Store, dataset: str, earlier: RunRow, later: RunRow) -> list[ChangedRow]:
    """Rows of the day that differ between two runs, in the order of their keys."""
    from loaders.declared import dataset_named

    described = dataset_named(dataset)
    keys = [key for key in described.keys if key not in OF_THE_FILE]
    old, new = (_read(store, dataset, run) for run in (earlier, later))
    told = [name for name in described.columns if name not in OF_THE_FILE and name not in keys]
    told = [name for name in told if name in READ_COLUMNS.get(dataset, described.columns)]
    both = _last(old, keys).merge(_last(new, keys), on=keys, how="outer", suffixes=(" before", " after"))
    gone, came = both["landing after"].isna(), both["landing before"].isna()
    differs = gone | came
    for name in told:
        one, other = both[f"{name} before"], both[f"{name} after"]
        differs |= ~((one == other).fillna(False).astype(bool) | (one.isna() & other.isna()))
    rows = both[differs].sort_values(keys, kind="stable")
    files = {sha: row.file for sha, row in store.landings(_landings(rows)).items()}
    return [_row(dataset, keys, told, row, files) for row in _records(rows)]


def _read(store: Store, dataset: str, run: RunRow) -> pd.DataFrame:
    """Rows of a dataset as a run read them; metered volumes those of the run."""
    frame = store.rows(dataset, run.settlement_date, run.store_version).to_pandas()
    return of_run(frame, run.run_type) if dataset == "metered_volumes" else frame


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _row(dataset: str, keys: list[str], told: list[str], row: dict[str, Any], files: dict[str, str]) -> ChangedRow:
    def side(which: str) -> tuple[dict[str, Any], Source | None]:
        landing = row[f"landing {which}"]
        if pd.isna(landing):
            return {}, None
        source = Source(files.get(landing, ""), str(landing), int(row[f"source_row {which}"]))
        return {name: row[f"{name} {which}"] for name in told}, source

    (before, source_before), (after, source_after) = side("before"), side("after")
    if before and after:
        moved = [name for name in told if not _same(before[name], after[name])]
        before, after = ({name: one[name] for name in moved} for one in (before, after))
    key = {name: row[name] for name in keys if name != "settlement_date"}
    return ChangedRow(dataset, key, _there(before), _there(after), source_before, source_after)


def _last(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Each key once: what two recipients are told of a contract is one contract."""
    return frame.drop_duplicates(keys, keep="last")


def _landings(rows: pd.DataFrame) -> set[str]:
    return {str(one) for which in ("before", "after") for one in rows[f"landing {which}"].dropna()}


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or bool(pd.isna(one) and pd.isna(other))


def _there(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not pd.isna(value)}


def _said(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
