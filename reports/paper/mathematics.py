"""MathML, as `reports.sections.mathml` writes it, as mathematics of typst. Each element of that set is here."""

from __future__ import annotations

from collections.abc import Callable

from reports.paper.tree import Element, NotPrinted
from reports.paper.written import literal


def formula(math: Element) -> str:
    """The expression of a <math>. Raises NotPrinted for an element that is none of ours."""
    return row(math)


def row(parent: Element) -> str:
    """Pieces beside each other."""
    return "{" + "; ".join(_piece(one) for one in parent.elements) + "}" if parent.elements else "none"


def _piece(one: Element) -> str:
    known = _ELEMENTS.get(one.name)
    if known is None:
        raise NotPrinted(
            f"formula: found <{one.name}>, wanted one of {', '.join(sorted(_ELEMENTS))}. Write it with these, or teach "
            "reports.paper.mathematics."
        )
    return known(one)


def _number(one: Element) -> str:
    bold = one.attributes.get("mathvariant") == "bold"
    return f"{'bold-number' if bold else 'number'}({literal(one.text())})"


def _identifier(one: Element) -> str:
    text = one.text()
    slanted = len(text) == 1 and one.attributes.get("mathvariant") != "normal"
    return f"{'letter' if slanted else 'number'}({literal(text)})"


def _operator(one: Element) -> str:
    text = one.text().strip()
    return f"sign({literal(text)})" if len(text) == 1 else f"number({literal(text)})"


def _fraction(one: Element) -> str:
    above, below = one.elements
    return f"math.frac({_piece(above)}, {_piece(below)})"


def _attached(one: Element) -> str:
    base, *indices = (_piece(part) for part in one.elements)
    places = {"msub": "b", "msup": "t", "munder": "b", "mover": "t"}.get(one.name, "bt")
    said = ", ".join(f"{place}: {index}" for place, index in zip(places, indices, strict=True))
    return f"math.attach({base}, {said})"


def _lines(one: Element) -> str:
    rows = [row(cell) for line in one.elements for cell in line.elements]
    return f"lines({', '.join(rows)})"


def _space(one: Element) -> str:
    return f"h({one.attributes.get('width', '.4em')})"


_ELEMENTS: dict[str, Callable[[Element], str]] = {
    "mn": _number,
    "mi": _identifier,
    "mo": _operator,
    "mrow": row,
    "mfrac": _fraction,
    "msub": _attached,
    "msup": _attached,
    "msubsup": _attached,
    "munder": _attached,
    "mover": _attached,
    "munderover": _attached,
    "mtable": _lines,
    "mspace": _space,
    "mtext": lambda one: f"words({literal(one.text())})",
}
