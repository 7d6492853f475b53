"""A process for one run, with a limit of time and one of memory, and what it left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_LOOK = 0.05  # seconds


@dataclass(frozen=True)
class Limits:
    """Seconds of one attempt, and bytes that each of its processes may hold; None: no limit."""

    seconds: float = 900.0
    memory: int | None = 2_000_000_000


@dataclass(frozen=True)
class Ended:
    """How a process ended. `kind` is None where it did what it should; `peak_memory`: bytes, of its largest process."""

    kind: str | None
    seconds: float
    cpu_seconds: float
    peak_memory: int
    said: dict[str, Any] = field(default_factory=dict)


def run_process(asked: dict[str, Any], limits: Limits, go_on: Callable[[], bool]) -> Ended | None:
    """Run `reports.batch.child` until it ends, its time is over, or `go_on` says no; then None.

    Nothing of it is left running in any case: the kernel, which has a session of its own, goes with it.
    """
    from reports.batch.child import OUTCOME

    begun = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "reports.batch.child"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=errors, start_new_session=True, env={**os.environ, "PYTHONPATH": _path()},
        )  # fmt: skip
        kind = None
        try:
            assert process.stdin is not None
            with suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write(json.dumps({**asked, "parent": os.getpid(), "memory": limits.memory}).encode())
            usage = None
            while usage is None:
                pid, status, used = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    process.returncode, usage = os.waitstatus_to_exitcode(status), used
                elif time.monotonic() - begun > limits.seconds:
                    kind, usage = "time-out", _kill(process)
                elif not go_on():
                    return None
                else:
                    time.sleep(_LOOK)
        finally:
            if process.returncode is None:
                _kill(process)
        errors.seek(0)
        last = errors.read().decode("utf-8", "replace").strip().splitlines()[-1:]
    said = _outcome(Path(asked["folder"]) / OUTCOME)
    if kind == "time-out":
        said = {"error": f"found it running after {limits.seconds:g} seconds, wanted it done (--limit-seconds)"}
    elif not said:
        kind = "dead kernel" if process.returncode < 0 else "broken"
        how = f"signal {-process.returncode}" if process.returncode < 0 else f"exit code {process.returncode}"
        said = {"error": f"found its process ended by {how}: {''.join(last) or 'it said nothing'}"}
    else:
        kind = said.get("kind")
    if kind == "memory" and limits.memory:
        said["error"] += f"; wanted no more than {limits.memory / 1e9:g} GB in a process (--limit-memory)"
    seconds = time.monotonic() - begun
    return Ended(kind, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, said)


def _outcome(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def _path() -> str:
    """Where this process found the rooms, so that the child runs the same code."""
    root = str(Path(__file__).resolve().parents[2])
    before = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one]
    return os.pathsep.join(before if root in before else [*before, root])


def _kill(process: subprocess.Popen[bytes]) -> Any:
    for pid in [*_below(process.pid), process.pid]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


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
