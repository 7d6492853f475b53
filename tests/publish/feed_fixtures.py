"""What the tests of the feed share: a store that really keeps, an own reader of queues, a wire that can be held.

No plugin and no package: a test file loads this module from its own folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from loaders import store

DAY = date(2024, 1, 15)


def synthetic_value(sequence: int) -> str:
    """A SYNTHETIC price for the message that is expected to get this sequence."""
    return f"{sequence // 7}.{sequence % 100:02d}"


def keep_prices(home: Path, prices: dict[int, str], settlement_date: date = DAY, run_type: str = "IP") -> int:
    """Keep a run with these SYNTHETIC prices by period; gives how many messages it wrote."""
    box = store.open(home)
    run_id = hashlib.sha256(f"SYNTHETIC {settlement_date} {run_type} {sorted(prices.items())}".encode()).hexdigest()
    kept = box.keep_run(
        store.RunToKeep(
            run_id=run_id,
            settlement_date=settlement_date,
            run_type=run_type,
            store_version=box.version(),
            parts=[],
            parameters={},
            options={},
            published={},
            code_hash="0" * 64,
            assumed="SYNTHETIC",
            details={},
            tables={},
            prices=[store.PriceResult(period, value) for period, value in prices.items()],
        )
    )
    return kept.messages


def keep_many(home: Path, messages: int, first: int = 1, a_day: int = 40) -> None:
    """Keep runs of 40 SYNTHETIC prices on days of their own, until so many messages are written."""
    for start in range(first, first + messages, a_day):
        here = range(start, min(start + a_day, first + messages))
        day = date(2020, 1, 1) + timedelta(days=start // a_day)
        written = keep_prices(home, {place + 1: synthetic_value(n) for place, n in enumerate(here)}, day)
        if written != len(here):
            raise AssertionError(f"{written} messages written, wanted {len(here)}")


def until(holds: Callable[[], object], within: float = 20.0) -> None:
    """Wait until something holds; an error when it does not come to."""
    end = time.monotonic() + within
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"not so within {within} s")
        time.sleep(0.01)


def outbox(home: Path) -> list[sqlite3.Row]:
    """The outbox as it stands in the file, read without any code of the workbench."""
    with contextlib.closing(sqlite3.connect(home / "workspace.sqlite", timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute("select * from outbox order by sequence").fetchall()


def unsent(home: Path) -> int:
    return _counted(home, "sent_at is null")


def sent(home: Path) -> int:
    return _counted(home, "sent_at is not null")


def _counted(home: Path, which: str) -> int:
    """Rows of the outbox, counted where they lie: it is asked a hundred times a second."""
    with contextlib.closing(sqlite3.connect(home / "workspace.sqlite", timeout=30)) as connection:
        return connection.execute(f"select count(*) from outbox where {which}").fetchone()[0]


def raw_messages(port: int, queue: str, at_least: int = 0) -> list[tuple[dict[str, str], dict]]:
    """Take all that lies in a queue, as (headers, body); waits for at least so many."""
    return [(headers, json.loads(text)) for headers, text in emptied(port, queue, at_least)]


def emptied(port: int, queue: str, at_least: int = 0, within: float = 20.0) -> list[tuple[dict[str, str], str]]:
    """Take all that lies in a queue, whatever it is, as (headers, text), speaking STOMP by hand.

    A mark put behind the last message ends it: what came before the mark is everything.
    at_least  wait for so many before the mark is put there
    """
    mark = f"SEND\ndestination:/queue/{queue}\npersistent:true\nend:of what lay here\n\n\0".encode()
    taken: list[tuple[dict[str, str], str]] = []
    with socket.create_connection(("127.0.0.1", port), timeout=within) as wire:
        wire.sendall(b"CONNECT\naccept-version:1.2\nhost:localhost\n\n\0")
        if not at_least:
            wire.sendall(mark)
        wire.sendall(f"SUBSCRIBE\nid:1\ndestination:/queue/{queue}\nack:auto\n\n\0".encode())
        left = b""
        while more := wire.recv(65536):
            *frames, left = (left + more).split(b"\0")
            for frame in frames:
                head, _, body = frame.decode().lstrip("\n").partition("\n\n")
                command, *lines = head.split("\n")
                headers = dict(line.split(":", 1) for line in lines)
                if command == "MESSAGE" and "end" in headers:
                    return taken
                if command == "MESSAGE":
                    taken.append((headers, body))
                    if len(taken) == at_least:
                        wire.sendall(mark)
    raise AssertionError(f"the broker closed the connection after {len(taken)} messages of {queue}: {left!r}")


class Wire:
    """A wire to the broker whose way back can be held: what goes in arrives, the answers wait."""

    def __init__(self, broker_port: int) -> None:
        self._to = broker_port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._open = threading.Event()
        self._open.set()
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_answers(self) -> None:
        self._open.clear()

    def let_answers_through(self) -> None:
        self._open.set()

    def cut(self) -> None:
        """Break every connection; the answers held are lost."""
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        self._server.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._ends += [near, far]
                threading.Thread(target=self._carry, args=(near, far, None), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, self._open), daemon=True).start()

    def _carry(self, from_: socket.socket, to: socket.socket, gate: threading.Event | None) -> None:
        with contextlib.suppress(OSError):
            while data := from_.recv(65536):
                if gate is not None:
                    gate.wait()
                to.sendall(data)
        for end in (from_, to):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
