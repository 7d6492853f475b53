"""Own against published as plain entries: one for every period of a day, whatever is missing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from reports.errors import NoSuchRun
from reports.open_view import money, open_day_view
from reports.published import published_now
from settlement import calendar
from settlement.command_line import AskedWrongly

MOST_DAYS = 3700


def days_between(text: str) -> list[date]:
    """The days of "2024-01-15" or "2024-01-15..2024-01-17"."""
    first, sign, last = text.partition("..")
    try:
        begin = date.fromisoformat(first)
        end = date.fromisoformat(last) if sign else begin
    except ValueError as error:
        raise AskedWrongly(f"A[..B]: found {text!r}, wanted a day, or first..last, as yyyy-mm-dd.") from error
    if not 0 <= (end - begin).days < MOST_DAYS:
        raise AskedWrongly(f"A[..B]: found {text!r}, wanted a first day no later than the last.")
    return [begin + timedelta(days=at) for at in range((end - begin).days + 1)]


def compare_day(settlement_date: date, run: str | None, home: Path) -> list[dict[str, Any]]:
    """Entries of a day; a day that was not settled has its periods too, each saying so."""
    try:
        view = open_day_view(settlement_date, run, home)
    except NoSuchRun as error:
        published = published_now(settlement_date, home)
        return [
            _entry(settlement_date, period, "not comparable", str(error), published=money(published.get(period)))
            for period in calendar.periods(settlement_date)
        ]
    return [
        _entry(
            settlement_date, one.settlement_period, one.verdict, one.reason, own=money(one.own),
            published=money(one.published), difference=money(one.difference), run=view.run, run_id=view.run_id,
            net_imbalance_volume=money(one.net_imbalance_volume), assumed=view.assumed,
            published_net_imbalance_volume=money(one.published_net_imbalance_volume),
        )
        for one in view.periods
    ]  # fmt: skip


def _entry(settlement_date: date, period: int, verdict: str, reason: str, **figures: Any) -> dict[str, Any]:
    return {
        "settlement_date": settlement_date.isoformat(),
        "settlement_period": period,
        "own": figures.get("own"),
        "published": figures.get("published"),
        "difference": figures.get("difference"),
        "class": verdict,
        "reason": reason,
        "net_imbalance_volume": figures.get("net_imbalance_volume"),
        "published_net_imbalance_volume": figures.get("published_net_imbalance_volume"),
        "run": figures.get("run"),
        "run_id": figures.get("run_id"),
        "assumed": figures.get("assumed"),
    }


def in_words(entries: list[dict[str, Any]]) -> str:
    """A table for a terminal, with a count of each class below."""
    from collections import Counter

    lines = [f"{'date':<10} {'period':>6} {'own':>12} {'published':>12} {'difference':>12}  class and reason"]
    lines += [
        f"{one['settlement_date']:<10} {one['settlement_period']:>6} {one['own'] or 'none':>12} "
        f"{one['published'] or 'none':>12} {one['difference'] or '-':>12}  {one['class']}"
        + ("" if one["class"] == "exact" else f": {one['reason']}")
        for one in entries
    ]
    counts = Counter(one["class"] for one in entries)
    if any(one["assumed"] for one in entries):
        lines.append("ASSUMED adjustment actions stand in for a feed that did not arrive.")
    lines.append("GBP/MWh; difference = published - own. " + ", ".join(f"{n} {name}" for name, n in counts.items()))
    return "\n".join(lines)
