"""The cover: can I rely on this day? A sentence, five counts, the picture of the day, the facts, the seal."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from reports.charts import own_against_published, two_widths
from reports.look import numbers, times
from reports.look.glyphs import chip
from reports.sections import words
from reports.sections.seal import seal
from reports.subjects_of_days import of_day
from reports.views import DayView, SignedOff

# In the order of the page: the quiet one first, the loud one before what could not be judged.
_TALLY = ("exact", "rounding", "vintage", "unexplained", "not comparable")

_WAYS = {"published stack": "published stacks", "own stack": "notifications, pairs and acceptances"}


def cover(day: DayView) -> str:
    """HTML of the cover."""
    return Markup(
        '<section class="cover" id="cover"><p class="kick">Audit report, one settlement day</p>'
        '<h1>Imbalance price, {}</h1><p class="lead">{}</p>{}{}{}{}</section>'
    ).format(
        times.long_day(day.settlement_date),
        words.lead_sentence(day),
        _tally(day),
        _picture(day),
        _facts(day),
        _seal(day),
    )


def _tally(day: DayView) -> Markup:
    counts = day.counts()
    boxes = [
        Markup("<div><b{}>{}</b>{}</div>").format(
            Markup("") if counts[verdict] else Markup(' class="zero"'),
            numbers.count(counts[verdict]),
            Markup(chip(verdict)),
        )
        for verdict in _TALLY
    ]
    return Markup('<div class="tally">{}</div>').format(Markup("").join(boxes))


def _picture(day: DayView) -> Markup:
    drawn = two_widths(lambda width: own_against_published(day, width=width))
    return Markup(
        '<figure class="fig"><figcaption><b>{}</b><span>Own price (line), published price (circles), '
        "net imbalance volume, verdict</span></figcaption>{}</figure>"
    ).format(words.day_finding(day), Markup(drawn))


def _facts(day: DayView) -> Markup:
    value = {parameter.symbol: numbers.parameter(parameter.value) for parameter in day.parameters}

    def said(*wanted: tuple[str, str]) -> str:
        return ", ".join(f"{symbol} {text.format(value[symbol])}" for symbol, text in wanted if symbol in value)

    worst = max((view for view in day.periods if view.worth), key=lambda view: view.worth or 0, default=None)
    largest = (
        (f"£{numbers.money(worst.worth)}", f"period {worst.settlement_period}: difference × |NIV|, an upper measure")
        if worst
        else ("none", "no price differs")
    )
    data = "SYNTHETIC" if day.synthetic else "as received"
    about = (
        "made for a demonstration; no real party or unit"
        if day.synthetic
        else f"{len(day.landings)} files, see Evidence"
    )
    if day.assumed:
        data, about = f"{data}, ASSUMED", f"adjustment actions from {day.assumed}"
    moment = day.data_as_of
    facts = [
        ("Settlement Date", times.middle_day(day.settlement_date),
         f"{len(day.periods)} periods, {times.zones(day.periods[0].start, day.periods[-1].end)}"),
        ("Run", words.run_name(day.run), f"from the {_WAYS.get(day.way, day.way)}"),
        *_sign_off(day.signed_off),
        ("Data as of", times.local_moment(moment),
         f"{times.utc_clock(moment).removesuffix('Z')} UTC, store version {numbers.count(day.store_version)}"),
        ("Rules in force", said(("DMAT", "{} MWh"), ("CADL", "{} min")) or "none kept with this run",
         said(("PAR", "{} MWh"), ("RPAR", "{} MWh"), ("VoLL", "£{}"))),
        ("Largest difference, worth", *largest),
        ("Settled", times.local_moment(day.settled_at), "by the workbench, unattended"),
        ("Data", data, about),
    ]  # fmt: skip
    boxes = [Markup("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>").format(*fact) for fact in facts]
    return Markup('<dl class="facts">{}</dl>').format(Markup("").join(boxes))


def _sign_off(now: SignedOff) -> list[tuple[str, str, str]]:
    """State, preparer and reviewer as they were when the report was made."""
    state = now.state[0].upper() + now.state[1:]
    if now.state in ("reviewed", "published"):
        about = f"entry {now.number} of the sign-off chain"
    elif now.said:
        about = f"{now.said}: not for use in a dispute"
    else:
        about = "nobody has signed it off: not for use in a dispute"
    return [
        ("State", state, about),
        ("Prepared by", now.prepared_by or "nobody yet", _moment(now.prepared_at) or "says that it is ready"),
        ("Reviewed by", now.reviewed_by or "nobody yet", _moment(now.reviewed_at) or "must not be the preparer"),
    ]


def _moment(instant: str | None) -> str:
    return "" if instant is None else times.local_moment(datetime.fromisoformat(instant))


def _reviewed(now: SignedOff) -> str:
    return f"{now.reviewed_by} had reviewed it" if now.reviewed_by else "nobody had reviewed it"


def _seal(day: DayView) -> Markup:
    subject = of_day(day)
    since = Markup(' Who has signed it off since it was made stands in <span class="mono">{}.signoff.json</span>; ')
    return seal(subject, since.format(subject.stem) + f"when it was made, {_reviewed(day.signed_off)}.")
