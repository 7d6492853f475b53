"""A SYNTHETIC day of GB size, from notifications to contracts, as `settle(given, wanted, **HOW)` takes it whole.

At one times the size: 2,900 BM Units in 48 periods with 278,400 notification lines, 450 of them trading with 123,000
pairs and 15,000 acceptances; charges as in `charges_of_a_day.py`. Keys of the tables are whole numbers in the order of
their labels; `inputs` puts the labels on. All of it is made by whole columns, so that ten times the units take seconds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from charges_of_a_day import PREFIXES, Size, for_graph
from charges_of_a_day import synthetic_day as charged_day

from settlement.grains import full_grain, row_grain, sub_grain

HOW = {"way": "own stack", "losses": "metered"}
START, HALF_HOUR, MINUTE = 1_705_276_800, 1_800, 60  # 15 January 2024 began at that second since 1970
PAIRS = np.array([-3, -2, -1, 1, 2, 3])
ACCEPTANCES, SHORTEST, LONGEST, MOST_LINES = 15_000, 5, 25, 4
ADJUSTMENTS, PROVIDERS = 10, 2  # a period
ZERO_BY_UNIT = (
    "applicable_balancing_services_volume", "replacement_reserve_volume", "supplier_delivered_volume",
    "supplier_non_bm_volume",
)  # fmt: skip
PARAMETERS = {
    "value_of_lost_load": 6000.0, "de_minimis_threshold": 0.1, "continuous_acceptance_duration_limit": 15.0,
    "price_average_reference_volume": 1.0, "replacement_price_average_reference_volume": 1.0,
}  # fmt: skip


def size_of(times=1):
    """The size of a day with so many times the units of GB, and of all that comes with them but GSP Groups."""
    one = Size()
    grown = ("units", "active", "parties", "trading_units", "interconnectors", "contracts", "reallocations")
    return replace(one, **{name: times * getattr(one, name) for name in grown})


def synthetic_day(size, seed=11):
    """Tables of columns, keys as whole numbers, rows sorted by key."""
    day = charged_day(size, seed)
    draw = np.random.default_rng(seed + 1)
    day["contract_rows"]["contract"] %= size.contracts  # numbered within the period: labels of one width sort alike
    middle = np.round(2 * day["unit_periods"]["notified_volume"]).reshape(size.periods, size.units)
    active = np.arange(0, size.units, size.units // size.active)[: size.active]
    return day | {
        "notification": notifications(draw, size, middle),
        "pair_rows": pairs(draw, size, active),
        **acceptances(draw, size, active, middle),
        "adjustments": adjustments(draw, size),
        "market_index": np.round(draw.normal(70, 25, size.periods * PROVIDERS), 2),
    }


def notifications(draw, size, middle):
    """Two lines a unit and period, with a step between them now and then."""
    rows = middle.size
    period, unit = np.repeat(np.arange(size.periods), size.units), np.tile(np.arange(size.units), size.periods)
    cut = START + period * HALF_HOUR + MINUTE * draw.integers(1, 30, rows)
    begin = START + period * HALF_HOUR
    levels = np.round(middle.reshape(-1, 1) + draw.normal(0, 6, (rows, 4)))
    levels[:, 2] = np.where(draw.random(rows) < 0.2, levels[:, 2], levels[:, 1])
    return {
        "settlement_period": np.repeat(period, 2),
        "bm_unit": np.repeat(unit, 2),
        "segment": np.tile([1, 2], rows),
        "time_from": np.column_stack([begin, cut]).reshape(-1),
        "time_to": np.column_stack([cut, begin + HALF_HOUR]).reshape(-1),
        "level_from": levels[:, [0, 2]].reshape(-1),
        "level_to": levels[:, [1, 3]].reshape(-1),
    }


def pairs(draw, size, active):
    """Bands of whole MW of the active units, 95 of 100 submitted; prices do not fall as the number rises."""
    shape = (size.periods, len(active), len(PAIRS))
    there = draw.random(shape).reshape(-1) < 0.95
    keys = np.array(np.meshgrid(np.arange(size.periods), active, PAIRS, indexing="ij")).reshape(3, -1)[:, there]
    bid = (
        np.cumsum(np.round(draw.gamma(1, 9, shape), 2), axis=2) + np.round(draw.normal(15, 25, shape[1:2]), 2)[:, None]
    )
    spread = np.round(draw.gamma(2, 8, shape), 2)
    return {
        "settlement_period": keys[0],
        "bm_unit": keys[1],
        "pair": keys[2],
        "offer_price": np.maximum.accumulate(bid + spread, axis=2).reshape(-1)[there].round(2),
        "bid_price": bid.reshape(-1)[there].round(2),
        "level": (np.sign(PAIRS) * np.round(draw.uniform(5, 40, shape))).reshape(-1)[there],
    }  # fmt: skip


def acceptances(draw, size, active, middle):
    """Acceptances of one to four lines about their unit's notification, each unit's numbered in order of time."""
    count = ACCEPTANCES * size.units // Size().units
    unit, first = draw.choice(active, count), draw.integers(-20, 48 * 30 - 15, count)
    order = np.lexsort((first, unit))
    unit, first = unit[order], first[order]
    lines = draw.integers(1, MOST_LINES + 1, count)
    of, rows = np.repeat(np.arange(count), lines), int(lines.sum())
    segment = np.arange(rows) - np.repeat(np.cumsum(lines) - lines, lines) + 1
    ends = np.cumsum(length := draw.integers(SHORTEST, LONGEST + 1, rows))
    begun = ends - length - np.repeat((ends - length)[segment == 1], lines)
    time_from = START + MINUTE * (first[of] + begun)
    levels = np.round(middle[np.clip(first // 30, 0, size.periods - 1), unit][of] + draw.normal(0, 40, rows))
    joined = np.where(segment > 1, np.roll(levels, 1), np.round(levels + draw.normal(0, 20, rows)))
    return {
        "acceptance_rows": {
            "bm_unit": unit,
            "acceptance_number": 10_000 + np.arange(count),
            "acceptance_time": START + MINUTE * (first - 4),
            "acceptance_so_flag": draw.random(count) < 0.3,
            "acceptance_stor_flag": draw.random(count) < 0.02,
            "acceptance_emergency_flag": np.zeros(count, bool),
        },
        "point": {
            "bm_unit": unit[of],
            "acceptance_number": 10_000 + of,
            "segment": segment,
            "time_from": time_from,
            "time_to": time_from + MINUTE * length,
            "level_from": joined,
            "level_to": levels,
        },
    }


def adjustments(draw, size):
    """Ten actions a period, nine in ten of them with a cost."""
    rows = size.periods * ADJUSTMENTS
    volume = np.round(draw.normal(0, 40, rows), 1) + 0.05
    return {
        "volume": volume,
        "cost": np.round(volume * draw.normal(70, 30, rows), 2),
        "costed": draw.random(rows) < 0.9,
        "so_flag": draw.random(rows) < 0.3,
        "stor_flag": np.zeros(rows, bool),
    }


# --- the tables as the engine is given them ---


def labelled(day, size):
    """The tables with text for keys, one text an entry of the register: rows share it."""
    most = {"bm_unit": size.units, "trading_unit": size.trading_units, "account": 2 * size.parties,
            "party": size.parties, "contract": size.contracts}  # fmt: skip
    texts = {name: np.array([f"{PREFIXES[name]}{n:05d}" for n in range(count)], object) for name, count in most.items()}

    def keyed(name, values):
        return texts[name][values] if name in texts else values + 1 if name == "settlement_period" else values

    return {
        table: {name: keyed(name, values) for name, values in columns.items()} if isinstance(columns, dict) else columns
        for table, columns in day.items()
    }


def inputs(day, size):
    """Arrays, grains and parameters by name, for `settle(given, wanted, **HOW)`; nothing stands in for a rule."""
    text = labelled(day, size)
    of_pairs = text["pair_rows"]
    given, _ = for_graph(text | {"pair_rows": {n: v for n, v in of_pairs.items() if n != "level"}}, size)
    periods, unit_periods = given["settlement_periods"], given["unit_periods"]
    begun = START + HALF_HOUR * (of_pairs["settlement_period"] - 1)
    bands = {name: of_pairs[name] for name in ("settlement_period", "bm_unit", "pair")}
    bands |= {"segment": np.ones(len(begun), np.int64), "time_from": begun, "time_to": begun + HALF_HOUR}
    given |= _lines("notification", "notification", text["notification"])
    given |= _lines("pair_level", "pair", bands | dict.fromkeys(("level_from", "level_to"), of_pairs["level"]))
    given |= _lines("acceptance_point", "point", text["point"])
    accepted = text["acceptance_rows"]
    rows = row_grain("acceptance_row", {name: accepted[name] for name in ("bm_unit", "acceptance_number")})
    given |= {"acceptance_rows": rows} | {name: rows.array(accepted[name]) for name in list(accepted)[2:]}
    given["period_start"] = periods.array(START + HALF_HOUR * np.arange(size.periods))
    given |= _period_inputs(text, size, periods)
    given |= {name: unit_periods.array(np.zeros(unit_periods.size)) for name in ZERO_BY_UNIT}
    flags = {"supplier_flag": text["units"]["trading_unit"] < f"{PREFIXES['trading_unit']}{size.base:05d}"}
    flags["production_flag"] = ~flags["supplier_flag"]
    given |= {name: unit_periods.array(np.tile(values, size.periods)) for name, values in flags.items()}
    return given | PARAMETERS | {"settlement_dates": full_grain(settlement_date=["2024-01-15"])}


def _lines(grain, stem, columns):
    keys = [name for name in columns if not name.startswith(("time_", "level_"))]
    rows = row_grain(f"{grain}_row", {name: columns[name] for name in keys})
    values = ("time_from", "time_to", "level_from", "level_to")
    return {f"{grain}_rows": rows} | {f"{stem}_{name}": rows.array(columns[name]) for name in values}


def _period_inputs(text, size, periods):
    """Adjustment actions, market index, and what has one value a period."""
    adjusted, period = text["adjustments"], np.arange(1, size.periods + 1)
    names = np.array([f"{n:02d}" for n in range(ADJUSTMENTS)], object)
    rows = row_grain(
        "adjustment_row",
        {"settlement_period": np.repeat(period, ADJUSTMENTS), "adjustment": np.tile(names, size.periods)},
    )
    costed = sub_grain("costed_adjustment_row", rows, adjusted["costed"])
    index = row_grain(
        "market_index_row",
        {
            "settlement_period": np.repeat(period, PROVIDERS),
            "provider": np.tile(np.array(["SYNA", "SYNB"], object), size.periods),
        },
    )
    return {
        "adjustment_rows": rows,
        "costed_adjustment_rows": costed,
        "adjustment_cost": costed.array(adjusted["cost"][adjusted["costed"]]),
        **{f"adjustment_{name}": rows.array(adjusted[name]) for name in ("volume", "so_flag", "stor_flag")},
        "market_index_rows": index,
        "market_index_price_by_provider": index.array(text["market_index"]),
        "market_index_volume_by_provider": index.array(np.tile([640.0, 75.0], size.periods)),
        **{
            name: periods.array(np.zeros(size.periods))
            for name in ("loss_of_load_probability", "buy_price_adjustment", "sell_price_adjustment")
        },
    }


def usual_results():
    """Names of the quantities that a day with metered volumes is kept with."""
    from reports.settling import CHARGES, WANTED, WANTED_OWN
    from settlement.engine import quantities

    known = quantities(HOW["way"], True, HOW["losses"])
    charges = [name for name, one in known.items() if one.module.rpartition(".")[2] in CHARGES]
    return list(dict.fromkeys([*WANTED, *WANTED_OWN, *charges]))
