"""How a subject stands, and which move is allowed from where. Pure: entries in, words out.

    draft -> prepared -> reviewed -> published        prepare, review (by another person), publish
    prepared, reviewed, published -> superseded       by the workbench alone, when a newer run is there
    all but draft -> draft                            reopen, with a reason

An exception of the Work list is open or closed. Assigning and commenting move nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reports.signoff.people import WORKBENCH, same_person
from reports.signoff.records import Body, Entry

STATES = ("draft", "prepared", "reviewed", "published", "superseded")
STANDING = ("prepared", "reviewed", "published")  # what late data and new runs touch
# Kind and action: from which states, and to which.
MOVES: dict[tuple[str, str], tuple[tuple[str, ...], str]] = {
    ("report", "prepare"): (("draft",), "prepared"),
    ("report", "review"): (("prepared",), "reviewed"),
    ("report", "publish"): (("reviewed",), "published"),
    ("report", "supersede"): (STANDING, "superseded"),
    ("report", "reopen"): ((*STANDING, "superseded"), "draft"),
    ("work", "close"): (("open",), "closed"),
    ("work", "reopen"): (("closed",), "open"),
}
_STILL = ("assign", "comment")
_NEXT = {
    "draft": 'Prepare it with "bsc signoff prepare".',
    "prepared": 'Have another person review it with "bsc signoff review", or reopen it.',
    "reviewed": 'Publish it with "bsc signoff publish", or reopen it.',
    "published": 'It is done; reopen it with a reason with "bsc signoff reopen".',
    "superseded": "A newer run took its place: sign that one off, or reopen this one with a reason.",
    "open": "Close it with a comment.",
    "closed": "Reopen it with a reason.",
}


@dataclass(frozen=True)
class Standing:
    """How a subject stands after its entries.

    prepared, reviewed, published  the entries of the present round; none of a round that was reopened
    last                           the newest entry, assignments and comments included
    """

    state: str
    prepared: Entry | None = None
    reviewed: Entry | None = None
    published: Entry | None = None
    moved: Entry | None = None
    last: Entry | None = None
    assigned_to: str | None = None
    entries: tuple[Entry, ...] = ()

    @property
    def signed_off_by(self) -> list[tuple[str, Entry]]:
        """The moves that stand, in order, each with its word."""
        moves = (("prepared", self.prepared), ("reviewed", self.reviewed), ("published", self.published))
        return [(word, entry) for word, entry in moves if entry is not None]


def start(kind: str) -> Standing:
    """How a subject without entries stands."""
    return Standing("draft" if kind == "report" else "open")


def after(standing: Standing, entry: Entry) -> Standing:
    """How the subject stands after one more entry."""
    body = entry.body
    now = replace(standing, state=body.state, last=entry, entries=(*standing.entries, entry))
    if body.action == "assign":
        return replace(now, assigned_to=body.assigned_to)
    if body.action == "comment":
        return now
    now = replace(now, moved=entry)
    if body.action == "reopen":
        return replace(now, prepared=None, reviewed=None, published=None)
    if body.action in ("prepare", "review", "publish"):
        return replace(now, **{body.state: entry})  # type: ignore[arg-type]
    return now


def standing_of(kind: str, entries: Iterable[Entry]) -> Standing:
    """How a subject stands after all its entries."""
    now = start(kind)
    for entry in entries:
        now = after(now, entry)
    return now


def state_after(standing: Standing, kind: str, action: str) -> str:
    """The state that a move leads to; the present one where it moves nothing."""
    return MOVES[kind, action][1] if (kind, action) in MOVES else standing.state


def refusal(standing: Standing, body: Body) -> str | None:
    """Why an entry may not follow; None where it may. The same rules hold for writing and for checking."""
    about = body.subject.name
    if not body.comment.strip() and body.action != "assign":
        return f"{about}: found no comment, wanted one: each step says why. Give it with --comment."
    if body.action in _STILL:
        moved = body.state != standing.state
        return f"{about}: found {body.action} with the state {body.state}, wanted {standing.state}." if moved else None
    return _wrong_move(standing, body) or _wrong_person(standing, body)


def _wrong_move(standing: Standing, body: Body) -> str | None:
    kind, action, about = body.subject.kind, body.action, body.subject.name
    if (kind, action) not in MOVES:
        return f"{about}: found {action}, wanted a move of what is of the kind {kind!r}."
    wanted, to = MOVES[kind, action]
    if standing.state in wanted and body.state == to:
        return None
    by = standing.moved.body if standing.moved else None
    since = f" by {by.who} at {by.at} ({by.comment})" if by else ""
    return (
        f"{about}: found {standing.state}{since}, wanted {' or '.join(wanted)} to {action} it. {_NEXT[standing.state]}"
    )


def _wrong_person(standing: Standing, body: Body) -> str | None:
    if body.action == "supersede" and body.who != WORKBENCH:
        about = body.subject.name
        return f"{about}: found {body.who}, wanted a newer run: nobody supersedes by hand. Reopen it with a reason."
    if body.action == "review" and standing.prepared is not None:
        return _second_person(standing.prepared.body, body)
    return None


def _second_person(prepared: Body, body: Body) -> str | None:
    about = body.subject.name
    if same_person(prepared.who, body.who):
        return (
            f"{about}: found {body.who}, who prepared it as {prepared.who}, wanted another person to review it. "
            "Ask a colleague."
        )
    if body.key_id is not None and body.key_id == prepared.key_id:
        return (
            f"{about}: found key {body.key_id}, which signed as preparer, wanted the key of another person. "
            "Ask a colleague."
        )
    return None
