"""Which values of a run anyone may know, and which belong to one Party.

Public, each with where it is told:

prices, system totals, stacks     BMRS and the settlement stack (price.md 3)
notifications, pairs, acceptances BMRS: PN, BOD, BOALF; volumes and cashflows of pairs DISPTAV, EBOCF
                                  (volumes-and-charges.md 3, 6, 11)
loss factors and multipliers      the loss files of the portal (volumes-and-charges.md 5.4, 11)
applicable services volumes       BMRS: QAS

Of one Party: metered and credited volumes of its BM Units, what follows from them, its accounts, contracts,
reallocations, charges. OUR ASSUMPTION, and the careful one: the settlement report S0142 tells much of this to whoever
takes it under its licence, which lets nobody pass it on (volumes-and-charges.md 11). Who takes it needs no copy of
ours.

A quantity that is not named here belongs to a Party: what is new is closed until someone opens it.
"""

from __future__ import annotations

import numpy as np

from settlement.settled import Settled

PUBLIC_GRAINS = frozenset({
    "acceptance_pair_row", "acceptance_point_row", "acceptance_row", "action_row", "adjustment_row", "arbitrage_row",
    "costed_adjustment_row", "market_index_period", "market_index_row", "net_imbalance_row", "notification_row",
    "pair_level_row", "priced_row", "repriced_period", "settlement_date", "settlement_period", "unflagged_side",
})  # fmt: skip
PUBLIC_QUANTITIES = frozenset({
    "accepted_bid_volume", "accepted_offer_volume", "bid_cashflow", "bid_price", "offer_cashflow", "offer_price",
    "accepted_volume", "applicable_balancing_services_volume", "interconnector_flag", "notified_volume",
    "production_flag", "supplier_flag", "transmission_loss_factor", "transmission_loss_multiplier",
})  # fmt: skip


def is_public(settled: Settled, quantity: str) -> bool:
    """Whether anyone may know every value of a quantity that the run holds."""
    dims = " ".join(str(dim) for dim in settled.arrays[quantity].dims)
    return dims in PUBLIC_GRAINS or quantity in PUBLIC_QUANTITIES


def seen_rows(settled: Settled, quantity: str, party: str | None) -> np.ndarray:
    """For each row of a quantity whether a Party may see it: all where it is public, else the Party's own.

    A reallocation is seen by the lead of its BM Unit and by the holder of the account; a Trading Unit by a Party that
    leads every BM Unit of it. None is nobody in particular, who owns nothing.
    """
    grain = settled.grain(quantity)
    if is_public(settled, quantity):
        return np.ones(grain.size, dtype=bool)
    columns = set(grain.columns())
    if party is None:
        return np.zeros(grain.size, dtype=bool)
    if "party" in columns:
        return np.asarray(grain.column("party") == party)
    seen = np.zeros(grain.size, dtype=bool)
    for column, own in (("account", own_accounts), ("bm_unit", own_units), ("trading_unit", own_trading_units)):
        if column in columns:
            seen |= np.isin(grain.column(column).astype(str), own(settled, party))
    return seen


def own_units(settled: Settled, party: str) -> list[str]:
    """BM Units that a Party leads."""
    return _labelled(settled, "settlement_period bm_unit", "bm_unit", party)


def own_accounts(settled: Settled, party: str) -> list[str]:
    """Energy Accounts of a Party."""
    return _labelled(settled, "settlement_period account", "account", party)


def own_trading_units(settled: Settled, party: str) -> list[str]:
    """Trading Units of which a Party leads every BM Unit."""
    grain = settled.grains.get("settlement_period bm_unit")
    if grain is None:
        return []
    units, leads = grain.labels("trading_unit").astype(str), grain.labels("party").astype(str)
    return sorted(set(units[leads == party]) - set(units[leads != party]))


def _labelled(settled: Settled, dims: str, name: str, party: str) -> list[str]:
    grain = settled.grains.get(dims)
    if grain is None or "party" not in grain.columns():
        return []
    return [str(one) for one in grain.labels(name)[grain.labels("party") == party]]
