"""Until when a case may be raised: its type's limit in Working Days, counted from the day the rules name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports import working_days
from reports.disputes import dated
from reports.disputes.records import Case, DayRun, RunDate

_FROM = {"run": "the disputed run was carried out", "R2": "R2 was carried out", "RF": "RF was carried out",
         "day": "the Settlement Date"}  # fmt: skip


@dataclass(frozen=True)
class Deadline:
    """The last day of a case, and how it was counted.

    certain  whether the day counted from is known from a calendar or the party, and every bank holiday is
    """

    last_day: date
    settlement_date: date
    counted: str
    source: str
    evidence: str
    certain: bool

    def left(self, today: date) -> int:
        """Working Days left after today; below zero when it is past."""
        return working_days.left(today, self.last_day)


def of_case(case: Case, on: date) -> Deadline | None:
    """The earliest deadline of the days of a case, as on a day; None where the type or a run's day is not known."""
    if not case.said.dispute_type:
        return None
    found = [of_day(case, day, on) for day in case.subject.days]
    known = [one for one in found if one is not None]
    return min(known, key=lambda one: one.last_day) if len(known) == len(found) else None


def of_day(case: Case, day: DayRun, on: date) -> Deadline | None:
    """The deadline of one Settlement Date; None where the day to count from is not known."""
    limit = dated.limit(case.said.dispute_type, on)
    begun = _begin(case, day, limit.counted_from)
    if begun.day is None:
        return None
    end = working_days.after(begun.day, limit.working_days)
    said = (
        f"{limit.working_days} Working Days after {begun.day}, {_FROM[limit.counted_from]} ({begun.source}) = "
        f"{end.day}; {end}"
    )
    return Deadline(
        end.day, day.settlement_date, said, limit.source, limit.evidence, begun.certain and end.certain
    )  # fmt: skip


def _begin(case: Case, day: DayRun, counted_from: str) -> RunDate:
    if counted_from == "day":
        return RunDate(day=day.settlement_date, source="by its date")
    known = day.dates[counted_from]
    if counted_from == "run" and case.said.run_date is not None and not known.certain:
        return RunDate(day=case.said.run_date, source="stated by the Raising Party", certain=False)
    return known
