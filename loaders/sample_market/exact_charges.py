"""Charges of one period in exact fractions: from metered volumes and contracts to what each Party is due.

An independent check of the settlement engine. It goes unit by unit over plain dicts, posts each credit in a ledger,
and finds non-delivery from the other end: what was delivered, laid over the pairs; the rest is missing.

Reads    errors, exact_losses
Gives    AcceptedPair, ChargedUnit, Reallocation, Contract, ChargedPeriod, UnitCharges, PeriodCharges,
         charges, settle_accounts, unit_charges
Rules    volumes-and-charges.md, sections 4 to 8
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from loaders.sample_market.errors import CannotPrice
from loaders.sample_market.exact_losses import DELIVERING_SHARE, ZERO, Losses, MeteredUnit, share_losses


@dataclass(frozen=True)
class AcceptedPair:
    """What was accepted of one Bid-Offer Pair: MWh (offers 0 or more, bids 0 or less) and GBP/MWh."""

    pair: int
    offer_volume: Fraction
    bid_volume: Fraction
    offer_price: Fraction
    bid_price: Fraction


@dataclass(frozen=True)
class ChargedUnit:
    """A BM Unit in one period. Volumes MWh, extra export above 0.

    notified_volume         Period FPN
    applicable_volume       QAS_ij; reserve_volume all RR offers and bids
    supplier_volume         QBSD_ij and SNBABSVD_ij together: counted at Supplier BM Units only
    """

    metered: MeteredUnit
    lead_account: str
    notified_volume: Fraction = ZERO
    pairs: tuple[AcceptedPair, ...] = ()
    applicable_volume: Fraction = ZERO
    reserve_volume: Fraction = ZERO
    supplier: bool = False
    supplier_volume: Fraction = ZERO


@dataclass(frozen=True)
class Reallocation:
    """Part of a unit's volume credited to another account: % of metered less balancing volume, and MWh."""

    bm_unit: str
    account: str
    percentage: Fraction = ZERO
    fixed_volume: Fraction = ZERO


@dataclass(frozen=True)
class Contract:
    """A volume (MWh) that one account sold another."""

    seller: str
    buyer: str
    volume: Fraction


@dataclass(frozen=True)
class ChargedPeriod:
    """All that one period of a whole system is settled from; prices GBP/MWh; accounts give the Party of each."""

    units: tuple[ChargedUnit, ...]
    accounts: Mapping[str, str]
    buy_price: Fraction
    sell_price: Fraction
    contracts: tuple[Contract, ...] = ()
    reallocations: tuple[Reallocation, ...] = ()
    delivering_share: Fraction = DELIVERING_SHARE
    interconnectors_share_losses: bool = False
    information_imbalance_price: Fraction = ZERO


@dataclass(frozen=True)
class UnitCharges:
    """What balancing means for a unit: MWh; GBP, cashflow paid to the Party above 0, charges paid by it above 0.

    missed_by_pair  QNDO^n_ij and QNDB^n_ij by pair; charge_by_pair  CNDO^n_ij and CNDB^n_ij
    """

    balancing_volume: Fraction
    expected_volume: Fraction = ZERO
    non_delivered_offer: Fraction = ZERO
    non_delivered_bid: Fraction = ZERO
    missed_by_pair: dict[int, tuple[Fraction, Fraction]] = field(default_factory=dict)
    charge_by_pair: dict[int, tuple[Fraction, Fraction]] = field(default_factory=dict)
    bm_cashflow: Fraction = ZERO
    non_delivery_charge: Fraction = ZERO
    information_charge: Fraction = ZERO


@dataclass
class PeriodCharges:
    """The period by unit, by account, by Party and as a whole; MWh and GBP, signs as the Code's.

    credited  QCE by unit and account, the lead account included
    """

    losses: Losses
    units: dict[str, UnitCharges]
    credited: dict[tuple[str, str], Fraction]
    credited_energy: dict[str, Fraction]
    balancing_services: dict[str, Fraction]
    contracted: dict[str, Fraction]
    imbalance: dict[str, Fraction]
    imbalance_cashflow: dict[str, Fraction]
    share_denominator: Fraction
    shares: dict[str, Fraction]
    residual: dict[str, Fraction]
    total_residual: Fraction
    operator_cashflow: Fraction
    party_parts: dict[str, dict[str, Fraction]]

    @property
    def net_due(self) -> dict[str, Fraction]:
        """What each Party is due for the period, GBP; below 0 it owes."""
        return {party: sum(parts.values(), ZERO) for party, parts in self.party_parts.items()}


