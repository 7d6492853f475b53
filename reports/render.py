"""An executed notebook to one HTML file that is whole offline, and the manifest beside it.

No address outside the file, no script: style sheet and pictures stand in it, formulas are
MathML. Code cells are not on show; they lie one click away at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from reports import manifest
from reports.errors import ReportError
from reports.formats import HTML, files_beside, left_over
from reports.look import glyphs, styles
from reports.look.glyphs import SLUGS
from reports.outputs import Output, output_of
from reports.sections import shown
from reports.subjects import Entry, Subject
from reports.subjects_of_days import of_day
from reports.views import DayView
from reports.whole_file import write_whole

if TYPE_CHECKING:
    from reports.paper.in_a_process import Setter


class NotRendered(Exception):
    """A notebook that cannot become a report; its one argument says why and what to do."""


@dataclass(frozen=True)
class Report:
    """A report as it lies on disk."""

    html_path: Path
    manifest_path: Path
    content_hash: str
    beside: tuple[Path, ...] = ()  # the files of the other formats


def render(
    notebook: Any, about: DayView | Subject, folder: Path, outputs: Iterable[Output] = (),
    formats: Iterable[str] = (HTML,), setter: Setter | None = None,
) -> Report:  # fmt: skip
    """Write a report and its manifest into a folder.

    notebook  an executed notebook: its path, or the notebook itself
    about     what the notebook showed: a day, or another subject
    outputs   further files of the report, written into the folder already: the manifest names them
    formats   of `formats.FORMATS`: "tables" and "pdf" are written beside the HTML, and named too
    setter    what sets the PDF, where another process is ready to

    Raises NotRendered where a cell failed, no cell shows a part of a report, or a format cannot be made; then nothing
    is written.
    """
    import nbformat

    if isinstance(notebook, str | Path):
        notebook = nbformat.read(notebook, as_version=4)
    subject = subject_of(about)
    stem = subject.stem
    html = page(subject, _fragments(notebook), _sources(notebook)).encode("utf-8")
    beside = _beside(subject, html, formats, setter)
    source = "\n\n".join(_sources(notebook)).encode("utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in beside.items():
        write_whole(folder / name, content)
    named = {one.file: one for one in [*outputs, *(output_of(folder / name) for name in beside)]}
    described = manifest.of_report(subject, f"{stem}.html", html, source, named.values())
    html_path, manifest_path = folder / f"{stem}.html", folder / f"{stem}.manifest.json"
    stale = left_over(folder, stem, named)
    write_whole(html_path, html)
    write_whole(manifest_path, manifest.canonical(described))
    for path in stale:
        path.unlink(missing_ok=True)
    return Report(html_path, manifest_path, described["content_hash"], tuple(folder / name for name in sorted(beside)))


def _beside(subject: Subject, html: bytes, formats: Iterable[str], setter: Setter | None) -> dict[str, bytes]:
    """The files of the other formats, all made before the first is written."""
    try:
        return files_beside(subject, html.decode("utf-8"), formats, setter)
    except ReportError as error:
        raise NotRendered(str(error)) from error


def _fragments(notebook: Any) -> list[str]:
    found = []
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                raise NotRendered(
                    f"Cell {number} of the notebook failed: found {output['ename']}: {output['evalue']}, wanted every "
                    "cell executed. Mend the cause, then run the report again."
                )
            fragment = shown.plain("".join(output.get("data", {}).get("text/html", "")))
            if fragment is not None:
                found.append(fragment)
    if not found:
        raise NotRendered(
            "The notebook shows no part of a report: found no output of `reports.audit`, wanted at least the cover. "
            "Execute it first, with a kernel that has this package."
        )
    return found


def _sources(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def page(about: DayView | Subject, fragments: list[str], sources: list[str]) -> str:
    """The whole HTML text of a report."""
    subject = subject_of(about)
    content, stem = subject.content_hash, subject.stem
    style = styles.for_report(f"{subject.title} · content {content[:16]}")
    style += styles.sheet(subject.style) if subject.style else ""
    stamps = Markup("").join(Markup('<span class="stamp">{}</span>').format(word) for word in subject.stamps)
    return Markup(
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="run-id" content="{}"><meta name="content-hash" content="{}">'
        '<title>{}</title><link rel="icon" href="data:,"><style>{}</style></head>\n<body class="report">{}'
        '<a class="skip" href="#main">Skip to content</a>\n<div class="wrap"><header class="bar">'
        "<span><b>Settlement workbench</b> &nbsp;Audit report</span><span>{}</span></header>\n{}"
        '<main id="main">{}{}</main>\n<footer>{}. {}. Content SHA-256 '
        '<span class="mono">{}</span>. Manifest <span class="mono">{}.manifest.json</span> and, where signed, '
        'signature <span class="mono">{}.signature.json</span> lie beside this file; to verify: <span class="mono">'
        'bsc verify {}.html --key PUBLIC.json</span></footer></div>\n</body></html>\n'
    ).format(
        subject.run_id, content, subject.title, Markup(style), Markup(glyphs.definitions()), stamps,
        _contents(subject), Markup("\n".join(fragments)), _made(sources), subject.title, _runs(subject), content,
        stem, stem, stem,
    )  # fmt: skip


def subject_of(about: DayView | Subject) -> Subject:
    """What a report is about; of a day, its own subject."""
    return about if isinstance(about, Subject) else of_day(about)


def _runs(subject: Subject) -> Markup:
    if len(subject.run_ids) == 1:
        return Markup('Run <span class="mono">{}</span>').format(subject.run_id)
    said = Markup('{} runs, named in the manifest; hash over their ids <span class="mono">{}</span>')
    return said.format(len(subject.run_ids), subject.run_id)


def _contents(subject: Subject) -> Markup:
    lines = Markup("").join(map(_entry, [*subject.entries, Entry("made", "How this report was made")]))
    entries = Markup("<ol>{}</ol>").format(lines)
    return Markup(
        '<nav class="toc" aria-label="Contents"><details class="nar"><summary>Contents</summary>{}</details>'
        '<div class="big"><h2>Contents</h2>{}</div></nav>\n'
    ).format(entries, entries)


def _entry(entry: Entry) -> Markup:
    marks = Markup("").join(
        Markup('<a href="#{}" class="p-{}" aria-label="{}">{}</a>').format(
            mark.anchor, SLUGS[mark.verdict], mark.label, mark.text
        )
        for mark in entry.strip
    )
    strip = Markup('<div class="pgrid">{}</div>').format(marks) if entry.strip else ""
    return Markup('<li><a href="#{}">{}</a>{}</li>').format(entry.anchor, entry.text, strip)


def _made(sources: list[str]) -> Markup:
    cells = Markup("").join(
        Markup('<pre tabindex="0" role="region" aria-label="Cell {}"><code>{}</code></pre>').format(number, source)
        for number, source in enumerate(sources, 1)
    )
    return Markup(
        '<section id="made" class="made"><h2>How this report was made</h2><details><summary>The cells of the notebook'
        "</summary><p>Run by papermill in a process of its own, then rendered to this file.</p>{}</details></section>"
    ).format(cells)
