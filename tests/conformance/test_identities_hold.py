"""Published records keep the rules, every identity but for the rows named here; counts made again from plain lines."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import price_history_identities as history
import pytest
from conformance_identity import IDENTITIES
from conformance_page import MODULES
from published_world import plain_lines
from stack_fragment_identities import tie_of_2020

# Where not every row agrees: (checked, agree). Those of price.md and of the data sets' notes, or counted below.
NOT_ALL = {
    "repriced: price = replacement price (the others are worse, 8.6)": (11, 7),
    "price = market index price to 5 decimals, of the periods of 2024 with market volume": (17_568, 1_700),
    "of those, the system was long or balanced": (1_700, 1_223),
    "no market volume, 13, 14 and 27 October 2024: price exactly 0": (95, 4),
    "no market volume, 27 October 2024: price exactly 0": (27, 4),
    "no market volume, 13 and 14 October 2024: price exactly 0": (68, 0),
    "no market volume, 27 October 2024, system long: price exactly 0": (23, 4),
    "the same, 13 and 14 October 2024": (11, 0),
    "with market volume, 2024, system long: price exactly 0": (9_271, 157),
    "second provider (N2EXMIDP) has volume, 2024": (17_568, 40),
    "price of the 2022 vintage = price of the 2025 vintage within 0.01": (54_912, 54_912 - 45),
    "NIV of the 2022 vintage = NIV of the 2025 vintage within 0.001": (54_912, 54_912 - 63),
    "price has at most two decimals, before 1 November 2018 (PAR 50)": (14_591, 8_241),
    "price has at most two decimals, from 1 November 2018 (PAR 1)": (2_926, 2_888),
    "price has at most two decimals, 25 to 31 October 2018": (338, 180),
    "price has at most two decimals, 1 to 7 November 2018": (336, 334),
    "two offers of one price at the PAR margin, settled by the engine, tie rule rank: each printed figure": (9, 3),
    "accepted offer volume of T_SEAB-1, periods published as 0 (exceptions: records missing)": (31, 17),
}  # fmt: skip
GAPS = {"gb-grid-margin": (1_296, 1_293)}  # days of a history that lacks four periods
AT_NEITHER_MEAN = "second provider has volume: price is at neither mean of the providers, by volume or plain"


def at_the_market(frame, column, world):
    keys = frame[history.KEYS].merge(history.year_2024(world), on=history.KEYS, how="left")
    return keys["market_index_price"].to_numpy()


# Where turning a column about would break nothing: what does.
SPOILED = {
    "no market volume, 13 and 14 October 2024: price exactly 0": lambda frame, column, world: 0.0,
    "the same, 13 and 14 October 2024": lambda frame, column, world: 0.0,
    AT_NEITHER_MEAN: at_the_market,
    "replacement price and its reference volume are null together": lambda frame, column, world: column.isna().map(
        {True: 1.0, False: np.nan}
    ),
    "repriced: price no better than replacement price": lambda frame, column, world: column + 0.01,
    "the removing stage shows 0, the columns after it null (after PAR: 0)": (
        lambda frame, column, world: np.where(column == 0, 5.0, 0.0)
    ),
    "sequence numbers rise from cheap to dear for the system": lambda frame, column, world: range(len(frame)),
    "two offers of one price at the PAR margin, settled by the engine, tie rule rank: each printed figure": (
        lambda frame, column, world: [None, None, 1.0, 1.0, 0.0]
    ),
}


def named(one):
    return f"{one.data_set}: {one.name}"


def spoiled(one, frame, column, world):
    if one.name in SPOILED:
        return SPOILED[one.name](frame, column, world)
    if pd.api.types.is_datetime64_any_dtype(column):
        return column + pd.Timedelta(minutes=1)
    if pd.api.types.is_numeric_dtype(column):
        return -1.3719234567 * column.astype(float) + 0.3719234567
    return column.astype(str) + "X"


def test_every_module_of_identities_declares_some():
    declared = {one.check.__module__ for one in IDENTITIES}

    assert declared == {module.__name__ for module in MODULES}
    assert len({named(one) for one in IDENTITIES}) == len(IDENTITIES)


@pytest.mark.parametrize("one", IDENTITIES, ids=named)
def test_identity_holds_but_for_the_rows_that_are_known(one, facts):
    found = dict((named(each), result) for each, result in facts.found)[named(one)]

    assert found.checked > 0
    wanted = NOT_ALL.get(one.name, (found.checked, found.checked))
    if one.name == "every day has the calendar's periods":
        wanted = GAPS.get(one.data_set, wanted)
    assert (found.checked, found.agree) == wanted, found.exceptions[:20]


@pytest.mark.parametrize("one", IDENTITIES, ids=named)
def test_identity_breaks_when_the_column_it_reads_is_spoiled(one, world):
    frame = world.frame(one.reads[0], one.data_set).copy()
    before = one.found(world)

    frame[one.reads[1]] = spoiled(one, frame, frame[one.reads[1]], world)
    after = one.found(world.with_frame(one.reads[0], one.data_set, frame))

    assert (after.checked, after.agree) != (before.checked, before.agree)


def test_periods_priced_at_the_market_are_as_many_when_counted_from_the_lines_of_the_files(world):
    folder = world.data / "price-diver-spread-radar"
    cost, volume, priced = {}, {}, {}
    for line in plain_lines(folder / "0000036990_MID_2024.csv.gz")[1:]:
        day, period, _, traded, price = line.split(",")
        key = (datetime.strptime(day, "%d %B %Y").date(), int(period))
        cost[key] = cost.get(key, Decimal(0)) + Decimal(traded) * Decimal(price)
        volume[key] = volume.get(key, Decimal(0)) + Decimal(traded)
    for line in plain_lines(folder / "sspsbp_20250609.to-2024-12-31.csv.gz")[1:]:
        day, period, price, _, net = line.split(",")
        priced[datetime.strptime(day, "%d/%m/%Y").date(), int(period)] = (Decimal(price), Decimal(net))

    at_market, balanced, without, zero_when_long = [], [], [], []
    for key, traded in volume.items():
        price, net = priced[key]
        if not traded:
            without.append((key[0].isoformat(), price == 0, net < 0))
            continue
        market = (cost[key] / traded).quantize(Decimal("0.00001"), rounding=ROUND_HALF_UP)
        at_market += [net <= 0] if market == price else []
        balanced += [market == price] if not net else []
        zero_when_long += [price == 0] if net < 0 else []

    assert (len(volume), len(at_market), sum(at_market), balanced) == (17_568, 1_700, 1_223, [True] * 4)
    assert (len(zero_when_long), sum(zero_when_long)) == (9_271, 157)
    assert (len(without), sum(zero for _, zero, _ in without)) == (95, 4)
    on_27 = [zero for day, zero, long in without if long and day == "2024-10-27"]
    before = [zero for day, zero, long in without if long and day < "2024-10-27"]
    assert (len(on_27), sum(on_27), len(before), sum(before)) == (23, 4, 11, 0)


def test_two_vintages_differ_as_often_when_counted_from_the_lines_of_the_files(world):
    paths = ("wind-curtailment/sspsbpniv.csv.gz", "price-diver-spread-radar/sspsbp_20250609.to-2024-12-31.csv.gz")
    old, new = (
        {tuple(line.split(",")[:2]): [Decimal(cell) for cell in line.split(",")[2:]] for line in plain_lines(path)[1:]}
        for path in (world.data / one for one in paths)
    )

    prices = sum(abs(figures[0] - new[key][0]) > Decimal("0.01") for key, figures in old.items())
    volumes = sum(abs(figures[2] - new[key][2]) > Decimal("0.001") for key, figures in old.items())

    assert (len(old), prices, volumes) == (54_912, 45, 63)


def test_prices_of_two_decimals_are_as_many_when_counted_from_the_lines_of_the_file(world):
    counted = {"before": [0, 0], "after": [0, 0]}
    for line in plain_lines(world.data / "gb-grid-margin/system_price_2018.csv.gz")[1:]:
        day, _, price = line.split(",")
        tally = counted["before" if day < "2018-11-01" else "after"]
        tally[0] += 1
        tally[1] += Decimal(price) == round(Decimal(price), 2)

    assert counted == {"before": [14_591, 8_241], "after": [2_926, 2_888]}


def test_records_missing_of_seabank_are_the_fourteen_periods_that_are_known(facts):
    found = next(found for one, found in facts.found if "published as 0" in one.name)

    assert found.exceptions == tuple(f"P{one}" for one in [*range(1, 11), 12, 13, 14, 48])


def test_days_that_a_history_lacks_periods_of_are_named(facts):
    found = next(
        found for one, found in facts.found if one.data_set == "gb-grid-margin" and "calendar's periods" in one.name
    )

    assert found.exceptions == ("2016-01-03 (1 missing)", "2018-10-18 (1 missing)", "2018-12-12 (2 missing)")


def test_two_offers_of_one_price_share_the_margin_as_printed_in_2020(world):
    shown = {label: own for label, own, _ in tie_of_2020(world)}

    assert shown["offer 1, parAdjustedvolume"] == Decimal("0.384")
    assert shown["offer 2, parAdjustedvolume"] == Decimal("0.616")
    assert shown["total of TLM adjusted cost"] == Decimal("51.33")
    assert shown["price"] == Decimal("50.90000")
