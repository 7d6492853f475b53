"""Sign-off on the command line: `bsc signoff list`, `show`, `prepare`, `review`, `publish`, `reopen`, `check`, ..."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reports.asked import As, Run, a_day, opened
from settlement.command_line import AsJson, AskedWrongly, Home, answer, working

if TYPE_CHECKING:
    from loaders.store.session import Store
    from reports.signoff.records import Entry, Subject
    from reports.signoff.standing import Stands

signoff = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Prepare, review and publish the figures of runs; by two people."
)
Target = Annotated[str, typer.Argument(metavar="DATE_OR_REPORT", help="Settlement Date, or a report as a file.")]
Comment = Annotated[str, typer.Option("--comment", help="What you looked at, or why.")]
Key = Annotated[str | None, typer.Option("--key", help="Sign the entry with this key; 'only' for the only one.")]


@signoff.command("list")
def list_all(
    state: Annotated[str | None, typer.Option("--state", help="Of this state only.")] = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """The runs that somebody has signed off, how each stands, and what late data or new runs are about to reopen.

    What waits for a sign-off stands in the Work list: bsc work list.

    Example:  bsc signoff list --state prepared
    """
    from reports.signoff.reopening import due
    from reports.signoff.standing import all_standing
    from reports.signoff.states import STATES

    if state is not None and state not in STATES:
        raise AskedWrongly(f"--state: found {state!r}, wanted one of {', '.join(STATES)}.")
    with opened(home) as store:
        every = all_standing(store)
        late = {one.subject.id: one for one in due(store, every)}
    found = [one for one in every.values() if one.subject.kind == "report" and state in (None, one.standing.state)]
    found.sort(key=lambda one: one.subject.name)
    data = [one.as_dict() | {"due": late[one.subject.id].as_dict() if one.subject.id in late else None}
            for one in found]  # fmt: skip
    lines = [f"{_line(one)}" + (f"\n  due: {late[one.subject.id].reason}" if one.subject.id in late else "")
             for one in found]  # fmt: skip
    answer(data, as_json, "\n".join(lines) or "Nothing is signed off" + (f" as {state}." if state else "."))


@signoff.command("show")
def show(target: Target, run: Run = None, home: Home = Path("workspace"), as_json: AsJson = False) -> None:
    """Every entry about a run with its present content, the oldest first.

    Example:  bsc signoff show 2024-01-15 --run SF
    """
    from reports.signoff.standing import stands

    with opened(home) as store, working("reading the run", as_json):
        found = stands(store, _subject(store, target, run)[0])
    entries = [entry.as_dict() for entry in found.standing.entries]
    lines = [_line(found), *(_entry_line(entry) for entry in found.standing.entries)]
    answer(found.as_dict() | {"entries": entries}, as_json, "\n".join(lines))


@signoff.command("prepare")
def prepare(
    target: Target,
    comment: Comment,
    run: Run = None,
    who: As = None,
    key: Key = None,
    despite_late: Annotated[
        bool, typer.Option("--despite-late-data", help="Although data came since, or a newer run is there.")
    ] = False,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Say that the figures of a run are ready to be reviewed by another person.

    Example:  bsc signoff prepare 2024-01-15 --run SF --as "Ana Lima" --comment "Period 12 explained, see dispute 3"
    """
    _move("prepare", target, run, who, comment, key, home, as_json, despite_late)


