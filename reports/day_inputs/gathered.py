"""What the input groups of a day gather, each adding its part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reports.views import Default
from settlement import parameters
from settlement.settled import RowSources

if TYPE_CHECKING:
    from loaders.store.session import Store

STACK, OWN = "published stack", "own stack"
NAMED = 3  # BM Units told by name; the others are counted


@dataclass(frozen=True)
class Assumed:
    """Adjustment actions that an analyst assumes: the file, its hash, its rows."""

    file: str
    sha256: str
    rows: pd.DataFrame


@dataclass(frozen=True)
class Reading:
    """From where a day is read.

    version   of the store
    run_type  the run settled: metered volumes are those of it, or of the last run before it that brought any
    other     datasets read from another reading, by name: a step on the way between two runs
    decided   parameters that somebody decided for this settlement, by name
    rules_of  the date whose parameters hold; None: the Settlement Date's own
    removed   acceptances left out: BM Unit and number
    """

    version: int
    run_type: str = "IP"
    other: Mapping[str, Reading] = field(default_factory=dict)
    decided: Mapping[str, Any] = field(default_factory=dict)
    rules_of: date | None = None
    removed: frozenset[tuple[str, int]] = frozenset()

    def of(self, dataset: str) -> Reading:
        """Where a dataset is read from."""
        return self.other.get(dataset, self)

    def but(self, **changes: Any) -> Reading:
        """This reading with some of it otherwise."""
        return replace(self, **changes)


@dataclass
class Gathered:
    """Inputs of one Settlement Date, read from one place.

    charged    whether metered volumes have come, so that losses and charges are settled too
    units      BM Units that are registered, where charged: they need not have notified anything
    given      arrays, grains and parameters, for `settlement.settle`
    published  figures that stand in for computed ones
    set_aside  periods that cannot be settled, with the reasons
    doubtful   periods that can, but lack something: not comparable, with the reasons
    doubtful_charges  the same of what bears on charges and on no price
    sources    file, hash and row behind each input, by input name or by dims
    datasets   what was read, for the run id
    """

    store: Store
    settlement_date: date
    reading: Reading
    way: str
    periods: list[int]
    assumed: Assumed | None = None
    charged: bool = False
    units: list[str] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    set_aside: dict[int, list[str]] = field(default_factory=dict)
    doubtful: dict[int, list[str]] = field(default_factory=dict)
    doubtful_charges: dict[int, list[str]] = field(default_factory=dict)
    defaults: list[Default] = field(default_factory=list)
    sources: dict[str, RowSources] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    read: dict[tuple[str, date | None], None] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def version(self) -> int:
        """The store version that is read, but for datasets told apart."""
        return self.reading.version

    def rows(self, dataset: str, day: date | None = None) -> pd.DataFrame:
        """Rows in force of a dataset for the day (or another), and a note that they were read."""
        self.read[(dataset, day or self.settlement_date)] = None
        table = self.store.rows(dataset, day or self.settlement_date, self.reading.of(dataset).version)
        return table.to_pandas()

    def arrived(self, dataset: str) -> dict[str | None, set[int]]:
        """Periods for which a dataset has come, by side (None: no side)."""
        found: dict[str | None, set[int]] = {}
        for arrival in self.store.arrivals(dataset, self.settlement_date, self.reading.of(dataset).version):
            one = arrival.settlement_period
            periods = set(self.periods) if one is None else {one}
            found.setdefault(arrival.side, set()).update(periods)
        return found

    def has(self, dataset: str, day: date | None = None) -> bool:
        """Whether anything has come of a dataset for the day (or another), be it an answer that there is nothing."""
        of = day or self.settlement_date
        return bool(self.store.arrivals(dataset, of, self.reading.of(dataset).version))

    def parameter(self, name: str) -> Any:
        """A dated parameter as this settlement takes it: decided for it, announced later, or as the rules have it.

        Raises NoValueOnDate where nothing tells it.
        """
        on = self.reading.rules_of or self.settlement_date
        if name in self.reading.decided:
            self.notes[name] = "decided for this settlement"
            return self.reading.decided[name]
        notices = self.rows("parameter_notices")
        notices = notices[(notices["parameter"] == name) & (notices["effective_from"] <= on)]
        if len(notices):
            last = notices.sort_values("effective_from").iloc[-1]
            files = self.store.landings([str(last["landing"])])
            where = "".join(f", {row.file} row {last['source_row']}" for row in files.values())
            self.notes[name] = f"from {last['effective_from']}: {last['notice']}{where}"
            return float(last["value"])
        return parameters.value(name, on)

    def note_incomplete(self, dataset: str, day: date | None = None, of_charges: bool = False) -> None:
        """Periods that lost rows of a dataset stay settled, but cannot be compared."""
        version = self.reading.of(dataset).version
        for mark in self.store.incomplete(dataset, day or self.settlement_date, version):
            for period in self.periods if mark.settlement_period is None else [mark.settlement_period]:
                self.doubt(period, f"{dataset} is incomplete: {mark.reason}", of_charges)

    def doubt(self, period: int, reason: str, of_charges: bool = False) -> None:
        """A reason why a settled period cannot be compared."""
        reasons = (self.doubtful_charges if of_charges else self.doubtful).setdefault(period, [])
        if reason not in reasons:
            reasons.append(reason)

    def leave_out(self, period: int, reason: str) -> None:
        """A reason why a period cannot be settled."""
        reasons = self.set_aside.setdefault(period, [])
        if reason not in reasons:
            reasons.append(reason)

    @property
    def settled_periods(self) -> list[int]:
        return [period for period in self.periods if period not in self.set_aside]

    def source_of(self, name: str, frame: pd.DataFrame) -> None:
        """Note file, hash and row behind each row of an input."""
        codes, landings = pd.factorize(frame["landing"])
        names = np.array([str(one) for one in landings] + [""], dtype=object)  # a code of -1 is none
        files = {sha: row.file for sha, row in self.store.landings(set(names)).items()}
        self.sources[name] = RowSources(
            np.array([files.get(one, "") for one in names], dtype=object)[codes],
            names[codes],
            frame["source_row"].fillna(0).to_numpy(dtype=np.int64),
        )


def told(units: Sequence[str]) -> str:
    """Some BM Units in words: the first by name, the others counted."""
    more = f" and {len(units) - NAMED} more" if len(units) > NAMED else ""
    return f"{', '.join(units[:NAMED])}{more}"


def seconds(column: pd.Series) -> np.ndarray:
    """Whole seconds since 1970 of UTC instants."""
    return column.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[s]").astype("int64").to_numpy()
