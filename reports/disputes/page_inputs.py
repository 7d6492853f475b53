"""Sections of a case about what it rests on: files by hash, parameters, events, what is not known."""

from __future__ import annotations

from markupsafe import Markup

from reports.disputes import dated
from reports.disputes.records import Case, DayRun
from reports.look import numbers, times
from reports.sections.provenance import breakable
from reports.sections.tables import Column, Row, table

_FILES = [
    Column("File as received", class_="mono"),
    Column("Job", label="Job"),
    Column("Rows kept", figure=True, label="Rows kept"),
    Column("Rows refused", figure=True, label="Refused"),
    Column("In the pack", label="In the pack"),
]
_PARAMETERS = [
    Column("Parameter"),
    Column("Value", figure=True, label="Value"),
    Column("Unit", label="Unit"),
    Column("In force since", class_="nb", label="Since"),
    Column("Source", label="Source"),
    Column("Evidence", label="Evidence"),
]


def inputs_section(case: Case) -> Markup:
    """Files by hash, day by day, with the runs they gave."""
    return Markup(
        '<section id="inputs" class="page"><h2>Inputs</h2><p class="q">Frozen when the case was made: what came later '
        "did not change it.</p>{}</section>"
    ).format(Markup("").join(_of_day(day) for day in case.subject.days))


def _of_day(day: DayRun) -> Markup:
    rows = []
    for one in day.inputs:
        allowed = dated.licence(one.licence)
        said = "yes" if allowed.in_pack else "no, by hash only"
        rows.append(
            Row(
                [breakable(one.file), one.job, numbers.count(one.rows_kept), numbers.count(one.rows_refused), said],
                below=f"SHA-256 {one.sha256}; {allowed.said}",
            )
        )
    foot = Markup(
        '<tr><th scope="row" colspan="2">{} files</th><td class="n" data-l="Rows kept">{}</td>'
        '<td class="n" data-l="Refused">{}</td><td></td></tr>'
    ).format(
        len(day.inputs),
        numbers.count(sum(one.rows_kept for one in day.inputs)),
        numbers.count(sum(one.rows_refused for one in day.inputs)),
    )
    settings = [
        Row([one.name.replace("_", " "), numbers.parameter(one.value), one.unit, times.short_day(one.since), one.source,
             one.evidence])
        for one in day.parameters
    ]  # fmt: skip
    about = [
        ("Run", day.run_id), ("Code", day.code_hash), ("Store version of the run", str(day.store_version)),
        ("Store version of published values", str(day.published_store_version)), ("Settled from", day.way),
        ("Options", "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in sorted(day.options.items()))),
    ]  # fmt: skip
    items = [Markup('<li>{} <span class="mono hash">{}</span></li>').format(*pair) for pair in about]
    return Markup('<h3>{}, run {}</h3>{}<ul class="list small">{}</ul>{}').format(
        times.middle_day(day.settlement_date), day.run,
        table(_FILES, rows, f"Files of {day.settlement_date}", "cards files", foot=foot), Markup("").join(items),
        Markup("<h4>Parameters in force</h4>") + table(_PARAMETERS, settings, "Parameters in force", "cards")
        if settings else "",
    )  # fmt: skip


def record_section(case: Case) -> Markup:
    """Events of the case in order, and what must not be concluded from it."""
    columns = [Column("When"), Column("What", label="What"), Column("Who", label="Who"), Column("Said", label="Said")]
    rows = [Row([times.local_moment(one.at), one.kind, one.by, _said(one.said)]) for one in case.events]
    unknown = Markup("").join(Markup("<li>{}</li>").format(text) for text in dated.rules().not_known)
    return Markup(
        '<section id="record" class="page"><h2>What happened, what is not known</h2>{}<h3>Not known</h3>'
        '<ul class="list">{}</ul></section>'
    ).format(table(columns, rows, "Events", "cards"), unknown)


def _said(said: dict[str, object]) -> str:
    inner = said.get("said", said)
    if not isinstance(inner, dict) or not inner:
        return "made from a kept run" if not said else str(inner)
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in inner.items())
