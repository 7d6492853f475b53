"""The tables of a settled day: prices, BM Units, Parties, and the stack of a period."""

from __future__ import annotations

import pandas as pd

from reports.errors import NoSuchRun
from reports.figures import Figures, figures
from reports.views import DayView
from settlement.calendar import period_count
from settlement.settled import Settled

CHARGES = {
    "BM cashflow": "daily_party_bm_cashflow",
    "non-delivery charge": "daily_party_non_delivery_charge",
    "energy imbalance cashflow": "daily_party_energy_imbalance_cashflow",
    "information imbalance charge": "daily_party_information_imbalance_charge",
    "residual cashflow": "daily_party_residual_cashflow",
    "net due": "daily_party_net_due",
}
OF_UNITS = {
    "metered volume": ("metered_volume", "MWh"),
    "notified volume": ("notified_volume", "MWh"),
    "accepted volume": ("accepted_volume", "MWh"),
    "BM cashflow": ("bm_unit_cashflow", "GBP"),
    "non-delivery charge": ("non_delivery_charge", "GBP"),
}
OF_ACTIONS = {
    "rank": "", "bm_unit": "", "acceptance_number": "", "pair": "", "volume": "MWh", "original_price": "GBP/MWh",
    "so_flag": "", "cadl_flag": "", "second_stage_flag": "", "final_price": "GBP/MWh",
    "net_imbalance_adjusted_volume": "MWh", "price_average_adjusted_volume": "MWh",
}  # fmt: skip


def prices(view: DayView) -> Figures:
    """Own and published price, verdict and net imbalance volume, a row a period; what is not there is missing."""
    rows = [
        {
            "period": one.settlement_period,
            "start (UTC)": one.start.strftime("%H:%M"),
            "own price": _float(one.own),
            "published price": _float(one.published),
            "difference": _float(one.difference),
            "verdict": one.verdict,
            "net imbalance volume": _float(one.net_imbalance_volume),
        }
        for one in view.periods
    ]
    units = dict.fromkeys(("own price", "published price", "difference"), "GBP/MWh")
    return figures(pd.DataFrame(rows).set_index("period"), {**units, "net imbalance volume": "MWh"})


def units(settled: Settled) -> Figures:
    """BM Units over the day: volumes and cashflows, summed over its settled periods; a credit is above zero."""
    held = {name: one for name, one in OF_UNITS.items() if one[0] in settled.arrays}
    if not held:
        raise NoSuchRun(
            f"{settled.settlement_date}: found a run from the published stack, which has no BM Units of its own; "
            'wanted one from acceptances. Settle the day with "--way acceptances", or load its metered volumes.'
        )
    grain = settled.grain(next(iter(held.values()))[0])
    frame = pd.DataFrame({"bm_unit": grain.labels("bm_unit")})
    for name in ("party", "account", "trading_unit"):
        if name in grain.along:
            frame[name] = grain.labels(name)
    for name, (quantity, _) in held.items():
        frame[name] = settled.arrays[quantity].transpose("settlement_period", "bm_unit").to_numpy().sum(axis=0)
    return figures(frame.set_index("bm_unit"), {name: unit for name, (_, unit) in held.items()}, _over(settled))


def parties(settled: Settled) -> Figures:
    """Trading Charges of each Party over the day. Net due is above zero where the Party is paid."""
    if "daily_party_net_due" not in settled.arrays:
        raise NoSuchRun(
            f"{settled.settlement_date}: found a run of prices, which has no charges; wanted one with metered volumes. "
            'Load them (job idd/c0421), and settle the day as run II or later: "bsc settle DATE --run II".'
        )
    grain = settled.grain("daily_party_net_due")
    frame = pd.DataFrame({name: settled.values(quantity) for name, quantity in CHARGES.items()})
    frame.index = pd.Index(grain.column("party"), name="party")
    return figures(frame, dict.fromkeys(CHARGES, "GBP"), _over(settled))


def _over(settled: Settled) -> str:
    """Over which periods a day's figure is summed: what was set aside is not in it."""
    held, every = settled.grain("system_price").size, period_count(settled.settlement_date)
    if held == every:
        return f"Over all {every} Settlement Periods."
    return f"Over {held} of {every} Settlement Periods: the others were set aside, and nothing of them is in here."


def stack(view: DayView, settlement_period: int) -> Figures:
    """The ranked actions of a period, buys first, with what is left of each. KeyError where there is no such period."""
    actions = view.period(settlement_period).actions
    rows = [{"side": one.side, **{name: getattr(one, name) for name in OF_ACTIONS}} for one in actions]
    frame = pd.DataFrame(rows, columns=["side", *OF_ACTIONS]).astype({"acceptance_number": "Int64", "pair": "Int64"})
    return figures(frame.set_index("side"), {name: unit for name, unit in OF_ACTIONS.items() if unit})


def _float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]
