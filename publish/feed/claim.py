"""One worker at a time: a locked file in the workspace.

The lock belongs to the open file, so the system drops it when its holder dies,
however it dies; a file left behind blocks nobody.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from publish.feed.errors import AlreadyRunning, FeedFinding, NoWorkspace


class Claim:
    """A locked file that holds the number of the process that works here.

    Raises AlreadyRunning when another process holds it.
    """

    def __init__(self, path: Path, what: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise AlreadyRunning(
                FeedFinding(
                    where=f"{what} on {path.parent}",
                    found=f"one at work already, process {holder}",
                    wanted="one at a time",
                    todo=f'Use that one, or stop it first ("kill {holder}").',
                )
            ) from error
        self.name(os.getpid())

    @property
    def descriptor(self) -> int:
        """To be handed to a child that shall keep the lock after its parent is gone."""
        return self._file

    def name(self, pid: int) -> None:
        """Write down which process works here."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{pid}\n".encode("ascii"), 0)

    def release(self) -> None:
        """Give the lock back. A child that holds the descriptor keeps it."""
        os.close(self._file)


def workspace(home: Path) -> Path:
    """The workspace folder in full, when it is there.

    Raises NoWorkspace, so that a slip in the name makes no empty workspace.
    """
    if not home.is_dir():
        raise NoWorkspace(
            FeedFinding(
                where=f"workspace {home}",
                found="no such folder",
                wanted="a workspace with loaded and settled days",
                todo='Name another with --home, or make one with "bsc load".',
            )
        )
    return home.resolve()
