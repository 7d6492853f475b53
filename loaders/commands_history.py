"""The verbs that look back: diff, lineage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from settlement.command_line import AsJson, AskedWrongly, FoundWrong, Home, answer, working

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from loaders.store.session import Store

MOMENT = "An instant as 2024-01-15T12:00Z, a date (its start in UTC), or a store version."

Name = Annotated[str, typer.Argument(metavar="JOB_OR_DATASET", help="A load job or a dataset (bsc jobs).")]


def diff(
    name: Name,
    before: Annotated[str, typer.Option("--from", help=MOMENT, show_default=False)],
    after: Annotated[str, typer.Option("--to", help=MOMENT, show_default=False)],
    days: Annotated[
        str | None, typer.Option("--date", help="Settlement Date, or a range as 2024-01-15..2024-01-31; else all.")
    ] = None,
    published: Annotated[
        bool, typer.Option("--published", help="--from and --to are of the sender's clock, not of ours.")
    ] = False,
    column: Annotated[str | None, typer.Option("--column", help="Only rows of which this column moved.")] = None,
    more_than: Annotated[str | None, typer.Option("--more-than", help="Only where it moved by more than this.")] = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """What changed in a feed between two moments: rows added, removed, changed, with the file and row of each.

    Exit code 0 whether or not something differs.

    Example: bsc diff price_history --date 2022-05-10 --from 2026-01-01 --to 2026-02-01 --column system_sell_price
    """
    from loaders.history import dataset_of, moment
    from loaders.history import diff as between
    from loaders.history_answers import difference_data, difference_text

    amount = _amount(column, more_than)
    with _asking(), working("comparing", as_json), _store(home) as store:
        dataset = dataset_of(name)
        if days and not dataset.dated:
            raise AskedWrongly(
                f"--date {days}: found a dataset without Settlement Dates ({dataset.name}). Leave it out."
            )
        if column and column not in dataset.columns:
            raise AskedWrongly(f"--column: found {column!r}, wanted one of {', '.join(dataset.columns)}.")
        at = (moment(store, before, published), moment(store, after, published))
        found = between(store, dataset, _days(days), *at)
        try:
            found = found.moved(column, amount) if column else found
        except TypeError as error:
            raise AskedWrongly(f"--more-than: {error}.") from error
    answer(difference_data(found) if as_json else None, as_json, lambda: difference_text(found))


def lineage(
    name: Name,
    key: Annotated[list[str], typer.Option("--key", help="column=value of a key; repeatable, some keys or all.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help=MOMENT)] = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Where rows came from: file, row, the record as it stands there, when it was kept, and what it said before.

    Exit code 1 when the store was never told of such a key.

    Example: bsc lineage price_history --key settlement_date=2024-01-15 --key settlement_period=9
    """
    from loaders.history import dataset_of, moment
    from loaders.history_answers import lineage_data, lineage_text
    from loaders.lineage import key_values
    from loaders.lineage import lineage as follow

    said = dict(pair.split("=", 1) for pair in key if "=" in pair)
    if len(said) < len(key):
        raise AskedWrongly(f"--key: found {' '.join(key)}, wanted column=value, each column once.")
    with _asking(), working("following it down", as_json), _store(home) as store:
        dataset = dataset_of(name)
        try:
            wanted = key_values(dataset, said)
        except (KeyError, ValueError) as error:
            raise AskedWrongly(f"--key: {error.args[0]}.") from error
        found = follow(store, dataset, wanted, moment(store, as_of).version if as_of else store.version())
    if not found.count:
        raise FoundWrong(f"{' '.join(key)}: found no row of {dataset.name} at store version {found.version}.")
    answer(lineage_data(found), as_json, lambda: lineage_text(found))


@contextmanager
def _asking() -> Iterator[None]:
    """A dataset, version or time that is not there is a wrong question."""
    from loaders.errors import UnknownDataset, UnknownVersion

    try:
        yield
    except (UnknownDataset, UnknownVersion) as error:
        raise AskedWrongly(str(error)) from error


@contextmanager
def _store(home: Path) -> Iterator[Store]:
    from loaders import store

    if not home.is_dir():
        raise AskedWrongly(
            f"--home {home}: found no workspace, wanted a folder that bsc load has made. Load files first."
        )
    opened = store.open(home)
    try:
        yield opened
    finally:
        opened.close()


def _amount(column: str | None, more_than: str | None) -> Decimal:
    from decimal import Decimal, InvalidOperation

    if more_than is None:
        return Decimal(0)
    if column is None:
        raise AskedWrongly("--more-than: found no --column, wanted the column that is to move. Name it.")
    try:
        amount = Decimal(more_than)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise AskedWrongly(f"--more-than: found {more_than!r}, wanted a number from 0, as 0.005.")
    return amount


def _days(said: str | None) -> list[date] | None:
    from datetime import date, timedelta

    if said is None:
        return None
    first, _, last = said.partition("..")
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError as error:
        raise AskedWrongly(f"--date: found {said!r}, wanted a day as 2024-01-15, or a range with '..'.") from error
    if end < start:
        raise AskedWrongly(f"--date: found {said!r}, wanted a range whose last day is not before its first.")
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]
