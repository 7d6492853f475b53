"""The report of a change between two runs: waterfalls that lie on their side, by cause, down to periods and units.

Parts are exact: they are fractions, and add up to each change. Steps are differences of rounded running totals, so that
every column foots to the penny.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup

from reports.look import numbers, times
from reports.sections import words
from reports.sections.seal import seal
from reports.sections.tables import Column, Row, table
from reports.subjects import Subject
from reports.variance.parts import Label, Variance
from reports.variance.picture import causes_table, rows_changed, waterfall_table
from reports.variance.words import decimals_of, rounded
from reports.views import DayView

NET, BY_PERIOD, BY_UNIT, PRICE = "daily_party_net_due", "party_period_net_due", "bm_unit_cashflow", "system_price"
FALLS, MOST = 4, 24
Found = dict[str, Variance]


def main(found: Found) -> Variance:
    """What the report is about first: net due of the Parties, or the price where a run has no charges."""
    return found.get(NET, found[PRICE])


def cover(found: Found, earlier: DayView, later: DayView, subject: Subject) -> str:
    """HTML of the cover."""
    facts = [
        ("Settlement Date", times.middle_day(later.settlement_date), f"{len(later.periods)} periods"),
        ("From", words.run_name(earlier.run), f"settled {times.local_moment(earlier.settled_at)}"),
        ("To", words.run_name(later.run), f"settled {times.local_moment(later.settled_at)}"),
    ]
    boxes = [Markup("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>").format(*fact) for fact in facts]
    return Markup(
        '<section class="cover" id="cover"><p class="kick">What changed between two runs</p><h1>{} to {}, {}</h1>'
        '<p class="lead">{}</p><dl class="facts">{}</dl>{}</section>'
    ).format(
        earlier.run, later.run, times.long_day(later.settlement_date), lead(found), Markup("").join(boxes),
        seal(subject),
    )  # fmt: skip


def lead(found: Found) -> str:
    """How much moved, and the two causes that moved most."""
    one = main(found)
    moved = labels(one)
    what = "Parties" if NET in found else "prices"
    every = len(one.before.keys() | one.after.keys())
    if not moved:
        return f"Nothing moved: the {every} {what} stand as they stood."
    causes = [part for part in one.causes() if part.size()][:2]
    said = " and ".join(f"{part.cause} ({_amount(one, part.size())})" for part in causes)
    change = one.change(moved[0])
    most = f"{_name(one, moved[0])} most, {_amount(one, abs(change))} {'up' if change > 0 else 'down'}"
    return f"{len(moved)} of {every} {what} moved; {most}. Main causes, without signs: {said}."


def labels(one: Variance) -> list[Label]:
    """Labels that moved by as much as can be written, the one that moved most first; what floats leave is not told."""
    decimals = decimals_of(one)
    return [label for label in one.labels() if any(rounded(part.by_label.get(label, Fraction(0)), decimals)
            for part in one.parts)]  # fmt: skip


def by_cause(found: Found) -> str:
    """HTML of the causes."""
    one = main(found)
    exact = "The parts add up to each change exactly." if one.adds_up() else "THE PARTS DO NOT ADD UP: report this."
    order = ", ".join(part.cause for part in one.parts)
    return Markup(
        '<section id="causes"><h2>By cause</h2><p class="q">Why did it move?</p>{}<p class="src">{}. Each cause is '
        "exchanged alone, in the order {}; another order would share cross effects otherwise. {}</p></section>"
    ).format(Markup(causes_table(one)), _title(one), order, exact)


def by_party(found: Found) -> str:
    """HTML of the labels that moved most, a waterfall each."""
    one = main(found)
    moved = labels(one)
    what = "Parties" if NET in found else "periods"
    falls = Markup("").join(Markup(waterfall_table(one, label)) for label in moved[:FALLS])
    more = Markup("")
    if len(moved) > FALLS:
        more = _table(one, moved, f"All {len(moved)} {what} that moved")
    return Markup(
        '<section id="parties" class="page"><h2>The {} that moved most</h2><p class="q">From what to what, step by '
        "step?</p>{}{}</section>"
    ).format(what, falls or Markup("<p>None moved.</p>"), more)


def by_period(found: Found) -> str:
    """HTML of the periods of the Party that moved most."""
    if NET not in found or not labels(found[NET]):
        return _without("periods", "By period", "No Party moved, or a run has no charges.")
    (party,) = labels(found[NET])[0]
    one = found[BY_PERIOD]
    moved = sorted(label for label in labels(one) if label[1] == party)
    days = found[NET].change((party,)) - sum((one.change(label) for label in moved), Fraction(0))
    note = "" if abs(days) < Fraction(1, 200) else f" {_amount(one, abs(days))} of the day lies in no period."
    return Markup(
        '<section id="periods" class="page"><h2>{} by period</h2><p class="q">When did it move?</p>{}<p class="src">{}'
        "{}</p></section>"
    ).format(party, _table(one, moved, f"Periods of {party} that moved", whole=True), _title(one), note)


def by_unit(found: Found) -> str:
    """HTML of the BM Units whose cashflow moved."""
    if BY_UNIT not in found or not labels(found[BY_UNIT]):
        return _without("units", "By BM Unit", "No BM Unit's cashflow moved, or a run has no charges.")
    one = found[BY_UNIT]
    return Markup(
        '<section id="units" class="page"><h2>By BM Unit and period</h2><p class="q">Whose acceptances cost otherwise?'
        '</p>{}<p class="src">{}</p></section>'
    ).format(_table(one, labels(one), "BM Units whose cashflow moved"), _title(one))


def prices(found: Found) -> str:
    """HTML of the periods whose price moved."""
    one = found[PRICE]
    if not labels(one):
        return _without("prices", "Prices", "No price moved.")
    return Markup(
        '<section id="prices" class="page"><h2>Prices that moved</h2><p class="q">In which periods?</p>{}'
        '<p class="src">{} Prices do not add up over periods, so no total is shown.</p></section>'
    ).format(_table(one, sorted(labels(one)), "Periods whose price moved", whole=True, adds=False), _title(one))


def rows(found: Found) -> str:
    """HTML of the rows that changed."""
    parts = [part for part in main(found).parts if part.rows]
    said = Markup("").join(Markup(rows_changed(part)) for part in parts) or Markup("<p>None.</p>")
    return Markup(
        '<section id="rows" class="page"><h2>Rows that changed</h2><p class="q">Which rows of which files?</p>{}'
        "</section>"
    ).format(said)


def _table(one: Variance, moved: list[Label], region: str, whole: bool = False, adds: bool = True) -> Markup:
    """Labels with their change by cause; what is left out stands in one row with its sum.

    Each row foots across: its steps are differences of rounded running totals. Where rows miss the sum below them, a
    row says by how much.
    """
    causes = [
        at for at, part in enumerate(one.parts)
        if any(rounded(part.by_label.get(label, Fraction(0)), decimals_of(one)) for label in moved)
    ]  # fmt: skip
    shown = moved if whole or len(moved) <= MOST + 1 else moved[:MOST]
    rest = moved[len(shown) :]
    unit = _unit(one)
    columns = [
        Column(", ".join(one.keys).replace("settlement_", "").replace("_", " ").capitalize(), class_="nb"),
        Column(one.earlier.run_type, unit, figure=True),
        *(Column(one.parts[at].cause, unit, figure=True) for at in causes),
        Column(one.later.run_type, unit, figure=True),
    ]
    figures = [_figures(one, [label], causes) for label in shown]
    body = [Row([_name(one, label), *_cells(one, row)]) for label, row in zip(shown, figures, strict=True)]
    if not adds or not moved:
        return table(columns, body, region, "charges", region)
    if rest:
        figures.append(_figures(one, rest, causes))
        body.append(Row([f"{len(rest):,} smaller", *_cells(one, figures[-1])], "off"))
    total = _figures(one, moved, causes)
    missed = [whole - sum(column) for whole, column in zip(total, zip(*figures, strict=True), strict=True)]
    if any(missed):
        said = [numbers.written(miss, decimals_of(one), signed=True) if miss else "" for miss in missed]
        body.append(Row(["Rounding of the rows above", *said], "off"))
    cells = Markup("").join(Markup('<td class="n">{}</td>').format(cell) for cell in _cells(one, total))
    foot = Markup('<tr><th scope="row">Sum</th>{}</tr>').format(cells)
    return table(columns, body, region, "charges", region, foot=foot)


def _figures(one: Variance, labels: list[Label], causes: list[int]) -> list[Decimal]:
    """Before, each step, after: of labels together, as reported."""
    decimals = decimals_of(one)
    running = sum((one.before.get(label, Fraction(0)) for label in labels), Fraction(0))
    found = [rounded(running, decimals)]
    for at, part in enumerate(one.parts):
        now = running + sum((part.by_label.get(label, Fraction(0)) for label in labels), Fraction(0))
        if at in causes:
            found.append(rounded(now, decimals) - rounded(running, decimals))
        running = now
    return [*found, rounded(running, decimals)]


def _cells(one: Variance, figures: list[Decimal]) -> list[str]:
    decimals, last = decimals_of(one), len(figures) - 1
    return [numbers.written(value, decimals, signed=0 < at < last) for at, value in enumerate(figures)]


def _name(one: Variance, label: Label) -> str:
    if one.keys == ("settlement_period",):
        return f"period {label[0]}"
    return ", ".join(f"period {part}" if key == "settlement_period" else str(part)
                     for key, part in zip(one.keys, label, strict=True))  # fmt: skip


def _title(one: Variance) -> str:
    return f"{one.quantity.replace('_', ' ').capitalize()} ({one.symbol}), {one.unit}"


def _unit(one: Variance) -> str:
    return "£" if one.unit == "GBP" else one.unit


def _amount(one: Variance, value: Fraction) -> str:
    return f"£{_written(one, value)}" if one.unit == "GBP" else f"{_written(one, value)} {one.unit}"


def _written(one: Variance, value: Fraction, signed: bool = False) -> str:
    return numbers.written(rounded(value, decimals_of(one)), decimals_of(one), signed=signed)


def _without(anchor: str, title: str, said: str) -> str:
    return Markup('<section id="{}"><h2>{}</h2><p>{}</p></section>').format(anchor, title, said)
