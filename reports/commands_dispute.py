"""Trading Disputes on the command line: `bsc dispute new`, `set`, `show`, `list`, `raise`, `pack`, and how they end."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from reports.asked import Run, a_day, asking, options_of
from settlement.command_line import AsJson, AskedWrongly, Home, answer, working

dispute = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Build, list, raise and pack Trading Disputes.")

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Number of the case.")]
By = Annotated[str | None, typer.Option("--by", help="Who does it; left out: the user of this machine.")]
Party = Annotated[str | None, typer.Option("--raising-party", help="Who raises the dispute.")]
Contact = Annotated[str | None, typer.Option("--contact-name", help="Person to be asked.")]
Address = Annotated[str | None, typer.Option("--contact-address", help="E-mail or telephone of that person.")]
Kind = Annotated[
    str | None,
    typer.Option(
        "--dispute-type",
        help="general, sva_half_hourly, sva_non_half_hourly, profile_coefficient or market_domain_data.",
    ),
]
Why = Annotated[str | None, typer.Option("--reason", help="Why it is a Settlement Error.")]
Breached = Annotated[str | None, typer.Option("--breached", help="Part of the Code that was not followed.")]
RunDate = Annotated[str | None, typer.Option("--run-date", help="Day on which the run was carried out.")]
Exceptional = Annotated[
    str | None, typer.Option("--exceptional", help="Statement of exceptional circumstances, when out of time.")
]
Own = Annotated[
    list[str] | None, typer.Option("--own", help='Stated own value: "2024-01-15 P7=30.2", or DATE=VALUE; repeatable.')
]
Published = Annotated[
    list[str] | None, typer.Option("--published", help="Stated published value, written alike; repeatable.")
]
Money = Annotated[str | None, typer.Option("--effect", help="Stated effect, GBP, where it cannot be reckoned.")]
Basis = Annotated[str | None, typer.Option("--effect-basis", help="How the stated effect was reckoned.")]


@dispute.command("new")
def new(
    quantity: Annotated[str, typer.Argument(help="A quantity, such as system_price or daily_party_net_due.")],
    days: Annotated[str, typer.Option("--date", help="Settlement Date, or first..last.")],
    run: Run = None,
    period: Annotated[
        list[int] | None, typer.Option("--period", help="Settlement Period; repeatable; left out: all that differ.")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="BM Unit.")] = None,
    account: Annotated[str | None, typer.Option("--account", help="Energy Account, as SYNP001-P.")] = None,
    party: Annotated[str | None, typer.Option("--party", help="Party whose figure or imbalance it is.")] = None,
    raising_party: Party = None,
    contact_name: Contact = None,
    contact_address: Address = None,
    dispute_type: Kind = None,
    reason: Why = None,
    breached: Breached = None,
    run_date: RunDate = None,
    exceptional: Exceptional = None,
    own: Own = None,
    published: Published = None,
    effect: Money = None,
    effect_basis: Basis = None,
    by: By = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """A new draft, frozen from a kept run: own and published values, files by hash; the rest may follow.

    Example:  bsc dispute new system_price --date 2024-01-15 --run SF --period 12 --party SYNBIG1
    """
    from reports.comparison import days_between
    from reports.disputes import cases
    from reports.disputes.words import as_dict, as_text

    key = {name: label for name, label in (("bm_unit", unit), ("account", account), ("party", party)) if label}
    said = _said(
        raising_party, contact_name, contact_address, dispute_type, reason, breached, run_date, exceptional, own,
        published, effect, effect_basis,
    )  # fmt: skip
    with asking(), working("gathering the case", as_json):
        made = cases.new(
            home, quantity, days_between(days), run=run, key=key, periods=period or (), said=cases.a_said(said),
            by=_who(by),
        )  # fmt: skip
    answer(as_dict(made), as_json, lambda: as_text(made))


@dispute.command("set")
def set_fields(
    number: Number,
    raising_party: Party = None,
    contact_name: Contact = None,
    contact_address: Address = None,
    dispute_type: Kind = None,
    reason: Why = None,
    breached: Breached = None,
    run_date: RunDate = None,
    exceptional: Exceptional = None,
    own: Own = None,
    published: Published = None,
    effect: Money = None,
    effect_basis: Basis = None,
    by: By = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Set fields of a draft; what is not named stays.

    Example:  bsc dispute set 1 --dispute-type general --breached "Section T 4.4"
    """
    from reports.disputes import cases
    from reports.disputes.words import as_dict, as_text

    said = _said(
        raising_party, contact_name, contact_address, dispute_type, reason, breached, run_date, exceptional, own,
        published, effect, effect_basis,
    )  # fmt: skip
    if not said:
        raise AskedWrongly("found nothing to set, wanted one field or more. See bsc dispute set --help.")
    case = cases.complete(home, number, said, _who(by))
    answer(as_dict(case), as_json, lambda: as_text(case))


