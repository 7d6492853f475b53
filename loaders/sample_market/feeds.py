"""What a day has to offer to be written as feeds, or published: the small day and the national one alike.

Reads    exact_volumes, exact_market, adjustments, market_day
Gives    Feeds, PricedDay, PERIOD_MINUTES
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

from loaders.sample_market.exact_market import MarketIndex
from loaders.sample_market.exact_volumes import Acceptance, PairBand, Piece

if TYPE_CHECKING:
    from loaders.sample_market.adjustments import Adjustment
    from loaders.sample_market.market_day import PeriodMarket

PERIOD_MINUTES = 30


class Feeds(Protocol):
    """The feeds of a day before it is settled. Times are minutes from its first instant; levels MW."""

    @property
    def settlement_date(self) -> date: ...
    @property
    def notifications(self) -> Mapping[str, Sequence[Piece]]: ...
    @property
    def pairs(self) -> Mapping[str, Mapping[int, Sequence[PairBand]]]: ...
    @property
    def acceptances(self) -> Sequence[Acceptance]: ...
    @property
    def adjustments(self) -> Sequence[Adjustment]: ...
    @property
    def market_index(self) -> Mapping[int, Sequence[MarketIndex]]: ...


class PricedDay(Protocol):
    """A day whose periods were priced."""

    @property
    def settlement_date(self) -> date: ...
    @property
    def seed(self) -> int: ...
    @property
    def periods(self) -> Mapping[int, PeriodMarket]: ...
