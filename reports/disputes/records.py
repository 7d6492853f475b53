"""A dispute case as a typed record: what is disputed, with which figures, from which files, and what the party says.

The subject is frozen when a case is made: runs are never overwritten, and published figures are kept as they were held
then. What the party says may be set until the case is raised. Prices GBP/MWh, volumes MWh, money GBP; None means "not
there", a zero is a true zero.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

STATES = ("draft", "raised", "withdrawn", "upheld", "rejected")
State = Literal["draft", "raised", "withdrawn", "upheld", "rejected"]


class Record(BaseModel):
    """Fields known, no others, none changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceRow(Record):
    """The row of a file that a figure came from; `said` where it came from no file."""

    file: str = ""
    sha256: str = ""
    source_row: int | None = None
    said: str = ""

    def __str__(self) -> str:
        return f"{self.file}, row {self.source_row}" if self.file else self.said


class FigureRow(Record):
    """One disputed value: own and published, and what its money is reckoned from."""

    settlement_date: date
    settlement_period: int | None
    own: Decimal | None
    published: Decimal | None
    own_source: SourceRow
    published_source: SourceRow | None
    party_volume: Decimal | None = None  # imbalance volume of the party named, MWh, surplus above zero
    market_volume: Decimal | None = None  # net imbalance volume, MWh
    price: Decimal | None = None  # System Price of the run, GBP/MWh

    @property
    def difference(self) -> Decimal | None:
        """Own less published: what the party would have beyond what was settled."""
        return None if self.own is None or self.published is None else self.own - self.published

    @property
    def where(self) -> str:
        """Day and period in words."""
        return f"{self.settlement_date}" + ("" if self.settlement_period is None else f" P{self.settlement_period}")


class RunDate(Record):
    """The day on which a run of a Settlement Date was carried out, and what says so."""

    day: date | None
    source: str
    certain: bool = True


class Input(Record):
    """A file as received that a run or a published figure rests on."""

    job: str
    file: str
    sha256: str
    bytes: int
    rows_kept: int
    rows_refused: int
    licence: str


class ParameterInForce(Record):
    """A dated value that the run used."""

    name: str
    symbol: str
    value: float | str | bool
    unit: str
    since: date
    source: str
    evidence: str


class DayRun(Record):
    """The run of a Settlement Date that is disputed, with all it was made from, by hash."""

    settlement_date: date
    run: str
    run_id: str
    settled_at: datetime
    way: str
    synthetic: bool
    assumed: str | None
    as_of: str | None
    store_version: int
    published_store_version: int
    code_hash: str
    parts: tuple[str, ...]
    options: dict[str, str]
    parameters: tuple[ParameterInForce, ...]
    inputs: tuple[Input, ...]
    dates: dict[str, RunDate]  # "run", "R2", "RF"
    earlier_run: str | None = None
    earlier_run_id: str | None = None


class Subject(Record):
    """What is disputed: a quantity at a key, over days and periods."""

    quantity: str
    symbol: str
    unit: str
    clause: str
    key: dict[str, str]
    days: tuple[DayRun, ...] = Field(min_length=1)
    figures: tuple[FigureRow, ...] = Field(min_length=1)

    @property
    def runs(self) -> str:
        """Run types, each once."""
        return ", ".join(dict.fromkeys(day.run for day in self.days))

    @property
    def span(self) -> str:
        """First and last Settlement Date."""
        days = sorted(day.settlement_date for day in self.days)
        return f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"


class Said(Record):
    """What the party says; empty until it is said."""

    raising_party: str = ""
    contact_name: str = ""
    contact_address: str = ""
    dispute_type: str = ""
    reason: str = ""
    breached: str = ""
    run_date: date | None = None  # the day on which the run was carried out, where the party knows it
    exceptional: str = ""  # statement of exceptional circumstances, for a dispute out of time
    own: dict[str, Decimal] = {}  # stated by the party, by "2024-01-15 P7", in place of the run's figure
    published: dict[str, Decimal] = {}
    effect: Decimal | None = None  # stated by the party, GBP, where the effect cannot be reckoned
    effect_basis: str = ""


class Event(Record):
    """One thing that happened to a case; events are only added."""

    number: int
    sequence: int
    kind: str
    at: datetime
    by: str
    said: dict[str, Any]


class Case(Record):
    """A case as its events left it."""

    number: int
    state: State
    subject: Subject
    said: Said
    events: tuple[Event, ...]
    raised_on: date | None = None

    @property
    def name(self) -> str:
        """dispute-0007: the stem of its files."""
        return f"dispute-{self.number:04d}"

    @property
    def figures(self) -> tuple[FigureRow, ...]:
        """The disputed values, with what the party states in their place."""
        stated = SourceRow(said="stated by the Raising Party")
        rows = []
        for row in self.subject.figures:
            changes: dict[str, Any] = {}
            if row.where in self.said.own:
                changes |= {"own": self.said.own[row.where], "own_source": stated}
            if row.where in self.said.published:
                changes |= {"published": self.said.published[row.where], "published_source": stated}
            rows.append(row.model_copy(update=changes))
        return tuple(rows)
