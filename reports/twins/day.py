"""The tables of a settled day, from its view alone: prices, stacks, stages, defaults, parameters, files, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reports.twins.table import Column, Table, table
from reports.views import Action, DayView, PeriodView
from settlement.engine import Quantity, quantities

BUYS = "buys above zero, sells below"
SHORT = "above zero: short; below: long"
_PRICE, _VOLUME, _MONEY = "GBP/MWh", "MWh", "GBP"
_PERIOD = Column("settlement_period", "count", about="1 to 46, 48 or 50")
Pick = Callable[[Any], Any]


def _from(name: str, picked: str) -> Pick:
    return lambda one: None if getattr(one, name) is None else getattr(getattr(one, name), picked)


def _source(name: str, of: str) -> list[tuple[Column, Pick]]:
    return [
        (Column(f"{of}file", about="file as received"), _from(name, "file")),
        (Column(f"{of}sha256", about="SHA-256 of that file"), _from(name, "sha256")),
        (Column(f"{of}source_row", "count", about="row of that file"), _from(name, "source_row")),
    ]


_PERIODS: list[tuple[Column, str]] = [
    (_PERIOD, "settlement_period"),
    (Column("start", "instant"), "start"),
    (Column("end", "instant"), "end"),
    (Column("own", "figure", _PRICE, about="System Price of this run, rounded once"), "own"),
    (Column("published", "figure", _PRICE, about="System Price as published"), "published"),
    (Column("difference", "figure", _PRICE, sign="published less own"), "difference"),
    (Column("verdict"), "verdict"),
    (Column("reason"), "reason"),
    (Column("todo"), "todo"),
    (Column("net_imbalance_volume", "figure", _VOLUME, 4, SHORT), "net_imbalance_volume"),
    (Column("published_net_imbalance_volume", "figure", _VOLUME, 4, SHORT), "published_net_imbalance_volume"),
    (Column("worth", "figure", _MONEY, about="|difference| x |NIV|: at most, owed by nobody"), "worth"),
    (Column("system_price", "figure", _PRICE, 9, about="not rounded"), "system_price"),
    (Column("replacement_price", "figure", _PRICE, about="absent: not needed"), "replacement_price"),
    (Column("replacement_price_reference_volume", "figure", _VOLUME), "replacement_price_reference_volume"),
    (Column("market_index_price", "figure", _PRICE), "market_index_price"),
    (Column("price_adjustment", "figure", _PRICE, about="BPA when short, SPA when long"), "price_adjustment"),
    (Column("reserve_scarcity_price", "figure", _PRICE), "reserve_scarcity_price"),
    (Column("price_created", "instant", about="when the published price was made"), "price_created"),
    (Column("stack_created", "instant", about="when the inputs were made"), "stack_created"),
]
_ACTIONS: list[tuple[Column, str]] = [
    (Column("side", about="buy or sell"), "side"),
    (Column("rank", "count", about="1 is the cheapest of its side"), "rank"),
    (Column("action", about="its label, unique within period and side"), "action"),
    (Column("bm_unit", about="or the number of an adjustment action"), "bm_unit"),
    (Column("acceptance_number", "count", about="absent for an adjustment action"), "acceptance_number"),
    (Column("pair", "count"), "pair"),
    (Column("volume", "figure", _VOLUME, sign=BUYS), "volume"),
    (Column("original_price", "figure", _PRICE, about="absent: unpriced"), "original_price"),
    (Column("ranking_price", "figure", _PRICE, about="after the Reserve Scarcity Price"), "ranking_price"),
    *((Column(name, "flag"), name) for name in (
        "so_flag", "cadl_flag", "emergency_flag", "stor_flag", "first_stage_flag", "second_stage_flag",
    )),
    *((Column(name, "figure", _VOLUME, sign=BUYS, about="what is left after this stage"), name) for name in (
        "de_minimis_adjusted_volume", "arbitrage_adjusted_volume", "net_imbalance_adjusted_volume",
        "price_average_adjusted_volume",
    )),
    (Column("final_price", "figure", _PRICE, about="absent: nothing left after NIV tagging"), "final_price"),
    (Column("repriced", "flag"), "repriced"),
    (Column("loss_multiplier", "figure", "1", about="TLM"), "loss_multiplier"),
    (Column("loss_adjusted_volume", "figure", _VOLUME, 7, BUYS), "loss_adjusted_volume"),
    (Column("loss_adjusted_cost", "figure", _MONEY, 5, BUYS), "loss_adjusted_cost"),
    (Column("assumed", "flag", about="from a file that was assumed, not received"), "assumed"),
]  # fmt: skip
_STAGES: list[tuple[Column, str]] = [
    (Column("stage"), "number"),
    (Column("what_happens"), "name"),
    (Column("buys_left", "figure", _VOLUME, sign="above zero"), "buys_left"),
    (Column("sells_left", "figure", _VOLUME, sign="below zero"), "sells_left"),
    (Column("clause", about="~ marks a number not checked against the text"), "clause"),
    (Column("evidence"), "evidence"),
]
_DEFAULTS: list[tuple[Column, str]] = [
    (Column("rule"), "rule"),
    (Column("what", about="the value that was taken because its feed did not arrive"), "what"),
    (Column("bm_unit"), "bm_unit"),
    (Column("of_charges", "flag", about="bears on charges and on no price"), "of_charges"),
]
_PARAMETERS = [
    (Column("name"), "name"), (Column("symbol"), "symbol"), (Column("value"), "value"), (Column("unit"), "unit"),
    (Column("since", "date", about="in force since"), "since"), (Column("source"), "source"),
    (Column("evidence"), "evidence"),
]  # fmt: skip
_LANDINGS = [
    (Column("job"), "job"), (Column("file"), "file"), (Column("sha256"), "sha256"),
    (Column("bytes", "count"), "bytes"), (Column("rows_kept", "count"), "rows_kept"),
    (Column("rows_refused", "count"), "rows_refused"),
    (Column("published_at", "instant", about="the sender's clock"), "published_at"),
    (Column("kept_at", "instant", about="our clock"), "kept_at"),
]  # fmt: skip
_REFUSALS = [
    (Column("job"), "job"), (Column("file"), "file"), (Column("row", "count"), "row"), (Column("column"), "column"),
    (Column("found"), "found"), (Column("wanted"), "wanted"), (Column("todo"), "todo"),
]  # fmt: skip


def tables_of_day(day: DayView) -> list[Table]:
    """The tables of a day; one without rows is there too, so that "none" can be told from "not made"."""
    known = quantities(day.way if day.way == "own stack" else "published stack")
    return [
        _periods(day, known), _actions(day, known),
        _by_period(day, "stages", "Volume left after each stage", _STAGES, lambda view: view.stages),
        _by_period(day, "defaults", "Values taken by rule", _DEFAULTS, lambda view: view.defaults),
        _plain("parameters", "Parameters in force", _PARAMETERS, [_as_text(one) for one in day.parameters]),
        _plain("landings", "Files read", _LANDINGS, day.landings),
        _plain("refusals", "Rows refused", _REFUSALS, day.refusals),
    ]  # fmt: skip


def _periods(day: DayView, known: dict[str, Quantity]) -> Table:
    picks = [(_known(column, known), _of(name)) for column, name in _PERIODS] + _source("price_source", "price_")
    return table(
        "periods", "Own against published", [column for column, _ in picks],
        [[pick(view) for _, pick in picks] for view in day.periods],
        "Difference = published less own. Prices do not add up.",
    )  # fmt: skip


def _actions(day: DayView, known: dict[str, Quantity]) -> Table:
    picks = [(_known(column, known), _of(name)) for column, name in _ACTIONS] + _source("source", "")
    rows = [
        [view.settlement_period, *(pick(one) for _, pick in picks)] for view in day.periods for one in _ranked(view)
    ]
    return table("actions", "Every action of every stack", [_PERIOD, *(column for column, _ in picks)], rows)


def _ranked(view: PeriodView) -> list[Action]:
    return sorted(view.actions, key=lambda one: (one.side, one.rank, one.action))


def _by_period(
    day: DayView, name: str, title: str, columns: list[tuple[Column, str]], rows: Callable[[PeriodView], Any]
) -> Table:
    held = [
        [view.settlement_period, *(getattr(one, field) for _, field in columns)]
        for view in day.periods
        for one in rows(view)
    ]
    return table(name, title, [_PERIOD, *(column for column, _ in columns)], held)


def _plain(name: str, title: str, columns: list[tuple[Column, str]], rows: Any) -> Table:
    held = [[one[field] if isinstance(one, dict) else getattr(one, field) for _, field in columns] for one in rows]
    return table(name, title, [column for column, _ in columns], held)


def _as_text(parameter: Any) -> dict[str, Any]:
    """Its value as text: a parameter may be a number, a word or a switch."""
    value = parameter.value
    return vars(parameter) | {"value": str(value).lower() if isinstance(value, bool) else str(value)}


def _of(name: str) -> Pick:
    return lambda one: getattr(one, name)


def _known(column: Column, known: dict[str, Quantity]) -> Column:
    """The column with symbol and clause, where the engine has a quantity of its name."""
    from dataclasses import replace

    names = {"volume": "action_volume", "repriced": "repriced_flag", "loss_multiplier": "action_loss_multiplier",
             "own": "system_price"}  # fmt: skip
    entry = known.get(names.get(column.name, column.name))
    if entry is None:
        return column
    return replace(column, symbol=entry.symbol, quantity=entry.name, clause=entry.clause)
