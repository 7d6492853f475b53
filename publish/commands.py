"""The verbs of this room: `bsc feed broker`, `bsc feed relay`, `bsc feed subscribe`."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from settlement.command_line import DEFAULT_HOME, AsJson, AskedWrongly, Home, answer

feed = typer.Typer(help="The feed of changed prices: a broker, the relay to it, a subscriber.", no_args_is_help=True)

Host = Annotated[
    str, typer.Option("--host", help="The broker's host: this machine only, as long as there are no keys.")
]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="The broker's STOMP port.")]


@feed.command("broker")
def broker(
    *,
    home: Home = DEFAULT_HOME,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="STOMP port; 0 takes a free one.")] = 61613,
    openwire_port: Annotated[
        int | None, typer.Option("--openwire-port", min=0, max=65535, help="Also a port for Java clients.")
    ] = None,
    subscriber: Annotated[
        list[str] | None,
        typer.Option("--subscriber", help="Keep messages for this name from the start. May be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run Debian's ActiveMQ on this machine until Ctrl-C, and print its address.

    Messages are kept in the workspace, for each subscriber that was named here or has
    read once. What is sent before that is not kept for it.

    Example: bsc feed broker --subscriber traders
    """
    from publish.feed import broker as brokers

    with _asked_rightly():
        running = brokers.start(home, port, subscriber or (), openwire_port)
    with running, _ended_by(running.process.terminate):
        known = {"address": running.address, "port": running.port, "pid": running.pid}
        if running.openwire_port is not None:
            known["openwire_port"] = running.openwire_port
        queues = ", ".join(subscriber or ()) or "nobody yet (name them with --subscriber)"
        answer(known, as_json, f"Broker at {running.address}, keeping messages for: {queues}. Ctrl-C ends it.")
        running.wait()


@feed.command("relay")
def relay(
    *,
    home: Home = DEFAULT_HOME,
    host: Host = "127.0.0.1",
    port: Port = 61613,
    once: Annotated[bool, typer.Option("--once", help="End when everything is sent.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send every new or changed price of the workspace to the broker, in order.

    A price is marked sent when the broker has it on disk. Without --once the relay goes
    on until Ctrl-C and waits for a broker that is away.

    Example: bsc feed relay --once
    """
    import threading

    from publish.feed import relay as relays

    stop = threading.Event()
    with _asked_rightly(), _ended_by(stop.set):
        done = relays.run(home, host, port, once, stop=stop, tell=_aside)
    messages = "1 message" if done.sent == 1 else f"{done.sent:,} messages"
    answer(asdict(done), as_json, f"{messages} sent, each with the broker's receipt.")


@feed.command("subscribe")
def subscribe(
    name: Annotated[str, typer.Argument(help="Whose messages: letters, digits, - and _.")],
    *,
    host: Host = "127.0.0.1",
    port: Port = 61613,
    after: Annotated[int | None, typer.Option("--after", help="The last sequence you have had.")] = None,
    at_most: Annotated[int | None, typer.Option("--at-most", min=1, help="End after so many messages.")] = None,
    idle: Annotated[float | None, typer.Option("--idle", min=0, help="End after so many quiet seconds.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the messages kept for a subscriber, each once and in order, until Ctrl-C.

    With --json one JSON object a line. A printed message is taken: it does not come again.
    Exit code 1 when sequences were missing.

    Example: bsc feed subscribe traders --idle 2
    """
    from publish.feed.subscriber import Subscriber

    def gap(first: int, last: int) -> None:
        _aside(f"Messages {first} to {last} have not come. Ask for these prices another way, or report it.")

    with _asked_rightly():
        reader = Subscriber(name, host, port, after, on_gap=gap, tell=_aside)
    with _ended_by(reader.stop):
        reader.run(_show(as_json), at_most, idle)
    if reader.gaps:
        raise typer.Exit(1)


def _show(as_json: bool) -> Callable[[Any], None]:
    def show(message: Any) -> None:
        if as_json:
            typer.echo(message.body())
            return
        instead = f", supersedes {message.supersedes}" if message.supersedes else ""
        typer.echo(
            f"{message.sequence}  {message.settlement_date} period {message.settlement_period} {message.run}  "
            f"{message.value} GBP/MWh{instead}"
        )

    return show


def _aside(sentence: str) -> None:
    typer.echo(sentence, err=True)


@contextlib.contextmanager
def _asked_rightly() -> Iterator[None]:
    """Errors of the question as such (exit code 2); what is wrong in the world stays as it is (exit code 1)."""
    from publish.feed.errors import BadName, NotLoopback, NoWorkspace

    try:
        yield
    except (BadName, NotLoopback, NoWorkspace) as error:
        raise AskedWrongly(str(error)) from error


@contextlib.contextmanager
def _ended_by(end: Callable[[], object]) -> Iterator[None]:
    """Ctrl-C and a polite kill call `end`: the good end of a command that runs until then."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: end()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
