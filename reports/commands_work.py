"""The Work list on the command line: `bsc work list`, `assign`, `comment`, `close`, `reopen`, `dispute`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reports.asked import As
from settlement.command_line import AsJson, AskedWrongly, Home, answer, working

if TYPE_CHECKING:
    from reports.work.listed import Work

work = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="What needs a person, by money and days left: who has it."
)
Name = Annotated[str, typer.Argument(metavar="ENTRY", help="Its name, as price-2024-01-15-SF-7.")]
Comment = Annotated[str, typer.Option("--comment", help="What you found, or why.")]
Days = Annotated[int, typer.Option("--days", min=1, help="So many of the newest settled days.")]


@work.command("list")
def list_all(
    kind: Annotated[str | None, typer.Option("--kind", help="price, refused, load, sign-off or dispute.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="What is with you.")] = False,
    every: Annotated[bool, typer.Option("--all", help="The closed ones too.")] = False,
    days: Days = 31,
    who: As = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Prices, refused rows, loads, sign-offs and disputes that need a person, by money and then by days left.

    Example:  bsc work list --kind price
    """
    from reports.signoff.people import same_person, somebody
    from reports.work.listed import in_words
    from reports.work.records import KINDS

    if kind is not None and kind not in KINDS:
        raise AskedWrongly(f"--kind: found {kind!r}, wanted one of {', '.join(KINDS)}.")
    me = somebody(who) if mine else ""
    with _opened(home) as held, working("reading the settled days", as_json):
        found = held.list(days=days)
    shown = [
        one for one in found.items
        if (every or one.open) and kind in (None, one.kind) and (not mine or same_person(one.assigned_to, me))
    ]  # fmt: skip
    data = {
        "today": found.today, "days": list(found.days), "days_left_out": found.left_out,
        "items": [one.as_dict() for one in shown],
    }  # fmt: skip
    answer(data, as_json, lambda: in_words(found, shown))


@work.command("assign")
def assign(
    name: Name,
    to: Annotated[str, typer.Option("--to", help="To whom; '' takes it from everybody.")],
    comment: Annotated[str, typer.Option("--comment", help="What to look at.")] = "",
    who: As = None, days: Days = 31, home: Home = Path("workspace"), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Give an entry to a person.

    Example:  bsc work assign price-2024-01-15-SF-7 --to "Ana Lima"
    """
    _act("assign", name, who, comment, days, home, as_json, to)


@work.command("comment")
def comment(
    name: Name, text: Comment, who: As = None, days: Days = 31, home: Home = Path("workspace"), as_json: AsJson = False
) -> None:
    """Say something about an entry; it stays.

    Example:  bsc work comment price-2024-01-15-SF-7 --comment "Stage 5: an SO flag that the feed does not have"
    """
    _act("comment", name, who, text, days, home, as_json)


@work.command("close")
def close(
    name: Name, text: Comment, who: As = None, days: Days = 31, home: Home = Path("workspace"), as_json: AsJson = False
) -> None:
    """Take an entry off the list, with the reason; of another run it comes back as another entry.

    Example:  bsc work close price-2024-01-15-SF-7 --comment "Explained by the published vintage"
    """
    _act("close", name, who, text, days, home, as_json)


@work.command("reopen")
def reopen(
    name: Name, text: Comment, who: As = None, days: Days = 31, home: Home = Path("workspace"), as_json: AsJson = False
) -> None:
    """Put a closed entry back on the list, with the reason.

    Example:  bsc work reopen price-2024-01-15-SF-7 --comment "The vintage does not explain it all"
    """
    _act("reopen", name, who, text, days, home, as_json)


@work.command("dispute")
def dispute(
    name: Name,
    text: Annotated[str, typer.Option("--comment", help="Why it is a Settlement Error.")],
    party: Annotated[str, typer.Option("--party", help="Whose imbalance the price is reckoned with.")] = "",
    who: As = None, days: Days = 31, home: Home = Path("workspace"), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Open a dispute on the price of an entry: a draft, with figures and inputs frozen from the run it shows.

    Example:  bsc work dispute price-2024-01-15-SF-7 --comment "Stage 5 left out an SO flag"
    """
    from reports.asked import asking
    from reports.disputes.words import as_dict, as_text
    from reports.signoff.people import somebody

    me = somebody(who)
    with asking(), _opened(home) as held, working("gathering the case", as_json):
        made = held.open_dispute(held.item(name, days=days), me, text, party)
    answer(as_dict(made), as_json, lambda: as_text(made))


def _act(
    action: str, name: str, who: str | None, text: str, days: int, home: Path, as_json: bool, to: str = ""
) -> None:
    from reports.signoff.people import somebody

    me = somebody(who)
    with _opened(home) as held:
        with working("reading the settled days", as_json):
            item = held.item(name, days=days)
        entry = held.act(item, action, me, text, to)
    body = entry.body
    told = f"is with {body.assigned_to or 'nobody'}" if action == "assign" else f"is {body.state}"
    answer(entry.as_dict(), as_json, f"{name} {told} (entry {entry.number}, by {body.who})")


@contextmanager
def _opened(home: Path) -> Iterator[Work]:
    from reports.access import THIS_MACHINE, Access, NoWorkspace

    try:
        access = Access(home)
    except NoWorkspace as error:
        raise AskedWrongly(str(error)) from error
    try:
        yield access.work(THIS_MACHINE)
    finally:
        access.close()
