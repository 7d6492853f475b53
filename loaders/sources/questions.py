"""What is asked of a source: one question for each day, period, side or window that a job covers.

The file name under which an answer is kept says what it is about, because an answer
without rows does not: so that "nothing happened" is placed on its day and period.
An empty answer about a publish window says nothing of any day, and is named so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath

from loaders.job import Job
from loaders.job_fetch import span
from settlement import calendar

SIDES = ("bid", "offer")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Question:
    """One thing to ask a source.

    name        file name under which the answer is kept
    query       parameters in the order of the job, without any key
    start, end  what it covers, UTC; none when it covers all time
    """

    job: str
    path: str
    query: tuple[tuple[str, str], ...]
    name: str
    settlement_date: date | None = None
    settlement_period: int | None = None
    side: str | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class _Span:
    """What a question covers, before it is asked of each side."""

    about: str
    first: date | None = None
    last: date | None = None
    settlement_period: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    season: int | None = None
    last_period: int | None = None


def questions(job: Job, first: date, last: date) -> list[Question]:
    """All that is to be asked about the Settlement Dates from `first` to `last`, in order of time.

    Raises ValueError when the last day comes before the first.
    """
    if last < first:
        raise ValueError(f"last: found {last}, wanted {first} or later. Turn the two days round.")
    sides = SIDES if "{bidOffer}" in job.fetch.path else (None,)
    return [_question(job, span, side) for span in _spans(job, first, last) for side in sides]


def questions_about(job: Job, first: datetime, last: datetime) -> list[Question]:
    """What is to be asked about a time that has just passed, from `first` up to `last`, in UTC.

    A day under way is asked for up to its last ended period, under a name that does not say the day: half a day
    shall not pass for the whole of it.
    """
    sides = SIDES if "{bidOffer}" in job.fetch.path else (None,)
    return [_question(job, span, side) for span in _spans_about(job, first, last) for side in sides]


def _spans_about(job: Job, first: datetime, last: datetime) -> Iterator[_Span]:
    day, period = calendar.period_at(first)
    match job.fetch.covers:
        case "publish window":
            yield from _windows(job, first, last)
        case "settlement period":
            start = calendar.period_start(day, period)
            yield _Span(f"{day}_{period:02d}", day, day, period, start, start + calendar.PERIOD)
        case "settlement day" if last < calendar.day_start(day + ONE_DAY):
            about = f"from_{first:%Y%m%dT%H%M}_{last:%Y%m%dT%H%M}"
            ended = (last - calendar.day_start(day)) // calendar.PERIOD
            yield _Span(about, day, day, None, first, last, last_period=ended)
        case _:
            yield from _spans(job, day, day)


def _spans(job: Job, first: date, last: date) -> Iterator[_Span]:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    match job.fetch.covers:
        case "settlement day":
            for day in days:
                yield _Span(str(day), day, day, None, calendar.day_start(day), calendar.day_start(day + ONE_DAY))
        case "settlement period":
            for day in days:
                for period in calendar.periods(day):
                    start = calendar.period_start(day, period)
                    yield _Span(f"{day}_{period:02d}", day, day, period, start, start + calendar.PERIOD)
        case "publish window":
            yield from _windows(job, calendar.day_start(first), calendar.day_start(last + ONE_DAY))
        case "season":
            for year in sorted({_season(day) for day in days}):
                yield _season_span(year)
        case "all time":
            yield _Span("all")


def _windows(job: Job, start: datetime, end: datetime) -> Iterator[_Span]:
    step = span(job.fetch.longest) if job.fetch.longest else ONE_DAY
    while start < end:
        stop = min(start + step, end)
        yield _Span(f"published_{start:%Y%m%dT%H%M}_{stop:%Y%m%dT%H%M}", start=start, end=stop)
        start = stop


def _season(day: date) -> int:
    """The year in which the last Triad season began, on that day: a season runs from November to February."""
    return day.year if day.month >= 11 else day.year - 1


def _season_span(year: int) -> _Span:
    first, after = date(year, 11, 1), date(year + 1, 3, 1)
    start, end = calendar.day_start(first), calendar.day_start(after)
    return _Span(f"season_{year}-{year + 1}", first, after - ONE_DAY, None, start, end, year)


def _question(job: Job, span: _Span, side: str | None) -> Question:
    one_day = span.first if span.first == span.last else None
    places = {
        "bidOffer": side,
        "settlementDate": one_day,
        "settlementPeriod": span.settlement_period,
        "triadSeason": f"{span.season}-{span.season + 1}" if span.season else None,
        "triadSeasonStartYear": span.season,
    }
    query = tuple((parameter, _said(word, span)) for parameter, word in job.fetch.asks.items())
    path = re.sub(r"\{(\w+)\}", lambda place: str(places[place.group(1)]), job.fetch.path)
    stem = "_".join(part for part in (job.job, side, span.about) if part)
    return Question(
        job=job.job,
        path=path,
        query=query,
        name=stem + _ending(job, dict(query)),
        settlement_date=one_day,
        settlement_period=span.settlement_period,
        side=side,
        start=span.start,
        end=span.end,
    )


def _said(word: str, span: _Span) -> str:
    """The value that a word of `asks` stands for."""
    if word.startswith("="):
        return word[1:]
    last_period = span.last_period or (calendar.period_count(span.last) if span.last else None)
    said = {
        "start": _instant(span.start),
        "end": _instant(span.end),
        "publish time": _instant(span.end),
        "first date": span.first,
        "last date": span.last,
        "first period": span.settlement_period or 1,
        "last period": span.settlement_period or last_period,
        "season start year": span.season,
    }[word]
    return str(said)


def _instant(when: datetime | None) -> str | None:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") if when else None


def _ending(job: Job, query: dict[str, str]) -> str:
    """A file keeps the ending that it has on the portal; an answer of the API has that of its format."""
    if job.fetch.source == "portal":
        return PurePosixPath(job.fetch.path).suffix or ".csv"
    return f".{query.get('format', 'json')}"
