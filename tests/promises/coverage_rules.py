"""The numbered rules of the two rules documents, and what the code says of each by its tags and options."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from settlement.engine import LOSSES, WAYS, Quantity, quantities

PRICE, CHARGES = "price.md", "volumes-and-charges.md"
DOCUMENTS = (PRICE, CHARGES)
INVARIANTS = "15"  # the section of price.md whose rows are I1, I2, ...
WORDS = 10  # of a heading that is no heading but the beginning of a sentence
NAMED = 3  # words before a colon that say enough by themselves


@dataclass(frozen=True)
class Rule:
    """A paragraph, or a section; `paragraphs` says whether a section has paragraphs that are rules of their own."""

    document: str
    number: str
    heading: str
    paragraphs: bool = False

    @property
    def section(self) -> str:
        return self.number.split(".")[0]


def rules_of(folder: Path) -> tuple[Rule, ...]:
    """Every numbered section and paragraph of both documents, in their order."""
    return tuple(rule for name in DOCUMENTS for rule in _rules(name, (folder / name).read_text(encoding="utf-8")))


def _rules(document: str, text: str) -> list[Rule]:
    found: list[Rule] = []
    with_paragraphs = set(re.findall(r"^(\d+a?)\.\d+ ", text, re.MULTILINE))
    for line in text.splitlines():
        if section := re.match(r"## (\d+a?)\. (.+)", line):
            heading = heading_of(section[2])
            found.append(Rule(document, section[1], heading, section[1] in with_paragraphs))
        elif paragraph := re.match(r"(\d+\.\d+) (.+)", line):
            found.append(Rule(document, paragraph[1], heading_of(paragraph[2])))
    return found


def heading_of(sentence: str) -> str:
    """What is bold at its start, else its first words, without the clause it points to."""
    plain = re.sub(r" \((?:Section|Annex|from|T|~)[ \d][^)]*\)|`(?!\[)", "", sentence)
    if bold := re.match(r"\*\*(.+?)\*\*", plain):
        return bold[1].rstrip(".")
    first = re.split(r"(?<=[^~])\. |; | ?`?\[", plain.replace("**", ""))[0]
    named, colon, _ = first.partition(": ")
    if colon and len(named.split()) >= NAMED:
        first = named
    words = first.rstrip(".:").split()
    return " ".join(words) if len(words) <= WORDS else " ".join(words[:WORDS]).rstrip(",;:(+") + " ..."


def every_quantity() -> tuple[Quantity, ...]:
    """Every version of every quantity, over all ways and settings of the engine."""
    found = (one for config in product(WAYS, (True, False), LOSSES) for one in quantities(*config).values())
    return tuple(dict.fromkeys(found))


def numbers_named(rule: str, rules: Iterable[Rule]) -> tuple[str, tuple[str, ...]]:
    """Document and rule numbers that a tag names: `8.2 to 8.4` is three, an invariant stands for its section."""
    document, _, words = rule.partition(" ")
    order = [one.number for one in rules if one.document == document and not one.paragraphs]
    found: list[str] = []
    for part in words.split(", "):
        first, _, last = part.partition(" to ")
        if last:
            found += order[order.index(first) : order.index(last) + 1]
        else:
            found.append(INVARIANTS if re.fullmatch(r"I\d+", first) else first)
    return document, tuple(dict.fromkeys(found))
