"""What stands in a line: words, marks, links, verdicts and boxes."""

from __future__ import annotations

from dataclasses import dataclass, field

from reports.paper import mathematics, pictures
from reports.paper.tree import Element, NotPrinted
from reports.paper.written import BREAK, collapsed, literal, pieces

# Elements that stand in a line, each with the function of frame.typ that sets it.
PLAIN = {"b": "strong", "strong": "strong", "i": "emph", "em": "emph", "code": "mono"}
BOXED = {"ev": "evidence", "fl": "flag", "stamp": "stamp", "mono": "mono", "symbol": "strong"}
INLINE = {*PLAIN, "small", "span", "a", "br", "wbr", "svg", "math", "sub", "sup", "abbr", "time", "label", "u", "mark"}
MINOR, BELOW, BESIDE = "minor", "below", "beside"
NARROW = "nar"  # the drawing for a narrow screen


@dataclass
class Setting:
    """What holds for a whole page: the ids that it has, and the pictures set so far."""

    ids: set[str] = field(default_factory=set)
    pictures: pictures.Pictures = field(default_factory=pictures.Pictures)


def line(inside: list[Element | str], setting: Setting, small: str = MINOR) -> str:
    """A code block of typst with what stands in a line; blanks at its ends are left off.

    small  how small words stand: MINOR, BELOW on a line of their own, BESIDE a key figure
    """
    if len(inside) == 1 and isinstance(inside[0], str):
        plain = pieces(collapsed(inside[0]).strip(" "))
        return plain[0] if len(plain) == 1 else "{" + "; ".join(plain) + "}" if plain else "none"
    parts = expressions(inside, setting, small)
    return "{" + "; ".join(parts) + "}" if parts else "none"


def expressions(inside: list[Element | str], setting: Setting, small: str = MINOR) -> list[str]:
    """The same as expressions."""
    made: list[str] = []
    for number, one in enumerate(inside):
        if isinstance(one, str):
            text = collapsed(one)
            text = text.lstrip(" ") if number == 0 else text
            made += pieces(text.rstrip(" ") if number == len(inside) - 1 else text)
        else:
            made += _element(one, setting, small if number else MINOR)
    return made


def _element(one: Element, setting: Setting, small: str) -> list[str]:
    if NARROW in one.classes:
        return []
    if one.name in ("br", "wbr"):
        return ["linebreak()" if one.name == "br" else BREAK]
    if one.name == "svg":
        return setting.pictures.in_line(one)
    if one.name == "math":
        return [f"formula-in-line({mathematics.formula(one)})"]
    if one.name not in INLINE:
        raise NotPrinted(
            f"page, {one.name} in a line: found an element that paper does not know there, wanted one of "
            f"{', '.join(sorted(INLINE))}. Write the section with these, or teach reports.paper.inline."
        )
    return _set(one, setting, small)


def _set(one: Element, setting: Setting, small: str) -> list[str]:
    inner = line(one.inside, setting)
    if inner == "none":
        return []
    how = _how(one, setting, small)
    return expressions(one.inside, setting) if how is None else [f"{how}{inner})"]


def _how(one: Element, setting: Setting, small: str) -> str | None:
    """The call that sets an element, open for its insides; None where they stand as they are."""
    if one.name == "small":
        return f"{small}("
    if one.name == "a":
        target = one.attributes.get("href", "").removeprefix("#")
        return f"link(label({literal(target)}), " if target in setting.ids else None
    if "v" in one.classes:
        verdict = next((name for name in one.classes if name.startswith("v-")), "v-notcomp")
        return f"verdict({literal(verdict[2:])}, "
    boxed = next((how for name, how in BOXED.items() if name in one.classes), None)
    named = boxed or {**PLAIN, "sub": "sub", "sup": "super"}.get(one.name)
    return f"{named}(" if named else None
