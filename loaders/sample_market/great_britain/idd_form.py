"""Files of the central systems: pipe-delimited flows, and the registers as the portal gives them.

Reads    metering, trading, register
Gives    metered_volumes, notifications, registered_units, registered_parties, parameter_notice
Source   the layouts of IDD Part 1; the portal's headings as two public readers give them
"""

from __future__ import annotations

import csv
import io
import struct
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from loaders.sample_market.great_britain.metering import Readings, in_mwh
from loaders.sample_market.great_britain.register import Registered
from loaders.sample_market.great_britain.trading import Contract, Reallocation

EVERYBODY = "SYNALL"
_UNIT_HEADINGS = (
    "BM Unit ID", "BMU Name", "Party Name", "Party ID", "BMU Type", "NGC BMU Name", "GSP Group Id", "GSP Group Name",
    "Trading Unit Name", "Prod/Cons Flag", "Prod/Cons Status", "TLF", "GC", "DC", "WDCALF", "NWDCALF", "SECALF",
    "WDBMCAIC", "NWDBMCAIC", "WDBMCAEC", "NWDBMCAEC", "Exempt Export Flag", "Base TU Flag", "FPN Flag",
    "Interconnector Id", "Effective From", "Manual Credit Qualifying Flag", "Credit Qualifying Status",
)  # fmt: skip


def metered_volumes(
    settlement_date: date, run: str, created: datetime, readings: Readings, estimated: frozenset[tuple[str, int]]
) -> str:
    """CDCA-I042 of all units: volumes without sign, import or export beside them."""
    units: dict[str, list[str]] = {}
    for (unit, period), volume in readings.items():
        flag, way = "T" if (unit, period) in estimated else "F", "I" if volume < 0 else "E"
        units.setdefault(unit, []).append(f"ABP|{period}|{flag}|{in_mwh(volume)}|{way}|")
    day = f"{settlement_date:%Y%m%d}"
    records = (line for unit, lines in units.items() for line in (f"ABV|{unit}|{day}|{run}|1|{day}|", *lines))
    return flow_of("C0421002", "CD|UKDC", f"SA|{EVERYBODY}", created, records)


def notifications(
    settlement_date: date, run_number: int, created: datetime, contracts: Sequence[Contract],
    reallocations: Sequence[Reallocation], periods: Iterable[int],
) -> str:  # fmt: skip
    """ECVAA-I014 of all Parties in one: contracts and reallocations of every period."""
    records = [f"NOH|{settlement_date:%Y%m%d}|{run_number}|"]
    for period in periods:
        records.append(f"SP8|{period}|")
        for one in contracts:
            volume = one.volumes.get(period, 0)
            sign = "-" if volume < 0 else ""
            records.append(
                f"ECN|{one.authorisation}|{one.reference}|{sign}{in_mwh(volume)}|SYNAGENT|{one.authorisation}|"
                f"{_side(one.seller)}{_side(one.buyer)}"
            )
        records += [
            f"MV9|{one.authorisation}|{one.reference}|{in_mwh(one.fixed)}|{one.percentage}|SYNAGENT|"
            f"{one.authorisation}|{one.bm_unit}|{_side(one.lead)}{_side(one.subsidiary)}"
            for one in reallocations
        ]
    return flow_of("E0141004", "EC|UKDC", f"BP|{EVERYBODY}", created, records)


def registered_units(register: Sequence[Registered], since: date) -> str:
    """The register of BM Units, with the two lines that stand above its headings."""
    rows = []
    for one in register:
        unit = one.unit
        export, imported = f"{unit.generation_capacity}.000", f"{unit.demand_capacity}.000"
        rows.append(
            [
                unit.bm_unit, f"SYNTHETIC {unit.kind}", f"SYNTHETIC Party {unit.party}", unit.party, one.bm_unit_type,
                unit.bm_unit[:9], unit.gsp_group or "", "", one.trading_unit, "", unit.production_or_consumption,
                f"{float(unit.tlf):.7f}", export, imported, f"{float(one.load_factor):.7f}",
                f"{float(one.load_factor):.7f}", "", "", "", "", "", _flag(one.bm_unit_type == "E"), _flag(one.base),
                "T", one.interconnector or "", f"{since:%d/%m/%Y}", "F", "T",
            ]
        )  # fmt: skip
    return f"SYNTHETIC register of BM Units\nas at {since:%d %B %Y}\n" + _csv([list(_UNIT_HEADINGS), *rows])


def registered_parties(parties: Iterable[str]) -> str:
    """The roll of Trading Parties."""
    rows = [[party, f"SYNTHETIC Party {party}"] for party in parties]
    return "SYNTHETIC roll of Parties\n" + _csv([["Trading Party ID", "Trading Party Name"], *rows])


def parameter_notice(name: str, value: str, unit: str, since: date) -> str:
    """One parameter announced later, as the desk keeps such notices."""
    notice = "SYNTHETIC notice: announced after the first runs"
    return _csv([["parameter", "value", "unit", "effective_from", "notice"], [name, value, unit, since, notice]])


def _flag(is_so: bool) -> str:
    return "T" if is_so else "F"


def _side(account: tuple[str, str]) -> str:
    party, status = account
    return f"{party}|SYNTHETIC {party}|{status}|"


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def flow_of(kind: str, sender: str, receiver: str, created: datetime, records: Iterable[str]) -> str:
    """A file of a flow, with its header and its trailer of count and checksum."""
    lines = [f"AAA|{kind}|D|{created:%Y%m%d%H%M%S}|{sender}|{receiver}|1|OPER|", *records]
    return "\n".join([*lines, f"ZZZ|{len(lines) + 1}|{_checksum(lines)}|"]) + "\n"


def _checksum(lines: Sequence[str]) -> int:
    """Exclusive or of the big-endian words of four bytes of every record, each filled with zero bytes."""
    total = 0
    for line in lines:
        record = line.encode("ascii")
        record += b"\0" * (-len(record) % 4)
        for word in struct.unpack(f">{len(record) // 4}I", record):
            total ^= word
    return total
