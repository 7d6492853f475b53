"""Sections of a case about its values: the claim, the money, explanations, variances."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from reports.disputes import dated
from reports.disputes.evidence import Evidence
from reports.disputes.money import Money
from reports.disputes.published_values import decimals_of
from reports.disputes.records import Case
from reports.look import numbers
from reports.sections.tables import Column, Row, table


def claim_section(case: Case) -> Markup:
    """What the Raising Party says, field by field."""
    said = case.said
    fields = [(required.title, getattr(said, name)) for name, required in dated.rules().required_fields.items()]
    if said.dispute_type:
        kind = dated.rules().required_fields["dispute_type"].title
        fields = [(name, dated.dispute_type(value).title if name == kind else value) for name, value in fields]
    fields += [("Day on which the run was carried out", said.run_date), ("Exceptional circumstances", said.exceptional)]
    rows = [
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value or Markup("<i>not set</i>"))
        for name, value in fields
        if value or name not in ("Exceptional circumstances", "Day on which the run was carried out")
    ]
    return Markup(
        '<section id="claim"><h2>What the party says</h2><p class="q">Who raises it, and what was not followed?</p>'
        '<dl class="claim">{}</dl></section>'
    ).format(Markup("").join(rows))


def money_section(case: Case, worth: Money, day: date) -> Markup:
    """Own, published, difference and effect of each value; formula, with numbers, result; the threshold."""
    unit, decimals = case.subject.unit, decimals_of(case.subject.unit)
    columns = [
        Column("Where"),
        Column("Own", unit, figure=True, label="Own"),
        Column("Published", unit, figure=True, label="Published"),
        Column("Difference", "own − published", figure=True, label="Difference"),
        Column("Effect", "GBP", figure=True, label="Effect, GBP"),
    ]
    effects = {one.figure.where: one for one in worth.effects}
    rows = []
    for row in case.figures:
        effect = effects.get(row.where)
        below = "" if effect is None else effect.with_numbers or f"Not known: {effect.missing}."
        if row.published_source is not None:
            below = f"{below}. Own: {row.own_source}. Published: {row.published_source}.".removeprefix(". ")
        rows.append(
            Row(
                [
                    row.where, numbers.written(row.own, decimals, missing="none"),
                    numbers.written(row.published, decimals, missing="none"),
                    numbers.written(row.difference, decimals, signed=True),
                    numbers.written(None if effect is None else effect.amount, 2, signed=True),
                ],
                below=below,
            )
        )  # fmt: skip
    total = numbers.written(worth.total, 2, signed=True, missing="not known")
    foot = Markup('<tr><th scope="row" colspan="4">Net sum</th><td class="n" data-l="Effect, GBP">{}</td></tr>').format(
        total
    )
    limit, measure = dated.threshold(day), dated.rules().materiality_measure
    how = max(measure.values.items())[1]
    size = "not known" if worth.size is None else f"{numbers.money(worth.size)} GBP"
    return Markup(
        '<section id="money" class="page"><h2>What it is worth</h2><p class="q">Which values differ, and by how much '
        'money?</p><div class="fx"><p>Formula</p>{}</div><p>{}</p>{}<p>Materiality: {} against {} GBP, by the {} '
        '({}).</p><p class="small">Threshold: {} ({}). Each value is rounded to the penny before it is summed. An '
        "effect above zero is due to the party.</p></section>"
    ).format(
        worth.formula, worth.basis, table(columns, rows, "Disputed values", "cards", foot=foot), size,
        numbers.money(float(limit.value)), how.value, how.evidence, limit.source, limit.evidence,
    )  # fmt: skip


def explanation_section(shown: Evidence) -> Markup:
    """The trees of the largest values, down to the rows of files."""
    from reports.explained_html import fragment

    parts = []
    for one in shown.explained:
        head = Markup("<h3>{}</h3>").format(one.figure.where)
        if one.tree is None:
            parts.append(head + Markup("<p>{}</p>").format(one.said))
        else:
            parts.append(head + Markup('<div class="explained">{}</div>').format(Markup(fragment(one.tree))))
    parts += [Markup('<p class="small">{}</p>').format(said) for said in shown.left_out]
    return Markup(
        '<section id="explanation" class="page"><h2>How the values came about</h2><p class="q">Own values, each with '
        "formula and numbers, down to file, row and hash.</p>{}</section>"
    ).format(Markup("").join(parts))


def variance_section(shown: Evidence) -> Markup:
    """What moved between the earlier run and the disputed one, by cause."""
    from reports.variance.picture import fragment

    parts = [
        Markup("<p>{}</p>").format(one.said) if one.variance is None else Markup(fragment(one.variance))
        for one in shown.moved
    ]
    return Markup(
        '<section id="variance" class="page"><h2>What moved since the earlier run</h2><p class="q">By cause, adding up '
        "exactly.</p>{}</section>"
    ).format(Markup("").join(parts))
