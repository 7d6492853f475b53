"""One job on the page Loads: its facts, what was refused and what to do, what arrived, what has drifted."""

from __future__ import annotations

from datetime import date, timedelta

from markupsafe import Markup

from dashboards.address import address
from dashboards.held import Held
from dashboards.parts.loads_chips import chip
from dashboards.parts.loads_replay import what_to_run
from dashboards.parts.loads_wall import moment
from reports.loads_records import JobLoads, Wall
from reports.look import numbers, times
from reports.sections import loads_words
from reports.sections.loads import matrix_table, picture, refused_table

_PATH = "/loads"
SHOWN = 25  # refused rows on one page


def job_box(held: Held, wall: Wall, job: JobLoads, day: date | None, state: str | None, refusal: int | None) -> Markup:
    """The lower half of Loads.

    day      Settlement Day whose matrix is shown; None: the newest that came
    refusal  the first refused row that is shown, from 1
    """
    shown = day or job.day
    return Markup(
        '<section class="box" id="job"><h2>{} <span class="small">{}</span></h2>{}{}{}{}{}{}</section>'
    ).format(
        job.job,
        job.title,
        _facts(wall, job),
        _reason(job),
        _refused(held, job, day, state, refusal or 1),
        what_to_run(held, job),
        _drift(held, job),
        _arrived(held, job, shown, state) if shown else _without_days(job),
    )


def _reason(job: JobLoads) -> Markup:
    """Why the job stands as it does, unless the refused rows below say it whole."""
    if not job.reason or (job.state == "quarantined" and job.refused):
        return Markup("")
    return Markup("<p><b>{}</b></p>").format(job.reason[0].upper() + job.reason[1:])


def _facts(wall: Wall, job: JobLoads) -> Markup:
    facts: list[tuple[str, Markup | str, str]] = [
        ("State", chip(job.state), ""),
        ("Since", moment(job.since), ""),
        ("Last answer", moment(job.last_answer), ""),
        *([("Next due", moment(job.next_due), "")] if wall.fetches else []),
        ("Refused", numbers.count(job.refused), "rows or files that stand"),
    ]
    if job.waiting or job.failed:
        facts.append(("Tasks", numbers.count(job.waiting), f"waiting, {job.failed} failed"))
    boxes = [
        Markup("<div><dt>{}</dt><dd>{} <small>{}</small></dd></div>").format(name, value, unit)
        for name, value, unit in facts
    ]
    return Markup('<dl class="facts">{}</dl>').format(Markup("").join(boxes))


def _refused(held: Held, job: JobLoads, day: date | None, state: str | None, first: int) -> Markup:
    found = held.loads.refused(job.job, most=SHOWN, skip=first - 1)
    pages = Markup("")
    if found.count > SHOWN:
        links = []
        for at, words in ((first - SHOWN, f"‹ {SHOWN} before"), (first + SHOWN, f"{SHOWN} more ›")):
            if 1 - SHOWN < at <= found.count and at != first:
                where = address(_PATH, date=day, state=state, job=job.job, refusal=max(at, 1))
                links.append(Markup('<a class="btn" href="{}#job">{}</a>').format(where, words))
        last = first + len(found.rows) - 1
        pages = Markup('<p class="turn">{} <span class="small">{} to {} of {}</span></p>').format(
            Markup(" ").join(links), first, last, numbers.count(found.count)
        )
    if not found.count:
        return Markup("<h3>Refused rows</h3><p>None was ever refused.</p>")
    return Markup('<h3>Refused rows</h3><p class="small">{}</p>{}{}').format(
        loads_words.refused(found), refused_table(found.rows, with_job=False), pages
    )


def _drift(held: Held, job: JobLoads) -> Markup:
    found = held.loads.drifts(job.job)
    if not found:
        return Markup("")
    parts = [
        Markup(
            "<p><b>{}</b>, in {}, taken in {}; {}. To take it in, add this line to the columns of the job; a "
            '<code>?</code> has to be filled in:</p><pre tabindex="0" role="region" aria-label="Drafted line '
            'for {}">{}</pre>'
        ).format(
            one.field, one.file, times.local_moment(one.seen_at),
            Markup("it holds, for instance, <code>{}</code>").format(one.example) if one.example else "it is empty",
            one.field, one.draft,
        )
        for one in found
    ]  # fmt: skip
    return Markup('<h3>New columns</h3><div class="commands">{}</div>').format(Markup("").join(parts))


def _arrived(held: Held, job: JobLoads, day: date, state: str | None) -> Markup:
    def at(number: int) -> str:
        return f"{address(_PATH, date=day.replace(day=number), state=state, job=job.job)}#job"

    matrix, month = held.loads.day(day, job.job), held.loads.month(day, job.job)
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    around = Markup('<p class="turn">{}{}</p>').format(
        *(
            Markup('<a class="btn" data-name="{}" href="{}#job" aria-label="{}, {}">{}</a>').format(
                name, address(_PATH, date=one, state=state, job=job.job), words, times.middle_day(one),
                f"‹ {one.day} {one:%b}" if name == "before" else f"{one.day} {one:%b} ›",
            )
            for name, words, one in (("before", "Day before", before), ("after", "Day after", after))
        )
    )  # fmt: skip
    return Markup(
        '<h3>What arrived, {}</h3>{}{}{}<h3>{:%B %Y}</h3>{}<p class="src">Choose a day with the mouse, or Tab and '
        "Enter; ← and → go along the days.</p>"
    ).format(times.long_day(day), around, picture(matrix), matrix_table(matrix), day, picture(month, at, day.day))


def _without_days(job: JobLoads) -> Markup:
    if job.last_answer is None:
        return Markup("<h3>What arrived</h3><p>Nothing has ever come of this job.</p>")
    return Markup(
        "<h3>What arrived</h3><p>Its files are of all time and not of a day, so there are no periods to show. "
        "The newest came {}.</p>"
    ).format(times.local_moment(job.last_answer))
