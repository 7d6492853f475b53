"""The catalogue of the feeds: what each job brings, as data and as a page, made from the jobs alone.

Comments that stand above a column in a job's file say what its figures mean and which sign they have: they
are the column's notes here, so that nothing is written twice.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from loaders.declared import all_jobs, family, job_file
from loaders.job import Column

_COLUMN = re.compile(r"^ +([a-z][a-z0-9_]*): *\{")
HEAD = "<!-- Made from loaders/jobs by scripts/catalogue. Change the job, then run it again. -->"


def entry(name: str) -> dict[str, Any]:
    """What the catalogue says of a job; `datasets` holds columns with type, unit and note. Raises KeyError."""
    job = all_jobs()[name]
    notes = _notes(name)
    return {
        "job": name,
        "family": family(name),
        "title": job.title,
        "feeds": list(job.feeds),
        "owner": job.owner,
        "licence": job.licence,
        "provenance": job.sample,
        "confidence": job.confidence,
        "doubts": job.doubts,
        "cadence": job.cadence,
        "due": job.fetch.due,
        "late_after": job.fetch.late_after,
        "fresh_within": job.fetch.fresh_within,
        "retention": job.retention,
        "source": job.fetch.source,
        "path": job.fetch.path,
        "reads": list(job.read.forms),
        "arrives_for": job.arrives_for,
        "drift": job.on_trouble.drift,
        "datasets": [
            {
                "dataset": table.dataset,
                "delivers": table.delivers,
                "keys": list(table.keys),
                "columns": [_column(key, column, notes.get(key, "")) for key, column in table.columns.items()],
            }
            for table in job.tables.values()
        ],
    }


def page(name: str) -> str:
    """The page of a job, in Markdown."""
    said = entry(name)
    feeds = f" (feeds {', '.join(said['feeds'])})" if said["feeds"] else ""
    facts = {
        "Cadence": said["cadence"],
        "Asked for": f"`{said['due']}` (cron, UTC)" if said["due"] else "by hand",
        "Late after": said["late_after"],
        "Fresh within": said["fresh_within"],
        "Source": f"{said['source']} `{said['path']}`" if said["path"] else said["source"],
        "Reads": ", ".join(said["reads"]),
        "Owner": said["owner"],
        "Licence": said["licence"],
        "Kept": said["retention"],
        "New columns": said["drift"],
        "Sample": said["provenance"],
        "Confidence": said["confidence"],
        "In doubt": said["doubts"],
    }
    lines = [HEAD, "", f"# {name}", "", f"{said['title']}{feeds}.", "", "| | |", "| --- | --- |"]
    lines += [f"| {key} | {_cell(value)} |" for key, value in facts.items() if value]
    for table in said["datasets"]:
        lines += ["", f"## {table['dataset']}", ""]
        lines += [f"Delivers {table['delivers']}; one row for each {', '.join(table['keys'])}.", ""]
        lines += ["| column | from | type | unit | note |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| {column['column']} | {_cell(column['from'])} | {column['type']} | {column['unit']} "
            f"| {_cell(column['note'])} |"
            for column in table["columns"]
        ]
    return "\n".join(lines) + "\n"


def index() -> str:
    """The first page: every job in a line, and how many rest on what."""
    entries = sorted((entry(name) for name in all_jobs()), key=lambda said: (said["family"], said["job"]))
    provenance = Counter(said["provenance"] for said in entries)
    confidence = Counter(said["confidence"] for said in entries)
    counted = ", ".join(f"{count} {word}" for word, count in sorted(provenance.items()))
    sure = ", ".join(f"{count} {word}" for word, count in sorted(confidence.items()))
    lines = [HEAD, "", "# Catalogue of feeds", "", f"{len(entries)} load jobs. Form of the samples: {counted}. {sure}."]
    lines += ["What cannot be confirmed, of layout, unit or sign, stands on the page of its job.", ""]
    lines += ["| family | job | brings | datasets | sample | confidence |", "| --- | --- | --- | --- | --- | --- |"]
    for said in entries:
        names = ", ".join(table["dataset"] for table in said["datasets"])
        lines.append(
            f"| {said['family']} | [{said['job']}]({said['job']}.md) | {_cell(said['title'])} | {names} "
            f"| {said['provenance']} | {said['confidence']} |"
        )
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Every page by its file name."""
    return {"README.md": index()} | {f"{name}.md": page(name) for name in sorted(all_jobs())}


def _column(name: str, column: Column, note: str) -> dict[str, Any]:
    said = [note] if note else []
    if column.minus_where:
        said.append(f"below zero where {column.minus_where.field} is {column.minus_where.is_}")
    if column.form:
        said.append(f"written {' or '.join(column.forms)}")
    if column.empty == "leave out":
        said.append("rows without it are left out")
    source = " or ".join(column.names) if column.names else "not in this feed"
    return {"column": name, "from": source, "type": column.type, "unit": column.unit, "note": "; ".join(said)}


def _notes(name: str) -> dict[str, str]:
    """Column to the comment above it, for the columns of a job's file."""
    notes: dict[str, str] = {}
    above: list[str] = []
    for line in job_file(name).read_text(encoding="utf-8").splitlines():
        column = _COLUMN.match(line)
        if line.strip().startswith("#"):
            above.append(line.strip().lstrip("# "))
        elif column:
            if above:
                notes[column.group(1)] = " ".join(above)
            above = []
        else:
            above = []
    return notes


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
