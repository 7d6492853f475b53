"""Replays that a reader started here: one at a time, each in a thread of its own, kept until the server ends.

A replay reads the landings of a job again; it never fetches, and the store only ever grows by it. Who asks for one
must bring the token of this process, which stands in our own pages and in no other.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashboards.errors import Busy, WrongToken

if TYPE_CHECKING:
    from loaders.report import LoadReport


@dataclass(frozen=True)
class Replay:
    """One replay of one job.

    of      files that it reads, as counted at its start
    done    files taken up so far
    report  what became of the files; None while it runs, and where it failed
    failed  the error that ended it, in words
    """

    job: str
    of: int
    started_at: datetime
    done: int = 0
    file: str = ""
    ended_at: datetime | None = None
    report: LoadReport | None = None
    failed: str = ""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None


@dataclass
class Replays:
    """The replays of one workspace and one process; safe to use from many threads.

    replay  reads the files of a job again, and calls what it is given with the name of each
    """

    replay: Callable[[str, Callable[[str], None]], LoadReport]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    _of: dict[str, Replay] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, job: str) -> Replay | None:
        """The last replay of a job that was started here."""
        with self._lock:
            return self._of.get(job)

    def running(self) -> Replay | None:
        """The replay that runs, if one does."""
        with self._lock:
            return next((one for one in self._of.values() if one.running), None)

    def hold(self, token: str) -> None:
        """Whether a request comes from a page of this process. Raises WrongToken."""
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            raise WrongToken(
                "token: found one that this server did not give out, wanted that of its own pages. The server was "
                "perhaps started anew since the page was opened: open the page again, and press the button there."
            )

    def start(self, job: str, of: int, token: str) -> None:
        """Begin a replay of a job's `of` files. Raises WrongToken, and Busy where another runs."""
        self.hold(token)
        with self._lock:
            other = next((one for one in self._of.values() if one.running), None)
            if other is not None:
                raise Busy(f"found a replay of {other.job} that still runs, wanted none. Wait until it has ended.")
            self._of[job] = Replay(job, of, datetime.now(UTC))
        threading.Thread(target=self._run, args=(job,), name=f"replay {job}", daemon=True).start()

    def _run(self, job: str) -> None:
        try:
            report = self.replay(job, lambda file: self._told(job, file))
        except Exception as error:
            logging.getLogger(__name__).exception("replay of %s", job)
            self._change(job, ended_at=datetime.now(UTC), failed=f"{type(error).__name__}: {error}")
        else:
            self._change(job, ended_at=datetime.now(UTC), report=report)

    def _told(self, job: str, file: str) -> None:
        now = self.of(job)
        self._change(job, done=now.done + 1 if now else 1, file=file)

    def _change(self, job: str, **said: object) -> None:
        with self._lock:
            self._of[job] = replace(self._of[job], **said)  # type: ignore[arg-type]
