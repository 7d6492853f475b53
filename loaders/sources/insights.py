"""The Insights API of Elexon: public, without a key, one answer a question.

The published OpenAPI names no page parameter for the paths of the jobs, and the statuses
200, 400 and 500 alone: a period without rows is an answer with an empty list, and a 404 a
failure with its text. A window that is too long is refused whole (400, "The date range
between From and To inclusive must not exceed ...").

Both ends of `from` and `to` are in the answer: one asked from midnight to midnight has
the first rows of the next day. With settlementPeriodFrom or settlementPeriodTo their
time of day is ignored, and they are Settlement Dates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from loaders.sources.answers import Answer, Failure
from loaders.sources.attempt import Request
from loaders.sources.content import fault_of_api
from loaders.sources.exchange import exchange
from loaders.sources.questions import Question
from loaders.sources.settings import Settings

if TYPE_CHECKING:
    import httpx2

_ACCEPT = {"json": "application/json", "csv": "text/csv", "xml": "application/xml"}


def answers(
    questions: Iterable[Question],
    settings: Settings,
    told: Callable[[str], None] | None = None,
    client: httpx2.Client | None = None,
) -> Iterator[Answer | Failure]:
    """The answer to each question, or why there is none, in the order of the questions.

    told    called with the file name of each question before it is asked, for a progress bar
    client  an open client, when there is one; it is left open
    """
    web = settings.insights
    with exchange(web.url, web.requests_a_minute, settings.limits, client) as ours:
        for question in questions:
            if told:
                told(question.name)
            form = dict(question.query).get("format", "json")
            request = Request(
                address=web.url.rstrip("/") + "/" + question.path.lstrip("/"),
                query=question.query,
                accept=_ACCEPT.get(form, "*/*"),
            )
            yield ours.ask(question, request, partial(fault_of_api, form=form))
