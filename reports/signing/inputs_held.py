"""Whether the inputs that a manifest names are still those: files as received, and kept rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from loaders.errors import StoreDamaged
from reports.manifest import sha256

if TYPE_CHECKING:
    from loaders.store.records import PartRow
    from loaders.store.session import Store


def landings_wrong(store: Store, said: dict[str, Any], assumed: Any = None) -> list[str]:
    """Files as received that are gone or altered, by name and hash; the assumed file is none of the store's."""
    wrong = []
    for one in said["landings"]:
        if assumed is not None and one["sha256"] == assumed.sha256:
            continue
        try:
            store.landing_bytes(one["sha256"])
        except StoreDamaged:
            path = store.landings_folder / one["sha256"]
            found = f"altered, found SHA-256 {sha256(path.read_bytes())}" if path.exists() else "gone"
            wrong.append(f"input file {one['file']} with SHA-256 {one['sha256']}: {found}")
    return wrong


def parts_wrong(store: Store, said: dict[str, Any], parts: Sequence[PartRow]) -> list[str]:
    """Kept rows that are not those the manifest names, or not what the store says of them.

    A file of rows is held to its name, and the rows of the day in it to their own hash: so
    it is seen also where somebody wrote the records of the store to fit.
    """
    from reports.day_settlement import named

    wrong = []
    names = {named(part) for part in parts}
    stated = set(said.get("parts") or names)
    for name in sorted(stated - names):
        wrong.append(f"input rows of {name.split(':')[0]} with hash {name.split(':')[2]}: gone from the store")
    for name in sorted(names - stated):
        wrong.append(f"input rows of {name.split(':')[0]} with hash {name.split(':')[2]}: not those reported")
    for part in parts:
        if part.kind in ("rows", "withdrawn") and (found := _of_part(store, part)):
            wrong.append(f"input rows of {part.dataset}, file {part.sha256}.parquet: {found}")
    return wrong


def _of_part(store: Store, part: PartRow) -> str | None:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from loaders.store.parts import rows_hash

    path = store.parts_folder / f"{part.sha256}.parquet"
    if not path.exists():
        return "gone"
    content = path.read_bytes()
    if (found := sha256(content)) != part.sha256:
        return f"altered, found SHA-256 {found}"
    table = pq.read_table(pa.BufferReader(content))
    if part.settlement_date is not None:
        table = table.filter(pc.field("settlement_date") == pa.scalar(part.settlement_date, pa.date32()))
    found = rows_hash(table)
    return None if found == part.rows_hash else f"altered, found rows of hash {found}, wanted {part.rows_hash}"
