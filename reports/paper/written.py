"""Text as typst takes it: always a string in code, so that no text of the data can be read as markup."""

from __future__ import annotations

import re
from functools import cache

from reports.paper.drawable import RANGES

_BREAKABLE = re.compile(r"\S{18,}")  # letters without a place to break
_SPECIAL = re.compile(r'["\\]|[^ -~]')
_BLANKS = re.compile(r"[ \t\n\r\f]+")
BREAK = "box()"  # an empty box: a line may end there, and nothing of it is in the text that a reader copies


def literal(text: str) -> str:
    """A string of typst. What none of the fonts can draw stands as its number: [U+4E2D].

    >>> print(literal('#emph[a] "b"'))
    "#emph[a] \\"b\\""
    """
    return f'"{_SPECIAL.sub(_letter, text)}"'


def _letter(found: re.Match[str]) -> str:
    one = found[0]
    if one in '"\\':
        return "\\" + one
    if one in "\t\n":
        return " "
    return one if drawable(ord(one)) else f"[U+{ord(one):04X}]"


@cache
def drawable(code: int) -> bool:
    """Whether the fonts that typst carries have a letter."""
    return any(low <= code <= high for low, high in RANGES)


def collapsed(text: str) -> str:
    """Blanks as HTML takes them: any number is one."""
    return _BLANKS.sub(" ", text)


def pieces(text: str) -> list[str]:
    """The expressions of a text: its string, cut with places to break where it has long words (hashes, file names)."""
    if not _BREAKABLE.search(text):
        return [literal(text)] if text else []
    made: list[str] = []
    at = 0
    for found in _BREAKABLE.finditer(text):
        if found.start() > at:
            made.append(literal(text[at : found.start()]))
        for part in _cut(found[0]):
            made += [literal(part), BREAK]
        made.pop()
        at = found.end()
    if at < len(text):
        made.append(literal(text[at:]))
    return made


def _cut(word: str) -> list[str]:
    """A long word in parts of at most 8 letters, after its hyphens, lines and slashes where it has some."""
    parts = []
    for part in re.findall(r"[^-_/]*[-_/]+|[^-_/]+", word):
        parts += [part[start : start + 8] for start in range(0, len(part), 8)]
    return parts
