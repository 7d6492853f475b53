"""Each rule names its clause, its evidence and a rule that exists, and a worked case reaches it."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from settlement import quantities
from settlement.cases import find_cases
from settlement.cases.bindings import EXPECTED
from settlement.cases.derived import asked
from settlement.engine import RULES, dependencies
from settlement.inputs import INPUTS
from settlement.options import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
OWN_CASES = ROOT / "tests/settlement/cases"
EVIDENCE = {"verified", "secondary", "recollection", "derived"}
FORMS = {"sum", "algebra", "kernel"}
WAYS = ("published stack", "own stack")
EVERY = [(way, one) for way in WAYS for one in quantities(way).values()]
RULE_NUMBER = re.compile(r"I\d+|\d+(?:\.\d+)?a?")


def every(check):
    """Run a promise once a quantity of either way in."""
    return pytest.mark.parametrize(("way", "one"), EVERY, ids=[f"{way}: {one.name}" for way, one in EVERY])(check)


def numbers_in(document):
    """Sections, paragraphs and invariants that a rules document has."""
    found = set()
    for line in document.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"(?:## (\d+a?)\.|(\d+\.\d+) |\| (I\d+) \|)", line):
            found.add(match[match.lastindex])
    return found


def way_of(folder):
    return "own stack" if (folder / "given_adjustments.csv").is_file() else "published stack"


def pinned(folders):
    """Quantities of each way that a case expects, and all that they are made from."""
    reached = {way: set() for way in WAYS}
    for folder in folders:
        queue = []
        for path in folder.glob("expected_*.csv"):
            if (binding := EXPECTED.get(path.name)) is None:
                continue
            with path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            told = (binding.quantity(column, rows[0]) for column in rows[0])
            queue += asked({name for name in told if name is not None})
            queue += [binding.symbols[row["symbol"]] for row in rows if row.get("symbol") in binding.symbols]
        reads = dependencies(way_of(folder))
        while queue:
            name = queue.pop()
            if name not in reached[way_of(folder)]:
                reached[way_of(folder)].add(name)
                queue += reads.get(name, ())
    return reached


@every
def test_a_quantity_has_a_clause_an_evidence_word_a_form_and_a_unit(way, one):
    assert one.clause.strip()
    assert one.symbol.strip()
    assert one.unit.strip()
    assert one.evidence in EVIDENCE
    assert one.form in FORMS
    assert one.dims
    assert one.about.split("\n")[0].rstrip().endswith(".") or one.about.count("\n") > 0
    assert bool(one.scope) == (one.form == "kernel"), "a kernel says within what its rows act on each other"


@every
def test_a_quantity_names_a_rule_that_the_rules_documents_have(way, one, shared):
    named = re.match(r"(price\.md|volumes-and-charges\.md) (.+)", one.rule)
    assert named, one.rule
    numbers = RULE_NUMBER.findall(named[2])

    assert numbers
    assert set(numbers) <= numbers_in(shared / "rules" / named[1]), one.rule


@every
def test_a_quantity_is_reached_by_a_worked_case_of_this_checkout_or_of_the_rules(way, one, shared):
    folders = find_cases([OWN_CASES, shared / "rules/cases/price", shared / "rules/cases/charges"])
    reached = pinned(folders)

    # In the published way the actions are given, so their names there are no rule of ours.
    of_any = reached["own stack"] if one.module.endswith("t04_own_stack") else set().union(*reached.values())
    assert one.name in of_any


@every
def test_a_quantity_stands_in_a_rules_module_of_its_section(way, one):
    module = one.module.split(".")[-1]

    assert module in RULES
    charges, price = "volumes-and-charges.md", "price.md"
    documents = {"t01": (charges,), "t02": (charges,), "m01": (charges,), "t03": (charges,), "t04": (charges, price)}
    assert one.rule.startswith(documents[module[:3]]) or module == "t03_continuous_acceptance"


@every
def test_both_versions_of_a_rule_bear_one_symbol_unit_and_dims(way, one):
    for other in WAYS:
        twin = quantities(other).get(one.name)
        if twin is not None:
            assert (twin.symbol, twin.unit, twin.dims) == (one.symbol, one.unit, one.dims)
    if one.name in INPUTS:
        assert INPUTS[one.name].unit == one.unit
        assert INPUTS[one.name].dims == " ".join(one.dims)


def test_an_option_names_a_rule_that_exists_and_an_evidence_word(shared):
    for name, option in OPTIONS.items():
        assert option.rule in numbers_in(shared / "rules" / option.document), name
        assert option.since >= date(2009, 11, 5), name
        assert option.evidence in EVIDENCE, name
        assert len(option.choices) >= 2, name


def test_rule_modules_never_import_each_other():
    for module in RULES:
        text = (ROOT / "settlement/rules" / f"{module}.py").read_text(encoding="utf-8")
        assert "settlement.rules" not in text, module


@pytest.mark.parametrize("forbidden", [".sum(", ".groupby(", ".fillna(", "skipna=", "xr.Dataset("])
def test_rules_change_grain_by_the_two_verbs_only(forbidden):
    for module in RULES:
        text = (ROOT / "settlement/rules" / f"{module}.py").read_text(encoding="utf-8")
        calls = text.count(forbidden)
        # Numbering the rows of a group is no sum over them.
        allowed = text.count(".groupby(list(columns), sort=False).ngroup()") if forbidden == ".groupby(" else 0
        assert calls == allowed, module
