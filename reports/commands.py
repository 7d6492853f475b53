"""Verbs of this room: demo, settle, compare, report, verify, lab. Those that answer why stand in commands_why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from reports.asked import Day, Run, a_day, an_instant, asking, options_of
from settlement.command_line import AsJson, AskedWrongly, Home, answer, working


def settle(
    day: Day,
    run: Annotated[str, typer.Option("--run", help="Run type (IP, II, SF ...).")] = "IP",
    as_of: Annotated[str | None, typer.Option("--as-of", help="Settle from what was held at this UTC instant.")] = None,
    assume: Annotated[Path | None, typer.Option("--assume", help="CSV of adjustment actions no feed brought.")] = None,
    way: Annotated[
        str | None, typer.Option("--way", help="'stack' or 'acceptances'; left out: the stack if there.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option("--option", help="name=value of an open doubt; repeatable.")
    ] = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Settle a day: its imbalance prices, kept as a run. The same inputs give the same run and settle nothing.

    Example:  bsc settle 2024-01-15
    """
    from reports.day_settlement import settle_day
    from settlement.calendar import RUN_TYPES

    if run not in RUN_TYPES:
        raise AskedWrongly(f"--run: found {run!r}, wanted one of {', '.join(RUN_TYPES)}.")
    with working(f"settling {day} {run}", as_json):
        made = settle_day(
            a_day(day), run, home=home, as_of=an_instant(as_of), assume=assume, way=_way(way),
            options=options_of(option),
        )  # fmt: skip
    row = made.run
    data = {
        "settlement_date": row.settlement_date, "run": row.run_type, "run_id": row.run_id, "new": made.new,
        "messages": made.messages, "way": row.details["way"], "assumed": row.assumed,
        "losses": row.details["losses"], "set_aside": row.details["set_aside"], "doubtful": row.details["doubtful"],
        "doubtful_charges": row.details["doubtful_charges"], "defaults": row.details["defaults"],
        "warnings": row.details["warnings"],
    }  # fmt: skip
    what = f"settled, {made.messages} messages" if made.new else "settled before: reused, 0 messages"
    lines = [f"{row.settlement_date} {row.run_type} from {row.details['way']}: {what}", f"run {row.run_id}"]
    if row.assumed:
        lines.append(f"ASSUMED adjustment actions of {row.assumed}")
    lines += [f"period {period} set aside: {'; '.join(why)}" for period, why in _few(row.details["set_aside"])]
    lines += [f"taken by rule: {one['what']} ({one['rule']})" for one in row.details["defaults"] if one["of_charges"]]
    doubted = row.details["doubtful_charges"]
    lines += [f"charges of period {period} lack something: {'; '.join(why)}" for period, why in _few(doubted)]
    if row.details["losses"] == "metered":
        lines.append(f"charges of all Parties are in the run: bsc explain daily_party_net_due --date {day} --party P")
    from reports.signoff.reopening import after_load

    data["reopened"] = reopened = after_load(home)
    answer(data, as_json, "\n".join([*lines, *reopened]))
    if row.details["set_aside"] and len(row.details["set_aside"]) == _count(row.settlement_date):
        raise typer.Exit(1)


