"""Rows of the sample market as the Insights API answers them: field names, types and nulls.

Reads    feeds, published, units
Gives    stack_records, price_record, market_index_records, notification_records, bid_offer_records,
         acceptance_records, adjustment_records, bm_unit_records, and the manners that their fields share
Rules    price.md, section 3
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from loaders.sample_market.exact_market import SELL, PriceResult, RowResult
from loaders.sample_market.feeds import PERIOD_MINUTES, Feeds
from loaders.sample_market.published import Published
from loaders.sample_market.units import Unit
from settlement import calendar

Record = dict[str, Any]


def stack_records(settlement_date: date, published: Published, side: str) -> list[Record]:
    """One side of a published stack, by sequence number; no rows where none is published."""
    rows = [] if published.stack is None else published.stack.rows
    ours = sorted((row for row in rows if row.action.side == side), key=lambda row: row.sequence_number)
    head = {
        **period_fields(settlement_date, published.settlement_period),
        "createdDateTime": instant(published.stack_created),
    }
    scarcity_price = published.price.reserve_scarcity_price
    return [{**head, **_stack_row(row, scarcity_price)} for row in ours]


def price_record(settlement_date: date, published: Published) -> Record:
    """The system-price record of one period."""
    result = published.price
    net = result.net_imbalance_volume
    totals = {
        "AcceptedOffer": _of(result, is_adjustment=False, buys=True),
        "AcceptedBid": _of(result, is_adjustment=False, buys=False),
        "AdjustmentSell": _of(result, is_adjustment=True, buys=False),
        "AdjustmentBuy": _of(result, is_adjustment=True, buys=True),
    }
    return {
        **period_fields(settlement_date, published.settlement_period),
        "createdDateTime": instant(published.price_created),
        "systemSellPrice": number(published.system_price),
        "systemBuyPrice": number(published.system_price),
        "bsadDefaulted": False,
        "priceDerivationCode": "P" if net > 0 else "N" if net < 0 else None,
        "reserveScarcityPrice": number(result.reserve_scarcity_price),
        "netImbalanceVolume": number(net),
        "sellPriceAdjustment": 0.0,
        "buyPriceAdjustment": 0.0,
        "replacementPrice": number(result.replacement_price),
        "replacementPriceReferenceVolume": number(result.replacement_price_reference_volume),
        **{
            f"total{name}Volume": number(sum((r.action.volume for r in rows), Fraction(0)))
            for name, rows in totals.items()
        },
        **{f"totalSystemTagged{name}Volume": _tagged(name, rows) for name, rows in totals.items()},
    }


def market_index_records(day: Feeds) -> list[Record]:
    """Both providers of every period."""
    return [
        {
            "startTime": instant(calendar.period_start(day.settlement_date, period)),
            "dataProvider": entry.provider,
            "settlementDate": day.settlement_date.isoformat(),
            "settlementPeriod": period,
            "price": number(entry.price),
            "volume": number(entry.volume),
        }
        for period, entries in day.market_index.items()
        for entry in entries
    ]


def notification_records(day: Feeds) -> list[Record]:
    """PN: one straight line a record, by unit and time; none runs over a period's end."""
    records = []
    for unit, pieces in day.notifications.items():
        for piece in pieces:
            period = int(piece.time_from) // PERIOD_MINUTES + 1
            records.append(
                {
                    "dataset": "PN",
                    "settlementDate": day.settlement_date.isoformat(),
                    "settlementPeriod": period,
                    "timeFrom": _at(day, piece.time_from),
                    "timeTo": _at(day, piece.time_to),
                    "levelFrom": int(piece.level_from),
                    "levelTo": int(piece.level_to),
                    **unit_fields(unit),
                }
            )
    return records


