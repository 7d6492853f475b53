"""The sign-off of a report as a file beside it: `STEM.signoff.json`, to be sent along and checked offline.

It holds the entries of one report whole. Of the others, from the first of its own to the newest of the chain, it holds
the heads alone: number and hashes, no names and no words. So a reader sees that the entries stand in one chain, at
their places, that none of this report was left out, and learns nothing of other reports.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from loaders.store.files import FileLayer
from reports.errors import ReportError
from reports.manifest import canonical, sha256
from reports.signing.records import Hash, Record
from reports.signing.signing import MANIFEST
from reports.signoff.records import Body, Head, Subject, entry_of

if TYPE_CHECKING:
    from loaders.store.session import Store

FORM = "settlement-workbench sign-off of a report 1"
ENDING = ".signoff.json"
SELF = "signoff_sha256"


class NothingToExport(ReportError):
    """A report without an entry; its one argument says so and what to do."""


class Said(Record):
    """The body of an entry, at its place."""

    number: Annotated[int, Field(ge=1)]
    body: Body


class Export(Record):
    """The entries of one report, and the heads that hold them in the chain."""

    form: Literal["settlement-workbench sign-off of a report 1"]
    subject: Subject
    entries: Annotated[list[Said], Field(min_length=1)]
    heads: Annotated[list[Head], Field(min_length=1)]
    signoff_sha256: Hash  # over all the rest


def signoff_path(manifest: Path) -> Path:
    """The sign-off file of a manifest."""
    return manifest.with_name(manifest.name.removesuffix(MANIFEST) + ENDING)


def content_of(store: Store, subject: Subject) -> bytes:
    """The bytes of the file. Raises NothingToExport, NotAsWritten."""
    from loaders.store.signoff_entries import rows

    every = [entry_of(row) for row in rows(store.engine)]
    own = [entry for entry in every if entry.body.subject.id == subject.id]
    if not own:
        raise NothingToExport(
            f"{subject.name}: found no entry about this run and content, wanted one. "
            'Prepare it with "bsc signoff prepare", or export the report that was signed off.'
        )
    said = {
        "form": FORM,
        "subject": subject.data(),
        "entries": [{"number": entry.number, "body": entry.body.data()} for entry in own],
        "heads": [entry.head.data() for entry in every if entry.number >= own[0].number],
    }
    return canonical(said | {SELF: sha256(canonical(said))})


def export(store: Store, subject: Subject, manifest: Path, keys: Path, layer: FileLayer | None = None) -> Path:
    """Write the sign-off beside a report, with the public records of the keys that signed.

    keys  the folder of keys

    Raises NothingToExport, NotAsWritten, and StoreUnavailable when the disk is full or refuses.
    """
    import json

    from reports.signing.keys import public_records
    from reports.signing.public_records import ENDING as PUBLIC
    from reports.signing.signing import keys_before
    from reports.signing.whole_files import alone, put

    path, content = signoff_path(manifest), content_of(store, subject)
    signers = {one["body"]["key_id"] for one in json.loads(content)["entries"]} - {None}
    known = public_records(keys) if signers and keys.is_dir() else {}
    records = {one.key_id: one for name in signers & set(known) for one in keys_before(known[name], known)}
    with alone(manifest.parent):
        beside = {manifest.with_name(f"{name}{PUBLIC}"): canonical(one.data()) for name, one in records.items()}
        put({**beside, path: content}, layer)
    return path
