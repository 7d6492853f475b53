"""Bytes to text: byte order marks and encodings.

Text that is not UTF-8 is not guessed at: the odd bytes are carried through, so that the
row that holds them is refused by the check of its column, and its neighbours are kept.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from loaders.errors import Finding, UnreadableFile, printable

NOT_UTF8 = range(0xDC80, 0xDD00)  # where `surrogateescape` puts the bytes that are not UTF-8
SHOWN = 80  # letters of a value that a finding shows


@dataclass
class Text:
    """The text of a file, whether its end is missing, and what was odd about it."""

    text: str
    cut: Finding | None = None
    warnings: list[Finding] = field(default_factory=list)


def decode(file: str, data: bytes, encoding: str = "utf-8") -> Text:
    """The text of unpacked bytes. Raises UnreadableFile for UTF-16 and UTF-32."""
    for mark in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if data.startswith(mark):
            raise UnreadableFile(
                Finding(file, 0, "", "UTF-16 or UTF-32", "text in UTF-8", "Save the file as UTF-8 and load it again.")
            )
    warnings = []
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
        warnings.append(Finding(file, 0, "", "a byte order mark", "UTF-8 without one", "It was left out.", "warning"))
    if encoding == "cp1252":
        return Text(data.decode("cp1252", errors="surrogateescape"), warnings=warnings)
    return Text(data.decode("utf-8", errors="surrogateescape"), warnings=warnings)


def is_broken(text: str) -> bool:
    """Whether text holds bytes that are not of its encoding."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def shown(value: Any) -> str:
    """A value for a finding: bytes that are not of the encoding as \\xNN, long text cut."""
    try:
        text = str(value)
    except RecursionError:
        text = "brackets within brackets, too deep to show"
    return printable(text, SHOWN)


@lru_cache(maxsize=10_000)
def plain_name(heading: str) -> str:
    """A heading without case, blanks and signs: a pound sign in any encoding reads alike.

    >>> plain_name("System Sell Price(£/MWh)"), plain_name("settlementDate")
    ('systemsellpricemwh', 'settlementdate')
    """
    return "".join(letter for letter in heading.lower() if letter.isascii() and letter.isalnum())
