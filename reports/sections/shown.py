"""What a notebook cell shows: one part of a report, readable in Jupyter as it is."""

from __future__ import annotations

import re

from reports.look import glyphs, styles

_STYLE = re.compile(r'<style data-look="">.*?</style>', re.DOTALL)
_DEFINITIONS = re.compile(r'<svg class="defs".*?</svg>', re.DOTALL)


class Shown:
    """An HTML fragment with the name of its section.

    Jupyter gets the style sheet and the hatches with it; `plain` takes them off again,
    since a report carries them once.
    """

    def __init__(self, section: str, fragment: str, style: str = "") -> None:
        self.section = section
        self.fragment = fragment
        self.style = style  # a further style sheet, which a report takes from its Subject

    def _repr_html_(self) -> str:
        style = styles.for_notebook(self.style)
        return (
            f'<style data-look="">{style}</style><div class="look" data-section="{self.section}">'
            f"{glyphs.definitions()}{self.fragment}</div>"
        )

    def __repr__(self) -> str:
        return f"<{self.section}: {len(self.fragment):,} characters of HTML>"


def plain(output: str) -> str | None:
    """The fragment inside the HTML of a cell; None where the cell shows something else."""
    found = re.search(r'<div class="look" data-section="[a-z-]+">(.*)</div>\s*$', output, re.DOTALL)
    if found is None or not _STYLE.match(output):
        return None
    return _DEFINITIONS.sub("", found[1], count=1)
