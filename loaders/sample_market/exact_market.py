"""What the exact price calculator is given and what it gives, in fractions.

Reads    nothing
Gives    Action, MarketIndex, Adjusters, PriceParameters, RowResult, PriceResult
Rules    price.md, sections 2, 3, 8.7, 9
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

BUY = "buy"
SELL = "sell"
ONE = Fraction(1)
ZERO = Fraction(0)
# The three readings of 6.1: at which level volumes are summed before they are held against DMAT.
DE_MINIMIS_LEVELS = ("pair", "row", "acceptance")


@dataclass(frozen=True)
class Action:
    """One accepted action of one Settlement Period.

    volume  MWh, buys > 0, sells < 0
    price   GBP/MWh; None: unpriced
    An adjustment action (BSAA) has neither acceptance nor pair, and a TLM of 1.
    emergency_flag: accepted under an emergency instruction not declared energy-related (4.3).
    stor_flag: by a STOR provider inside an availability window (5.3).
    """

    id: str
    volume: Fraction
    price: Fraction | None
    acceptance_number: int | None = None
    pair: int | None = None
    so_flag: bool = False
    cadl_flag: bool = False
    stor_flag: bool = False
    emergency_flag: bool = False
    tlm: Fraction = ONE

    @property
    def is_adjustment(self) -> bool:
        """Whether it is a Balancing Services Adjustment Action, not a Bid or an Offer."""
        return self.acceptance_number is None and self.pair is None

    @property
    def side(self) -> str:
        """The ranked set it belongs to, by the sign of its volume."""
        return BUY if self.volume > 0 else SELL

    @property
    def first_stage_flagged(self) -> bool:
        """Rule 4.4."""
        return self.so_flag or self.cadl_flag or self.emergency_flag or self.price is None


@dataclass(frozen=True)
class MarketIndex:
    """What one Market Index Data Provider says of a period: GBP/MWh and MWh."""

    provider: str
    price: Fraction
    volume: Fraction


@dataclass(frozen=True)
class Adjusters:
    """BPA_j and SPA_j, GBP/MWh (8.7)."""

    buy: Fraction = ZERO
    sell: Fraction = ZERO


@dataclass(frozen=True)
class PriceParameters:
    """Parameters of a period's price: MWh, and GBP/MWh for the Reserve Scarcity Price (VoLL times LoLP)."""

    de_minimis_threshold: Fraction
    price_average_reference: Fraction
    replacement_price_average_reference: Fraction
    reserve_scarcity_price: Fraction = ZERO
    de_minimis_level: str = "pair"


@dataclass
class RowResult:
    """One action on its way through the stages: volumes left in MWh, signed as the action's.

    second_stage_flagged is None for a row with nothing left after arbitrage; final_price is None for a row
    with nothing left after NIV tagging.
    """

    action: Action
    ranking_price: Fraction | None
    sequence_number: int = 0
    dmat_adjusted_volume: Fraction = ZERO
    arbitrage_adjusted_volume: Fraction = ZERO
    second_stage_flagged: bool | None = None
    niv_adjusted_volume: Fraction = ZERO
    repriced: bool = False
    final_price: Fraction | None = None
    par_adjusted_volume: Fraction = ZERO

    @property
    def tlm_adjusted_volume(self) -> Fraction:
        """MWh."""
        return self.par_adjusted_volume * self.action.tlm

    @property
    def tlm_adjusted_cost(self) -> Fraction:
        """GBP."""
        return self.tlm_adjusted_volume * (self.final_price or ZERO)


@dataclass
class PriceResult:
    """The price of one period, GBP/MWh, and the way to it. Rows stand in the order the actions were given.

    replacement_price and its reference volume (MWh) are None where nothing was repriced.
    priced_at_market_index: NIV was 0, so the price is the Market Index Price (8.4).
    """

    system_price: Fraction
    net_imbalance_volume: Fraction
    market_index_price: Fraction
    reserve_scarcity_price: Fraction
    replacement_price: Fraction | None = None
    replacement_price_reference_volume: Fraction | None = None
    priced_at_market_index: bool = False
    rows: list[RowResult] = field(default_factory=list)
