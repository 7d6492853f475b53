"""Whether every word of a page stands on its paper."""

from __future__ import annotations

import io
import re

import pypdf

from reports.paper.blocks import LEFT_OUT, NOT_PRINTED
from reports.paper.tree import Element, tree

_APART = {*LEFT_OUT, "svg", "math"}  # not of words, or set from other letters


def squeezed(text: str) -> str:
    """A text without blanks, which paper sets as it likes."""
    return re.sub(r"\s+", "", text)


def words_of(element: Element) -> list[str]:
    """Each text of a page that paper has to hold, in order."""
    found = []
    for one in element.inside:
        if isinstance(one, str):
            found += [squeezed(one)] if one.strip() else []
        elif one.name not in _APART and not NOT_PRINTED & one.classes:
            found += words_of(one)
    return found


def missing_on_paper(html: str, pdf: bytes) -> list[str]:
    """The texts of a page that its paper does not hold; a text that goes over to the next page is found too."""
    pages = [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    foot = re.compile(r"[^\n]*· content [0-9a-f]{16}\s*Page \d+ of \d+\s*$")
    paper = squeezed("".join(foot.sub("", one) for one in pages))
    main = tree(html).first("main")
    assert main is not None
    return [one for one in words_of(main) if one not in paper]
