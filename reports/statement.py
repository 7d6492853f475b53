"""What a Party is due for some days: charges by day and period, units, accounts, contracts, payments.

`reports.access` gives it out. Of a Party's own copy every figure is read through `public_values`: what belongs to
another is in no field of it. Amounts are GBP as they bear on the Party: above zero is due to it. Volumes are MWh,
export above zero; a contract sold is above zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from reports.errors import NoSuchRun
from reports.payments import Payment, payments
from reports.public_values import seen_rows
from reports.views import DayView
from settlement.errors import UnknownLabel

if TYPE_CHECKING:
    import pandas as pd

    from loaders.store.session import Store
    from reports.access import Access, SeenRun, Viewer
    from settlement.settled import Settled

NET = "daily_party_net_due"
ANOTHERS = "of another Party"
# What the net amount of a day is made of, in the order of the rule: words, quantity, and how it bears on the Party.
CHARGES = (
    ("BM cashflow", "daily_party_bm_cashflow", 1),
    ("Non-delivery charge", "daily_party_non_delivery_charge", -1),
    ("Energy imbalance", "daily_party_energy_imbalance_cashflow", -1),
    ("Information imbalance", "daily_party_information_imbalance_charge", -1),
    ("Residual cashflow", "daily_party_residual_cashflow", 1),
    ("Replacement reserve", "replacement_reserve_cashflow", 1),
    ("Reserve deviation", "replacement_reserve_deviation_cashflow", 1),
    ("Supplier compensation paid", "supplier_compensation_paid", 1),
    ("Supplier compensation charged", "supplier_compensation_charged", -1),
)
OF_PERIODS = (
    ("BM cashflow", "party_period_bm_cashflow", 1), ("Non-delivery", "party_period_non_delivery_charge", -1),
    ("Energy imbalance", "party_period_energy_imbalance_cashflow", -1),
    ("Information imbalance", "party_period_information_imbalance_charge", -1),
    ("Residual", "party_period_residual_cashflow", 1), ("Net due", "party_period_net_due", 1),
)  # fmt: skip
OF_UNITS = (
    "metered_volume", "notified_volume", "accepted_volume", "loss_adjusted_metered_volume", "bm_unit_cashflow",
    "non_delivery_charge",
)  # fmt: skip
OF_ACCOUNTS = (
    "account_credited_energy_volume", "account_balancing_services_volume", "account_bilateral_contract_volume",
    "account_energy_imbalance_volume", "account_energy_imbalance_cashflow", "residual_cashflow",
)  # fmt: skip


@dataclass(frozen=True)
class StatedDay:
    """One day of a statement. `others`: net due of every other Party; None in a Party's own copy."""

    view: DayView
    net: float
    charges: dict[str, float]
    periods: pd.DataFrame  # a row a period; a column of OF_PERIODS
    units: pd.DataFrame  # a row a BM Unit that the Party leads
    accounts: pd.DataFrame
    contracts: pd.DataFrame  # period, account, contract, volume
    reallocations: pd.DataFrame  # period, bm_unit, account, percentage, fixed volume
    others: pd.DataFrame | None


@dataclass(frozen=True)
class Statement:
    """The statement of a Party."""

    party: str
    first: date
    last: date
    own_copy: bool  # the Party's, without the others
    days: tuple[StatedDay, ...]
    not_settled: tuple[tuple[date, str], ...]  # days without charges, and why
    payments: tuple[Payment, ...]
    credit_cover_held: bool = False  # no feed brings cover lodged


