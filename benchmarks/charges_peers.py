"""Hand-written numpy and pandas for the charges of a day: peers of `charges_of_a_day.py`, with no code of the engine.

Rules    volumes-and-charges.md, sections 4 to 8
"""

from __future__ import annotations

import numpy as np
import pandas as pd

ALPHA, INFORMATION_PRICE, NOTHING = 0.45, 0.0, 1e-9
WANTED = {
    "transmission_loss_multiplier": "TLM", "non_delivery_charge": "CND", "lead_credited_energy_volume": "QCE lead",
    "subsidiary_credited_energy_volume": "QCE subsidiary", "account_credited_energy_volume": "QACE",
    "account_energy_imbalance_volume": "QAEI", "account_energy_imbalance_cashflow": "CAEI",
    "residual_cashflow_reallocation_proportion": "RCRP", "residual_cashflow": "RCRC", "daily_party_net_due": "Net",
}  # fmt: skip
UNIT_VALUES = ("metered_volume", "transmission_loss_factor", "balancing_services_volume", "notified_volume")


# --- peer: numpy by hand, whole numbers for labels ---


def codes_ready(day, size):
    """Columns, and for every sum and every look-up the places, worked out before the clock runs."""
    units, rows = day["units"], day["unit_periods"]
    period, unit = rows["settlement_period"], rows["bm_unit"]
    shape = (size.periods, size.units)
    account_party = day["accounts"]["party"]
    ready = {name: rows[name].reshape(shape) for name in UNIT_VALUES}
    ready |= {name: day[table][name] for table in ("pair_rows", "contract_rows", "reallocation_rows", "prices")
              for name in day[table] if day[table][name].dtype.kind == "f"}  # fmt: skip
    pairs, moved, sold = day["pair_rows"], day["reallocation_rows"], day["contract_rows"]
    accounts = 2 * size.parties
    return ready | {
        "sharing": ~units["interconnector_flag"],
        "trading_unit_of": period * size.trading_units + units["trading_unit"][unit],
        "account_of": period * accounts + units["account"][unit],
        "party_of": units["party"][unit],
        "party_of_account": np.tile(account_party, size.periods),
        "pair": pairs["pair"],
        "pair_period": pairs["settlement_period"],
        "pair_unit": pairs["settlement_period"] * size.units + pairs["bm_unit"],
        "moved_unit": moved["settlement_period"] * size.units + moved["bm_unit"],
        "moved_account": moved["settlement_period"] * accounts + moved["account"],
        "sold_account": sold["settlement_period"] * accounts + sold["account"],
    }


def laid_over(group, pair, rank_by, accepted, undelivered):
    """Undelivered volume of each pair, the lowest rank of its group first."""
    order = np.lexsort((-np.abs(pair), rank_by, group))
    grouped, size = group[order], accepted[order]
    before = np.cumsum(size) - size
    first = np.concatenate(([True], grouped[1:] != grouped[:-1]))
    before -= before[np.flatnonzero(first)][np.cumsum(first) - 1]
    taken = np.empty(len(size))
    taken[order] = np.clip(undelivered[grouped] - before, 0, size)
    return taken


