"""The statement of a Party, as the notebook party_statement shows it.

from reports import party_statement

stated = party_statement.open_statement("SYNA", "2024-01-15", run="SF")
stated.cover()
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from reports.sections import statement as shown
from reports.sections import statement_volumes as volumes
from reports.sections.shown import Shown
from reports.statement import Statement
from reports.subjects import Subject

Copy = Literal["party", "staff"]


class PartyStatement:
    """A statement; its methods each show one part of its report."""

    def __init__(self, found: Statement) -> None:
        self.found = found

    @cached_property
    def subject(self) -> Subject:
        """What the report of it is about."""
        from reports.subjects_of_parties import of_statement

        return of_statement(self.found)

    def cover(self) -> Shown:
        """What the Party is due, and whose copy this is."""
        return Shown("cover", shown.cover(self.found, self.subject))

    def charges(self) -> Shown:
        """Charges by day, with totals."""
        return Shown("charges", shown.charges(self.found))

    def payments(self) -> Shown:
        """Advice note: amounts by payment date, or what is missing for it."""
        return Shown("payments", shown.payments(self.found))

    def units(self) -> Shown:
        """BM Units and Energy Accounts."""
        return Shown("units", volumes.units(self.found))

    def contracts(self) -> Shown:
        """Notifications held for its accounts."""
        return Shown("contracts", volumes.contracts(self.found))

    def periods(self) -> Shown:
        """Charges by period, which add up to those of the day."""
        return Shown("periods", shown.periods(self.found))

    def credit(self) -> Shown:
        """Credit position, or that none is held."""
        return Shown("credit", shown.credit(self.found))

    def others(self) -> Shown:
        """The other Parties, in the staff's copy alone."""
        return Shown("others", shown.others(self.found))

    def evidence(self) -> Shown:
        """Files and runs, by hash."""
        return Shown("evidence", shown.evidence(self.found))


def open_statement(
    party: str, settlement_date: str | date, last_date: str | date | None = None, run: str | None = None,
    copy_for: Copy = "party", home: str | Path | None = None,
) -> PartyStatement:  # fmt: skip
    """The statement of a Party for a day, or for days to a last one.

    copy_for  "party" holds nothing of other Parties that is not public; "staff" has them too

    Raises UnknownLabel for a Party of no run, NoSuchRun where no day was settled with charges.
    """
    import reports
    from reports.access import THIS_MACHINE, Access, Viewer

    viewer = THIS_MACHINE if copy_for == "staff" else Viewer(party, "party", party)
    access = Access(reports.workspace(home))
    try:
        first, last = _day(settlement_date), _day(last_date or settlement_date)
        return PartyStatement(access.statement(viewer, party, first, last, run))
    finally:
        access.close()


def _day(text: str | date) -> date:
    return text if isinstance(text, date) else date.fromisoformat(text)
