"""A synthetic day: its files hold together, the two ways in agree, and only what is planted differs."""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest

from loaders.sample_market import write_day
from loaders.sample_market.dated_values import dated_values
from loaders.sample_market.exact_durations import continuous_minutes
from loaders.sample_market.exact_market import Action, MarketIndex, PriceParameters
from loaders.sample_market.exact_price import price
from loaders.sample_market.exact_volumes import Acceptance, PairBand, Piece, accepted_volumes
from settlement import calendar

DAY = date(2024, 1, 15)
DAYS = {DAY: 48, date(2024, 3, 31): 46, date(2024, 10, 27): 50}
PLANTED = {7, 12, 20, 31}
MARKET_INDEX_PERIOD = 6


def exact(value):
    """The decimal figure as it stands in the file."""
    return None if value is None else Fraction(str(value))


class Files:
    """A written day, read back by plain JSON."""

    def __init__(self, folder, settlement_date):
        self.folder = folder
        self.date = settlement_date
        self.known = {}

    def records(self, name):
        if name not in self.known:
            self.known[name] = self.read(name)
        return self.known[name]

    def read(self, name):
        answer = json.loads((self.folder / f"SYNTHETIC_{name}.json").read_text(encoding="utf-8"))
        return answer["data"] if isinstance(answer, dict) else answer

    def daily(self, name):
        return self.records(f"{name}_{self.date}")

    def stack(self, period):
        return [row for side in ("bid", "offer") for row in self.records(f"stack_{side}_{self.date}_{period:02d}")]

    def prices(self):
        return {record["settlementPeriod"]: record for record in self.daily("system-prices")}

    def minute(self, text):
        return Fraction(int((datetime.fromisoformat(text) - calendar.day_start(self.date)).total_seconds()), 60)

    def piece(self, record):
        return Piece(
            self.minute(record["timeFrom"]),
            Fraction(record["levelFrom"]),
            self.minute(record["timeTo"]),
            Fraction(record["levelTo"]),
        )


