"""Evidence: which bytes were read, which rows were refused, which parameters were in force."""

from __future__ import annotations

from markupsafe import Markup

from reports.look import numbers, times
from reports.sections.provenance import breakable
from reports.sections.tables import Column, Row, table
from reports.views import DayView

_FILES = [
    Column("File as received", class_="mono nb"),
    Column("Job", label="Job"),
    Column("Rows kept", figure=True, label="Rows kept"),
    Column("Rows refused", figure=True, label="Refused"),
    Column("Kept", class_="nb", label="Kept at"),
    Column("SHA-256", "first 24", class_="mono", label="SHA-256"),
]
_REFUSED = [
    Column("File", class_="mono", label="File"),
    Column("Row", figure=True, label="Row"),
    Column("Column", class_="mono", label="Column"),
    Column("Found", class_="mono", label="Found"),
    Column("Wanted", label="Wanted"),
    Column("To do", label="To do"),
]
_PARAMETERS = [
    Column("Parameter"),
    Column("Symbol", label="Symbol"),
    Column("Value", figure=True, label="Value"),
    Column("Unit", label="Unit"),
    Column("In force since", class_="nb", label="Since"),
    Column("Source", label="Source"),
    Column("Evidence", label="Evidence"),
]


def evidence(day: DayView) -> str:
    """HTML of the section."""
    return Markup(
        '<section id="evidence" class="page"><h2>Evidence</h2><p class="q">Which files were read, and can I prove '
        "it?</p>{}{}{}{}</section>"
    ).format(_files(day), _refusals(day), _parameters(day), _run(day))


def _files(day: DayView) -> Markup:
    if not day.landings:
        return Markup("<p>No file was read.</p>")
    landings = sorted(day.landings, key=lambda landing: (landing.job, landing.file))
    rows = [
        Row([
            landing.file, landing.job, numbers.count(landing.rows_kept), numbers.count(landing.rows_refused),
            times.utc_moment(landing.kept_at), _short(landing.sha256),
        ])
        for landing in landings
    ]  # fmt: skip
    kept = numbers.count(sum(landing.rows_kept for landing in landings))
    refused = numbers.count(sum(landing.rows_refused for landing in landings))
    foot = Markup(
        '<tr><th scope="row" colspan="2">{} files</th><td class="n" data-l="Rows kept">{}</td>'
        '<td class="n" data-l="Refused">{}</td><td colspan="2"></td></tr>'
    ).format(len(landings), kept, refused)
    said = "The full hashes stand in the manifest, one for each file; the bytes lie in the store under them."
    return table(_FILES, rows, "Files read", "cards files", foot=foot) + Markup('<p class="src">{}</p>').format(said)


def _short(sha256: str) -> Markup:
    return Markup('<span title="{}">{}…</span>').format(sha256, sha256[:24])


def _refusals(day: DayView) -> Markup:
    if not day.refusals:
        return Markup("<h3>Rows refused</h3><p>None.</p>")
    rows = [
        Row([breakable(one.file), str(one.row), one.column, one.found, one.wanted, one.todo]) for one in day.refusals
    ]
    return Markup("<h3>Rows refused</h3>") + table(_REFUSED, rows, "Rows refused", "cards")


def _parameters(day: DayView) -> Markup:
    if not day.parameters:
        return Markup("<h3>Parameters in force</h3><p>None were kept with this run.</p>")
    rows = [
        Row([
            one.name.replace("_", " "), one.symbol, numbers.parameter(one.value), one.unit, times.short_day(one.since),
            one.source, Markup('<span class="ev">{}</span>').format(one.evidence),
        ])
        for one in day.parameters
    ]  # fmt: skip
    return Markup("<h3>Parameters in force</h3>") + table(_PARAMETERS, rows, "Parameters in force", "cards")


def _run(day: DayView) -> Markup:
    said = [("Run", day.run_id), ("Code", day.code_hash), ("Store version", numbers.count(day.store_version))]
    said += [(name.replace("_", " "), value) for name, value in sorted(day.options.items())]
    items = [Markup('<li>{} <span class="mono hash">{}</span></li>').format(*pair) for pair in said]
    return Markup('<h3>The run</h3><ul class="list small">{}</ul>').format(Markup("").join(items))
