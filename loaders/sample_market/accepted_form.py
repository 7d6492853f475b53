"""What a day's acceptances moved and were paid, as the Insights API answers it: BOAV and EBOCF.

Reads    market_day, insights_form
Gives    volume_records, cashflow_records
Rules    volumes-and-charges.md, sections 3, 6
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction

from loaders.sample_market.exact_market import Action
from loaders.sample_market.insights_form import Record, instant, number, period_fields, unit_fields, unit_type
from loaders.sample_market.market_day import PeriodMarket

_PAIRS = {f"{name}{n}": sign * n for n in range(1, 7) for name, sign in (("negative", -1), ("positive", 1))}
_ByPair = dict[int, Fraction]


def volume_records(
    settlement_date: date, markets: Mapping[int, PeriodMarket], created: Mapping[int, datetime], side: str
) -> list[Record]:
    """BOAV of one side: the volumes of one acceptance in one period a record, by pair, MWh."""
    records = []
    for period, market in markets.items():
        moved: dict[tuple[str, int], _ByPair] = {}
        short = {(one.id, one.acceptance_number) for one in market.actions if one.cadl_flag}
        for action in _accepted(market, side):
            pairs = moved.setdefault((action.id, action.acceptance_number or 0), {})
            pairs[action.pair or 0] = action.volume
        for (unit, acceptance), pairs in moved.items():
            records.append(
                {
                    **_head(settlement_date, period, created[period], unit),
                    "acceptanceId": acceptance,
                    "acceptanceDuration": "S" if (unit, acceptance) in short else "L",
                    "totalVolumeAccepted": number(sum(pairs.values(), Fraction(0))),
                    "pairVolumes": _by_pair(pairs),
                }
            )
    return records


def cashflow_records(
    settlement_date: date, markets: Mapping[int, PeriodMarket], created: Mapping[int, datetime], side: str
) -> list[Record]:
    """EBOCF of one side: what the pairs of one BM Unit were paid in one period, GBP, a record.

    CO^n_ij = QAO^n_ij * PO^n_ij * TLM_ij, and CB^n_ij with the bids' volumes and prices
    """
    records = []
    for period, market in markets.items():
        paid: dict[str, _ByPair] = {}
        for action in _accepted(market, side):
            pairs = paid.setdefault(action.id, {})
            amount = action.volume * (action.price or 0) * action.tlm
            pairs[action.pair or 0] = pairs.get(action.pair or 0, Fraction(0)) + amount
        for unit, pairs in paid.items():
            records.append(
                {
                    **_head(settlement_date, period, created[period], unit),
                    "bidOfferPairCashflows": _by_pair(pairs),
                    "totalCashflow": number(sum(pairs.values(), Fraction(0))),
                }
            )
    return records


def _accepted(market: PeriodMarket, side: str) -> list[Action]:
    return [
        one for one in market.actions if one.acceptance_number is not None and (one.volume > 0) == (side == "offer")
    ]


def _head(settlement_date: date, period: int, created: datetime, unit: str) -> Record:
    return {
        "createdDateTime": instant(created),
        **period_fields(settlement_date, period),
        **unit_fields(unit),
        "bmUnitType": unit_type(unit),
        "leadPartyName": None,
    }


def _by_pair(pairs: _ByPair) -> Record:
    return {name: number(pairs.get(pair)) for name, pair in _PAIRS.items()}
