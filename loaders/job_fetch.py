"""What a job may say of fetching: where files come from, what is asked for, and when."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Source = Literal["folder", "insights", "portal", "sftp", "queue"]
Covers = Literal["settlement day", "settlement period", "publish window", "season", "all time"]

# What a question may say of itself in a query, and what must be covered for it to know that.
WORDS: dict[str, tuple[Covers, ...]] = {
    "start": ("settlement day", "settlement period", "publish window", "season"),
    "end": ("settlement day", "settlement period", "publish window", "season"),
    "publish time": ("settlement day", "settlement period", "publish window", "season"),
    "first date": ("settlement day", "settlement period", "season"),
    "last date": ("settlement day", "settlement period", "season"),
    "first period": ("settlement day", "settlement period"),
    "last period": ("settlement day", "settlement period"),
    "season start year": ("season",),
}
PLACES: dict[str, tuple[Covers, ...]] = {
    "bidOffer": ("settlement day", "settlement period", "publish window", "season", "all time"),
    "settlementDate": ("settlement day", "settlement period"),
    "settlementPeriod": ("settlement period",),
    "triadSeason": ("season",),
    "triadSeasonStartYear": ("season",),
}
_SPAN = re.compile(r"([1-9]\d*) (minute|hour|day|week|year)s?")
_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10_080, "year": 525_600}


def span(text: str) -> timedelta:
    """A span of time as jobs write it; a year is 365 days. Raises ValueError for any other text.

    >>> span("35 minutes"), span("1 day")
    (datetime.timedelta(seconds=2100), datetime.timedelta(days=1))
    """
    said = _SPAN.fullmatch(text)
    if not said:
        raise ValueError(f"found {text!r}, wanted a number of minutes, hours, days, weeks or years, as '35 minutes'")
    return timedelta(minutes=int(said.group(1)) * _MINUTES[said.group(2)])


def _is_pattern(text: str) -> str:
    re.compile(text)
    return text


def _is_span(text: str) -> str:
    if text:
        span(text)
    return text


def _is_cron(text: str) -> str:
    if text:
        from datetime import UTC, datetime

        from cronsim import CronSim, CronSimError

        try:
            # A calendar that no day fits, as 30 February, can be read but never ticks; six fields are seconds too.
            if len(text.split()) != 5 or next(CronSim(text, datetime(2024, 1, 1, tzinfo=UTC)), None) is None:
                raise CronSimError("it never comes, or has not five fields")
        except CronSimError as error:
            wanted = "minute, hour, day, month and weekday as in '*/10 * * * *'"
            raise ValueError(f"found {text!r}, wanted {wanted}: {error}") from None
    return text


Span = Annotated[str, AfterValidator(_is_span)]
Pattern = Annotated[str, AfterValidator(_is_pattern)]


class Declared(BaseModel):
    """The manners that all parts of a job share."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Fetch(Declared):
    """Where files come from, what is asked for, when, and when they are missed.

    file_names    pattern of the part of a file name that says the feed
    path          of the Insights API; file name on the portal; folder of the SFTP server; name of the queue.
                  {bidOffer} is asked once for bid and once for offer, {settlementDate}, {settlementPeriod},
                  {triadSeason} (2024-2025) and {triadSeasonStartYear} (2024) are those of the question
    asks          query parameter to a word of WORDS; a text after "=" is itself, as "=N2EX"
    covers        what one question covers
    longest       of a publish window: what one question may cover at most
    due           when to ask: cron, in UTC; empty: somebody brings the files
    late_after    how long after it was due an answer is late
    fresh_within  how old the newest answer may be
    re_read       how far back all is asked again, once a Settlement Day, for what has been revised since
    """

    source: Source = Field(alias="from")
    file_names: Pattern
    path: str = ""
    asks: dict[str, str] = Field(default_factory=dict)
    covers: Covers = "all time"
    longest: Span = ""
    due: Annotated[str, AfterValidator(_is_cron)] = ""
    late_after: Span = ""
    fresh_within: Span = ""
    re_read: Span = ""

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        wrong = [
            f"asks.{parameter}: found {word!r}, wanted one of {', '.join(WORDS)}, or a text after '='"
            for parameter, word in self.asks.items()
            if word not in WORDS and not word.startswith("=")
        ]
        wrong += [
            f"asks.{parameter}: a question about {self.covers} has no {word}"
            for parameter, word in self.asks.items()
            if word in WORDS and self.covers not in WORDS[word]
        ]
        if self.source != "folder":
            wrong += [] if self.path else [f"path: needed by 'from: {self.source}'"]
            wrong += [
                f"path: a question about {self.covers} has no {{{place}}}"
                for place in re.findall(r"\{([^}]*)\}", self.path)
                if self.covers not in PLACES.get(place, ())
            ]
        if self.longest and self.covers != "publish window":
            wrong.append(f"longest: found beside 'covers: {self.covers}', wanted 'covers: publish window'")
        if self.covers == "publish window" and not self.longest:
            wrong.append("longest: needed by 'covers: publish window'")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self
