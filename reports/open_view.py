"""A kept run as a DayView: its figures beside what was published, with verdicts and sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reports.errors import NoSuchRun
from reports.period_view import Figures, actions_by_period, period_figures
from reports.published import PublishedPrice, published_prices
from reports.published_stages import PublishedStages
from reports.run_tables import from_tables
from reports.views import (
    RUN_ID_LENGTH,
    Action,
    DayView,
    Default,
    Landing,
    MadeFrom,
    Parameter,
    PeriodView,
    Refusal,
    Rule,
    SignedOff,
    Source,
)
from settlement import calendar, compare, parameters
from settlement.compare import NET_VOLUME_DECIMALS, PRICE_DECIMALS, reported
from settlement.engine import quantities

if TYPE_CHECKING:
    from loaders.store.records import LandingRow, RunRow
    from loaders.store.session import Store
    from settlement.settled import Settled

REMEDY = {
    "stack": "Load the stack: job insights/settlement_stack",
    "adjustment actions": "Load the adjustment actions: job insights/disbsad, or settle with --assume",
    "market index": "Load the market index: job insights/market_index",
    "notifications": "Load the notifications: job insights/pn",
    "bid-offer": "Load the pairs: job insights/bod",
    "acceptances": "Load the acceptances: job insights/boalf",
    "incomplete": "See the refused rows, correct the file and load it again",
}


def open_run(settlement_date: date, run: str | None, home: Path) -> tuple[RunRow, Settled, Store]:
    """The run of a day kept last (of a run type, if one is named), with its arrays.

    Raises NoSuchRun where the day was not settled.
    """
    from loaders import store as stores

    store = stores.open(home)
    row = run_row(settlement_date, run, store)
    return row, settled_of(row, store), store


def run_row(settlement_date: date, run: str | None, store: Store) -> RunRow:
    """The row of the run that a day and a run type, or a run id, name. Raises NoSuchRun."""
    row = store.run(run) if run and len(run) == RUN_ID_LENGTH else store.latest_run(settlement_date, run)
    if row is None:
        named = f" run {run}" if run else ""
        raise NoSuchRun(
            f"{settlement_date}{named} was not settled in {store.home.name}. "
            f'Settle it with "bsc settle {settlement_date}", or name another day.'
        )
    if row.settlement_date != settlement_date:
        raise NoSuchRun(
            f"run {run}: found a run of {row.settlement_date}, wanted one of {settlement_date}. Name its day with it."
        )
    return row


def settled_of(row: RunRow, store: Store) -> Settled:
    """The arrays of a kept run."""
    return from_tables(
        store.open_run_tables(row.run_id), settlement_date=row.settlement_date, way=row.details["way"],
        parameters=row.parameters, options=row.options,
        published=row.published, notes=row.details.get("notes", {}), losses=row.details.get("losses", "given"),
    )  # fmt: skip


def open_day_view(settlement_date: date, run: str | None, home: Path) -> DayView:
    """A settled day as readers see it; the published prices are those held now."""
    return open_day_and_run(settlement_date, run, home)[0]


def open_day_and_run(settlement_date: date, run: str | None, home: Path) -> tuple[DayView, Settled]:
    """The same, with the arrays of its run: of all Parties, so for staff."""
    from loaders import store as stores

    store = stores.open(home)
    try:
        row = run_row(settlement_date, run, store)
        day, settled = _seen(store.home.resolve(), row.run_id, store.version())
        return with_sign_off(day, store), settled
    finally:
        store.close()


@lru_cache(maxsize=1)
def _seen(home: Path, run_id: str, version: int) -> tuple[DayView, Settled]:
    """A run beside what was published by a version: neither changes, and a report looks at it twice."""
    from loaders import store as stores

    store = stores.open(home)
    try:
        row = store.run(run_id)
        assert row is not None
        settled = settled_of(row, store)
        return view_of(row, settled, store, version), settled
    finally:
        store.close()


def with_sign_off(day: DayView, store: Store) -> DayView:
    """The day with how it stands in the sign-off chain."""
    from reports.signing.records import NotAsWritten
    from reports.signoff.standing import signed_off
    from reports.signoff.subjects import subject_of_view

    try:
        return replace(day, signed_off=signed_off(store, subject_of_view(day)))
    except NotAsWritten as error:  # the figures can be shown; who stands by them cannot be told
        return replace(day, signed_off=SignedOff("not known", said=str(error)))


def view_of(row: RunRow, settled: Settled, store: Store, version: int) -> DayView:
    """A run beside the prices that were published by a store version."""
    settlement_date = row.settlement_date
    published = published_prices(store, settlement_date, version)
    stages = PublishedStages(store, settlement_date, row.store_version)
    received = _received(store, row, published, settled)
    actions = actions_by_period(settled)
    files = {one.sha256: one.file for one in received}
    periods = tuple(
        _period(row, settled, period, published.get(period), stages, actions.get(period, ()), files)
        for period in calendar.periods(settlement_date)
    )
    return DayView(
        settlement_date=settlement_date,
        run=row.run_type,
        run_id=row.run_id,
        way=row.details["way"],
        store_version=row.store_version,
        data_as_of=max((one.kept_at for one in received), default=row.kept_at),
        settled_at=row.kept_at,
        code_hash=row.code_hash,
        synthetic=any(one.synthetic for one in received),
        assumed=row.assumed,
        periods=periods,
        parameters=_parameters(row),
        landings=tuple(_landing(one) for one in received),
        refusals=_refusals(store, settlement_date),
        not_covered=_not_covered(row),
        options={**row.options, "rounding_tolerance": str(compare.PRICE_TOLERANCE)},
        rules=_rules(row),
        made_from=MadeFrom(tuple(row.parts), version, row.details.get("assumed_sha256"), row.details["as_of"]),
    )


def _period(
    row: RunRow,
    settled: Settled,
    period: int,
    published: PublishedPrice | None,
    stages: PublishedStages,
    actions: tuple[Action, ...],
    files: dict[str, str],
) -> PeriodView:
    figures = period_figures(settled, period)
    own = None if figures is None else reported(figures.system_price, PRICE_DECIMALS)
    net = None if figures is None else reported(figures.net_imbalance_volume, NET_VOLUME_DECIMALS)
    inputs_created = stages.created(period)
    missing = [*row.details["set_aside"].get(str(period), []), *row.details["doubtful"].get(str(period), [])]
    price_created = None if published is None else published.created
    price = None if published is None else published.price
    price_source = None
    if published is not None:
        price_source = Source(files[published.landing], published.landing, published.source_row)
    differs = own is not None and price is not None and own != price
    verdict = compare.verdict(
        own,
        price,
        missing=missing,
        net_imbalance_volume=net,
        price_created=price_created,
        inputs_created=inputs_created,
        first_difference=stages.first_difference(settled, period) if differs else None,
    )
    defaults = _defaults(row, period)
    start = calendar.period_start(row.settlement_date, period)
    return PeriodView(
        settlement_date=row.settlement_date,
        settlement_period=period,
        start=start,
        end=start + timedelta(minutes=30),
        own=own,
        published=price,
        difference=verdict.difference,
        verdict=verdict.verdict,
        reason=_with_defaults(verdict.reason + _net_volume(net, published), defaults, row, figures),
        todo=_remedy(missing, verdict.todo),
        net_imbalance_volume=net,
        worth=verdict.worth,
        price_created=price_created,
        stack_created=inputs_created,
        actions=actions,
        price_source=price_source,
        published_net_imbalance_volume=None if published is None else published.net_imbalance_volume,
        defaults=defaults,
        **({} if figures is None else figures.shown()),
    )


def _net_volume(own: Decimal | None, published: PublishedPrice | None) -> str:
    """A sentence where the net imbalance volumes differ, since equal prices may hide it."""
    if own is None or published is None or published.net_imbalance_volume is None:
        return ""
    if abs(published.net_imbalance_volume - own) <= Decimal(str(compare.VOLUME_TOLERANCE)):
        return ""
    return f" The net imbalance volumes differ: own {own:+f} MWh, published {published.net_imbalance_volume:+f} MWh."


def _with_defaults(reason: str, defaults: tuple[Default, ...], row: RunRow, figures: Figures | None) -> str:
    """The reason, with what was assumed and which whole-day defaults stand behind the figure."""
    if figures is None:
        return reason
    said = [f"ASSUMED adjustment actions of {row.assumed}."] if row.assumed else []
    said += [f"{one.what[0].upper()}{one.what[1:]}." for one in defaults if one.settlement_period is None]
    return " ".join([reason, *said])


def _remedy(missing: list[str], otherwise: str) -> str:
    for word, remedy in REMEDY.items():
        if any(word in reason for reason in missing):
            return remedy
    return otherwise


def _defaults(row: RunRow, period: int) -> tuple[Default, ...]:
    """What was taken by rule and bears on the price of a period."""
    every = (Default(**one) for one in row.details["defaults"] if one["settlement_period"] in (None, period))
    return tuple(one for one in every if not one.of_charges)


def _received(store: Store, row: RunRow, published: dict[int, PublishedPrice], settled: Settled) -> list[LandingRow]:
    """Every file behind the day: those whose rows were read, those that said there is nothing, the price's own."""
    hashes = {one.landing for one in published.values()}
    for dataset, of in row.details["read"]:
        day = None if of is None else date.fromisoformat(of)
        hashes |= {arrival.landing for arrival in store.arrivals(dataset, day, row.store_version)}
        if dataset == "bm_units":
            hashes |= {arrival.landing for arrival in store.arrivals(dataset, None, row.store_version)}
    for source in settled.sources.values():
        hashes |= {str(one) for one in np.unique(source.sha256.astype(str))}
    return sorted(store.landings(hashes).values(), key=lambda one: (one.job, one.file))


