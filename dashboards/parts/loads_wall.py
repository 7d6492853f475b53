"""The wall: how many jobs are in each state, and the jobs themselves, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from markupsafe import Markup

from dashboards.address import address
from dashboards.parts.loads_chips import WORDS, chip, glyph
from reports.loads_records import NEEDS_A_PERSON, STATES, JobLoads, Wall
from reports.look import numbers, times
from reports.sections.tables import Column, Row, table

_PATH = "/loads"


def tally(wall: Wall, state: str | None, job: str | None) -> Markup:
    """A link for each state with its count; the one that is shown leads back to all."""
    counts = wall.counts()
    entries = []
    for one in STATES:
        chosen = one == state
        where = address(_PATH, state=None if chosen else one, job=job)
        entries.append(
            Markup('<a class="t-{}{}" data-name="state {}" href="{}"{}><b>{}</b><span>{}{}</span></a>').format(
                one, "" if counts[one] else " zero", one, where, Markup(' aria-current="true"') if chosen else "",
                counts[one], glyph(one), WORDS[one],
            )
        )  # fmt: skip
    return Markup('<nav class="states" aria-label="Jobs by state">{}</nav>').format(Markup("").join(entries))


def wall_of(wall: Wall, state: str | None, chosen: str | None) -> Markup:
    """The jobs of a state; without one those that need a person, and the others folded."""
    if state is not None:
        found = wall.of_state(state)
        head = f"{len(found)} {'job' if len(found) == 1 else 'jobs'}: {WORDS[state]}"
        every = Markup('<p><a href="{}">All states</a></p>').format(address(_PATH, job=chosen))
        return Markup('<section class="box" id="wall"><h2>{}</h2>{}{}</section>').format(
            head, _jobs(wall, found, state, chosen) if found else Markup("<p>None.</p>"), every
        )
    needs = [one for one in wall.jobs if one.state in NEEDS_A_PERSON]
    shown = _jobs(wall, needs, None, chosen) if needs else Markup("<p>Nothing: no job is late, odd or refused.</p>")
    folds = Markup("").join(
        _folded(wall, kept, name, words, chosen)
        for name, words in (("fresh", "fresh jobs"), ("never", "jobs of which nothing ever came"))
        if (kept := wall.of_state(name))
    )
    return Markup('<section class="box" id="wall"><h2>What needs a person</h2>{}{}</section>').format(shown, folds)


def _folded(wall: Wall, jobs: Sequence[JobLoads], name: str, words: str, chosen: str | None) -> Markup:
    said = f"{len(jobs)} {words if len(jobs) != 1 else words.replace('jobs', 'job')}"
    return Markup('<details class="all" id="{}-jobs"><summary>{}</summary>{}</details>').format(
        name, said, _jobs(wall, jobs, None, chosen) if name != "never" else _names(jobs, chosen)
    )


def _names(jobs: Sequence[JobLoads], chosen: str | None) -> Markup:
    entries = [
        Markup('<li><a href="{}"{}>{}</a> <span class="small">{}</span></li>').format(
            _at(one.job), Markup(' aria-current="true"') if one.job == chosen else "", one.job, one.title
        )
        for one in jobs
    ]
    return Markup('<ul class="list">{}</ul>').format(Markup("").join(entries))


def _at(job: str, state: str | None = None) -> str:
    return f"{address(_PATH, state=state, job=job)}#job"


def _jobs(wall: Wall, jobs: Sequence[JobLoads], state: str | None, chosen: str | None) -> Markup:
    periods = "periods"
    columns = [
        Column("Job"),
        Column("State", label="State"),
        Column("Since", label="Since", class_="more"),
        Column("Newest day", label="Newest day"),
        Column("Arrived", periods, figure=True, label="Arrived", class_="more"),
        Column("Empty", periods, figure=True, label="Empty", class_="more"),
        Column("Incomplete", periods, figure=True, label="Incomplete"),
        Column("Not arrived", periods, figure=True, label="Not arrived"),
        Column("Refused", "rows, files", figure=True, label="Refused"),
        Column("Last answer", label="Last answer", class_="more"),
        *([Column("Next due", label="Next due")] if wall.fetches else []),
    ]
    rows = [Row(_cells(wall, one, state), "chosen" if one.job == chosen else "", _why(one), "Why") for one in jobs]
    return table(columns, rows, "Jobs", "cards jobs")


def _why(one: JobLoads) -> Markup:
    """What the job brings, and why it stands as it does."""
    return Markup('<span class="title">{}</span>{}').format(
        one.title, f". {one.reason[0].upper()}{one.reason[1:]}" if one.reason else ""
    )


def _cells(wall: Wall, one: JobLoads, state: str | None) -> list[str | Markup]:
    counts = [
        numbers.count(one.cells[cell]) if one.day else numbers.DOES_NOT_APPLY
        for cell in ("rows", "empty", "incomplete", "missing")
    ]
    return [
        Markup('<a href="{}">{}</a>').format(_at(one.job, state), one.job),
        chip(one.state),
        moment(one.since),
        Markup('<span class="nb">{}</span>').format(times.short_day(one.day)) if one.day else "no days",
        *counts,
        numbers.count(one.refused),
        moment(one.last_answer),
        *([moment(one.next_due)] if wall.fetches else []),
    ]


def moment(instant: datetime | None) -> Markup:
    """An instant in local time, with its year where that is not the present one; "–" for none."""
    if instant is None:
        return Markup(numbers.DOES_NOT_APPLY)
    this_year = f" {datetime.now(UTC):%Y} "
    said = times.local_moment(instant).replace(this_year, " ")
    return Markup('<span class="nb">{}</span>').format(said)
