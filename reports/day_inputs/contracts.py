"""Energy contracts and metered volume reallocations, by Energy Account, and the Parties that hold the accounts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.day_inputs.gathered import Gathered
from reports.views import Default
from settlement.grains import Grain, full_grain, row_grain

RULE = "volumes-and-charges.md 10"
REALLOCATED = ["settlement_period", "bm_unit", "account"]


def gather(day: Gathered) -> Grain:
    """Add accounts, Parties, contracts and reallocations; gives the grain of Parties."""
    contracts, reallocations = _notified(day, "contracts"), _notified(day, "reallocations")
    led = set(day.given["unit_periods"].labels("party").tolist()) - {""}
    roll = set(day.rows("parties")["party"])
    if not roll:
        said = "the roll of Parties did not arrive: those of units and notifications"
        day.defaults.append(Default(RULE, said, of_charges=True))
    for party in sorted(led - roll) if roll else ():
        unit = day.given["unit_periods"].indexes[1][day.given["unit_periods"].labels("party") == party][0]
        said = f"Party {party} leads BM Units and is not on the roll of Parties: settled as registered"
        day.defaults.append(Default(RULE, said, bm_unit=str(unit), of_charges=True))
    named = set(reallocations["subsidiary_party"]) | set(contracts["party_1"]) | set(contracts["party_2"])
    parties = sorted(led | roll | named)
    periods = day.given["unit_periods"].indexes[0].tolist()
    accounts = {f"{party}-{status}": party for party in parties for status in "CP"}
    day.given["account_periods"] = full_grain(settlement_period=periods, account=sorted(accounts)).mapped(
        "account", party=np.array([accounts[one] for one in sorted(accounts)], object)
    )
    day.given["party_periods"] = full_grain(settlement_period=periods, party=parties)
    day.given["parties"] = full_grain(party=parties)
    _contracts(day, contracts)
    _reallocations(day, reallocations)
    return day.given["parties"]


def leave_out_strangers(day: Gathered) -> None:
    """Set aside the periods in which a contract or reallocation names a Party or unit that nobody registered."""
    roll = set(day.rows("parties")["party"])
    led = set(day.rows("bm_unit_registrations")["lead_party"].dropna())
    for dataset, columns in (("contracts", ("party_1", "party_2")), ("reallocations", ("subsidiary_party",))):
        rows = _notified(day, dataset)
        for column in columns if roll else ():
            odd = rows[~rows[column].isin(roll | led)]
            for period, party, name in odd[["settlement_period", column, "reference"]].to_numpy(object):
                said = f"Party {party} of notification {name} is not on the roll of Parties: correct either"
                day.leave_out(int(period), said)
    rows = _notified(day, "reallocations")
    odd = rows[~rows["bm_unit"].isin(day.units)]
    for period, unit, name in odd[["settlement_period", "bm_unit", "reference"]].to_numpy(object):
        day.leave_out(int(period), f"{unit} of reallocation {name} is not registered: correct either")


def _notified(day: Gathered, dataset: str) -> pd.DataFrame:
    """Notifications of the settled periods, each once: both sides of a contract are told of it."""
    frame = day.rows(dataset)
    keys = [key for key in frame.columns if key in _KEYS]
    frame = frame.sort_values([*keys, "created_time"], kind="stable").drop_duplicates(keys, keep="last")
    return frame[frame["settlement_period"].isin(day.settled_periods)].reset_index(drop=True)


_KEYS = ("settlement_period", "authorisation", "reference", "party_1", "account_1", "party_2", "account_2", "bm_unit",
         "subsidiary_party", "subsidiary_account")  # fmt: skip


def _contracts(day: Gathered, frame: pd.DataFrame) -> None:
    """Two rows a contract: sold by one account, bought by the other, of the same volume."""
    _arrived(day, "contracts", "no contract of any account")
    label = frame["authorisation"].astype(str) + " " + frame["reference"].astype(str)
    sides = [
        frame.assign(
            account=frame[f"party_{side}"] + "-" + frame[f"account_{side}"],
            contract=label,
            volume=sign * frame["contract_volume_mwh"],
        )
        for side, sign in (("1", 1.0), ("2", -1.0))
    ]
    rows = pd.concat(sides, ignore_index=True)
    keys = ["settlement_period", "account", "contract"]
    twice = rows.duplicated(keys, keep=False)
    for row in rows[twice].drop_duplicates(keys).itertuples():
        day.warnings.append(f"period {row.settlement_period}: contract {row.contract} stands twice in {row.account}")
    rows = rows.assign(volume=rows.groupby(keys)["volume"].transform("sum")).drop_duplicates(keys)
    rows = rows.sort_values(keys).reset_index(drop=True)
    grain = row_grain("contract_row", {key: rows[key].to_numpy() for key in keys})
    day.given["contract_rows"] = grain
    day.given["contract_volume"] = grain.array(rows["volume"].to_numpy(float))
    day.source_of("contract_row", rows)


def _reallocations(day: Gathered, frame: pd.DataFrame) -> None:
    _arrived(day, "reallocations", "nothing reallocated")
    frame = frame.assign(account=frame["subsidiary_party"] + "-" + frame["subsidiary_account"])
    for name in ("percentage", "fixed_volume_mwh"):
        frame[name] = frame.groupby(REALLOCATED)[name].transform("sum")
    rows = frame.drop_duplicates(REALLOCATED).sort_values(REALLOCATED).reset_index(drop=True)
    over = rows.groupby(["settlement_period", "bm_unit"], as_index=False)["percentage"].sum()
    for period, unit, share in over[over["percentage"] > 100].to_numpy(object):
        day.warnings.append(
            f"period {period}: {share:g} % of {unit} is reallocated, over 100 %: settled as notified, and its lead "
            "account is left with less than nothing (volumes-and-charges.md 8.3)"
        )
    grain = row_grain("reallocation_row", {key: rows[key].to_numpy() for key in REALLOCATED})
    day.given["reallocation_rows"] = grain
    day.given["reallocation_percentage"] = grain.array(rows["percentage"].to_numpy(float))
    day.given["reallocation_fixed_volume"] = grain.array(rows["fixed_volume_mwh"].to_numpy(float))
    day.source_of("reallocation_row", rows)


def _arrived(day: Gathered, dataset: str, without: str) -> None:
    """Say what stands in where a feed has not come, and doubt the periods of one that has not come whole."""
    if not day.has(dataset):
        day.defaults.append(Default(RULE, f"{dataset} did not arrive: {without}", of_charges=True))
        for period in day.settled_periods:
            day.doubt(period, f"{dataset} did not arrive", of_charges=True)
    day.note_incomplete(dataset, of_charges=True)


__all__ = ["gather", "leave_out_strangers"]