def _landing(one: LandingRow) -> Landing:
    return Landing(
        one.job, one.file, one.sha256, one.bytes, one.rows_kept, one.rows_refused, one.published_at, one.kept_at
    )


def _refusals(store: Store, settlement_date: date) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(one.job, one.file, one.row, one.column, one.found, one.wanted, one.todo)
        for one in store.quarantine(settlement_date)
    )


def _parameters(row: RunRow) -> tuple[Parameter, ...]:
    found = []
    for name, value in row.parameters.items():
        entry = parameters.every().get(name)
        if entry is not None:
            dated = entry.on(row.settlement_date)
            found.append(Parameter(name, entry.symbol, value, entry.unit, dated.since, dated.source, dated.evidence))
    return tuple(found)


def _rules(row: RunRow) -> tuple[Rule, ...]:
    return tuple(
        Rule(one.name, f"{one.clause}, {one.rule}", one.evidence) for one in quantities(row.details["way"]).values()
    )


def _not_covered(row: RunRow) -> tuple[str, ...]:
    said = [
        "Clause numbers marked ~ are recollections: the text of Section T4.4 and Annex T-1 was not at hand.",
        "Demand control (price.md 10) enters only where the stack or the adjustment actions carry it.",
        "Losses, contracts, imbalances and party charges: this report stops at the imbalance price."
        + (" The run holds them: bsc explain daily_party_net_due." if row.details.get("losses") == "metered" else ""),
    ]
    if row.details["way"] == "published stack":
        said.append(
            "The published stack was taken as it came; whether its volumes follow from acceptances was not checked."
        )
    else:
        said.append("Replacement Reserve volumes (price.md 2.1) are not among the feeds read.")
        said.append("Emergency instructions (price.md 4.3) are named by no feed read; none was assumed.")
    if row.details["as_of"]:
        said.append(f"Data as held at {row.details['as_of']}: what came later was not read.")
    said += [f"{text[0].upper()}{text[1:]}." for text in row.details["warnings"]]
    aside = row.details["set_aside"]
    if aside:
        said.append(f"Not settled, for want of data: {'period' if len(aside) == 1 else 'periods'} {', '.join(aside)}.")
    return tuple(said)


def money(value: Decimal | None) -> str | None:
    """Decimal text for machines; None stays None."""
    return None if value is None else f"{value:f}"
