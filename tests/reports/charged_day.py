"""A small SYNTHETIC day with charges: the sample market of 72 units, closed into a whole system, in three vintages.

The day's own units are joined by what a whole system needs: Suppliers that take what is left after losses of about
2 %, a station with demand of its own, an interconnector. `of_day` gives what the feeds of charges say; a test takes
some of it away with `dataclasses.replace` and writes it; what no writer can say is broken in the file itself.

II: everything. SF: late readings of one unit, one corrected acceptance, one withdrawn contract. R1: a parameter.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from loaders.sample_market import insights_form as form
from loaders.sample_market.great_britain import idd_form
from loaders.sample_market.great_britain.profiles import energy
from loaders.sample_market.great_britain.register import Registered
from loaders.sample_market.great_britain.trading import Contract, Reallocation
from loaders.sample_market.market_day import MarketDay, market_day
from loaders.sample_market.units import Unit
from loaders.sample_market.written import answer_of, write_json
from settlement import calendar

DAY, SEED = date(2024, 1, 15), 20240115
PERIODS = range(1, 49)
LATE_UNIT, LATE_PERIODS = "T_SYNGAS-3", (22, 23, 24)
WITHDRAWN = "SYNC0003"
PARAMETER = ("information_imbalance_price", "0.25", "GBP/MWh")
REGISTER, ROLL = "SYNTHETIC_registered_bmunits.csv", "SYNTHETIC_registered_participants.csv"
TRADER = ("SYNTRADER", "C")
VALUE_OF_LOST_LOAD = 6000
LOSSES = Fraction(2, 100)
_CREATED = {"II": timedelta(days=6), "SF": timedelta(days=22), "R1": timedelta(days=55)}
_TRADED = 0.97  # of what an account expects: the rest is its imbalance


@dataclass(frozen=True)
class Charges:
    """What the feeds of charges say of the day; readings by unit and period in thousandths of a MWh, export above 0."""

    register: list[Registered]
    parties: list[str]
    readings: dict[tuple[str, int], int]
    contracts: list[Contract]
    reallocations: list[Reallocation]
    estimated: frozenset[tuple[str, int]] = frozenset()

    def unit(self, bm_unit: str) -> Registered:
        """A unit of the register by id."""
        return next(one for one in self.register if one.unit.bm_unit == bm_unit)

    def without_reading(self, bm_unit: str, *periods: int) -> Charges:
        """The same, but that no reading of a unit came for some periods."""
        lost = {(bm_unit, period) for period in periods}
        return replace(self, readings={key: one for key, one in self.readings.items() if key not in lost})


@lru_cache(maxsize=1)
def of_day() -> Charges:
    """The final charges of the day, as SF has them but for the withdrawn contract, which stands."""
    day = market_day(DAY, SEED)
    register = _register(day)
    readings = _readings(day, register)
    contracts = _contracts(register, readings)
    fixed = [("E_SYNWND-1", 50, 0), ("E_SYNWND-2", 100, 0), ("E_SYNPKR-1", 20, 500)]
    leads = {one.unit.bm_unit: one.account for one in register}
    reallocations = [
        Reallocation(f"SYNM{n:03d}", f"SYNR{n:04d}", unit, leads[unit], ("SYNBIG1", "C"), percentage, volume)
        for n, (unit, percentage, volume) in enumerate(fixed, start=1)
    ]
    parties = sorted({one.unit.party for one in register} | {TRADER[0]})
    return Charges(register, parties, readings, contracts, reallocations)


def first() -> Charges:
    """The charges as II has them: readings of one unit are estimates that fall short."""
    final = of_day()
    late = {(LATE_UNIT, period): final.readings[LATE_UNIT, period] - 30_000 for period in LATE_PERIODS}
    return replace(final, readings={**final.readings, **late}, estimated=frozenset(late))


def final() -> Charges:
    """The charges as SF has them."""
    whole = of_day()
    return replace(whole, contracts=[one for one in whole.contracts if one.reference != WITHDRAWN])


def write(folder: Path, charges: Charges, run: str = "II") -> Path:
    """Write register, roll, metered volumes and notifications of a run; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    created = datetime.combine(DAY, datetime.min.time(), tzinfo=UTC) + _CREATED[run]
    told = {
        REGISTER: idd_form.registered_units(charges.register, date(2023, 4, 1)),
        ROLL: idd_form.registered_parties(charges.parties),
        f"SYNTHETIC_C0421_{DAY}_{run}.txt": idd_form.metered_volumes(
            DAY, run, created, charges.readings, charges.estimated
        ),
        f"SYNTHETIC_E0141_{DAY}_{run}.txt": idd_form.notifications(
            DAY, list(_CREATED).index(run) + 1, created, charges.contracts, charges.reallocations, PERIODS
        ),
    }
    for name, text in told.items():
        (folder / name).write_text(text, encoding="ascii", newline="\n")
    return folder


