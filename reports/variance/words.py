"""A variance for a terminal and for machines.

Running totals are rounded and a change is the difference of two of them, so that every column adds up to the penny.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from reports.look.numbers import written
from reports.variance.changed_rows import ChangedRow
from reports.variance.parts import Label, Part, Variance

MOST_LABELS, MOST_ROWS = 10, 12
DECIMALS = {"GBP": 2, "GBP/MWh": 5, "MWh": 3, "1": 7}


def as_dict(found: Variance) -> dict[str, Any]:
    """Every label that moved with its parts, exactly as decimals of the fractions, and the rows that changed."""
    return {
        "settlement_date": found.settlement_date, "quantity": found.quantity, "symbol": found.symbol,
        "unit": found.unit, "from": _run(found.earlier), "to": _run(found.later),
        "order": [part.cause for part in found.parts], "adds_up_exactly": found.adds_up(),
        "causes": [
            {
                "cause": part.cause, "moved": len([one for one in part.by_label.values() if one]),
                "sum": float(sum(part.by_label.values(), Fraction(0))), "sum_of_absolutes": float(part.size()),
                "rows": [_row(row) for row in part.rows],
            }
            for part in found.parts
        ],
        "changes": [
            {
                **dict(zip(found.keys, label, strict=True)),
                "before": _float(found.before.get(label)), "after": _float(found.after.get(label)),
                "change": float(found.change(label)),
                "parts": {part.cause: float(part.by_label[label]) for part in found.parts if part.by_label.get(label)},
            }
            for label in found.labels()
        ],
    }  # fmt: skip


def as_text(found: Variance, most_rows: int = MOST_ROWS) -> str:
    """What moved, by cause and by label, the largest first; of the rows that changed, so many a cause."""
    moved = found.labels()
    lines = [
        f"{found.settlement_date}, {found.earlier.run_type} to {found.later.run_type}: {found.quantity} "
        f"({found.symbol}, {found.unit})",
        f"{len(moved)} of {len(found.before.keys() | found.after.keys())} moved. Causes are exchanged in the order "
        + ", ".join(part.cause for part in found.parts) + "; what a cause moves is its part.",
    ]  # fmt: skip
    if not moved:
        return "\n".join([*lines, "Nothing moved."])
    lines += ["", *(_of_one(found, moved[0]) if len(moved) == 1 else _by_cause(found, moved))]
    moving = [part for part in found.causes() if part.size()]
    for part in moving:
        lines += ["", *_rows_of(part, most_rows)]
    if idle := [f"{part.cause} ({len(part.rows)})" for part in found.causes() if not part.size()]:
        lines += ["", f"Rows changed that did not move it: {', '.join(idle)}."]
    exact = "The parts add up to each change exactly (in fractions)."
    return "\n".join([*lines, "", exact if found.adds_up() else "THE PARTS DO NOT ADD UP: report this."])


def waterfall(found: Variance, label: Label) -> list[tuple[str, Decimal, Decimal]]:
    """Cause, change and running total of one label; the changes add up to the penny."""
    running, decimals = found.before.get(label, Fraction(0)), decimals_of(found)
    table = []
    for part in found.parts:
        now = running + part.by_label.get(label, Fraction(0))
        table.append((part.cause, rounded(now, decimals) - rounded(running, decimals), rounded(now, decimals)))
        running = now
    return table


def _of_one(found: Variance, label: Label) -> list[str]:
    decimals = decimals_of(found)
    begin = rounded(found.before.get(label, Fraction(0)), decimals)
    lines = [", ".join(f"{key} {one}" for key, one in zip(found.keys, label, strict=True))]
    lines.append(f"  {'cause':<34} {'change':>18} {'running':>18}")
    lines.append(f"  {found.earlier.run_type:<34} {'':>18} {written(begin, decimals):>18}")
    for cause, change, total in waterfall(found, label):
        lines.append(f"  {cause:<34} {written(change, decimals, signed=True):>18} {written(total, decimals):>18}")
    whole = rounded(found.after.get(label, Fraction(0)), decimals)
    all_of_it = written(whole - begin, decimals, signed=True)
    return [*lines, f"  {found.later.run_type:<34} {all_of_it:>18} {written(whole, decimals):>18}"]


def _by_cause(found: Variance, moved: list[Label]) -> list[str]:
    decimals, causes = decimals_of(found), [part for part in found.causes() if part.size()]
    lines = [f"  {'cause':<34} {'moved':>6} {'sum of changes':>18} {'without signs':>18}"]
    for part in causes:
        count = len([one for one in part.by_label.values() if one])
        total = sum(part.by_label.values(), Fraction(0))
        lines.append(
            f"  {part.cause:<34} {count:>6} {_written(total, decimals, True):>18} {_written(part.size(), decimals):>18}"
        )
    heads = "".join(f" {part.cause[:18]:>18}" for part in causes)
    key = " ".join(found.keys)
    lines += ["", f"  {key:<28} {found.earlier.run_type:>16} {found.later.run_type:>16} {'change':>16}{heads}"]
    for label in moved[:MOST_LABELS]:
        parts = "".join(f" {_written(part.by_label.get(label, Fraction(0)), decimals, True):>18}" for part in causes)
        before, after = (_or_none(side.get(label), decimals) for side in (found.before, found.after))
        name = " ".join(str(one) for one in label)
        moved_by = _written(found.change(label), decimals, True)
        lines.append(f"  {name:<28} {before:>16} {after:>16} {moved_by:>16}{parts}")
    if len(moved) > MOST_LABELS:
        rest = sum((found.change(label) for label in moved[MOST_LABELS:]), Fraction(0))
        what = f"{len(moved) - MOST_LABELS} smaller changes"
        lines.append(f"  {what:<28} {'':>16} {'':>16} {_written(rest, decimals, True):>16}")
    return lines


def _rows_of(part: Part, most: int) -> list[str]:
    lines = [f"{part.cause}: {len(part.rows)} rows changed" + (f"; {part.said}" if part.said else "")]
    lines += [f"  {row.in_words()}" for row in part.rows[:most]]
    if len(part.rows) > most:
        lines.append(f"  {len(part.rows) - most} more: ask with --json")
    return lines


def _row(row: ChangedRow) -> dict[str, Any]:
    def source(one: Any) -> dict[str, Any] | None:
        return None if one is None else {"file": one.file, "sha256": one.sha256, "source_row": one.source_row}

    return {"dataset": row.dataset, "key": row.key, "before": row.before, "after": row.after,
            "source_before": source(row.source_before), "source_after": source(row.source_after)}  # fmt: skip


def _run(row: Any) -> dict[str, Any]:
    return {"run": row.run_type, "run_id": row.run_id, "settled_at": row.kept_at}


def decimals_of(found: Variance) -> int:
    """Decimals that a figure of its unit is reported with."""
    return DECIMALS.get(found.unit, 6)


def rounded(value: Fraction, decimals: int) -> Decimal:
    """A fraction as reported, half away from zero."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _written(value: Fraction, decimals: int, signed: bool = False) -> str:
    return written(rounded(value, decimals), decimals, signed=signed)


def _or_none(value: Fraction | None, decimals: int) -> str:
    return "none" if value is None else _written(value, decimals)


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
