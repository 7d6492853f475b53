"""`bsc serve`: what serves a workspace, brought by rooms that do not know each other.

Each names its verb in the entry-point group `bsc.serve`: `api` (answers for machines),
`dash` (pages for people).
"""

from __future__ import annotations

from importlib.metadata import entry_points

import typer

GROUP = "bsc.serve"


def build() -> typer.Typer:
    """The sub-command with every verb that an installed room brings."""
    app = typer.Typer(help="Serve a workspace on this machine: answers for machines, pages.", no_args_is_help=True)
    app.callback()(_top)
    found = {point.name: point for point in entry_points(group=GROUP)}
    for name in sorted(found):
        app.command(name)(found[name].load())
    return app


def _top() -> None:
    """Serve a workspace on this machine: answers for machines, pages for people.

    Example: bsc serve api
    """


serve = build()