def by_numpy(r, size):
    metered, balancing, shape = r["metered_volume"], r["balancing_services_volume"], r["metered_volume"].shape
    factor, sharing, accounts = r["transmission_loss_factor"], r["sharing"], (size.periods, 2 * size.parties)
    of_trading_unit = np.bincount(r["trading_unit_of"], metered.ravel(), size.periods * size.trading_units)
    delivering = (of_trading_unit > NOTHING)[r["trading_unit_of"]].reshape(shape)
    plus, minus, losses = delivering & sharing, ~delivering & sharing, metered.sum(axis=1)
    zonal = metered * factor
    to_deliver = -(ALPHA * losses + (zonal * plus).sum(axis=1)) / (metered * plus).sum(axis=1)
    to_offtake = ((ALPHA - 1) * losses - (zonal * minus).sum(axis=1)) / (metered * minus).sum(axis=1)
    tlm = np.where(sharing, 1 + factor + np.where(delivering, to_deliver[:, None], to_offtake[:, None]), 1.0)
    # Balancing Mechanism cashflow and non-delivery.
    offer, bid, group = r["accepted_offer_volume"], r["accepted_bid_volume"], r["pair_unit"]
    pair_tlm = tlm.ravel()[group]
    bm = np.bincount(group, (offer * r["offer_price"] + bid * r["bid_price"]) * pair_tlm, metered.size)
    deviation = (r["notified_volume"] + balancing - metered).ravel()
    short = np.minimum(np.maximum(deviation, 0), np.bincount(group, offer, metered.size))
    over = np.minimum(np.maximum(-deviation, 0), np.bincount(group, -bid, metered.size))
    missed_offer = laid_over(group, r["pair"], -r["offer_price"], offer, short)
    missed_bid = laid_over(group, r["pair"], r["bid_price"], -bid, over)
    buy, sell = r["system_buy_price"], r["system_sell_price"]
    charge = missed_offer * np.maximum(r["offer_price"] - buy[r["pair_period"]], 0)
    charge += missed_bid * np.maximum(sell[r["pair_period"]] - r["bid_price"], 0)
    undelivered = np.bincount(group, charge * pair_tlm, metered.size)
    information = np.abs(deviation) * INFORMATION_PRICE
    # Credited energy and imbalance by account.
    from_unit, to_account = r["moved_unit"], r["moved_account"]
    part = (metered - balancing).ravel()[from_unit] * r["reallocation_percentage"] / 100
    moved = (part + r["reallocation_fixed_volume"]) * tlm.ravel()[from_unit]
    lead = (metered * tlm).ravel() - np.bincount(from_unit, moved, metered.size)

    def by_account(of_unit, of_moved=None):
        summed = np.bincount(r["account_of"], of_unit, accounts[0] * accounts[1])
        if of_moved is not None:
            summed += np.bincount(to_account, of_moved, accounts[0] * accounts[1])
        return summed.reshape(accounts)

    credited = by_account(lead, moved)
    contracted = np.bincount(r["sold_account"], r["contract_volume"], credited.size).reshape(accounts)
    imbalance = credited - by_account((balancing * tlm).ravel()) - contracted
    cashflow = -imbalance * np.where(imbalance > 0, sell[:, None], buy[:, None])
    # Residual cashflow, and what each Party is due.
    sign = (np.where(delivering, 1.0, -1.0) * sharing).ravel()
    share = by_account(lead * sign, moved * sign[from_unit])
    proportion = share / share.sum(axis=1, keepdims=True)
    residual = cashflow.sum(axis=1) + (undelivered + information).reshape(shape).sum(axis=1)
    returned = proportion * residual[:, None]
    due = np.bincount(r["party_of"], bm - undelivered - information, size.parties)
    due += np.bincount(r["party_of_account"], (returned - cashflow).ravel(), size.parties)
    answers = (tlm, undelivered, lead, moved, credited, imbalance, cashflow, proportion, returned, due)
    return dict(zip(WANTED, answers, strict=True))


# --- peer: pandas, merge and groupby ---

UNIT, ACCOUNT = ["settlement_period", "bm_unit"], ["settlement_period", "account"]


def tables(day):
    frames = {name: pd.DataFrame(columns) for name, columns in day.items()}
    frames["account_periods"] = frames["prices"][["settlement_period"]].merge(frames["accounts"], how="cross")
    return frames


def summed(frame, keys, values, onto):
    """Sums beside each row of `onto`; no rows give 0."""
    sums = frame.groupby(keys, as_index=False, sort=False)[values].sum()
    return onto.merge(sums, on=keys, how="left").fillna(dict.fromkeys(values, 0.0))


def laid_by_pandas(pairs, rank_by, ascending, size, undelivered):
    ranked = pairs.assign(far=-pairs["pair"].abs(), size=size).sort_values(
        [*UNIT, rank_by, "far"], ascending=[True, True, ascending, True]
    )
    before = ranked.groupby(UNIT, sort=False)["size"].cumsum() - ranked["size"]
    return (ranked[undelivered] - before).clip(0, ranked["size"]).reindex(pairs.index)


def losses_by_pandas(t):
    rows = t["unit_periods"].merge(t["units"], on="bm_unit", how="left")
    of_unit = rows.groupby(["settlement_period", "trading_unit"], sort=False)["metered_volume"].transform("sum")
    rows["delivering"], rows["sharing"] = of_unit > NOTHING, ~rows["interconnector_flag"]
    rows["zonal"] = rows["metered_volume"] * rows["transmission_loss_factor"]
    losses = rows.groupby("settlement_period")["metered_volume"].sum()
    sums = rows[rows["sharing"]].groupby(["delivering", "settlement_period"])[["metered_volume", "zonal"]].sum()
    on, off = sums.loc[True], sums.loc[False]
    moves = pd.DataFrame(
        {
            "plus": -(ALPHA * losses + on["zonal"]) / on["metered_volume"],
            "minus": ((ALPHA - 1) * losses - off["zonal"]) / off["metered_volume"],
        }
    ).reset_index()
    rows = rows.merge(moves, on="settlement_period", how="left")
    shared = 1 + rows["transmission_loss_factor"] + rows["plus"].where(rows["delivering"], rows["minus"])
    rows["tlm"] = shared.where(rows["sharing"], 1.0)
    return rows


