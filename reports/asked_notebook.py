"""How a report is asked for on the command line: the notebook, the day and run before it, and its other parameters."""

from __future__ import annotations

from typing import Any

from reports.asked import a_day, options_of
from reports.batch.parameters import NOTEBOOKS, checked, notebook_name
from settlement.command_line import AskedWrongly


def asked_of(notebook: str, day: str | None, run: str | None, given: list[str] | None) -> dict[str, Any]:
    """The parameters of a notebook, checked: DATE and --run stand for settlement_date and run.

    Raises AskedWrongly for a day or run that the notebook does not have, WrongParameters for the rest, with the list
    of the right ones.
    """
    name = notebook_name(notebook)
    asked: dict[str, Any] = options_of(given, "--set")
    if "home" in asked:
        raise AskedWrongly("--set home: found the workspace as a parameter, wanted it as --home. Use that.")
    for word, parameter, value in (("DATE", "settlement_date", day), ("--run", "run", run)):
        if value is None:
            continue
        if parameter not in NOTEBOOKS[name].model_fields:
            raise AskedWrongly(f"{word}: found {value!r}, but {name} has no {parameter}. Leave it out.")
        if parameter in asked:
            raise AskedWrongly(f"{word}: found it, and --set {parameter} too, wanted one of them.")
        asked[parameter] = a_day(value) if parameter == "settlement_date" else value
    checked(name, asked)
    return asked
