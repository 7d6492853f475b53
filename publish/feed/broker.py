"""A broker for the feed: Debian's ActiveMQ as a plain process on this machine.

What it keeps lies in the workspace under feed/broker, so a broker started again,
even after kill -9, still has every message that it gave a receipt for.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from publish.feed import configuration, names
from publish.feed.claim import Claim
from publish.feed.errors import BrokerNotStarted, FeedFinding, NoBroker, PortTaken
from publish.feed.link import Link


class Broker:
    """A running broker. As a context manager it is stopped at the end."""

    def __init__(
        self, process: subprocess.Popen[bytes], port: int, openwire_port: int | None, base: Path, logged: int = 0
    ) -> None:
        self.process = process
        self.host = names.HOST
        self.port = port
        self.openwire_port = openwire_port
        self.base = base
        self.logged = logged  # bytes of the log that are of earlier starts

    def __enter__(self) -> Broker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """Where it answers, as `stomp://127.0.0.1:61613`."""
        return f"stomp://{self.host}:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def log(self) -> str:
        """What it has logged since this start."""
        path = self.base / "data" / "activemq.log"
        written = path.read_bytes() if path.exists() else b""
        since = self.logged if self.logged <= len(written) else 0  # shorter than before: it has rolled
        return written[since:].decode("utf-8", "replace")

    def stop(self, within: float = 15.0) -> None:
        """End it in good order; by force when it does not end within so many seconds."""
        self.process.terminate()
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait(self) -> None:
        """Wait until it ends. Raises BrokerNotStarted when it ended by itself."""
        code = self.process.wait()
        if code not in (0, 128 + signal.SIGTERM, 128 + signal.SIGINT, -signal.SIGTERM, -signal.SIGINT):
            raise _not_started(self, f"the broker ended by itself with code {code}")


def start(
    home: Path,
    port: int = names.PORT,
    subscribers: Sequence[str] = (),
    openwire_port: int | None = None,
    *,
    ready_within: float = 60.0,
    activemq_home: Path = configuration.ACTIVEMQ_HOME,
) -> Broker:
    """Start a broker on loopback and come back when it answers a STOMP CONNECT.

    port           for STOMP; 0 takes a free one
    subscribers    whose queues are there from the start: what is sent before the
                   first visit of any other subscriber is not kept for it
    openwire_port  for Java clients; None: no such port

    Raises BrokerNotInstalled, PortTaken, AlreadyRunning, BadName, BrokerNotStarted.
    """
    base = (home / "feed" / "broker").resolve()
    configuration.activemq_jar(activemq_home)
    port = _free(port)
    openwire_port = None if openwire_port is None else _free(openwire_port)
    with _claimed(base) as claim:
        configuration.write_files(base, port, subscribers, openwire_port)
        log = base / "data" / "activemq.log"
        logged = log.stat().st_size if log.exists() else 0
        with (base / "console.log").open("wb") as console:
            process = subprocess.Popen(
                configuration.command(base, activemq_home),
                cwd=base,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                pass_fds=[claim.descriptor],  # the lock lives as long as the broker, not as its starter
            )
        claim.name(process.pid)
    broker = Broker(process, port, openwire_port, base, logged)
    try:
        _until_ready(broker, ready_within)
    except BaseException:
        broker.stop()
        raise
    return broker


@contextlib.contextmanager
def _claimed(base: Path) -> Iterator[Claim]:
    claim = Claim(base / "running", "feed broker")
    try:
        yield claim
    finally:
        claim.release()


def _free(port: int) -> int:
    """The port itself, when nothing listens there; for 0 a free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((names.HOST, port))
        except OSError as error:
            raise PortTaken(
                FeedFinding(
                    where=f"port {port} of {names.HOST}",
                    found=error.strerror or str(error),
                    wanted="a port that is free",
                    todo="Use the broker that listens there, or give another --port (0 takes a free one).",
                )
            ) from error
        return probe.getsockname()[1]


def _until_ready(broker: Broker, within: float) -> None:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if broker.process.poll() is not None:
            raise _not_started(broker, f"the broker ended with code {broker.process.returncode}")
        with contextlib.suppress(NoBroker):
            Link(broker.host, broker.port, answer_within=2).close()
            # The answer may come from a broker that took the port in the meantime: ours must live and have it.
            if _has_the_port(broker):
                return
        time.sleep(0.05)
    raise _not_started(broker, f"no answer within {within:g} s")


def _has_the_port(broker: Broker) -> bool:
    return broker.process.poll() is None and "Connector stomp started" in broker.log()


def _not_started(broker: Broker, found: str) -> BrokerNotStarted:
    reasons = [line.split(": ", 1)[-1] for line in broker.log().splitlines() if " ERROR " in line or " WARN " in line]
    return BrokerNotStarted(
        FeedFinding(
            where=f"feed broker on port {broker.port}",
            found=f"{found} ({reasons[-1]})" if reasons else found,
            wanted="a broker that answers",
            todo=f"Read {broker.base / 'data' / 'activemq.log'} and console.log beside data.",
        )
    )
