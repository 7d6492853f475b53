"""A Trading Dispute opened from an entry of the Work list: the case, and what is said of it where it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.signoff.recording import Overtaken, record
from reports.signoff.records import LONGEST_COMMENT
from settlement.command_line import AskedWrongly

if TYPE_CHECKING:
    from loaders.store.session import Store
    from reports.disputes.records import Case
    from reports.work.records import WorkItem

QUANTITY = "system_price"


def open_dispute(store: Store, item: WorkItem, who: str, reason: str, party: str = "", seen: int | None = None) -> Case:
    """A draft of a case on the price of an entry, of the run that it shows; the entry says that it was opened.

    party  whose imbalance the price is reckoned with; blank: said later
    seen   number of the newest entry that its author has seen; None: not asked

    Raises AskedWrongly for an entry that is about no price or a reason that is missing, Overtaken where somebody moved
    it meanwhile, UnknownLabel for a party that the run does not have.
    """
    from reports.disputes import cases
    from reports.disputes.records import Said

    if item.kind != "price" or item.settlement_date is None or item.settlement_period is None:
        raise AskedWrongly(f"{item.id}: found an entry of {item.kind}, wanted one of a price. Open it from there.")
    if not reason.strip():
        raise AskedWrongly(f"{item.id}: found no reason, wanted why it is a Settlement Error. Say it.")
    if seen is not None and seen != item.seen:
        raise Overtaken(
            f"{item.id}: somebody wrote of it since you looked. Nothing was opened: look again, then decide."
        )
    made = cases.new(
        store.home, QUANTITY, [item.settlement_date], run=item.subject.run_id or item.run,
        key={"party": party.strip()} if party.strip() else {}, periods=[item.settlement_period],
        said=Said(reason=reason.strip()), by=who,
    )  # fmt: skip
    record(store, item.subject, "comment", who, f"Opened {made.name}: {reason.strip()}"[:LONGEST_COMMENT], seen=seen)
    return made
