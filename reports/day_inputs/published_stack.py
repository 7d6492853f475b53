"""The ranked actions as published: the settlement stack of each period, both sides."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.day_inputs.gathered import Gathered
from reports.views import Default
from settlement.grains import full_grain, row_grain, sub_grain

FLAGS = {"so_flag": "so_flag", "cadl_flag": "cadl_flag", "stor_flag": "stor_flag"}


def gather(day: Gathered) -> None:
    """Add the actions of every period whose stack has come whole."""
    frame = day.rows("settlement_stack")
    arrived = day.arrived("settlement_stack")
    both = arrived.get(None, set())
    for period in day.periods:
        missing = [side for side in ("buy", "sell") if period not in arrived.get(side, set()) | both]
        if len(missing) == 2:
            day.leave_out(period, "the stack did not arrive")
        elif missing:
            day.leave_out(period, f"the stack of {missing[0]}s did not arrive")
    day.note_incomplete("settlement_stack")
    frame = stack_rows(frame[frame["settlement_period"].isin(day.settled_periods)])

    keys = {key: frame[key].to_numpy() for key in ("settlement_period", "side", "action")}
    maps = {key: frame[key].to_numpy() for key in ("bm_unit", "acceptance_number", "pair")}
    actions = row_grain("action_row", keys, maps)
    priced = frame["original_price"].notna().to_numpy()
    priced_rows = sub_grain("priced_row", actions, priced)
    given = day.given
    given["settlement_periods"] = full_grain(settlement_period=day.settled_periods)
    given["action_rows"], given["priced_rows"] = actions, priced_rows
    given["action_volume"] = actions.array(frame["volume_mwh"].to_numpy(float))
    given["original_price"] = priced_rows.array(frame["original_price"].to_numpy(float)[priced])
    for name, column in FLAGS.items():
        given[name] = actions.array(frame[column].fillna(False).to_numpy(bool))
    given["emergency_flag"] = actions.array(np.zeros(len(frame), bool))
    day.notes["emergency_flag"] = "the stack does not name emergency instructions: none taken"
    multiplier = frame["tlm"].to_numpy(float)
    unknown = np.isnan(multiplier) & (frame["acceptance_number"] != 0).to_numpy()
    for period, unit in frame.loc[unknown, ["settlement_period", "bm_unit"]].itertuples(index=False):
        day.defaults.append(Default("price.md 16a", "TLM not in the stack: 1", int(period), str(unit)))
        day.doubt(int(period), f"the stack has no TLM of {unit}: 1 by default")
    given["action_loss_multiplier"] = actions.array(np.nan_to_num(multiplier, nan=1.0))
    day.source_of("action_row", frame)
    day.source_of("priced_row", frame[priced])
    _reserve_scarcity(day, frame)


def stack_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with volume, labelled, in the order of period, side and label; acceptance and pair 0: an adjustment."""
    frame = frame[frame["volume_mwh"] != 0].copy()
    frame["acceptance_number"] = frame["acceptance_number"].fillna(0).astype("int64")
    frame["pair"] = frame["pair"].fillna(0).astype("int64")
    frame["action"] = _labels(frame)
    return frame.sort_values(["settlement_period", "side", "action"], kind="stable").reset_index(drop=True)


def _labels(frame: pd.DataFrame) -> pd.Series:
    """A label an analyst can read, unique within period and side."""
    label = frame["bm_unit"].astype(str)
    accepted = frame["acceptance_number"] != 0
    label = label.where(
        ~accepted, label + " " + frame["acceptance_number"].astype(str) + " " + frame["pair"].astype(str)
    )
    label = label.where(accepted, "adjustment " + frame["bm_unit"].astype(str))
    twice = frame.assign(label=label).duplicated(["settlement_period", "side", "label"], keep=False)
    return label.where(~twice, label + " #" + frame["sequence_number"].astype(str))


def _reserve_scarcity(day: Gathered, frame: pd.DataFrame) -> None:
    """The Reserve Scarcity Price as published stands in for VoLL × LoLP, which needs a feed of its own."""
    prices = day.rows("system_prices").set_index("settlement_period")["reserve_scarcity_price"].dropna()
    of_rows = frame.groupby("settlement_period")["reserve_scarcity_price"].max().dropna()
    values = []
    for period in day.settled_periods:
        value = prices.get(period, of_rows.get(period))
        if value is None:
            stor = frame.loc[(frame["settlement_period"] == period) & frame["stor_flag"].fillna(False).astype(bool)]
            if len(stor):
                day.defaults.append(Default("price.md 16a", "Reserve Scarcity Price not published: 0", period))
                day.doubt(period, "the Reserve Scarcity Price did not arrive: 0 by default")
            value = 0.0
        values.append(float(value))
    day.published["reserve_scarcity_price"] = day.given["settlement_periods"].array(values)
