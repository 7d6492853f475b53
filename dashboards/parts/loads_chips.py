"""The state of a job as it stands on a page: glyph and word, never colour alone."""

from __future__ import annotations

from markupsafe import Markup

WORDS = {
    "failing": "failing",
    "quarantined": "in quarantine",
    "late": "late",
    "drifting": "drifting",
    "fresh": "fresh",
    "never": "never came",
}
GLYPHS = {
    "failing": "failing", "quarantined": "quarantined", "late": "vintage", "drifting": "drifting", "fresh": "exact",
    "never": "notcomp",
}  # fmt: skip


def glyph(state: str) -> Markup:
    """The mark of a state by itself."""
    return Markup('<svg class="g" aria-hidden="true"><use href="#g-{}"/></svg>').format(GLYPHS[state])


def chip(state: str) -> Markup:
    """Mark and word."""
    return Markup('<span class="v v-{}">{}{}</span>').format(state, glyph(state), WORDS[state])