def write_correction(folder: Path) -> tuple[str, int]:
    """Write the corrected acceptance: its plateau is half as far from where it began. Gives its unit and number."""
    folder.mkdir(parents=True, exist_ok=True)
    day = market_day(DAY, SEED)
    one = next(a for a in day.acceptances if len(a.pieces) == 3 and 1000 < a.first < 1200 and a.pieces[1].level_from)
    start, plateau = one.pieces[0].level_from, one.pieces[1].level_from
    lower = Fraction(int(start + (plateau - start) / 2))
    first_piece, middle, last = one.pieces
    pieces = (
        replace(first_piece, level_to=lower),
        replace(middle, level_from=lower, level_to=lower),
        replace(last, level_from=lower),
    )
    records = form.acceptance_records(replace(day, acceptances=[replace(one, pieces=pieces)]))
    write_json(folder, f"BOALF_{DAY}_SF", answer_of("BOALF", [{**r, "amendmentFlag": "UPD"} for r in records]))
    return one.bm_unit, one.number


def write_loss_of_load(folder: Path) -> None:
    """Write the probabilities that give the day's Reserve Scarcity Prices, and 0 for the other periods."""
    day = market_day(DAY, SEED)
    records = [
        {
            "dataset": "LOLPDRM", "publishTime": f"{DAY - timedelta(days=1)}T12:00:00Z",
            "startTime": calendar.period_start(DAY, period).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "settlementDate": DAY.isoformat(), "settlementPeriod": period, "deratedMargin": 5000.0,
            "lossOfLoadProbability": float(market.parameters.reserve_scarcity_price / VALUE_OF_LOST_LOAD),
        }
        for period, market in day.periods.items()
    ]  # fmt: skip
    write_json(folder, f"LOLPDRM_{DAY}", answer_of("LOLPDRM", records))


def write_notice(folder: Path) -> Path:
    """Write the parameter that was announced after SF; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = idd_form.parameter_notice(*PARAMETER, DAY)
    (folder / "SYNTHETIC_parameter_notices_R1.csv").write_text(text, encoding="ascii", newline="\n")
    return folder


def amend_flow(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Change the records of a pipe flow, its last one counted and summed anew: what is then wrong is what it says."""
    lines = change(path.read_text(encoding="ascii").splitlines()[:-1])
    closing = f"ZZZ|{len(lines) + 1}|{idd_form._checksum(lines)}|"
    path.write_text("\n".join([*lines, closing]) + "\n", encoding="ascii", newline="\n")


def only_in(period: int, *references: str) -> Callable[[list[str]], list[str]]:
    """For `amend_flow`: notifications of these references stand in one period, and in no other."""

    def change(lines: list[str]) -> list[str]:
        kept, at = [], 0
        for line in lines:
            fields = line.split("|")
            at = int(fields[1]) if fields[0] == "SP8" else at
            if fields[0] not in ("ECN", "MV9") or fields[2] not in references or at == period:
                kept.append(line)
        return kept

    return change


def set_cell(folder: Path, bm_unit: str, heading: str, text: str) -> None:
    """Write something else into one cell of the register of BM Units."""
    path = folder / REGISTER
    lines = list(csv.reader(path.read_text(encoding="ascii").splitlines()))
    at = lines[2].index(heading)
    for line in lines[3:]:
        if line[0] == bm_unit:
            line[at] = text
    path.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="ascii", newline="\n")


