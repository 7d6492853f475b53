"""A run settled once more from the store, as a manifest or its own row says that it was made; nothing is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from reports.signing.inputs_held import parts_wrong

if TYPE_CHECKING:
    from loaders.store.records import RunRow
    from loaders.store.session import Store
    from settlement.settled import Settled


def said_of(row: RunRow) -> dict[str, Any]:
    """What a kept run says of how it was made, in the words of a manifest."""
    told = row.details
    return {
        "run_id": row.run_id, "settlement_date": row.settlement_date.isoformat(), "run": row.run_type,
        "store_version": row.store_version, "way": told["way"], "options": row.options, "parts": row.parts,
        "as_of": told["as_of"], "assumed": row.assumed, "assumed_sha256": told.get("assumed_sha256"),
    }  # fmt: skip


def settle_as_said(store: Store, said: dict[str, Any], assumed: Any) -> tuple[RunRow, Settled, list[str]]:
    """The run as it would be kept now, its arrays, and which inputs are not those of the manifest.

    Raises StoreDamaged, UnknownVersion, SettlementError, ReportError where it cannot be settled.
    """
    from loaders.store.records import RunRow
    from reports.day_inputs import Reading, gather_day
    from reports.day_settlement import code_hash, details_of, named, parts_read, told_of
    from reports.run_tables import from_tables, to_tables
    from reports.settling import losses_of, scalars, settle_gathered, settled
    from settlement.options import OPTIONS

    on, version = date.fromisoformat(said["settlement_date"]), said["store_version"]
    day = gather_day(store, on, Reading(version, said["run"]), way=said["way"], assumed=assumed)
    parts = parts_read(store, day)
    wrong = parts_wrong(store, said, parts)
    options = {name: value for name, value in said["options"].items() if name in OPTIONS}
    whole = settled(day, settle_gathered(day, options), options)
    as_of = said.get("as_of")
    row = RunRow(
        said["run_id"], 0, on, said["run"], version, version, [named(part) for part in parts], scalars(day), options,
        told_of(day.published), code_hash(), said["assumed"],
        details_of(day, None if as_of is None else datetime.fromisoformat(as_of)), datetime.now(UTC),
    )  # fmt: skip
    # Through the tables, as a kept run comes back: so the same path makes both views.
    kept = from_tables(
        to_tables(whole.arrays, whole.grains, whole.sources), settlement_date=on, way=day.way,
        parameters=row.parameters, options=options, published=row.published, notes=day.notes, losses=losses_of(day),
    )  # fmt: skip
    return row, kept, wrong
