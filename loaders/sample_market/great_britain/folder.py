"""Folders of files of the national day: II, SF and R1, each as the feeds bring it.

Reads    vintages, idd_form, insights_form, written, published
Gives    write_market
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from loaders.sample_market import insights_form as form
from loaders.sample_market.accepted_form import cashflow_records, volume_records
from loaders.sample_market.exact_volumes import Piece
from loaders.sample_market.folder import SEED
from loaders.sample_market.great_britain import idd_form
from loaders.sample_market.great_britain.day import NationalFeeds
from loaders.sample_market.great_britain.register import Registered, party_ids
from loaders.sample_market.great_britain.vintages import PARAMETER, NationalDay, Vintage, national_day
from loaders.sample_market.market_day import PeriodMarket
from loaders.sample_market.published import NO_STACK, ROUNDING, UNEXPLAINED, VINTAGE, Published, published_day
from loaders.sample_market.written import answer_of, lines_of, write_json, write_stack
from settlement import calendar

STAMP = "SYNTHETIC_stamp.txt"
_CREATED = {"II": timedelta(days=6, hours=18), "SF": timedelta(days=22, hours=18), "R1": timedelta(days=55)}
_README = """SYNTHETIC

A made-up market day at the size of Great Britain, {day}, seed {seed}. No unit, Party, price or volume is real.
The files look as the feeds bring them, in three folders: what the runs II, SF and R1 had. The published stacks,
prices, accepted volumes and cashflows come from a slow calculator in exact fractions; loss multipliers from the metered
volumes of the run.
One file of metered volumes holds all BM Units, Supplier and interconnector units too; one file of notifications all
Parties. Emergency instructions of wind are SO-flagged acceptances with the deemed flag.

Planted in the publication, as on the small day:
- period {unexplained}: the published price is 0.50 too high; its stack is untouched.
- period {vintage}: the price record is older than its stack and carries another price.
- period {no_stack}: a price is published, but no stack.
- period {rounding}: the published price is 0.00002 too high.

Planted between II and SF:
- late readings of {unit} in periods {first} to {last}: estimated at II, metered at SF.
- acceptance {number} of {accepted} was corrected.
- contract notification {contract} was withdrawn.

