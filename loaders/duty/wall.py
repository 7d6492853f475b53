"""The jobs on a terminal: one line each, the worst first, in the colour of its state."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

from loaders.duty.status import STATES, JobStatus

HEADS = ("job", "state", "since", "day", "arrived", "empty", "missing", "reason")
COLOURS = {
    "failing": "bold red",
    "quarantined": "magenta",
    "late": "yellow",
    "drifting": "cyan",
    "never": "dim",
    "fresh": "green",
}


def as_text(jobs: Sequence[JobStatus], colours: bool = False, width: int = 160) -> str:
    """The wall; `colours` for a terminal. Jobs of which nothing ever came stand in one line at the end."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    come = [job for job in jobs if job.state != "never"]
    rows: list[tuple[str, list[str]]] = []
    for job in sorted(come, key=lambda one: (STATES.index(one.state), one.job)):
        counts = [str(count) if job.day else "" for count in (job.arrived, job.empty, job.not_arrived)]
        rows.append((job.state, [job.job, job.state, _short(job.since), str(job.day or ""), *counts, job.reason]))
    table = Table(box=None, pad_edge=False)
    for place, name in enumerate(HEADS):
        # Where the width does not do, the reason is cut and nothing else.
        whole = None if name == "reason" else max(len(name), *(len(cells[place]) for _, cells in rows), 0)
        table.add_column(name, justify="right" if name in HEADS[4:7] else "left", no_wrap=True, min_width=whole)
    for state, cells in rows:
        table.add_row(*map(Text, cells), style=COLOURS[state] if colours else None)
    console = Console(
        file=io.StringIO(), force_terminal=colours, color_system="standard" if colours else None, width=width
    )
    if come:
        console.print(table)
    never = [job.job for job in jobs if job.state == "never"]
    if never:
        console.print(f"never: {', '.join(sorted(never))}", markup=False, highlight=False)
    written: io.StringIO = console.file  # type: ignore[assignment]
    return "\n".join(line.rstrip() for line in written.getvalue().rstrip().splitlines())


def _short(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M}Z" if instant else ""
