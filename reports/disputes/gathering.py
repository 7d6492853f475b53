"""The subject of a case, taken from kept runs: figures, runs by id, inputs by hash, days of runs.

Everything is read once, when the case is made; what comes into the workspace later does not change it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from reports import working_days
from reports.batch.timetable import BY_LAG
from reports.disputes.published_values import Found, decimals_of, published_of
from reports.disputes.records import DayRun, FigureRow, Input, ParameterInForce, RunDate, SourceRow, Subject
from settlement import calendar, parameters
from settlement.command_line import AskedWrongly
from settlement.compare import reported
from settlement.errors import NoValueOnDate, WrongInput

if TYPE_CHECKING:
    from loaders.store.records import RunRow
    from loaders.store.session import Store
    from reports.views import DayView
    from settlement.settled import Settled

VOLUME, UNKNOWN_LICENCE = "account_energy_imbalance_volume", "not known: no declared job of this name"
_NEWEST_LAST = calendar.RUN_TYPES


def gather(
    home: Path, quantity: str, days: Sequence[date], run: str | None, key: dict[str, str], periods: Collection[int] = ()
) -> Subject:
    """The subject of a case.

    quantity  any array of the run, such as system_price or daily_party_net_due
    run       run type or run id; None takes the run of each day that was asked for last
    key       labels of the value without its period; `party` also names whose imbalance a price is reckoned with
    periods   none: every period whose own and published values differ

    Raises NoSuchRun for a day that was not settled, WrongInput and AskedWrongly for a quantity, key or period that the
    run does not hold.
    """
    from reports.open_view import open_run, view_of

    runs, figures, about = [], [], None
    for day in days:
        row, settled, store = open_run(day, run, home)
        try:
            view = view_of(row, settled, store, store.version())
            about = _about(settled, quantity, key)
            unit = about[1]
            published = published_of(store, view, quantity, unit, key)
            some = _figures(view, settled, quantity, unit, key, periods, published)
            figures += some
            runs.append(_day_run(store, row, view, some))
        finally:
            store.close()
    if about is None or not figures:
        raise AskedWrongly(
            f"{quantity}: found no period whose own and published values differ, wanted one to dispute. "
            "Name it with --period."
        )
    symbol, unit, clause = about
    return Subject(
        quantity=quantity, symbol=symbol, unit=unit, clause=clause, key=dict(sorted(key.items())), days=tuple(runs),
        figures=tuple(figures),
    )  # fmt: skip


def _about(settled: Settled, quantity: str, key: dict[str, str]) -> tuple[str, str, str]:
    """Symbol, unit and clause of a quantity, with its key held to what the run knows."""
    from settlement.engine import quantities
    from settlement.inputs import INPUTS

    if quantity not in settled.arrays:
        known = ", ".join(sorted(settled.arrays))
        raise WrongInput(f"quantity: found {quantity!r}, which this run does not hold; wanted one of {known}.")
    wanted = [name for name in settled.grain(quantity).keys if name != "settlement_period" and name not in key]
    if wanted:
        raise AskedWrongly(f"{quantity}: found no {' and no '.join(wanted)}, wanted a label of each. Name it.")
    rule = quantities(settled.way, settled.single_price, settled.losses).get(quantity)
    if rule is not None:
        return rule.symbol, rule.unit, rule.clause
    return INPUTS[quantity].symbol, INPUTS[quantity].unit, ""


def _figures(
    view: DayView, settled: Settled, quantity: str, unit: str, key: dict[str, str], periods: Collection[int],
    published: Found,
) -> list[FigureRow]:  # fmt: skip
    from settlement.explanation import matching

    grain, values = settled.grain(quantity), settled.values(quantity)
    rows = matching(grain, key)
    by_period = "settlement_period" in grain.keys
    own = {int(grain.label("settlement_period", at)) if by_period else None: float(values[at]) for at in rows}
    if not own and not (by_period and periods):
        raise WrongInput(f"{quantity}: found no value at {key}, wanted labels of run {view.run}. Correct them.")
    volumes = _party_volumes(settled, key.get("party"))
    told: dict[int | None, Decimal] = {at: reported(one, decimals_of(unit)) for at, one in own.items()}
    if not by_period:
        wanted: list[int | None] = [None]
    elif periods:
        if strange := sorted(set(periods) - set(calendar.periods(view.settlement_date))):
            raise AskedWrongly(f"{view.settlement_date}: found period {strange[0]}, which it has not. Correct it.")
        wanted = [*sorted(periods)]
    else:
        wanted = [at for at in told if at in published and published[at][0] != told[at]]
    source = SourceRow(said=f"run {view.run} of {view.settlement_date}, reckoned here")
    absent = SourceRow(said=f"run {view.run} holds no value there: the period was set aside")
    found = []
    for at in wanted:
        there = published.get(at)
        price = None if at is None or at not in _prices(settled) else reported(_prices(settled)[at], 5)
        found.append(
            FigureRow(
                settlement_date=view.settlement_date, settlement_period=at, own=told.get(at),
                published=None if there is None else there[0], own_source=source if at in told else absent,
                published_source=None if there is None else there[1],
                party_volume=None if at is None else volumes.get(at),
                market_volume=None if at is None else view.period(at).net_imbalance_volume, price=price,
            )
        )  # fmt: skip
    return found


def _prices(settled: Settled) -> dict[int, float]:
    grain = settled.grain("system_price")
    return dict(zip(grain.column("settlement_period").tolist(), settled.values("system_price").tolist(), strict=True))


def _party_volumes(settled: Settled, party: str | None) -> dict[int, Decimal]:
    """Imbalance volume of a party's accounts by period, MWh, surplus above zero; none where the run has no charges."""
    from settlement.explanation import matching

    if party is None or VOLUME not in settled.arrays:
        return {}
    grain, values = settled.grain(VOLUME), settled.values(VOLUME)
    found: dict[int, Decimal] = {}
    for at in matching(grain, {"party": party}):
        period = int(grain.label("settlement_period", at))
        found[period] = found.get(period, Decimal(0)) + reported(float(values[at]), 3)
    if not found:
        raise WrongInput(f"party: found {party!r}, wanted one with an Energy Account in the run. Correct it.")
    return found


