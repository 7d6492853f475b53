"""The statement of a Party: cover, charges by day and by period, payments, credit, what it does not cover."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from markupsafe import Markup

from reports.look import numbers, times
from reports.payments import Payment
from reports.sections.footed import Figure, Line, footed
from reports.sections.seal import seal
from reports.sections.tables import Column, Row, table
from reports.statement import CHARGES, StatedDay, Statement
from reports.subjects import Subject
from settlement import parameters
from settlement.compare import reported

_SIGNS = "Amounts in GBP as they bear on the Party: + is due to it, − is owed by it."


def span(found: Statement) -> str:
    """Monday 15 January 2024; 15 Jan 2024 to 17 Jan 2024."""
    if found.first == found.last:
        return times.long_day(found.first)
    return f"{times.short_day(found.first)} to {times.short_day(found.last)}"


def cover(found: Statement, subject: Subject) -> str:
    """HTML of the cover: what the Party is due, and whose copy this is."""
    runs = ", ".join(dict.fromkeys(one.view.run for one in found.days))
    units = sorted({unit for one in found.days for unit in one.units.index})
    accounts = sorted({account for one in found.days for account in one.accounts.index})
    newest = max(one.view.data_as_of for one in found.days)
    whose = (
        ("the Party's", "holds nothing of other Parties that is not public")
        if found.own_copy
        else ("the staff's", "holds figures of other Parties: not to be passed on")
    )
    facts = [
        ("Party", found.party, f"{len(units)} BM Units, {len(accounts)} Energy Accounts"),
        ("Days", f"{len(found.days)} settled", f"{len(found.not_settled)} without charges"),
        ("Run", runs, "the one asked for, of each day"),
        ("Data as of", times.local_moment(newest), "the newest file of any day"),
        ("Copy", *whose),
        ("State", "Draft", "nobody has signed it off: not for use in a dispute"),
    ]
    boxes = [Markup("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>").format(*fact) for fact in facts]
    return Markup(
        '<section class="cover" id="cover"><p class="kick">Party statement</p><h1>{}, {}</h1><p class="lead">{}</p>'
        '<dl class="facts">{}</dl>{}</section>'
    ).format(found.party, span(found), lead(found), Markup("").join(boxes), seal(subject))


def lead(found: Statement) -> str:
    """What the Party is due or owes over the days, and how many are not in it."""
    total = reported(sum(one.net for one in found.days), 2)
    days = "1 day" if len(found.days) == 1 else f"{len(found.days)} days"
    if total == 0:
        said = f"{found.party} is due nothing and owes nothing for {days}."
    elif total > 0:
        said = f"{found.party} is due £{numbers.money(total)} for {days}."
    else:
        said = f"{found.party} owes £{numbers.money(-total)} for {days}."
    if found.not_settled:
        count = len(found.not_settled)
        said += " 1 day has no charges and is not in it." if count == 1 else ""
        said += f" {count} days have no charges and are not in it." if count > 1 else ""
    return said


def charges(found: Statement) -> str:
    """HTML of the charges of each day."""
    figures = [*(Figure(words, signed=True) for words, _, _ in CHARGES), Figure("Net due", signed=True)]
    kept = [at for at, (words, _, _) in enumerate(CHARGES) if at < 5 or any(one.charges[words] for one in found.days)]
    none = [words for at, (words, _, _) in enumerate(CHARGES) if at not in kept]
    lines = [
        Line(
            [times.short_day(one.view.settlement_date), one.view.run],
            [*([one.charges[CHARGES[at][0]] for at in kept]), one.net],
        )
        for one in found.days
    ]
    shown = footed(
        [Column("Settlement Date", class_="nb"), Column("Run")], [*(figures[at] for at in kept), figures[-1]], lines,
        "Charges by day", total="All days" if len(lines) > 1 else "The day", class_="charges two",
    )  # fmt: skip
    zero = f" {', '.join(none)}: 0.00 on every day." if none else ""
    return Markup(
        '<section id="charges"><h2>Charges by day</h2><p class="q">What is the Party due, and from what?</p>{}'
        '<p class="src">{} Net due is worked out in full and rounded once, so a row may miss it by a penny.{} Clause '
        "T1.2.2, volumes-and-charges.md 8.12.</p>{}</section>"
    ).format(shown, _SIGNS, zero, _not_settled(found))


def _not_settled(found: Statement) -> Markup:
    if not found.not_settled:
        return Markup("")
    items = Markup("").join(
        Markup("<li><b>{}</b> {}</li>").format(times.short_day(day), why) for day, why in found.not_settled
    )
    return Markup('<h3>Days without charges</h3><ul class="list small">{}</ul>').format(items)


def periods(found: Statement) -> str:
    """HTML of the charges of each period, a table a day, whose totals are those of the day."""
    return Markup(
        '<section id="periods" class="page"><h2>Charges by period</h2><p class="q">When did it arise?</p>{}'
        '<p class="src">{} Each column adds up to the figure of the day.</p></section>'
    ).format(Markup("").join(map(_periods, found.days)), _SIGNS)


def _periods(one: StatedDay) -> Markup:
    figures = [Figure(str(words), signed=True) for words in one.periods.columns]
    lines = [Line([str(period)], [float(value) for value in row]) for period, row in
             zip(one.periods.index, one.periods.to_numpy(), strict=True)]  # fmt: skip
    settled, whole = len(lines), len(one.view.periods)
    aside = "" if settled == whole else f", {whole - settled} periods set aside and in no sum"
    caption = Markup("{}, run {} <span>({} periods{})</span>").format(
        times.long_day(one.view.settlement_date), one.view.run, settled, aside
    )
    return footed(
        [Column("Period")], figures, lines, f"Charges by period, {one.view.settlement_date}",
        total=f"{settled} periods", caption=caption,
    )  # fmt: skip


def payments(found: Statement) -> str:
    """HTML of the advice: amounts by payment date where the calendar has come, else by Settlement Date."""
    dated = sorted((one for one in found.payments if one.payment_date), key=lambda one: one.payment_date or date.min)
    undated = [one for one in found.payments if not one.payment_date]
    parts = []
    if dated:
        parts.append(_advice(dated))
    if undated:
        lag = parameters.every()["payment_lag_sf"].on(undated[0].settlement_date)
        said = Markup(
            "<p>The published settlement calendar (job sett_calendar) holds no payment date of {}: the amounts "
            "stand by Settlement Date, and no date was put in its place. The rules give SF about {} days after it, "
            "as a rule of thumb.</p>"
        ).format(", ".join(sorted({f"run {one.run}" for one in undated})), numbers.parameter(lag.value))
        parts += [said, _by_settlement_date(undated)]
    return Markup(
        '<section id="payments" class="page"><h2>Advice note</h2><p class="q">What is paid, and when?</p>{}'
        '<p class="src">{} SF is paid in full; a later run pays its change from the run before, here before interest '
        "(volumes-and-charges.md 1.5, 8.13).</p></section>"
    ).format(Markup("").join(parts), _SIGNS)


def _advice(dated: list[Payment]) -> Markup:
    """Payment dates with the days that fall on them; small sums wait."""
    parts = []
    for on, some in groupby(dated, key=lambda one: one.payment_date):
        of_date = list(some)
        assert on is not None
        least = float(parameters.every()["advice_note_threshold"].on(of_date[0].settlement_date).value)
        known = [one.amount for one in of_date if one.amount is not None]
        total = sum(known)
        waits = (
            f" Under £{numbers.parameter(least)}: it waits for the end of the quarter (8.14)."
            if abs(total) < least
            else ""
        )
        unknown = len(of_date) - len(known)
        lacks = f" {unknown} amounts are not known and not in it." if unknown else ""
        parts.append(
            Markup("<h3>Payment date {}</h3>{}<p>{}{}</p>").format(
                times.middle_day(on), _by_settlement_date(of_date), f"Total £{numbers.money(total)}.", waits + lacks
            )
        )
    return Markup("").join(parts)


def _by_settlement_date(some: list[Payment]) -> Markup:
    lines = [
        Line(
            [times.short_day(one.settlement_date), one.run, one.before or numbers.DOES_NOT_APPLY, one.why],
            [one.net, one.net_before, one.amount],
        )
        for one in some
    ]
    figures = [
        Figure("Net due, this run", signed=True), Figure("Net due, run before", signed=True),
        Figure("To pay", signed=True),
    ]  # fmt: skip
    heads = [Column("Settlement Date", class_="nb"), Column("Run"), Column("Run before"), Column("Not known because")]
    return footed(
        heads, figures, lines, "Payments by Settlement Date", total="Sum of what is known", class_="charges why-not"
    )


def credit(found: Statement) -> str:
    """HTML of the credit position: said where it is not held, since none may be made up."""
    said = (
        "Not held: no feed brings the Credit Cover that a Party has lodged, nor its indebtedness of days without a "
        "run, and neither is taken as 0. Nothing of Section M changes a Trading Charge (volumes-and-charges.md 9)."
    )
    return Markup(
        '<section id="credit"><h2>Credit position</h2><p class="q">Is the Party covered?</p><p>{}</p></section>'
    ).format(said)


def others(found: Statement) -> str:
    """HTML of the other Parties in the staff's copy; one line in a Party's own."""
    if found.own_copy:
        return Markup(
            '<section id="others"><h2>Other Parties</h2><p>Left out: this copy is for {}. What of a run is public, and '
            "what belongs to one Party, docs/notebooks.md says.</p></section>"
        ).format(found.party)
    return Markup(
        '<section id="others" class="page"><h2>Other Parties</h2><p class="q">How does it stand beside the others?</p>'
        "{}</section>"
    ).format(Markup("").join(map(_others, found.days)))


def _others(one: StatedDay) -> Markup:
    assert one.others is not None
    frame = one.others.assign(size=one.others["Net due"].abs()).sort_values("size", ascending=False, kind="stable")
    columns = [words for words, _, _ in CHARGES[:5]] + ["Net due"]
    lines = [Line([str(party)], [float(value) for value in row]) for party, row in
             zip(frame.index, frame[columns].to_numpy(), strict=True)]  # fmt: skip
    return footed(
        [Column("Party")], [Figure(words, signed=True) for words in columns], lines,
        f"Other Parties, {one.view.settlement_date}", total=f"{len(lines)} other Parties",
        caption=times.long_day(one.view.settlement_date),
    )  # fmt: skip


def evidence(found: Statement) -> str:
    """HTML of the files behind the days, by hash."""
    columns = [Column("Day", class_="nb"), Column("File as received", class_="mono"), Column("Job", label="Job"),
               Column("SHA-256", "first 24", class_="mono", label="SHA-256")]  # fmt: skip
    rows = [
        Row([times.short_day(one.view.settlement_date), landing.file, landing.job,
             Markup('<span title="{}">{}…</span>').format(landing.sha256, landing.sha256[:24])])
        for one in found.days for landing in sorted(one.view.landings, key=lambda it: (it.job, it.file))
    ]  # fmt: skip
    runs = Markup("").join(
        Markup('<li>{} run {} <span class="mono hash">{}</span></li>').format(
            times.short_day(one.view.settlement_date), one.view.run, one.view.run_id
        )
        for one in found.days
    )
    return Markup(
        '<section id="evidence" class="page"><h2>Evidence</h2><p class="q">Which files were read, and can I prove it?'
        '</p>{}<h3>The runs</h3><ul class="list small">{}</ul></section>'
    ).format(table(columns, rows, "Files read", "cards files"), runs)
