"""What a settled day looks like to those who show it: plain, frozen, complete.

Reports, pages, answers and charts read these and nothing of the engine or the store.
`reports.audit.open_day` makes them. Volumes in MWh (buys above zero, sells below),
prices in GBP/MWh, instants in UTC. None means "not there"; a zero is a true zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

RUN_ID_LENGTH = 64  # hexadecimal digits: longer than any run type, so either may name a run

# From best to worst, as a day is judged by its worst period.
VERDICTS = ("exact", "rounding", "vintage", "not comparable", "unexplained")


@dataclass(frozen=True)
class Source:
    """Where a row came from."""

    file: str
    sha256: str
    source_row: int


@dataclass(frozen=True)
class Action:
    """One row of a stack, with what is left of it after each stage."""

    side: str  # "buy" or "sell"
    action: str  # label, unique within period and side
    bm_unit: str  # BM Unit id, or the number of an adjustment action
    acceptance_number: int | None  # None for an adjustment action
    pair: int | None
    volume: float
    original_price: float | None  # None: unpriced
    ranking_price: float | None  # after the Reserve Scarcity Price
    rank: int  # 1 = cheapest of its side
    so_flag: bool
    cadl_flag: bool
    emergency_flag: bool
    stor_flag: bool
    first_stage_flag: bool
    second_stage_flag: bool | None  # None: nothing left after arbitrage
    de_minimis_adjusted_volume: float
    arbitrage_adjusted_volume: float
    net_imbalance_adjusted_volume: float
    price_average_adjusted_volume: float
    final_price: float | None  # None: nothing left after NIV tagging
    repriced: bool
    loss_multiplier: float
    loss_adjusted_volume: float
    loss_adjusted_cost: float
    source: Source | None = None
    assumed: bool = False

    @property
    def unpriced(self) -> bool:
        return self.original_price is None


@dataclass(frozen=True)
class Stage:
    """A stage of the price calculation, summed over each side."""

    number: str  # "3", "4a", "4b", "6", "8"
    name: str
    buys_left: float
    sells_left: float
    clause: str
    evidence: str = ""  # the rule's evidence word; blank: not told


@dataclass(frozen=True)
class Rule:
    """A rule of the engine that gave a figure, as its tag says."""

    quantity: str  # "replacement_price", "system_price"
    clause: str
    evidence: str


@dataclass(frozen=True)
class Default:
    """A value taken by rule because the feed that brings it did not arrive."""

    rule: str
    what: str
    settlement_period: int | None = None
    bm_unit: str | None = None
    of_charges: bool = False  # it bears on charges, and on no price


@dataclass(frozen=True)
class PeriodView:
    """One Settlement Period, settled or set aside, beside what was published."""

    settlement_date: date
    settlement_period: int
    start: datetime
    end: datetime
    own: Decimal | None  # 5 decimals, rounded half away from zero
    published: Decimal | None
    difference: Decimal | None  # published - own
    verdict: str  # one of VERDICTS
    reason: str
    todo: str
    net_imbalance_volume: Decimal | None  # 4 decimals, > 0 short
    worth: Decimal | None  # |difference| x |NIV|, GBP
    price_created: datetime | None
    stack_created: datetime | None
    actions: tuple[Action, ...] = ()
    stages: tuple[Stage, ...] = ()
    system_price: float | None = None  # unrounded
    replacement_price: float | None = None  # None: not needed
    replacement_price_reference_volume: float | None = None
    market_index_price: float | None = None
    price_adjustment: float = 0.0  # BPA when short, SPA when long
    reserve_scarcity_price: float | None = None
    dearest_unflagged_price: dict[str, float] = field(default_factory=dict)  # p* by side
    defaults: tuple[Default, ...] = ()
    price_source: Source | None = None  # the published price, as it arrived
    published_net_imbalance_volume: Decimal | None = None  # 4 decimals, where the feed tells it


@dataclass(frozen=True)
class Landing:
    """A file as it arrived."""

    job: str
    file: str
    sha256: str
    bytes: int
    rows_kept: int
    rows_refused: int
    published_at: datetime | None
    kept_at: datetime


@dataclass(frozen=True)
class Refusal:
    """A row that went to quarantine."""

    job: str
    file: str
    row: int
    column: str
    found: str
    wanted: str
    todo: str


@dataclass(frozen=True)
class Parameter:
    """A dated value in force on the day."""

    name: str
    symbol: str
    value: float | str | bool
    unit: str
    since: date
    source: str
    evidence: str


@dataclass(frozen=True)
class MadeFrom:
    """What a run was made from beyond its files, by hash, so that it can be made again."""

    parts: tuple[str, ...]  # "dataset:kind:hash of the rows"
    published_version: int  # store version at which the published prices were read
    assumed_sha256: str | None  # None: nothing assumed, or a run kept before this was noted
    as_of: str | None


@dataclass(frozen=True)
class SignedOff:
    """How a run stood in the sign-off chain when it was read; instants as text in UTC.

    said    the comment or reason of the newest move
    number  its place in the chain; None: nobody has moved it
    """

    state: str = "draft"
    prepared_by: str | None = None
    prepared_at: str | None = None
    reviewed_by: str | None = None
    reviewed_at: str | None = None
    said: str = ""
    number: int | None = None


@dataclass(frozen=True)
class DayView:
    """One run of one Settlement Date, with all that a reader may ask of it."""

    settlement_date: date
    run: str  # run type, "IP" and so on
    run_id: str
    way: str  # "published stack" or "notifications and acceptances"
    store_version: int
    data_as_of: datetime  # when the newest landing read was kept
    settled_at: datetime
    code_hash: str
    synthetic: bool
    assumed: str | None  # file name of the assumed adjustment actions
    periods: tuple[PeriodView, ...]
    parameters: tuple[Parameter, ...]
    landings: tuple[Landing, ...]
    refusals: tuple[Refusal, ...]
    not_covered: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    made_from: MadeFrom | None = None
    signed_off: SignedOff = SignedOff()  # of this run with this content; no part of the content hash

    def period(self, settlement_period: int) -> PeriodView:
        """The view of one period; KeyError where the day has none of that number."""
        for view in self.periods:
            if view.settlement_period == settlement_period:
                return view
        raise KeyError(f"{self.settlement_date} has no settlement period {settlement_period}")

    def counts(self) -> dict[str, int]:
        """How many periods have each verdict, from best to worst."""
        return {verdict: sum(view.verdict == verdict for view in self.periods) for verdict in VERDICTS}
