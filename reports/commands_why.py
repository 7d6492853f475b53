"""Verbs that answer why: explain, variance, whatif."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reports.asked import Day, Run, a_day, asking, options_of
from settlement.command_line import AsJson, AskedWrongly, Home, answer, working

Period = Annotated[int | None, typer.Option("--period", help="Settlement Period.")]
Unit = Annotated[str | None, typer.Option("--unit", help="BM Unit.")]
Account = Annotated[str | None, typer.Option("--account", help="Energy Account: Party and P or C, as SYNP001-P.")]
Party = Annotated[str | None, typer.Option("--party", help="Party.")]
TradingUnit = Annotated[str | None, typer.Option("--trading-unit", help="Trading Unit.")]


def explain(
    quantity: Annotated[str, typer.Argument(help="A quantity, such as system_price or daily_party_net_due.")],
    day: Annotated[str, typer.Option("--date", help="Settlement Date, yyyy-mm-dd.")],
    period: Period = None,
    unit: Unit = None,
    account: Account = None,
    party: Party = None,
    trading_unit: TradingUnit = None,
    acceptance: Annotated[int | None, typer.Option("--acceptance", help="Acceptance number.")] = None,
    pair: Annotated[int | None, typer.Option("--pair", help="Bid-Offer Pair.")] = None,
    side: Annotated[str | None, typer.Option("--side", help="buy or sell.")] = None,
    action: Annotated[str | None, typer.Option("--action", help="Label of an action of the stack.")] = None,
    contract: Annotated[str | None, typer.Option("--contract", help="Contract: authorisation and reference.")] = None,
    run: Run = None,
    depth: Annotated[int | None, typer.Option("--depth", help="Levels to go down: 9 in JSON, 4 in text.")] = None,
    follow: Annotated[
        int | None, typer.Option("--follow", help="Rows of one sum to go down into, the largest; 0: all of them.")
    ] = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """One value as a tree: formula, numbers, inputs, down to file, hash and row.

    Example:  bsc explain daily_party_net_due --date 2024-01-15 --party SYNP001 --json
    """
    from reports.explained import explain_value

    key = {
        "settlement_period": period, "bm_unit": unit, "account": account, "party": party,
        "trading_unit": trading_unit, "acceptance_number": acceptance, "pair": pair, "side": side, "action": action,
        "contract": contract,
    }  # fmt: skip
    with asking(), working("following it down", as_json):
        found = explain_value(
            quantity, a_day(day), {k: v for k, v in key.items() if v is not None}, run=run, home=home,
            depth=depth or (9 if as_json else 4), follow=follow,
        )  # fmt: skip
    answer(found.as_dict(), as_json, found.as_text)


def variance(
    day: Day,
    earlier: Annotated[str, typer.Option("--from", help="The earlier run: type or id.")],
    later: Annotated[str, typer.Option("--to", help="The later run: type or id.")],
    quantity: Annotated[
        str, typer.Option("--quantity", help="What moved: any quantity of both runs.")
    ] = "daily_party_net_due",
    period: Period = None,
    unit: Unit = None,
    account: Account = None,
    party: Party = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Exchange the causes in the other order.")] = False,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Why a figure moved between two runs: by cause, adding up exactly, down to the rows that changed.

    Example:  bsc variance 2024-01-15 --from II --to SF --party SYNP001
    """
    from reports.variance import variance as split
    from reports.variance.words import as_dict, as_text

    key = {"settlement_period": period, "bm_unit": unit, "account": account, "party": party}
    with asking(), working(f"settling along the path from {earlier} to {later}", as_json):
        found = split(
            a_day(day), earlier, later, home=home, quantity=quantity,
            key={name: value for name, value in key.items() if value is not None}, reverse=reverse,
        )  # fmt: skip
    answer(as_dict(found), as_json, lambda: as_text(found))
    if not found.adds_up():
        raise typer.Exit(1)


def whatif(
    day: Day,
    run: Run = None,
    parameter: Annotated[
        list[str] | None, typer.Option("--set", help="parameter=value, such as value_of_lost_load=3000; repeatable.")
    ] = None,
    rules_of: Annotated[
        str | None, typer.Option("--rules-of", help="Take every dated parameter as on this date.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option("--option", help="name=value of an open doubt; repeatable.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="UNIT=NUMBER: an acceptance to leave out; repeatable.")
    ] = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """A kept run with something decided otherwise: what would have changed, and nothing else. Nothing is kept.

    Example:  bsc whatif 2024-01-15 --run SF --set price_average_reference_volume=50
    """
    from reports.what_if import what_if
    from reports.what_if_words import as_dict, as_text

    numbers = {name: _number(name, text) for name, text in options_of(parameter, "--set").items()}
    removed = frozenset((unit, int(_number(unit, text))) for unit, text in options_of(without, "--without").items())
    if not (numbers or rules_of or option or removed):
        raise AskedWrongly("found nothing to decide otherwise, wanted --set, --rules-of, --option or --without.")
    with asking(), working("settling the run otherwise", as_json):
        found = what_if(
            a_day(day), run, home=home, parameters_as=numbers, rules_of=None if rules_of is None else a_day(rules_of),
            options=options_of(option), without=removed,
        )  # fmt: skip
    answer(as_dict(found), as_json, lambda: as_text(found))


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise AskedWrongly(f"{name}: found {text!r}, wanted a number.") from error
