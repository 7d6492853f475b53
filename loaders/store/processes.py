"""Is the process that holds something still there? By host, number and start, since numbers are used again."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process: `host` names machine, its boot and the space of process numbers; `started` in ticks since the boot."""

    host: str
    pid: int
    started: str


def this_process() -> Process:
    """The process that asks."""
    pid = os.getpid()
    return Process(host(), pid, started(pid) or "")


def host() -> str:
    """Where a process number means something: machine, boot, and container."""
    boot, space = Path("/proc/sys/kernel/random/boot_id"), "/proc/self/ns/pid"
    parts = [socket.gethostname()]
    parts += [boot.read_text().strip()] if boot.exists() else []
    parts += [os.readlink(space)] if os.path.lexists(space) else []
    return " ".join(parts)[:255]


def started(pid: int) -> str | None:
    """When a process of this host started; None where there is none, or only its remains."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = said.rpartition(")")[2].split()  # the name before it may hold blanks
    return None if fields[0] in ("Z", "X") else fields[19]


def is_dead(process: Process) -> bool:
    """Whether a process has ended for certain; False for one of another host, of which nothing is known."""
    return process.host == host() and started(process.pid) != process.started
