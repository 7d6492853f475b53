"""A folder of files as the Insights API answers them, for one synthetic day.

Reads    market_day, published, insights_form, written
Gives    write_day, later_vintage
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice
from pathlib import Path

from loaders.sample_market import insights_form as form
from loaders.sample_market.errors import CannotWriteDay
from loaders.sample_market.market_day import MarketDay, market_day
from loaders.sample_market.published import (
    NO_STACK,
    ROUNDING,
    UNEXPLAINED,
    VINTAGE,
    Published,
    other_prices,
    published_day,
    second_run,
)
from loaders.sample_market.written import answer_of, lines_of, write_json, write_stack

SEED = 20240115
_LATER_APART = (Fraction("0.05"), Fraction(60))
_README = """SYNTHETIC

A made-up market day, {settlement_date}, seed {seed}. No unit, party, price or volume is real.
The files look as the Insights API answers. The published stacks and prices come from a slow calculator in exact
fractions, from the notifications, bid-offer pairs, acceptances and adjustment actions beside them.

Planted:
- period {unexplained}: the published price is 0.50 too high; its stack is untouched.
- period {vintage}: the price record is older than its stack and carries another price.
- period {no_stack}: a price is published, but no stack.
- period {rounding}: the published price is 0.00002 too high.
All other published prices are exactly those of their stack, as doubles.

The Reserve Scarcity Price is above 0 in periods {scarcity}. LoLP is not among the feeds: the prices are the
same without it.
In period {market_index} no unflagged action is left: the price is that of the market index.
One acceptance runs over midnight; it stands on its notification from then on.
"""


def write_day(folder: Path, settlement_date: date, seed: int = SEED) -> list[Path]:
    """Writes one day and gives the files written, README.txt last.

    The same date and seed give the same bytes. Files that are there already are written anew.
    Raises CannotWriteDay for a date before 5 November 2015.
    """
    day = market_day(settlement_date, seed)
    published = published_day(day)
    folder.mkdir(parents=True, exist_ok=True)
    on = settlement_date.isoformat()
    prices = [form.price_record(settlement_date, entry) for entry in published]
    written = [
        write_json(folder, f"system-prices_{on}", answer_of("DISEBSP", prices)),
        write_json(folder, f"market-index_{on}", answer_of("MID", form.market_index_records(day))),
        write_json(folder, f"PN_{on}", lines_of(form.notification_records(day))),
        write_json(folder, f"BOD_{on}", answer_of("BOD", form.bid_offer_records(day))),
        write_json(folder, f"BOALF_{on}", answer_of("BOALF", form.acceptance_records(day))),
        write_json(folder, f"DISBSAD_{on}", answer_of("DISBSAD", form.adjustment_records(day))),
        write_json(folder, "bmunits_all", lines_of(form.bm_unit_records(day.units))),
    ]
    for entry in published:
        if entry.stack is not None:
            written += write_stack(folder, settlement_date, entry, suffix="")
    readme = folder / "README.txt"
    readme.write_text(_told(day), encoding="utf-8")
    return [*written, readme]


def later_vintage(folder: Path, settlement_date: date, settlement_period: int, seed: int = SEED) -> list[Path]:
    """Writes a later stack and price of one period, in which one action's price is another, and gives the files.

    The System Price of that period moves by 0.05 to 60 GBP/MWh; every other record is as the folder has it. The price
    file is one of the whole day. Called again for the same period it writes a still later vintage.
    Raises CannotWriteDay for a period whose price no action moves, and for one without a stack.
    """
    day = market_day(settlement_date, seed)
    if settlement_period not in day.periods or settlement_period == NO_STACK:
        raise CannotWriteDay(
            f"{settlement_date}, period {settlement_period}: found no stack to change, wanted a period of the day "
            f"other than {NO_STACK}. Choose another period."
        )
    number = len(list(folder.glob(f"SYNTHETIC_stack_bid_{settlement_date}_{settlement_period:02d}_later*.json"))) + 1
    market = day.periods[settlement_period]
    result = next(islice(other_prices(market, _LATER_APART), number - 1, None), None)
    if result is None:
        raise CannotWriteDay(
            f"{settlement_date}, period {settlement_period}, seed {seed}: found no action whose price moves the System "
            "Price, wanted one. Choose another period."
        )
    created = second_run(day, settlement_period) + timedelta(days=number)
    entry = Published(settlement_period, result, created, result, created, result.system_price)
    suffix = "_later" if number == 1 else f"_later{number}"
    records = {record["settlementPeriod"]: record for record in _latest_prices(folder, day)}
    records[settlement_period] = form.price_record(settlement_date, entry)
    name = f"system-prices_{settlement_date}{suffix}-p{settlement_period:02d}"
    prices = write_json(folder, name, answer_of("DISEBSP", [records[period] for period in sorted(records)]))
    return [*write_stack(folder, settlement_date, entry, suffix), prices]


def _latest_prices(folder: Path, day: MarketDay) -> list[form.Record]:
    """The price records of the folder, the latest made of each period; those of the seed where it has none."""
    latest = {entry.settlement_period: form.price_record(day.settlement_date, entry) for entry in published_day(day)}
    for path in sorted(folder.glob(f"SYNTHETIC_system-prices_{day.settlement_date}*.json")):
        for record in json.loads(path.read_text(encoding="utf-8"))["data"]:
            if record["createdDateTime"] >= latest[record["settlementPeriod"]]["createdDateTime"]:
                latest[record["settlementPeriod"]] = record
    return list(latest.values())


def _told(day: MarketDay) -> str:
    scarcity = [str(p) for p, market in day.periods.items() if market.parameters.reserve_scarcity_price > 0]
    at_index = [str(p) for p, m in day.periods.items() if m.result.replacement_price_reference_volume == 0]
    return _README.format(
        settlement_date=day.settlement_date,
        seed=day.seed,
        unexplained=UNEXPLAINED,
        vintage=VINTAGE,
        no_stack=NO_STACK,
        rounding=ROUNDING,
        scarcity=", ".join(scarcity) or "none",
        market_index=", ".join(at_index) or "none",
    )
