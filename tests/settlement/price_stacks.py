"""Small SYNTHETIC markets as plain rows, the inputs the engine takes for them, and its answer row by row.

No plugin and no package: a test file loads this module from its own folder. Many periods
go into one call of the engine, so that hundreds of markets are settled in a second.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from settlement import settle
from settlement.grains import full_grain, grain_of, positions, row_grain, sub_grain

STAGES = (
    "action_volume", "de_minimis_adjusted_volume", "arbitrage_adjusted_volume", "net_imbalance_adjusted_volume",
    "price_average_adjusted_volume",
)  # fmt: skip
BY_ROW = (
    *STAGES[1:], "rank", "ranking_price", "first_stage_flag", "second_stage_flag", "repriced_flag", "final_price",
    "loss_adjusted_volume", "loss_adjusted_cost",
)  # fmt: skip
BY_PERIOD = (
    "net_imbalance_volume", "replacement_price", "replacement_price_reference_volume", "market_index_price",
    "system_price", "system_buy_price", "system_sell_price",
)  # fmt: skip

PRICES = (40.0, 30.0, 45.0, 30.0, 60.0, 0.0, 45.0, -20.0, 75.5, 30.01, 120.0, 12.25)
VOLUMES = (10.0, 5.0, 1.0, 0.4, 25.0, 0.06, 2.5, 0.1, 0.05, 17.3, 0.0999, 1.5)
MULTIPLIERS = (1.0, 0.985, 1.012, 1.0)


class Row(NamedTuple):
    """One action; acceptance 0 is an adjustment action, price None an unpriced one."""

    unit: str
    acceptance: int
    pair: int
    volume: float
    price: float | None
    so: bool = False
    cadl: bool = False
    emergency: bool = False
    stor: bool = False
    tlm: float = 1.0

    @property
    def side(self) -> str:
        return "buy" if self.volume > 0 else "sell"

    @property
    def flagged(self) -> bool:
        return self.so or self.cadl or self.emergency or self.price is None

    @property
    def expense(self) -> float:
        """Before any uplift; infinite where unpriced."""
        if self.price is None:
            return np.inf
        return self.price if self.volume > 0 else -self.price


@dataclass(frozen=True)
class Period:
    """The actions of a period, and all else its price needs."""

    rows: tuple[Row, ...]
    market_index: tuple[tuple[str, float, float], ...] = (("P1", 55.0, 100.0),)
    buy_adjustment: float = 0.0
    sell_adjustment: float = 0.0
    scarcity_price: float = 0.0


@dataclass(frozen=True)
class Market:
    """Several periods under one set of parameters; `seed` is for tests that shuffle."""

    periods: tuple[Period, ...]
    de_minimis: float = 0.1
    par: float = 1.0
    rpar: float = 1.0
    seed: int = 0

    def each_row(self, change: Any) -> Market:
        return self.each_period(lambda one: replace(one, rows=tuple(change(row) for row in one.rows)))

    def each_period(self, change: Any) -> Market:
        return replace(self, periods=tuple(change(one) for one in self.periods))


@dataclass
class Answer:
    """Values by quantity: lists by period, and by period and row in the order the rows were given."""

    market: Market
    by_row: dict[str, list[list[Any]]] = field(default_factory=dict)
    by_period: dict[str, list[Any]] = field(default_factory=dict)

    def periods(self) -> Iterable[PeriodAnswer]:
        for at, period in enumerate(self.market.periods):
            yield PeriodAnswer(
                period,
                {name: np.array(values[at]) for name, values in self.by_row.items()},
                {name: values[at] for name, values in self.by_period.items()},
            )


class PeriodAnswer(NamedTuple):
    """One period: its rows, arrays by row, figures by quantity; None where the engine has no row."""

    given: Period
    rows: dict[str, np.ndarray]
    figures: dict[str, Any]

    @property
    def slack(self) -> float:
        """1e-9 of the sum of absolute volumes, MWh."""
        return 1e-9 * max(sum(abs(row.volume) for row in self.given.rows), 1.0)

    @property
    def buys(self) -> np.ndarray:
        return np.array([row.volume > 0 for row in self.given.rows], bool)

    def price_slack(self) -> float:
        """1e-9 of the largest price about, GBP/MWh."""
        known = [abs(row.price) for row in self.given.rows if row.price is not None]
        return 1e-9 * max([1.0, *known, *(abs(price) for _, price, _ in self.given.market_index)])


def inputs(market: Market) -> dict[str, Any]:
    """What the engine is given for a market: periods 1, 2, ...; rows labelled by their place."""
    rows = [
        (period, row.side, f"{place:05d}", row)
        for period, one in enumerate(market.periods, start=1)
        for place, row in enumerate(one.rows)
    ]
    rows.sort(key=lambda row: row[:3])
    held = [row[3] for row in rows]
    of = {"bm_unit": "unit", "acceptance_number": "acceptance", "pair": "pair"}
    kinds = {"bm_unit": object, "acceptance_number": np.int64, "pair": np.int64}
    action_rows = row_grain(
        "action_row",
        {
            "settlement_period": np.array([row[0] for row in rows], np.int64),
            "side": np.array([row[1] for row in rows], object),
            "action": np.array([row[2] for row in rows], object),
        },
        {name: np.array([getattr(row, place) for row in held], kinds[name]) for name, place in of.items()},
    )
    priced = np.array([row.price is not None for row in held], bool)
    priced_rows = sub_grain("priced_row", action_rows, priced)
    periods = full_grain(settlement_period=np.arange(1, len(market.periods) + 1))
    index = sorted(
        (period, *provider) for period, one in enumerate(market.periods, start=1) for provider in one.market_index
    )
    index_rows = row_grain(
        "market_index_row",
        {
            "settlement_period": np.array([row[0] for row in index], np.int64),
            "provider": np.array([row[1] for row in index], object),
        },
    )
    return {
        "action_rows": action_rows,
        "priced_rows": priced_rows,
        "settlement_periods": periods,
        "market_index_rows": index_rows,
        "action_volume": action_rows.array(np.array([row.volume for row in held], float)),
        "original_price": priced_rows.array(np.array([row.price for row in held if row.price is not None], float)),
        "so_flag": action_rows.array(np.array([row.so for row in held], bool)),
        "cadl_flag": action_rows.array(np.array([row.cadl for row in held], bool)),
        "emergency_flag": action_rows.array(np.array([row.emergency for row in held], bool)),
        "stor_flag": action_rows.array(np.array([row.stor for row in held], bool)),
        "action_loss_multiplier": action_rows.array(np.array([row.tlm for row in held], float)),
        "loss_of_load_probability": periods.array([one.scarcity_price / 1000 for one in market.periods]),
        "buy_price_adjustment": periods.array([one.buy_adjustment for one in market.periods]),
        "sell_price_adjustment": periods.array([one.sell_adjustment for one in market.periods]),
        "market_index_price_by_provider": index_rows.array(np.array([row[2] for row in index], float)),
        "market_index_volume_by_provider": index_rows.array(np.array([row[3] for row in index], float)),
        "value_of_lost_load": 1000.0,
        "de_minimis_threshold": market.de_minimis,
        "price_average_reference_volume": market.par,
        "replacement_price_average_reference_volume": market.rpar,
    }


def answer(market: Market, options: Mapping[str, str] | None = None) -> Answer:
    """Every stage of every row, and the figures of every period."""
    given = inputs(market)
    results = settle(given, [*BY_ROW, *BY_PERIOD], options=options)
    actions, periods = given["action_rows"], given["settlement_periods"]
    period_of = actions.column("settlement_period") - 1
    place_of = actions.column("action").astype(int)
    found = Answer(market)
    for name in BY_ROW:
        cells: list[list[Any]] = [[None] * len(one.rows) for one in market.periods]
        at_rows = positions(actions, grain_of(results[name]))
        for at, value in zip(at_rows, results[name].to_numpy().tolist(), strict=True):
            cells[period_of[at]][place_of[at]] = value
        found.by_row[name] = cells
    for name in BY_PERIOD:
        figures: list[Any] = [None] * len(market.periods)
        at_periods = positions(periods, grain_of(results[name]))
        for at, value in zip(at_periods, results[name].to_numpy().tolist(), strict=True):
            figures[at] = value
        found.by_period[name] = figures
    return found


def row_of(code: int, place: int) -> Row:
    """An action from a number, its digits in mixed radix; 0 is the plainest."""
    digits = []
    for radix in (2, 12, 12, 8, 3, 2, 4, 8, 16, 6, 4):
        code, digit = divmod(code, radix)
        digits.append(digit)
    sell, price, volume, kind, unit, pair, so, cadl, emergency, stor, tlm = digits
    size = VOLUMES[volume] * (-1 if sell else 1)
    flags = {"so": so == 1, "cadl": cadl == 1, "emergency": emergency == 1, "stor": stor == 1}
    if kind >= 6:
        flags |= {"cadl": False, "emergency": False}
        return Row(str(900 + place), 0, 0, size, None if kind == 7 else PRICES[price], **flags)
    return Row(f"T_SYN-{unit}", place + 1, pair + 1, size, PRICES[price], **flags, tlm=MULTIPLIERS[tlm])


CODES = 2 * 12 * 12 * 8 * 3 * 2 * 4 * 8 * 16 * 6 * 4


def balanced(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows and as many against them, dear enough not to meet in arbitrage: NIV is 0."""
    rows = tuple(rows)
    against = [
        row._replace(
            unit=f"N{row.unit}",
            volume=-row.volume,
            price=None if row.price is None else row.price + (-300.0 if row.volume > 0 else 300.0),
        )
        for row in rows
    ]
    return (*rows, *against)


