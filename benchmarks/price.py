"""The imbalance price of a year, every stage written: the compiled stages against four peers, in one run.

    python benchmarks/price.py

The year is SYNTHETIC: 17,520 periods of 60 to 150 rows. Work and peers run in turn in one process, on one thread; the
table gives ratios of medians. Peers that would take minutes do a sample of periods, and their time is scaled up.
"""

from __future__ import annotations

import gc
import statistics
import time

import numpy as np
import pandas as pd
from numba import njit

from settlement.kernels import price_margins, price_ranking

PERIODS, LEAST, MOST = 17_520, 60, 150
DMAT, PAR, RPAR, TIE, EQUAL, NOTHING = 0.1, 1.0, 1.0, 1e-9, 1e-9, 1e-9
PLAIN_SAMPLE, PANDAS_SAMPLE, ROUNDS = 400, 500, 7


def synthetic_year(seed=20240115):
    """Columns as they are stored: sorted by period and side; units, pairs and acceptances as category codes."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(LEAST, MOST + 1, PERIODS)
    rows = int(sizes.sum())
    period = np.repeat(np.arange(PERIODS), sizes)
    sell = draw.random(rows) < draw.uniform(0.3, 0.7, PERIODS)[period]
    order = np.lexsort((sell, period))
    period, sell = period[order], sell[order]
    # Steps of whole pounds for some rows make the ties of a real stack.
    price = np.round(np.where(sell, draw.normal(35, 30, rows), draw.normal(95, 35, rows)), 2)
    price = np.where(draw.random(rows) < 0.3, np.round(price / 5) * 5, price)
    size = np.round(draw.gamma(0.8, 9, rows) + 0.01, 3)
    adjustment = draw.random(rows) < 0.08
    return {
        "settlement_period": period.astype(np.int32),
        "sell": sell,
        "bm_unit": np.where(adjustment, -1, draw.integers(0, 40, rows)).astype(np.int32),
        "pair": np.where(adjustment, 0, draw.integers(1, 4, rows)).astype(np.int8),
        "volume": np.where(sell, -size, size),
        "price": np.where(adjustment & (draw.random(rows) < 0.1), np.nan, price),
        "so_flag": draw.random(rows) < 0.3,
        "cadl_flag": ~adjustment & (draw.random(rows) < 0.06),
        "tlm": np.where(adjustment, 1.0, np.round(draw.normal(1.0, 0.01, rows), 7)),
        "market_price": np.round(draw.normal(70, 25, PERIODS), 2),
        "adjustment": np.zeros(PERIODS),
    }


def prepared(year):
    """Stored columns as the kernels take them: offsets of sides, De Minimis groups, expense, flags."""
    first_alone = 4 * (int(year["bm_unit"].max()) + 1)
    expense, group, flagged, starts = flat(
        year["settlement_period"], year["sell"], year["bm_unit"], year["pair"], year["price"], year["so_flag"],
        year["cadl_flag"], first_alone, PERIODS,
    )  # fmt: skip
    return year["price"], expense, year["volume"], group, first_alone + MOST, flagged, starts, year["tlm"]


@njit(cache=True)
def flat(period, sell, unit, pair, price, so_flag, cadl_flag, first_alone, periods):
    """One pass over the rows. Sums go by side, so a group needs to be told apart within its side only."""
    rows = price.size
    expense, group = np.empty(rows), np.empty(rows, np.int64)
    flagged, starts = np.empty(rows, np.bool_), np.zeros(2 * periods + 1, np.int64)
    for row in range(rows):
        starts[2 * period[row] + sell[row] + 1] += 1
    for side in range(2 * periods):
        starts[side + 1] += starts[side]
    for row in range(rows):
        unpriced = np.isnan(price[row])
        expense[row] = np.inf if unpriced else -price[row] if sell[row] else price[row]
        flagged[row] = so_flag[row] | cadl_flag[row] | unpriced
        alone = first_alone + row - starts[2 * period[row] + sell[row]]
        group[row] = alone if unit[row] < 0 else 4 * unit[row] + pair[row]
    return expense, group, flagged, starts


def kernels(ranking, expense, volume, group, groups, flagged, starts, tlm, market_price, adjustment):
    """Every stage, one kernel each: what each published column is made from."""
    order = price_ranking.order_by_expense(expense, starts)
    rank = price_ranking.rank_in_side(order, starts)
    dmat = price_ranking.de_minimis_left(volume, group, groups, starts, DMAT)
    arbitrage = price_ranking.arbitrage_left(expense, dmat, order, starts, TIE)
    dearest = price_ranking.dearest_unflagged(expense, arbitrage, flagged, order, starts)
    second = price_ranking.second_stage(expense, flagged, starts, dearest, True, EQUAL)
    net = price_margins.net_volume(arbitrage, starts)
    tagged = price_margins.net_tagged_left(expense, arbitrage, order, starts, net, TIE)
    replaced, behind, _ = price_margins.replacement(
        expense, tagged, second, order, starts, net, RPAR, market_price
    )  # fmt: skip
    inside = price_margins.price_average_left(
        expense, tagged, second, order, starts, net, replaced, PAR, TIE
    )  # fmt: skip
    final = price_margins.final_prices(ranking, tagged, second, replaced, starts)
    scaled = inside * tlm
    cost = scaled * final
    price = price_margins.average_price(final, inside, tlm, starts, net, adjustment, market_price)
    return {
        "rank": rank, "dmat": dmat, "arbitrage": arbitrage, "second": second, "net": net, "tagged": tagged,
        "replacement": replaced, "behind": behind, "final": final, "inside": inside, "scaled": scaled, "cost": cost,
        "price": price,
    }  # fmt: skip


@njit(cache=True)
def sorted_prices(price, starts):
    """The least that any ranking must do: each period's prices sorted, nothing else."""
    out = np.empty(price.size)
    for period in range((starts.size - 1) // 2):
        first, end = starts[2 * period], starts[2 * period + 2]
        out[first:end] = np.sort(price[first:end])
    return out


# --- peer: plain Python on ready tuples, ties pro rata ---


def ready_tuples(year, periods):
    bounds = np.searchsorted(year["settlement_period"], np.arange(PERIODS + 1))
    columns = [year[name].tolist() for name in ("bm_unit", "pair", "volume", "tlm")]
    price = [None if np.isnan(one) else one for one in year["price"].tolist()]
    flagged = (year["so_flag"] | year["cadl_flag"] | np.isnan(year["price"])).tolist()
    rows = list(zip(*columns[:3], price, flagged, columns[3], strict=True))
    return [
        (rows[bounds[p] : bounds[p + 1]], float(year["market_price"][p]), float(year["adjustment"][p])) for p in periods
    ]


def tie_groups(ranked, expense):
    groups = []
    for row in ranked:
        if groups and expense[groups[-1][0]] == expense[row]:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def set_against(left, buys, sells, expense):
    buy = sell = 0
    while buy < len(buys) and sell < len(sells):
        if expense[buys[buy][0]] + expense[sells[sell][0]] > 0:
            return
        totals = [abs(sum(left[row] for row in group)) for group in (buys[buy], sells[sell])]
        moved = min(totals)
        for group, total in ((buys[buy], totals[0]), (sells[sell], totals[1])):
            share = 0.0 if total - moved < NOTHING else (total - moved) / total
            for row in group:
                left[row] *= share
        buy += totals[0] - moved < NOTHING
        sell += totals[1] - moved < NOTHING


def take(groups, held, wanted, out):
    for group in groups:
        if wanted < NOTHING:
            return
        total = abs(sum(held[row] for row in group))
        share = 1.0 if total <= wanted else wanted / total
        for row in group:
            out[row] = held[row] * share
        wanted -= total


def plain_period(rows, market_price, adjustment):
    """One period, the whole of the rule: a list a stage, and the price."""
    count = len(rows)
    sums = {}
    for place, (unit, pair, volume, *_) in enumerate(rows):
        key = (unit, pair, volume > 0) if unit >= 0 else place
        sums[key] = sums.get(key, 0.0) + volume
    dmat = [
        volume
        if abs(sums[(unit, pair, volume > 0) if unit >= 0 else place]) >= DMAT - 1e-12
        else 0.0
        for place, (unit, pair, volume, *_) in enumerate(rows)
    ]  # fmt: skip
    expense = [float("inf") if price is None else price if volume > 0 else -price for _, _, volume, price, *_ in rows]
    buys = sorted((row for row in range(count) if rows[row][2] > 0), key=expense.__getitem__)
    sells = sorted((row for row in range(count) if rows[row][2] < 0), key=expense.__getitem__)
    rank = [0] * count
    for side in (buys, sells):
        for place, row in enumerate(side, start=1):
            rank[row] = place
    arbitrage = dmat[:]
    ranked = tie_groups(buys, expense), tie_groups(sells, expense)
    set_against(arbitrage, *ranked, expense)
    second = [False] * count
    for side in (buys, sells):
        unflagged = [expense[row] for row in side if not rows[row][4] and abs(arbitrage[row]) >= NOTHING]
        dearest = max(unflagged, default=-float("inf"))
        for row in side:
            second[row] = rows[row][4] and expense[row] > dearest
    net = sum(arbitrage)
    tagged, inside, final = [0.0] * count, [0.0] * count, [0.0] * count
    if abs(net) < NOTHING:
        return rank, dmat, arbitrage, second, 0.0, tagged, None, final, inside, inside, inside, market_price
    larger, groups = (buys, ranked[0]) if net > 0 else (sells, ranked[1])
    take(groups, arbitrage, abs(net), tagged)
    left = [row for row in larger if abs(tagged[row]) >= NOTHING]
    replaced = None
    if any(second[row] for row in left):
        wanted, cost, taken = RPAR, 0.0, 0.0
        for row in reversed(left):
            if not second[row] and wanted >= NOTHING:
                part = min(abs(tagged[row]), wanted)
                cost, taken, wanted = cost + part * rows[row][3], taken + part, wanted - part
        replaced = cost / taken if taken else market_price
    for row in left:
        final[row] = replaced if second[row] else rows[row][3]
    sign = 1 if net > 0 else -1
    anew = {row: sign * final[row] for row in left}
    take(tie_groups(sorted(left, key=lambda row: -anew[row]), anew), tagged, PAR, inside)
    scaled = [volume * row[5] for volume, row in zip(inside, rows, strict=True)]
    cost = [volume * price for volume, price in zip(scaled, final, strict=True)]
    price = sum(cost) / sum(scaled) + adjustment
    return rank, dmat, arbitrage, second, net, tagged, replaced, final, inside, scaled, cost, price


# --- peer: pandas, a frame a period, each stage vectorised ---


def frames(year, periods):
    frame = pd.DataFrame({name: year[name] for name in year if len(year[name]) == len(year["price"])})
    bounds = np.searchsorted(year["settlement_period"], np.arange(PERIODS + 1))
    return [
        (frame.iloc[bounds[p] : bounds[p + 1]].reset_index(drop=True), year["market_price"][p], year["adjustment"][p])
        for p in periods
    ]


def shared_out(rows, expense, volume, wanted):
    """Volume of the dearest `wanted` MWh, pro rata within equal expense."""
    by_expense = volume.abs().groupby(expense[rows.index]).sum().sort_index(ascending=False)
    before = by_expense.cumsum() - by_expense
    share = ((wanted - before).clip(lower=0) / by_expense.where(by_expense > 0)).clip(upper=1).fillna(0)
    return volume * expense[rows.index].map(share)


def pandas_period(frame, market_price, adjustment):
    frame = frame.assign(buy=~frame["sell"], unpriced=frame["price"].isna())
    frame["expense"] = frame["price"].where(frame["buy"], -frame["price"]).fillna(np.inf)
    frame["flagged"] = frame["so_flag"] | frame["cadl_flag"] | frame["unpriced"]
    frame["rank"] = frame.groupby("buy")["expense"].rank(method="first").astype(int)
    own = frame["bm_unit"].where(frame["bm_unit"] >= 0, -1 - frame.index)
    summed = frame.groupby([own, "pair", "buy"])["volume"].transform("sum")
    frame["dmat"] = frame["volume"].where(summed.abs() >= DMAT - 1e-12, 0.0)
    frame["arbitrage"] = frame["dmat"]
    priced = frame[~frame["unpriced"]]
    buys = priced[priced["buy"]].groupby("expense")["dmat"].sum().sort_index()
    sells = -priced[~priced["buy"]].groupby("expense")["dmat"].sum().sort_index()
    # Where the two cumulative curves cross: the most volume for which the dearest buy costs no more than the sell.
    steps = np.unique(np.concatenate([[0.0], buys.cumsum(), sells.cumsum()]))
    steps = steps[steps <= min(buys.sum(), sells.sum()) + NOTHING]
    middle = (steps[1:] + steps[:-1]) / 2
    if len(middle):
        of_buy = buys.index.to_numpy()[np.searchsorted(buys.cumsum(), middle)]
        of_sell = sells.index.to_numpy()[np.searchsorted(sells.cumsum(), middle)]
        meeting = of_buy + of_sell <= 0
        moved = steps[1:][meeting].max() if meeting.any() else 0.0
        for side, of in (("buy", buys), ("sell", sells)):
            before = of.cumsum() - of
            gone = ((moved - before).clip(lower=0) / of.where(of > 0)).clip(upper=1).fillna(0)
            there = (frame["buy"] if side == "buy" else frame["sell"]) & ~frame["unpriced"]
            frame.loc[there, "arbitrage"] *= 1 - frame.loc[there, "expense"].map(gone)
    there = frame["arbitrage"].abs() >= NOTHING
    dearest = frame[~frame["flagged"] & there].groupby("buy")["expense"].max()
    frame["second"] = frame["flagged"] & (frame["expense"] > frame["buy"].map(dearest).fillna(-np.inf))
    net = frame["arbitrage"].sum()
    frame["tagged"], frame["inside"], frame["final"] = 0.0, 0.0, 0.0
    if abs(net) < NOTHING:
        return frame, market_price
    larger = frame[(frame["buy"] == (net > 0)) & there]
    smaller = abs(frame.loc[frame["buy"] != (net > 0), "arbitrage"].sum())
    gone = shared_out(larger, frame["expense"], larger["arbitrage"], smaller)
    frame.loc[larger.index, "tagged"] = larger["arbitrage"] - gone
    left = frame[frame["tagged"].abs() >= NOTHING]
    replaced = market_price
    plain = left[~left["second"]]
    if left["second"].any() and len(plain):
        part = shared_out(plain, frame["expense"], plain["tagged"], RPAR)
        replaced = (part * plain["price"]).sum() / part.sum()
    frame.loc[left.index, "final"] = left["price"].where(~left["second"], replaced)
    sign = 1 if net > 0 else -1
    frame.loc[left.index, "inside"] = shared_out(left, sign * frame["final"], left["tagged"], PAR)
    frame["scaled"] = frame["inside"] * frame["tlm"]
    frame["cost"] = frame["scaled"] * frame["final"]
    return frame, frame["cost"].sum() / frame["scaled"].sum() + adjustment


def same(name, got, wanted):
    if not np.allclose(got, wanted, rtol=0, atol=1e-6):
        worst = int(np.argmax(np.abs(np.asarray(got) - np.asarray(wanted))))
        raise SystemExit(f"{name}: sample {worst}, wanted {wanted[worst]}, got {got[worst]}. The peers do not agree.")


def main():
    year = synthetic_year()
    ready = prepared(year)
    by_period = (year["market_price"], year["adjustment"])
    draw = np.random.default_rng(1)
    plain_of = np.sort(draw.choice(PERIODS, PLAIN_SAMPLE, False))
    pandas_of = np.sort(draw.choice(PERIODS, PANDAS_SAMPLE, False))
    tuples, tables = ready_tuples(year, plain_of), frames(year, pandas_of)
    bare = np.nan_to_num(year["price"])
    work = {
        "kernels": (lambda: kernels(*ready, *by_period), ROUNDS, 1.0),
        "stored columns": (lambda: kernels(*prepared(year), *by_period), ROUNDS, 1.0),
        "np.sort": (lambda: sorted_prices(bare, ready[6]), ROUNDS, 1.0),
        "plain Python": (lambda: [plain_period(*one)[-1] for one in tuples], ROUNDS, PERIODS / PLAIN_SAMPLE),
        "pandas": (lambda: [pandas_period(*one)[-1] for one in tables], 2, PERIODS / PANDAS_SAMPLE),
    }
    for name in ("kernels", "stored columns", "np.sort"):
        work[name][0]()  # compiled, or read from the cache, before the clock runs
    taken = {name: [] for name in work}
    answers = {}
    for turn in range(ROUNDS):
        for name, (run, rounds, scale) in work.items():
            if turn < rounds:
                gc.collect()
                began = time.perf_counter()
                answers[name] = run()
                taken[name].append((time.perf_counter() - began) * scale)
    price = answers["kernels"]["price"]
    same("plain Python", answers["plain Python"], price[plain_of])
    same("pandas", answers["pandas"], price[pandas_of])
    same("stored columns", answers["stored columns"]["price"], price)
    seconds = {name: statistics.median(times) for name, times in taken.items()}
    print(f"SYNTHETIC year: {PERIODS} periods, {len(year['price'])} rows, every stage written, one thread")
    for name, one in seconds.items():
        print(f"  {name:<16}{one:>10.3f} s" + ("  (scaled from a sample)" if work[name][2] != 1.0 else ""))
    report(
        [
            ("kernels", "plain Python", seconds["plain Python"] / seconds["kernels"], ">=", 12),
            ("kernels", "pandas a period", seconds["pandas"] / seconds["kernels"], ">=", 500),
            ("kernels", "numba np.sort", seconds["kernels"] / seconds["np.sort"], "<=", 3),
            ("stored columns", "kernels", seconds["stored columns"] / seconds["kernels"], "<=", 1.4),
        ]
    )


def report(rows):
    """The table: work, peer, ratio, wanted, met."""
    print(f"{'work':<16}{'peer':<18}{'ratio':>10}{'wanted':>10}  met")
    for work, peer, ratio, sign, wanted in rows:
        met = ratio >= wanted if sign == ">=" else ratio <= wanted
        print(f"{work:<16}{peer:<18}{ratio:>10.2f}{sign + ' ' + str(wanted):>10}  {'yes' if met else 'no'}")


if __name__ == "__main__":
    main()
