"""Payments across runs: what each Settlement Run of one day makes a Party pay, before interest.

The Interim Information run moves no money, Initial Settlement is paid in full, and each
later run pays what it changed.

Reads    net_due_by_run
Gives    payment_before_interest
Rules    volumes-and-charges.md, sections 1.4, 1.5 and 8.13
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hamilton.function_modifiers import tag

from settlement.errors import WrongInput
from settlement.grains import Grain, only, place, sub_grain

INFORMATION_RUN, FIRST_MONEY_RUN = "II", "SF"


@tag(
    symbol="Pay_pr", clause="N~", unit="GBP", dims="party_run_row", form="kernel", scope="party",
    evidence="verified", rule="volumes-and-charges.md 1.4, 1.5, 8.13",
)  # fmt: skip
def payment_before_interest(net_due_by_run: xr.DataArray, party_run_rows: Grain) -> xr.DataArray:
    """Paid to a Party on one run: nothing on II, SF in full, then the change from the money run before.

    Pay_pr = Net_pr - Net_pr' with r' the money run before r; Net_pr on SF; 0 on II
    """
    money_rows = sub_grain("money_run_row", party_run_rows, party_run_rows.column("run") != INFORMATION_RUN)
    net, first = only(net_due_by_run, onto=money_rows).to_numpy(), _first_of_party(money_rows)
    before = np.where(first, 0, np.roll(net, 1))
    return party_run_rows.array(place(money_rows.array(net - before), onto=party_run_rows, absent=0.0))


def _first_of_party(money_rows: Grain) -> np.ndarray:
    """Where the money runs of a Party begin: with SF, for a change from a run that is absent would be a guess."""
    party, run = money_rows.column("party"), money_rows.column("run")
    first = np.ones(len(party), bool)
    first[1:] = party[1:] != party[:-1]
    if (wrong := first != (run == FIRST_MONEY_RUN)).any():
        at = int(np.argmax(wrong))
        raise WrongInput(
            f"net_due_by_run, party {party[at]}, run {run[at]}: found "
            f"{'no SF run before it' if first[at] else 'SF after another money run'}, wanted SF first of the runs "
            "that move money. Give what SF made due to the Party (0 where it charged nothing), in the order of runs."
        )
    return first