def bid_offer_records(day: Feeds) -> list[Record]:
    """BOD: one pair of one unit in one period a record."""
    records = []
    for unit, by_period in day.pairs.items():
        for period, bands in by_period.items():
            for band in bands:
                piece = band.pieces[0]
                records.append(
                    {
                        "dataset": "BOD",
                        "settlementDate": day.settlement_date.isoformat(),
                        "settlementPeriod": period,
                        "timeFrom": _at(day, piece.time_from),
                        "levelFrom": int(piece.level_from),
                        "timeTo": _at(day, piece.time_to),
                        "levelTo": int(piece.level_to),
                        "pairId": band.pair,
                        "offer": number(band.offer_price),
                        "bid": number(band.bid_price),
                        **unit_fields(unit),
                    }
                )
    return records


def acceptance_records(day: Feeds) -> list[Record]:
    """BOALF: one straight line of one acceptance a record."""
    records = []
    for acceptance in day.acceptances:
        for piece in acceptance.pieces:
            records.append(
                {
                    "dataset": "BOALF",
                    "settlementDate": day.settlement_date.isoformat(),
                    "settlementPeriodFrom": _period_at(day, piece.time_from),
                    "settlementPeriodTo": _period_at(day, piece.time_to),
                    "timeFrom": _at(day, piece.time_from),
                    "timeTo": _at(day, piece.time_to),
                    "levelFrom": int(piece.level_from),
                    "levelTo": int(piece.level_to),
                    "acceptanceNumber": acceptance.number,
                    "acceptanceTime": _at(day, acceptance.accepted_at),
                    "deemedBoFlag": acceptance.deemed,
                    "soFlag": acceptance.so_flag,
                    "amendmentFlag": "ORI",
                    "storFlag": acceptance.stor_flag,
                    "rrFlag": False,
                    **unit_fields(acceptance.bm_unit),
                }
            )
    return records


def adjustment_records(day: Feeds) -> list[Record]:
    """DISBSAD: one adjustment action a record; volume 0 and cost 0 where a period says it had none."""
    return [
        {
            "dataset": "DISBSAD",
            "settlementDate": day.settlement_date.isoformat(),
            "settlementPeriod": row.settlement_period,
            "id": row.adjustment_id,
            "cost": number(row.cost),
            "volume": number(row.volume),
            "soFlag": row.so_flag,
            "storFlag": row.stor_flag,
            "partyId": None if row.volume == 0 else "SYNTHETIC Balancing Services",
            "assetId": None if row.volume == 0 else f"SYN-ASSET-{row.adjustment_id}",
            "isTendered": None,
            "service": None if row.volume == 0 else "System" if row.so_flag else "Energy",
        }
        for row in day.adjustments
    ]


def bm_unit_records(units: Iterable[Unit]) -> list[Record]:
    """The BM Unit reference: capacities in MW and TLF as text, as the answer has them."""
    return [_bm_unit_record(unit) for unit in units]


def _bm_unit_record(unit: Unit) -> Record:
    export, imported = f"{unit.generation_capacity:.3f}", f"{unit.demand_capacity:.3f}"
    return {
        "nationalGridBmUnit": _short(unit.bm_unit),
        "elexonBmUnit": unit.bm_unit,
        "eic": None,
        "fuelType": unit.fuel,
        "leadPartyName": f"SYNTHETIC Party {unit.party}",
        "bmUnitType": unit_type(unit.bm_unit),
        "fpnFlag": True,
        "bmUnitName": f"SYNTHETIC {unit.kind} {unit.bm_unit}",
        "leadPartyId": f"SYNPTY{unit.party}",
        "demandCapacity": imported,
        "generationCapacity": export,
        "productionOrConsumptionFlag": unit.production_or_consumption,
        "transmissionLossFactor": f"{float(unit.tlf):.7f}",
        "workingDayCreditAssessmentImportCapability": imported,
        "nonWorkingDayCreditAssessmentImportCapability": imported,
        "workingDayCreditAssessmentExportCapability": export,
        "nonWorkingDayCreditAssessmentExportCapability": export,
        "creditQualifyingStatus": True,
        "demandInProductionFlag": False,
        "gspGroupId": unit.gsp_group,
        "gspGroupName": None if unit.gsp_group is None else f"SYNTHETIC group {unit.gsp_group[1:]}",
        "interconnectorId": None,
    }


