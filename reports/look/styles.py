"""The style sheets, joined: one for a report, one for a cell of a notebook, one for pages."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from reports.look import tokens

SECTIONS = ("base", "tables", "charts", "sections", "why")


@cache
def sheet(name: str) -> str:
    """One style sheet of this folder, as it lies there."""
    return files("reports.look").joinpath(f"{name}.css").read_text("utf-8")


def for_sections() -> str:
    """Tokens and all that a section needs, for a page that shows sections."""
    return tokens.variables() + "".join(sheet(name) for name in SECTIONS)


def for_report(foot: str) -> str:
    """Everything a report needs; `foot` stands at the bottom left of each printed page."""
    said = foot.replace("\\", "\\\\").replace('"', '\\"')
    small = f'font:7.5pt "Liberation Sans",Arial,sans-serif;color:{tokens.light("ink2")}'
    page = (
        f'@page{{size:A4;margin:16mm 14mm 18mm;@bottom-left{{content:"{said}";{small}}}'
        f'@bottom-right{{content:"Page " counter(page) " of " counter(pages);{small}}}}}\n'
    )
    return page + for_sections() + sheet("report") + sheet("print")


@cache
def for_notebook(further: str = "") -> str:
    """The same rules inside `.look`, so that a notebook around them keeps its own face.

    further  one more sheet
    """
    inner = "".join(sheet(name) for name in (*SECTIONS, *filter(None, [further]))).replace("body{", "&{")
    return f"{tokens.variables('.look')}.look{{{inner}}}"
