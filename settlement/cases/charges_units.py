"""Charges cases of losses, non-delivery and accounts: metered volumes by unit, with what stands in for the rest.

A column that a rule would give (`qbs_mwh`, `cbm_gbp`, `tlm` ...) takes that rule's place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np

from settlement import parameters
from settlement.cases.answers import as_answers, merge
from settlement.cases.charges_accounts import account_inputs
from settlement.cases.charges_blocks import Block, Rows, blocks, refuse_totals_of_parts
from settlement.cases.charges_metering import unit_inputs, unit_rows
from settlement.cases.charges_pairs import from_notifications, pair_inputs, system_figures
from settlement.cases.checking import Answers
from settlement.cases.derived import asked, derive
from settlement.cases.reading import Table, flag, number
from settlement.engine import settle
from settlement.errors import NoValueOnDate, WrongCase

_SYMBOLS = {
    "alpha": "delivering_share_of_losses",
    "P278": "interconnectors_share_losses",
    "IIP": "information_imbalance_price",
    "ETLMO+": "estimated_tlmo_plus",
    "ETLMO-": "estimated_tlmo_minus",
}


def settle_units(given: Mapping[str, Table], wanted: set[str]) -> Answers:
    """Each Settlement Date of a case by itself, in as few blocks as its units and prices allow.

    Raises WrongCase for a file, column or cell that cannot be read, and for a total that the case gives parts of.
    """
    return merge(_settled(given, block, rows, wanted) for block, rows in blocks(unit_rows(given)))


def _settled(given: Mapping[str, Table], block: Block, rows: Rows, wanted: set[str]) -> dict[str, tuple]:
    inputs = from_notifications(block, given)
    from_pairs, published = ({}, {}) if inputs else pair_inputs(block, given)
    metered, standing_in = unit_inputs(block, rows, given)
    dated, estimated = _parameters(given, block.settlement_date)
    inputs |= {**from_pairs, **metered, **dated}
    published |= standing_in | system_figures(block, given, rows, inputs["settlement_periods"])
    published |= account_inputs(given, block, inputs)
    notified = {"notified_volume", "expected_metered_volume", "information_imbalance_cashflow"} & set(published)
    if not notified and "notification_rows" not in inputs and inputs["information_imbalance_price"] == 0:
        # At a price of 0 the charge is 0 whatever the volume, which a case without notifications does not have.
        zeros = np.zeros(inputs["unit_periods"].size)
        published["information_imbalance_cashflow"] = inputs["unit_periods"].array(zeros)
    losses = _losses(inputs, estimated)
    names = sorted(asked(wanted) - set(inputs))
    refuse_totals_of_parts(block, names, {*inputs, *published}, losses)
    results = settle(inputs, names, published=published, losses=losses)
    results |= {name: value for name, value in inputs.items() if name in wanted}
    plain = as_answers(results, block.settlement_date)
    return plain | derive(wanted, plain, inputs)


def _losses(inputs: Mapping[str, Any], estimated: bool) -> str:
    """Multipliers as given; else estimated where a case gives the estimate or no metering; else from metering."""
    if "transmission_loss_multiplier" in inputs:
        return "given"
    return "estimated" if estimated or "metered_volume" not in inputs else "metered"


def _parameters(given: Mapping[str, Table], settlement_date: date | None) -> tuple[dict[str, Any], bool]:
    """Parameters as given, the others as dated (the latest for a case without a date); whether ETLMO are given."""
    values: dict[str, Any] = {}
    for name in _SYMBOLS.values():
        try:
            value = parameters.value(name, settlement_date or date.max)
        except NoValueOnDate:
            continue  # the engine says so where the value is needed
        values[name] = value if isinstance(value, bool) else float(value)
    table = given.get("given_parameters.csv")
    told = [] if table is None else list(zip(table.column("symbol", str), table.column("value", str), strict=True))
    for at, (symbol, text) in enumerate(told, start=2):
        if symbol not in _SYMBOLS:
            raise WrongCase(
                f"given_parameters.csv, row {at}: found symbol {symbol!r}, wanted one of {', '.join(_SYMBOLS)}."
            )
        values[_SYMBOLS[symbol]] = _value(text, at, flag if symbol == "P278" else number)
    return values, any(symbol.startswith("ETLMO") for symbol, _ in told)


def _value(text: str, at: int, read: Callable[[str], Any]) -> Any:
    try:
        return read(text)
    except ValueError as error:
        wanted = "true or false" if read is flag else "a number"
        raise WrongCase(f"given_parameters.csv, row {at}, value: found {text!r}, wanted {wanted}.") from error
