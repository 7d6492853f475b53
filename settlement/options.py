"""Named options: the doubts of the rules that neither the Code's text nor published rows decide.

Each has one default. A run names every option it was settled with, so a figure can be
made again, and made again otherwise. Rules: price.md, section 16;
volumes-and-charges.md, section 13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from settlement.errors import WrongInput


@dataclass(frozen=True)
class Option:
    """A doubt, with the ways it may be decided; the first is the default."""

    choices: tuple[str, ...]
    rule: str
    evidence: str
    about: str
    document: str = "price.md"
    since: date = date(2015, 11, 5)  # the first Settlement Date on which the doubt can move a figure

    @property
    def default(self) -> str:
        return self.choices[0]


CHARGES = "volumes-and-charges.md"
FIRST_DAY = date(2009, 11, 5)

OPTIONS: dict[str, Option] = {
    "de_minimis_level": Option(
        ("pair", "row", "acceptance", "unit"),
        "6.1",
        "verified",
        "the rows summed before they are held against DMAT; `unit` is not excluded by the two periods seen",
    ),
    "tie_rule": Option(
        ("pro rata", "rank"),
        "2.5",
        "verified",
        "how rows of one price share a margin; decided by one published period",
    ),
    "unpriced_rank": Option(("dearest", "cheapest"), "2.4", "recollection", "the end at which unpriced rows stand"),
    "stor_window": Option(
        ("flagged rows", "never"),
        "5.3",
        "recollection",
        "which STOR rows lie in an availability window, for want of window data",
    ),
    "acceptance_chaining": Option(
        ("joined", "single"),
        "4.2",
        "secondary",
        "whether acceptances of a unit that overlap or abut count as one for CADL",
    ),
    "classification": Option(
        ("strict", "or equal"),
        "7.1",
        "secondary",
        "whether a flagged row of the same price as the dearest unflagged one is second-stage flagged",
    ),
    "adjustment_at_zero_volume": Option(
        ("none", "buy"),
        "8.4",
        "recollection",
        "whether a price adjustment is added to the market price when NIV is 0",
    ),
    "market_index_weighting": Option(
        ("volume", "plain"), "9.1", "secondary", "how the prices of several providers are averaged"
    ),
    "balanced_trading_unit": Option(
        ("offtaking", "delivering"),
        "5.1",
        "recollection",
        "the status of a Trading Unit whose metered volumes add up to exactly 0",
        CHARGES,
        FIRST_DAY,
    ),
    "losses_total": Option(
        ("all units", "without interconnectors"),
        "5.4",
        "recollection",
        "the units whose metered volumes add up to the losses shared out; the balance of energy requires all",
        CHARGES,
        date(2012, 11, 29),
    ),
    "non_delivery_order": Option(
        ("dearest offer first", "cheapest offer first"),
        "7.2",
        "recollection",
        "the pairs that are deemed undelivered first; bids from the other end",
        CHARGES,
        FIRST_DAY,
    ),
    "reallocation_base": Option(
        ("metered less balancing", "metered"),
        "8.3",
        "recollection",
        "the volume that a reallocation percentage is taken of",
        CHARGES,
        FIRST_DAY,
    ),
}


def chosen(options: Mapping[str, str] | None = None) -> dict[str, str]:
    """Every option with its value: the default, or what is given.

    Raises WrongInput for a name or a choice that does not exist.
    """
    picked = {name: option.default for name, option in OPTIONS.items()}
    for name, value in (options or {}).items():
        if name not in OPTIONS or value not in OPTIONS[name].choices:
            wanted = (
                " or ".join(repr(choice) for choice in OPTIONS[name].choices) if name in OPTIONS else sorted(OPTIONS)
            )
            raise WrongInput(f"option {name}: found {value!r}, wanted {wanted}. Correct the option.")
        picked[name] = value
    return picked