def _register(day: MarketDay) -> list[Registered]:
    """The day's units and those that make a system of it: sole Trading Units, a station, a base unit a group."""
    own = [replace(unit, party=f"SYN{unit.party}") for unit in day.units]
    own.append(_unit("T_SYNDEM-1", "demand", "P", "SYNA", 0, -40))
    own += [_unit(f"2__ASYNBIG{n}", "supplier", "C", f"SYNBIG{n}", 0, -9000, "_A") for n in (1, 2, 3)]
    own += [
        _unit("I_SYN1GSYNX", "interconnector", "P", "SYNX", 120, 0),
        _unit("I_SYN1DSYNX", "interconnector", "C", "SYNX", 0, -80),
    ]
    return sorted((_registered(unit) for unit in own), key=lambda one: one.unit.bm_unit)


def _unit(
    bm_unit: str, kind: str, status: str, party: str, generation: int, demand: int, group: str | None = None
) -> Unit:
    tlf = Fraction(0) if kind == "interconnector" else Fraction(31_000, 10_000_000)
    return Unit(bm_unit, kind, None, status, generation, demand, tlf, group, party)


def _registered(unit: Unit) -> Registered:
    kind, trading_unit, base = unit.bm_unit[0].replace("2", "G"), unit.bm_unit, False
    if kind == "G" or unit.bm_unit in ("E_SYNWND-1", "E_SYNBAT-1"):
        trading_unit, base = f"base {unit.gsp_group}", True
    elif unit.bm_unit in ("T_SYNGAS-1", "T_SYNGAS-2", "T_SYNDEM-1"):
        trading_unit = "station 1"
    line = "SYNIC1" if kind == "I" else None
    return Registered(unit, kind, trading_unit, base, True, Fraction(4, 10), line)


def _readings(day: MarketDay, register: list[Registered]) -> dict[tuple[str, int], int]:
    """Near what was notified and accepted; every ninth acceptance is delivered in part; Suppliers take the rest."""
    chance = random.Random(f"charged {SEED}")
    moved: dict[tuple[str, int], float] = {}
    for period, market in day.periods.items():
        for action in market.actions:
            moved[action.id, period] = moved.get((action.id, period), 0.0) + float(action.volume)
    found: dict[tuple[str, int], int] = {}
    flat = {"T_SYNDEM-1": -9.0, "I_SYN1GSYNX": 45.0, "I_SYN1DSYNX": -20.0}
    takers = [one.unit.bm_unit for one in register if "BIG" in one.unit.bm_unit]
    for unit in (one.unit.bm_unit for one in register if one.unit.bm_unit not in takers):
        expected = energy(day.notifications.get(unit, ()))
        for period in PERIODS:
            delivered = moved.get((unit, period), 0.0) * (0.6 if chance.random() < 1 / 9 else 1.0)
            level = expected.get(period, 0.0) + flat.get(unit, 0.0)
            found[unit, period] = round(1000 * (level + delivered + chance.gauss(0, 0.004) * abs(level)))
    for period in PERIODS:
        of_all = [volume for (_, at), volume in found.items() if at == period]
        left = sum(of_all) - LOSSES * sum(volume for volume in of_all if volume > 0)
        for part, unit in zip((Fraction(1, 2), Fraction(3, 10), Fraction(1, 5)), takers, strict=True):
            found[unit, period] = -round(left * part)
    return found


def _contracts(register: list[Registered], readings: dict[tuple[str, int], int]) -> list[Contract]:
    """Every account sells most of what it puts in to one trader, or buys most of what it takes out: below zero."""
    expected: dict[tuple[str, str], dict[int, int]] = {}
    for one in register:
        volumes = expected.setdefault(one.account, dict.fromkeys(PERIODS, 0))
        for period in PERIODS:
            volumes[period] += readings[one.unit.bm_unit, period]
    return [
        Contract(f"SYNA{n:03d}", f"SYNC{n:04d}", account, TRADER, {p: round(v * _TRADED) for p, v in volumes.items()})
        for n, (account, volumes) in enumerate(sorted(expected.items()), start=1)
    ]