def charges(period: ChargedPeriod) -> PeriodCharges:
    """Every volume and charge of one period, exactly.

    Raises CannotPrice where losses or the residual cashflow have nothing to be shared over, and where a unit, contract
    or reallocation names an account (or unit) that is not there.

    Source  volumes-and-charges.md, sections 4 to 8
    """
    losses = share_losses(
        [unit.metered for unit in period.units], period.delivering_share, period.interconnectors_share_losses
    )
    by_unit = {
        unit.metered.bm_unit: unit_charges(
            unit,
            losses.multipliers[unit.metered.bm_unit],
            (period.buy_price, period.sell_price),
            period.information_imbalance_price,
        )
        for unit in period.units
    }
    return settle_accounts(period, losses, by_unit)


def unit_charges(
    unit: ChargedUnit, multiplier: Fraction, prices: tuple[Fraction, Fraction], information_price: Fraction = ZERO
) -> UnitCharges:
    """Balancing volume, non-delivery and cashflows of one unit; `prices` are SBP_j and SSP_j, GBP/MWh.

    Source  volumes-and-charges.md, sections 4, 6, 7
    """
    balancing = unit.applicable_volume + unit.reserve_volume + (unit.supplier_volume if unit.supplier else ZERO)
    cashflow = ZERO
    for one in unit.pairs:
        balancing += one.offer_volume + one.bid_volume
        cashflow += multiplier * (one.offer_volume * one.offer_price + one.bid_volume * one.bid_price)
    expected = unit.notified_volume + balancing
    deviation = unit.metered.metered_volume - expected
    buy, sell = prices
    # A bid seen in a mirror is an offer: its volume and its price turn round, and so does the surplus.
    offers = _missing({p.pair: (p.offer_price, p.offer_volume) for p in unit.pairs}, -deviation)
    bids = _missing({p.pair: (-p.bid_price, -p.bid_volume) for p in unit.pairs}, deviation)
    charged = {
        one.pair: (
            multiplier * offers[one.pair] * max(one.offer_price - buy, ZERO),
            multiplier * bids[one.pair] * max(sell - one.bid_price, ZERO),
        )
        for one in unit.pairs
    }
    return UnitCharges(
        balancing_volume=balancing,
        expected_volume=expected,
        non_delivered_offer=sum(offers.values(), ZERO),
        non_delivered_bid=-sum(bids.values(), ZERO),
        missed_by_pair={pair: (offers[pair], -bids[pair]) for pair in charged},
        charge_by_pair=charged,
        bm_cashflow=cashflow,
        non_delivery_charge=sum((sum(both, ZERO) for both in charged.values()), ZERO),
        information_charge=abs(deviation) * information_price,
    )


def settle_accounts(period: ChargedPeriod, losses: Losses, by_unit: dict[str, UnitCharges]) -> PeriodCharges:
    """Credits, imbalances, shares of the residual cashflow and Party amounts, from what is known of each unit.

    Raises as `charges`.

    Source  volumes-and-charges.md, section 8
    """
    credited = _credited(period, losses, by_unit)
    energy, balancing, contracted, counted = (dict.fromkeys(period.accounts, ZERO) for _ in range(4))
    interconnectors = {unit.metered.bm_unit for unit in period.units if unit.metered.interconnector}
    for (bm_unit, account), volume in credited.items():
        energy[account] += volume
        if bm_unit not in interconnectors:
            counted[account] += volume if losses.delivering[bm_unit] else -volume
    for unit in period.units:
        name = unit.metered.bm_unit
        balancing[unit.lead_account] += by_unit[name].balancing_volume * losses.multipliers[name]
    for contract in period.contracts:
        _known(contract.seller, period.accounts, "a contract")
        _known(contract.buyer, period.accounts, "a contract")
        contracted[contract.seller] += contract.volume
        contracted[contract.buyer] -= contract.volume
    imbalance = {account: energy[account] - balancing[account] - contracted[account] for account in period.accounts}
    cashflow = {
        account: -volume * (period.sell_price if volume > 0 else period.buy_price)
        for account, volume in imbalance.items()
    }
    total_cashflow = sum((unit.bm_cashflow for unit in by_unit.values()), ZERO)
    operator_cashflow = total_cashflow
    charged = sum((unit.non_delivery_charge + unit.information_charge for unit in by_unit.values()), ZERO)
    total_residual = sum(cashflow.values(), ZERO) + charged + operator_cashflow - total_cashflow
    denominator = sum(counted.values(), ZERO)
    if denominator == 0:
        raise CannotPrice(
            "Residual cashflow: found a denominator of 0 MWh, wanted credited energy. Give units that are metered."
        )
    shares = {account: volume / denominator for account, volume in counted.items()}
    residual = {account: share * total_residual for account, share in shares.items()}
    return PeriodCharges(
        losses=losses,
        units=by_unit,
        credited=credited,
        credited_energy=energy,
        balancing_services=balancing,
        contracted=contracted,
        imbalance=imbalance,
        imbalance_cashflow=cashflow,
        share_denominator=denominator,
        shares=shares,
        residual=residual,
        total_residual=total_residual,
        operator_cashflow=operator_cashflow,
        party_parts=_party_parts(period, by_unit, cashflow, residual),
    )


