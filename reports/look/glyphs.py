"""Verdict marks and hatch patterns: a class is a word, a glyph and a colour, never colour alone."""

from __future__ import annotations

# The short form of a verdict in names of classes and ids.
SLUGS = {
    "exact": "exact",
    "rounding": "rounding",
    "vintage": "vintage",
    "unexplained": "unexplained",
    "not comparable": "notcomp",
}

# Drawn in a box of 12 by 12.
_PATHS = {
    "exact": '<path d="M2 6.4 4.8 9.4 10.2 3"/>',
    "rounding": '<path d="M1.2 4.7q2.4-2.6 4.8 0t4.8 0M1.2 8.5q2.4-2.6 4.8 0t4.8 0"/>',
    "vintage": '<circle cx="6" cy="6" r="4.9"/><path d="M6 3.1V6l2.1 1.5"/>',
    "unexplained": '<path d="M6 1 11.4 10.8H.6ZM6 4.6v2.6M6 9v.1"/>',
    "notcomp": '<circle cx="6" cy="6" r="4.9" stroke-dasharray="2.2 2"/><path d="M4 6h4"/>',
    # Of feeds; late has the clock of vintage, fresh the mark of exact.
    "failing": '<path d="M2.4 2.4l7.2 7.2M9.6 2.4 2.4 9.6"/>',
    "quarantined": '<path d="M1.2 1.2h9.6v9.6H1.2ZM4 4l4 4M8 4 4 8"/>',
    "drifting": '<path d="M1 9.4C6 9.4 5 3 10.6 3M8 .8 10.8 3 8 5.2"/>',
}


def _hatch(name: str, size: float, turn: int, ground: str, mark: str) -> str:
    """A pattern with its ground in it, so that one shape draws a state."""
    turned = f' patternTransform="rotate({turn})"' if turn else ""
    return (
        f'<pattern id="{name}" width="{size:g}" height="{size:g}" patternUnits="userSpaceOnUse"{turned}>'
        f'<rect width="{size:g}" height="{size:g}" fill="var(--{ground})"/>{mark}</pattern>'
    )


def _stripe(width: float, height: float, colour: str) -> str:
    return f'<rect width="{width:g}" height="{height:g}" fill="var(--{colour})"/>'


def patterns() -> str:
    """The hatches of the tag states, as SVG definitions."""
    dot = '<circle cx="1.2" cy="1.2" r=".9" fill="var(--ghost)"/>'
    return "".join(
        [
            *(_hatch(f"h-{ground}", 6, 45, ground, _stripe(2.2, 6, "paper"))
              for ground in ("buy", "sell", "buy-pale", "sell-pale")),
            _hatch("h-minimis", 4, 0, "paper", dot),
            _hatch("h-arbitrage", 4.5, 0, "paper", _stripe(1.1, 4.5, "ghost")),
            _hatch("h-niv", 5, -45, "paper", _stripe(1, 5, "ghost")),
            _hatch("h-missing", 5, 45, "paper", _stripe(1.2, 5, "edge")),
        ]
    )  # fmt: skip


def definitions() -> str:
    """The hidden SVG that every page carries once: hatches and verdict glyphs."""
    glyphs = "".join(f'<symbol id="g-{slug}" viewBox="0 0 12 12">{path}</symbol>' for slug, path in _PATHS.items())
    return f'<svg class="defs" width="0" height="0" aria-hidden="true"><defs>{patterns()}{glyphs}</defs></svg>'


def chip(verdict: str) -> str:
    """The verdict as it stands in text and tables: glyph and word. KeyError for a word that is no verdict."""
    slug = SLUGS[verdict]
    return f'<span class="v v-{slug}"><svg class="g" aria-hidden="true"><use href="#g-{slug}"/></svg>{verdict}</span>'
