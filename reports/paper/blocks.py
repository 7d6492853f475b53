"""What stands below each other: headings, paragraphs, facts, figures, formulas, lists, code, tables."""

from __future__ import annotations

from collections.abc import Callable

from reports.paper.inline import BELOW, BESIDE, INLINE, MINOR, NARROW, Setting, line
from reports.paper.tables import tabular
from reports.paper.tree import Element, NotPrinted
from reports.paper.written import literal, pieces

THROUGH = {"section", "main", "article", "div", "header", "footer", "form", "fieldset"}  # their insides stand alone
LEFT_OUT = {"nav", "style", "script", "template", "button", "input", "select"}
NOT_PRINTED = {"skip", "toc", "defs", NARROW}
PARAGRAPHS = ("kick", "lead", "q", "src", "clause", "small")
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 4, "h6": 4}
_CODE_WIDTH = 104


def flow(inside: list[Element | str], setting: Setting, top: bool = True) -> list[str]:
    """Expressions of typst, one a block; words beside blocks become a paragraph.

    top  whether a page may be turned here, for a table that is too wide

    Raises NotPrinted for an element that is none of ours.
    """
    made: list[str] = []
    loose: list[Element | str] = []

    def settle() -> None:
        if any(isinstance(one, Element) or one.strip() for one in loose):
            made.append(f"paragraph({line(loose, setting)})")
        loose.clear()

    for one in inside:
        if isinstance(one, str) or (one.name in INLINE and not _holds_blocks(one)):
            loose.append(one)
            continue
        settle()
        made += _block(one, setting, top)
    settle()
    return made


def body(inside: list[Element | str], setting: Setting) -> str:
    """Blocks inside another: in a cell, in a box."""
    return "{" + "; ".join(flow(inside, setting, top=False)) + "}"


def anchors(root: Element) -> set[str]:
    """The ids that a link may lead to: of blocks, outside tables."""
    found = set()
    for one in root.elements:
        if one.name in LEFT_OUT or one.name in ("table", "svg") or NOT_PRINTED & one.classes:
            continue
        if "id" in one.attributes and one.name not in INLINE:
            found.add(one.attributes["id"])
        found |= anchors(one)
    return found


def _holds_blocks(one: Element) -> bool:
    return any(below.name not in INLINE for below in one.elements)


def _block(one: Element, setting: Setting, top: bool) -> list[str]:
    if one.name in LEFT_OUT or NOT_PRINTED & one.classes:
        return []
    known = _BLOCKS.get(one.name)
    if known is None:
        raise NotPrinted(
            f"page, {one.name}: found an element that paper does not know, wanted one of "
            f"{', '.join(sorted({*_BLOCKS, *INLINE}))}. Write the section with these, or teach reports.paper.blocks."
        )
    begun = ["pagebreak(weak: true)"] if top and one.name == "section" and "page" in one.classes else []
    if "id" in one.attributes:
        begun.append(f"anchor({literal(one.attributes['id'])})")
    return begun + known(one, setting, top)


def _through(one: Element, setting: Setting, top: bool) -> list[str]:
    """A container. Its class says what it is, where it is more than its insides."""
    for class_, how in _BOXES.items():
        if class_ in one.classes:
            return how(one, setting)
    return flow(one.inside, setting, top)


def _heading(one: Element, setting: Setting, top: bool) -> list[str]:
    return [f"heading(level: {HEADINGS[one.name]}, {line(one.inside, setting)})"]


def _paragraph(one: Element, setting: Setting, top: bool) -> list[str]:
    if _holds_blocks(one):
        return flow(one.inside, setting, top)
    kind = next((name for name in PARAGRAPHS if name in one.classes), "")
    inner = line(one.inside, setting)
    if inner == "none":
        return []
    return [f"paragraph({inner}, kind: {literal(kind)})" if kind else f"paragraph({inner})"]


def _list(one: Element, setting: Setting, top: bool) -> list[str]:
    points = [item for item in one.elements if item.name == "li"]
    if "key" in one.classes:
        return [f"key({', '.join(line(point.inside, setting) for point in points)})"]
    inner = [body(p.inside, setting) if _holds_blocks(p) else line(p.inside, setting) for p in points]
    small = ", small: true" if "small" in one.classes else ""
    how = "numbered" if one.name == "ol" else "points"
    return [f"{how}({', '.join(inner)}{small})"] if inner else []


