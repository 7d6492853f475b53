"""What each worked case pins: the quantities it compares, and those the engine works them out from in that case.

A case is run as `bsc case` runs it and watched. What it gives in place of a rule ends the way back: a case that gives
the System Price says nothing of how the price is made.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from unittest.mock import patch

from coverage_rules import CHARGES, PRICE

from settlement import cases, engine
from settlement.cases import run_case, settling
from settlement.engine import Quantity, dependencies, quantities
from settlement.errors import WrongCase


@dataclass(frozen=True)
class Pinned:
    """What one case came to; `wrong` says why it pins nothing, and is empty where it came out as expected.

    `told` is what its README says it is about, written as the rule of a tag is: "price.md 7.1 to 7.5, 8.2".
    """

    family: str
    name: str
    compared: frozenset[str]
    reached: frozenset[Quantity]
    told: str
    wrong: str = ""


class _Compared(dict):
    """Answers that remember which of them were looked at."""

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__(answers)
        self.looked_at: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.looked_at.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.looked_at.add(name)
        return super().get(name, default)


def pinned(folders: Iterable[Path], families: Iterable[str] = ()) -> tuple[Pinned, ...]:
    """Run every case folder; its family is the name of the folder it lies in, "own" where that is none of families."""
    known = set(families)
    return tuple(_pinned(one, one.parent.name if one.parent.name in known else "own") for one in folders)


def _pinned(folder: Path, family: str) -> Pinned:
    told = rules_told((folder / "README.md").read_text(encoding="utf-8"), family)
    with _watched() as (calls, answered):
        try:
            differences = run_case(folder)
        except WrongCase:
            return Pinned(family, folder.name, frozenset(), frozenset(), told, "the engine does not read it yet")
    if differences:
        wrong = f"{len(differences)} figures are not as expected"
        return Pinned(family, folder.name, frozenset(), frozenset(), told, wrong)
    compared = frozenset().union(*(answers.looked_at for answers in answered))
    reached = frozenset().union(*(_behind(compared, call) for call in calls))
    return Pinned(family, folder.name, compared, reached, told)


def rules_told(readme: str, family: str) -> str:
    """The rules that a README names after "Rules:" or "Rule sections"; those of price.md where it names no document."""
    plain = re.sub(r" \((?!rule)[^)]*\)", "", " ".join(readme.split()))
    found = re.search(r"[Rr]ules?(?: sections?)?:? (?:(\S+\.md) )?((?:(?:to |and )?I?\d[\d.a]*,? ?)+)", plain)
    if found is None:
        return ""
    numbers = re.sub(r",? and ", ", ", found[2]).rstrip(" ,.")
    document = found[1] or (CHARGES if family == "charges" else PRICE)
    return f"{document} " + re.sub(r"\.(?=,|$)", "", numbers)


def _behind(compared: frozenset[str], call: dict[str, Any]) -> set[Quantity]:
    """The quantities compared and all that stand behind them, in the way and with the figures of one settling."""
    config = call["way"], call["single_price"], call["losses"]
    tags, reads = quantities(*config), dependencies(*config)
    ends, found = {*call["given"], *(call["published"] or ())}, set()
    queue = [name for name in compared if name in call["wanted"]]
    while queue:
        name = queue.pop()
        if name not in found and name not in ends:
            found.add(name)
            queue += reads.get(name, ())
    return {tags[name] for name in found if name in tags}


@contextmanager
def _watched() -> Iterator[tuple[list[dict[str, Any]], list[_Compared]]]:
    calls: list[dict[str, Any]] = []
    answered: list[_Compared] = []
    settle, settle_case, form = engine.settle, settling.settle_case, inspect.signature(engine.settle)

    def watched_settle(*words: Any, **named: Any) -> Any:
        bound = form.bind(*words, **named)
        bound.apply_defaults()
        calls.append({**bound.arguments, "wanted": list(bound.arguments["wanted"])})
        return settle(*words, **named)

    def watched_case(*words: Any, **named: Any) -> _Compared:
        answered.append(_Compared(settle_case(*words, **named)))
        return answered[-1]

    # Modules that settle take the function by name when they are first read, so all are read before it is replaced.
    for one in iter_modules(cases.__path__):
        import_module(f"settlement.cases.{one.name}")
    holders = [
        module
        for name, module in sorted(sys.modules.items())
        if name == "settlement.engine" or name.startswith("settlement.cases")
        if getattr(module, "settle", None) is settle
    ]
    patches = [patch.object(module, "settle", watched_settle) for module in holders]
    patches.append(patch.object(settling, "settle_case", watched_case))
    try:
        for one in patches:
            one.start()
        yield calls, answered
    finally:
        for one in patches:
            one.stop()
