"""Loads as a notebook or page shows them: the matrix of arrivals, its table, and refused rows with their remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from reports.charts.arrivals_chart import Links, arrivals_chart, key_of
from reports.charts.svg import two_widths
from reports.loads_records import CELLS, Matrix, RefusedRow
from reports.look import numbers
from reports.sections import loads_words
from reports.sections.tables import Column, Row, table

LONGEST_RECORD = 1000  # characters of a record that are shown


def picture(matrix: Matrix, links: Links | None = None, chosen: int | None = None) -> Markup:
    """The matrix as a figure: finding, what is drawn, picture, key of the states that occur."""
    if not matrix.lines:
        return Markup("<p>No dataset with days has come.</p>")
    drawing = two_widths(lambda width: arrivals_chart(matrix, width, links, chosen))
    shown = [cell for cell in CELLS if matrix.count(cell)]
    return Markup('<figure class="fig"><figcaption><b>{}</b><span>{}</span></figcaption>{}{}</figure>').format(
        loads_words.finding(matrix), loads_words.drawn(matrix), Markup(drawing), Markup(key_of(shown))
    )


def matrix_table(matrix: Matrix) -> Markup:
    """The same figures as a table, with the periods or days that are missing or incomplete by number."""
    of = "periods" if matrix.of == "period" else "days"
    counted = any(line.total is not None for line in matrix.lines)
    columns = [
        Column("Dataset"),
        Column("With rows", of, figure=True, label="With rows"),
        Column("Hold none", of, figure=True, label="Hold none"),
        Column("Incomplete", of, figure=True, label="Incomplete"),
        Column("Not arrived", of, figure=True, label="Not arrived"),
        *([Column("Rows", "in force", figure=True, label="Rows")] if counted else []),
        Column("What is missing", label="Missing"),
    ]
    rows = [
        Row(
            [
                line.dataset.replace("_", " "),
                *(numbers.count(line.count(cell)) for cell in CELLS[:4]),
                *([numbers.written(line.total, 0)] if counted else []),
                _lacking(line.numbers("missing"), line.numbers("incomplete"), line.notes, of, len(line.cells)),
            ],
            "hit" if line.odd else "",
        )
        for line in matrix.lines
    ]
    return table(columns, rows, f"Datasets by {matrix.of}", "cards loads")


def _lacking(missing: Sequence[int], cut: Sequence[int], notes: Mapping[int, str], of: str, whole: int) -> str:
    said = []
    if missing:
        said.append("all" if len(missing) == whole else _numbered(of, missing))
    by_note: dict[str, list[int]] = {}
    for number in cut:
        by_note.setdefault(notes.get(number, "incomplete"), []).append(number)
    for note, where in by_note.items():
        said.append(note if len(where) == whole else f"{_numbered(of, where)}: {note}")
    return "; ".join(said)


def _numbered(of: str, numbered: Sequence[int]) -> str:
    """Period 20; periods 3 to 5, 9."""
    return f"{of if len(numbered) > 1 else of.removesuffix('s')} {loads_words.spans(numbered)}"


def refused_table(rows: Sequence[RefusedRow], with_job: bool = True) -> Markup:
    """Refused rows: where, what was found and wanted, what to do, and the record as it stands in the landing."""
    if not rows:
        return Markup("<p>Nothing was refused.</p>")
    columns = [
        Column("File and row", label="File and row"), Column("Column", label="Column"), Column("Found", label="Found"),
        Column("Wanted", label="Wanted"), Column("To do", label="To do"),
    ]  # fmt: skip
    return table(columns, [_refused(row, with_job) for row in rows], "Refused rows", "cards refused")


def _refused(row: RefusedRow, with_job: bool) -> Row:
    where = f"row {row.row}" if row.row else "the file as a whole"
    job = Markup("{}<br>").format(row.job) if with_job else ""
    mended = Markup('<br><b class="small">made good since</b>') if row.mended else ""
    place = Markup('<span>{}<span class="hash">{}</span>, <span class="nb">{}</span>{}</span>')
    found = Markup('<span class="hash">{}</span>').format(_shortened(row.found) or "nothing")
    cells = [place.format(job, row.file, where, mended), row.column, found, row.wanted, row.todo]
    return Row(cells, "off" if row.mended else "", _record(row), "As received")


def _record(row: RefusedRow) -> Markup | str:
    if row.record is not None:
        return Markup("<code>{}</code>").format(_shortened(" ".join(row.record.split())))
    return "The landing gives no line for this row." if row.row else "The landing holds the file as received."


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_RECORD:
        return text
    return f"{text[:LONGEST_RECORD]} … {len(text) - LONGEST_RECORD:,} more characters"


def refused_by(rows: Sequence[RefusedRow], what: str) -> Markup:
    """How many refusals there are by "job" or by "kind" of fault, the most first, with a first example."""
    counts = Counter(getattr(row, what) for row in rows)
    first = {getattr(row, what): row for row in reversed(rows)}
    mended = Counter(getattr(row, what) for row in rows if row.mended)
    head = "Job" if what == "job" else "Kind of fault: column and what was wanted"
    columns = [
        Column(head), Column("Refused", "rows or files", figure=True, label="Refused"),
        Column("Made good", "since", figure=True, label="Made good"), Column("The first", label="The first"),
    ]  # fmt: skip
    lines = [
        Row([name, numbers.count(count), numbers.count(mended[name]), _example(first[name])])
        for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
    total = Markup('<tr><th scope="row">Sum</th><td class="n">{}</td><td class="n">{}</td><td></td></tr>').format(
        numbers.count(len(rows)), numbers.count(sum(mended.values()))
    )
    return table(columns, lines, f"Refused by {what}", "cards", foot=total)


def _example(row: RefusedRow) -> str:
    where = f", row {row.row}" if row.row else ""
    return f"{row.file}{where}: found {_shortened(row.found) or 'nothing'}"
