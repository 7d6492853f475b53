"""Day: where do own and published prices differ, and why?"""

from __future__ import annotations

import datetime

from markupsafe import Markup

from dashboards.address import address
from dashboards.declared import Content, page
from dashboards.held import Held
from dashboards.parts.controls import day_before_and_after, period_and_run, report_link
from dashboards.parts.day_tables import every_period, needs_a_person, to_look_at
from dashboards.parts.opened import chosen_period, opened_day
from dashboards.parts.period_box import period_box
from reports.charts import own_against_published, two_widths
from reports.look import times
from reports.sections import words
from reports.views import DayView, PeriodView

_PATH = "/day"


@page(_PATH, title="Day", group="Watch", question="Where do we differ?")
def day(held: Held, date: datetime.date | None, run: str | None, period: int | None) -> Content:
    """Sentence, picture of the day, the chosen period, what needs a person, every period."""
    view = opened_day(held, date, run)
    chosen = chosen_period(view, period) or next(iter(to_look_at(view)), view.periods[0])
    main = Markup(
        '<div class="hd"><h1 tabindex="-1">{}</h1><span class="sp">{}{}{}</span></div><p class="say">{}</p>{}'
        '<div class="two">{}{}</div>{}'
    ).format(
        times.long_day(view.settlement_date),
        day_before_and_after(_PATH, view.settlement_date, view.run),
        period_and_run(_PATH, held, view, chosen),
        report_link(held, view),
        words.lead_sentence(view),
        _picture(view, chosen),
        period_box(held, view, chosen),
        needs_a_person(view),
        every_period(view, chosen),
    )
    said = f"Period {chosen.settlement_period}, {times.span(chosen)}, {chosen.verdict}"
    state = {"date": view.settlement_date, "run": view.run, "period": chosen.settlement_period}
    return Content(f"Day, {times.middle_day(view.settlement_date)}", main, view, said, state)


def _picture(view: DayView, chosen: PeriodView) -> Markup:
    def at(period: int) -> str:
        return address(_PATH, date=view.settlement_date, run=view.run, period=period)

    drawn = two_widths(lambda width: own_against_published(view, chosen.settlement_period, at, width))
    missing = " Hatched: no stack, so nothing is drawn." if any(one.own is None for one in view.periods) else ""
    return Markup(
        '<figure class="fig">{}<figcaption class="src">Line: own. Circles: published.{} Choose a period with the '
        "mouse, or Tab and Enter on the verdict strip; ← and → go along it. Selected: period {}.</figcaption></figure>"
    ).format(Markup(drawn), missing, chosen.settlement_period)
