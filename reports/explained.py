"""One value of a kept run, explained."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from reports.open_view import open_run
from settlement.explanation import DEPTH, Explanation, explain


def explain_value(
    quantity: str,
    settlement_date: date,
    key: Mapping[str, Any],
    *,
    home: Path,
    run: str | None = None,
    depth: int = DEPTH,
    follow: int | None = None,
) -> Explanation:
    """The tree of one value, from what the run kept; nothing is settled again."""
    _, settled, store = open_run(settlement_date, run, home)
    store.close()
    return explain(settled, quantity, key, depth=depth, follow=follow)