@st.composite
def markets(draw: Any, most_periods: int = 8, most_rows: int = 10) -> Market:
    """Random small markets: ties, flags, unpriced rows, STOR, groups about DMAT, periods of NIV 0 and of no row."""
    chance = draw(st.integers(0, 2**20))
    codes = draw(
        st.lists(st.lists(st.integers(0, CODES - 1), max_size=most_rows), min_size=1, max_size=most_periods)
        .filter(any)
    )  # fmt: skip
    periods = []
    for number, its_codes in enumerate(codes):
        digit = random.Random(chance + number)
        rows = tuple(row_of(code, place) for place, code in enumerate(its_codes))
        if digit.random() < 0.08:
            rows = balanced(rows)
        index = [("P1", digit.choice((55.0, 31.5, -8.0)), digit.choice((0.0, 100.0, 640.0)))]
        if digit.random() < 0.4:
            index.append(("P2", digit.choice((50.0, 65.0)), digit.choice((0.0, 75.0))))
        adjustments = {"buy_adjustment": digit.choice((0.0, 0.35)), "sell_adjustment": digit.choice((0.0, -0.2))}
        scarcity = digit.choice((0.0, 35.0, 120.0))
        periods.append(Period(rows, tuple(index), **adjustments, scarcity_price=scarcity))
    parameters = random.Random(chance)
    return Market(
        tuple(periods), parameters.choice((0.1, 0.1, 1.0)), parameters.choice((1.0, 1.0, 5.0, 50.0)),
        parameters.choice((1.0, 1.0, 4.0)), chance,
    )  # fmt: skip
