"""The forms in which a report is written beside its HTML: the tables for machines, the paper."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from reports.paper.in_a_process import Setter
    from reports.subjects import Subject

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


def files_beside(subject: Subject, html: str, formats: Iterable[str], setter: Setter | None = None) -> dict[str, bytes]:
    """The further files of a report by name, whole, before any is written.

    html    the page, from which the paper is made
    setter  what sets it, where another process is ready to

    Raises NotPrinted, WrongTable.
    """
    wanted = set(formats)
    made: dict[str, bytes] = {}
    with ThreadPoolExecutor(1) as beside:  # typst lets Python go on while it sets the paper
        paper = beside.submit(setter or _paper, html, subject.dated) if PDF in wanted else None
        if TABLES in wanted:
            made |= _tables(subject)
        if paper is not None:
            made[f"{subject.stem}.pdf"] = paper.result()
    return made


def _paper(html: str, moment: datetime | None) -> bytes:
    from reports.paper import pdf_of_page

    return pdf_of_page(html, moment)


def _tables(subject: Subject) -> dict[str, bytes]:
    from reports.twins import Told, files_of

    said = subject.made_from
    told = Told(
        subject.stem, subject.title, said.get("settlement_date", ""), said.get("run", ""), subject.run_id,
        subject.content_hash, bool(said.get("synthetic")), said.get("assumed"), subject.not_covered,
    )  # fmt: skip
    return files_of(subject.tables(), told)


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
