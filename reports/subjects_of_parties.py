"""The statement of a Party as the subject of a report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from reports.look import times
from reports.statement import CHARGES, StatedDay, Statement
from reports.subjects import PARTY_STATEMENT, Entry, Subject
from settlement.compare import reported

if TYPE_CHECKING:
    from reports.twins import Table

ENTRIES = (
    Entry("cover", "Cover"), Entry("charges", "Charges by day"), Entry("payments", "Advice note"),
    Entry("units", "BM Units and accounts"), Entry("contracts", "Contracts"), Entry("periods", "Charges by period"),
    Entry("credit", "Credit position"), Entry("others", "Other Parties"), Entry("evidence", "Evidence"),
)  # fmt: skip


def of_statement(found: Statement) -> Subject:
    """The subject of a statement: what its content hash is over are its daily and period amounts, as reported."""
    synthetic = any(one.view.synthetic for one in found.days)
    stamps = tuple(word for word, holds in (("SYNTHETIC", synthetic), ("STAFF ONLY", not found.own_copy)) if holds)
    dates = found.first.isoformat() + ("" if found.first == found.last else f"-to-{found.last.isoformat()}")
    runs = "-".join(dict.fromkeys(one.view.run for one in found.days))
    marks = ("-SYNTHETIC" if synthetic else "") + ("" if found.own_copy else "-STAFF")
    landings = {one.sha256 + one.job: one for day in found.days for one in day.view.landings}
    dated = {(one.name, one.since): one for day in found.days for one in day.view.parameters}
    said = times.middle_day(found.first)
    said += "" if found.first == found.last else f" to {times.middle_day(found.last)}"
    return Subject(
        kind=PARTY_STATEMENT, stem=f"party-{re.sub(r'[^A-Za-z0-9]', '_', found.party)}-{dates}-{runs}{marks}",
        title=", ".join([f"Statement of {found.party}", said, f"run {runs}", *stamps]), stamps=stamps,
        entries=ENTRIES, run_ids=tuple(one.view.run_id for one in found.days),
        results=tuple(map(_result, found.days)), landings=tuple(landings.values()), parameters=tuple(dated.values()),
        made_from={"settlement_date": found.first.isoformat(), "run": runs, "synthetic": synthetic},
        given={
            "party": found.party, "last_date": found.last.isoformat(), "copy": "party" if found.own_copy else "staff",
        },
        dated=max(one.view.settled_at for one in found.days), tables=lambda: _tables(found),
        not_covered=tuple(dict.fromkeys(said for one in found.days for said in one.view.not_covered)),
    )  # fmt: skip


def _tables(found: Statement) -> list[Table]:
    from reports.twins import tables_of_statement

    return tables_of_statement(found)


def _result(one: StatedDay) -> dict[str, Any]:
    return {
        "settlement_date": one.view.settlement_date.isoformat(), "run": one.view.run,
        "net_due": f"{reported(one.net, 2)}",
        "charges": {words: f"{reported(one.charges[words], 2)}" for words, _, _ in CHARGES},
        "periods": {str(period): f"{reported(float(net), 2)}" for period, net in one.periods["Net due"].items()},
    }  # fmt: skip
