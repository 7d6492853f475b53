"""The market day at the size of Great Britain looks like one, adds up, and differs between its runs by what it says."""

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date
from itertools import pairwise

import pytest

from loaders import load
from loaders.sample_market.dated_values import dated_values
from loaders.sample_market.great_britain import planted, write_market
from loaders.sample_market.great_britain.folder import STAMP
from loaders.sample_market.great_britain.register import register_of

DAY, SEED = date(2024, 1, 15), 20240115
PERIODS = range(1, 49)
PRICED_OTHERWISE = {7, 12, 20, 31}  # by plan: another price than the stack's, or no stack
VALUE_OF_LOST_LOAD, DELIVERING_SHARE = 6000, 0.45


pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def market(great_britain):
    return great_britain


@pytest.fixture(scope="module")
def register(market):
    lines = (market / "II" / "SYNTHETIC_registered_bmunits.csv").read_text(encoding="ascii").splitlines()[2:]
    return {row["BM Unit ID"]: row for row in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def readings(market):
    """Metered volumes by run, unit and period, MWh, and whether estimated."""
    return {run: metered(market / run / f"SYNTHETIC_C0421_{DAY}_{run}.txt") for run in ("II", "SF")}


@pytest.fixture(scope="module")
def acceptances(market):
    return by_acceptance(data(market / "II" / f"SYNTHETIC_BOALF_{DAY}.json"))


def data(path):
    found = json.loads(path.read_text(encoding="utf-8"))
    return found["data"] if isinstance(found, dict) else found


def metered(path):
    found = {}
    for line in path.read_text(encoding="ascii").splitlines():
        record, *fields = line.split("|")
        if record == "ABV":
            unit = fields[0]
        if record == "ABP":
            period, estimated, volume, way = fields[:4]
            found[unit, int(period)] = (float(volume) * (-1 if way == "I" else 1), estimated)
    return found


def notified(path):
    """Contract volumes, MWh, by (reference, period, seller, buyer)."""
    found = {}
    for line in path.read_text(encoding="ascii").splitlines():
        record, *fields = line.split("|")
        if record == "SP8":
            period = int(fields[0])
        if record == "ECN":
            found[fields[1], period, (fields[5], fields[7]), (fields[8], fields[10])] = float(fields[2])
    return found


def by_acceptance(records):
    found = defaultdict(list)
    for record in records:
        found[record["bmUnit"], record["acceptanceNumber"]].append(record)
    return found


def prices(path):
    return {record["settlementPeriod"]: record for record in data(path)}


def stack(folder, period, suffix=""):
    names = [f"SYNTHETIC_stack_{side}_{DAY}_{period:02d}{suffix}.json" for side in ("bid", "offer")]
    return [row for name in names for row in data(folder / name)]


def stacked_periods(folder, suffix=""):
    return {period for period in PERIODS if (folder / f"SYNTHETIC_stack_bid_{DAY}_{period:02d}{suffix}.json").exists()}


def test_it_has_the_size_of_great_britain(market, register, acceptances):
    of_type = defaultdict(int)
    for row in register.values():
        of_type[row["BMU Type"]] += 1
    parties = (market / "II" / "SYNTHETIC_registered_participants.csv").read_text(encoding="ascii").splitlines()[2:]

    assert 2850 <= len(register) <= 2950
    assert (of_type["I"], of_type["G"] + of_type["S"], of_type["T"], of_type["E"]) == pytest.approx(
        (1270, 840, 450, 330), rel=0.05
    )
    assert len({row["GSP Group Id"] for row in register.values()} - {""}) == 14
    assert len(parties) == 300
    assert all("SYN" in unit for unit in register)
    assert 12_000 <= len(acceptances) <= 18_000
    assert 430 <= len({row["bmUnit"] for row in data(market / "II" / f"SYNTHETIC_BOD_{DAY}.json")}) <= 470


def test_every_unit_is_in_one_trading_unit_and_the_suppliers_of_a_group_in_its_base_one(register):
    base = defaultdict(set)
    for row in register.values():
        if row["BMU Type"] in {"G", "S"}:
            base[row["GSP Group Id"]].add((row["Trading Unit Name"], row["Base TU Flag"]))
    stations = defaultdict(set)
    for row in register.values():
        stations[row["Trading Unit Name"]].add(float(row["GC"]) > 0)

    assert len(base) == len(set().union(*base.values())) == 14
    assert {flag for units in base.values() for _, flag in units} == {"T"}
    assert sum(kinds == {True, False} for name, kinds in stations.items() if name.startswith("station")) == 20


def test_a_user_of_an_interconnector_has_a_production_and_a_consumption_unit(register):
    held = defaultdict(list)
    for row in register.values():
        if row["BMU Type"] == "I":
            held[row["Interconnector Id"], row["Party ID"]].append(row["Prod/Cons Status"])

    assert len({line for line, _ in held}) > 5
    assert {tuple(sorted(statuses)) for statuses in held.values()} == {("C", "P")}


def test_acceptances_are_of_every_sort(acceptances):
    lines = list(acceptances.values())
    ends = {key: max(record["timeTo"] for record in records) for key, records in acceptances.items()}
    spans = defaultdict(list)
    for (unit, _), records in acceptances.items():
        spans[unit].append((records[0]["timeFrom"], max(record["timeTo"] for record in records)))

    assert sum(one[0]["soFlag"] for one in lines) > 1000
    assert sum(one[0]["storFlag"] for one in lines) > 100
    assert [one[0]["soFlag"] for one in lines if one[0]["deemedBoFlag"]] == [True] * 3
    assert sum(end > "2024-01-16T00:00:00Z" for end in ends.values()) == 1
    assert sum(later[0] < earlier[1] for of in spans.values() for earlier, later in pairwise(of)) > 500


def test_losses_are_a_small_part_of_what_is_put_in(readings):
    for run in ("II", "SF"):
        for period in PERIODS:
            volumes = [volume for (_, of), (volume, _) in readings[run].items() if of == period]
            assert 0.01 < sum(volumes) / sum(volume for volume in volumes if volume > 0) < 0.025, (run, period)


def test_demand_is_that_of_a_winter_day(register, readings):
    suppliers = {unit for unit, row in register.items() if row["BMU Type"] in {"G", "S"}}
    taken = defaultdict(float)
    for (unit, period), (volume, _) in readings["II"].items():
        taken[period] -= 2 * volume / 1000 if unit in suppliers else 0.0

    assert 20 < min(taken.values()) < 26 and 38 < max(taken.values()) < 44


def test_parties_have_contracts_for_nearly_all_that_they_meter(market, register, readings):
    imbalance = defaultdict(float)
    for (unit, period), (volume, _) in readings["II"].items():
        row = register[unit]
        imbalance[row["Party ID"], row["Prod/Cons Status"], period] += volume
    metered_in_all = sum(abs(volume) for volume in imbalance.values())
    for (_, period, seller, buyer), volume in notified(market / "II" / f"SYNTHETIC_E0141_{DAY}_II.txt").items():
        assert seller != buyer
        imbalance[*seller, period] -= volume
        imbalance[*buyer, period] += volume

    assert sum(abs(volume) for volume in imbalance.values()) < 0.1 * metered_in_all


def test_the_price_is_that_of_the_rows_of_the_stack(market):
    """Rule 8.2 on the published columns: cost over volume of what PAR left, and the adjustment on top."""
    published = prices(market / "II" / f"SYNTHETIC_system-prices_{DAY}.json")

    assert stacked_periods(market / "II") == set(PERIODS) - {20}
    for period in set(PERIODS) - PRICED_OTHERWISE:
        rows = [row for row in stack(market / "II", period) if row["tlmAdjustedVolume"]]
        volume = sum(row["tlmAdjustedVolume"] for row in rows)
        record = published[period]
        adjustment = record["buyPriceAdjustment"] if record["netImbalanceVolume"] > 0 else record["sellPriceAdjustment"]
        if rows:  # otherwise it comes from the market index
            price = sum(row["tlmAdjustedCost"] for row in rows) / volume + adjustment
            assert price == pytest.approx(record["systemSellPrice"], abs=1e-9), period
    assert min(record["systemSellPrice"] for record in published.values()) < 0


def test_the_multipliers_of_the_stacks_are_those_of_the_metered_volumes(market, register, readings):
    """Rule 5.4 in the form of the Code, where the calculator scales each side to what it must bear."""
    for period in (3, 24, 36):
        of = {unit: readings["II"][unit, period][0] for unit in register}
        in_all, station = sum(of.values()), defaultdict(float)
        for unit, volume in of.items():
            station[register[unit]["Trading Unit Name"]] += volume
        sharing = {unit for unit in register if not register[unit]["Interconnector Id"]}
        delivering = {unit for unit in sharing if station[register[unit]["Trading Unit Name"]] > 0}
        moved = {}
        for side, share in ((delivering, DELIVERING_SHARE), (sharing - delivering, 1 - DELIVERING_SHARE)):
            by_zone = sum(of[unit] * float(register[unit]["TLF"]) for unit in side)
            offset = -(share * in_all + by_zone) / sum(of[unit] for unit in side)
            moved |= {unit: 1 + float(register[unit]["TLF"]) + offset for unit in side}
        rows = [row for row in stack(market / "II", period) if row["id"] in moved]

        assert len(rows) > 300
        assert all(row["transmissionLossMultiplier"] == pytest.approx(moved[row["id"]], abs=1e-9) for row in rows)


def test_the_reserve_scarcity_price_is_the_last_probability_times_the_value_of_lost_load(market):
    last = {row["settlementPeriod"]: row for row in data(market / "II" / f"SYNTHETIC_LOLPDRM_{DAY}.json")}
    published = prices(market / "II" / f"SYNTHETIC_system-prices_{DAY}.json")

    assert 3 <= sum(record["reserveScarcityPrice"] > 0 for record in published.values()) <= 8
    for period, record in published.items():
        expected = VALUE_OF_LOST_LOAD * last[period]["lossOfLoadProbability"]
        assert record["reserveScarcityPrice"] == pytest.approx(expected, abs=1e-9)


def test_meter_readings_of_the_runs_differ_by_the_late_unit_alone(readings):
    causes = planted(DAY, SEED)
    first, final = readings["II"], readings["SF"]

    assert first.keys() == final.keys()
    changed = {key for key in first if first[key] != final[key]}
    assert changed == {(causes.late_unit, period) for period in causes.late_periods}
    assert {(first[key][1], final[key][1]) for key in changed} == {("T", "F")}
    assert len(changed) == 8


def test_notifications_of_the_runs_differ_by_the_withdrawn_contract_alone(market):
    first, final = (notified(market / run / f"SYNTHETIC_E0141_{DAY}_{run}.txt") for run in ("II", "SF"))

    gone = {key: volume for key, volume in first.items() if key not in final}
    assert {reference for reference, *_ in gone} == {planted(DAY, SEED).withdrawn}
    assert len(gone) == 48 and any(gone.values())
    assert final == {key: volume for key, volume in first.items() if key not in gone}


def test_one_acceptance_is_corrected_to_other_levels_at_the_same_times(market, acceptances):
    ((key, corrected),) = by_acceptance(data(market / "SF" / f"SYNTHETIC_BOALF_{DAY}_SF.json")).items()
    before = acceptances[key]

    def without_levels(record):
        return {name: value for name, value in record.items() if name not in {"levelFrom", "levelTo", "amendmentFlag"}}

    assert key == planted(DAY, SEED).corrected
    assert [without_levels(record) for record in corrected] == [without_levels(record) for record in before]
    assert [r["levelTo"] for r in corrected] != [r["levelTo"] for r in before]
    assert (corrected[0]["levelFrom"], corrected[-1]["levelTo"]) == (before[0]["levelFrom"], before[-1]["levelTo"])


def test_stacks_and_prices_are_published_again_for_the_periods_that_the_causes_touch(market):
    causes = planted(DAY, SEED)
    (record, *rest) = data(market / "SF" / f"SYNTHETIC_BOALF_{DAY}_SF.json")
    touched = range(record["settlementPeriodFrom"], rest[-1]["settlementPeriodTo"] + 1)
    again = stacked_periods(market / "SF", "_SF")
    first, final = (
        prices(market / run / f"SYNTHETIC_system-prices_{DAY}{suffix}.json")
        for run, suffix in (("II", ""), ("SF", "_SF"))
    )

    assert set(causes.late_periods) <= again <= {*causes.late_periods, *touched}
    assert again - set(causes.late_periods)
    assert {period for period in PERIODS if first[period] != final[period]} == again
    for period in again:
        named = {row["id"] for row in stack(market / "SF", period, "_SF")}
        assert named and named == {row["id"] for row in stack(market / "II", period)}


def test_the_last_run_brings_one_parameter_and_nothing_else(market):
    (path,) = (market / "R1").iterdir()
    (notice,) = csv.DictReader(path.read_text(encoding="ascii").splitlines())

    assert path.name == "SYNTHETIC_parameter_notices_R1.csv"
    assert (notice["parameter"], notice["effective_from"]) == (planted(DAY, SEED).parameter, str(DAY))


def test_a_folder_that_has_the_day_is_left_alone(market):
    before = {path: path.stat().st_mtime_ns for path in market.rglob("*")}
    heard = []

    files = write_market(market, DAY, SEED, tell=heard.append)

    assert heard == ["the market day is there already"]
    assert {path: path.stat().st_mtime_ns for path in market.rglob("*")} == before
    assert set(files) == {path for path in before if path.is_file()} - {market / STAMP}


@pytest.mark.long
def test_another_process_writes_the_same_bytes_over_another_day(market, tmp_path):
    """Hashes of text are others there; what a folder had of another day is gone."""
    (tmp_path / STAMP).write_text("SYNTHETIC 2024-01-14 1 other\n", encoding="utf-8")
    (tmp_path / "SF").mkdir()
    (tmp_path / "SF" / "SYNTHETIC_BOALF_2024-01-14_SF.json").write_text("[]", encoding="utf-8")
    script = (
        "import datetime, pathlib, sys; from loaders.sample_market import write_market\nif __name__ == '__main__': "
    )
    script += f"write_market(pathlib.Path(sys.argv[1]), datetime.date(2024, 1, 15), {SEED})"
    written_by = tmp_path / "SYNTHETIC_script.py"
    written_by.write_text(script, encoding="utf-8")
    subprocess.run(
        [sys.executable, str(written_by), str(tmp_path)], check=True, env={**os.environ, "PYTHONHASHSEED": "1"}
    )
    written_by.unlink()

    def contents(folder):
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert contents(tmp_path) == contents(market)


@pytest.mark.long
def test_the_loads_keep_every_file_of_every_run(market, tmp_path):
    for run in ("II", "SF", "R1"):
        files = load(market / run, tmp_path / "home").files
        assert [(one.file, one.outcome, one.findings) for one in files if one.outcome != "kept" or one.findings] == []


@pytest.mark.long
@pytest.mark.parametrize(("day", "count"), [(date(2024, 3, 31), 46), (date(2024, 10, 27), 50)])
def test_a_day_on_which_the_clocks_change_has_its_own_number_of_periods(day, count, tmp_path):
    write_market(tmp_path, day, 5)

    last = max(period for _, period in metered(tmp_path / "SF" / f"SYNTHETIC_C0421_{day}_SF.txt"))
    stacks = list((tmp_path / "II").glob("SYNTHETIC_stack_bid_*"))
    assert (last, len(stacks)) == (count, count - 1)


def test_another_seed_gives_another_register_of_the_same_size(register):
    other = register_of(7, dated_values(DAY))

    assert len(other) == len(register)
    assert sum(f"{one.unit.generation_capacity}.000" != register[one.unit.bm_unit]["GC"] for one in other) > 300
