"""A process that is warm: it has imported what a run needs, and forks a process for each run. Used by `process_of_one`.

    python -m reports.batch.warm    a request a line as JSON on standard input: what to do, and a file for its errors

For each it writes two lines to standard output: the process id of the fork, and how that ended with what it took. The
importing takes two seconds and the fork a hundredth; a year of reports imports once a job instead of once a day. This
process starts no thread and opens nothing, so that what is forked starts clean. When its input ends, it ends, and takes
the run that goes on with it.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import sys
import traceback
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from reports.batch import notebook_reading

IMPORTED = (
    "papermill", "pandas", "duckdb", "typst", "xlsxwriter", "sqlalchemy.dialects.sqlite", "loaders.store.session",
    "reports.audit", "reports.charged", "reports.open_view", "reports.subjects_of_notebooks",
    "reports.signoff.subjects", "settlement.engine",
)  # fmt: skip
WHOLE = ("reports.paper", "reports.sections", "reports.twins", "reports.variance", "settlement.rules")
_PR_SET_PDEATHSIG = 1


def _import_all() -> None:
    """What a run imports, named: that it is used nowhere here is the point."""
    notebook_reading.ready()
    for name in IMPORTED:
        import_module(name)
    for name in WHOLE:
        for one in iter_modules(import_module(name).__path__, f"{name}."):
            import_module(one.name)


def _forked(asked: dict[str, Any], errors: str, parent: int) -> None:
    """In the fork: end with the parent, keep apart from its input and output, do the run."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before it could be asked to tell
        os._exit(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    told = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for at, target in ((0, nothing), (1, nothing), (2, told)):
        os.dup2(target, at)
    code = 1
    try:
        from reports.batch.child import whole

        whole(asked)
        code = 0
    except BaseException:  # noqa: BLE001 - whoever asked reads it from the file, and nothing is above a fork
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _ended(pid: int, requests: int) -> tuple[int, Any] | None:
    """How a fork ended, and what it took; None where whoever asks has ended before it."""
    handle = os.pidfd_open(pid)
    try:
        while True:
            ready, _, _ = select.select([handle, requests], [], [])
            if handle in ready:
                _, status, used = os.wait4(pid, 0)
                return os.waitstatus_to_exitcode(status), used
            if requests in ready and os.read(requests, 1) == b"":
                os.kill(pid, signal.SIGKILL)
                return None
    finally:
        os.close(handle)


def main() -> None:
    """Fork a run a line until there are no more."""
    _import_all()
    requests, answers = sys.stdin.fileno(), os.dup(1)
    os.dup2(2, 1)  # what an import prints is no answer
    own = os.getpid()
    while line := _line(requests):
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _forked(request["asked"], request["errors"], own)
        os.write(answers, f"{pid}\n".encode())
        ended = _ended(pid, requests)
        if ended is None:
            return
        code, used = ended
        said = {"code": code, "cpu_seconds": used.ru_utime + used.ru_stime, "peak_memory": used.ru_maxrss * 1024}
        os.write(answers, json.dumps(said).encode() + b"\n")


def _line(handle: int) -> bytes:
    """A line as it is, read byte by byte: nothing of the next may be held back here. Empty at the end."""
    found = b""
    while not found.endswith(b"\n"):
        piece = os.read(handle, 1)
        if not piece:
            return b""
        found += piece
    return found


if __name__ == "__main__":
    main()
