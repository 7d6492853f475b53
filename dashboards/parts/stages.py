"""The stages of a price in words: what each does, what it did in this period, what is left after it.

Every sentence is made from the actions of the period, so that it cannot say other than the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reports.charts.price_average import in_price_average
from reports.look import numbers
from reports.look.names import action_name
from reports.views import Action, DayView, PeriodView

_NOTHING = 1e-9
_MOST = 3  # actions named one by one

NAMES = {
    "1": "First-stage flags", "2": "Reserve scarcity", "3": "Ranked sets", "4a": "De Minimis", "4b": "Arbitrage",
    "5": "Classification", "6": "NIV tagging", "7": "Replacement price", "8": "PAR tagging", "9": "Weighted mean",
    "10": "Price",
}  # fmt: skip

RULES = {
    "1": "An action is flagged if the System Operator says so, if it lasted shorter than CADL, or if it has no price.",
    "2": "A STOR action is priced at the higher of its own price and the Reserve Scarcity Price.",
    "3": "Dearer always means worse for the System Operator.",
    "4a": "Tested on the volume of one unit, pair and side.",
    "4b": "While the cheapest buy costs no more than the dearest sell, the same volume leaves both.",
    "5": "A flagged action stays flagged only if it is dearer than the dearest unflagged one, p*.",
    "6": "The smaller side leaves, and as much of the larger side from its dear end.",
    "7": "What is still flagged takes the mean price of the dearest unflagged volume left.",
    "8": "Only the dearest MWh of what is left set the price.",
    "9": "The mean of the prices inside PAR, each weighted by volume and loss multiplier.",
    "10": "The mean and the price adjustment, rounded once, at five decimals.",
}

# The quantity whose rule gives the stage.
QUANTITIES = {
    "1": "first_stage_flag", "2": "ranking_price", "3": "rank", "4a": "de_minimis_adjusted_volume",
    "4b": "arbitrage_adjusted_volume", "5": "second_stage_flag", "6": "net_imbalance_adjusted_volume",
    "7": "replacement_price", "8": "price_average_adjusted_volume", "9": "loss_adjusted_cost", "10": "system_price",
}  # fmt: skip

# The stage of the view whose sums stand after each stage of the strip.
_SUMS = {"1": "3", "2": "3", "3": "3", "4a": "4a", "4b": "4b", "5": "4b", "6": "6", "7": "6", "8": "8", "9": "8",
         "10": "8"}  # fmt: skip


def left_after(period: PeriodView, stage: str) -> tuple[float, float] | None:
    """MWh of buys and of sells left after a stage; None where the run kept no sums."""
    sums = {one.number: (one.buys_left, one.sells_left) for one in period.stages}
    return sums.get(_SUMS[stage])


def happened(period: PeriodView, stage: str) -> str:
    """What the stage did in this period, in one or two sentences."""
    return _SAID[stage](period)


def clause_and_evidence(day: DayView, period: PeriodView, stage: str) -> tuple[str, str]:
    """As the run kept them; blank where it did not."""
    for rule in day.rules:
        if rule.quantity == QUANTITIES[stage]:
            return rule.clause, rule.evidence
    for one in period.stages:
        if one.number == stage:
            return one.clause, one.evidence
    return "", ""


def _actions(count: int, one: str = "action", many: str = "actions") -> str:
    return f"{count} {one if count == 1 else many}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _named(actions: Sequence[Action], told: Callable[[Action], str]) -> str:
    shown = [f"{action_name(action)} ({told(action)})" for action in actions[:_MOST]]
    if len(actions) > _MOST:
        return f"{', '.join(shown)} and {len(actions) - _MOST} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]


def _flags(period: PeriodView) -> str:
    counts = [
        ("SO-flagged", sum(one.so_flag for one in period.actions)),
        ("CADL-flagged", sum(one.cadl_flag for one in period.actions)),
        ("emergency-flagged", sum(one.emergency_flag for one in period.actions)),
        ("without a price", sum(one.unpriced for one in period.actions)),
    ]
    said = ", ".join(f"{count} {_is(count)} {word}" for word, count in counts if count) or "None is flagged"
    flagged = sum(one.first_stage_flag for one in period.actions)
    return f"{said}. {flagged} of {_actions(len(period.actions))} may be repriced."


def _scarcity(period: PeriodView) -> str:
    reserve = [one for one in period.actions if one.stor_flag]
    price = period.reserve_scarcity_price
    known = "" if price is None else f" The Reserve Scarcity Price is {numbers.plain(price)} GBP/MWh."
    if not reserve:
        return f"No STOR action in this period: nothing changes.{known}"
    raised = [one for one in reserve if one.ranking_price != one.original_price]
    named = _named(raised, lambda one: numbers.plain(one.ranking_price or 0.0)) if raised else "none"
    said = f"{named} raised to it"
    return f"{_actions(len(reserve), 'STOR action', 'STOR actions')}, {said}.{known}"


def _ranked(period: PeriodView) -> str:
    buys = sum(one.side == "buy" for one in period.actions)
    sells = len(period.actions) - buys
    said = (
        f"{_actions(buys, 'buy', 'buys')}, cheapest first to the right; {_actions(sells, 'sell', 'sells')}, highest "
        "price first to the left."
    )
    unpriced = sum(one.unpriced for one in period.actions)
    return said + (f" What has no price stands last ({_actions(unpriced)})." if unpriced else "")


def _minimis(period: PeriodView) -> str:
    gone = [one for one in period.actions if abs(one.de_minimis_adjusted_volume) <= _NOTHING < abs(one.volume)]
    if not gone:
        return "No action is small enough to leave."
    leave = "leaves" if len(gone) == 1 else "leave"
    return f"{_named(gone, lambda one: f'{numbers.volume(one.volume)} MWh')} {leave}: below De Minimis."


def _lost(before: str, after: str, side: str) -> Callable[[PeriodView], float]:
    return lambda period: abs(
        sum(getattr(one, before) - getattr(one, after) for one in period.actions if one.side == side)
    )


def _arbitrage(period: PeriodView) -> str:
    volume = _lost("de_minimis_adjusted_volume", "arbitrage_adjusted_volume", "buy")(period)
    if volume <= _NOTHING:
        return "No buy is cheaper than a sell: nothing leaves."
    return f"Some buys are cheaper than some sells: {numbers.volume(volume)} MWh leave both sides."


def _classified(period: PeriodView) -> str:
    left = [one for one in period.actions if one.second_stage_flag is not None and one.first_stage_flag]
    if not left:
        return "No flagged action is left to classify."
    freed = [one for one in left if not one.second_stage_flag]
    still = len(left) - len(freed)
    levels = ", ".join(
        f"{numbers.plain(price)} for {side}s" for side, price in sorted(period.dearest_unflagged_price.items())
    )
    said = f" p* is {levels}." if levels else " There is no unflagged action to set p*."
    became = f"{_actions(len(freed))} {'becomes' if len(freed) == 1 else 'become'}" if freed else "None becomes"
    return f"{became} unflagged, {still} {'stays' if still == 1 else 'stay'} flagged.{said}"


def _niv(period: PeriodView) -> str:
    buys = _lost("arbitrage_adjusted_volume", "net_imbalance_adjusted_volume", "buy")(period)
    split = [
        one for one in period.actions
        if _NOTHING < abs(one.net_imbalance_adjusted_volume) < abs(one.arbitrage_adjusted_volume) - _NOTHING
    ]  # fmt: skip
    left = f"{numbers.volume(buys)} MWh leave each side."
    said = left if buys > _NOTHING else "Only one side is left: nothing leaves."
    for one in split[:1]:
        said += (
            f" {action_name(one)} is split: {numbers.volume(one.net_imbalance_adjusted_volume)} of "
            f"{numbers.volume(one.arbitrage_adjusted_volume)} MWh stay."
        )
    return said


def _replaced(period: PeriodView) -> str:
    if period.replacement_price is None:
        return "Not needed: no action that is still flagged is left."
    changed = [one for one in period.actions if one.repriced]
    price = numbers.plain(period.replacement_price)
    if not changed:
        return f"The replacement price is {price} GBP/MWh; it moves no action."

    def own(action: Action) -> str:
        return "no price" if action.ranking_price is None or action.unpriced else numbers.plain(action.ranking_price)

    if len(changed) == 1:
        return f"{_named(changed, own)} is still flagged: its price becomes {price} GBP/MWh."
    return f"{len(changed)} actions are still flagged and become {price} GBP/MWh: {_named(changed, own)}."


def _average(period: PeriodView) -> str:
    inside = in_price_average(period)
    if not inside:
        return "Nothing is left, so no MWh sets the price: the market price stands in."
    return (
        f"{_named(inside, lambda one: f'{numbers.volume(one.price_average_adjusted_volume)} MWh')} "
        f"{'is' if len(inside) == 1 else 'are'} inside PAR."
    )


def _mean(period: PeriodView) -> str:
    inside = in_price_average(period)
    if not inside:
        return "There is nothing to take a mean of."
    cost, volume = sum(a.loss_adjusted_cost for a in inside), sum(a.loss_adjusted_volume for a in inside)
    return f"£{numbers.price(cost)} over {numbers.written(volume, 7)} MWh gives {numbers.price(cost / volume)} GBP/MWh."


def _price(period: PeriodView) -> str:
    if period.own is None:
        return "No price: this period was set aside."
    adjustment = period.price_adjustment
    adjusted = f" It includes a price adjustment of {numbers.plain(adjustment)}." if adjustment else ""
    return f"The price is {numbers.price(period.own)} GBP/MWh.{adjusted} Rounded once here."


_SAID: dict[str, Callable[[PeriodView], str]] = {
    "1": _flags, "2": _scarcity, "3": _ranked, "4a": _minimis, "4b": _arbitrage, "5": _classified, "6": _niv,
    "7": _replaced, "8": _average, "9": _mean, "10": _price,
}  # fmt: skip
