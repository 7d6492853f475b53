"""Questions to a sender over HTTP: paced, tried again where that can help, and over in time.

The time of a question bounds all of it: the wait for a turn, every attempt and the
pauses between them. A sender that drips keeps each read within its timeout, so that an
attempt runs in a thread of its own, which is left behind when the time is over.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import SecretStr

from loaders.errors import Finding
from loaders.sources.answers import Answer, Failure
from loaders.sources.attempt import Got, NoAnswer, PassingTrouble, Request, fetch, hide_queries_in_logs
from loaders.sources.pace import Pace, pace_of
from loaders.sources.questions import Question
from loaders.sources.settings import Limits

if TYPE_CHECKING:
    import httpx2

AGENT = "settlement-workbench"
HIDDEN = "[hidden]"

log = logging.getLogger(__name__)


class Exchange:
    """Asks one sender. As a context manager it closes the client that it has opened itself."""

    def __init__(
        self,
        pace: Pace,
        limits: Limits,
        client: httpx2.Client | None = None,
        hidden: SecretStr | None = None,
    ) -> None:
        import httpx2
        from stamina.instrumentation import set_on_retry_hooks

        hide_queries_in_logs()
        # By default it prints each retry on standard output, where the answer of a command stands.
        set_on_retry_hooks([])
        self._pace = pace
        self._limits = limits
        self._own = client is None
        self._client = client or httpx2.Client(headers={"User-Agent": AGENT})
        self._hidden = hidden
        self._ends = time.monotonic() + limits.all_questions
        self._closed_until: datetime | None = None  # the sender takes no question before

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._own:
            self._client.close()

    def ask(
        self,
        question: Question,
        request: Request,
        fault: Callable[[Got], NoAnswer | None],
        name: str | None = None,
    ) -> Answer | Failure:
        """The answer to a question, or why there is none.

        fault  says what is wrong with an answer of status 200; None when it is data
        name   file name of the answer, where it is not that of the question
        """
        asked_at = datetime.now(UTC)
        named = name or question.name
        try:
            got = self._get(request)
            wrong = fault(got)
            if wrong:
                raise wrong
        except NoAnswer as error:
            finding = Finding(named, 0, "", self._hide(error.found), error.wanted, self._hide(error.todo))
            return Failure(question, named, finding, request.shown, asked_at, error.status, error.come_again)
        return Answer(question, named, got.data, request.shown, got.asked_at, got.published_at, got.status)

    def _get(self, request: Request) -> Got:
        """Ask until there is an answer. Raises NoAnswer."""
        import stamina

        ends = min(time.monotonic() + self._limits.question, self._ends)
        self._may_ask(ends)

        def again(error: Exception) -> bool | float:
            if not isinstance(error, PassingTrouble):
                return False
            named = _seconds_until(error.come_again)
            if time.monotonic() + (self._limits.longest_wait if named is None else named) >= ends:
                return False
            log.info("%s: %s; asked again", request.address, self._hide(error.found))
            return True if named is None else named

        try:
            for attempt in stamina.retry_context(
                again,
                attempts=self._limits.attempts,
                timeout=None,
                wait_initial=self._limits.first_wait,
                wait_max=self._limits.longest_wait,
                wait_jitter=self._limits.first_wait,
            ):
                with attempt:
                    return self._attempt(request, ends)
        except PassingTrouble as error:
            if error.status == 429:
                self._closed_until = error.come_again
            raise
        raise AssertionError("stamina tries at least once")

    def _may_ask(self, ends: float) -> None:
        if time.monotonic() >= self._ends:
            raise self._too_late("not asked: the time for all questions was over", self._limits.all_questions)
        wait = _seconds_until(self._closed_until)
        if self._closed_until and wait and time.monotonic() + wait >= ends:
            raise NoAnswer(
                f"not asked: the sender takes no question before {self._closed_until:%Y-%m-%d %H:%M:%S} UTC",
                "a sender that answers",
                "Ask again then.",
                come_again=self._closed_until,
            )
        time.sleep(wait or 0)

    def _attempt(self, request: Request, ends: float) -> Got:
        if not self._pace.wait(ends):
            raise self._too_late("not asked: no turn came in time", self._limits.question)
        given_up = threading.Event()
        got: list[Got] = []
        failed: list[Exception] = []

        def run() -> None:
            try:
                got.append(fetch(self._client, request, self._limits, given_up))
            except Exception as error:  # noqa: BLE001  raised again below, in the thread that asked
                failed.append(error)

        thread = threading.Thread(target=run, daemon=True, name="question")
        thread.start()
        thread.join(max(0.0, ends - time.monotonic()))
        if thread.is_alive():
            given_up.set()
            raise self._too_late("no whole answer in time", self._limits.question)
        if failed:
            raise failed[0]
        return got[0]

    def _too_late(self, found: str, seconds: float) -> NoAnswer:
        return NoAnswer(found, f"an answer within {seconds:g} s", "Ask again later, or for less at a time.")

    def _hide(self, text: str) -> str:
        """The text without the key, whole, escaped as in an address, or cut off at the end."""
        if self._hidden is None:
            return text
        key = self._hidden.get_secret_value()
        for form in (key, quote(key, safe="")):
            text = text.replace(form, HIDDEN)
        cut = next((size for size in range(len(key) - 1, 2, -1) if text.endswith(key[:size])), 0)
        return text[: len(text) - cut] + HIDDEN if cut else text


def _seconds_until(when: datetime | None) -> float | None:
    return max(0.0, (when - datetime.now(UTC)) / timedelta(seconds=1)) if when else None


def exchange(
    address: str,
    requests_a_minute: float,
    limits: Limits,
    client: httpx2.Client | None,
    hidden: SecretStr | None = None,
) -> Exchange:
    """An exchange with the sender at an address, at the pace that all threads share."""
    return Exchange(pace_of(address, requests_a_minute), limits, client, hidden)