def delivery_by_pandas(t, rows):
    accepted = ["accepted_offer_volume", "accepted_bid_volume"]
    rows = summed(t["pair_rows"], UNIT, accepted, rows)
    deviation = rows["notified_volume"] + rows["balancing_services_volume"] - rows["metered_volume"]
    rows["short"] = np.minimum(deviation.clip(lower=0), rows["accepted_offer_volume"])
    rows["over"] = np.minimum(-deviation.clip(upper=0), -rows["accepted_bid_volume"])
    pairs = t["pair_rows"].merge(rows[[*UNIT, "tlm", "short", "over"]], on=UNIT, how="left")
    pairs = pairs.merge(t["prices"], on="settlement_period", how="left")
    offer, bid = pairs["accepted_offer_volume"], pairs["accepted_bid_volume"]
    pairs["bm"] = (offer * pairs["offer_price"] + bid * pairs["bid_price"]) * pairs["tlm"]
    missed_offer = laid_by_pandas(pairs, "offer_price", False, offer, "short")
    missed_bid = laid_by_pandas(pairs, "bid_price", True, -bid, "over")
    charge = missed_offer * (pairs["offer_price"] - pairs["system_buy_price"]).clip(lower=0)
    charge += missed_bid * (pairs["system_sell_price"] - pairs["bid_price"]).clip(lower=0)
    pairs["undelivered"] = charge * pairs["tlm"]
    rows = summed(pairs, UNIT, ["bm", "undelivered"], rows)
    rows["information"] = deviation.abs() * INFORMATION_PRICE
    return rows


def by_pandas(t):
    rows = delivery_by_pandas(t, losses_by_pandas(t))
    rows["sign"] = np.where(rows["delivering"], 1.0, -1.0) * rows["sharing"]
    needed = [*UNIT, "metered_volume", "balancing_services_volume", "tlm", "sign"]
    moved = t["reallocation_rows"].merge(rows[needed], on=UNIT, how="left")
    part = (moved["metered_volume"] - moved["balancing_services_volume"]) * moved["reallocation_percentage"] / 100
    moved["credited"] = (part + moved["reallocation_fixed_volume"]) * moved["tlm"]
    rows = summed(moved.rename(columns={"credited": "taken"}), UNIT, ["taken"], rows)
    rows["credited"] = rows["metered_volume"] * rows["tlm"] - rows["taken"]
    rows["balancing"] = rows["balancing_services_volume"] * rows["tlm"]
    for frame in (rows, moved):
        frame["share"] = frame["credited"] * frame["sign"]
    both = pd.concat([rows[[*ACCOUNT, "credited", "share", "balancing"]], moved[[*ACCOUNT, "credited", "share"]]])
    accounts = summed(both, ACCOUNT, ["credited", "share", "balancing"], t["account_periods"])
    accounts = summed(t["contract_rows"], ACCOUNT, ["contract_volume"], accounts)
    accounts = accounts.merge(t["prices"], on="settlement_period", how="left")
    imbalance = accounts["credited"] - accounts["balancing"] - accounts["contract_volume"]
    price = accounts["system_sell_price"].where(imbalance > 0, accounts["system_buy_price"])
    accounts["cashflow"] = -imbalance * price
    # Residual cashflow, and what each Party is due.
    by_period = accounts.groupby("settlement_period")
    proportion = accounts["share"] / by_period["share"].transform("sum")
    charged = rows.groupby("settlement_period")[["undelivered", "information"]].sum().sum(axis=1)
    accounts["returned"] = proportion * accounts["settlement_period"].map(by_period["cashflow"].sum() + charged)
    own = rows.groupby("party")[["bm", "undelivered", "information"]].sum()
    due = accounts.groupby("party")[["returned", "cashflow"]].sum().join(own).fillna(0.0)
    due = due["bm"] - due["undelivered"] - due["information"] - due["cashflow"] + due["returned"]
    answers = (
        rows["tlm"], rows["undelivered"], rows["credited"], moved["credited"], accounts["credited"], imbalance,
        accounts["cashflow"], proportion, accounts["returned"], due,
    )  # fmt: skip
    return dict(zip(WANTED, answers, strict=True))
