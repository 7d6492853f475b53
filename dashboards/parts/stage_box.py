"""The strip of stages, the stack after one of them, and what that stage did."""

from __future__ import annotations

from markupsafe import Markup

from dashboards.address import STAGES, address
from dashboards.parts import stages
from dashboards.parts.period_box import key, picture
from reports.charts import price_average_strip, two_widths
from reports.look import numbers, times
from reports.sections import formulas
from reports.views import DayView, PeriodView


def strip(day: DayView, period: PeriodView, stage: str) -> Markup:
    """Links to the stages 1 to 10, the shown one marked."""
    entries = []
    for name in STAGES:
        where = address("/period", date=day.settlement_date, run=day.run, period=period.settlement_period, stage=name)
        current = Markup(' aria-current="step"') if name == stage else ""
        words = stages.NAMES[name]
        entries.append(
            Markup(
                '<li><a href="{}" data-name="stage-{}"{} aria-label="{}, {}"><b>{}</b><span>{}</span></a></li>'
            ).format(where, name, current, name, words, name, words)
        )
    return Markup('<nav aria-label="Stages of the price"><ol class="steps">{}</ol></nav>').format(
        Markup("").join(entries)
    )


def stage_box(day: DayView, period: PeriodView, stage: str) -> Markup:
    """Picture first, at the same place on all stages; below it the words and the volumes."""
    created = f" Source: stack created {times.utc_moment(period.stack_created)}." if period.stack_created else ""
    return Markup(
        '<figure class="fig">{}{}<p class="src">Sells left of zero, buys right; width is MWh, height GBP/MWh. Nothing '
        "moves between stages 3 and 10: what leaves stays as a ghost, outlined in black where it leaves. ← and → step."
        '{}</p></figure><section class="stage" aria-labelledby="stage-name"><div class="text"><p class="small">'
        'Stage {} of 10</p><h2 id="stage-name">{}</h2><p class="say">{}</p><p class="small">{}</p>{}</div>'
        "<div>{}{}</div></section>"
    ).format(
        picture(period, stage), key(period), created, stage, stages.NAMES[stage], stages.happened(period, stage),
        stages.RULES[stage], _formula(period, stage), _volumes(period, stage), _clause(day, period, stage),
    )  # fmt: skip


def _formula(period: PeriodView, stage: str) -> Markup:
    """With numbers at 7 and 9, the result at 10, and the MWh inside PAR enlarged at 8."""
    if stage == "8":
        drawn = two_widths(lambda width: price_average_strip(period, width))
        return Markup('<div class="pic">{}</div>').format(Markup(drawn))
    found = {"7": formulas.replacement_price, "9": formulas.system_price, "10": formulas.system_price}.get(stage)
    formula = found(period) if found else None
    if formula is None:
        return Markup("")
    shown = formula.result if stage == "10" else formula.symbols + formula.with_numbers
    return Markup('<div class="fx" tabindex="0" role="group" aria-label="Formula">{}</div>').format(Markup(shown))


def _volumes(period: PeriodView, stage: str) -> Markup:
    now = stages.left_after(period, stage)
    if now is None:
        return Markup("")
    place = STAGES.index(stage)
    before = stages.left_after(period, STAGES[place - 1]) if place else now
    removed = tuple(a - b for a, b in zip(now, before or now, strict=True))
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td class="n">{}</td><td class="n">{}</td></tr>').format(
            name, numbers.signed_volume(removed[side]), numbers.volume(now[side])
        )
        for side, name in enumerate(("Buys", "Sells"))
    )
    head = "In PAR" if place >= STAGES.index("8") else "Left now"
    went = "Outside PAR" if stage == "8" else "Removed here"
    return Markup(
        '<table><thead><tr><th scope="col">MWh</th><th scope="col" class="n">{}</th><th scope="col" '
        'class="n">{}</th></tr></thead><tbody>{}</tbody><tfoot><tr><th scope="row">Sum</th><td class="n">{}</td>'
        '<td class="n">{}</td></tr></tfoot></table>'
    ).format(went, head, rows, numbers.signed_volume(sum(removed)), numbers.signed_volume(sum(now)))


def _clause(day: DayView, period: PeriodView, stage: str) -> Markup:
    clause, evidence = stages.clause_and_evidence(day, period, stage)
    if not clause:
        return Markup("")
    shown = Markup(' &nbsp; <b>Evidence</b> <span class="ev">{}</span>').format(evidence) if evidence else ""
    note = Markup("<br>~ clause number not checked against the text.") if "~" in clause else ""
    return Markup('<p class="clause"><b>Clause</b> {}{}{}</p>').format(clause, shown, note)