def compare(
    days: Annotated[str, typer.Argument(metavar="A[..B]", help="A day, or first..last.")],
    run: Run = None,
    charges: Annotated[
        bool, typer.Option("--charges", help="Volumes and charges against the settlement report (S0142) instead.")
    ] = False,
    volumes: Annotated[
        bool, typer.Option("--volumes", help="Accepted volumes, cashflows and loss multipliers, as published, instead.")
    ] = False,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Own against published: every period of each day, and why they differ.

    Example:  bsc compare 2024-01-15..2024-01-17 --json
    """
    if charges and volumes:
        raise typer.BadParameter("found both --charges and --volumes, wanted one of them")
    if charges or volumes:
        _compare_figures(a_day(days), run, home, as_json, charges)
        return
    from reports.comparison import compare_day, days_between, in_words

    with working("comparing", as_json):
        entries = [entry for one in days_between(days) for entry in compare_day(one, run, home)]
    answer(entries, as_json, lambda: in_words(entries))
    if any(entry["class"] in ("unexplained", "vintage", "not comparable") for entry in entries):
        raise typer.Exit(1)


def _compare_figures(day: date, run: str | None, home: Path, as_json: bool, charges: bool) -> None:
    from reports.charges_comparison import compare_charges
    from reports.figures_compared import in_words
    from reports.volumes_comparison import compare_volumes

    with working("comparing", as_json):
        found = (compare_charges if charges else compare_volumes)(day, run, home)
    answer([one.as_dict() for one in found], as_json, lambda: in_words(found))
    if any(one.differing for one in found):
        raise typer.Exit(1)


def report(
    day: Annotated[
        str | None, typer.Argument(metavar="DATE", help="Settlement Date, yyyy-mm-dd; of notebooks that have one.")
    ] = None,
    run: Run = None,
    notebook: Annotated[
        str, typer.Option("--notebook", help="settlement_day, party_statement ...: docs/notebooks.md lists them.")
    ] = "settlement_day",
    given: Annotated[
        list[str] | None, typer.Option("--set", help="name=value of a parameter of the notebook; repeatable.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; left out: reports/ in the workspace.")] = None,
    sign: Annotated[bool, typer.Option("--sign", help="Sign it with the key of the workspace.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="As PDF/A too.")] = True,
    tables: Annotated[bool, typer.Option("--tables/--no-tables", help="Its tables as Parquet, JSON, xlsx too.")] = True,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Write a report, of a settled day or of another notebook: one HTML file, whole offline, its tables, a PDF.

    Example:  bsc report 2024-01-15
    Example:  bsc report 2024-01-15 --run SF --notebook party_statement --set party=SYNP001
    """
    from reports.asked_notebook import asked_of
    from reports.batch import run_notebook
    from reports.formats import HTML, PDF, TABLES

    key = None
    if sign:  # a key that cannot be used is told before the notebook runs
        from reports.signing.keys import keys_folder, signing_key

        key = signing_key(keys_folder(home))
    asked = asked_of(notebook, day, run, given)
    with asking(), working("running the notebook and writing its report", as_json):
        formats = (HTML, *([TABLES] if tables else []), *([PDF] if pdf else []))
        made = run_notebook(notebook, asked, home, out or home / "reports", formats)
    data: dict[str, Any] = {
        "report": str(made.html_path), "manifest": str(made.manifest_path), "content_hash": made.content_hash,
        "beside": [str(path) for path in made.beside],
    }  # fmt: skip
    text = "\n".join([str(made.html_path), *map(str, made.beside), str(made.manifest_path)])
    text = f"{text}\ncontent {made.content_hash}"
    if key is not None:
        from reports.signing.signing import sign as signed_by

        signed = signed_by(made.manifest_path, key, keys_folder(home))
        data |= {"signature": str(signed.signature)}
        text = f"{text}\n{signed.signature}: {signed.said}"
    answer(data, as_json, text)


def verify(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="REPORT", help="A report with its files, or a folder; none: the sign-off chain."),
    ] = None,
    key: Annotated[
        list[Path] | None, typer.Option("--key", help="Public key (JSON) of whom you trust; repeatable.")
    ] = None,
    revoked: Annotated[Path | None, typer.Option("--revoked", help="List of revoked keys.")] = None,
    rerun: Annotated[bool, typer.Option("--rerun", help="Settle again from the workspace, and compare.")] = False,
    assume: Annotated[
        Path | None, typer.Option("--assume", help="With --rerun: the CSV that the report assumed.")
    ] = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Tell whether a report, its files, signature and sign-off are what was written; only --rerun needs a workspace.

    Without a report: whether the sign-off chain of the workspace (--home) is what was written.

    Example:  bsc verify settlement-2024-01-15-IP.html --key desk.public.json
    """
    from reports.commands_sign import chain_verified, verified

    if file is None:
        if rerun:
            raise AskedWrongly("--rerun: found no report, wanted one to settle again. Name its HTML.")
        chain_verified(home, key or [], revoked, as_json)
        return
    verified(file, key or [], revoked, (home, assume) if rerun else None, as_json)


def demo(
    day: Annotated[str, typer.Option("--date", help="Settlement Date, yyyy-mm-dd.")] = "2024-01-15",
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """The main job on a SYNTHETIC day of Great Britain: write, load and settle it twice, compare, say what moved.

    Example:  bsc demo --date 2024-10-27
    """
    from reports.demonstration import demonstrate

    def tell(step: str) -> None:
        if not as_json:
            typer.echo(f"... {step}", err=True)

    shown = demonstrate(a_day(day), home, tell)
    answer(shown.as_dict(), as_json, shown.as_text)
    if not shown.good:
        raise typer.Exit(1)


def lab(
    home: Home = Path("workspace"),
    port: Annotated[int, typer.Option("--port", help="Port on this machine.")] = 8888,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
) -> None:
    """Open JupyterLab on the notebooks, with the workspace set.

    Example:  bsc lab --home ./workspace
    """
    from reports.laboratory import open_lab

    raise typer.Exit(open_lab(home, port, browser))


def _way(text: str | None) -> str | None:
    ways = {None: None, "stack": "published stack", "acceptances": "own stack"}
    if text not in ways:
        raise AskedWrongly(f"--way: found {text!r}, wanted stack or acceptances.")
    return ways[text]


def _few(periods: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(periods.items())[:5]


def _count(settlement_date: date) -> int:
    from settlement.calendar import period_count

    return period_count(settlement_date)
