"""The page of a case: one HTML file, whole offline, in the look of the reports."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from reports.disputes import dated
from reports.disputes.deadline import Deadline
from reports.disputes.evidence import Evidence
from reports.disputes.money import Money
from reports.disputes.page_inputs import inputs_section, record_section
from reports.disputes.page_values import claim_section, explanation_section, money_section, variance_section
from reports.disputes.records import Case
from reports.look import glyphs, numbers, styles, times

SECTIONS = (
    ("cover", "The case"), ("claim", "What the party says"), ("money", "What it is worth"),
    ("explanation", "How the values came about"), ("variance", "What moved since the earlier run"),
    ("inputs", "Inputs"), ("record", "What happened, what is not known"),
)  # fmt: skip


def title(case: Case) -> str:
    """Dispute 7, system price, 15 January 2024, run SF."""
    subject = case.subject
    days = sorted(day.settlement_date for day in subject.days)
    span = times.middle_day(days[0]) + ("" if len(days) == 1 else f" to {times.middle_day(days[-1])}")
    parts = [f"Dispute {case.number}", subject.quantity.replace("_", " "), span, f"run {subject.runs}"]
    return ", ".join(parts)


def stamps(case: Case) -> list[str]:
    """Words that must stand on each page."""
    marks = ["CONFIDENTIAL"]
    if case.state != "raised":
        marks.append(case.state.upper())
    if any(day.synthetic for day in case.subject.days):
        marks.append("SYNTHETIC")
    if any(day.assumed for day in case.subject.days):
        marks.append("ASSUMED")
    return marks


def page(
    case: Case, worth: Money, end: Deadline | None, shown: Evidence, day: date, run_id: str, content: str
) -> str:  # fmt: skip
    """The whole HTML text; no clock has a part in it.

    day      the day that deadline and threshold are judged on
    run_id   as the manifest states it
    content  content hash, over run and figures
    """
    foot = f"{title(case)}, {', '.join(stamps(case))} · content {content[:16]}"
    marks = Markup("").join(Markup('<span class="stamp">{}</span>').format(word) for word in stamps(case))
    sections = [
        cover(case, worth, end, day, run_id, content), claim_section(case), money_section(case, worth, day),
        explanation_section(shown), variance_section(shown), inputs_section(case), record_section(case),
    ]  # fmt: skip
    return Markup(
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="run-id" content="{}"><meta name="content-hash" content="{}">'
        '<title>{}</title><link rel="icon" href="data:,"><style>{}</style></head>\n<body class="report dispute">{}'
        '<a class="skip" href="#main">Skip to content</a>\n<div class="wrap"><header class="bar">'
        "<span><b>Settlement workbench</b> &nbsp;Trading Dispute</span><span>{}</span></header>\n{}"
        '<main id="main">{}</main>\n<footer>{}. Content SHA-256 <span class="mono">{}</span>. To verify: '
        '<span class="mono">bsc verify {}.html --key PUBLIC.json</span></footer></div>\n</body></html>\n'
    ).format(
        run_id, content, title(case), Markup(styles.for_report(foot) + styles.sheet("dispute")),
        Markup(glyphs.definitions()), marks, _contents(), Markup("\n").join(sections), title(case), content, case.name,
    )  # fmt: skip


def _contents() -> Markup:
    entries = Markup("").join(Markup('<li><a href="#{}">{}</a></li>').format(*one) for one in SECTIONS)
    return Markup(
        '<nav class="toc" aria-label="Contents"><details class="nar"><summary>Contents</summary><ol>{}</ol></details>'
        '<div class="big"><h2>Contents</h2><ol>{}</ol></div></nav>\n'
    ).format(entries, entries)


def cover(case: Case, worth: Money, end: Deadline | None, day: date, run_id: str, content: str) -> Markup:
    """What is disputed, what it is worth, until when, and who may see it."""
    subject, said = case.subject, case.said
    count = len(case.figures)
    places = f"{count} Settlement Period{'' if count == 1 else 's'}"
    if all(row.settlement_period is None for row in case.figures):
        places = f"{count} Settlement Date{'' if count == 1 else 's'}"
    lead = f"{subject.quantity.replace('_', ' ').capitalize()} in {places}: {_worth(worth)}"
    return Markup(
        '<section class="cover" id="cover"><p class="kick">Trading Dispute {}, {}</p><h1>{}</h1>'
        '<p class="lead">{}</p><div class="seal warned"><p><b>Who may see this.</b> {}</p></div>{}{}</section>'
    ).format(case.number, case.state, title(case), lead, _who(case), _facts(case, worth, end, day, said.raising_party),
             _seal(case, run_id, content))  # fmt: skip


def _worth(worth: Money) -> str:
    if worth.total is None:
        return "the effect is not known yet."
    size = f"£{numbers.money(abs(worth.total))}"
    if worth.formula.startswith("upper"):
        return f"at most {size} over the whole market, no party is named."
    return f"{size} {'due to' if worth.total >= 0 else 'due from'} the party."


def _pounds(worth: Money) -> str:
    if worth.total is None:
        return "not known"
    return f"{numbers.MINUS if worth.total < 0 else ''}£{numbers.money(abs(worth.total))}"


def _who(case: Case) -> str:
    kept_back = {
        one.licence for day in case.subject.days for one in day.inputs if not dated.licence(one.licence).in_pack
    }
    private = {
        one.licence for day in case.subject.days for one in day.inputs
        if dated.licence(one.licence).in_pack and dated.licence(one.licence).shown_to != "anyone"
    }  # fmt: skip
    words = ["Trading Disputes are confidential. This pack is for the staff of the desk that made it."]
    if private:
        words.append("It holds files that are confidential to the Parties named in them: give it to no other Party.")
    if kept_back:
        words.append("Files that may be analysed and not redistributed are named by hash and are not in it.")
    return " ".join(words)


def _facts(case: Case, worth: Money, end: Deadline | None, day: date, raising: str) -> Markup:
    subject = case.subject
    limit = dated.threshold(day)
    key = ", ".join(f"{name.replace('_', ' ')} {label}" for name, label in subject.key.items())
    kind = dated.dispute_type(case.said.dispute_type).title if case.said.dispute_type else "not set"
    met = "not known" if worth.size is None else "met" if worth.size >= limit.value else "NOT met"  # type: ignore[operator]
    last = "not known" if end is None else times.middle_day(end.last_day)
    judged = "raised on" if case.raised_on else "judged on"
    contact = f"{case.said.contact_name} {case.said.contact_address}".strip() or "no contact"
    about = f"{subject.clause or 'input'}; {key or 'of the whole system'}"
    facts = [
        ("Raising Party", raising or "not set", contact),
        ("Quantity", f"{subject.symbol}, {subject.unit}", about),
        ("Run", subject.runs, subject.span),
        ("Dispute type", kind, f"{judged} {times.middle_day(day)}"),
        ("Last day to raise it", last, "certain" if end is not None and end.certain else "NOT certain: see the count"),
        ("Effect", _pounds(worth),
         f"threshold £{numbers.count(int(limit.value))} {met} ({limit.evidence})"),
    ]  # fmt: skip
    boxes = [Markup("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>").format(*fact) for fact in facts]
    counted = "" if end is None else Markup('<p class="small">Deadline: {}. Source: {} ({}).</p>').format(
        end.counted, end.source, end.evidence
    )  # fmt: skip
    return Markup('<dl class="facts">{}</dl>{}').format(Markup("").join(boxes), counted)


def _seal(case: Case, run_id: str, content: str) -> Markup:
    return Markup(
        '<div class="seal"><p><b>This page cannot prove itself.</b> Check it, offline, with '
        '<span class="mono">bsc verify {}.zip --key PUBLIC.json</span>, or on the unpacked folder.</p>'
        '<p>Run <span class="mono">{}</span></p><p>Content SHA-256 <span class="mono">{}</span></p></div>'
    ).format(case.name, run_id, content)
