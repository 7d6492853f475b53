"""A settled day, and one period of it, as subjects of a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reports import manifest
from reports.sections import words
from reports.subjects import PERIOD_DETAIL, SETTLEMENT_DAY, Entry, Mark, Subject
from reports.views import DayView, PeriodView

if TYPE_CHECKING:
    from reports.twins import Table
    from settlement.settled import Settled

OF_THE_DAY = ("parties", "units")  # tables that sum over a day


def of_day(day: DayView, settled: Settled | None = None) -> Subject:
    """The subject of the report of a settled day.

    settled  its run, for a viewer who may see all of it: the tables then hold Parties, accounts and BM Units too
    """
    entries = (
        Entry("cover", "Cover and verdict"), Entry("look", "What needs a person"), Entry("how", "How to read"),
        Entry("verdicts", "Own against published"),
        Entry(f"period-{day.periods[0].settlement_period}", "Periods", tuple(map(_mark, day.periods))),
        Entry("evidence", "Evidence"), Entry("not-covered", "Not covered"),
    )  # fmt: skip
    return Subject(
        kind=SETTLEMENT_DAY, stem=manifest.file_stem(day), title=title(day), stamps=tuple(words.stamps(day)),
        entries=entries, run_ids=(day.run_id,), results=tuple(map(manifest.result, day.periods)),
        landings=day.landings, parameters=day.parameters, made_from=made_from(day), verdicts=_verdicts(day.periods),
        dated=day.settled_at, not_covered=day.not_covered, tables=lambda: tables_of(day, settled),
    )  # fmt: skip


def of_period(day: DayView, settlement_period: int, settled: Settled | None = None) -> Subject:
    """The subject of the report of one period. KeyError where the day has none of that number."""
    view = day.period(settlement_period)
    stem = manifest.file_stem(day).replace("settlement-", "period-", 1)
    dated = f"{day.settlement_date}-{day.run}"
    entries = (
        Entry("cover", "Cover and verdict"), Entry(f"period-{settlement_period}", f"Period {settlement_period}"),
        Entry("units", "Every BM Unit"), Entry("parties", "Every Party"), Entry("evidence", "Evidence"),
        Entry("not-covered", "Not covered"),
    )  # fmt: skip
    return Subject(
        kind=PERIOD_DETAIL, stem=stem.replace(dated, f"{dated}-P{settlement_period:02d}", 1),
        title=f"Period {settlement_period}: {title(day)}", stamps=tuple(words.stamps(day)), entries=entries,
        run_ids=(day.run_id,), results=(manifest.result(view),), landings=day.landings, parameters=day.parameters,
        made_from=made_from(day), given={"settlement_period": str(settlement_period)}, verdicts=_verdicts([view]),
        dated=day.settled_at, not_covered=day.not_covered,
        tables=lambda: [one for one in map(_of(settlement_period), tables_of(day, settled)) if one is not None],
    )  # fmt: skip


def tables_of(day: DayView, settled: Settled | None = None) -> list[Table]:
    """The tables of a day; with those of its charges where the run is given too.

    settled  the run, for a viewer who may see all of it; None leaves out Parties, accounts and BM Units
    """
    from reports.twins import tables_of_day, tables_of_run

    return [*tables_of_day(day), *(tables_of_run(settled) if settled is not None else [])]


def _of(settlement_period: int) -> Callable[[Table], Table | None]:
    """A table with the rows of one period; sums over the day are none of a period."""

    def cut(one: Table) -> Table | None:
        import pyarrow.compute as pc

        if "settlement_period" in one.data.column_names:
            return replace(one, data=one.data.filter(pc.equal(one.data["settlement_period"], settlement_period)))
        return None if one.name in OF_THE_DAY else one

    return cut


def title(day: DayView) -> str:
    """Imbalance price, 14 October 2026, run IP, SYNTHETIC."""
    date = f"{day.settlement_date.day} {day.settlement_date:%B %Y}"
    return ", ".join([f"Imbalance price, {date}", f"run {day.run}", *words.stamps(day)])


def made_from(day: DayView) -> dict[str, Any]:
    """What the manifest tells of a run beyond its files and parameters, so that it can be made again."""
    made = day.made_from
    return {
        "settlement_date": day.settlement_date.isoformat(), "run": day.run, "way": day.way,
        "synthetic": day.synthetic, "assumed": day.assumed,
        "assumed_sha256": None if made is None else made.assumed_sha256, "store_version": day.store_version,
        "published_store_version": None if made is None else made.published_version,
        "as_of": None if made is None else made.as_of, "parts": [] if made is None else list(made.parts),
        "code_hash": day.code_hash, "options": dict(day.options),
    }  # fmt: skip


def _mark(view: PeriodView) -> Mark:
    number = view.settlement_period
    return Mark(str(number), f"period-{number}", view.verdict, f"Period {number}, {view.verdict}")


def _verdicts(periods: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for period in periods:
        found[period.verdict] = found.get(period.verdict, 0) + 1
    return found
