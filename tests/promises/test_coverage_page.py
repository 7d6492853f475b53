"""docs/coverage.md says of every numbered rule what the engine does with it, or why it does nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from coverage_cases import pinned, rules_told
from coverage_page import EVIDENCE, KINDS, OWN_CASES, PAGE, ROOT, gather, text
from coverage_rules import DOCUMENTS, PRICE, every_quantity, heading_of, numbers_named

from settlement.engine import quantities
from settlement.options import OPTIONS

pytestmark = pytest.mark.xdist_group("coverage")  # one worker, so that the cases are run once


@pytest.fixture(scope="module")
def facts(shared):
    return gather(shared)


def test_the_page_is_what_the_code_says_now(facts):
    assert PAGE.read_text(encoding="utf-8") == text(facts), "docs/coverage.md is stale: run scripts/coverage"


def test_every_numbered_rule_has_a_quantity_or_a_reason(facts):
    bare = [
        f"{rule.document} {rule.number}"
        for rule in facts.shown()
        if not facts.named_by(rule) and not facts.reason(rule) and not facts.by_section(rule)
    ]

    assert bare == [], "tag a quantity with the rule, or give it a reason in coverage_reasons.yaml"


def test_a_reason_is_given_only_for_a_rule_that_exists_and_has_no_quantity(facts):
    known = {(rule.document, rule.number): rule for rule in facts.rules if not rule.paragraphs}
    said = [(document, number) for document, of in facts.reasons["without_quantity"].items() for number in of]

    assert [one for one in said if one not in known] == []
    assert [one for one in said if facts.named_by(known[one])] == []


@pytest.mark.parametrize("where", ["part_not_built", "part_elsewhere"])
def test_a_part_is_left_out_only_of_a_rule_that_has_a_quantity(facts, where):
    known = {(rule.document, rule.number): rule for rule in facts.rules}
    said = [(document, number) for document, of in facts.reasons[where].items() for number in of]

    assert [one for one in said if one not in known or not facts.named_by(known[one])] == []


def test_a_reason_says_its_kind_and_names_files_and_cases_that_are_there(facts):
    came_out = {case.name for case in facts.cases if not case.wrong}
    for document, of in facts.reasons["without_quantity"].items():
        for number, reason in of.items():
            assert reason["kind"] in KINDS, f"{document} {number}"
            assert set(reason) <= {"kind", "reason", "where", "cases"}, f"{document} {number}"
            assert reason["reason"].strip() and not reason["reason"].endswith("."), f"{document} {number}"
            assert all((ROOT / path).exists() for path in reason.get("where", ())), f"{document} {number}"
            assert set(reason.get("cases", ())) <= came_out, f"{document} {number}"


def test_no_quantity_is_without_a_worked_case_but_those_said_with_the_test_that_holds_them(facts):
    said = {(one["quantity"], one["rule"]): one["held"] for one in facts.reasons["without_case"]}

    assert {(one.name, one.rule) for one in facts.without_case()} == set(said)
    assert all((ROOT / path).is_file() for path in said.values())


def test_every_worked_case_comes_out_as_expected(facts):
    assert {case.name: case.wrong for case in facts.cases if case.wrong} == {}


def test_every_quantity_option_and_case_stands_on_the_page(facts):
    page = text(facts)

    assert [one.name for one in facts.quantities if not re.search(rf"\b{one.name}\b", page)] == []
    assert [name for name in OPTIONS if not re.search(rf"\b{name}\b", page)] == []
    assert [case.name for case in facts.cases if f"| {case.name} |" not in page] == []


def test_the_versions_of_a_quantity_under_every_setting_are_counted():
    names = {one.name for one in every_quantity()}

    assert names > set(quantities()), "the own stack has quantities that the published one has not"
    assert {"tlmo_plus", "transmission_loss_multiplier"} <= names
    assert len({one.rule for one in every_quantity() if one.name == "system_buy_price"}) == 2


def test_a_case_that_gives_the_system_price_pins_nothing_of_how_it_is_made(facts):
    for case in facts.cases:
        if case.name in {"imbalance-and-residual", "non-delivery-offers", "non-delivery-bids"}:
            assert not {one.name for one in case.reached} & {"system_buy_price", "system_price", "market_index_price"}


def test_a_case_with_a_figure_that_does_not_come_out_pins_nothing(tmp_path):
    folder = Path(tmp_path) / "rerank-cheap-unflagged"
    folder.mkdir()
    for path in (OWN_CASES / folder.name).iterdir():
        changed = re.sub(r"(?m)^(.*SBP,)([\d.-]+)", r"\g<1>1234.5", path.read_text(encoding="utf-8"))
        (folder / path.name).write_text(changed, encoding="utf-8")
    (good,), (bad,) = pinned([OWN_CASES / folder.name]), pinned([folder])

    assert good.reached and not good.wrong
    assert not bad.reached and bad.wrong == "1 figures are not as expected"


def test_the_rules_that_a_case_is_about_are_read_from_its_readme():
    assert rules_told("Short.\nRule sections 7.1 to 7.5,\n8.2, 8.7.\nMore.", "price") == "price.md 7.1 to 7.5, 8.2, 8.7"
    assert rules_told("Rule sections 6.1 (switch `pair`), 6.2.", "price") == "price.md 6.1, 6.2"
    assert rules_told("Rules: volumes-and-charges.md 4.2, 4.4, 7. Expected", "charges") == (
        "volumes-and-charges.md 4.2, 4.4, 7"
    )
    assert rules_told("Recollections (rule 4.2) are", "price") == "price.md 4.2"
    assert rules_told("Everything left sets it. Rule section 8.1, I7.", "price") == "price.md 8.1, I7"
    assert rules_told("Nothing said.", "own") == ""


def test_a_range_of_rules_means_every_paragraph_between_and_an_invariant_its_section(facts):
    assert numbers_named("price.md 8.2 to 8.4, 8.7", facts.rules) == (PRICE, ("8.2", "8.3", "8.4", "8.7"))
    assert numbers_named("price.md 8, I21", facts.rules) == (PRICE, ("8", "15"))


@pytest.mark.parametrize(
    ("sentence", "heading"),
    [
        ("**De Minimis.** Remove actions with volume less than DMAT", "De Minimis"),
        ("CADL-Flag (Section T 3.1B `[verified: Elexon page]`): BM acceptances. More", "CADL-Flag: BM acceptances"),
        (
            "One two three four five six seven eight nine ten eleven",
            "One two three four five six seven eight nine ten ...",
        ),
    ],
)
def test_a_rule_is_headed_by_its_bold_words_or_its_first_ones(sentence, heading):
    assert heading_of(sentence) == heading


def test_the_page_holds_no_path_of_a_machine_and_no_address():
    page = PAGE.read_text(encoding="utf-8")

    here = re.escape(str(ROOT.parent))
    assert not re.search(rf"https?://|/home/|/tmp/|{here}/", page)


def test_the_evidence_words_are_those_of_the_tags():
    assert {one.evidence for one in every_quantity()} <= set(EVIDENCE)
    assert all(one.rule.split(" ")[0] in DOCUMENTS for one in every_quantity())
