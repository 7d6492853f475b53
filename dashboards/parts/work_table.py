"""The upper half of the page Work list: the sentence, counts by kind, and the entries in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from dashboards.address import address
from reports.look import numbers, times
from reports.sections.tables import Column, Row, table
from reports.signoff.people import same_person
from reports.work.records import KIND_WORDS, KINDS, WorkItem, WorkList

_PATH = "/work-list"
SHOWN = 50  # entries on one page


def lead_sentence(work: WorkList) -> str:
    """What is open, what it is worth, what comes first: made from the rows of the table."""
    if not work.open:
        return "Nothing waits for a person: every price is relied on or closed, and every run looked at is published."
    count = len(work.open)
    unknown = sum(one.money is None for one in work.open)
    said = f"{count} {'entry waits' if count == 1 else 'entries wait'} for a person."
    if work.worth:
        said += f" The prices among them are worth at most £{numbers.money(work.worth)}."
    if unknown:
        said += f" Of {unknown} the worth is not known: they stand last."
    coming = work.next_deadline
    if coming is not None and coming.deadline.day is not None:
        said += f" The next deadline is {times.short_day(coming.deadline.day)}: {coming.title}, {coming.deadline.says}."
    else:
        said += " None has a deadline ahead."
    return said


def shown_items(work: WorkList, kind: str | None, whose: str | None, me: str) -> list[WorkItem]:
    """The entries that an address asks for."""

    def wanted(one: WorkItem) -> bool:
        if whose == "closed":
            return not one.open
        mine = whose != "mine" or same_person(one.assigned_to, me)
        return one.open and mine and (whose != "nobody" or not one.assigned_to)

    return [one for one in work.items if wanted(one) and kind in (None, one.kind)]


def tally(work: WorkList, kind: str | None, whose: str | None) -> Markup:
    """How many open entries there are of each kind; each count filters."""
    counts = Counter(one.kind for one in work.open)
    boxes = [(None, "all", len(work.open)), *((one, KIND_WORDS[one], counts[one]) for one in KINDS)]
    links = [
        Markup('<a href="{}" class="t-work{}" data-name="kind-{}"{}><b>{}</b><span>{}</span></a>').format(
            address(_PATH, kind=name, whose=whose), "" if count else " zero", name or "all",
            Markup(' aria-current="true"') if name == kind else "", numbers.count(count), words,
        )
        for name, words, count in boxes
    ]  # fmt: skip
    return Markup('<nav class="states" aria-label="Entries by kind">{}</nav>').format(Markup("").join(links))


def whose_links(work: WorkList, kind: str | None, whose: str | None, me: str) -> Markup:
    """Open, mine, with nobody, closed."""
    wanted = ((None, "All open"), ("mine", f"With {me}"), ("nobody", "With nobody"), ("closed", "Closed"))
    links = [
        Markup('<a class="btn" data-name="whose-{}" href="{}"{}>{} <small>{}</small></a>').format(
            name or "all", address(_PATH, kind=kind, whose=name),
            Markup(' aria-current="true"') if name == whose else "", words,
            numbers.count(len(shown_items(work, kind, name, me))),
        )
        for name, words in wanted
    ]  # fmt: skip
    return Markup('<nav class="turn whose" aria-label="Whose entries">{}</nav>').format(Markup("").join(links))


def work_table(
    items: Sequence[WorkItem], kind: str | None, whose: str | None, chosen: WorkItem | None, first: int
) -> Markup:
    """The entries from the `first` on, counted from 1; each leads to its box below."""
    if not items:
        return Markup('<section class="box"><p>{}</p></section>').format(_empty(kind, whose))
    columns = [
        Column("Entry"),
        Column("Worth", "£, at most", figure=True, label="Worth, £"),
        Column("Deadline", label="Deadline"),
        Column("Left", "days", figure=True, label="Days left"),
        Column("State", label="State"),
        Column("With", label="With"),
        Column("To do", label="To do"),
    ]
    rows = [
        Row(_cells(one, kind, whose), "chosen" if chosen is not None and one.id == chosen.id else "", one.reason, "Why")
        for one in items[first - 1 : first - 1 + SHOWN]
    ]
    return Markup('<section class="box" id="list"><h2>By money, then days left</h2>{}{}</section>').format(
        table(columns, rows, "Entries of the Work list", "cards jobs work"), _turn(len(items), kind, whose, first)
    )


def _turn(count: int, kind: str | None, whose: str | None, first: int) -> Markup:
    if count <= SHOWN:
        return Markup("")
    links = [
        Markup('<a class="btn" href="{}#list">{}</a>').format(
            address(_PATH, kind=kind, whose=whose, entry=max(at, 1)), words
        )
        for at, words in ((first - SHOWN, f"‹ {SHOWN} before"), (first + SHOWN, f"{SHOWN} more ›"))
        if 1 - SHOWN < at <= count
    ]
    last = min(first + SHOWN - 1, count)
    return Markup('<p class="turn">{} <span class="small">{} to {} of {}</span></p>').format(
        Markup(" ").join(links), min(first, count), last, numbers.count(count)
    )


def _cells(one: WorkItem, kind: str | None, whose: str | None) -> list[str | Markup]:
    where = f"{address(_PATH, kind=kind, whose=whose, item=one.id)}#item"
    day = one.deadline.day
    return [
        Markup('<a href="{}">{}</a>').format(where, one.title),
        numbers.NOT_THERE if one.money is None else numbers.money(one.money),
        Markup('<span class="nb">{}</span>').format(times.short_day(day)) if day else numbers.NOT_THERE,
        numbers.DOES_NOT_APPLY if one.days_left is None else numbers.count(one.days_left),
        state_chip(one),
        one.assigned_to or "nobody",
        one.todo,
    ]


def state_chip(one: WorkItem) -> Markup:
    """The state in words; what late data touch says so."""
    late = Markup(' <span class="v v-late">late data</span>') if one.late else Markup("")
    return Markup('<span class="v v-{}">{}</span>{}').format(
        "fresh" if one.state in ("published", "closed") else "never", one.state, late
    )


def looked_at(work: WorkList) -> Markup:
    """Which days were looked at, and what the order and the figures are."""
    if not work.days:
        return Markup('<p class="src">No day is settled yet, so no price and no sign-off can wait.</p>')
    count = len(work.days)
    days = times.short_day(work.days[-1]) + (f" to {times.short_day(work.days[0])}" if count > 1 else "")
    more = (
        f" {numbers.count(work.left_out)} settled days before them are not looked at here: bsc work list --days N."
        if work.left_out
        else ""
    )
    return Markup(
        '<p class="src">Prices and sign-offs of {} settled {}, {}.{} Worth is |difference| × |NIV|, an upper measure, '
        "owed by nobody; of a sign-off, of its whole day. none: not known, or no deadline.</p>"
    ).format(numbers.count(count), "day" if count == 1 else "days", days, more)


def _empty(kind: str | None, whose: str | None) -> str:
    what = f"of the kind {KIND_WORDS[kind]} " if kind else ""
    about = {None: "waits for a person", "mine": "is with you", "nobody": "is without a person", "closed": "is closed"}
    return f"No entry {what}{about[whose]}."
