"""The change between two runs as the subject of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.sections import words
from reports.subjects import RUN_VARIANCE, Entry, Subject
from reports.subjects_of_days import made_from
from reports.variance.parts import Variance
from reports.variance.words import decimals_of, rounded
from reports.views import DayView

if TYPE_CHECKING:
    from reports.twins import Table

ENTRIES = (
    Entry("cover", "Cover"), Entry("causes", "By cause"), Entry("parties", "What moved most"),
    Entry("periods", "By period"), Entry("units", "By BM Unit"), Entry("prices", "Prices"), Entry("rows", "Rows"),
)  # fmt: skip


def of_variance(found: dict[str, Variance], earlier: DayView, later: DayView) -> Subject:
    """The subject of a change: what its content hash is over are the parts of every label, as reported."""
    stamps = tuple(dict.fromkeys([*words.stamps(earlier), *words.stamps(later)]))
    day = later.settlement_date
    landings = {one.job + one.sha256: one for view in (earlier, later) for one in view.landings}
    stem = "-".join(["variance", day.isoformat(), earlier.run, later.run, *stamps])
    return Subject(
        kind=RUN_VARIANCE, stem=stem, stamps=stamps, entries=ENTRIES, run_ids=(earlier.run_id, later.run_id),
        title=", ".join([f"{earlier.run} to {later.run}, {day.day} {day:%B %Y}", *stamps]),
        results=tuple(_result(one) for one in found.values()), landings=tuple(landings.values()),
        parameters=later.parameters, made_from=made_from(later), given={"earlier": earlier.run},
        dated=max(earlier.settled_at, later.settled_at), tables=lambda: _tables(found), not_covered=later.not_covered,
    )  # fmt: skip


def _tables(found: dict[str, Variance]) -> list[Table]:
    from reports.twins import tables_of_changes

    return tables_of_changes(found)


def _result(one: Variance) -> dict[str, Any]:
    decimals = decimals_of(one)
    return {
        "quantity": one.quantity, "unit": one.unit, "from": one.earlier.run_id, "to": one.later.run_id,
        "changes": [
            {
                "key": [str(part) for part in label], "change": f"{rounded(one.change(label), decimals)}",
                "parts": {part.cause: f"{rounded(part.by_label[label], decimals)}"
                          for part in one.parts if part.by_label.get(label)},
            }
            for label in sorted(one.labels())
        ],
    }  # fmt: skip
