"""How figures are written: decimals by kind, comma for thousands, a true minus.

Price 5 decimals, volume 3, multiplier 7, money 2, counts whole. Rounding is half away
from zero, once, here. None is "–" (does not apply) unless the caller says "none" (not
there): what is missing is never written as a zero.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

MINUS = "−"
DOES_NOT_APPLY = "–"
NOT_THERE = "none"

Number = Decimal | float | int


def written(value: Number | None, decimals: int, signed: bool = False, missing: str = DOES_NOT_APPLY) -> str:
    """A figure with so many decimals.

    >>> written(-1194.7878, 3), written(0.5, 2, signed=True), written(-0.0001, 2), written(None, 2)
    ('−1,194.788', '+0.50', '0.00', '–')
    >>> written(float("-inf"), 2)
    '−∞'
    """
    if value is None:
        return missing
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if exact.is_infinite():  # what an action without a price costs
        return (MINUS if exact < 0 else "+" if signed else "") + "∞"
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    digits = f"{abs(rounded):,.{decimals}f}"
    if rounded == 0:
        return digits
    return (MINUS if rounded < 0 else "+" if signed else "") + digits


def price(value: Number | None, missing: str = DOES_NOT_APPLY) -> str:
    """GBP/MWh to 5 decimals, as in verdicts and audit tables."""
    return written(value, 5, missing=missing)


def key_price(value: Number | None, missing: str = DOES_NOT_APPLY) -> str:
    """GBP/MWh to 2 decimals, as in the key figures of a page."""
    return written(value, 2, missing=missing)


def difference(value: Number | None) -> str:
    """Published less own, GBP/MWh to 5 decimals, with its sign."""
    return written(value, 5, signed=True)


def short_difference(value: Number) -> str:
    """A difference beside its mark in a picture: 2 decimals, or 5 where 2 would say nothing."""
    return written(value, 2 if abs(float(value)) >= 0.005 else 5, signed=True)


def volume(value: Number | None, missing: str = DOES_NOT_APPLY) -> str:
    """MWh to 3 decimals."""
    return written(value, 3, missing=missing)


def signed_volume(value: Number | None, missing: str = DOES_NOT_APPLY) -> str:
    """MWh to 3 decimals with its sign: NIV, sums, what was removed."""
    return written(value, 3, signed=True, missing=missing)


def multiplier(value: Number | None) -> str:
    """A loss multiplier to 7 decimals; exactly 1 is written 1, since no losses apply."""
    return "1" if value == 1 else written(value, 7)


def money(value: Number | None) -> str:
    """GBP to 2 decimals, without the sign of the currency."""
    return written(value, 2)


def count(value: int) -> str:
    """A whole number."""
    return written(value, 0)


def plain(value: Number, most: int = 5, least: int = 2) -> str:
    """As few decimals from `least` to `most` as give the figure back within 1e-9.

    >>> plain(91.75), plain(86.2), plain(50.25154), plain(1 / 3)
    ('91.75', '86.20', '50.25154', '0.33333')
    """
    for decimals in range(least, most):
        if abs(float(value) - round(float(value), decimals)) < 1e-9:
            return written(value, decimals)
    return written(value, most)


def parameter(value: float | str | bool) -> str:
    """A dated value as the rules write it: 1, 0.1, 6,000; a switch as on or off."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return value
    return plain(value, most=6, least=0)
