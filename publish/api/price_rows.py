"""The columns of prices and of stacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from publish.api.columns import Column, figure
from reports.views import Action, DayView, PeriodView

PRICE_DECIMALS, VOLUME_DECIMALS, MONEY_DECIMALS = 5, 4, 2


@dataclass(frozen=True)
class PriceRecord:
    """A period, in its day."""

    day: DayView
    period: PeriodView


@dataclass(frozen=True)
class ActionRecord:
    """An action, in its period and day."""

    day: DayView
    period: PeriodView
    action: Action


def marks(day: DayView) -> list[str]:
    """What must be said wherever a figure of the day stands: SYNTHETIC, ASSUMED."""
    return [word for word, holds in (("SYNTHETIC", day.synthetic), ("ASSUMED", day.assumed is not None)) if holds]


def _when_settled(name: str) -> Callable[[PriceRecord], Any]:
    """A figure of a period, which a period set aside does not have."""
    return lambda record: None if record.period.own is None else getattr(record.period, name)


def _of_action(name: str) -> Callable[[ActionRecord], Any]:
    return lambda record: getattr(record.action, name)


def _of_source(name: str) -> Callable[[ActionRecord], Any]:
    return lambda record: None if record.action.source is None else getattr(record.action.source, name)


_KEY = [
    Column(
        "settlement_date", "Local day, London time.", lambda r: r.period.settlement_date, "date", always=True
    ),
    Column(
        "settlement_period", "Half hour of the day, from 1.", lambda r: r.period.settlement_period, "whole", always=True
    ),
]  # fmt: skip
_RUN = [
    Column("run", "Run type, IP and so on.", lambda r: r.day.run, always=True),
    Column("run_id", "The very run.", lambda r: r.day.run_id, always=True),
    Column("marks", "SYNTHETIC, ASSUMED, or null where neither holds.", lambda r: ", ".join(marks(r.day)) or None),
]

PRICE_COLUMNS = [
    *_KEY,
    Column("start_time", "Start of the period, UTC.", lambda r: r.period.start, "instant", always=True),
    Column("end_time", "End of the period, UTC.", lambda r: r.period.end, "instant", always=True),
    figure(
        "SBP_j", "GBP/MWh", "system_price",
        "Own System Price, rounded half away from zero; null where the period was set aside.",
        lambda r: r.period.own, PRICE_DECIMALS,
    ),
    figure(
        "published SBP_j", "GBP/MWh", "system_price", "The price as published, from the newest file held.",
        lambda r: r.period.published, PRICE_DECIMALS,
    ),
    figure(
        "difference", "GBP/MWh", "", "Published less own.", lambda r: r.period.difference, PRICE_DECIMALS,
    ),
    Column(
        "class", "exact, rounding, vintage, unexplained or not comparable.", lambda r: r.period.verdict, always=True
    ),
    Column("reason", "Why it has that class.", lambda r: r.period.reason, always=True),
    figure(
        "NIV_j", "MWh", "net_imbalance_volume", "Net Imbalance Volume; above zero the system was short.",
        lambda r: r.period.net_imbalance_volume, VOLUME_DECIMALS,
    ),
    figure(
        "worth", "GBP", "", "|difference| x |NIV|: an upper measure, owed by nobody.",
        lambda r: r.period.worth, MONEY_DECIMALS,
    ),
    figure(
        "RP_j", "GBP/MWh", "replacement_price", "Replacement Price; null where none was needed.",
        _when_settled("replacement_price"),
    ),
    figure(
        "RPRV_j", "MWh", "replacement_price_reference_volume", "Volume the Replacement Price was averaged over.",
        _when_settled("replacement_price_reference_volume"),
    ),
    figure(
        "MIP_j", "GBP/MWh", "market_index_price", "Market Index Price; null where none was read.",
        _when_settled("market_index_price"),
    ),
    figure(
        "price adjustment", "GBP/MWh", "price_adjustment", "BPA when short, SPA when long.",
        _when_settled("price_adjustment"),
    ),
    figure(
        "RSVP_j", "GBP/MWh", "reserve_scarcity_price", "Reserve Scarcity Price.",
        _when_settled("reserve_scarcity_price"),
    ),
    Column("price_created_time", "When that price was made, UTC.", lambda r: r.period.price_created, "instant"),
    Column("stack_created_time", "When its stack was made, UTC.", lambda r: r.period.stack_created, "instant"),
    *_RUN,
]  # fmt: skip

STACK_COLUMNS = [
    *_KEY,
    Column("side", "buy (volumes above zero) or sell (below).", _of_action("side"), always=True),
    Column("rank", "1 is the cheapest of its side.", _of_action("rank"), "whole", always=True),
    Column("action", "Label, unique within period and side.", _of_action("action"), always=True),
    Column("bm_unit", "BM Unit, or the number of an adjustment action.", _of_action("bm_unit"), always=True),
    Column("acceptance_number", "Null for an adjustment action.", _of_action("acceptance_number"), "whole"),
    Column("pair", "Bid-Offer Pair.", _of_action("pair"), "whole"),
    figure("original price", "GBP/MWh", "original_price", "Null: unpriced.", _of_action("original_price")),
    figure("ranking price", "GBP/MWh", "ranking_price", "What it is ranked by.", _of_action("ranking_price")),
    Column("so_flag", "System Operator flag.", _of_action("so_flag"), "flag", always=True),
    Column("cadl_flag", "Shorter than CADL.", _of_action("cadl_flag"), "flag", always=True),
    Column("emergency_flag", "Emergency instruction.", _of_action("emergency_flag"), "flag", always=True),
    Column("stor_flag", "By a STOR provider.", _of_action("stor_flag"), "flag", always=True),
    Column("first_stage_flag", "Flagged by its own kind.", _of_action("first_stage_flag"), "flag", always=True),
    Column(
        "second_stage_flag", "Flagged by price; null where nothing was left.", _of_action("second_stage_flag"), "flag"
    ),
    figure("volume", "MWh", "action_volume", "As accepted.", _of_action("volume"), always=True),
    *[
        figure(label, unit, quantity, f"What is left after {stage}.", _of_action(quantity), always=True)
        for label, unit, quantity, stage in [
            ("dmat adjusted volume", "MWh", "de_minimis_adjusted_volume", "De Minimis tagging"),
            ("arbitrage adjusted volume", "MWh", "arbitrage_adjusted_volume", "arbitrage tagging"),
            ("niv adjusted volume", "MWh", "net_imbalance_adjusted_volume", "NIV tagging"),
            ("par adjusted volume", "MWh", "price_average_adjusted_volume", "PAR tagging"),
        ]
    ],
    figure("final price", "GBP/MWh", "final_price", "Null: nothing left after NIV tagging.", _of_action("final_price")),
    Column("repriced_flag", "Priced at the Replacement Price.", _of_action("repriced"), "flag", always=True),
    figure("tlm", "1", "action_loss_multiplier", "Loss multiplier.", _of_action("loss_multiplier"), always=True),
    figure(
        "tlm adjusted volume", "MWh", "loss_adjusted_volume", "PAR volume x TLM.", _of_action("loss_adjusted_volume"),
        always=True,
    ),
    figure(
        "tlm adjusted cost", "GBP", "loss_adjusted_cost", "PAR volume x TLM x price.", _of_action("loss_adjusted_cost"),
        always=True,
    ),
    Column("assumed_flag", "ASSUMED: brought by no feed.", _of_action("assumed"), "flag", always=True),
    Column("file", "The file its row came in.", _of_source("file")),
    Column("sha256", "Hash of that file.", _of_source("sha256")),
    Column("source_row", "Row in that file, from 1.", _of_source("source_row"), "whole"),
    *_RUN,
]  # fmt: skip
