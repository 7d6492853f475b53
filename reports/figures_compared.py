"""Own figures beside those that another published: how many agree, and where they differ most.

What is published is another's answer to the same question: nothing of it is put in place of an own figure. Blank
figures are not compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from settlement.settled import Settled

# What equal means, in the unit of the figure: the last decimal that is published.
TOLERANCE = {"MWh": 0.001, "GBP": 0.01, "1": 1e-7}
# Less than this is what doubles leave of 0.
NOTHING = 1e-9


@dataclass(frozen=True)
class Compared:
    """One figure: how many values were compared and how they stand; the largest difference, and where it is."""

    quantity: str
    column: str
    symbol: str
    unit: str
    compared: int
    equal: int
    other_sign: int
    not_own: int  # published, and no own figure
    not_published: int
    largest: float
    where: dict[str, Any]

    @property
    def differing(self) -> int:
        """Values further apart than the last published decimal, and not by their sign alone."""
        return self.compared - self.equal - self.other_sign

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "quantity": self.quantity, "symbol": self.symbol, "unit": self.unit, "column": self.column,
            "compared": self.compared, "equal": self.equal, "other_sign": self.other_sign,
            "differing": self.differing, "published_only": self.not_own, "own_only": self.not_published,
            "largest_difference": self.largest, "where": self.where,
        }  # fmt: skip


def compared(
    quantity: str,
    column: str,
    settled: Settled,
    published: pd.DataFrame,
    *,
    sparse: bool = False,
    partial: bool = False,
) -> Compared:
    """A quantity of a run beside what was published of it.

    published  the keys of the quantity, and `published`
    sparse     what is published leaves zeros out: 0 on one side and absent on the other is the same; a period of which
               nothing is published is not compared
    partial    what is published is by plan of a few rows only: no own figure is missed there
    """
    from reports.day_arrays import array

    entry = array(settled, quantity).attrs
    grain = settled.grain(quantity)
    own = pd.DataFrame({key: grain.column(key) for key in grain.keys} | {"own": settled.values(quantity)})
    theirs = published[[*grain.keys, "published"]].dropna(subset=["published"])
    both = own.merge(theirs, on=list(grain.keys), how="outer", indicator="side")
    if sparse:
        anything = (both["own"].fillna(0).abs() > NOTHING) | (both["published"].fillna(0).abs() > NOTHING)
        there = both["settlement_period"].isin(theirs["settlement_period"])
        both = both[((both["side"] == "both") | anything) & there]
    if partial:
        both = both[both["side"] != "left_only"]
    matched = both[both["side"] == "both"]
    mine, told = matched["own"].to_numpy(float), matched["published"].to_numpy(float)
    near = TOLERANCE.get(entry["units"], 0.01) * (1 + 1e-9)
    equal = np.abs(told - mine) <= near
    turned = ~equal & (np.abs(told + mine) <= near)
    apart = np.where(equal | turned, 0.0, np.abs(told - mine))
    at = int(np.argmax(apart)) if len(apart) else 0
    found = bool(len(apart)) and apart[at] > 0
    return Compared(
        quantity, column, entry["symbol"], entry["units"], len(matched), int(equal.sum()), int(turned.sum()),
        int((both["side"] == "right_only").sum()), int((both["side"] == "left_only").sum()),
        float(told[at] - mine[at]) if found else 0.0,
        {key: matched[key].iloc[at] for key in grain.keys} if found else {},
    )  # fmt: skip


def in_words(found: list[Compared]) -> str:
    """A table for a terminal."""
    lines = [f"{'quantity':<44} {'compared':>9} {'equal':>9} {'differ':>8} {'sign':>6} {'largest':>14}  where"]
    for one in found:
        where = ", ".join(f"{key} {value}" for key, value in one.where.items())
        largest = f"{one.largest:+.5g} {one.unit}" if one.where else "-"
        lines.append(
            f"{one.quantity:<44} {one.compared:>9,} {one.equal:>9,} {one.differing:>8,} {one.other_sign:>6,} "
            f"{largest:>14}  {where}"
        )
    only = sum(one.not_own for one in found), sum(one.not_published for one in found)
    lines.append(f"difference = published - own; published without own {only[0]:,}, own without published {only[1]:,}")
    return "\n".join(lines)
