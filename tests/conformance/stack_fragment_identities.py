"""Identities of single stack rows, cut out of their stacks: price.md, sections 2, 3, 6, 8, 13 and 15.

None of these fragments is a whole side of a period, so only what a row shows of itself, or
of a tie that stands in it, can be held.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
from conformance_identity import Found, held, identity, near
from conformance_inputs import bid_cashflow, stack_stages
from published_world import World

from settlement import parameters
from settlement.compare import reported

FRAGMENTS = ("nuravolt", "show-me-the-money", "grid-mysteries")
STAGES = ("volume_mwh", *(f"{one}_adjusted_volume_mwh" for one in ("dmat", "arbitrage", "niv", "par")))
DAY_2020 = pd.Timestamp("2020-01-01").date()


def of(world: World, data_set: str) -> pd.DataFrame:
    return world.frame("settlement_stack", data_set)


def named(frame: pd.DataFrame) -> list[str]:
    return [
        f"{unit} {number} pair {pair}"
        for unit, number, pair in frame[["bm_unit", "acceptance_number", "pair"]].to_numpy()
    ]


def _de_minimis(level: str):
    def check(world: World, data_set: str) -> Found:
        frame = of(world, data_set)
        own = stack_stages(frame, ["de_minimis_adjusted_volume"], de_minimis_level=level)["de_minimis_adjusted_volume"]
        return near(named(frame), own - frame["dmat_adjusted_volume_mwh"].to_numpy(float), 1e-9)

    return check


for level in ("pair", "row", "acceptance", "unit"):
    identity(
        f"De Minimis column as the engine has it, level {level}", "price.md 6.1", *FRAGMENTS,
        reads="settlement_stack.dmat_adjusted_volume_mwh", unit="MWh",
    )(_de_minimis(level))  # fmt: skip


@identity("buys are above zero, sells below", "price.md 0", *FRAGMENTS, reads="settlement_stack.volume_mwh")
def side_is_the_sign(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    return held(named(frame), np.sign(frame["volume_mwh"]) == np.where(frame["side"] == "buy", 1, -1))


@identity(
    "volume left never grows from stage to stage",
    "price.md 15, I1",
    *FRAGMENTS,
    reads="settlement_stack.dmat_adjusted_volume_mwh",
    unit="MWh",
)
def stages_never_grow(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    left = np.abs(frame[list(STAGES)].fillna(0.0).to_numpy(float))
    return near(named(frame), np.maximum(np.diff(left, axis=1).max(axis=1), 0.0), 0.0)


@identity(
    "the removing stage shows 0, the columns after it null (after PAR: 0)",
    "price.md 3",
    *FRAGMENTS,
    reads="settlement_stack.dmat_adjusted_volume_mwh",
)
def null_after_removal(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    return held(named(frame), [_null_after_removal(row) for _, row in frame.iterrows()])


def _null_after_removal(row: pd.Series) -> bool:
    after = [*STAGES[1:], "tlm_adjusted_volume_mwh", "tlm_adjusted_cost_gbp"]
    for at, name in enumerate(after):
        if name == "par_adjusted_volume_mwh" and row[name] == 0:
            return bool((row[after[at + 1 :]] == 0).all())
        if row[name] == 0:
            return bool(row[after[at + 1 :]].isna().all())
        if pd.isna(row[name]):
            return False
    return True


@identity(
    "a removed row shows its original price as final price",
    "price.md 3",
    *FRAGMENTS,
    reads="settlement_stack.final_price",
    unit="GBP/MWh",
)
def final_is_original(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    frame = frame[frame["par_adjusted_volume_mwh"].fillna(0.0) == 0]
    return near(named(frame), frame["final_price"] - frame["original_price"], 0.0)


@identity(
    "sequence numbers rise from cheap to dear for the system",
    "price.md 3",
    "nuravolt",
    reads="settlement_stack.original_price",
    unit="GBP/MWh",
)
def sequence_is_expense(world: World, data_set: str) -> Found:
    frame = of(world, data_set).sort_values(["side", "sequence_number"])
    sign = np.where(frame["side"] == "buy", 1.0, -1.0)
    fall = (sign * frame["original_price"]).groupby(frame["side"]).diff().fillna(0.0)
    return near(named(frame), np.minimum(fall, 0.0), 0.0)


def _multiplier(world: World, units: list[str], day) -> np.ndarray:
    reference = world.frame("bm_units", "grid2poster").set_index("bm_unit").reindex(units)
    estimated = {"P": parameters.value("estimated_tlmo_plus", day), "C": parameters.value("estimated_tlmo_minus", day)}
    return (
        1.0 + reference["tlf"].to_numpy(float) + reference["production_or_consumption"].map(estimated).to_numpy(float)
    )


@identity("TLM = 1 + TLF + ETLMO, one row a unit", "price.md 13.1", *FRAGMENTS, reads="settlement_stack.tlm", unit="1")
def multiplier_is_estimated(world: World, data_set: str) -> Found:
    frame = of(world, data_set).drop_duplicates("bm_unit")
    own = _multiplier(world, frame["bm_unit"].tolist(), frame["settlement_date"].iloc[0])
    return near(frame["bm_unit"], own - frame["tlm"].to_numpy(float), 1e-9)


@identity(
    "TLM adjusted volume and cost, where shown",
    "price.md 3",
    "nuravolt",
    reads="settlement_stack.tlm_adjusted_cost_gbp",
    unit="GBP",
)
def loss_adjusted(world: World, data_set: str) -> Found:
    frame = of(world, data_set)
    frame = frame[frame["tlm_adjusted_volume_mwh"].notna()]
    volume = frame["par_adjusted_volume_mwh"] * frame["tlm"]
    off = (volume - frame["tlm_adjusted_volume_mwh"]).abs() + (
        volume * frame["final_price"] - frame["tlm_adjusted_cost_gbp"]
    ).abs()
    return near(named(frame), off, 1e-9)


@identity(
    "TLM of T_THURB-1 behind its bid cashflow",
    "price.md 13.1",
    "gb-power-dashboard",
    reads="ebocf.ebocfBidOfferPairCashflow",
    unit="1",
)
def multiplier_behind_cashflow(world: World, data_set: str) -> Found:
    rows = world.frame("ebocf", data_set)
    own = _multiplier(world, ["T_THURB-1"], pd.Timestamp(rows["settlementDate"].iloc[0]).date())
    shown = rows["ebocfBidOfferPairCashflow"] / (rows["disptavOriginalVolumeMWh"] * rows["bodBidPrice"])
    return near([f"pair {pair}" for pair in rows["pair"]], shown - own, 1e-9)


@identity(
    "bid cashflow as the engine has it",
    "volumes-and-charges.md 6",
    "gb-power-dashboard",
    reads="ebocf.ebocfBidOfferPairCashflow",
    unit="GBP",
)
def cashflow_of_three_pairs(world: World, data_set: str) -> Found:
    rows = world.frame("ebocf", data_set)
    given = rows.rename(columns={"disptavOriginalVolumeMWh": "volume_mwh", "bodBidPrice": "bid_price"})
    multiplier = _multiplier(world, ["T_THURB-1"], pd.Timestamp(rows["settlementDate"].iloc[0]).date())[0]
    off = bid_cashflow(given, float(multiplier)) - rows["ebocfBidOfferPairCashflow"].to_numpy(float)
    return near([f"pair {pair}" for pair in rows["pair"]], off, 1e-9)


def tie_of_2020(world: World, **options: str) -> list[tuple[str, Decimal, Decimal]]:
    """1 January 2020, period 1: two offers of one price, settled by the engine from the volume NIV left of them.

    What each had before NIV tagging is hidden in the print for one of the two, so the stack begins at that stage.
    """
    rows = world.frame("detsysprices", "elexon-data-portal")
    offers = rows[(rows["recordType"] == "OFFER") & (rows["nivAdjustedVolume"] > 0)].reset_index(drop=True)
    main, market = (rows[rows["recordType"] == f"{one} PRICE SUMMARY"].iloc[0] for one in ("MAIN", "MARKET"))
    stack = pd.DataFrame(
        {
            "settlement_date": DAY_2020, "side": "buy", "bm_unit": ["first", "second"], "pair": 1,
            "acceptance_number": [1, 2], "volume_mwh": offers["nivAdjustedVolume"],
            "original_price": offers["finalPrice"], "tlm": offers["transmissionLossMultiplier"],
            "so_flag": False, "cadl_flag": False, "stor_flag": False,
        }
    )  # fmt: skip
    wanted = ["price_average_adjusted_volume", "loss_adjusted_volume", "loss_adjusted_cost", "system_price"]
    own = stack_stages(stack, wanted, market_index=float(market["cost"] / market["volume"]), **options)
    shown = [
        (f"offer {at + 1}, {column}", own[quantity][at], offers[column][at], places)
        for column, quantity, places in (
            ("parAdjustedvolume", wanted[0], 3), ("tlmAdjustedVolume", wanted[1], 3), ("tlmAdjustedCost", wanted[2], 2),
        )
        for at in range(2)
    ]  # fmt: skip
    shown += [
        ("total of TLM adjusted volume", own[wanted[1]].sum(), main["volume"], 3),
        ("total of TLM adjusted cost", own[wanted[2]].sum(), main["cost"], 2),
        ("price", own["system_price"][0], main["value"], 5),
    ]
    return [
        (label, reported(float(mine), places), reported(float(theirs), places)) for label, mine, theirs, places in shown
    ]


def _tie(rule: str):
    def check(world: World, data_set: str) -> Found:
        shown = tie_of_2020(world, tie_rule=rule)
        return held(
            [label for label, *_ in shown],
            [mine == theirs for _, mine, theirs in shown],
            [float(mine - theirs) for _, mine, theirs in shown],
        )

    return check


for rule in ("pro rata", "rank"):
    identity(
        f"two offers of one price at the PAR margin, settled by the engine, tie rule {rule}: each printed figure",
        "price.md 2.5", "elexon-data-portal", reads="detsysprices.parAdjustedvolume",
    )(_tie(rule))  # fmt: skip


@identity(
    "market index price from its cost and volume",
    "price.md 9.1",
    "elexon-data-portal",
    reads="detsysprices.cost",
    unit="GBP/MWh",
)
def market_index_of_2020(world: World, data_set: str) -> Found:
    rows = world.frame("detsysprices", data_set)
    market = rows[rows["recordType"] == "MARKET PRICE SUMMARY"]
    return near(["P1"], market["cost"] / market["volume"] - market["value"], 0.005)
