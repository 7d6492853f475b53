"""Own accepted volumes, cashflows and loss multipliers against the indicative ones that are published.

BOAV has the volumes of each acceptance by pair, DISPTAV and EBOCF the volumes and cashflows of each BM Unit by pair,
the settlement stack the loss multiplier of each unit with an action in it. Elexon works them out ahead of the runs,
with the readings it has: against a later run they differ where the inputs moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from reports.errors import NothingArrived
from reports.figures_compared import Compared, compared

PAIRS = {f"{'negative' if n < 0 else 'positive'}_{abs(n)}": n for n in (*range(-6, 0), *range(1, 7))}


@dataclass(frozen=True)
class ByPair:
    """The columns of pairs of one side of a dataset, and the quantity that they are."""

    dataset: str
    bid_offer: str
    unit: str
    quantity: str
    kind: str = ""  # of the volumes of DISPTAV: Original is before any tagging

    @property
    def column(self) -> str:
        """The columns as one word."""
        return f"positive_1_{self.unit} and others, {self.bid_offer}"


FIGURES = (
    ByPair("acceptance_volumes", "offer", "mwh", "accepted_offer_volume_by_acceptance"),
    ByPair("acceptance_volumes", "bid", "mwh", "accepted_bid_volume_by_acceptance"),
    ByPair("indicative_volumes", "offer", "mwh", "accepted_offer_volume", "Original"),
    ByPair("indicative_volumes", "bid", "mwh", "accepted_bid_volume", "Original"),
    ByPair("indicative_cashflows", "offer", "gbp", "offer_cashflow"),
    ByPair("indicative_cashflows", "bid", "gbp", "bid_cashflow"),
)
STACK, MULTIPLIER = "settlement_stack", "transmission_loss_multiplier"


def compare_volumes(settlement_date: date, run: str | None, home: Path) -> list[Compared]:
    """Every figure that was published of a day, as the workspace has it now, against the kept run.

    Only periods of which something was published are compared, and of the stack only units that are in it.
    Raises NoSuchRun for a day that was not settled, NothingArrived where none of these figures has come.
    """
    from reports.open_view import open_run

    _, settled, store = open_run(settlement_date, run, home)
    try:
        names = {one.dataset for one in FIGURES} | {STACK}
        frames = {name: store.rows(name, settlement_date).to_pandas() for name in names}
    finally:
        store.close()
    found = []
    for figure in FIGURES:
        frame = frames[figure.dataset]
        frame = frame[frame["bid_offer"] == figure.bid_offer]
        if figure.kind:
            frame = frame[frame["volume_kind"] == figure.kind]
        if len(frame) and figure.quantity in settled.arrays:
            told = _by_pair(frame, figure.unit)
            found.append(compared(figure.quantity, figure.column, settled, told, sparse=True))
    stack = frames[STACK].dropna(subset=["bm_unit", "tlm", "acceptance_number"])
    if len(stack) and MULTIPLIER in settled.arrays:
        told = stack.drop_duplicates(["settlement_period", "bm_unit"]).rename(columns={"tlm": "published"})
        found.append(compared(MULTIPLIER, "tlm", settled, told, partial=True))
    if not found:
        raise NothingArrived(
            f"{settlement_date}: none of BOAV, DISPTAV, EBOCF and the settlement stack is in the workspace. "
            'Load one with "bsc load --from FOLDER".'
        )
    return found


def _by_pair(frame: pd.DataFrame, unit: str) -> pd.DataFrame:
    """One row a pair, in place of one column."""
    named = {f"{name}_{unit}": n for name, n in PAIRS.items()}
    keys = [name for name in ("settlement_period", "bm_unit", "acceptance_number") if name in frame]
    told = frame.melt(id_vars=keys, value_vars=list(named), var_name="pair", value_name="published")
    return told.dropna(subset=["published"]).assign(pair=lambda rows: rows["pair"].map(named))