def _missing(pairs: Mapping[int, tuple[Fraction, Fraction]], shortfall: Fraction) -> dict[int, Fraction]:
    """Undelivered MWh (0 or more) by pair, of pairs (price, accepted MWh): the cheapest are delivered first."""
    accepted = sum((volume for _, volume in pairs.values()), ZERO)
    delivered = min(max(accepted - shortfall, ZERO), accepted)
    missing = {}
    # Of one price the pair nearer to the notification is delivered first.
    for pair in sorted(pairs, key=lambda pair: (pairs[pair][0], abs(pair))):
        volume = pairs[pair][1]
        done = min(volume, delivered)
        delivered -= done
        missing[pair] = volume - done
    return missing


def _credited(
    period: ChargedPeriod, losses: Losses, by_unit: Mapping[str, UnitCharges]
) -> dict[tuple[str, str], Fraction]:
    """QCE by unit and account: all of it posted to the lead, then moved reallocation by reallocation (8.3)."""
    lead, base, credited = {}, {}, {}
    for unit in period.units:
        name = unit.metered.bm_unit
        _known(unit.lead_account, period.accounts, name)
        lead[name] = unit.lead_account
        base[name] = unit.metered.metered_volume - by_unit[name].balancing_volume
        credited[name, unit.lead_account] = unit.metered.metered_volume * losses.multipliers[name]
    for one in period.reallocations:
        if one.bm_unit not in lead:
            raise CannotPrice(f"A reallocation: found unit {one.bm_unit}, wanted one of the period. Give that unit.")
        _known(one.account, period.accounts, f"a reallocation of {one.bm_unit}")
        moved = (base[one.bm_unit] * one.percentage / 100 + one.fixed_volume) * losses.multipliers[one.bm_unit]
        credited[one.bm_unit, lead[one.bm_unit]] -= moved
        credited[one.bm_unit, one.account] = credited.get((one.bm_unit, one.account), ZERO) + moved
    return credited


def _party_parts(
    period: ChargedPeriod,
    by_unit: Mapping[str, UnitCharges],
    cashflow: Mapping[str, Fraction],
    residual: Mapping[str, Fraction],
) -> dict[str, dict[str, Fraction]]:
    """By Party the five parts of what it is due, each GBP and a credit above 0 (8.12)."""
    names = ("bm_cashflow", "non_delivery", "imbalance", "information", "residual")
    parts = {party: dict.fromkeys(names, ZERO) for party in period.accounts.values()}
    for unit in period.units:
        of_party, charged = parts[period.accounts[unit.lead_account]], by_unit[unit.metered.bm_unit]
        of_party["bm_cashflow"] += charged.bm_cashflow
        of_party["non_delivery"] -= charged.non_delivery_charge
        of_party["information"] -= charged.information_charge
    for account, party in period.accounts.items():
        parts[party]["imbalance"] -= cashflow[account]
        parts[party]["residual"] += residual[account]
    return parts


def _known(account: str, accounts: Mapping[str, str], where: str) -> None:
    if account not in accounts:
        raise CannotPrice(f"Account of {where}: found {account}, wanted one of the period. Give its Party.")
