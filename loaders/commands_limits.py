"""The verb limits: what of declared export and import limits holds, and which row of which file says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loaders.command_texts import table
from settlement.command_line import AsJson, AskedWrongly, Home, answer

if TYPE_CHECKING:
    import pyarrow as pa


def limits(
    job: Annotated[str, typer.Argument(help="mels or mils.")],
    day: Annotated[str, typer.Option("--date", help="Settlement Date.", show_default=False)],
    unit: Annotated[str | None, typer.Option("--unit", help="One BM Unit; all without it.", show_default=False)] = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Show which declared limits hold over a day, later notifications in place of earlier ones.

    Example: bsc limits mels --date 2024-01-15 --unit T_DRAXX-1
    """
    from loaders import store
    from loaders.declared import all_jobs
    from loaders.redeclared_limits import resolved

    jobs = [
        name
        for name, one in all_jobs().items()
        if any("notification_sequence" in t.columns for t in one.tables.values())
    ]
    if job not in jobs:
        raise AskedWrongly(f"bsc limits: found {job!r}, wanted one of {', '.join(sorted(jobs))}.")
    if not home.is_dir():
        raise AskedWrongly(f"--home {home}: found no workspace, wanted a folder that bsc load has made.")
    try:
        settlement_date = date.fromisoformat(day)
    except ValueError:
        raise AskedWrongly(f"--date {day}: wanted a day, as 2024-01-15.") from None
    opened = store.open(home)
    try:
        declared = opened.rows(next(iter(all_jobs()[job].tables.values())).dataset, settlement_date)
    finally:
        opened.close()
    if unit is not None:
        import pyarrow.compute as pc

        declared = declared.filter(pc.equal(declared.column("bm_unit"), unit))
    found = resolved(declared)
    answer(
        [_plain(row) for row in found.to_pylist()], as_json, lambda: _text(found, declared.num_rows, settlement_date)
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}


def _text(found: pa.Table, declared: int, day: date) -> str:
    if not found.num_rows:
        return f"{day}: no limit has been declared"
    rows = [
        {
            "unit": row["bm_unit"],
            "from": f"{row['time_from']:%m-%d %H:%M}Z",
            "to": f"{row['time_to']:%m-%d %H:%M}Z",
            "from_MW": row["level_from_mw"],
            "to_MW": row["level_to_mw"],
            "sequence": row["notification_sequence"],
            "file": (row["landing"] or "")[:12],
            "row": row["source_row"],
        }
        for row in found.to_pylist()
    ]
    return table(rows, " ".join(rows[0])) + f"\n\n{declared} lines declared, {len(rows)} hold"