def _day_run(store: Store, row: RunRow, view: DayView, figures: Sequence[FigureRow]) -> DayRun:
    earlier = _earlier(store, row)
    made_from = view.made_from
    assert made_from is not None
    return DayRun(
        settlement_date=view.settlement_date, run=view.run, run_id=view.run_id, settled_at=view.settled_at,
        way=view.way, synthetic=view.synthetic, assumed=view.assumed, as_of=made_from.as_of,
        store_version=view.store_version, published_store_version=made_from.published_version,
        code_hash=view.code_hash, parts=made_from.parts, options=view.options,
        parameters=tuple(ParameterInForce(**vars(one)) for one in view.parameters),
        inputs=_inputs(store, view, figures), dates={name: _date_of(store, view, name) for name in ("run", "R2", "RF")},
        earlier_run=None if earlier is None else earlier.run_type,
        earlier_run_id=None if earlier is None else earlier.run_id,
    )  # fmt: skip


def _inputs(store: Store, view: DayView, figures: Sequence[FigureRow]) -> tuple[Input, ...]:
    """Every file behind the run and behind the disputed published values, in order of job and name."""
    from loaders.declared import all_jobs

    jobs = all_jobs()
    by_basename = {name.split("/")[-1]: job for name, job in jobs.items()} | jobs
    hashes = {one.sha256 for one in view.landings}
    hashes |= {one.published_source.sha256 for one in figures if one.published_source is not None}
    found = []
    for one in store.landings(hashes).values():
        job = by_basename.get(one.job)
        found.append(
            Input(
                job=one.job, file=one.file, sha256=one.sha256, bytes=one.bytes, rows_kept=one.rows_kept,
                rows_refused=one.rows_refused, licence=UNKNOWN_LICENCE if job is None else job.licence,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.job, one.file, one.sha256)))


def _earlier(store: Store, row: RunRow) -> RunRow | None:
    """The newest plain run of the type before, settled the same way, that a variance can start from."""
    for name in reversed(_NEWEST_LAST[: _NEWEST_LAST.index(row.run_type)]):
        found = store.latest_run(row.settlement_date, name, plain=True)
        if found is not None and found.details["way"] == row.details["way"]:
            return found
    return None


def _date_of(store: Store, view: DayView, name: str) -> RunDate:
    """When a run of the day was or will be carried out: the settlement calendar, else its lag in Working Days."""
    run = view.run if name == "run" else name
    rows = store.rows("settlement_calendar", view.settlement_date).to_pylist()
    dated = [one["run_date"] for one in rows if one["run"] == run]
    if dated:
        return RunDate(day=dated[-1], source="settlement calendar")
    if run not in BY_LAG:
        return RunDate(day=None, source=f"no calendar and no lag says when run {run} is carried out", certain=False)
    try:
        lag = int(parameters.value(f"run_lag_{run.lower()}", view.settlement_date))
    except NoValueOnDate:
        return RunDate(day=None, source=f"the day has no run {run}", certain=False)
    counted = working_days.after(view.settlement_date, lag)
    return RunDate(day=counted.day, source=f"lag of {lag} Working Days, no calendar loaded", certain=False)
