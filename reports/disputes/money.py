"""What a disputed difference is worth: formula, formula with numbers, result, period by period, summed.

The effect is own less published, in money due to the party: above zero, the party was paid too little. Each period is
rounded to the penny, so that the sum foots.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from reports.disputes.records import Case, FigureRow
from reports.look.numbers import written

PENNY = Decimal("0.01")
PRICES = ("system_price", "system_buy_price", "system_sell_price")
OF_MONEY = "effect = own − published"
OF_PRICE = "effect = (own price − published price) × imbalance volume of the party"
OF_MARKET = "upper measure = |own price − published price| × |net imbalance volume|"
OF_VOLUME = "effect = (own volume − published volume) × System Price of the run"
STATED = "effect as stated by the Raising Party"


@dataclass(frozen=True)
class Effect:
    """The effect of one disputed value; `amount` None where something is missing, and then `missing` says what."""

    figure: FigureRow
    with_numbers: str
    amount: Decimal | None
    missing: str = ""


@dataclass(frozen=True)
class Money:
    """The claimed effect of a case, GBP.

    basis  one sentence: of whom the effect is, and what is left out of it
    total  None where an effect is missing
    """

    formula: str
    basis: str
    effects: tuple[Effect, ...]
    total: Decimal | None

    @property
    def missing(self) -> tuple[str, ...]:
        """What is missing for the total, a line a value."""
        return tuple(f"{one.figure.where}: {one.missing}" for one in self.effects if one.missing)

    @property
    def size(self) -> Decimal | None:
        """What is held to the threshold: the net sum without its sign."""
        return None if self.total is None else abs(self.total)


def of_case(case: Case) -> Money:
    """The effect of a case as far as it can be reckoned.

    What the party states counts only where nothing can be reckoned, or where an upper measure alone can; that is then
    told beside it. Else it is set aside, and that is said.
    """
    found = _reckoned(case)
    if case.said.effect is None:
        return found
    stated = to_the_penny(case.said.effect)
    if found.total is not None and found.formula != OF_MARKET:
        aside = f"The party states {written(stated, 2, signed=True)} GBP; that is set aside, since it can be reckoned."
        return replace(found, basis=f"{found.basis} {aside}")
    basis = f"Stated, not reckoned here: {case.said.effect_basis or 'no basis was given'}."
    if found.size is not None:
        basis += f" The upper measure over the whole market is {written(found.size, 2)} GBP."
    return Money(STATED, basis, (), stated)


def _reckoned(case: Case) -> Money:
    formula, basis, reckon = _way(case)
    effects = tuple(_effect(row, reckon) for row in case.figures)
    amounts = [one.amount for one in effects if one.amount is not None]
    total = sum(amounts, Decimal(0)) if len(amounts) == len(effects) else None
    return Money(formula, basis, effects, total)


Reckoned = tuple[str, Decimal | None, str]  # with numbers, amount, what is missing


def _way(case: Case) -> tuple[str, str, Callable[[FigureRow], Reckoned]]:
    subject, party = case.subject, case.subject.key.get("party")
    if subject.unit == "GBP":
        return OF_MONEY, "The figure is money already: nothing is multiplied.", _money
    if subject.quantity in PRICES and party is not None:
        return (
            OF_PRICE,
            f"Effect on {party} alone, through its imbalance volume; its residual share is left out.",
            _price,
        )
    if subject.quantity in PRICES:
        return (
            OF_MARKET,
            "NO PARTY IS NAMED: this is an upper measure over the whole market's net imbalance, and the effect on one "
            "Party may be smaller or larger.",
            _market,
        )
    if subject.unit == "MWh":
        return (
            OF_VOLUME,
            "At the System Price of the run; what the volume moves in losses, price and residual is left out.",
            _volume,
        )
    return (
        f"no formula for {subject.unit}",
        "The effect of such a figure is not reckoned here: state it with its basis.",
        lambda row: ("", None, "not reckoned for this quantity"),
    )


def _effect(row: FigureRow, reckon: Callable[[FigureRow], Reckoned]) -> Effect:
    absent = [name for name in ("own", "published") if getattr(row, name) is None]
    if absent:
        return Effect(row, "", None, f"no {' and no '.join(absent)} value: set it")
    with_numbers, amount, missing = reckon(row)
    return Effect(row, with_numbers, None if amount is None else to_the_penny(amount), missing)


def to_the_penny(amount: Decimal) -> Decimal:
    """Rounded half away from zero; a zero has no sign."""
    rounded = amount.quantize(PENNY, ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)


def _two(row: FigureRow, decimals: int) -> str:
    return f"{written(row.own, decimals)} − {_bracketed(row.published, decimals)}"


def _bracketed(value: Decimal | None, decimals: int) -> str:
    """A figure that follows a sign: one below zero in brackets."""
    said = written(value, decimals)
    return f"({said})" if value is not None and value < 0 else said


def _money(row: FigureRow) -> Reckoned:
    assert row.difference is not None
    return _two(row, 2), row.difference, ""


def _price(row: FigureRow) -> Reckoned:
    assert row.difference is not None
    if row.party_volume is None:
        return "", None, "no imbalance volume of the party in the run: settle it with charges, or set the effect"
    return f"({_two(row, 5)}) × {_bracketed(row.party_volume, 3)} MWh", row.difference * row.party_volume, ""


def _market(row: FigureRow) -> Reckoned:
    assert row.difference is not None
    if row.market_volume is None:
        return "", None, "no net imbalance volume in the run: set the effect"
    said = f"|{_two(row, 5)}| × |{written(row.market_volume, 4)}| MWh"
    return said, abs(row.difference) * abs(row.market_volume), ""


def _volume(row: FigureRow) -> Reckoned:
    assert row.difference is not None
    if row.price is None:
        return "", None, "no System Price of the run in this period: set the effect"
    return f"({_two(row, 3)}) × {_bracketed(row.price, 5)} GBP/MWh", row.difference * row.price, ""
