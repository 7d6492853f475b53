"""Loads: what is late, odd or refused, and what mends it?"""

from __future__ import annotations

import datetime

from markupsafe import Markup

from dashboards.declared import Content, page
from dashboards.held import Held
from dashboards.parts.loads_job import job_box
from dashboards.parts.loads_wall import tally, wall_of
from reports.sections import loads_words

_PATH = "/loads"


@page(_PATH, title="Loads", group="Watch", question="What is late, odd or refused?")
def loads(held: Held, date: datetime.date | None, state: str | None, job: str | None, refusal: int | None) -> Content:
    """Sentence, counts by state, the wall, and the chosen job: the worst where none is named."""
    wall = held.loads.wall()
    shown = wall.of_state(state) if state else list(wall.jobs)
    chosen = wall.job(job) if job else next(iter(shown), wall.jobs[0])
    main = Markup('<div class="hd"><h1 tabindex="-1">Loads</h1></div><p class="say">{}</p>{}{}{}').format(
        loads_words.lead_sentence(wall),
        tally(wall, state, job),
        wall_of(wall, state, chosen.job),
        job_box(held, wall, chosen, date, state, refusal),
    )
    said = f"{state or 'all'} jobs, {chosen.job} chosen, {chosen.state}"
    return Content(
        f"Loads, {chosen.job}", main, says=said, state={"date": date, "state": state, "job": job},
        as_of=wall.newest, stamps=("SYNTHETIC",) if wall.synthetic else (),
    )  # fmt: skip
