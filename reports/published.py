"""What was published of a day's prices, from the feed that has it: the price record, else the price history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from settlement.compare import NET_VOLUME_DECIMALS, PRICE_DECIMALS, reported

if TYPE_CHECKING:
    from loaders.store.session import Store


@dataclass(frozen=True)
class PublishedPrice:
    """A published price, reported decimals, with when it was made where that is known."""

    price: Decimal
    net_imbalance_volume: Decimal | None
    created: datetime | None
    dataset: str
    landing: str
    source_row: int


def published_now(settlement_date: date, home: Path) -> dict[int, Decimal]:
    """Published prices held now, by period; none where there is no workspace."""
    from loaders import store as stores

    if not home.is_dir():
        return {}
    store = stores.open(home)
    try:
        return {period: one.price for period, one in published_prices(store, settlement_date, store.version()).items()}
    finally:
        store.close()


def published_prices(store: Store, settlement_date: date, version: int) -> dict[int, PublishedPrice]:
    """By period. Where both feeds hold a period the price record is taken: it says when it was made."""
    found: dict[int, PublishedPrice] = {}
    for dataset in ("price_history", "system_prices"):
        for row in store.rows(dataset, settlement_date, version).to_pylist():
            price = row.get("system_buy_price")
            price = row.get("system_sell_price") if price is None else price
            if price is None:
                continue
            net = row.get("net_imbalance_volume_mwh")
            found[row["settlement_period"]] = PublishedPrice(
                reported(price, PRICE_DECIMALS),
                None if net is None or pd.isna(net) else reported(net, NET_VOLUME_DECIMALS),
                row.get("created_time"),
                dataset,
                row["landing"],
                row["source_row"],
            )
    return found
