"""What a load job may say: the form of the YAML files under `jobs/`.

Frozen, and it refuses keys that it does not know; all faults of a file are told at once.
A job feeds one dataset, or, where a file holds records of several kinds, one for each.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from loaders.job_fetch import Declared, Fetch, Pattern

Type = Literal["date", "instant", "text", "integer", "decimal", "flag"]
Delivers = Literal["whole", "changes", "changes with withdrawals"]
ArrivesFor = Literal["day", "period", "period and side", "all time"]
Form = Literal["json", "json mapping", "xml", "csv", "excel", "headed csv", "pipe flow", "pool transfer"]
ALSO: dict[Form, Form] = {"json": "xml", "csv": "excel"}  # the same records in another dress
WrittenAs = Literal[
    "",
    "yyyy-mm-dd",
    "dd/mm/yyyy",
    "dd Month yyyy",
    "dd Mon yyyy",
    "yyyymmdd",
    "yyyymmddhhmmss",
    "day of",
    "period of",
    "list",
]


class Read(Declared):
    """How bytes become rows.

    declared  forms that the sender gives; with each, what holds the same records is read too
    says      values of `metadata.datasets` or of the field `dataset` that belong to this job
    left_out  fields that are known and not kept; any other is a new column
    header    second field of the HDR line of a headed csv; flow of a pipe flow or pool transfer, as "S0142"
    names     of a json mapping: what its names look like; the named parts of this pattern are fields of the record
    """

    declared: tuple[Form, ...] = Field(alias="as")
    encoding: Literal["utf-8", "cp1252"] = "utf-8"
    says: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    header: str = ""
    names: Pattern = ""
    not_kept: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_how_a_mapping_looks(self) -> Self:
        if bool(self.names) != ("json mapping" in self.declared):
            raise ValueError("names: wanted for 'as: [json mapping]', and for it alone")
        return self

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The forms that are read: XML wherever JSON is, a workbook wherever CSV is."""
        also = tuple(ALSO[form] for form in self.declared if form in ALSO)
        return tuple(dict.fromkeys((*self.declared, *also)))


class MinusWhere(Declared):
    """The field beside a volume that says which way it goes: `is` turns it below zero, `else` does not."""

    field: str
    is_: str = Field(alias="is")
    else_: str = Field(alias="else")

    @model_validator(mode="after")
    def _tells_two_ways_apart(self) -> Self:
        if self.is_ == self.else_:
            raise ValueError(f"is and else: found {self.is_!r} for both, wanted two values")
        return self


class Column(Declared):
    """A column and where its values come from.

    source  name of a field or heading (or several that mean the same), position of a field in a headed
            csv, pipe flow or pool transfer from 1, `SP7:1` (field of a record above), `name:side` (file name),
            `header:date`, `header:period`; nothing: this job does not bring it
    form    how dates or times are written, where not as in ISO 8601; of several the first that fits. `day of` and
            `period of`: Settlement Date and Period that an instant lies in; `list`: a list, kept as its JSON text
    values  translation of text
    minus_where  field and value that turn a volume round, and the value of the field that does not, as in
            {field: "4", is: I, else: E}; a row with neither is refused
    empty   "reject": a row without it is refused; "leave out": such rows are counted and not kept
    missing "allow": the field may be absent from a file
    """

    source: str | int | tuple[str, ...] | None = Field(default=None, alias="from")
    type: Type
    unit: str = ""
    empty: Literal["allow", "reject", "leave out"] = "allow"
    missing: Literal["stop", "allow"] = "stop"
    form: WrittenAs | tuple[WrittenAs, ...] = ""
    values: dict[str, str] = Field(default_factory=dict)
    minus_where: MinusWhere | None = None

    @model_validator(mode="after")
    def _turns_numbers_only(self) -> Self:
        if self.minus_where and self.type != "decimal":
            raise ValueError(f"minus_where: found a column of type {self.type}, wanted decimal")
        return self

    @property
    def forms(self) -> tuple[WrittenAs, ...]:
        """The forms that its values may have, in the order in which they are tried."""
        return self.form if isinstance(self.form, tuple) else (self.form,)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The fields that bring it; more than one are other spellings of the same."""
        if self.source is None:
            return ()
        return self.source if isinstance(self.source, tuple) else (str(self.source),)

    @cached_property
    def from_the_rows(self) -> bool:
        """False for what the file name or header says, and for what the job does not bring."""
        return bool(self.names) and not self.names[0].startswith(("name:", "header:"))


class Profile(Declared):
    """Rows that join to one line in time: of what, and whether the line fills the settlement period."""

    of: tuple[str, ...]
    fills: Literal["period", "nothing"] = "nothing"


class Expects(Declared):
    """Which values a column should have on a day: all of a dataset's key, or those with a flag in another column."""

    column: str
    all_of: str
    where: str = ""


