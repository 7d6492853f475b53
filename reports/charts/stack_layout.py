"""Where each action lies in the price stack, and which part of it is in which state after a stage.

Sells lie left of zero, buys right, the cheapest at the middle; width is MWh. Nothing
moves from stage 3 on: what leaves stays as a ghost in its place, arbitrage on the inner
side of a split action, NIV tagging on the outer.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.views import Action, PeriodView

# In order; stages 1 and 2 are drawn as the actions arrived.
STAGES = ("1", "2", "3", "4a", "4b", "5", "6", "7", "8", "9", "10")
_NOTHING = 1e-9  # MWh under which subtraction has left nothing (price rules, section 11)


@dataclass(frozen=True)
class Part:
    """A piece of one action: from `inner` to `outer` MWh away from zero, in one state."""

    state: str  # "active", "minimis", "arbitrage", "niv", "par"
    inner: float
    outer: float
    leaves_now: bool = False


@dataclass(frozen=True)
class Placed:
    """An action with its pieces and how it looks at the stage."""

    action: Action
    parts: tuple[Part, ...]
    price: float | None  # None: no price, drawn to the top
    own_price: float | None  # where a repriced action stood before
    flagged: bool
    repriced: bool

    @property
    def sign(self) -> int:
        return 1 if self.action.side == "buy" else -1

    @property
    def inner(self) -> float:
        return self.parts[0].inner

    @property
    def outer(self) -> float:
        return self.parts[-1].outer


def stage_number(stage: int | str) -> str:
    """The name of a stage as the strip writes it; 4 alone means 4b. ValueError for any other."""
    name = {"4": "4b"}.get(str(stage), str(stage))
    if name not in STAGES:
        raise ValueError(f"stage {stage!r}: wanted one of {', '.join(STAGES)}. Ask for one of these.")
    return name


def at_or_after(stage: str, other: str) -> bool:
    """Whether a stage is `other` or comes after it."""
    return STAGES.index(stage) >= STAGES.index(other)


def place(period: PeriodView, stage: int | str = 10) -> list[Placed]:
    """Each action of the period where it lies after the stage, buys first, from the middle outwards."""
    name = stage_number(stage)
    placed = []
    for side in ("buy", "sell"):
        actions = [action for action in period.actions if action.side == side and abs(action.volume) > _NOTHING]
        if at_or_after(name, "3"):
            actions.sort(key=lambda action: (action.rank, action.action))
        else:
            actions.sort(key=lambda action: (action.source.source_row if action.source else 0, action.action))
        at = 0.0
        for action in actions:
            placed.append(_placed(action, at, name))
            at += abs(action.volume)
    return placed


def _placed(action: Action, at: float, stage: str) -> Placed:
    own = action.original_price if stage == "1" else action.ranking_price
    if action.unpriced:
        own = None
    repriced = action.repriced and at_or_after(stage, "7")
    flagged = action.first_stage_flag
    if at_or_after(stage, "5") and action.second_stage_flag is not None:
        flagged = action.second_stage_flag
    return Placed(action, _parts(action, at, stage), action.final_price if repriced else own, own, flagged, repriced)


def _parts(action: Action, at: float, stage: str) -> tuple[Part, ...]:
    whole, minimis, arbitrage, niv, par = (
        abs(value)
        for value in (
            action.volume,
            action.de_minimis_adjusted_volume,
            action.arbitrage_adjusted_volume,
            action.net_imbalance_adjusted_volume,
            action.price_average_adjusted_volume,
        )
    )
    minimis = minimis if at_or_after(stage, "4a") else whole
    arbitrage = arbitrage if at_or_after(stage, "4b") else minimis
    niv = niv if at_or_after(stage, "6") else arbitrage
    par = par if at_or_after(stage, "8") else 0.0
    if whole - minimis > _NOTHING:
        return (Part("minimis", at, at + whole, stage == "4a"),)
    ends = [
        ("arbitrage", minimis - arbitrage, stage == "4b"),
        ("active", niv - par, False),
        ("par", par, False),
        ("niv", arbitrage - niv, stage == "6"),
    ]
    parts, inner = [], at
    for state, extent, now in ends:
        if extent > _NOTHING:
            parts.append(Part(state, inner, inner + extent, now))
            inner += extent
    return tuple(parts)


def price_range(period: PeriodView) -> list[float]:
    """Every price that a stage may draw, so that all stages have one scale."""
    found = [period.replacement_price, period.system_price, *period.dearest_unflagged_price.values()]
    for action in period.actions:
        found += [action.original_price, action.ranking_price, action.final_price]
    return [float(value) for value in found if value is not None]
