"""MathML, written directly: the few pieces that the formulas of a price need."""

from __future__ import annotations

from html import escape


def number(text: str, bold: bool = False) -> str:
    """A figure as already written; a minus before it is part of it."""
    return f'<mn mathvariant="bold">{escape(text)}</mn>' if bold else f"<mn>{escape(text)}</mn>"


def operator(sign: str) -> str:
    """An operator: =, +, ×."""
    return f"<mo>{escape(sign)}</mo>"


def letter(name: str) -> str:
    """A variable of one letter, slanted."""
    return f"<mi>{escape(name)}</mi>"


def name(symbol: str) -> str:
    """A symbol of several letters, upright."""
    return f'<mi mathvariant="normal">{escape(symbol)}</mi>'


def row(*parts: str) -> str:
    """Pieces beside each other."""
    return f"<mrow>{''.join(parts)}</mrow>"


def fraction(above: str, below: str) -> str:
    """above over below."""
    return f"<mfrac>{row(above)}{row(below)}</mfrac>"


def lines(rows: list[str]) -> str:
    """Pieces below each other, from the left; one alone stands as it is."""
    if len(rows) == 1:
        return rows[0]
    inside = "".join(f'<mtr><mtd style="text-align:left">{piece}</mtd></mtr>' for piece in rows)
    return f'<mtable columnalign="left">{inside}</mtable>'


def below(base: str, index: str) -> str:
    """base with an index."""
    return f"<msub>{base}{row(*map(letter, index))}</msub>"


def above(base: str, index: str) -> str:
    """base with an upper index."""
    return f"<msup>{base}{row(*map(letter, index))}</msup>"


def both(base: str, lower: str, upper: str) -> str:
    """base with a lower and an upper index."""
    return f"<msubsup>{base}{row(*map(letter, lower))}{row(*map(letter, upper))}</msubsup>"


def total(index: str = "") -> str:
    """A sum sign, with its index where it has one."""
    return below("<mo>∑</mo>", index) if index else "<mo>∑</mo>"


def unit(text: str) -> str:
    """A unit, with a little room before it."""
    return f'<mspace width=".4em"/><mtext>{escape(text)}</mtext>'


def block(*parts: str) -> str:
    """A formula on a line of its own."""
    return f'<math display="block">{"".join(parts)}</math>'
