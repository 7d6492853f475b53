"""Period: which action set the price, stage by stage?"""

from __future__ import annotations

import datetime

from markupsafe import Markup

from dashboards.address import address
from dashboards.declared import Content, page
from dashboards.held import Held
from dashboards.parts.controls import period_and_run, report_link, report_words
from dashboards.parts.day_tables import to_look_at
from dashboards.parts.opened import chosen_period, opened_day
from dashboards.parts.period_box import key_figures, picture, why
from dashboards.parts.stage_box import stage_box, strip
from dashboards.parts.stages import NAMES
from reports.look import times
from reports.sections.actions import every_action
from reports.views import DayView, PeriodView

_PATH = "/period"
_LAST_STAGE = "10"


@page(_PATH, title="Period", group="Watch", question="Which action set it?")
def period(held: Held, date: datetime.date | None, run: str | None, period: int | None, stage: str | None) -> Content:
    """Key figures, the strip of stages, the stack after one, every action."""
    view = opened_day(held, date, run)
    chosen = chosen_period(view, period) or next(iter(to_look_at(view)), view.periods[0])
    at = stage or _LAST_STAGE
    number = chosen.settlement_period
    main = Markup(
        '<div class="hd"><h1 tabindex="-1">Period {}, {}</h1><span class="small">{} to {} · {} · run {}</span>'
        '<span class="sp">{}{}{}</span></div>{}{}{}<p>{}</p>'
    ).format(
        number, times.span(chosen), times.utc_clock(chosen.start), times.utc_clock(chosen.end),
        times.long_day(view.settlement_date), view.run, _before_and_after(view, chosen, at),
        period_and_run(_PATH, held, view, chosen), report_link(held, view, number),
        key_figures(chosen, short=False, replacement=True), why(chosen),
        _stack(view, chosen, at), _links(held, view, chosen),
    )  # fmt: skip
    title = f"Period {number}, {times.middle_day(view.settlement_date)}"
    said = f"Period {number}, stage {at}, {NAMES[at]}"
    state = {"date": view.settlement_date, "run": view.run, "period": number, "stage": stage}
    return Content(title, main, view, said, state)


def _stack(view: DayView, chosen: PeriodView, stage: str) -> Markup:
    if not chosen.actions:
        return picture(chosen, stage)
    return Markup('{}{}<section class="box"><h2>Every action</h2>{}</section>').format(
        strip(view, chosen, stage), stage_box(view, chosen, stage), every_action(chosen)
    )


def _before_and_after(view: DayView, chosen: PeriodView, stage: str) -> Markup:
    number, links = chosen.settlement_period, []
    for other, name, words in ((number - 1, "before", "‹ {}"), (number + 1, "after", "{} ›")):
        if 1 <= other <= len(view.periods):
            where = address(_PATH, date=view.settlement_date, run=view.run, period=other, stage=stage)
            links.append(
                Markup('<a class="btn" data-name="{}" href="{}" aria-label="Period {}, {}">{}</a>').format(
                    name, where, name, other, words.format(other)
                )
            )
    return Markup("").join(links)


def _links(held: Held, view: DayView, chosen: PeriodView) -> Markup:
    day = address("/day", date=view.settlement_date, run=view.run, period=chosen.settlement_period)
    return Markup('<a href="{}">The whole day</a> · {}').format(day, report_words(held, view, chosen.settlement_period))