def _facts(one: Element, setting: Setting, top: bool) -> list[str]:
    """Pairs of name and value, each in a box of its own."""
    kind = next((name for name in ("facts", "key-figures") if name in one.classes), "pairs")
    small = {"facts": BELOW, "key-figures": BESIDE}.get(kind, MINOR)
    pairs: list[list[str]] = []
    for part in one.walk():
        if part.name == "dt":
            pairs.append([line(part.inside, setting)])
        elif part.name == "dd" and pairs:
            inner = body(part.inside, setting) if _holds_blocks(part) else line(part.inside, setting, small)
            pairs[-1].append(inner)
    shown = ", ".join(f"({name}, {{{'; '.join(values)}}})" for name, *values in pairs)
    return [f"{kind}({shown})"]


def _figure(one: Element, setting: Setting, top: bool) -> list[str]:
    inner = []
    for part in one.elements:
        if part.name == "figcaption":
            title, rest = parted(part, "b", setting)
            inner.append(f"figure-title({title}, {rest})")
        elif part.name == "svg":
            inner += _picture(part, setting, top)
        else:
            inner += flow([part], setting, top=False)
    return [f"together({{{'; '.join(inner)}}})"]


def parted(one: Element, name: str, setting: Setting) -> tuple[str, str]:
    """Two lines: the elements of one name in it, and all else."""
    named: list[Element | str] = [part for part in one.elements if part.name == name]
    return line(named, setting), line([part for part in one.inside if part not in named], setting)


def _picture(one: Element, setting: Setting, top: bool) -> list[str]:
    return [] if NARROW in one.classes or "g" in one.classes else [setting.pictures.in_figure(one)]


def _code(one: Element, setting: Setting, top: bool) -> list[str]:
    lines = []
    for text in one.text().rstrip("\n").split("\n"):
        lines += [text[at : at + _CODE_WIDTH] for at in range(0, len(text), _CODE_WIDTH)] or [""]
    return [f"code-lines({', '.join(map(literal, lines))})"]


def _fold(one: Element, setting: Setting, top: bool) -> list[str]:
    """What is folded on the screen stands open on paper, below its summary."""
    head = next((part for part in one.elements if part.name == "summary"), None)
    rest = [part for part in one.inside if part is not head]
    said = "none" if head is None else line(head.inside, setting)
    return [f"unfolded({said}, {body(rest, setting)})"]


def _tally(one: Element, setting: Setting) -> list[str]:
    boxes = []
    for part in one.elements:
        count, *rest = part.inside
        none = isinstance(count, Element) and "zero" in count.classes
        number = literal(count.text() if isinstance(count, Element) else count)
        boxes.append(f"({number}, {'true' if none else 'false'}, {line(rest, setting)})")
    return [f"tally({', '.join(boxes)})"]


def _sealed(one: Element, setting: Setting) -> list[str]:
    heavy = ", heavy: true" if "warned" in one.classes else ""
    return [f"sealed({body(one.inside, setting)}{heavy})"]


def _formula(one: Element, setting: Setting) -> list[str]:
    inner = []
    for part in one.inside:
        if isinstance(part, Element) and part.name == "math":
            from reports.paper.mathematics import formula

            inner.append(f"formula({formula(part)})")
        else:
            inner += flow([part], setting, top=False)
    return [f"boxed-formula({{{'; '.join(inner)}}})"]


def _bar(one: Element, setting: Setting) -> list[str]:
    parts = [line(part.inside, setting) for part in one.elements]
    return [f"head-bar({', '.join(parts)})"]


def _table(one: Element, setting: Setting, top: bool) -> list[str]:
    return tabular(one, setting, top, lambda inside: body(inside, setting))


def _foot(one: Element, setting: Setting, top: bool) -> list[str]:
    return [f"closing({{{'; '.join(pieces(' '.join(one.text().split())))}}})"]


_BOXES: dict[str, Callable[[Element, Setting], list[str]]] = {
    "tally": _tally,
    "seal": _sealed,
    "fx": _formula,
    "bar": _bar,
    "leaf": lambda one, setting: [f"leaf({line(one.inside, setting)})"],
}
_BLOCKS: dict[str, Callable[[Element, Setting, bool], list[str]]] = {
    **dict.fromkeys(THROUGH, _through),
    **dict.fromkeys(HEADINGS, _heading),
    "p": _paragraph,
    "ul": _list,
    "ol": _list,
    "dl": _facts,
    "figure": _figure,
    "svg": _picture,
    "pre": _code,
    "details": _fold,
    "table": _table,
    "footer": _foot,
    "math": lambda one, setting, top: _formula(Element("div", {}, [one]), setting),
    "hr": lambda one, setting, top: [],
    "span": lambda one, setting, top: flow(one.inside, setting, top),
    "a": lambda one, setting, top: flow(one.inside, setting, top),
}