def _stack_row(row: RowResult, scarcity_price: Fraction) -> Record:
    """Stages as published: 0 at the stage that removed a row, null after it; PAR leaves zeros (price.md 3)."""
    action = row.action
    stages = {
        "dmatAdjustedVolume": row.dmat_adjusted_volume,
        "arbitrageAdjustedVolume": row.arbitrage_adjusted_volume,
        "nivAdjustedVolume": row.niv_adjusted_volume,
        "parAdjustedVolume": row.par_adjusted_volume,
    }
    volumes: dict[str, float | None] = {}
    left = True
    for name, volume in stages.items():
        volumes[name] = number(volume) if left else None
        left = left and (volume != 0 or name == "parAdjustedVolume")
    removed_first = row.dmat_adjusted_volume == 0
    return {
        "sequenceNumber": row.sequence_number,
        "id": action.id,
        "acceptanceId": action.acceptance_number,
        "bidOfferPairId": action.pair,
        "cadlFlag": None if action.is_adjustment or (removed_first and action.side != SELL) else action.cadl_flag,
        "soFlag": action.so_flag,
        "storProviderFlag": action.stor_flag,
        "repricedIndicator": row.repriced,
        "reserveScarcityPrice": number(scarcity_price) if action.stor_flag else None if action.is_adjustment else 0.0,
        "originalPrice": number(row.ranking_price),
        "volume": number(action.volume),
        **volumes,
        "finalPrice": number(row.final_price if row.niv_adjusted_volume != 0 else row.ranking_price),
        "transmissionLossMultiplier": None if action.is_adjustment else number(action.tlm),
        "tlmAdjustedVolume": number(row.tlm_adjusted_volume) if left else None,
        "tlmAdjustedCost": number(row.tlm_adjusted_cost) if left else None,
    }


def _of(result: PriceResult, is_adjustment: bool, buys: bool) -> list[RowResult]:
    return [r for r in result.rows if r.action.is_adjustment == is_adjustment and (r.action.volume > 0) == buys]


def _tagged(name: str, rows: list[RowResult]) -> float | None:
    if not rows and name.startswith("Adjustment"):
        return None
    return number(sum((row.action.volume - row.par_adjusted_volume for row in rows), Fraction(0)))


@lru_cache(maxsize=400)
def period_fields(settlement_date: date, settlement_period: int) -> Mapping[str, Any]:
    """Date, period and start of a record; kept, so not to be changed by who gets it."""
    return {
        "settlementDate": settlement_date.isoformat(),
        "settlementPeriod": settlement_period,
        "startTime": instant(calendar.period_start(settlement_date, settlement_period)),
    }


def unit_type(bm_unit: str) -> str:
    """T, E or S, by the beginning of a BM Unit's name."""
    return {"T_": "T", "E_": "E"}.get(bm_unit[:2], "S")


def unit_fields(bm_unit: str) -> Record:
    """Both names of a BM Unit."""
    return {"nationalGridBmUnit": _short(bm_unit), "bmUnit": bm_unit}


def _short(bm_unit: str) -> str:
    return bm_unit.rsplit("_", maxsplit=1)[-1]


def _period_at(day: Feeds, minute: Fraction) -> int:
    return _clock(day.settlement_date, int(minute))[1]


def _at(day: Feeds, minute: Fraction) -> str:
    return _clock(day.settlement_date, int(minute))[0]


@lru_cache(maxsize=4000)
def _clock(settlement_date: date, minute: int) -> tuple[str, int]:
    """The instant and the Settlement Period at a minute of a day."""
    moment = calendar.day_start(settlement_date) + timedelta(minutes=minute)
    return instant(moment), calendar.period_at(moment)[1]


def instant(moment: datetime) -> str:
    """An instant in UTC as text."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def number(value: Fraction | None) -> float | None:
    """The double nearest to a fraction."""
    return None if value is None else float(value)
