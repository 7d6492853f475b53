"""Transmission losses of one period in exact fractions: each side is told what it must bear, then scaled to it.

An independent check of the settlement engine: plain dicts by BM Unit, nothing shared with the engine.

Reads    errors
Gives    MeteredUnit, Losses, share_losses
Rules    volumes-and-charges.md, section 5
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from loaders.sample_market.errors import CannotPrice

ZERO = Fraction(0)
ONE = Fraction(1)
DELIVERING_SHARE = Fraction(45, 100)


@dataclass(frozen=True)
class MeteredUnit:
    """What a BM Unit metered in one period.

    metered_volume  QM_ij, MWh, export above 0
    loss_factor     TLF_ij
    """

    bm_unit: str
    trading_unit: str
    metered_volume: Fraction
    loss_factor: Fraction = ZERO
    interconnector: bool = False


@dataclass(frozen=True)
class Losses:
    """The losses of a period, MWh, and what they do to each unit.

    total                 Σ QM_ij over all units, MWh
    trading_unit_volumes  MWh by Trading Unit, export above 0
    delivering            by BM Unit: whether its Trading Unit delivers
    tlmo_plus, tlmo_minus what the multipliers of delivering and of offtaking units are moved by
    multipliers           TLM_ij by BM Unit
    """

    total: Fraction
    trading_unit_volumes: dict[str, Fraction]
    delivering: dict[str, bool]
    tlmo_plus: Fraction
    tlmo_minus: Fraction
    multipliers: dict[str, Fraction]


def share_losses(
    units: Sequence[MeteredUnit],
    delivering_share: Fraction = DELIVERING_SHARE,
    interconnectors_share_losses: bool = False,
) -> Losses:
    """The loss multiplier of every unit of a whole system in one period.

    interconnectors_share_losses  True before P278: interconnector units are then like any other

    Raises CannotPrice where no delivering, or no offtaking, volume is there to bear its share.

    Source  volumes-and-charges.md 5.1, 5.4, 5.5
    """
    by_trading_unit: dict[str, Fraction] = {}
    total = ZERO
    for unit in units:
        by_trading_unit[unit.trading_unit] = by_trading_unit.get(unit.trading_unit, ZERO) + unit.metered_volume
        total += unit.metered_volume
    delivering = {unit.bm_unit: by_trading_unit[unit.trading_unit] > 0 for unit in units}
    sharing = [unit for unit in units if interconnectors_share_losses or not unit.interconnector]
    plus = _moved_by([u for u in sharing if delivering[u.bm_unit]], delivering_share * total, "delivering")
    minus = _moved_by([u for u in sharing if not delivering[u.bm_unit]], (1 - delivering_share) * total, "offtaking")
    multipliers = {unit.bm_unit: ONE for unit in units}
    for unit in sharing:
        multipliers[unit.bm_unit] = ONE + unit.loss_factor + (plus if delivering[unit.bm_unit] else minus)
    return Losses(total, by_trading_unit, delivering, plus, minus, multipliers)


def _moved_by(side: Sequence[MeteredUnit], borne: Fraction, name: str) -> Fraction:
    """The one figure on top of the zonal factors after which a side has lost exactly what it must bear."""
    metered = sum((unit.metered_volume for unit in side), ZERO)
    by_zone = sum((unit.metered_volume * (ONE + unit.loss_factor) for unit in side), ZERO)
    if metered == 0:
        raise CannotPrice(
            f"Metered volume over all {name} units: found 0 MWh, wanted a volume that can bear losses. "
            "Give the units of the whole system."
        )
    return (metered - borne - by_zone) / metered
