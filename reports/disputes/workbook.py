"""A case as a workbook, a sheet each for case, money, explanation, variance and inputs; equal cases, equal bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reports.disputes import dated
from reports.disputes.deadline import Deadline
from reports.disputes.evidence import Evidence
from reports.disputes.money import Money
from reports.disputes.records import Case

if TYPE_CHECKING:
    from settlement.explanation import Explanation

_FIXED = datetime(1980, 1, 1)  # a workbook says when it was made: a clock would make two packs of a case differ
Line = Sequence[Any]


def workbook(case: Case, worth: Money, end: Deadline | None, evidence: Evidence) -> bytes:
    """The bytes of the xlsx."""
    import xlsxwriter

    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": case.name, "created": _FIXED})
    head = book.add_format({"bold": True, "bottom": 1})
    sheets: dict[str, tuple[Line, list[Line]]] = {
        "case": (("field", "value"), _case(case, worth, end)),
        "money": (
            ("settlement_date", "settlement_period", f"own ({case.subject.unit})", f"published ({case.subject.unit})",
             "difference", "with numbers", "effect (GBP)", "published from"),
            _money(case, worth),
        ),
        "explanation": (
            ("value", "level", "quantity", "symbol", "key", "amount", "unit", "with numbers", "clause", "evidence",
             "file", "row", "sha256"),
            [line for one in evidence.explained if one.tree for line in _tree(one.figure.where, one.tree, 0)],
        ),
        "variance": (
            ("settlement_date", "from", "to", "key", "cause", "change", "unit", "rows changed"), _variance(evidence)
        ),
        "inputs": (
            ("settlement_date", "job", "file", "sha256", "bytes", "rows kept", "rows refused", "in the pack", "why"),
            _inputs(case),
        ),
    }  # fmt: skip
    for name, (columns, lines) in sheets.items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, 18)
        for row, line in enumerate([columns, *lines]):
            for column, value in enumerate(line):
                _write(sheet, row, column, value, head if row == 0 else None)
    book.close()
    return held.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, form: Any) -> None:
    if isinstance(value, bool) or value is None:
        sheet.write(row, column, "" if value is None else str(value), form)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, column, float(value), form)
    else:
        sheet.write_string(row, column, str(value), form)


def _case(case: Case, worth: Money, end: Deadline | None) -> list[Line]:
    subject = case.subject
    lines: list[Line] = [
        ("case", case.name), ("state", case.state), ("raised on", case.raised_on), ("quantity", subject.quantity),
        ("symbol", subject.symbol), ("unit", subject.unit), ("clause", subject.clause),
        *((name, label) for name, label in subject.key.items()), ("settlement dates", subject.span),
        ("runs", subject.runs),
    ]  # fmt: skip
    said = case.said.model_dump(exclude={"own", "published"})
    lines += [(name, value) for name, value in said.items() if value not in ("", None)]
    lines += [("last day", None if end is None else end.last_day), ("counted", None if end is None else end.counted)]
    lines += [("effect formula", worth.formula), ("effect basis", worth.basis), ("effect (GBP)", worth.total)]
    return lines


def _money(case: Case, worth: Money) -> list[Line]:
    effects = {one.figure.where: one for one in worth.effects}
    lines: list[Line] = []
    for row in case.figures:
        effect = effects.get(row.where)
        lines.append(
            (row.settlement_date, row.settlement_period, row.own, row.published, row.difference,
             "" if effect is None else effect.with_numbers or effect.missing, None if effect is None else effect.amount,
             row.published_source)
        )  # fmt: skip
    return [*lines, ("sum", None, None, None, None, worth.formula, worth.total, None)]


def _tree(where: str, tree: Explanation, level: int) -> Iterable[Line]:
    key = ", ".join(f"{name} {label}" for name, label in tree.key.items())
    yield (
        where, level, tree.quantity, tree.symbol, key, tree.value, tree.unit, tree.with_numbers, tree.clause,
        tree.evidence, tree.file or tree.source, tree.source_row, tree.sha256,
    )  # fmt: skip
    for child in tree.inputs:
        yield from _tree(where, child, level + 1)


def _variance(evidence: Evidence) -> list[Line]:
    lines: list[Line] = []
    for one in evidence.moved:
        found = one.variance
        if found is None:
            lines.append((one.day.settlement_date, None, one.day.run, one.said))
            continue
        for label in found.labels():
            key = " ".join(str(part) for part in label)
            for part in found.parts:
                if moved := part.by_label.get(label):
                    lines.append((found.settlement_date, found.earlier.run_type, found.later.run_type, key, part.cause,
                                  float(moved), found.unit, len(part.rows)))  # fmt: skip
            lines.append((found.settlement_date, found.earlier.run_type, found.later.run_type, key, "sum",
                          float(found.change(label)), found.unit, None))  # fmt: skip
    return lines


def _inputs(case: Case) -> list[Line]:
    lines: list[Line] = []
    for day in case.subject.days:
        for one in day.inputs:
            allowed = dated.licence(one.licence)
            lines.append((day.settlement_date, one.job, one.file, one.sha256, one.bytes, one.rows_kept,
                          one.rows_refused, "yes" if allowed.in_pack else "no", allowed.said))  # fmt: skip
    return lines
