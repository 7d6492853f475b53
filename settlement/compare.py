"""Own against published: what each difference is called, and why.

Compared are the reported figures, differences in full. A difference is `vintage` where
price and inputs were made at different moments, `unexplained` where they were not.

Rules    price.md, sections 11 and 16a
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

PRICE_DECIMALS = 5
NET_VOLUME_DECIMALS = 4
MONEY_DECIMALS = 2
PRICE_TOLERANCE = Decimal("0.01")  # GBP/MWh, price.md 11
VOLUME_TOLERANCE = 0.001  # MWh

# Published column -> (stage, own quantity), in the order of the stages.
STAGES = (
    ("volume", "3", "volume"),
    ("dmat_adjusted_volume", "4a", "de_minimis_adjusted_volume"),
    ("arbitrage_adjusted_volume", "4b", "arbitrage_adjusted_volume"),
    ("niv_adjusted_volume", "6", "net_imbalance_adjusted_volume"),
    ("final_price", "7", "final_price"),
    ("par_adjusted_volume", "8", "price_average_adjusted_volume"),
    ("tlm_adjusted_cost", "9", "loss_adjusted_cost"),
)


@dataclass(frozen=True)
class Verdict:
    """What a difference is called, why, and what to do."""

    verdict: str
    difference: Decimal | None
    worth: Decimal | None
    reason: str
    todo: str


def reported(value: float, decimals: int) -> Decimal:
    """A figure as reported: rounded once, half away from zero.

    >>> reported(-0.000005, 5), reported(12.0, 5)
    (Decimal('-0.00001'), Decimal('12.00000'))
    """
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)


def verdict(
    own: Decimal | None,
    published: Decimal | None,
    *,
    missing: Sequence[str] = (),
    net_imbalance_volume: Decimal | None = None,
    price_created: datetime | None = None,
    inputs_created: datetime | None = None,
    first_difference: str | None = None,
) -> Verdict:
    """Name the difference between an own and a published price of one period.

    missing           what did not arrive or was refused: then the two are not comparable
    inputs_created    when the published inputs were made, to tell a vintage
    first_difference  the first stage at which own and published rows differ, where both are known
    """
    difference = None if own is None or published is None else published - own
    worth = None
    if difference is not None and net_imbalance_volume is not None:
        worth = abs(difference * net_imbalance_volume).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if missing:
        return Verdict(
            "not comparable", difference, None, _sentence(missing), "Load what is missing, then settle again"
        )
    if own is None or published is None or difference is None:
        side = "No price was published" if published is None else "There is no own price"
        return Verdict("not comparable", None, None, f"{side}.", "Load what is missing, then settle again")
    if difference == 0:
        return Verdict("exact", difference, worth, "Equal to five decimals.", "Nothing to do")
    if abs(difference) <= PRICE_TOLERANCE:
        where = (
            "in the fifth decimal" if abs(difference) < Decimal("0.0001") else f"by at most {PRICE_TOLERANCE} GBP/MWh"
        )
        return Verdict("rounding", difference, worth, f"Differs {where}.", "Nothing to do")
    if price_created is not None and inputs_created is not None and price_created != inputs_created:
        older = "older" if price_created < inputs_created else "newer"
        reason = f"Price made {_moment(price_created)}, stack {_moment(inputs_created)}: the price is the {older}."
        return Verdict("vintage", difference, worth, reason, "Settle again when the new price is published")
    if first_difference is None:
        reason = "No published stack to find the first difference in."
    elif first_difference == "10":
        reason = "Stages 3 to 9 agree with the published stack; the price (10) is the first that differs."
    else:
        reason = f"Stage {first_difference} is the first that differs from the published stack."
    return Verdict("unexplained", difference, worth, reason, "Read the stack, then open a dispute")


def first_difference(own: Sequence[Mapping[str, float | None]], published: Sequence[Mapping[str, float | None]]) -> str:
    """The first stage at which some row of own and published stacks differs; "10" where all agree.

    Rows stand in the same order. A published null counts as nothing left: 0 MWh.
    """
    for column, stage, quantity in STAGES:
        tolerance = float(PRICE_TOLERANCE) if column == "final_price" else VOLUME_TOLERANCE
        for mine, theirs in zip(own, published, strict=True):
            if column == "final_price" and (mine[quantity] is None or theirs[column] is None):
                continue
            if not abs((mine[quantity] or 0.0) - (theirs[column] or 0.0)) <= tolerance:
                return stage
    return "10"


def _sentence(missing: Sequence[str]) -> str:
    text = "; ".join(missing)
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _moment(instant: datetime) -> str:
    return instant.strftime("%H:%M:%SZ on %d %b %Y")
