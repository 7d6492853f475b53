"""One message of the feed: a price that is new or has changed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from publish.feed.errors import BadMessage, FeedFinding


@dataclass(frozen=True)
class Message:
    """A price of one settlement period, as the feed carries it.

    sequence    counts up by one on its destination; the same message sent again
                has the same sequence and the same id
    previous    sequence of the last message of the same date, period and run
    supersedes  its id; both None for the first
    value       GBP/MWh as decimal text, so that no digit is lost on the way
    """

    id: str
    sequence: int
    previous: int | None
    supersedes: str | None
    settlement_date: date
    settlement_period: int
    run: str
    value: str

    def body(self) -> str:
        """The message as JSON, the body of the STOMP frame."""
        return json.dumps(asdict(self), default=date.isoformat, separators=(",", ":"))

    def headers(self) -> dict[str, str]:
        """What can be read without opening the body. `message-id` belongs to the broker, hence the underscore."""
        return {"message_id": self.id, "sequence": str(self.sequence), "persistent": "true"}


def read(body: str, where: str) -> Message:
    """The message in the body of a frame that was found at `where`.

    Raises BadMessage.

    >>> read('{"id":"a","sequence":7,"previous":null,"supersedes":null,"settlement_date":"2024-01-15",'
    ...      '"settlement_period":1,"run":"IP","value":"64.10"}', "here").value
    '64.10'
    """
    try:
        given = json.loads(body)
        message = Message(**{**given, "settlement_date": date.fromisoformat(given["settlement_date"])})
        if not Decimal(message.value).is_finite():
            raise ValueError("value")
        if not isinstance(message.sequence, int) or not isinstance(message.id, str):
            raise TypeError("sequence and id")
    except (ValueError, TypeError, KeyError, InvalidOperation) as error:
        raise BadMessage(
            FeedFinding(
                where=where,
                found=repr(body[:120]),
                wanted="a JSON object with id, sequence, previous, supersedes, settlement_date, settlement_period, "
                "run and value",
                todo="Put in the queue's dead letters; look who sends to this destination besides the relay.",
            )
        ) from error
    return message
