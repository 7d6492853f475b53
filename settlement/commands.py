"""Verbs of this room: `bsc case`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from settlement.command_line import AsJson, AskedWrongly, answer


def case(
    folders: Annotated[list[Path], typer.Argument(help="Case folders, or folders of them.")],
    as_json: AsJson = False,
) -> None:
    """Hold worked cases against the engine: each difference by file, row and column.

    Example:  bsc case tests/settlement/cases/*/
    """
    from settlement.cases import find_cases, run_case
    from settlement.errors import SettlementError

    if missing := [folder for folder in folders if not folder.is_dir()]:
        raise AskedWrongly(f"{missing[0]} is no folder. Name a folder that holds expected_*.csv.")
    found = find_cases(folders)
    if not found:
        raise AskedWrongly(f"{folders[0]} holds no case: found no expected_*.csv. Name a case folder.")
    results: list[dict[str, Any]] = []
    passed = 0
    for folder in found:
        try:
            differences = [str(difference) for difference in run_case(folder)]
        except SettlementError as error:
            differences = [str(error)]
        passed += not differences
        results.append({"case": str(folder), "passed": not differences, "differences": differences})
    failed = len(found) - passed
    lines = [f"{'passed' if one['passed'] else 'FAILED'}  {one['case']}" for one in results]
    lines += [f"  {text}" for one in results for text in one["differences"]]
    data = {"passed": passed, "failed": failed, "cases": results}
    answer(data, as_json, "\n".join([*lines, f"{passed} passed, {failed} failed"]))
    if failed:
        raise typer.Exit(1)
