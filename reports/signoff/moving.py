"""A move as a person asks for it: what data and runs call for is written first, so nobody signs what is out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.signoff.people import WORKBENCH
from reports.signoff.recording import MoveRefused, record
from reports.signoff.records import Entry, Subject
from reports.signoff.reopening import due_of, out_of_date
from reports.signoff.standing import stands

if TYPE_CHECKING:
    from loaders.store.session import Store
    from reports.signing.keys import SigningKey


def move(
    store: Store,
    subject: Subject,
    action: str,
    who: str,
    comment: str,
    *,
    manifest_sha256: str | None = None,
    key: SigningKey | None = None,
    seen: int | None = None,
    version: int | None = None,
    despite_late: bool = False,
) -> Entry:
    """Prepare, review, publish or reopen the figures of a run.

    seen          number of the last entry that its author has seen; None: not asked
    version       store version at which the figures were read; None: the newest
    despite_late  prepare a run although data came since, or a newer run is there

    Raises MoveRefused, and all that `recording.record` raises.
    """
    if action in ("review", "publish") and (late := due_of(store, stands(store, subject))) is not None:
        record(store, subject, late.action, WORKBENCH, late.reason, seen=late.seen)
    if action == "prepare" and not despite_late and (why := out_of_date(store, subject)) is not None:
        raise MoveRefused(
            f"{subject.name}: found {why}; wanted the newest run, settled from what is held now. Settle the day again "
            f'with "bsc settle {subject.settlement_date} --run {subject.run}", or prepare it with --despite-late-data.'
        )
    return record(
        store, subject, action, who, comment, manifest_sha256=manifest_sha256, key=key, seen=seen, version=version
    )  # fmt: skip
