"""What a run is known by: the hash of all that its report is made from, and of no clock and no folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from reports import manifest
from reports.day_settlement import code_hash
from reports.look import styles


def inputs_hash(run: Any, tables: Mapping[str, str], newest: int) -> str:
    """Hash of a settled run as a report shows it.

    run     its row: run_id, settlement_date, run_type, kept_at, code_hash
    tables  its result tables: grain to hash
    newest  the store version that last brought anything of the day: published prices and refusals are those held now
    """
    return _hash(
        {
            "run_id": run.run_id,
            "settlement_date": run.settlement_date.isoformat(),
            "run_type": run.run_type,
            "kept_at": run.kept_at.isoformat(),
            "code": run.code_hash,
            "tables": dict(tables),
            "store_version": newest,
        }
    )


def run_key(inputs: str, parameters: Mapping[str, Any], source: str, formats: Iterable[str]) -> str:
    """Hash of inputs, typed parameters, source of the notebook (its hash), formats, code of the rooms, style sheet."""
    return _hash(
        {
            "inputs": inputs,
            "parameters": {name: str(value) for name, value in parameters.items()},
            "notebook": source,
            "formats": sorted(formats),
            "settlement": code_hash(),
            "reports": reports_hash(),
            "style": _style_hash(),
        }
    )


def source_hash(template: Path) -> str:
    """Hash of the cells of a notebook; outputs that are kept in it have no part in it."""
    import nbformat

    cells = nbformat.reads(template.read_text("utf-8"), as_version=4).cells
    return _hash([[cell.cell_type, cell.source, sorted(cell.metadata.get("tags", []))] for cell in cells])


@cache
def reports_hash() -> str:
    """Hash of the code that shows a settled day: all of `reports` but the batch itself."""
    found: dict[str, str] = {}

    def add(folder: Traversable, path: str) -> None:
        for item in folder.iterdir():
            if item.is_dir() and item.name not in ("__pycache__", "notebooks") and f"{path}/{item.name}" != "/batch":
                add(item, f"{path}/{item.name}")
            elif item.name.endswith((".py", ".css", ".typ")):
                found[f"{path}/{item.name}"] = manifest.sha256(item.read_bytes())

    add(files("reports"), "")
    return _hash(found)


@cache
def _style_hash() -> str:
    return manifest.sha256(styles.for_report("").encode("utf-8"))


def file_hash(path: Path) -> str | None:
    """SHA-256 of a file, None where there is none."""
    import hashlib

    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError):
        return None


def _hash(data: Any) -> str:
    return manifest.sha256(manifest.canonical(data))
