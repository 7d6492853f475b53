"""A report settled again from the workspace, as its manifest says it was made; nothing is kept.

Compared is what was reported, at reported precision: a page says the same or it does not.
A figure that moved is told with its period, one of the tables beside the page with its row: so
charges are held too. An input that is gone or altered by its name
and hash, also where no figure moved by it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loaders.errors import StoreDamaged, UnknownVersion
from reports import code_version, manifest
from reports.errors import ReportError
from reports.signing.as_said import settle_as_said
from reports.signing.inputs_held import landings_wrong
from reports.signing.runs_held import OF_RUNS, runs_again
from reports.signing.tables_held import tables_wrong
from reports.subjects import PERIOD_DETAIL, SETTLEMENT_DAY
from settlement.command_line import AskedWrongly
from settlement.errors import SettlementError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reports.twins import Table
    from reports.views import DayView
    from settlement.settled import Settled

OF_ONE_RUN = (SETTLEMENT_DAY, PERIOD_DETAIL)
QUANTITIES = {
    "own": "own price", "published": "published price", "net_imbalance_volume": "net imbalance volume",
    "difference": "difference", "verdict": "verdict",
}  # fmt: skip


@dataclass(frozen=True)
class Again:
    """What came out otherwise, and whether the code is another."""

    figures: tuple[str, ...]
    inputs: tuple[str, ...]
    other_code: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not (self.figures or self.inputs)

    def as_dict(self) -> dict[str, Any]:
        """The same for machines, whole."""
        return {
            "answer": str(self), "figures": list(self.figures), "inputs": list(self.inputs),
            "other_code": list(self.other_code),
        }  # fmt: skip

    def __str__(self) -> str:
        if self.good:
            return "differs only in code version" if self.other_code else "same"
        said = [_first(self.figures), _first(self.inputs)]
        if self.other_code:
            said.append(f"the code differs too ({', '.join(self.other_code)})")
        return f"differs: {'; '.join(one for one in said if one)}"


def _first(what: tuple[str, ...]) -> str:
    more = f", and {len(what) - 1} more" if len(what) > 1 else ""
    return f"{what[0]}{more}" if what else ""


def settled_again(manifest_path: Path, home: Path, assume: Path | None = None) -> Again:
    """Settle again what a manifest names, and hold it to what was reported.

    assume  the file of adjustment actions that the report assumed, where it did

    Raises AskedWrongly where there is no workspace, not the assumed file, or a report of another kind.
    """
    from loaders import store as stores
    from loaders.store.address import FILE, SQLITE
    from reports.open_view import view_of

    said = json.loads(manifest_path.read_bytes())
    if "dispute" in said:
        raise AskedWrongly("--rerun: found a dispute pack, wanted a report of a day. Verify the pack without it.")
    kind = said.get("kind", SETTLEMENT_DAY)
    if kind not in (*OF_ONE_RUN, *OF_RUNS):
        raise AskedWrongly(
            f"--rerun: found {manifest_path.name}, a report of {kind}, wanted one of "
            f"{', '.join((*OF_ONE_RUN, *OF_RUNS))}. Hashes and signature of this one are good; verify its reports."
        )
    if not any((home / name).is_file() for name in (SQLITE, FILE)):
        raise AskedWrongly(f"{home}: found no workspace, wanted the one of the report. Name it with --home.")
    store = stores.open(home)
    try:
        if kind in OF_RUNS:
            figures, inputs = runs_again(store, manifest_path, said, lambda one: _assumed(one, assume))
            return Again(tuple(figures), tuple(inputs), tuple(_code(said)))
        assumed = _assumed(said, assume)
        inputs = landings_wrong(store, said, assumed)
        try:
            row, kept, wrong = settle_as_said(store, said, assumed)
            inputs += wrong
            published = said.get("published_store_version")
            view = view_of(row, kept, store, store.version() if published is None else published)
            figures = [*_figures(said, view), *tables_wrong(manifest_path, said, _tables(said, view, kept))]
        except (StoreDamaged, UnknownVersion, SettlementError, ReportError) as error:
            figures, inputs = [], [f"it cannot be settled again ({error})", *inputs]
    finally:
        store.close()
    return Again(tuple(figures), tuple(inputs), tuple(_code(said)))


def _assumed(said: dict[str, Any], assume: Path | None) -> Any:
    from reports.day_inputs.adjustments import read_assumed

    if said["assumed"] is None:
        return None
    if assume is None:
        raise AskedWrongly(f"--assume: found none, wanted {said['assumed']}, which the report assumed. Name the file.")
    read = read_assumed(assume)
    if said.get("assumed_sha256") not in (None, read.sha256):
        raise AskedWrongly(
            f"--assume: found {read.file} with SHA-256 {read.sha256}, wanted {said['assumed_sha256']}. Name that file."
        )
    return read


def _tables(said: dict[str, Any], view: DayView, kept: Settled) -> Sequence[Table]:
    """The tables that the report of this run would have: of charges too, where it has any."""
    from reports.subjects_of_days import of_day, of_period

    period = said.get("given", {}).get("settlement_period")
    return (of_day(view, kept) if period is None else of_period(view, int(period), kept)).tables()


def _figures(said: dict[str, Any], view: DayView) -> list[str]:
    """Figures that came out otherwise: own price and volume first, then what follows from them."""
    told = {one["settlement_period"]: one for one in said["results"]}
    whole = said.get("kind", SETTLEMENT_DAY) == SETTLEMENT_DAY
    periods = [one for one in view.periods if whole or one.settlement_period in told]
    found = {one["settlement_period"]: one for one in map(manifest.result, periods)}
    differs = []
    for quantity, words in QUANTITIES.items():
        for period in sorted(told.keys() | found.keys()):
            was, now = told.get(period, {}).get(quantity), found.get(period, {}).get(quantity)
            if was != now:
                differs.append(f"period {period}, {words}: reported {was or 'none'}, found {now or 'none'}")
    values = {one.name: one.value for one in view.parameters}
    for one in said["parameters"]:
        if one["name"] in values and values[one["name"]] != one["value"]:
            differs.append(f"parameter {one['name']}: reported {one['value']}, found {values[one['name']]}")
    return differs


def _code(said: dict[str, Any]) -> list[str]:
    """Which parts of the code version are other than the manifest says; an older form names only the rules."""
    from reports.day_settlement import code_hash

    now = {"rules": code_hash(), "code": code_version.code(), "packages": code_version.packages()}
    then = {"rules": said.get("code_hash"), "code": said.get("code"), "packages": said.get("packages")}
    return [name for name, value in now.items() if then[name] not in (None, value)]