@pytest.fixture(scope="module", params=DAYS, ids=str)
def day(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("day")
    write_day(folder, request.param)
    return Files(folder, request.param)


@pytest.fixture(scope="module")
def winter_day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("winter")
    write_day(folder, DAY)
    return Files(folder, DAY)


def price_by_rows(rows):
    """Rule 8.2 on the published columns: cost over volume of what PAR left."""
    kept = [row for row in rows if row["tlmAdjustedVolume"]]
    return sum(row["tlmAdjustedCost"] for row in kept) / sum(row["tlmAdjustedVolume"] for row in kept)


def test_each_period_has_a_price_and_a_stack_but_the_one_planted_without(day):
    count = DAYS[day.date]

    assert list(day.prices()) == list(range(1, count + 1))
    for side in ("bid", "offer"):
        names = {path.name for path in day.folder.glob(f"SYNTHETIC_stack_{side}_*.json")}
        assert names == {f"SYNTHETIC_stack_{side}_{day.date}_{n:02d}.json" for n in range(1, count + 1) if n != 20}


def test_published_prices_are_those_of_their_stack_but_where_planted(day):
    for period, record in day.prices().items():
        assert record["systemSellPrice"] == record["systemBuyPrice"]
        if period == 20:
            continue
        difference = record["systemSellPrice"] - price_by_rows(day.stack(period))
        if period == 7:
            assert difference == pytest.approx(0.50, abs=1e-9)
        elif period == 12:
            assert 5 <= abs(difference) <= 20
        elif period == 31:
            assert difference == pytest.approx(0.00002, abs=1e-9)
        else:
            assert difference == pytest.approx(0, abs=1e-9)


def test_price_and_stack_are_of_one_run_but_in_the_vintage_period(day):
    for period, record in day.prices().items():
        created = {row["createdDateTime"] for row in day.stack(period)} if period != 20 else {record["createdDateTime"]}
        assert len(created) == 1
        if period == 12:
            assert record["createdDateTime"] < min(created)
        else:
            assert {record["createdDateTime"]} == created


def test_net_imbalance_volume_is_the_sum_after_de_minimis(day):
    for period, record in day.prices().items():
        if period != 20:
            total = sum(row["dmatAdjustedVolume"] for row in day.stack(period))
            assert record["netImbalanceVolume"] == pytest.approx(total, abs=1e-9)


def test_totals_of_a_price_record_keep_the_identities_of_published_ones(day):
    """price.md section 3: totals less De Minimis volume are NIV, tagged totals are totals less PAR volume."""
    for period, record in day.prices().items():
        if period == 20:
            continue
        rows = day.stack(period)
        removed = sum(row["volume"] - row["dmatAdjustedVolume"] for row in rows)
        names = ("AcceptedOffer", "AcceptedBid", "AdjustmentSell", "AdjustmentBuy")
        totals = sum(record[f"total{name}Volume"] for name in names)
        assert totals - removed == pytest.approx(record["netImbalanceVolume"], abs=1e-9)
        tagged = sum(record[f"totalSystemTagged{name}Volume"] or 0 for name in names)
        assert abs(totals - tagged) == pytest.approx(min(1, abs(record["netImbalanceVolume"])), abs=1e-9)


def test_a_removed_row_shows_zero_once_and_nothing_after(day):
    columns = ("dmatAdjustedVolume", "arbitrageAdjustedVolume", "nivAdjustedVolume")
    later = ("parAdjustedVolume", "tlmAdjustedVolume", "tlmAdjustedCost")
    removed_at = defaultdict(int)
    for period in set(day.prices()) - {20}:
        for row in day.stack(period):
            for at, column in enumerate(columns):
                if row[column] == 0:
                    assert all(row[name] is None for name in (*columns[at + 1 :], *later))
                    assert row["finalPrice"] == row["originalPrice"] and not row["repricedIndicator"]
                    removed_at[column] += 1
                    break
            else:
                assert None not in [row[name] for name in (*columns, *later)]
                removed_at["parAdjustedVolume"] += row["parAdjustedVolume"] == 0
    assert min(removed_at[column] for column in (*columns, "parAdjustedVolume")) > 10


def test_sequence_numbers_rank_each_side_from_its_cheapest(day):
    for period in set(day.prices()) - {20}:
        for side, sign in (("bid", -1), ("offer", 1)):
            rows = day.records(f"stack_{side}_{day.date}_{period:02d}")
            assert [row["sequenceNumber"] for row in rows] == list(range(1, len(rows) + 1))
            expense = [float("inf") if r["originalPrice"] is None else sign * r["originalPrice"] for r in rows]
            assert expense == sorted(expense)
            assert all(row["volume"] * sign > 0 for row in rows)


def raw_actions(day, period):
    """The actions of a period from notifications, pairs, acceptances and adjustment actions as filed."""
    start = Fraction((period - 1) * 30)
    span = (start, start + 30)
    values = dated_values(day.date)
    units = {record["elexonBmUnit"]: record for record in day.records("bmunits_all")}
    lines, bands = defaultdict(list), defaultdict(list)
    for record in day.daily("PN"):
        if record["settlementPeriod"] == period:
            lines[record["bmUnit"]].append(day.piece(record))
    for record in day.daily("BOD"):
        if record["settlementPeriod"] == period:
            band = PairBand(record["pairId"], (day.piece(record),), exact(record["offer"]), exact(record["bid"]))
            bands[record["bmUnit"]].append(band)
    pieces = defaultdict(list)
    for record in day.daily("BOALF"):
        key = (record["bmUnit"], record["acceptanceNumber"], record["acceptanceTime"])
        pieces[(*key, record["soFlag"], record["storFlag"])].append(day.piece(record))
    acceptances = [
        Acceptance(unit, number, day.minute(accepted), tuple(given), so_flag, stor_flag)
        for (unit, number, accepted, so_flag, stor_flag), given in pieces.items()
    ]
    minutes = continuous_minutes(acceptances)
    actions = []
    for unit in {a.bm_unit for a in acceptances if a.first < span[1] and a.last > span[0]}:
        own = {a.number: a for a in acceptances if a.bm_unit == unit}
        tlm = 1 + Fraction(units[unit]["transmissionLossFactor"])
        tlm += values.estimated_tlmo.get(units[unit]["productionOrConsumptionFlag"], 0)
        prices = {band.pair: band for band in bands[unit]}
        for (number, pair), volume in accepted_volumes(span, lines[unit], bands[unit], list(own.values())).items():
            for amount, at in ((volume.offer, prices[pair].offer_price), (volume.bid, prices[pair].bid_price)):
                if amount:
                    short = minutes[unit, number] < values.cadl_minutes
                    flags = (own[number].so_flag, short, own[number].stor_flag)
                    actions.append(Action(unit, amount, at, number, pair, *flags, tlm=tlm))
    for record in day.daily("DISBSAD"):
        if record["settlementPeriod"] == period and record["volume"]:
            volume, cost = exact(record["volume"]), exact(record["cost"])
            at = None if cost is None else cost / volume
            actions.append(
                Action(str(record["id"]), volume, at, so_flag=record["soFlag"], stor_flag=record["storFlag"])
            )
    return actions


@pytest.mark.parametrize("period", [1, 6, 9, 16, 20, 40, 46])
def test_both_ways_in_give_the_same_rows_and_the_same_price(day, period):
    actions = raw_actions(day, period)
    index = [
        MarketIndex(record["dataProvider"], exact(record["price"]), exact(record["volume"]))
        for record in day.daily("market-index")
        if record["settlementPeriod"] == period
    ]

    result = price(actions, PriceParameters(Fraction("0.1"), Fraction(1), Fraction(1)), index)

    assert float(result.system_price) == day.prices()[period]["systemSellPrice"]
    assert float(result.net_imbalance_volume) == day.prices()[period]["netImbalanceVolume"]
    if period == 20:
        return
    published = {
        (row["id"], row["acceptanceId"], row["bidOfferPairId"], row["volume"] > 0): row for row in day.stack(period)
    }
    assert len(published) == len(actions)
    for action in actions:
        row = published[action.id, action.acceptance_number, action.pair, action.volume > 0]
        assert row["volume"] == float(action.volume)
        assert (row["soFlag"], bool(row["storProviderFlag"])) == (action.so_flag, action.stor_flag)
        assert row["dmatAdjustedVolume"] == 0 or bool(row["cadlFlag"]) is action.cadl_flag
        assert row["transmissionLossMultiplier"] in {None, float(action.tlm)}
        if not action.stor_flag:
            assert row["originalPrice"] == (None if action.price is None else float(action.price))


def test_notifications_cover_every_period_in_whole_minutes_and_megawatts(day):
    by_unit = defaultdict(list)
    for record in day.daily("PN"):
        assert isinstance(record["levelFrom"], int) and isinstance(record["levelTo"], int)
        assert record["timeFrom"].endswith(":00Z")
        start = calendar.period_start(day.date, record["settlementPeriod"])
        assert start <= datetime.fromisoformat(record["timeFrom"])
        assert datetime.fromisoformat(record["timeTo"]) <= start + timedelta(minutes=30)
        by_unit[record["bmUnit"]].append(day.piece(record))
    assert 60 <= len(by_unit) <= 80
    for pieces in by_unit.values():
        assert (pieces[0].time_from, pieces[-1].time_to) == (0, DAYS[day.date] * 30)
        assert all(left.time_to == right.time_from for left, right in pairwise(pieces))


def test_lines_of_an_acceptance_abut_in_order_of_time(day):
    pieces = defaultdict(list)
    for record in day.daily("BOALF"):
        pieces[record["bmUnit"], record["acceptanceNumber"]].append(day.piece(record))
    for unit, lines in pieces.items():
        assert all(line.time_from < line.time_to for line in lines), unit
        assert all(left.time_to == right.time_from for left, right in pairwise(lines)), unit
    assert len({number for _, number in pieces}) < len(pieces)


def test_pair_prices_have_two_decimals_and_do_not_fall_as_pairs_rise(day):
    pairs = defaultdict(list)
    for record in day.daily("BOD"):
        pairs[record["bmUnit"], record["settlementPeriod"]].append(record)
    for records in pairs.values():
        assert [r["pairId"] for r in records] == sorted(r["pairId"] for r in records)
        for name in ("offer", "bid"):
            assert [r[name] for r in records] == sorted(r[name] for r in records)
            assert all(round(r[name], 2) == r[name] for r in records)
        assert all(r["bid"] <= r["offer"] and (r["levelFrom"] > 0) == (r["pairId"] > 0) for r in records)


def test_every_file_says_it_is_synthetic_and_names_no_real_unit(day):
    for path in day.folder.iterdir():
        text = path.read_text(encoding="utf-8")
        if path.name == "README.txt":
            assert text.startswith("SYNTHETIC\n")
            continue
        assert path.name.startswith("SYNTHETIC_")
        answer = json.loads(text)
        if isinstance(answer, dict):
            assert answer["metadata"]["note"] == "SYNTHETIC"
    for record in day.records("bmunits_all"):
        assert record["elexonBmUnit"].split("_")[-1].startswith("SYN")
        assert record["leadPartyName"].startswith("SYNTHETIC") and record["leadPartyId"].startswith("SYN")
    assert all(record["dataProvider"].startswith("SYN") for record in day.daily("market-index"))


def test_the_day_looks_like_a_day_of_the_market(winter_day):
    prices = {period: record["systemSellPrice"] for period, record in winter_day.prices().items()}
    net = {period: record["netImbalanceVolume"] for period, record in winter_day.prices().items()}
    stacks = {period: winter_day.stack(period) for period in prices if period != 20}

    assert min(prices.values()) < 0
    assert all(net[period] < 0 for period in range(1, 11)), "a long night"
    assert all(net[period] > 0 for period in range(35, 38)), "a short evening"
    assert max(prices, key=prices.get) in range(33, 43)
    assert all(15 <= len(rows) <= 60 for rows in stacks.values())
    units = [len({row["id"] for row in rows if row["acceptanceId"]}) for rows in stacks.values()]
    assert min(units) >= 6 and max(units) <= 16
    rows = [row for stack in stacks.values() for row in stack]
    assert any(row["repricedIndicator"] for row in rows)
    assert any(row["cadlFlag"] for row in rows)
    assert any(row["originalPrice"] is None for row in rows)
    assert any(row["bidOfferPairId"] and row["bidOfferPairId"] > 0 > row["volume"] for row in rows), "an offer undone"
    scarce = {period for period, record in winter_day.prices().items() if record["reserveScarcityPrice"] > 0}
    assert 2 <= len(scarce) <= 3
    for period in scarce:
        shown = {row["reserveScarcityPrice"] for row in stacks[period] if row["storProviderFlag"]}
        assert shown == {winter_day.prices()[period]["reserveScarcityPrice"]}
    adjustments = winter_day.daily("DISBSAD")
    assert any(record["volume"] == record["cost"] == 0 for record in adjustments)
    assert any(record["volume"] and record["cost"] is None for record in adjustments)


def test_one_period_is_priced_by_the_market_index(day):
    record = day.prices()[MARKET_INDEX_PERIOD]
    entries = [e for e in day.daily("market-index") if e["settlementPeriod"] == MARKET_INDEX_PERIOD]

    weighted = sum(e["price"] * e["volume"] for e in entries) / sum(e["volume"] for e in entries)

    assert record["systemSellPrice"] == pytest.approx(weighted, abs=1e-9)
    assert record["replacementPriceReferenceVolume"] == 0
    kept = [row for row in day.stack(MARKET_INDEX_PERIOD) if row["nivAdjustedVolume"]]
    assert kept and all(row["repricedIndicator"] for row in kept)


def test_acceptances_run_over_period_ends_and_one_over_midnight_without_volume_there(day):
    end = DAYS[day.date] * 30
    records = day.daily("BOALF")

    over_period_ends = [r for r in records if r["settlementPeriodFrom"] != r["settlementPeriodTo"]]
    over_midnight = [r for r in records if day.minute(r["timeTo"]) > end]

    assert len(over_period_ends) > 50
    assert [r["bmUnit"] for r in over_midnight] == ["T_SYNHYD-1"]
    level = {r["levelFrom"] for r in day.daily("PN") if r["bmUnit"] == "T_SYNHYD-1"}
    assert {over_midnight[0]["levelFrom"], over_midnight[0]["levelTo"]} == level
    first_own = min(day.minute(r["timeFrom"]) for r in records if r["bmUnit"] == "T_SYNHYD-1")
    assert first_own >= 40, "nothing of the next morning may join the chain of the evening before"
