"""All that a notebook may show of a dispute.

from reports.disputes import shown

case = shown.open_case(1, home="workspace")
case.cover()
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from reports import manifest
from reports.disputes import deadline, evidence, money
from reports.disputes.evidence import Evidence
from reports.disputes.packing import judged_on, result, run_of
from reports.disputes.page import cover
from reports.disputes.page_inputs import inputs_section, record_section
from reports.disputes.page_values import claim_section, explanation_section, money_section, variance_section
from reports.disputes.records import Case
from reports.sections.shown import Shown


class ShownCase:
    """A case; its methods each show one part of its page, `case` is the record itself."""

    def __init__(self, case: Case, home: Path) -> None:
        self.case, self._home = case, home

    def __repr__(self) -> str:
        return f"<{self.case.name}, {self.case.state}, {self.case.subject.quantity} {self.case.subject.span}>"

    @cached_property
    def worth(self) -> money.Money:
        """What it is worth, GBP."""
        return money.of_case(self.case)

    @cached_property
    def _evidence(self) -> Evidence:
        return evidence.of_case(self._home, self.case, self.worth)

    def cover(self) -> Shown:
        """What is disputed, what it is worth, until when, and who may see it."""
        day, run_id = judged_on(self.case), run_of(self.case)
        content = manifest.hash_of_results(run_id, [result(row) for row in self.case.figures])
        end = deadline.of_case(self.case, day)
        return Shown("dispute-cover", cover(self.case, self.worth, end, day, run_id, content))

    def claim(self) -> Shown:
        """What the party says."""
        return Shown("dispute-claim", claim_section(self.case))

    def money(self) -> Shown:
        """Own, published, difference and effect of each value."""
        return Shown("dispute-money", money_section(self.case, self.worth, judged_on(self.case)))

    def explanation(self) -> Shown:
        """How the largest values came about."""
        return Shown("dispute-explanation", explanation_section(self._evidence))

    def variance(self) -> Shown:
        """What moved since the earlier run."""
        return Shown("dispute-variance", variance_section(self._evidence))

    def inputs(self) -> Shown:
        """Files by hash, parameters, options."""
        return Shown("dispute-inputs", inputs_section(self.case))

    def record(self) -> Shown:
        """What happened to the case, and what is not known."""
        return Shown("dispute-record", record_section(self.case))


def open_case(number: int, home: str | Path | None = None) -> ShownCase:
    """A case of a workspace; `home` None takes BSC_HOME, else ./workspace. Raises AskedWrongly where there is none."""
    import reports
    from reports.disputes.cases import case_numbered

    folder = reports.workspace(home)
    return ShownCase(case_numbered(folder, number), folder)