class Checks(Declared):
    """What must hold of the rows, beyond the types of their columns.

    sign_follows_side  columns above zero on the buy side and below on the sell side (zero is neither)
    needs              column that may not be empty: where the other column is not
    starts             column that must be the start of the row's settlement period
    latest_of          column of the run time: the latest in a partition stays, older rows are refused
    profile            rows that join without a gap
    refers_to          column whose values should be known to a dataset: else a warning
    expects            of which units, as the reference data name them, a day should bring rows
    """

    sign_follows_side: tuple[str, ...] = ()
    needs: dict[str, str] = Field(default_factory=dict)
    starts: str = ""
    latest_of: str = ""
    profile: Profile | None = None
    refers_to: dict[str, str] = Field(default_factory=dict)
    expects: Expects | None = None


class OnTrouble(Declared):
    """What happens to what does not fit, written out so that the job reads whole.

    drift  a new column: `additive-ok` leaves it out with a warning, `freeze` stops the file, `quarantine` refuses the
           rows that have a value in it
    """

    drift: Literal["additive-ok", "freeze", "quarantine"] = "additive-ok"
    missing_column: Literal["stop"] = "stop"
    bad_row: Literal["quarantine, and mark its keys incomplete"] = "quarantine, and mark its keys incomplete"


class Table(Declared):
    """Rows of one kind: the dataset they go to, their keys and columns.

    delivers        whole: what a partition no longer holds is withdrawn; changes: only what is there counts
    withdrawn_when  column and values that mark a row as taken back
    """

    dataset: str
    delivers: Delivers
    keys: tuple[str, ...]
    partition: tuple[str, ...] = ()
    withdrawn_when: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    columns: dict[str, Column]
    checks: Checks = Checks()

    @model_validator(mode="after")
    def _names_its_columns(self) -> Self:
        named = {
            "keys": self.keys,
            "partition": self.partition,
            "withdrawn_when": tuple(self.withdrawn_when),
            "checks.sign_follows_side": self.checks.sign_follows_side,
            "checks.needs": (*self.checks.needs, *self.checks.needs.values()),
            "checks.profile": self.checks.profile.of if self.checks.profile else (),
            "checks.refers_to": tuple(self.checks.refers_to),
            "checks.expects": (self.checks.expects.column,) if self.checks.expects else (),
        }
        wrong = [
            f"{where}: no column {name!r}"
            for where, names in named.items()
            for name in names
            if name not in self.columns
        ]
        wrong += [
            f"columns.{key}: a key needs 'empty: reject' or 'empty: leave out'"
            for key in self.keys
            if key in self.columns and self.columns[key].empty == "allow"
        ]
        if self.delivers == "whole" and not self.partition and "settlement_date" in self.columns:
            wrong.append("partition: needed by 'delivers: whole' of a dataset with days")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @property
    def partition_columns(self) -> tuple[str, ...]:
        """What is delivered as one: a partition, or each key by itself."""
        return self.partition if self.delivers == "whole" else self.keys


class Job(Declared):
    """A load job.

    feeds       ids of the feeds that it takes in, as the catalogue of feeds numbers them
    retention   how long rows and landings are kept
    confidence  `unverified`: layout, units or signs could not be confirmed; `doubts` says which
    sample      where the form of its sample comes from
    cadence     in words, how often the sender publishes
    needs       jobs that must have come for a day before what reads this one may use it
    """

    job: str
    title: str
    feeds: tuple[str, ...] = ()
    owner: str
    licence: str
    retention: Literal["for ever"]
    confidence: Literal["confirmed", "unverified"]
    sample: Literal["published record", "layout document", "invented"]
    cadence: str
    doubts: str = ""
    needs: tuple[str, ...] = ()
    arrives_for: ArrivesFor
    fetch: Fetch
    read: Read
    dataset: str | None = None
    delivers: Delivers | None = None
    keys: tuple[str, ...] | None = None
    partition: tuple[str, ...] = ()
    withdrawn_when: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    columns: dict[str, Column] | None = None
    checks: Checks = Checks()
    records: dict[str, Table] = Field(default_factory=dict)
    on_trouble: OnTrouble = OnTrouble()

    @model_validator(mode="after")
    def _has_one_table_or_records(self) -> Self:
        if self.records:
            stray = [n for n in ("dataset", "delivers", "keys", "columns") if getattr(self, n) is not None]
            if stray:
                raise ValueError(f"records: found beside {', '.join(stray)}, wanted one or the other")
            return self
        missing = [n for n in ("dataset", "delivers", "keys", "columns") if getattr(self, n) is None]
        if missing:
            raise ValueError("; ".join(f"{name}: Field required" for name in missing))
        self.tables  # noqa: B018  a table checks itself as it is made
        return self

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables that it fills, by record type; one without a type has the empty name."""
        if self.records:
            return self.records
        return {
            "": Table(
                dataset=self.dataset or "",
                delivers=self.delivers or "changes",
                keys=self.keys or (),
                partition=self.partition,
                withdrawn_when=self.withdrawn_when,
                columns=self.columns or {},
                checks=self.checks,
            )
        }
