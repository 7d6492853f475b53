"""Imbalance prices: of a day, of a period, with the stack behind one and how it came about.

Reads    reports.access: kept runs, opened as views
Gives    /v1/prices/{date}, and below it /{period}, /{period}/stack, /{period}/explain
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from publish.api import explained_rows
from publish.api.asked import FromPeriod, FromRun
from publish.api.endpoints import Endpoints, Rows
from publish.api.price_rows import PRICE_COLUMNS, STACK_COLUMNS, ActionRecord, PriceRecord

FRESHNESS = "the next request after a run or a published price is kept"

family = Endpoints()


class Tree:
    """An answer that is a tree; as a table, one row a node."""

    def model(self, name: str) -> tuple[str, Any]:
        return "explanation", explained_rows.Node

    def columns(self) -> list[tuple[str, str, str]]:
        fields = explained_rows.Node.model_fields
        return [(name, "", fields[name].description or "") for name in explained_rows.COLUMNS]

    def told(self, records: Any) -> tuple[str, Any]:
        return "explanation", records

    def table(self, told: Any) -> tuple[list[str], Iterable[dict[str, Any]]]:
        return explained_rows.COLUMNS, explained_rows.flat(told)


@family.endpoint(
    "/v1/prices/{date}", answer=Rows(PRICE_COLUMNS), quantity="system_price", owner="settlement", since="0.1",
    freshness=FRESHNESS,
)  # fmt: skip
def prices_of_day(run: FromRun) -> Iterable[PriceRecord]:
    """Own and published System Price of every Settlement Period of a day.

    One row a period, in order: 46, 48 or 50 of them. A period that could not be settled has
    its row too, with null figures and the reason.
    """
    return [PriceRecord(run.day, period) for period in run.day.periods]


@family.endpoint(
    "/v1/prices/{date}/{period}", answer=Rows(PRICE_COLUMNS), quantity="system_price", owner="settlement", since="0.1",
    freshness=FRESHNESS,
)  # fmt: skip
def price_of_period(run: FromRun, period: FromPeriod) -> Iterable[PriceRecord]:
    """Own and published System Price of one Settlement Period.

    The row that the day has of it.
    """
    return [PriceRecord(run.day, period.view)]


@family.endpoint(
    "/v1/prices/{date}/{period}/stack", answer=Rows(STACK_COLUMNS), quantity="price_average_adjusted_volume",
    owner="settlement", since="0.1", freshness=FRESHNESS,
)  # fmt: skip
def stack_of_period(run: FromRun, period: FromPeriod) -> Iterable[ActionRecord]:
    """Every action of a period, and what is left of it after each stage.

    Buys, then sells, each from the cheapest up. No rows where the period was set aside:
    `/v1/prices/{date}/{period}` says why. Figures are unrounded.
    """
    return [ActionRecord(run.day, period.view, action) for action in period.view.actions]


@family.endpoint(
    "/v1/prices/{date}/{period}/explain", answer=Tree(), quantity="system_price", owner="settlement", since="0.1",
    freshness=FRESHNESS,
)  # fmt: skip
def explained_price_of_period(run: FromRun, period: FromPeriod) -> dict[str, Any]:
    """How the System Price of a period came about, down to file, hash and row.

    A tree in JSON; in CSV the same nodes from the top down, placed by `place`. Figures are
    unrounded. A period that was set aside has one node without a value, which says why.
    """
    if period.view.own is None:
        return explained_rows.set_aside(period.view)
    return explained_rows.tree(run.explained("system_price", period.view))
