"""A case for machines and for a terminal."""

from __future__ import annotations

from datetime import date
from typing import Any

from reports.disputes import conditions, deadline, money
from reports.disputes.cases import today
from reports.disputes.published_values import decimals_of
from reports.disputes.records import Case
from reports.look.numbers import written


def as_dict(case: Case, on: date | None = None) -> dict[str, Any]:
    """The whole record, with money, deadline and what keeps a draft from being raised.

    on  the day it is judged on; None: the day it was raised, else today
    """
    day = on or case.raised_on or today()
    return {**case.model_dump(mode="json"), "name": case.name, **judged(case, day)}


def judged(case: Case, day: date) -> dict[str, Any]:
    """What follows of a case on a day."""
    worth, end = money.of_case(case), deadline.of_case(case, day)
    return {
        "judged_on": day.isoformat(),
        "money": {
            "formula": worth.formula, "basis": worth.basis,
            "total_gbp": None if worth.total is None else f"{worth.total:f}",
            "effects": [
                {
                    "settlement_date": one.figure.settlement_date.isoformat(),
                    "settlement_period": one.figure.settlement_period, "with_numbers": one.with_numbers,
                    "amount_gbp": None if one.amount is None else f"{one.amount:f}", "missing": one.missing or None,
                }
                for one in worth.effects
            ],
        },
        "deadline": None if end is None else {
            "last_day": end.last_day.isoformat(), "settlement_date": end.settlement_date.isoformat(),
            "counted": end.counted, "source": end.source, "evidence": end.evidence, "certain": end.certain,
        },
        "not_ready": [one.as_dict() for one in conditions.failed(case, day)] if case.state == "draft" else [],
    }  # fmt: skip


def as_text(case: Case, on: date | None = None) -> str:
    """A case for a terminal."""
    day = on or case.raised_on or today()
    subject, worth, end = case.subject, money.of_case(case), deadline.of_case(case, day)
    decimals = decimals_of(subject.unit)
    key = ", ".join(f"{name.replace('_', ' ')} {label}" for name, label in subject.key.items())
    lines = [
        f"{case.name}, {case.state}: {subject.quantity} {subject.symbol} ({subject.unit}), {key or 'no key'}, "
        f"{subject.span}, run {subject.runs}",
        f"  {'where':<16} {'own':>14} {'published':>14} {'difference':>14} {'effect GBP':>12}",
    ]
    amounts = {one.figure.where: one.amount for one in worth.effects}
    for row in case.figures:
        lines.append(
            f"  {row.where:<16} {written(row.own, decimals, missing='none'):>14} "
            f"{written(row.published, decimals, missing='none'):>14} "
            f"{written(row.difference, decimals, signed=True):>14} "
            f"{written(amounts.get(row.where), 2, signed=True):>12}"
        )
    total = written(worth.total, 2, signed=True, missing="not known")
    lines += [f"  {worth.formula}; sum {total} GBP", f"  {worth.basis}"]
    lines.append("  deadline: not known" if end is None else f"  deadline: {end.counted}")
    if case.state == "draft":
        reasons = conditions.failed(case, day)
        lines.append("  ready to be raised" if not reasons else f"  not ready, for {len(reasons)} reason(s):")
        lines += [f"    {one}" for one in reasons]
    return "\n".join(lines)
