"""Colour tokens, light and dark: the one place where a colour is written.

HTML takes them as CSS variables; a picture that stands alone (for PDF, or beside a
README) has the light values written out, since SVG readers know no variables.
"""

from __future__ import annotations

import re

# name: (light, dark). Text on its ground is at least 4.5:1, marks and control edges 3:1.
TOKENS = {
    "paper": ("#FFFFFF", "#12171E"),
    "panel": ("#F4F6F9", "#1A212B"),
    "sunk": ("#E8ECF1", "#252E3A"),
    "ink": ("#16202C", "#E9EDF2"),
    "ink2": ("#4B5766", "#B0BAC6"),
    "rule": ("#D2D9E1", "#343F4C"),
    "edge": ("#7C8796", "#7F8B9A"),
    "ghost": ("#8A94A1", "#7F8B9A"),
    "link": ("#0A4F94", "#86BDF5"),
    "buy": ("#0072B2", "#4BA6DE"),
    "buy-pale": ("#B5D7EA", "#1E435C"),
    "buy-text": ("#005B8F", "#7CC0EA"),
    "sell": ("#B86A00", "#E5A03A"),
    "sell-pale": ("#EBD3B0", "#57401A"),
    "sell-text": ("#8A4F00", "#F0B75F"),
    "exact": ("#0B6650", "#7AD3B4"),
    "exact-ground": ("#E1F1EB", "#15332B"),
    "rounding": ("#0A4F94", "#86BDF5"),
    "rounding-ground": ("#E3EDF8", "#17304A"),
    "vintage": ("#6D3488", "#D5A6EA"),
    "vintage-ground": ("#F2E9F6", "#35223F"),
    "unexplained": ("#FFFFFF", "#1A0609"),  # on its ground
    "unexplained-ground": ("#B0163A", "#FF8FA0"),
    "unexplained-text": ("#B0163A", "#FF8FA0"),  # on paper
    "notcomp": ("#4B5766", "#B0BAC6"),
    "notcomp-ground": ("#FFFFFF", "#12171E"),
    "late": ("#8A4F00", "#F0B75F"),
    "late-ground": ("#FCEFD9", "#3A2A10"),
}

TEXT_FACE = (
    '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, '
    "system-ui, sans-serif"
)
CODE_FACE = 'ui-monospace, "SF Mono", Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace'


def light(name: str) -> str:
    """The light value of a token, `#RRGGBB`. KeyError for a name that is no token."""
    return TOKENS[name][0]


def variables(selector: str = ":root") -> str:
    """CSS that sets every token, with the dark values on screens that ask for them."""

    def block(which: int) -> str:
        return "".join(f"--{name}:{values[which]};" for name, values in TOKENS.items())

    faces = f"--text-face:{TEXT_FACE};--code-face:{CODE_FACE};"
    return (
        f"{selector}{{color-scheme:light dark;{faces}{block(0)}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{{selector}{{{block(1)}}}}}\n"
    )


def written_out(text: str) -> str:
    """The same CSS or SVG with each `var(--name)` replaced by its light value."""
    faces = {"text-face": TEXT_FACE, "code-face": CODE_FACE}
    return re.sub(r"var\(--([a-z0-9-]+)\)", lambda found: faces.get(found[1]) or light(found[1]), text)
