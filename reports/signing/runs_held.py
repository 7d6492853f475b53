"""A report of several runs held to them: each settled again and held to what is kept, then the report made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from loaders.errors import StoreDamaged, UnknownVersion
from reports.errors import ReportError
from reports.figures import DECIMALS
from reports.signing.as_said import said_of, settle_as_said
from reports.signing.inputs_held import landings_wrong
from reports.signing.tables_held import reported_alike, tables_wrong
from reports.subjects import PARTY_STATEMENT, PRICE_CONFORMANCE, RUN_VARIANCE
from settlement.engine import quantities
from settlement.errors import SettlementError

if TYPE_CHECKING:
    from loaders.store.records import RunRow
    from loaders.store.session import Store
    from settlement.settled import Settled

OF_RUNS = (PARTY_STATEMENT, RUN_VARIANCE, PRICE_CONFORMANCE)


def runs_again(
    store: Store, manifest_path: Path, said: dict[str, Any], assumed: Callable[[dict[str, Any]], Any]
) -> tuple[list[str], list[str]]:
    """Figures and inputs that came out otherwise.

    assumed  the actions that a run assumed, from what it says of itself

    Raises AskedWrongly where a run assumed a file that was not named.
    """
    figures: list[str] = []
    inputs: list[str] = []
    files = set()
    for run_id in said["run_ids"]:
        row = store.run(run_id)
        if row is None:
            inputs.append(f"run {run_id}: gone from the store")
            continue
        made = said_of(row)
        actions = assumed(made)
        files |= set() if actions is None else {actions.sha256}
        try:
            _, again, wrong = settle_as_said(store, made, actions)
            inputs += wrong
            figures += _of_run(row, store, again)
        except (StoreDamaged, UnknownVersion, SettlementError, ReportError) as error:
            inputs.append(f"{_named(row)}: it cannot be settled again ({error})")
    received = [one for one in said["landings"] if one["sha256"] not in files]
    inputs += landings_wrong(store, {"landings": received})
    try:
        figures += _of_report(manifest_path, said, store.home)
    except (StoreDamaged, UnknownVersion, SettlementError, ReportError) as error:
        inputs.append(f"the report cannot be made again ({error})")
    return figures, inputs


def _named(row: RunRow) -> str:
    return f"run {row.run_type} {row.run_id[:12]} of {row.settlement_date}"


def _of_run(row: RunRow, store: Store, again: Settled) -> list[str]:
    """Every quantity of a kept run that is another when it is settled again, with the first place."""
    from reports.open_view import settled_of

    kept = settled_of(row, store)
    known = quantities(kept.way, kept.single_price, kept.losses)
    named = _named(row)
    wrong = [f"{named}, {name}: kept, found none" for name in sorted(set(kept.arrays) - set(again.arrays))]
    for name in sorted(set(kept.arrays) & set(again.arrays)):
        was, now = kept.values(name), again.values(name)
        if was.shape != now.shape:
            wrong.append(f"{named}, {name}: kept {was.size} values, found {now.size}")
            continue
        unit = known[name].unit if name in known else ""
        if len(places := np.flatnonzero(~_same(was, now, unit))):
            grain, at = kept.grain(name), int(places[0])
            place = ", ".join(f"{key} {grain.column(key)[at]}" for key in grain.keys)
            more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
            wrong.append(f"{named}, {name}, {place}: kept {was[at]}, found {now[at]}{more}")
    return wrong


def _same(was: np.ndarray, now: np.ndarray, unit: str) -> np.ndarray:
    figures = was.dtype.kind == now.dtype.kind == "f"
    return reported_alike(was, now, DECIMALS.get(unit, 3)) if figures else np.asarray(was == now)


def _of_report(manifest_path: Path, said: dict[str, Any], home: Path) -> list[str]:
    """What the report would say now, from the same runs, that it did not say."""
    from reports.subjects_of_notebooks import subject_of

    subject = subject_of(said["kind"], _asked(said), home)
    if list(subject.run_ids) != said["run_ids"]:
        other = [one for one in subject.run_ids if one not in said["run_ids"]]
        return [f"runs: reported {len(said['run_ids'])}, found {len(other)} others, first {', '.join(other[:1])}"]
    return [
        *(f"{place}: reported {was}, found {now}" for place, was, now in _differing(said["results"], subject.results)),
        *tables_wrong(manifest_path, said, subject.tables()),
    ]


def _asked(said: dict[str, Any]) -> dict[str, Any]:
    """The parameters that the report was made with; runs by their ids where the notebook takes one."""
    given, ids = said["given"], said["run_ids"]
    if said["kind"] == PRICE_CONFORMANCE:
        return {"span": given["span"], "run": given["run"] or None}
    first = date.fromisoformat(said["settlement_date"])
    if said["kind"] == RUN_VARIANCE:
        return {"settlement_date": first, "earlier": ids[0], "run": ids[1]}
    run = ids[0] if len(ids) == 1 else said["run"] if "-" not in said["run"] else None
    last = date.fromisoformat(given["last_date"])
    return {
        "party": given["party"], "settlement_date": first, "last_date": last if last != first else None, "run": run,
        "copy_for": given["copy"],
    }  # fmt: skip


def _differing(was: Any, now: Any, place: str = "") -> list[tuple[str, Any, Any]]:
    """Where two results differ, by the names and numbers on the way there."""
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        keys = [*was, *(key for key in now if key not in was)]
        parts = [(f"{place}, {key}" if place else str(key), was.get(key), now.get(key)) for key in keys]
    elif _listed(was) and _listed(now) and len(was) == len(now):
        parts = [(_spoken(place, one, at), one, two) for at, (one, two) in enumerate(zip(was, now, strict=True), 1)]
    else:
        return [] if was == now else [(place or "results", was, now)]
    return [found for inner, one, two in parts for found in _differing(one, two, inner)]


def _listed(what: Any) -> bool:
    return isinstance(what, Sequence) and not isinstance(what, str)


def _spoken(place: str, one: Any, at: int) -> str:
    """A member of a list by what it says that it is, else by its number."""
    names = ("settlement_date", "settlement_period", "quantity", "key")
    said = next((f"{one[name]}" for name in names if isinstance(one, Mapping) and name in one), str(at))
    return f"{place}, {said}" if place else said