@signoff.command("review")
def review(
    target: Target, comment: Comment, run: Run = None, who: As = None, key: Key = None,
    home: Home = Path("workspace"), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say that you have looked at figures that another person prepared, and what you looked at.

    Example:  bsc signoff review 2024-01-15 --run SF --as "Ben Ode" --comment "Stack of period 12 followed by hand"
    """
    _move("review", target, run, who, comment, key, home, as_json)


@signoff.command("publish")
def publish(
    target: Target, comment: Comment, run: Run = None, who: As = None, key: Key = None,
    home: Home = Path("workspace"), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say that reviewed figures are given out, and to whom.

    Example:  bsc signoff publish 2024-01-15 --run SF --as "Ben Ode" --comment "Sent to the trading desk"
    """
    _move("publish", target, run, who, comment, key, home, as_json)


@signoff.command("reopen")
def reopen(
    target: Target, comment: Comment, run: Run = None, who: As = None, key: Key = None,
    home: Home = Path("workspace"), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take figures back to draft, with the reason. Nothing that was said of them is lost.

    Example:  bsc signoff reopen 2024-01-15 --run SF --as "Ben Ode" --comment "Unit SYNB-1 was settled as demand"
    """
    _move("reopen", target, run, who, comment, key, home, as_json)


@signoff.command("check")
def check(home: Home = Path("workspace"), as_json: AsJson = False) -> None:
    """Reopen what late data touched, supersede what a newer run took the place of; exit code 1 where there was any.

    Example:  bsc signoff check
    """
    from reports.signoff.reopening import check as write_what_is_due
    from reports.signoff.reopening import in_words

    with opened(home) as store, working("comparing", as_json):
        written = write_what_is_due(store)
    words = "\n".join(in_words(written)) or "Nothing to reopen: no late data and no newer run of what is signed off."
    answer([entry.as_dict() for entry in written], as_json, words)
    if written:
        raise typer.Exit(1)


@signoff.command("export")
def export(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A report, with its manifest beside it.")],
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Write the sign-off of a report beside it, for readers without this workspace: STEM.signoff.json.

    Example:  bsc signoff export settlement-2024-01-15-SF.html
    """
    from reports.signing.keys import keys_folder
    from reports.signoff.exporting import export as write_beside
    from reports.signoff.subjects import subject_stated

    with opened(home) as store:
        subject, manifest = subject_stated(report)
        path = write_beside(store, subject, manifest, keys_folder(home))
    answer({"signoff": str(path), **subject.data()}, as_json, f"{path}\nsend it along: bsc verify checks it, offline")


def _move(
    action: str, target: str, run: str | None, who: str | None, comment: str, key: str | None, home: Path,
    as_json: bool, despite_late: bool = False,
) -> None:  # fmt: skip
    from reports.signing.keys import keys_folder, signing_key
    from reports.signoff.moving import move
    from reports.signoff.people import somebody

    name = somebody(who)
    signer = None if key is None else signing_key(keys_folder(home), None if key == "only" else key)
    with opened(home) as store:
        version = store.version()  # before the figures are read: what a load brings meanwhile is late
        with working("reading the run", as_json):
            subject, manifest_sha256 = _subject(store, target, run)
        entry = move(
            store, subject, action, name, comment, manifest_sha256=manifest_sha256, key=signer,
            version=version, despite_late=despite_late,
        )  # fmt: skip
    answer(entry.as_dict(), as_json, f"{subject.name}: {_entry_line(entry)}")


def _subject(store: Store, target: str, run: str | None) -> tuple[Subject, str | None]:
    from reports.signoff.subjects import subject_held, subject_of_report

    path = Path(target)
    if path.suffix in (".html", ".json") or path.is_file():
        if run is not None:
            raise AskedWrongly("--run: found it beside a report, wanted one of them: a report names its run.")
        return subject_of_report(store, path)
    return subject_held(store, a_day(target), run), None


def _line(one: Stands) -> str:
    now = one.standing
    people = [f"{word} by {entry.body.who}" for word, entry in now.signed_off_by]
    assigned = [f"with {now.assigned_to}"] if now.assigned_to else []
    return f"{one.subject.name:<14} {now.state:<10} {', '.join([*people, *assigned])}  run {one.subject.run_id}"


def _entry_line(entry: Entry) -> str:
    body: Any = entry.body
    signed = f", signed with key {body.key_id}" if body.key_id else ""
    to = f" to {body.assigned_to or 'nobody'}" if body.action == "assign" else ""
    clock = f" (the clock said {body.clock})" if body.clock else ""
    comment = f": {body.comment}" if body.comment else ""
    return f"entry {entry.number}, {body.action}{to} by {body.who} at {body.at}{clock}, {body.state}{signed}{comment}"
