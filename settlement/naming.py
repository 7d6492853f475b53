"""One name for one thing: the column of a quantity, made from its symbol and unit."""

from __future__ import annotations

import re

_UNITS = {
    "MWh": "mwh",
    "MW": "mw",
    "GBP": "gbp",
    "GBP/MWh": "gbp_per_mwh",
    "min": "minutes",
    "h": "hours",
}


def column_name(symbol: str, unit: str) -> str:
    """Column of a quantity in files, tables and answers.

    The indices of unit and period (i, j, a, p, r) are keys of the row, so they leave the name.

    >>> column_name("QAO^n_ij", "MWh")
    'qao_n_mwh'
    >>> column_name("TLMO+_j", "1")
    'tlmo_plus'
    >>> column_name("SBP_j", "GBP/MWh")
    'sbp_gbp_per_mwh'
    """
    body = re.sub(r"_[ijaprs]+(?=\^|$)", "", symbol)
    body = body.replace("+", "_plus").replace("-", "_minus").replace("^", "_")
    name = re.sub(r"[^a-z0-9]+", "_", body.lower()).strip("_")
    suffix = _UNITS.get(unit)
    return f"{name}_{suffix}" if suffix else name


def words(quantity: str) -> str:
    """Name of a quantity as a report writes it.

    >>> words("accepted_offer_volume")
    'Accepted Offer Volume'
    """
    return " ".join(part.capitalize() for part in quantity.split("_"))
