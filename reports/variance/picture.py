"""A variance as Jupyter shows it: a waterfall that lies on its side for one label, else the causes and the movers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from html import escape

from reports.look.numbers import written
from reports.variance.parts import Label, Part, Variance
from reports.variance.words import decimals_of, rounded, waterfall

MOST_LABELS, MOST_ROWS = 12, 12
WIDTH = 1000


def fragment(found: Variance) -> str:
    """The HTML of a variance; use inside a notebook cell or a report."""
    moved = found.labels()
    first, last = found.earlier.run_type, found.later.run_type
    head = f"<p><b>{escape(found.quantity.replace('_', ' '))}</b>, {found.settlement_date}, {first} to {last}. "
    if not moved:
        return head + "Nothing moved.</p>"
    body = waterfall_table(found, moved[0]) if len(moved) == 1 else causes_table(found) + _movers(found, moved)
    rows = "".join(rows_changed(part) for part in found.causes() if part.rows and part.size())
    order = ", ".join(part.cause for part in found.parts)
    exact = "The parts add up to each change exactly." if found.adds_up() else "THE PARTS DO NOT ADD UP."
    return (
        f"{head}{len(moved):,} of {len(found.before.keys() | found.after.keys()):,} moved.</p>{body}"
        f'<p class="small">Each cause is exchanged alone, in the order {escape(order)}; another order would share '
        f"cross effects otherwise. {exact}</p>{rows}"
    )


def waterfall_table(found: Variance, label: Label) -> str:
    """HTML of the waterfall of one label, on its side: a row a cause that moved it, its bar, change and running sum."""
    decimals = decimals_of(found)
    begin = rounded(found.before.get(label, Fraction(0)), decimals)
    steps = waterfall(found, label)
    every = [begin, *(total for _, _, total in steps)]
    low, high = min(every), max(every)
    span = (high - low) or Decimal(1)

    def at(value: Decimal) -> float:
        return 10 + float((value - low) / span) * (WIDTH - 20)

    def mark(value: Decimal) -> str:
        return f'<rect x="{at(value) - 3:.1f}" y="1" width="6" height="20" fill="var(--ink)"/>'

    def bar(change: Decimal, total: Decimal) -> str:
        left, right = sorted((at(total - change), at(total)))
        colour = "var(--buy)" if change > 0 else "var(--sell)"
        return f'<rect x="{left:.1f}" y="4" width="{max(right - left, 3):.1f}" height="14" fill="{colour}"/>'

    def line(name: str, picture: str, change: str, total: Decimal, kind: str = "") -> str:
        svg = f'<svg viewBox="0 0 {WIDTH} 22" preserveAspectRatio="none" aria-hidden="true">{picture}</svg>'
        return (
            f'<tr{kind}><th scope="row">{escape(name)}</th><td class="bar">{svg}</td><td class="n">{change}</td>'
            f'<td class="n">{written(total, decimals)}</td></tr>'
        )

    body = line(found.earlier.run_type, mark(begin), "", begin, ' class="sub"')
    for cause, change, total in steps:
        if change:
            body += line(cause, bar(change, total), written(change, decimals, signed=True), total)
    still = [cause for cause, change, _ in steps if not change]
    if still:
        body += f'<tr class="none"><td colspan="4">Moved nothing: {escape(", ".join(still))}</td></tr>'
    end = every[-1]
    body += line(found.later.run_type, mark(end), written(end - begin, decimals, signed=True), end, ' class="sub"')
    key = ", ".join(f"{name.replace('_', ' ')} {one}" for name, one in zip(found.keys, label, strict=True))
    unit = escape(found.unit)
    return (
        f'<div class="tw"><table class="fall"><caption>{escape(key)} <span>The axis need not start at 0, so the two '
        f'totals are marks, not bars.</span></caption><thead><tr><th>Cause</th><th></th><th class="n">Change'
        f'<small>{unit}</small></th><th class="n">Running<small>{unit}</small></th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def causes_table(found: Variance) -> str:
    """HTML of every cause with what it moved, those that moved nothing too."""
    decimals = decimals_of(found)
    body = "".join(
        f"<tr{'' if part.moved else ' class=none'}><th scope='row'>{escape(part.cause)}</th>"
        f'<td class="n">{len([one for one in part.by_label.values() if one]):,}</td>'
        f'<td class="n">{written(rounded(part.size(), decimals), decimals)}</td>'
        f'<td class="n">{len(part.rows):,}</td></tr>'
        for part in found.parts
    )
    return (
        '<div class="tw"><table class="fall"><thead><tr><th>Cause</th><th class="n">Moved</th><th class="n">Changes '
        f'without signs<small>{escape(found.unit)}</small></th><th class="n">Rows changed</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _movers(found: Variance, moved: list[Label]) -> str:
    decimals, causes = decimals_of(found), [part for part in found.causes() if part.size()]
    unit = f"<small>{escape(found.unit)}</small>"
    heads = "".join(f'<th class="n">{escape(part.cause)}{unit}</th>' for part in causes)
    body = ""
    for label in moved[:MOST_LABELS]:
        parts = [part.by_label.get(label, Fraction(0)) for part in causes]
        cells = "".join(
            f'<td class="n">{written(rounded(one, decimals), decimals, signed=True)}</td>'
            for one in (found.change(label), *parts)
        )
        body += f"<tr><th scope='row'>{escape(' '.join(str(one) for one in label))}</th>{cells}</tr>"
    more = f"{len(moved) - MOST_LABELS:,} smaller changes" if len(moved) > MOST_LABELS else ""
    if more:
        rest = sum((found.change(label) for label in moved[MOST_LABELS:]), Fraction(0))
        body += (
            f'<tr class="off"><th scope="row">{more}</th><td class="n">'
            f'{written(rounded(rest, decimals), decimals, signed=True)}</td><td colspan="{len(causes)}"></td></tr>'
        )
    names = escape(" ".join(found.keys).replace("_", " "))
    return (
        f'<div class="tw"><table><thead><tr><th>{names}</th><th class="n">Change{unit}</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def rows_changed(part: Part) -> str:
    """HTML of the rows that changed with a cause, folded."""
    lines = "".join(f"<li>{escape(row.in_words())}</li>" for row in part.rows[:MOST_ROWS])
    if len(part.rows) > MOST_ROWS:
        lines += f"<li>{len(part.rows) - MOST_ROWS:,} more</li>"
    head = f"<summary>{escape(part.cause)}: {len(part.rows):,} rows changed</summary>"
    return f'<details>{head}<ul class="small">{lines}</ul></details>'
