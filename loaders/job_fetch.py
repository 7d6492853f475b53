"""What a job may say of fetching: where files come from, how they are asked for, and when."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

_SPAN = re.compile(r"(\d+) (minute|hour|day|year)s?")
_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "year": 1440 * 365}


def _is_pattern(text: str) -> str:
    re.compile(text)
    return text


def span(text: str) -> timedelta:
    """A span of time as jobs write it. Raises ValueError for any other text.

    >>> span("35 minutes"), span("1 day")
    (datetime.timedelta(seconds=2100), datetime.timedelta(days=1))
    """
    said = _SPAN.fullmatch(text)
    if not said:
        raise ValueError(f"found {text!r}, wanted a number of minutes, hours, days or years, as '35 minutes'")
    return timedelta(minutes=int(said.group(1)) * _MINUTES[said.group(2)])


def _is_span(text: str) -> str:
    if text:
        span(text)
    return text


def _is_cron(text: str) -> str:
    if text and len(text.split()) != 5:
        raise ValueError(f"found {text!r}, wanted the five fields of cron in UTC, as '*/10 * * * *'")
    return text


Span = Annotated[str, AfterValidator(_is_span)]


class Declared(BaseModel):
    """The manners that all parts of a job share."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Fetch(Declared):
    """Where files come from, how they are asked for, and when.

    file_names    pattern of the part of a file name that says the feed
    path          of the API, with {settlementDate}, {settlementPeriod}, {bidOffer} or {triadSeason}; a file of the
                  portal; a folder on the SFTP server; the name of a queue
    asks          query parameter to a word: `start`, `end` (instants that one question covers), `first date`,
                  `last date` (Settlement Dates), `first period`, `last period`, `publish time`; after = as it stands
    covers        what one question covers
    longest       what a publish window may cover at most
    due           when to ask: cron, in UTC
    late_after    how long after it was due an answer is late
    fresh_within  how long after what it tells of an answer should be here
    re_read       late data: so far back each asking goes
    """

    source: Literal["folder", "insights", "portal", "sftp", "queue"] = Field(alias="from")
    file_names: Annotated[str, AfterValidator(_is_pattern)]
    path: str = ""
    asks: dict[str, str] = Field(default_factory=dict)
    covers: Literal["settlement day", "settlement period", "publish window", "season", "all time"] | None = None
    longest: Span = ""
    due: Annotated[str, AfterValidator(_is_cron)] = ""
    late_after: Span = ""
    fresh_within: Span = ""
    re_read: Span = ""

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.source == "insights" and not (self.path and self.covers):
            raise ValueError("path and covers: needed by 'from: insights'")
        if self.covers == "publish window" and not self.longest:
            raise ValueError("longest: needed by 'covers: publish window'")
        return self