Planted between SF and R1:
- {parameter} was announced as {value} {unit_of}.
"""


def write_market(
    folder: Path, settlement_date: date, seed: int = SEED, tell: Callable[[str], None] | None = None
) -> list[Path]:
    """Write the day of one seed into II, SF and R1 under a folder, and give its files, README.txt last.

    The same date and seed give the same bytes. It takes about half a minute, and no time where the folder has the day
    already: then nothing is written. A folder that has another day of this kind loses it. `tell` hears what is done.

    Two spawned processes help: a script calls this under `if __name__ == "__main__":`.
    Raises CannotWriteDay for a date before 5 November 2015.
    """
    say = tell or (lambda _: None)
    day_of = f"SYNTHETIC {settlement_date} {seed} {_source_hash()}"
    there = _there(folder)
    if there and there[0] == day_of and all((folder / name).is_file() for name in there[1:]):
        say("the market day is there already")
        return [folder / name for name in there[1:]]
    folder.mkdir(parents=True, exist_ok=True)
    if there:
        for run in ("II", "SF", "R1"):
            for old in (folder / run).glob("SYNTHETIC_*"):
                old.unlink()
    (folder / STAMP).write_text("SYNTHETIC unfinished\n", encoding="utf-8")
    say("making the market day, and its prices in exact fractions")
    day = national_day(settlement_date, seed)
    say("writing its files")
    written = [*_first(folder / "II", day), *_final(folder / "SF", day), *_later(folder / "R1", day)]
    readme = folder / "README.txt"
    readme.write_text(_told(day), encoding="utf-8")
    written.append(readme)
    names = [path.relative_to(folder).as_posix() for path in written]
    (folder / STAMP).write_text("\n".join([day_of, *names]) + "\n", encoding="utf-8")
    return written


def _there(folder: Path) -> list[str]:
    """Lines of the stamp, the day first and then its files; none in a folder that never had such a day."""
    stamp = folder / STAMP
    return stamp.read_text(encoding="utf-8").splitlines() if stamp.is_file() else []


def _first(folder: Path, day: NationalDay) -> list[Path]:
    feeds, on = day.first.feeds, day.first.feeds.settlement_date
    folder.mkdir(parents=True, exist_ok=True)
    published = published_day(day.first.priced)
    active = {unit: feeds.notifications[unit] for unit in feeds.pairs}
    written = [
        write_json(folder, f"system-prices_{on}", answer_of("DISEBSP", [form.price_record(on, p) for p in published])),
        write_json(folder, f"market-index_{on}", answer_of("MID", form.market_index_records(feeds))),
        write_json(folder, f"PN_{on}", lines_of(form.notification_records(feeds))),
        write_json(folder, f"QPN_{on}", lines_of(_quiescent(feeds))),
        write_json(folder, f"MELS_{on}", lines_of(_limits(feeds, active, "MELS"))),
        write_json(folder, f"MILS_{on}", lines_of(_limits(feeds, active, "MILS"))),
        write_json(folder, f"BOD_{on}", answer_of("BOD", form.bid_offer_records(feeds))),
        write_json(folder, f"BOALF_{on}", answer_of("BOALF", form.acceptance_records(feeds))),
        write_json(folder, f"DISBSAD_{on}", answer_of("DISBSAD", form.adjustment_records(feeds))),
        write_json(folder, f"LOLPDRM_{on}", answer_of("LOLPDRM", _loss_of_load(feeds))),
        write_json(folder, "bmunits_all", lines_of([_reference(one) for one in feeds.register])),
        _text(folder, "registered_bmunits.csv", idd_form.registered_units(feeds.register, date(2023, 4, 1))),
        _text(folder, "registered_participants.csv", idd_form.registered_parties(party_ids())),
    ]
    for entry in published:
        if entry.stack is not None:
            written += write_stack(folder, on, entry, suffix="")
    first_made = {entry.settlement_period: entry.stack_created for entry in published}
    written += _accepted(folder, on, day.first.priced.periods, first_made, "")
    return [*written, *_by_run(folder, day, day.first, "II")]


def _final(folder: Path, day: NationalDay) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    on, created = day.final.feeds.settlement_date, _created(day.final.feeds.settlement_date, "SF")
    corrected = form.acceptance_records(replace(day.final.feeds, acceptances=[day.corrected]))
    entries = [
        Published(period, market.result, created, market.result, created, market.result.system_price)
        for period, market in sorted(day.final.priced.periods.items())
    ]
    latest = {entry.settlement_period: entry for entry in (*published_day(day.first.priced), *entries)}
    prices = [form.price_record(on, latest[period]) for period in sorted(latest)]
    written = [
        write_json(folder, f"BOALF_{on}_SF", answer_of("BOALF", [{**r, "amendmentFlag": "UPD"} for r in corrected])),
        write_json(folder, f"system-prices_{on}_SF", answer_of("DISEBSP", prices)),
    ]
    for entry in entries:
        written += write_stack(folder, on, entry, suffix="_SF")
    again = dict(sorted(day.final.priced.periods.items()))
    written += _accepted(folder, on, again, dict.fromkeys(again, created), "_SF")
    return [*written, *_by_run(folder, day, day.final, "SF")]


def _accepted(
    folder: Path, on: date, markets: Mapping[int, PeriodMarket], created: Mapping[int, datetime], suffix: str
) -> list[Path]:
    """What the acceptances moved and were paid, both sides."""
    written = []
    for side in ("bid", "offer"):
        moved, paid = (records(on, markets, created, side) for records in (volume_records, cashflow_records))
        written.append(write_json(folder, f"BOAV_{side}_{on}{suffix}", answer_of("BOAV", moved)))
        written.append(write_json(folder, f"EBOCF_{side}_{on}{suffix}", answer_of("EBOCF", paid)))
    return written


def _later(folder: Path, day: NationalDay) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    on = day.first.feeds.settlement_date
    return [_text(folder, "parameter_notices_R1.csv", idd_form.parameter_notice(*PARAMETER, on))]


def _by_run(folder: Path, day: NationalDay, vintage: Vintage, run: str) -> list[Path]:
    feeds, on = vintage.feeds, vintage.feeds.settlement_date
    created, number = _created(on, run), {"II": 1, "SF": 2}[run]
    metered = idd_form.metered_volumes(on, run, created, vintage.readings, vintage.estimated)
    told = idd_form.notifications(on, number, created, vintage.contracts, day.reallocations, feeds.periods)
    return [_text(folder, f"C0421_{on}_{run}.txt", metered), _text(folder, f"E0141_{on}_{run}.txt", told)]


def _limits(feeds: NationalFeeds, active: dict[str, list[Piece]], kind: str) -> list[form.Record]:
    """One level a period: what a unit can put in at most, or (below 0) take out."""
    capacity = {one.unit.bm_unit: one.unit for one in feeds.register}
    records = []
    for number, unit in enumerate(active, start=1):
        level = capacity[unit].generation_capacity if kind == "MELS" else capacity[unit].demand_capacity
        flat = [Piece(30 * at, level, 30 * at + 30, level) for at in range(len(feeds.periods))]  # type: ignore[arg-type]
        for record in form.notification_records(replace(feeds, notifications={unit: flat})):
            records.append(
                {
                    **record,
                    "dataset": kind,
                    "notificationTime": record["timeFrom"],
                    "notificationSequence": number * 100 + record["settlementPeriod"],
                }
            )
    return records


def _quiescent(feeds: NationalFeeds) -> list[form.Record]:
    """What pumped storage would do of itself: nothing moved, told all day."""
    pumped = [one.unit.bm_unit for one in feeds.register if one.unit.kind == "pumped storage"]
    flat = [Piece(30 * at, 0, 30 * at + 30, 0) for at in range(len(feeds.periods))]  # type: ignore[arg-type]
    records = form.notification_records(replace(feeds, notifications=dict.fromkeys(pumped, flat)))
    return [{**record, "dataset": "QPN"} for record in records]


def _loss_of_load(feeds: NationalFeeds) -> list[form.Record]:
    """Two forecasts of every period, the last of them an hour before it: that one counts."""
    records = []
    for period, probability in feeds.loss_of_load.items():
        start = calendar.period_start(feeds.settlement_date, period)
        for hours, times in ((8, Fraction(1, 2)), (1, Fraction(1))):
            records.append(
                {
                    "dataset": "LOLPDRM",
                    "publishTime": (start - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "publishingPeriodCommencingTime": (start - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "startTime": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "settlementDate": feeds.settlement_date.isoformat(),
                    "settlementPeriod": period,
                    "lossOfLoadProbability": float(probability * times),
                    "deratedMargin": 900.0 if probability else 6000.0,
                }
            )
    return records


def _reference(one: Registered) -> form.Record:
    """The BM Unit reference, which names kind and interconnector too."""
    record = form.bm_unit_records([one.unit])[0]
    return {
        **record,
        "leadPartyId": one.unit.party,
        "bmUnitType": one.bm_unit_type,
        "interconnectorId": one.interconnector,
    }


def _text(folder: Path, name: str, text: str) -> Path:
    path = folder / f"SYNTHETIC_{name}"
    path.write_text(text, encoding="ascii", newline="\n")
    return path


def _created(settlement_date: date, run: str) -> datetime:
    return datetime.combine(settlement_date, datetime.min.time(), tzinfo=UTC) + _CREATED[run]


def _source_hash() -> str:
    """Hash of this package: a day written by other code is another day."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _told(day: NationalDay) -> str:
    planted, feeds = day.planted, day.first.feeds
    return _README.format(
        day=feeds.settlement_date, seed=feeds.seed, unexplained=UNEXPLAINED, vintage=VINTAGE, no_stack=NO_STACK,
        rounding=ROUNDING, unit=planted.late_unit, first=planted.late_periods[0], last=planted.late_periods[-1],
        accepted=planted.corrected[0], number=planted.corrected[1], contract=planted.withdrawn,
        parameter=PARAMETER[0], value=PARAMETER[1], unit_of=PARAMETER[2],
    )  # fmt: skip
