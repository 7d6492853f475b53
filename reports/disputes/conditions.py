"""Whether a case may be raised: every missing field and every failed condition, all at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from reports.disputes import dated, deadline, money
from reports.disputes.records import Case
from reports.look.numbers import written


@dataclass(frozen=True)
class Failed:
    """One reason why a case is not raised."""

    what: str  # the field, or "deadline", "materiality" and so on
    found: str
    wanted: str
    todo: str

    def as_dict(self) -> dict[str, Any]:
        """The same for machines."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.what}: found {self.found}, wanted {self.wanted}. {self.todo}"


def failed(case: Case, on: date) -> list[Failed]:
    """Why a case may not be raised on a day; empty when it may."""
    return [*_fields(case), *_runs(case), *_figures(case), *_deadline(case, on), *_materiality(case, on)]


def _set(case: Case, name: str, value: str = "TEXT") -> str:
    return f"Set it: bsc dispute set {case.number} --{name.replace('_', '-')} {value}."


def _fields(case: Case) -> list[Failed]:
    found = []
    for name, required in dated.rules().required_fields.items():
        if not str(getattr(case.said, name)).strip():
            found.append(Failed(name, "nothing", required.title, _set(case, name)))
    return found


def _runs(case: Case) -> list[Failed]:
    found = []
    for day in case.subject.days:
        known, said = day.dates["run"], case.said.run_date
        if said is not None and known.certain and known.day != said:
            found.append(Failed("run_date", f"{said} as stated", f"{known.day} as the {known.source} has it for run "
                                f"{day.run} of {day.settlement_date}", _set(case, "run_date", "DATE")))  # fmt: skip
        if day.run == "IP":
            found.append(Failed("run", f"IP of {day.settlement_date}, an indicative price",
                                "a Settlement Run, II or later", "Settle one and make a case."))  # fmt: skip
        if day.assumed is not None:
            found.append(Failed("run", f"a run of {day.settlement_date} on ASSUMED data ({day.assumed})",
                                "one on what arrived", "Settle it without --assume and make a case."))  # fmt: skip
    return found


def _figures(case: Case) -> list[Failed]:
    found = []
    for row in case.figures:
        for name in ("own", "published"):
            if getattr(row, name) is None:
                todo = _set(case, name, f'"{row.where}=VALUE"')
                found.append(Failed(name, f"no value at {row.where}", f"the {name} value", todo))
    if case.figures and all(row.difference == 0 for row in case.figures):
        found.append(Failed("difference", "own and published values that are equal", "a difference in Settlement",
                            "Without one there is no Settlement Error to show: withdraw the case."))  # fmt: skip
    return found


def _deadline(case: Case, on: date) -> list[Failed]:
    if not case.said.dispute_type:
        return []  # told among the fields
    end = deadline.of_case(case, on)
    if end is None:
        begun = next(one for one in case.subject.days if deadline.of_day(case, one, on) is None)
        origin = dated.limit(case.said.dispute_type, on).counted_from
        return [Failed("run_date", begun.dates[origin].source, "the day on which the run was carried out",
                       f"{_set(case, 'run_date', 'DATE')} Or load the settlement calendar.")]  # fmt: skip
    if on <= end.last_day or case.said.exceptional.strip():
        return []
    title = dated.dispute_type(case.said.dispute_type).title
    todo = f"A claim of exceptional circumstances needs its statement. {_set(case, 'exceptional')}"
    if not end.certain:
        todo = f"The count is not certain: correct it with --run-date or a settlement calendar. {todo}"
    return [Failed("deadline", f"{on}, {-end.left(on)} Working Days after the last day",
                   f"{end.last_day} or earlier for type {title} (Settlement Date {end.settlement_date}: {end.counted}; "
                   f"{end.source}, {end.evidence})", todo)]  # fmt: skip


def _materiality(case: Case, on: date) -> list[Failed]:
    worth, limit = money.of_case(case), dated.threshold(on)
    least = Decimal(str(limit.value))
    if worth.size is None:
        untold = [one for one in worth.effects if one.missing and "value: set it" not in one.missing]
        return [Failed("effect", f"nothing at {one.figure.where}: {one.missing}", "an effect in GBP",
                       _set(case, "effect", "GBP --effect-basis TEXT"))
                for one in untold]  # fmt: skip
    if worth.formula == money.STATED and not case.said.effect_basis.strip():
        return [Failed("effect_basis", "nothing", "how the stated effect was reckoned",
                       _set(case, "effect_basis")), *_under(worth, least, limit)]  # fmt: skip
    return _under(worth, least, limit)


def _under(worth: money.Money, least: Decimal, limit: dated.Value) -> list[Failed]:
    assert worth.size is not None
    if worth.size >= least:
        return []
    how = worth.formula
    shown = [one for one in worth.effects if one.amount is not None]
    if shown:
        sums = " ".join(written(one.amount, 2, signed=True) for one in shown[:6])
        how += f": {sums}{' and more' if len(shown) > 6 else ''} = {written(worth.total, 2, signed=True)}"
    return [Failed("materiality", f"an effect of {written(worth.size, 2)} GBP ({how})",
                   f"{written(least, 2)} GBP or more ({limit.source}; {limit.evidence})",
                   "Take in the other periods of the same error, or leave it.")]  # fmt: skip
