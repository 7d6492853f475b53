"""The small SYNTHETIC day with charges, worked out in fractions from the same rows, price and all.

Volumes come from the exact calculators of the sample market, loss multipliers and charges from the readings and
notifications that `charged_day` writes. It shares nothing with the engine but the calendar.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import ModuleType

from loaders.sample_market.exact_charges import (
    AcceptedPair,
    ChargedPeriod,
    ChargedUnit,
    Contract,
    PeriodCharges,
    Reallocation,
    charges,
)
from loaders.sample_market.exact_losses import MeteredUnit, share_losses
from loaders.sample_market.exact_market import Action
from loaders.sample_market.exact_price import price
from loaders.sample_market.exact_volumes import period_volume
from loaders.sample_market.market_day import MarketDay, market_day


def period_charges(charged: ModuleType, period: int) -> tuple[Fraction, PeriodCharges]:
    """The System Price of a period of run II, GBP/MWh, and its charges."""
    told, day = charged.first(), market_day(charged.DAY, charged.SEED)
    accounts = {f"{party}-{status}": party for party in told.parties for status in "CP"}
    metered = [
        MeteredUnit(
            one.unit.bm_unit, one.trading_unit, Fraction(told.readings[one.unit.bm_unit, period], 1000), one.unit.tlf,
            one.interconnector is not None,
        )
        for one in told.register
    ]  # fmt: skip
    system_price = _system_price(day, period, share_losses(metered).multipliers)
    units = tuple(
        ChargedUnit(
            metered=reading,
            lead_account="-".join(one.account),
            notified_volume=period_volume(_ends(period), day.notifications.get(one.unit.bm_unit, ())),
            pairs=_pairs(day, period, one.unit.bm_unit),
            supplier=one.bm_unit_type == "G",
        )
        for one, reading in zip(told.register, metered, strict=True)
    )
    contracts = (
        Contract("-".join(one.seller), "-".join(one.buyer), Fraction(one.volumes[period], 1000))
        for one in told.contracts
    )
    reallocations = (
        Reallocation(one.bm_unit, "-".join(one.subsidiary), Fraction(one.percentage), Fraction(one.fixed, 1000))
        for one in told.reallocations
    )
    whole = ChargedPeriod(units, accounts, system_price, system_price, tuple(contracts), tuple(reallocations))
    return system_price, charges(whole)


def _ends(period: int) -> tuple[Fraction, Fraction]:
    return Fraction(30 * (period - 1)), Fraction(30 * period)


def _system_price(day: MarketDay, period: int, multipliers: dict[str, Fraction]) -> Fraction:
    """The price of the period's actions, with multipliers from metering."""
    market = day.periods[period]
    actions = [replace(one, tlm=multipliers.get(one.id, Fraction(1))) for one in market.actions]
    return price(actions, market.parameters, market.market_index).system_price


def _pairs(day: MarketDay, period: int, bm_unit: str) -> tuple[AcceptedPair, ...]:
    mine = [one for one in day.periods[period].actions if one.id == bm_unit]
    return tuple(
        AcceptedPair(band.pair, *_accepted(mine, band.pair), band.offer_price, band.bid_price)
        for band in day.pairs.get(bm_unit, {}).get(period, ())
    )


def _accepted(actions: list[Action], pair: int) -> tuple[Fraction, Fraction]:
    """What was accepted of one pair, offers and bids, MWh."""
    volumes = [one.volume for one in actions if one.pair == pair]
    up, down = ([v for v in volumes if v > 0], [v for v in volumes if v < 0])
    return sum(up, Fraction(0)), sum(down, Fraction(0))
