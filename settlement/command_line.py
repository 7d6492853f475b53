"""The command `bsc`: finds its verbs and turns errors into exit codes.

Verbs live in each room's `commands.py` and are named in the entry-point group
`bsc.commands`, so that no room imports a higher one. Exit code 0 is good, 1 says
that something wrong was found, 2 that the question was wrong.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer

DEFAULT_HOME = Path("workspace")

Home = Annotated[
    Path,
    typer.Option("--home", envvar="BSC_HOME", help="The workspace folder.", show_default="./workspace"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]

# The order in which a newcomer meets them; what is not named here comes last.
_ORDER = [
    "demo",
    "load",
    "jobs",
    "settle",
    "compare",
    "explain",
    "variance",
    "whatif",
    "report",
    "batch",
    "sign",
    "verify",
    "case",
    "status",
    "drift",
    "diff",
    "lineage",
    "feed",
    "serve",
    "lab",
]


class AskedWrongly(Exception):
    """The question cannot be answered as it stands; exit code 2."""


class FoundWrong(Exception):
    """What was asked for is there, and it is wrong or missing; exit code 1."""


def answer(data: Any, as_json: bool, text: Callable[[], str] | str) -> None:
    """Print the answer: `data` as JSON for machines, else the text."""
    if as_json:
        typer.echo(json.dumps(data, indent=2, default=str, ensure_ascii=False))
    else:
        typer.echo(text() if callable(text) else text)


@contextmanager
def working(what: str, as_json: bool = False) -> Iterator[None]:
    """Say on a terminal what is being done while it is: nothing is written where nobody looks."""
    if as_json or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} ..."):
        yield


def build() -> typer.Typer:
    """The whole command, with every verb that an installed room brings."""
    app = typer.Typer(
        name="bsc",
        help="Settle the British electricity market, and show how.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_top)
    found = {point.name: point for point in entry_points(group="bsc.commands")}
    for name in sorted(found, key=lambda verb: (_ORDER.index(verb) if verb in _ORDER else len(_ORDER), verb)):
        verb = found[name].load()
        if isinstance(verb, typer.Typer):
            app.add_typer(verb, name=name)
        else:
            app.command(name)(verb)
    return app


def _top() -> None:
    """Settle the British electricity market, and show how."""


def main() -> None:
    """Run the command line; errors of the rooms become one sentence and an exit code."""
    # A command makes millions of objects and few circles of them: looking for those each 700 took a fifth of its time.
    gc.set_threshold(50_000, 20, 20)
    try:
        build()(standalone_mode=True)
    except AskedWrongly as error:
        _stop(error, 2)
    except FoundWrong as error:
        _stop(error, 1)
    except Exception as error:
        if os.environ.get("BSC_TRACE") or not _is_ours(error):
            raise
        _stop(
            error, 2 if type(error).__name__ in ("WrongCase", "NotSettled", "NoValueOnDate", "WrongAssumption") else 1
        )


def _is_ours(error: Exception) -> bool:
    rooms = ("settlement", "loaders", "reports", "publish", "dashboards")
    return any(base.__module__.split(".")[0] in rooms for base in type(error).__mro__)


def _stop(error: Exception, code: int) -> None:
    typer.echo(str(error), err=True)
    sys.exit(code)
