"""The verb of this room: `bsc serve dash`."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from settlement.command_line import DEFAULT_HOME, AsJson, AskedWrongly, Home, answer


def dash(
    *,
    home: Home = DEFAULT_HOME,
    host: Annotated[str, typer.Option("--host", help="This machine only, as long as there are no keys.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 5006,
    who: Annotated[
        str | None, typer.Option("--as", help="Who signs off there; left out: BSC_AS, else the user of this machine.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the settled days of a workspace as pages, on this machine, until Ctrl-C.

    Example: bsc serve dash --home ./workspace
    """
    from dashboards.errors import NotLoopback
    from dashboards.server import make
    from reports.access import NoWorkspace, Viewer
    from reports.signoff.people import somebody

    try:
        server = make(home, host, port, Viewer(somebody(who), "staff"))
    except (NotLoopback, NoWorkspace) as error:
        raise AskedWrongly(str(error)) from error
    except OSError as error:
        raise AskedWrongly(
            f"--port: found {port} taken or not allowed ({error.strerror}), wanted a free port. "
            "Name another, or 0 for any free one."
        ) from error
    where = f"http://{host}:{server.port}/day"
    answer({"address": where, "home": str(home)}, as_json, f"Pages of {home} at {where}\nCtrl-C ends it.")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.io_loop.add_callback_from_signal(server.io_loop.stop))
    server.start()
    server.io_loop.start()
