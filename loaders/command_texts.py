"""What the verbs of this room print: tables of text, what became of files, and a progress bar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from loaders.report import LoadReport

SHOWN = 20  # findings in the readable answer; --json and bsc status have them all


@contextmanager
def bar(count: int | None, shown: bool) -> Iterator[Callable[[str], None] | None]:
    """A progress bar on a terminal; nothing elsewhere."""
    import sys

    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reading", total=count)
        # "40% of NAME" tells how far a large file has got that was told of before.
        yield lambda file: progress.update(task, advance="% of " not in file[:8], description=file[:40])


def load_text(report: LoadReport) -> str:
    rows: list[dict[str, Any]] = [
        {
            "file": file.file,
            "job": file.job or "none",
            "outcome": file.outcome,
            "rows": file.rows_read,
            "new": file.new,
            "changed": file.changed,
            "unchanged": file.unchanged,
            "older": file.older,
            "refused": file.refused,
            "not kept": ", ".join(f"{count} {kind}" for kind, count in sorted(file.not_kept.items())),
        }
        for file in report.files
    ]
    lines = [table(rows, "file job outcome rows new changed unchanged older refused not_kept")] if rows else []
    findings = report.findings
    if findings:
        lines += ["", *(f"{finding.weight}: {finding}" for finding in findings[:SHOWN])]
    if len(findings) > SHOWN:
        lines.append(f"and {len(findings) - SHOWN} more: bsc load --json, or bsc status")
    kept = sum(file.outcome == "kept" for file in report.files)
    lines += [
        "",
        f"{kept} of {len(report.files)} files kept, {report.withdrawn} rows withdrawn; store version {report.version}",
    ]
    return "\n".join(lines)


def table(rows: list[dict[str, Any]], columns: str) -> str:
    """Rows as text, one column beside the other, numbers to the right."""
    names = [name.replace("_", " ") if name not in (rows[0] if rows else {}) else name for name in columns.split()]
    cells = [[_cell(row[name]) for name in names] for row in rows]
    right = [bool(rows) and isinstance(rows[0][name], int) for name in names]
    heads = [name.replace("_", " ") for name in names]
    widths = [max(len(line[i]) for line in [heads, *cells]) for i in range(len(names))]
    return "\n".join(
        "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)).rstrip()
        for line in [heads, *cells]
    )


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value or "")
