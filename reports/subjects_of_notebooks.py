"""What the report of a notebook is about, from the parameters that the notebook is run with."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from reports.batch.parameters import REPORTED, WrongParameters
from reports.subjects import (
    BATCH_INDEX,
    PARTY_STATEMENT,
    PERIOD_DETAIL,
    PRICE_CONFORMANCE,
    RUN_VARIANCE,
    SETTLEMENT_DAY,
    Subject,
)


def subject_of(notebook: str, given: dict[str, Any], home: Path) -> Subject:
    """The subject of a report; it reads the same workspace as the notebook, in this process.

    given  the notebook's parameters, checked; dates as text or as dates

    Raises WrongParameters for a notebook that no report is made of, and what opening its data raises.
    """
    if notebook not in REPORTED:
        raise WrongParameters(
            f"{notebook}: found a notebook to look at, wanted one that a report is made of: {', '.join(REPORTED)}."
        )
    return _MAKERS[notebook](dict(given), home)


def _day(given: dict[str, Any], home: Path) -> Any:
    from reports.open_view import open_day_and_run

    day = given["settlement_date"]
    return open_day_and_run(day if isinstance(day, date) else date.fromisoformat(day), given.get("run"), home)


def _of_day(given: dict[str, Any], home: Path) -> Subject:
    from reports.subjects_of_days import of_day

    return of_day(*_day(given, home))


def _of_period(given: dict[str, Any], home: Path) -> Subject:
    from reports.subjects_of_days import of_period

    view, settled = _day(given, home)
    try:
        return of_period(view, int(given["settlement_period"]), settled)
    except KeyError as error:
        last = view.periods[-1].settlement_period
        raise WrongParameters(
            f"settlement_period: found {given['settlement_period']}, wanted 1 to {last} on {view.settlement_date}."
        ) from error


def _of_statement(given: dict[str, Any], home: Path) -> Subject:
    from reports.party_statement import open_statement

    last: date | str | None = given.get("last_date")
    copy = given.get("copy_for", "party")
    return open_statement(given["party"], given["settlement_date"], last, given.get("run"), copy, home).subject


def _of_variance(given: dict[str, Any], home: Path) -> Subject:
    from reports.run_variance import open_variance

    return open_variance(given["settlement_date"], given.get("run"), given.get("earlier"), home).subject


def _of_conformance(given: dict[str, Any], home: Path) -> Subject:
    from reports.price_conformance import open_conformance

    return open_conformance(given["span"], given.get("run"), home).subject


def _of_batch(given: dict[str, Any], home: Path) -> Subject:
    from reports.batch_index import open_index

    return open_index(given["folder"], home).subject


_MAKERS = {
    SETTLEMENT_DAY: _of_day, PERIOD_DETAIL: _of_period, PARTY_STATEMENT: _of_statement, RUN_VARIANCE: _of_variance,
    PRICE_CONFORMANCE: _of_conformance, BATCH_INDEX: _of_batch,
}  # fmt: skip
