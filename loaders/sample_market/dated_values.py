"""Parameters by Settlement Date, as the sample market knows them.

Kept apart from the settlement parameters on purpose: the check must not read what it checks.

Reads    errors
Gives    FIRST_DATE, DatedValues, dated_values
Rules    price.md, sections 12 and 13.1; volumes-and-charges.md 5.2
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from loaders.sample_market.errors import CannotWriteDay

FIRST_DATE = date(2015, 11, 5)

# First Settlement Date of each value, oldest first.
_DE_MINIMIS_THRESHOLD = {date(2001, 9, 25): "1", date(2019, 4, 1): "0.1"}
_CADL_MINUTES = {date(2001, 9, 25): "15", date(2019, 4, 1): "10"}
_PRICE_AVERAGE_REFERENCE = {date(2015, 11, 5): "50", date(2018, 11, 1): "1"}
_REPLACEMENT_PRICE_AVERAGE_REFERENCE = {date(2015, 11, 5): "1"}
_VALUE_OF_LOST_LOAD = {date(2015, 11, 5): "3000", date(2018, 11, 1): "6000"}
_ZONAL_LOSSES_FROM = date(2018, 4, 1)
# Seen in rows of July and August 2026 only; held for the BSC Year they belong to.
_ESTIMATED_TLMO_YEAR = (date(2026, 4, 1), date(2027, 3, 31))
_ESTIMATED_TLMO = {"P": Fraction("-0.01612"), "C": Fraction("0.01068")}


@dataclass(frozen=True)
class DatedValues:
    """What holds on one Settlement Date. Volumes MWh, VoLL GBP/MWh, CADL minutes.

    estimated_tlmo  by P/C flag; empty where the day's values are not known (TLM is then 1 + TLF)
    zonal_losses    False before 1 April 2018: every TLF is 0
    """

    de_minimis_threshold: Fraction
    cadl_minutes: Fraction
    price_average_reference: Fraction
    replacement_price_average_reference: Fraction
    value_of_lost_load: Fraction
    estimated_tlmo: dict[str, Fraction]
    zonal_losses: bool


def dated_values(settlement_date: date) -> DatedValues:
    """The values in force on a Settlement Date.

    Raises CannotWriteDay before 5 November 2015, when there were two prices.

    >>> str(dated_values(date(2018, 10, 31)).price_average_reference)
    '50'
    """
    if settlement_date < FIRST_DATE:
        raise CannotWriteDay(
            f"Settlement date: found {settlement_date}, wanted {FIRST_DATE} or later: before it there were two prices. "
            "Choose a later day."
        )
    first, last = _ESTIMATED_TLMO_YEAR
    return DatedValues(
        de_minimis_threshold=_on(_DE_MINIMIS_THRESHOLD, settlement_date),
        cadl_minutes=_on(_CADL_MINUTES, settlement_date),
        price_average_reference=_on(_PRICE_AVERAGE_REFERENCE, settlement_date),
        replacement_price_average_reference=_on(_REPLACEMENT_PRICE_AVERAGE_REFERENCE, settlement_date),
        value_of_lost_load=_on(_VALUE_OF_LOST_LOAD, settlement_date),
        estimated_tlmo=dict(_ESTIMATED_TLMO) if first <= settlement_date <= last else {},
        zonal_losses=settlement_date >= _ZONAL_LOSSES_FROM,
    )


def _on(values: dict[date, str], settlement_date: date) -> Fraction:
    return Fraction([value for start, value in values.items() if start <= settlement_date][-1])
