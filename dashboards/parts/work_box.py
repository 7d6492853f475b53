"""One entry of the page Work list: its facts, what was said of it, and the forms that assign, comment and sign off."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from dashboards.address import address
from dashboards.held import Held
from dashboards.parts.work_table import state_chip
from reports.look import numbers, times
from reports.signoff.records import LONGEST_COMMENT, Entry
from reports.work.listed import actions_of
from reports.work.records import WorkItem

_BUTTONS = {
    "prepare": "Sign as prepared", "review": "Sign as reviewed", "publish": "Publish", "close": "Close",
    "reopen": "Reopen",
}  # fmt: skip
_DONE = {
    "prepare": "prepared it", "review": "reviewed it", "publish": "published it", "close": "closed it",
    "reopen": "reopened it", "supersede": "superseded it", "comment": "said",
}  # fmt: skip


def item_box(held: Held, one: WorkItem) -> Markup:
    """The lower half of the page."""
    return Markup(
        '<section class="box" id="item"><h2>{} <span class="small">{}</span></h2>{}<p><b>{}</b></p><p>{}</p>{}'
        '<div class="two"><div><h3>What was said</h3>{}</div><div><h3>What to do, as {}</h3>{}</div></div></section>'
    ).format(
        one.title, one.id, _facts(one), _sentence(one.reason), _links(one), _dispute(held, one), _history(one),
        held.viewer.name, _forms(held, one),
    )  # fmt: skip


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _facts(one: WorkItem) -> Markup:
    day = one.deadline.day
    left = "" if one.days_left is None else f"{numbers.count(one.days_left)} days, "
    facts: list[tuple[str, Markup | str, str]] = [
        ("Worth", numbers.NOT_THERE if one.money is None else f"£{numbers.money(one.money)}", one.money_says),
        ("Deadline", times.short_day(day) if day else numbers.NOT_THERE, f"{left}{one.deadline.says}"),
        ("State", state_chip(one), ""),
        ("With", one.assigned_to or "nobody", ""),
    ]
    boxes = [Markup("<div><dt>{}</dt><dd>{} <small>{}</small></dd></div>").format(*fact) for fact in facts]
    return Markup('<dl class="facts">{}</dl>').format(Markup("").join(boxes))


def _links(one: WorkItem) -> Markup:
    """Where it can be looked at."""
    links = []
    if one.settlement_date is not None and one.run is not None:
        where = {"date": one.settlement_date, "run": one.run, "period": one.settlement_period}
        if one.settlement_period is not None:
            links.append((address("/period", **where), "The stack of the period"))
        links.append((address("/day", **where), "The whole day"))
    if one.job is not None:
        links.append((f"{address('/loads', job=one.job)}#job", f"The job {one.job}"))
    said = [Markup('<a href="{}">{}</a>').format(where, words) for where, words in links]
    return Markup(" · ").join([*said, Markup("To do: {}").format(one.todo)])


def _dispute(held: Held, one: WorkItem) -> Markup:
    """The command that shows a dispute; for a price, the form that opens one, and the command that does the same."""
    if one.dispute is None:
        return Markup("")
    command = Markup(
        '<div class="commands"><pre tabindex="0" role="region" aria-label="Command">{} --home {}</pre></div>'
    ).format(one.dispute, held.home)
    folded = Markup('<details class="all" id="dispute"><summary>{}</summary>{}{}</details>')
    if one.kind == "dispute":
        return folded.format("The dispute", "", command)
    form = Markup(
        '<form class="act" method="post" action="/work-list/act">{}<label for="why">Why it is a Settlement Error'
        '</label><textarea id="why" name="comment" rows="3" maxlength="{}" required></textarea>'
        '<label for="party">Party whose imbalance is reckoned with, if you know it</label><div class="turn">'
        '<input id="party" name="party" maxlength="30"><button class="btn pri" name="action" value="dispute">Open a '
        'draft</button></div></form><p class="src">A draft freezes figures and inputs of this run; it is completed and '
        "raised with bsc dispute. Or in a terminal:</p>"
    ).format(_hidden(held, one), LONGEST_COMMENT)
    return folded.format("Open a dispute", form, command)


def _hidden(held: Held, one: WorkItem) -> Markup:
    """What every form sends along: what it is about, and what its author has seen."""
    return Markup(
        '<input type="hidden" name="token" value="{}"><input type="hidden" name="item" value="{}">'
        '<input type="hidden" name="subject" value="{}"><input type="hidden" name="seen" value="{}">'
    ).format(held.replays.token, one.id, one.subject.id, one.seen)


def _history(one: WorkItem) -> Markup:
    if not one.entries:
        return Markup("<p>Nothing was said of it yet.</p>")
    lines = Markup("").join(Markup("<li>{}</li>").format(_entry(entry)) for entry in reversed(one.entries))
    return Markup('<ol class="said" reversed>{}</ol><p class="src">Entries of the sign-off chain, the newest first; '
                  "none is ever changed.</p>").format(lines)  # fmt: skip


def _entry(entry: Entry) -> Markup:
    body = entry.body
    done = f"gave it to {body.assigned_to or 'nobody'}" if body.action == "assign" else _DONE[body.action]
    said = Markup('<span class="words">{}</span>').format(body.comment) if body.comment else ""
    signed = ", signed by key" if body.key_id else ""
    return Markup('<b>{}</b> {} <span class="small">{}, entry {}{}</span>{}').format(
        body.who, done, times.local_moment(datetime.fromisoformat(body.at)), entry.number, signed, said
    )


def _forms(held: Held, one: WorkItem) -> Markup:
    moves = Markup("").join(
        Markup('<button class="btn{}" name="action" value="{}">{}</button>').format(
            " pri" if place == 0 else "", action, _BUTTONS[action]
        )
        for place, action in enumerate(actions_of(one))
    )
    hidden = _hidden(held, one)
    return Markup(
        '<form class="act" method="post" action="/work-list/act">{}<label for="comment">Comment: what you looked at, '
        'or why</label><textarea id="comment" name="comment" rows="3" maxlength="{}" required></textarea>'
        '<div class="turn">{}<button class="btn" name="action" value="comment">Comment</button></div></form>'
        '<form class="act" method="post" action="/work-list/act">{}<input type="hidden" name="action" value="assign">'
        '<label for="to">Give it to</label><div class="turn"><input id="to" name="to" maxlength="100" value="{}">'
        '<button class="btn">Assign</button></div></form>{}'
    ).format(hidden, LONGEST_COMMENT, moves, hidden, one.assigned_to, _rule(one))


def _rule(one: WorkItem) -> Markup:
    if one.kind != "sign-off":
        return Markup("")
    prepared = next((entry.body.who for entry in reversed(one.entries) if entry.body.action == "prepare"), None)
    who = f" {prepared} prepared it." if one.state == "prepared" and prepared else ""
    return Markup('<p class="src">Who reviews must not be who prepared.{}</p>').format(who)
