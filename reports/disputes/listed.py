"""Open cases by money and days left: what is at stake a Working Day that remains, the most first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from reports.disputes import conditions, deadline, money
from reports.disputes.cases import all_cases, today
from reports.disputes.records import Case
from reports.look.numbers import written

OPEN = ("draft", "raised")


@dataclass(frozen=True)
class OpenCase:
    """A case as a work list shows it.

    effect     GBP, net, above zero due to the party; None where it cannot be reckoned yet
    last_day   last day to raise it; None where its type or the run's day is not known
    days_left  Working Days to that day, below zero when it is past; None once it is raised
    missing    fields and conditions that keep a draft from being raised, by name
    """

    number: int
    name: str
    state: str
    quantity: str
    key: dict[str, str]
    settlement_dates: str
    runs: str
    raising_party: str
    dispute_type: str
    effect: Decimal | None
    last_day: date | None
    days_left: int | None
    certain: bool
    missing: tuple[str, ...]

    @property
    def weight(self) -> Decimal:
        """GBP a Working Day that is left."""
        left = 1 if self.days_left is None else max(self.days_left, 0) + 1
        return abs(self.effect or Decimal(0)) / left

    def as_dict(self) -> dict[str, Any]:
        """The same for machines; money as decimal text."""
        return asdict(self) | {
            "effect": None if self.effect is None else f"{self.effect:f}",
            "last_day": None if self.last_day is None else self.last_day.isoformat(),
            "missing": list(self.missing),
        }


def open_cases(home: Path, on: date | None = None, every: bool = False) -> list[OpenCase]:
    """Drafts that can still be raised first, then what is raised, then drafts out of time; each by money and days left.

    every  the closed ones too, last
    """
    day = on or today()
    found = [_listed(case, day) for case in all_cases(home) if every or case.state in OPEN]
    return sorted(found, key=lambda one: (_group(one), -one.weight, one.number))


def _group(one: OpenCase) -> int:
    if one.state == "draft":
        return 0 if one.days_left is None or one.days_left >= 0 else 2
    return 1 if one.state == "raised" else 3


def _listed(case: Case, day: date) -> OpenCase:
    end = deadline.of_case(case, case.raised_on or day)
    draft = case.state == "draft"
    return OpenCase(
        case.number, case.name, case.state, case.subject.quantity, case.subject.key, case.subject.span,
        case.subject.runs, case.said.raising_party, case.said.dispute_type, money.of_case(case).total,
        None if end is None else end.last_day, end.left(day) if end is not None and draft else None,
        end is not None and end.certain,
        tuple(dict.fromkeys(one.what for one in conditions.failed(case, day))) if draft else (),
    )  # fmt: skip


def in_words(cases: Iterable[OpenCase]) -> str:
    """A table for a terminal."""
    lines = [f"{'case':<14} {'state':<10} {'effect GBP':>14} {'last day':<11} {'days left':>9}  what"]
    for one in cases:
        key = " ".join(one.key.values())
        about = "" if one.last_day is None or one.certain else "?"
        last_day = "not known" if one.last_day is None else f"{one.last_day}{about}"
        what = f"{one.quantity} {key} {one.settlement_dates} {one.runs}".replace("  ", " ")
        if one.missing:
            what += f"; not ready: {', '.join(one.missing)}"
        lines.append(
            f"{one.name:<14} {one.state:<10} {written(one.effect, 2, signed=True, missing='not known'):>14} "
            f"{last_day:<11} {'-' if one.days_left is None else one.days_left:>9}  {what}"
        )
    if len(lines) == 1:
        return "No open disputes."
    return "\n".join([*lines, "Order: effect for each Working Day left; ? : the deadline is not certain."])
