"""What comes back from a source: an answer to land, or a failure to tell.

A failure is no exception: the other questions are asked, and whoever asked reads both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from loaders.errors import Finding
from loaders.sources.questions import Question


@dataclass(frozen=True)
class Answer:
    """Bytes as received.

    name          file name under which they are kept
    address       where they came from, without any key
    asked_at      our clock, UTC
    published_at  the sender's clock (Last-Modified, else Date; time of change of a remote file), UTC
    status        of HTTP; none where the transport has no such thing
    kept          tells the sender that it need not come again, where it waits to be told
    """

    question: Question
    name: str
    data: bytes
    address: str
    asked_at: datetime
    published_at: datetime | None = None
    status: int | None = None
    kept: Callable[[], object] | None = None


@dataclass(frozen=True)
class Failure:
    """A question without an answer, and why.

    finding     what was found in place of an answer, and what to do; its file is the name of the question
    come_again  the time that the sender named, UTC; none when it named none
    """

    question: Question
    name: str
    finding: Finding
    address: str
    asked_at: datetime
    status: int | None = None
    come_again: datetime | None = None
