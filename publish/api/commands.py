"""The verb `bsc serve api`."""

from __future__ import annotations

import socket
from typing import Annotated

import typer

from settlement.command_line import DEFAULT_HOME, AsJson, AskedWrongly, Home, answer


def api(
    *,
    home: Home = DEFAULT_HOME,
    host: Annotated[
        str, typer.Option("--host", help="127.0.0.1, ::1 or localhost, until there are keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    as_json: AsJson = False,
) -> None:
    """Answer for the workspace over HTTP on this machine until Ctrl-C, and print the address.

    JSON and CSV; the catalogue stands at /.

    Example: bsc serve api --port 8000
    """
    from publish.api.this_machine import WHY, is_this_machine

    if not is_this_machine(host):
        raise AskedWrongly(f"--host: found {host!r}, wanted 127.0.0.1, ::1 or localhost: {WHY}. Leave --host out.")
    import uvicorn

    from publish.api.serving import application
    from reports.access import NoWorkspace

    try:
        app = application(home)
    except NoWorkspace as error:
        raise AskedWrongly(str(error)) from error
    with _listening(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listener.getsockname()[1]}"
        answer({"address": address, "home": str(home)}, as_json, f"Answers of {home} at {address}. Ctrl-C ends it.")
        settings = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, lifespan="off"
        )
        try:
            uvicorn.Server(settings).run(sockets=[listener])
        except KeyboardInterrupt:
            return  # the good end of a server that runs until then
        finally:
            app.state.access.close()


def _listening(host: str, port: int) -> socket.socket:
    """A socket that takes calls from the moment the address is told."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol left open, asyncio leaves Nagle's algorithm on, which holds each answer back for 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise AskedWrongly(
            f"--port: found port {port} of {host} in use or not allowed, wanted a free one. Name another, or 0."
        ) from error
    listener.listen(128)
    return listener
