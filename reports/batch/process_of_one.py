"""A process for one run, with a limit of time and one of memory, and what it left behind.

It is forked from a warm one (`reports.batch.warm`), which is kept for the next run of this process.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

_LOOK = 0.05  # seconds
ERRORS = "errors.txt"


@dataclass(frozen=True)
class Limits:
    """Seconds of one attempt, and bytes that its process may hold; None: no limit."""

    seconds: float = 900.0
    memory: int | None = 2_000_000_000


@dataclass(frozen=True)
class Ended:
    """How a process ended. `kind` is None where it did what it should; `peak_memory`: bytes of that process."""

    kind: str | None
    seconds: float
    cpu_seconds: float
    peak_memory: int
    said: dict[str, Any] = field(default_factory=dict)


class _Gone(Exception):
    """The warm process ended by itself; its argument is the last line it said."""


class _Warm:
    """A warm process as who asks it sees it."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reports.batch.warm"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, start_new_session=True, env={**os.environ, "PYTHONPATH": _path()},
        )  # fmt: skip
        self._held = b""

    def ask(self, asked: dict[str, Any], errors: Path) -> None:
        """Ask for a run; the next line is the process id of it, the one after that how it ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"asked": asked, "errors": str(errors)}).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise _Gone(self._last()) from None

    def line(self, seconds: float) -> bytes | None:
        """A line, if there is a whole one within so many seconds. Raises _Gone."""
        assert self._process.stdout is not None
        until = time.monotonic() + seconds
        while b"\n" not in self._held:
            handle = self._process.stdout.fileno()
            ready, _, _ = select.select([handle], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return None
            piece = os.read(handle, 65536)
            if not piece:
                raise _Gone(self._last())
            self._held += piece
        found, _, self._held = self._held.partition(b"\n")
        return found

    def _last(self) -> str:
        self._process.wait()
        self._errors.seek(0)
        return "".join(self._errors.read().decode("utf-8", "replace").strip().splitlines()[-1:])

    def stop(self) -> None:
        """End it, and the run that goes on in it, and whatever that has started."""
        for pid in [*_below(self._process.pid), self._process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            with suppress(OSError):
                assert pipe is not None
                pipe.close()


_idle: list[_Warm] = []
_lock = Lock()


def let_go() -> None:
    """End the warm processes that are kept for a next run."""
    with _lock:
        held, _idle[:] = [*_idle], []
    for one in held:
        one.stop()


def run_process(asked: dict[str, Any], limits: Limits, go_on: Callable[[], bool]) -> Ended | None:
    """Do a run in a process of its own until it ends, its time is over, or `go_on` says no; then None.

    Nothing of it is left running in any case.
    """
    with _lock:
        warm = _idle.pop() if _idle else _Warm()
    kept = False
    try:
        ended = _run(warm, {**asked, "memory": limits.memory}, limits, go_on)
        kept = ended is not None
        return ended
    except _Gone as gone:
        said = {"error": f"found the process that starts runs ended: {gone or 'it said nothing'}"}
        return Ended("dead kernel", 0.0, 0.0, 0, said)
    finally:
        if kept:
            with _lock:
                _idle.append(warm)
        else:
            warm.stop()


def _run(warm: _Warm, asked: dict[str, Any], limits: Limits, go_on: Callable[[], bool]) -> Ended | None:
    from reports.batch.child import OUTCOME

    folder = Path(asked["folder"])
    warm.ask(asked, folder / ERRORS)
    while (line := warm.line(_LOOK)) is None:  # while it is not warm yet
        if not go_on():
            return None
    pid, begun, kind = int(line), time.monotonic(), None
    while (line := warm.line(_LOOK)) is None:
        if time.monotonic() - begun > limits.seconds and kind is None:
            kind = "time-out"
            _kill(pid)
        elif not go_on():
            return None
    ended, seconds = json.loads(line), time.monotonic() - begun
    said = _outcome(folder / OUTCOME)
    if kind == "time-out":
        said = {"error": f"found it running after {limits.seconds:g} seconds, wanted it done (--limit-seconds)"}
    elif not said:
        code = ended["code"]
        kind = "dead kernel" if code < 0 else "broken"
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        said = {"error": f"found its process ended by {how}: {_last_of(folder / ERRORS) or 'it said nothing'}"}
    else:
        kind = said.get("kind")
    if kind == "memory" and limits.memory:
        said["error"] += f"; wanted no more than {limits.memory / 1e9:g} GB in a process (--limit-memory)"
    return Ended(kind, seconds, ended["cpu_seconds"], ended["peak_memory"], said)


def _outcome(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def _last_of(path: Path) -> str:
    text = path.read_text("utf-8", "replace") if path.is_file() else ""
    return "".join(text.strip().splitlines()[-1:])


def _path() -> str:
    """Where this process found the rooms, so that the warm one runs the same code."""
    root = str(Path(__file__).resolve().parents[2])
    before = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one]
    return os.pathsep.join(before if root in before else [*before, root])


def _kill(pid: int) -> None:
    for one in [*_below(pid), pid]:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def _below(pid: int) -> list[int]:
    """Every process that descends from one, the deepest first."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found: list[int] = []

    def walk(of: int) -> None:
        for one in parents.get(of, []):
            walk(one)
            found.append(one)

    walk(pid)
    return found