@dispute.command("show")
def show(number: Number, home: Home = Path("workspace"), as_json: AsJson = False) -> None:
    """A case with its money, its deadline and what keeps it from being raised.

    Example:  bsc dispute show 1 --json
    """
    from reports.disputes.cases import case_numbered
    from reports.disputes.words import as_dict, as_text

    case = case_numbered(home, number)
    answer(as_dict(case), as_json, lambda: as_text(case))


@dispute.command("list")
def list_cases(
    every: Annotated[bool, typer.Option("--all", help="Closed cases too.")] = False,
    on: Annotated[str | None, typer.Option("--on", help="Days left as on this day; left out: today.")] = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Open cases by money and days left.

    Example:  bsc dispute list --json
    """
    from reports.disputes.listed import in_words, open_cases

    found = open_cases(home, None if on is None else a_day(on), every)
    answer([one.as_dict() for one in found], as_json, lambda: in_words(found))


@dispute.command("raise")
def raise_case(
    number: Number,
    on: Annotated[
        str | None, typer.Option("--on", help="Day on which the form goes to the Disputes Secretary; left out: today.")
    ] = None,
    by: By = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Raise a draft. Refused, with exit code 1 and every reason, while a field or condition fails.

    Example:  bsc dispute raise 1
    """
    from reports.disputes import cases
    from reports.disputes.words import as_dict, as_text

    try:
        case = cases.raise_case(home, number, _who(by), None if on is None else a_day(on))
    except cases.NotRaised as refused:
        data = {"number": number, "raised": False, "reasons": [one.as_dict() for one in refused.reasons]}
        answer(data, as_json, str(refused))
        raise typer.Exit(1) from None
    answer(as_dict(case) | {"raised": True}, as_json, lambda: as_text(case))


@dispute.command("pack")
def pack(
    number: Number,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; left out: disputes/ of the workspace.")] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="Id of the key to sign with; left out: the only one.")
    ] = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Pack without a signature.")] = False,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Pack a case into one signed zip: page, workbook, record, inputs as received, manifest.

    Example:  bsc dispute pack 1 --out packs
    """
    from reports.disputes.cases import case_numbered
    from reports.disputes.packing import pack as pack_case
    from reports.signing.keys import keys_folder, signing_key

    signer = None if unsigned else signing_key(keys_folder(home), key)
    case = case_numbered(home, number)
    with working("packing the case", as_json):
        done = pack_case(home, case, out or home / "disputes", signer, keys_folder(home))
    answer(done.as_dict(), as_json, str(done))


@dispute.command("withdraw")
def withdraw(
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    by: By = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Withdraw a draft or a raised case; it stays in the list of all.

    Example:  bsc dispute withdraw 1 --reason "Corrected in R1"
    """
    _close(number, "withdrawn", reason, by, home, as_json)


@dispute.command("close")
def close(
    number: Number,
    outcome: Annotated[str, typer.Option("--outcome", help="upheld or rejected.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, as the decision says.")],
    by: By = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Note what was decided of a raised case.

    Example:  bsc dispute close 1 --outcome upheld --reason "Decision of the Trading Disputes Committee"
    """
    if outcome not in ("upheld", "rejected"):
        raise AskedWrongly(f"--outcome: found {outcome!r}, wanted upheld or rejected. Correct it.")
    _close(number, outcome, reason, by, home, as_json)


def _close(number: int, state: str, reason: str, by: str | None, home: Path, as_json: bool) -> None:
    from reports.disputes import cases
    from reports.disputes.words import as_dict, as_text

    case = cases.close(home, number, state, reason, _who(by))
    answer(as_dict(case), as_json, lambda: as_text(case))


def _said(
    raising_party: str | None, contact_name: str | None, contact_address: str | None, dispute_type: str | None,
    reason: str | None, breached: str | None, run_date: str | None, exceptional: str | None, own: list[str] | None,
    published: list[str] | None, effect: str | None, effect_basis: str | None,
) -> dict[str, Any]:  # fmt: skip
    """What was said, without what was left out."""
    told: dict[str, Any] = {
        "raising_party": raising_party, "contact_name": contact_name, "contact_address": contact_address,
        "dispute_type": dispute_type, "reason": reason, "breached": breached, "exceptional": exceptional,
        "run_date": None if run_date is None else a_day(run_date), "effect": effect, "effect_basis": effect_basis,
        "own": options_of(own, "--own") or None, "published": options_of(published, "--published") or None,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def _who(by: str | None) -> str:
    return by or getpass.getuser()
