"""The forms in which a report is written beside its HTML: the tables for machines, the paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from reports import manifest

if TYPE_CHECKING:
    from pathlib import Path

    from reports.twins import Table
    from reports.views import DayView
    from settlement.settled import Settled

HTML, TABLES, PDF = "html", "tables", "pdf"
FORMATS = (HTML, TABLES, PDF)
OURS = (".pdf", ".xlsx", ".tables.json", ".parquet")  # endings of what is written here


def asked_formats(text: str) -> tuple[str, ...]:
    """The formats of "html,tables,pdf", in their own order; html is always one, since it is what the others come from.

    Raises AskedWrongly for a word that is no format.
    """
    from settlement.command_line import AskedWrongly

    asked = [one.strip() for one in text.split(",") if one.strip()]
    unknown = [one for one in asked if one not in FORMATS]
    if unknown or not asked:
        found = ", ".join(unknown) or "none"
        raise AskedWrongly(f"--formats: found {found}, wanted one or more of {', '.join(FORMATS)}, with commas.")
    return tuple(one for one in FORMATS if one == HTML or one in asked)


def tables_of(day: DayView, settled: Settled | None = None) -> list[Table]:
    """The tables of a day; with those of its charges where the run is given too.

    settled  the run, for a viewer who may see all of it; None leaves out Parties, accounts and BM Units
    """
    from reports.twins import tables_of_day, tables_of_run

    return [*tables_of_day(day), *(tables_of_run(settled) if settled is not None else [])]


def files_beside(
    day: DayView, html: str, title: str, formats: Iterable[str], tables: Sequence[Table] | None = None
) -> dict[str, bytes]:
    """The further files of a report by name, whole, before any is written.

    html    the page, from which the paper is made
    tables  None takes those of the view

    Raises NotPrinted, WrongTable.
    """
    stem, wanted = manifest.file_stem(day), set(formats)
    made: dict[str, bytes] = {}
    if TABLES in wanted:
        from reports.twins import Told, files_of

        told = Told(
            stem, title, day.settlement_date.isoformat(), day.run, day.run_id, manifest.content_hash(day),
            day.synthetic, day.assumed, day.not_covered,
        )  # fmt: skip
        made |= files_of(tables_of(day) if tables is None else tables, told)
    if PDF in wanted:
        from reports.paper import pdf_of_page

        made[f"{stem}.pdf"] = pdf_of_page(html, day.settled_at)
    return made


def left_over(folder: Path, stem: str, kept: Iterable[str]) -> list[Path]:
    """Files of ours that the manifest before named and that are not made this time: they are of another report now."""
    import json

    try:
        before = json.loads((folder / f"{stem}.manifest.json").read_bytes())["outputs"]
        named = [str(one["file"]) for one in before]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    kept = set(kept)
    return [
        folder / name
        for name in named
        if name not in kept and name.startswith(f"{stem}.") and name.endswith(OURS) and "/" not in name
    ]
