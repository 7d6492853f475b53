"""Whether the machine twins of a report still hold what its run gives: every table, cell by cell, as reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from reports.figures import DECIMALS

if TYPE_CHECKING:
    from reports.twins import Table

OF_ARRIVAL = ("landings", "refusals")  # what was received: held by hash, and refusals may grow
KEYS = ("settlement_date", "settlement_period", "party", "account", "bm_unit", "position", "identifier")


def tables_wrong(manifest_path: Path, said: dict[str, Any], made: Sequence[Table]) -> list[str]:
    """The first cell of each table that came out otherwise, and how many more of it did.

    manifest_path  of the report; its twins lie beside it, and one that is not there is not compared
    said           the manifest: which twins the report has
    made           the tables as they come out now
    """
    stem = said["report"]["file"].removesuffix(".html")
    names = {one["file"] for one in said.get("outputs", [])}
    wrong = []
    for one in made:
        file = f"{stem}.{one.name}.parquet"
        if one.name not in OF_ARRIVAL and file in names and (manifest_path.parent / file).is_file():
            wrong += _of_table(one.name, pq.read_table(manifest_path.parent / file), one.data)
    kept = {name.removeprefix(f"{stem}.").removesuffix(".parquet") for name in names if name.endswith(".parquet")}
    wrong += [f"table {name}: reported, found none" for name in sorted(kept - {one.name for one in made})]
    return wrong


def _of_table(name: str, was: pa.Table, now: pa.Table) -> list[str]:
    if was.column_names != now.column_names:
        other = sorted(set(was.column_names) ^ set(now.column_names))
        return [f"table {name}: reported columns are others than those found: {', '.join(other) or 'in another order'}"]
    if was.num_rows != now.num_rows:
        return [f"table {name}: reported {was.num_rows} rows, found {now.num_rows}"]
    differing = [(column, at) for column in was.column_names for at in _differing(was, now, column)]
    if not differing:
        return []
    column, at = min(differing, key=lambda one: one[1])
    place = ", ".join(f"{key} {was.column(key)[at]}" for key in KEYS if key in was.column_names) or f"row {at + 1}"
    before, after = (_told(table, column, at, _decimals(was, column)) for table in (was, now))
    more = f" (and {len(differing) - 1} more cells)" if len(differing) > 1 else ""
    return [f"table {name}, {place}, {column}: reported {before}, found {after}{more}"]


def _differing(was: pa.Table, now: pa.Table, column: str) -> list[int]:
    """Rows in which a column is another, figures as they are reported."""
    old, new, decimals = was.column(column).to_pandas(), now.column(column).to_pandas(), _decimals(was, column)
    if decimals is not None:
        return [int(at) for at in np.flatnonzero(~reported_alike(old.to_numpy(), new.to_numpy(), decimals))]
    same = (old == new) | (old.isna() & new.isna())
    return [int(at) for at in np.flatnonzero(~same.to_numpy())]


def reported_alike(was: np.ndarray, now: np.ndarray, decimals: int) -> np.ndarray:
    """Where figures are the same at so many decimals; what is absent in both is."""
    return np.isclose(was, now, rtol=0, atol=0.5 * 10.0**-decimals, equal_nan=True)


def _decimals(table: pa.Table, column: str) -> int | None:
    field = table.schema.field(column)
    if not pa.types.is_floating(field.type):
        return None
    said = field.metadata or {}
    return int(json.loads(said.get(b"decimals", str(DECIMALS.get(said.get(b"unit", b"").decode(), 3)))))


def _told(table: pa.Table, column: str, at: int, decimals: int | None) -> str:
    value = table.column(column)[at].as_py()
    return "none" if value is None else f"{value:.{decimals}f}" if decimals is not None else str(value)
