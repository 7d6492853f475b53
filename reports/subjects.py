"""What a report is about, as its page and its manifest tell it: one settled day, a Party, a change, a month.

A report is one Subject whatever its notebook shows. `subjects_of_notebooks.subject_of` makes it from the notebook's
parameters; a DayView gives its own by `subjects_of_days.of_day`. The content hash is over `results` as text at reported
precision, so two equal runs agree in it although their clocks differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reports import manifest
from reports.views import Landing, Parameter

if TYPE_CHECKING:
    from reports.twins import Table

SETTLEMENT_DAY, PERIOD_DETAIL, PARTY_STATEMENT = "settlement_day", "period_detail", "party_statement"
RUN_VARIANCE, PRICE_CONFORMANCE, BATCH_INDEX = "run_variance", "price_conformance", "batch_index"


@dataclass(frozen=True)
class Mark:
    """A period in the strip of the contents: its number, where it stands, how it was judged."""

    text: str
    anchor: str
    verdict: str
    label: str


@dataclass(frozen=True)
class Entry:
    """A line of the contents, with a strip of marks below it where it has parts."""

    anchor: str
    text: str
    strip: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What a report is about. Equal subjects give equal content hashes."""

    kind: str  # the name of its notebook
    stem: str  # file name without its ending
    title: str  # with the stamps
    entries: tuple[Entry, ...]
    run_ids: tuple[str, ...]
    results: tuple[dict[str, Any], ...]  # text at reported precision: what the content hash is over
    stamps: tuple[str, ...] = ()  # SYNTHETIC, ASSUMED
    landings: tuple[Landing, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    made_from: Mapping[str, Any] = field(default_factory=dict)  # what else the manifest tells of the runs
    given: Mapping[str, str] = field(default_factory=dict)  # parameters of the notebook
    verdicts: Mapping[str, int] = field(default_factory=dict)  # periods by verdict; empty: nothing is judged
    style: str = ""  # a further style sheet of `reports.look`
    dated: datetime | None = None  # when its figures were settled, the last of them: the date of its paper
    not_covered: tuple[str, ...] = ()
    tables: Callable[[], Sequence[Table]] = field(default=tuple, compare=False)  # what its machine twins hold

    @property
    def run_id(self) -> str:
        """The run; of several, one hash over their ids in order."""
        return manifest.one_run_id(self.run_ids)

    @property
    def content_hash(self) -> str:
        """The hash of what is reported, and of the runs it was read from."""
        return manifest.hash_of_results(self.run_id, list(self.results))