def statement(
    access: Access, store: Store, viewer: Viewer, party: str, first: date, last: date, run: str | None
) -> Statement:
    """The statement of a Party for days first to last. Raises as `Access.statement` does."""
    days: list[StatedDay] = []
    without: list[tuple[date, str]] = []
    parties: set[str] = set()
    for at in range((last - first).days + 1):
        day = first + timedelta(days=at)
        try:
            seen = access.run(viewer, day, run)
        except NoSuchRun as error:
            without.append((day, str(error)))
            continue
        settled = access._settled(seen)
        if NET not in settled.arrays:
            without.append((day, f"run {seen.run} has no charges: no metered volumes arrived for it"))
            continue
        of_day = {str(one) for one in settled.grain(NET).labels("party")}
        parties |= of_day
        if party in of_day:
            days.append(_day(access, viewer, seen, settled, party))
        else:
            without.append((day, f"run {seen.run} settles no Party of this id"))
    if not days and parties:
        among = f", wanted one of {', '.join(sorted(parties))}" if viewer.role == "staff" else ""
        raise UnknownLabel(f"party: found {party!r}, whom no run of these days settles{among}. Correct the id.")
    if not days:
        raise NoSuchRun(
            f"{first} to {last}: found no run with charges ({without[0][1]}), wanted one. Bring metered volumes and "
            'settle the day with "bsc settle DATE --run II".'
        )
    nets = [(one.view, one.net) for one in days]
    return Statement(
        party, first, last, viewer.role != "staff", tuple(days), tuple(without), payments(access, store, party, nets)
    )


def net_due(settled: Settled, party: str) -> float | None:
    """Net due of a Party for the day; None where the run has no charges, or not this Party."""
    if NET not in settled.arrays:
        return None
    found = np.flatnonzero(settled.grain(NET).labels("party") == party)
    return float(settled.values(NET)[found[0]]) if len(found) else None


def _day(access: Access, viewer: Viewer, seen: SeenRun, settled: Settled, party: str) -> StatedDay:
    of_day = _frame(settled, [quantity for _, quantity, _ in CHARGES] + [NET], party)
    named = {str(name): float(value) for name, value in zip(of_day.columns, of_day.to_numpy()[0], strict=True)}
    periods = _frame(settled, [quantity for _, quantity, _ in OF_PERIODS], party).droplevel("party")
    periods = periods * [sign for _, _, sign in OF_PERIODS]
    periods.columns = [words for words, _, _ in OF_PERIODS]
    units = _frame(settled, list(OF_UNITS), party, _own(settled, "settlement_period bm_unit", party))
    units = units.groupby(level="bm_unit").sum()
    accounts = _frame(settled, list(OF_ACCOUNTS), party).groupby(level="account").sum()
    grain = settled.grains["settlement_period bm_unit"]
    about = dict(zip(grain.labels("bm_unit"), zip(grain.labels("account"), grain.labels("trading_unit"), strict=True),
                     strict=True))  # fmt: skip
    units["account"] = [str(about[unit][0]) for unit in units.index]
    units["trading_unit"] = [str(about[unit][1]) for unit in units.index]
    return StatedDay(
        view=access.day(viewer, seen),
        net=named[NET],
        charges={words: sign * named[quantity] for words, quantity, sign in CHARGES},
        periods=periods,
        units=units,
        accounts=accounts,
        contracts=_frame(settled, ["contract_volume"], party).reset_index(),
        reallocations=_reallocations(settled, party, set(accounts.index), viewer.role == "staff"),
        others=_others(settled, party) if viewer.role == "staff" else None,
    )


def _reallocations(settled: Settled, party: str, own: set[str], every: bool) -> pd.DataFrame:
    """With the account that another holds named only where every account may be seen."""
    frame = _frame(settled, ["reallocation_percentage", "reallocation_fixed_volume"], party).reset_index()
    if not every:
        frame["account"] = [one if one in own else ANOTHERS for one in map(str, frame["account"])]
    return frame


def _own(settled: Settled, dims: str, party: str) -> np.ndarray:
    return np.asarray(settled.grains[dims].column("party") == party)


def _frame(settled: Settled, names: list[str], party: str, rows: np.ndarray | None = None) -> pd.DataFrame:
    """Quantities of one grain side by side, of the rows that belong to a Party."""
    import pandas as pd

    keep = seen_rows(settled, names[0], party) if rows is None else rows
    frame = pd.DataFrame({name: settled.arrays[name].to_series() for name in names})
    return frame[keep]


def _others(settled: Settled, party: str) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame({words: sign * settled.arrays[name].to_series() for words, name, sign in CHARGES})
    frame["Net due"] = settled.arrays[NET].to_series()
    return frame[frame.index != party]
