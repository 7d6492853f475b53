"""What the store hands out and takes in, as plain frozen records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Arrival:
    """A feed has come for a day, or for one period (and side) of it; `empty` when it says there is nothing."""

    dataset: str
    job: str
    landing: str
    file: str
    settlement_date: date | None
    settlement_period: int | None  # None: the whole day
    side: str | None
    empty: bool
    published_at: datetime | None
    kept_at: datetime


@dataclass(frozen=True)
class Incomplete:
    """A feed has come, but not whole: rows were refused, or the file was cut."""

    dataset: str
    job: str
    settlement_date: date | None
    settlement_period: int | None  # None: the whole day
    side: str | None
    reason: str
    finding: str
    landing: str


@dataclass(frozen=True)
class PartRow:
    """What a run has read: rows of one day, an empty answer, or a mark that something is missing.

    kind  "rows", "withdrawn", "empty" or "incomplete"; the last two have no file, their hash says what they say
    """

    version: int
    dataset: str
    job: str
    settlement_date: date | None
    kind: str
    sha256: str
    rows_hash: str
    rows: int


@dataclass(frozen=True)
class LandingRow:
    """A file as received."""

    sha256: str
    job: str
    file: str
    bytes: int
    rows_kept: int
    rows_refused: int
    synthetic: bool
    published_at: datetime | None
    kept_at: datetime


@dataclass(frozen=True)
class QuarantineRow:
    """A row that was refused; the row itself stands in its landing."""

    dataset: str
    job: str
    landing: str
    file: str
    row: int
    column: str
    found: str
    wanted: str
    todo: str
    settlement_date: date | None
    settlement_period: int | None


@dataclass(frozen=True)
class PriceResult:
    """One price as it is told to others: `value` is decimal text, GBP/MWh."""

    settlement_period: int
    value: str


@dataclass(frozen=True)
class RunToKeep:
    """One settlement of one day, ready to be kept."""

    run_id: str
    settlement_date: date
    run_type: str
    store_version: int
    parts: list[str]
    parameters: dict[str, Any]
    options: dict[str, Any]
    published: dict[str, Any]
    code_hash: str
    assumed: str | None
    details: dict[str, Any]
    tables: dict[str, pa.Table]
    prices: Sequence[PriceResult] = field(default_factory=list)


@dataclass(frozen=True)
class RunRow:
    """A kept run; `number` counts up in the order of keeping."""

    run_id: str
    number: int
    settlement_date: date
    run_type: str
    store_version: int
    version: int
    parts: list[str]
    parameters: dict[str, Any]
    options: dict[str, Any]
    published: dict[str, Any]
    code_hash: str
    assumed: str | None
    details: dict[str, Any]
    kept_at: datetime


@dataclass(frozen=True)
class Kept:
    """What became of a run: `new` is False when it was kept before, and then nothing was written."""

    run_id: str
    new: bool
    version: int
    messages: int


@dataclass(frozen=True)
class OutboxRow:
    """A message to be sent: one price that is new or has changed."""

    sequence: int
    message_id: str
    destination: str
    settlement_date: date
    settlement_period: int
    run: str
    value: str
    previous: int | None
    supersedes: str | None
    run_id: str
    created_at: datetime
    sent_at: datetime | None
