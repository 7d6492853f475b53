"""One synthetic market day: its feeds, and the stack and price of every period derived from them exactly.

Reads    every maker of feeds in this package, exact_volumes, exact_durations, exact_price
Gives    MarketDay, PeriodMarket, market_day
Rules    price.md 2 to 9, 13.1; volumes-and-charges.md 2, 3
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache

from loaders.sample_market.acceptances import acceptances_of
from loaders.sample_market.adjustments import Adjustment, adjustments_of, market_index_of
from loaders.sample_market.bid_offer_pairs import pairs_of
from loaders.sample_market.dated_values import DatedValues, dated_values
from loaders.sample_market.day_shape import DayShape, day_shape
from loaders.sample_market.exact_durations import continuous_minutes
from loaders.sample_market.exact_market import Action, MarketIndex, PriceParameters, PriceResult
from loaders.sample_market.exact_price import price
from loaders.sample_market.exact_volumes import Acceptance, PairBand, Piece, accepted_volumes
from loaders.sample_market.feeds import PERIOD_MINUTES
from loaders.sample_market.notifications import notifications_of
from loaders.sample_market.scarcity import scarcity_prices
from loaders.sample_market.units import Unit, units_of


@dataclass(frozen=True)
class PeriodMarket:
    """What the price of one period is made of, and the price."""

    settlement_period: int
    actions: tuple[Action, ...]
    parameters: PriceParameters
    market_index: tuple[MarketIndex, ...]
    result: PriceResult

    def priced_with(self, actions: Sequence[Action], index_higher_by: Fraction = Fraction(0)) -> PriceResult:
        """The price had the actions been others, and the market index prices higher by an amount (GBP/MWh)."""
        index = [replace(entry, price=entry.price + index_higher_by) for entry in self.market_index]
        return price(actions, self.parameters, index)


@dataclass(frozen=True)
class MarketDay:
    """A day's feeds. Times are minutes from the first instant of the day; levels MW."""

    settlement_date: date
    seed: int
    values: DatedValues
    shape: DayShape
    units: list[Unit]
    notifications: dict[str, list[Piece]]
    pairs: dict[str, dict[int, list[PairBand]]]
    acceptances: list[Acceptance]
    adjustments: list[Adjustment]
    market_index: dict[int, list[MarketIndex]]
    periods: dict[int, PeriodMarket] = field(default_factory=dict)

    @cached_property
    def minutes(self) -> dict[tuple[str, int], Fraction]:
        """How long each acceptance's unit was under acceptances without a break, by unit and acceptance number."""
        return continuous_minutes(self.acceptances)

    @cached_property
    def of_unit(self) -> dict[str, list[Acceptance]]:
        """The acceptances of each unit that has any."""
        found: dict[str, list[Acceptance]] = {}
        for acceptance in self.acceptances:
            found.setdefault(acceptance.bm_unit, []).append(acceptance)
        return found

    def actions(self, settlement_period: int) -> list[Action]:
        """The accepted actions of a period, from acceptances and adjustment actions, without zero volumes."""
        start = Fraction((settlement_period - 1) * PERIOD_MINUTES)
        period = (start, start + PERIOD_MINUTES)
        actions: list[Action] = []
        for unit in self.units:
            during = [a for a in self.of_unit.get(unit.bm_unit, ()) if a.first < period[1] and a.last > period[0]]
            if during:
                short = {a.number for a in during if self.minutes[a.bm_unit, a.number] < self.values.cadl_minutes}
                actions += self._unit_actions(unit, period, during, short)
        adjusted = [a.action for a in self.adjustments if a.settlement_period == settlement_period]
        return actions + [action for action in adjusted if action is not None]

    def _unit_actions(
        self, unit: Unit, period: tuple[Fraction, Fraction], during: list[Acceptance], short: set[int]
    ) -> list[Action]:
        bands = self.pairs[unit.bm_unit][int(period[0]) // PERIOD_MINUTES + 1]
        lines = [p for p in self.notifications[unit.bm_unit] if p.time_from < period[1] and p.time_to > period[0]]
        volumes = accepted_volumes(period, lines, bands, during)
        tlm = unit.transmission_loss_multiplier(self.values)
        actions = []
        for acceptance in during:
            for band in bands:
                volume = volumes[acceptance.number, band.pair]
                for amount, at in ((volume.offer, band.offer_price), (volume.bid, band.bid_price)):
                    if amount != 0:
                        actions.append(
                            Action(
                                unit.bm_unit,
                                amount,
                                at,
                                acceptance.number,
                                band.pair,
                                so_flag=acceptance.so_flag,
                                cadl_flag=acceptance.number in short,
                                stor_flag=acceptance.stor_flag,
                                tlm=tlm,
                            )
                        )
        return actions


@lru_cache(maxsize=4)
def market_day(settlement_date: date, seed: int) -> MarketDay:
    """The day of one seed, whole, with the price of every period. Kept, so not to be changed by who gets it.

    Raises CannotWriteDay for a day before 5 November 2015.
    """
    values = dated_values(settlement_date)
    shape = day_shape(settlement_date, seed)
    units = units_of(seed, values)
    notifications = {unit.bm_unit: notifications_of(unit, shape, seed) for unit in units}
    pairs = {unit.bm_unit: pairs_of(unit, shape, seed) for unit in units}
    day = MarketDay(
        settlement_date=settlement_date,
        seed=seed,
        values=values,
        shape=shape,
        units=units,
        notifications=notifications,
        pairs=pairs,
        acceptances=acceptances_of(units, shape, notifications, pairs, seed),
        adjustments=adjustments_of(shape, seed),
        market_index=market_index_of(shape, seed),
    )
    periods = range(1, shape.minutes // PERIOD_MINUTES + 1)
    actions = {period: day.actions(period) for period in periods}
    scarcity = scarcity_prices(day.values, actions, day.market_index)
    for period in periods:
        parameters = price_parameters(values, scarcity.get(period, Fraction(0)))
        market_index = tuple(day.market_index[period])
        result = price(actions[period], parameters, market_index)
        day.periods[period] = PeriodMarket(period, tuple(actions[period]), parameters, market_index, result)
    return day


def price_parameters(values: DatedValues, reserve_scarcity_price: Fraction) -> PriceParameters:
    """The price parameters of a date with the Reserve Scarcity Price of a period."""
    return PriceParameters(
        de_minimis_threshold=values.de_minimis_threshold,
        price_average_reference=values.price_average_reference,
        replacement_price_average_reference=values.replacement_price_average_reference,
        reserve_scarcity_price=reserve_scarcity_price,
    )
