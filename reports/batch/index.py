"""The index of a folder of reports: one JSON file for machines, one page for people.

The JSON holds no clock, no folder and no number of attempts, so equal work gives equal bytes: its
SHA-256 is the index hash. What earlier batches left in the folder stays in it; a run that is made
again takes the place of the one before. Both files are written whole and renamed.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from reports import manifest
from reports.batch.index_page import page
from reports.batch.planning import Unavailable

FORM = "settlement-workbench batch index 1"
JSON, HTML = "batch_index.json", "batch_index.html"


def entry(row: Any) -> dict[str, Any]:
    """What the index says of a run, from its row."""
    said = {
        "settlement_date": row.settlement_date.isoformat(), "run": row.run, "run_id": row.run_id, "key": row.run_key,
        "state": row.state, "output": row.output,
    }  # fmt: skip
    if row.state == "done":
        return said | {"outputs": row.outputs, "verdicts": row.verdicts}
    return said | {"kind": row.error_kind, "error": row.error, "cell": row.cell, "cell_source": row.cell_source}


def entry_of_none(one: Unavailable) -> dict[str, Any]:
    """What the index says of a run that cannot be reported."""
    return {
        "settlement_date": one.settlement_date.isoformat(), "run": one.run, "state": "unavailable", "kind": one.kind,
        "error": one.why,
    }  # fmt: skip


def write(folder: Path, notebook: str, entries: Iterable[dict[str, Any]]) -> str:
    """Put entries into the index of a folder, and give the index hash.

    Raises OSError where the disk is full or refuses; the index before it then stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".batch_index.lock").open("w") as lock:  # batches over other dates may write here too
        fcntl.flock(lock, fcntl.LOCK_EX)
        runs = {_place(one): one for one in [*_before(folder / JSON, notebook), *entries]}
        settled = {(day, of) for day, of in runs if runs[day, of]["state"] != "unavailable"}
        # A day without a run had none whose type could be told: a run of it takes its place.
        runs = {at: one for at, one in runs.items() if at[1] or not any(day == at[0] for day, _ in settled)}
        data = {"form": FORM, "notebook": notebook, "runs": [runs[at] for at in sorted(runs)]}
        packed = manifest.canonical(data)
        _whole(folder / HTML, page(data).encode("utf-8"))
        _whole(folder / JSON, packed)
    return manifest.sha256(packed)


def _place(one: dict[str, Any]) -> tuple[str, str]:
    return one["settlement_date"], one["run"] or ""


def _before(path: Path, notebook: str) -> list[dict[str, Any]]:
    """What stands in the index already; one that cannot be read, or is of another notebook, is made anew."""
    try:
        data = json.loads(path.read_bytes())
        same = data["form"] == FORM and data["notebook"] == notebook
        return [one for one in data["runs"] if isinstance(_place(one), tuple)] if same else []
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return []


def _whole(path: Path, content: bytes) -> None:
    handle, half = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(half, 0o644)
        os.replace(half, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(half)
        raise
