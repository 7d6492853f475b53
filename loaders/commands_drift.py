"""The verb drift: new columns that senders have begun to send, and taking them in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from settlement.command_line import AsJson, AskedWrongly, Home, answer

if TYPE_CHECKING:
    from loaders.drift import Drift

drift = typer.Typer(help="New columns that senders have begun to send, and taking them in.", no_args_is_help=True)


@drift.command("list")
def show(home: Home = Path("workspace"), as_json: AsJson = False) -> None:
    """List new columns with an example, and the line that takes each in. Exit code 1 when there are any.

    Example: bsc drift list --home workspace
    """
    found = _found(home)
    answer([one.as_data() for one in found], as_json, lambda: _text(found))
    if found:
        raise typer.Exit(1)


@drift.command()
def accept(
    job: Annotated[str, typer.Argument(help="The job, as bsc drift list names it.")],
    field: Annotated[str, typer.Argument(help="The sender's name of the column.")],
    unit: Annotated[str, typer.Option(help="Unit of its figures, as MW; columns of figures need one.")] = "",
    leave_out: Annotated[bool, typer.Option("--leave-out", help="Know the column, and do not keep it.")] = False,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Write a new column into the file of its job.

    What has come already is read again by: bsc load replay JOB.

    Example: bsc drift accept fuelhh carbonIntensity --unit g/kWh
    """
    from loaders.drift import accept as write

    found = next((one for one in _found(home) if (one.job, one.field) == (job, field)), None)
    if found is None:
        raise AskedWrongly(f"{job} {field}: found no such new column, wanted one that bsc drift list shows.")
    path = write(job, field, found.draft, unit, leave_out)
    said = {"job": job, "field": field, "file": path.name, "left_out": leave_out}
    answer(said, as_json, f"{path.name} now knows {field}. Read what has come already: bsc load replay {job}")


def _found(home: Path) -> list[Drift]:
    from loaders import store
    from loaders.drift import drifts

    if not home.is_dir():
        raise AskedWrongly(f"--home {home}: found no workspace, wanted a folder that bsc load has made.")
    opened = store.open(home)
    try:
        return drifts(opened)
    finally:
        opened.close()


def _text(found: list[Drift]) -> str:
    if not found:
        return "no new columns"
    lines = []
    for one in found:
        lines += [
            f"{one.job}: {one.field}, first of its kind {one.example!r} in {one.file}, {one.seen_at:%Y-%m-%d %H:%M}Z",
            f"    {one.draft}",
        ]
    return "\n".join([*lines, "", "Take one in: bsc drift accept JOB FIELD"])
