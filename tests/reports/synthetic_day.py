"""SYNTHETIC days for the tests of this room, worked by hand: no engine, no store.

Period 37 is the worked stack of the look reference: NIV +142.333, Replacement Price
88.42, price 89.74601. Every other period has three actions whose outcome can be told by
eye: for NIV n > 0 and price p, buys n/2 at p - 5 and n/2 + 4 at p, a sell of 4 at p - 30;
the sell leaves with 4 MWh of the dearer buy, and 1 MWh of it sets p. Long is the mirror.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from reports.views import Action, DayView, Landing, Parameter, PeriodView, Refusal, Source, Stage
from settlement import calendar

CREATED = timedelta(minutes=19, seconds=12)
STACK_SHA = hashlib.sha256(b"SYNTHETIC stack").hexdigest()
PRICE_SHA = hashlib.sha256(b"SYNTHETIC prices").hexdigest()
CLAUSES = {"3": "T4.4~", "4a": "T1.7", "4b": "Annex T-1~", "6": "Annex T-1~", "8": "T4.4~"}
NAMES = {"3": "Ranked sets", "4a": "De Minimis", "4b": "Arbitrage", "6": "NIV tagging", "8": "PAR tagging"}

# side, unit, price, volume, after De Minimis, after arbitrage, after NIV, final price, in PAR, TLM, flag
WORKED = """
buy  T_SYNB-1  62.40   18.250  18.250   3.750   3.750  62.40  0      0.9961204  -
buy  T_SYNC-1  66.00   12.000  12.000  12.000  12.000  66.00  0      0.9889460  -
buy  T_SYNA-1  71.15    0.060   0       0       0       none  0      0.9902115  -
buy  E_SYND-1  74.80   22.500  22.500  22.500  22.500  74.80  0      0.9943870  -
buy  T_SYNE-2  79.00   35.000  35.000  35.000  35.000  79.00  0      0.9875032  SO
buy  101       82.50   20.000  20.000  20.000  20.000  82.50  0      1          -
buy  T_SYNF-1  86.20   30.600  30.600  30.600  30.600  86.20  0      0.9917308  -
buy  T_SYNG-1  91.75    0.400   0.400   0.400   0.400  91.75  0.400  0.9968100  -
buy  T_SYNH-1  97.30   24.000  24.000  24.000  18.083  88.42  0.600  1.0043150  SO
buy  T_SYNJ-1 104.00    6.750   6.750   6.750   0       none  0      0.9929541  CADL
buy  102      118.40   15.000  15.000  15.000   0       none  0      1          SO
buy  T_SYNK-1 145.00    9.333   9.333   9.333   0       none  0      0.9938826  CADL
buy  104       none     1.500   1.500   1.500   0       none  0      1          -
sell T_SYNL-1  68.10   -9.000  -9.000   0       0       none  0      0.9911247  -
sell T_SYNM-1  64.50   -5.500  -5.500   0       0       none  0      0.9950018  -
sell T_SYNN-1  61.00   -9.000  -9.000  -9.000   0       none  0      0.9899703  -
sell E_SYNP-1  55.25   -0.080   0       0       0       none  0      0.9931665  -
sell 103       48.00   -6.000  -6.000  -6.000   0       none  0      1          -
sell T_SYNQ-1  40.00  -10.500 -10.500 -10.500   0       none  0      1.0021980  SO
sell T_SYNR-1  12.00   -8.250  -8.250  -8.250   0       none  0      1.0036412  SO
sell T_SYNS-1 -45.00   -4.750  -4.750  -4.750   0       none  0      1.0052177  CADL
"""

PRICES = [
    51.41, 43.04, 37.76, 17.34, 23.11, 33.54, 35.48, 30.13, 18.77, 36.02, 42.51, 76.3, 83.8, 89.62, 108.93, 100.51,
    118.5, 97.5, 94.71, 96.2, 61.2, 57.29, 58.94, 30.31, 35.69, 50.73, 15.63, 28.5, 34.57, 84.22, 98.39, 103.7, 98.71,
    119.56, 108.98, 116.03, 89.74601, 99.41, 109.29, 107.64, 93.88, 90.93, 72.47, 54.52, 27.63, 46.22, 34.57, 40.85,
    44.1, 41.6,
]  # fmt: skip
VOLUMES = [
    -32.811, -71.729, -132.765, -141.119, -164.755, -151.699, -128.081, -106.034, -69.5, -12.1, -6.2, 57.889, 91.5,
    149.2, 163.4, 135.1, 128.6, 82.2, 32.1, 0, -6.6, -37.7, -79.4, -92.1, -109.2, -117.0, -70.1, -47.2, -7.1, 28.6,
    56.1, 106.4, 150.2, 168.1, 152.3, 166.9, 142.333, 107.1, 77.7, 70.6, 19.4, 18.1, 4.3, -72.2, -97.1, -118.3,
    -156.2, -154.6, -20.4, -18.2,
]  # fmt: skip


def worked_actions() -> tuple[Action, ...]:
    """The 21 actions of period 37."""
    actions, ranks = [], {"buy": 0, "sell": 0}
    for number, line in enumerate(WORKED.strip().splitlines(), 1):
        side, unit, price, *figures, flag = line.split()
        ranks[side] += 1
        volume, minimis, arbitrage, niv = (float(text) for text in figures[:4])
        final = None if figures[4] == "none" else float(figures[4])
        par, multiplier = float(figures[5]), float(figures[6])
        original = None if price == "none" else float(price)
        first = flag != "-" or original is None
        dear = original is None or (original > 91.75 if side == "buy" else original < 48.0)
        actions.append(
            Action(
                side=side, action=f"{side} {ranks[side]}", bm_unit=unit,
                acceptance_number=None if unit.isdigit() else 5000 + number, pair=None if unit.isdigit() else 1,
                volume=volume, original_price=original, ranking_price=original, rank=ranks[side],
                so_flag=flag == "SO", cadl_flag=flag == "CADL", emergency_flag=False, stor_flag=False,
                first_stage_flag=first, second_stage_flag=(first and dear) if arbitrage else None,
                de_minimis_adjusted_volume=minimis, arbitrage_adjusted_volume=arbitrage,
                net_imbalance_adjusted_volume=niv, price_average_adjusted_volume=par, final_price=final,
                repriced=unit == "T_SYNH-1", loss_multiplier=multiplier, loss_adjusted_volume=par * multiplier,
                loss_adjusted_cost=par * multiplier * (final or 0.0),
                source=Source(f"SYNTHETIC_stack_{'offer' if side == 'buy' else 'bid'}_2026-10-14_37.json", STACK_SHA,
                              ranks[side]),
            )
        )  # fmt: skip
    return tuple(actions)


def simple_actions(price: float, niv: float) -> tuple[Action, ...]:
    """Three actions that give the price and the NIV; an absolute NIV of at least 4 MWh."""
    sign = 1 if niv > 0 else -1
    large, small = ("buy", "sell") if niv > 0 else ("sell", "buy")
    half = niv / 2
    rows = [
        (large, "T_SYNA-1", price - 5 * sign, half, half, 0.0, 1, False),
        (large, "T_SYNB-1", price, half + 4 * sign, half, float(sign), 2, False),
        (small, "T_SYNC-1", price - 30 * sign, -4.0 * sign, 0.0, 0.0, 1, True),
    ]
    actions = []
    for side, unit, own, volume, left, par, rank, flag in rows:
        final = own if left else None
        actions.append(
            Action(
                side=side, action=f"{side} {rank}", bm_unit=unit, acceptance_number=7000 + rank, pair=1,
                volume=volume, original_price=own, ranking_price=own, rank=rank, so_flag=flag, cadl_flag=False,
                emergency_flag=False, stor_flag=False, first_stage_flag=flag, second_stage_flag=flag,
                de_minimis_adjusted_volume=volume, arbitrage_adjusted_volume=volume,
                net_imbalance_adjusted_volume=left, price_average_adjusted_volume=par, final_price=final,
                repriced=False, loss_multiplier=0.99, loss_adjusted_volume=par * 0.99,
                loss_adjusted_cost=par * 0.99 * (final or 0.0), source=Source("SYNTHETIC_stack.json", STACK_SHA, rank),
            )
        )  # fmt: skip
    return tuple(actions)


def stages_of(actions: tuple[Action, ...]) -> tuple[Stage, ...]:
    """The sums over each side after each stage."""
    columns = {
        "3": "volume", "4a": "de_minimis_adjusted_volume", "4b": "arbitrage_adjusted_volume",
        "6": "net_imbalance_adjusted_volume", "8": "price_average_adjusted_volume",
    }  # fmt: skip
    return tuple(
        Stage(
            number, NAMES[number],
            sum(getattr(a, column) for a in actions if a.side == "buy"),
            sum(getattr(a, column) for a in actions if a.side == "sell"), CLAUSES[number],
        )
        for number, column in columns.items()
    )  # fmt: skip


def period_view(day: date, number: int) -> PeriodView:
    """One exact period of the synthetic day."""
    start = calendar.period_start(day, number)
    own = Decimal(str(PRICES[number - 1]))
    niv = Decimal(str(VOLUMES[number - 1])) or Decimal("44.4")
    actions = worked_actions() if number == 37 else simple_actions(float(own), float(niv))
    return PeriodView(
        settlement_date=day, settlement_period=number, start=start, end=start + calendar.PERIOD,
        own=own.quantize(Decimal("0.00001")), published=own.quantize(Decimal("0.00001")), difference=Decimal("0.00000"),
        verdict="exact", reason="Equal at 5 decimals.", todo="", net_imbalance_volume=niv.quantize(Decimal("0.0001")),
        worth=Decimal("0.00"), price_created=start + CREATED, stack_created=start + CREATED, actions=actions,
        stages=stages_of(actions), system_price=89.86385 / 1.001313 if number == 37 else float(own),
        replacement_price=88.42 if number == 37 else None,
        replacement_price_reference_volume=1.0 if number == 37 else None, market_index_price=60.0,
        dearest_unflagged_price={"buy": 91.75, "sell": 48.0} if number == 37 else {},
        price_source=Source("SYNTHETIC_system-prices.json", PRICE_SHA, number),
    )  # fmt: skip


def _differing(view: PeriodView, published: str, verdict: str, reason: str, todo: str) -> PeriodView:
    found = Decimal(published)
    difference = found - view.own
    worth = (abs(difference) * abs(view.net_imbalance_volume)).quantize(Decimal("0.01"))
    return replace(view, published=found, difference=difference, verdict=verdict, reason=reason, todo=todo, worth=worth)


def planted(views: list[PeriodView]) -> list[PeriodView]:
    """Period 7 unexplained, 12 vintage, 20 without a stack, 31 rounding."""
    changed = {
        7: _differing(views[6], "35.98000", "unexplained",
                      "Stages 3 to 9 agree with the published stack; the price (10) is the first that differs.",
                      "Read the stack, then open a dispute"),
        12: replace(
            _differing(views[11], "60.62000", "vintage", "Price made 05:19Z, stack 05:42Z: the price is the older.",
                       "Settle again when the new price is published"),
            stack_created=views[11].start + timedelta(minutes=42)),
        31: _differing(views[30], "98.39002", "rounding", "Differs in the fifth decimal.", "Nothing to do"),
        20: replace(
            views[19], own=None, published=Decimal("96.21740"), difference=None, verdict="not comparable",
            reason="The stack did not arrive.", todo="Load the stack: job insights/settlement_stack",
            net_imbalance_volume=None, worth=None, stack_created=None, actions=(), stages=(), system_price=None),
    }  # fmt: skip
    return [changed.get(view.settlement_period, view) for view in views]


PARAMETERS = tuple(
    Parameter(name, symbol, value, unit, since, source, evidence)
    for name, symbol, value, unit, since, source, evidence in [
        ("price_average_reference_volume", "PAR", 1.0, "MWh", date(2018, 11, 1), "P305", "recollection"),
        ("replacement_price_average_reference_volume", "RPAR", 1.0, "MWh", date(2015, 11, 5), "P305", "recollection"),
        ("de_minimis_threshold", "DMAT", 0.1, "MWh", date(2019, 4, 1), "Elexon page", "verified"),
        ("continuous_acceptance_duration_limit", "CADL", 10.0, "min", date(2019, 4, 1), "Elexon page", "verified"),
        ("value_of_lost_load", "VoLL", 6000.0, "GBP/MWh", date(2018, 11, 1), "Elexon page", "verified"),
    ]
)


def build(
    day: date = date(2026, 10, 14), settled_at: datetime = datetime(2026, 10, 15, 7, 5, tzinfo=UTC), plant: bool = True
) -> DayView:
    """A whole SYNTHETIC day of 46, 48 or 50 periods, with the four planted differences."""
    views = [period_view(day, number) for number in calendar.periods(day)]
    kept = datetime(2026, 10, 15, 6, 42, tzinfo=UTC)
    landing = Landing(
        "insights/settlement_stack", "SYNTHETIC_stack.json", STACK_SHA, 4096, 180, 1, kept - timedelta(hours=1), kept
    )
    prices = Landing("insights/system_prices", "SYNTHETIC_system-prices.json", PRICE_SHA, 2048, 48, 0, kept, kept)
    return DayView(
        settlement_date=day, run="IP", run_id=hashlib.sha256(f"run {day}".encode()).hexdigest(),
        way="published stack", store_version=1284, data_as_of=kept, settled_at=settled_at,
        code_hash=hashlib.sha256(b"code").hexdigest(), synthetic=True, assumed=None,
        periods=tuple(planted(views) if plant else views), parameters=PARAMETERS, landings=(landing, prices),
        refusals=(Refusal("insights/settlement_stack", "SYNTHETIC_stack.json", 9, "volume_mwh", "NaN",
                          "a number of MWh", "Correct the file, then load it again."),),
        not_covered=(
            "Period 20 has no verdict. Its stack did not arrive. No price was assumed for it.",
            "No charges. Volumes of parties, cashflows and credit are in the party statement.",
        ),
    )  # fmt: skip


def read_case(folder: Path) -> tuple[PeriodView, dict[str, float]]:
    """A worked price case of the rules as a PeriodView, and its parameters by symbol."""

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / name).open(newline="") as file:
            return list(csv.DictReader(file))

    expected = {row["row_id"]: row for row in rows("expected_rows.csv")}
    price = {row["symbol"]: float(row["value"]) for row in rows("expected_price.csv") if row["value"]}
    parameters = {row["symbol"]: float(row["value"]) for row in rows("given_parameters.csv")}
    actions = []
    for row in rows("given_stack.csv"):
        then, volume = expected[row["row_id"]], float(row["volume"])
        side = "buy" if volume > 0 else "sell"
        own = float(row["original_price"]) if row["original_price"] else None
        stor = row["stor_provider_flag"] == "true"
        ranking = max(own, price["RSVP"]) if own is not None and stor and volume > 0 else own
        so, cadl = row["so_flag"] == "true", row["cadl_flag"] == "true"
        second = then["second_stage_flagged"]
        actions.append(
            Action(
                side=side, action=row["row_id"], bm_unit=row["id"],
                acceptance_number=int(row["acceptance_number"]) if row["acceptance_number"] else None,
                pair=int(row["pair"]) if row["pair"] else None, volume=volume, original_price=own,
                ranking_price=ranking, rank=0, so_flag=so, cadl_flag=cadl, emergency_flag=False, stor_flag=stor,
                first_stage_flag=so or cadl or own is None, second_stage_flag=second == "true" if second else None,
                de_minimis_adjusted_volume=float(then["dmat_adjusted_volume"]),
                arbitrage_adjusted_volume=float(then["arbitrage_adjusted_volume"]),
                net_imbalance_adjusted_volume=float(then["niv_adjusted_volume"]),
                price_average_adjusted_volume=float(then["par_adjusted_volume"]),
                final_price=float(then["final_price"]) if then["final_price"] else None,
                repriced=then["repriced"] == "true", loss_multiplier=float(row["tlm"]),
                loss_adjusted_volume=float(then["tlm_adjusted_volume"]),
                loss_adjusted_cost=float(then["tlm_adjusted_cost"]),
            )
        )  # fmt: skip
    ranked = []
    for side, sign in (("buy", 1), ("sell", -1)):
        own_side = [action for action in actions if action.side == side]
        own_side.sort(key=lambda a: float("inf") if a.ranking_price is None else sign * a.ranking_price)
        ranked += [replace(action, rank=number) for number, action in enumerate(own_side, 1)]
    day, niv = date(2024, 1, 15), price["NIV"]
    start = calendar.period_start(day, 9)
    own = Decimal(str(price["SBP"])).quantize(Decimal("0.00001"))
    adjustment = parameters.get("BPA" if niv > 0 else "SPA", 0.0) if niv else 0.0
    has_rp = "RP" in price
    unflagged = sum(abs(a.net_imbalance_adjusted_volume) for a in actions if a.second_stage_flag is False)
    view = PeriodView(
        settlement_date=day, settlement_period=9, start=start, end=start + calendar.PERIOD, own=own, published=own,
        difference=Decimal(0), verdict="exact", reason="", todo="", net_imbalance_volume=Decimal(str(niv)),
        worth=Decimal(0), price_created=None, stack_created=None, actions=tuple(ranked),
        stages=stages_of(tuple(ranked)), system_price=price["SBP"], replacement_price=price.get("RP"),
        replacement_price_reference_volume=min(parameters["RPAR"], unflagged) if has_rp else None,
        market_index_price=price["MIP"], price_adjustment=adjustment,
    )  # fmt: skip
    return view, parameters
