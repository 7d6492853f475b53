"""What may make a figure move between two runs, in the order in which it is exchanged.

Datasets that share labels move as one cause.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """One cause: its name, and the datasets that are exchanged with it."""

    name: str
    datasets: tuple[str, ...] = ()


# Of a dataset that is also a publication, the columns that a settlement reads.
READ_COLUMNS = {
    "system_prices": frozenset({"buy_price_adjustment", "sell_price_adjustment", "reserve_scarcity_price"}),
    "bm_units": frozenset({"tlf", "production_or_consumption"}),
}

PARAMETERS, RULES, CODE = "parameters", "rule version", "code"
CAUSES = (
    Cause("registrations", ("bm_unit_registrations", "parties", "bm_units")),
    Cause("metered volumes", ("metered_volumes",)),
    Cause("contracts", ("contracts", "reallocations")),
    Cause("notifications and pairs", ("physical_notifications", "bid_offer_data")),
    Cause("acceptances", ("acceptances",)),
    Cause("adjustment actions", ("adjustment_actions",)),
    Cause("published stack", ("settlement_stack",)),
    Cause("market index and price adjustments", ("market_index", "system_prices")),
    Cause("loss of load", ("loss_of_load",)),
    Cause(PARAMETERS, ("parameter_notices",)),
    Cause(RULES),
)
