"""docs/coverage.md, made from the rules documents, the tags of the quantities, the worked cases and the options."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from coverage_cases import Pinned, pinned
from coverage_rules import DOCUMENTS, Rule, every_quantity, numbers_named, rules_of

from settlement.cases import find_cases
from settlement.engine import Quantity
from settlement.options import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "coverage.md"
REASONS = Path(__file__).with_name("coverage_reasons.yaml")
OWN_CASES = ROOT / "tests/settlement/cases"
FAMILIES = ("price", "charges")
EVIDENCE = ("verified", "secondary", "recollection", "derived")
KINDS = {
    "calendar": "kept by the calendar",
    "data": "said of data: inputs, loaders, dated values",
    "manner": "a manner of calculation, within other quantities",
    "follows": "follows from other rules",
    "checks": "held by tests alone",
    "text": "text: nothing to work out",
    "not built": "not built",
}
MOST_LISTED = 3
HEAD = """# Coverage of the rules

What the engine does with each numbered rule of `../shared/rules`. Made by `scripts/coverage` from the tags of the
quantities, the worked cases as they come out, and the reasons in `tests/promises/coverage_reasons.yaml`; a test fails
when this page is stale.

A case pins a quantity when it comes out as expected and compares that quantity, or one that the engine works out from
it in that case; a figure that a case gives is not pinned by it. Cases whose README names the rule come first, then
those that compare the quantities themselves. `none` in the column of cases: no case pins any of them.

A clause with ~ is a recollection. Evidence is that of the quantities; section 0 of each document says what the words
mean. A quantity has more than one version where a date or the stage of settlement changes its rule.
"""


@dataclass(frozen=True)
class Facts:
    """Everything the page says."""

    rules: tuple[Rule, ...]
    quantities: tuple[Quantity, ...]
    cases: tuple[Pinned, ...]
    reasons: dict[str, Any]

    def named_by(self, rule: Rule) -> list[Quantity]:
        """Quantities whose tag names the rule, the section a paragraph stands in not counted."""
        wanted = rule.document, rule.number
        return [
            one
            for one in self.quantities
            for document, numbers in [numbers_named(one.rule, self.rules)]
            if wanted[0] == document and wanted[1] in numbers
        ]

    def by_section(self, rule: Rule) -> bool:
        """Whether a quantity names the section of a paragraph as a whole, and nothing is said of the paragraph."""
        section = Rule(rule.document, rule.section, "")
        return rule != section and not self.named_by(rule) and not self.reason(rule) and bool(self.named_by(section))

    def shown(self) -> list[Rule]:
        """Rules that need a quantity or a reason, and sections that a quantity names as a whole."""
        return [rule for rule in self.rules if not rule.paragraphs or self.named_by(rule)]

    def reason(self, rule: Rule) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.reasons["without_quantity"].get(rule.document, {}).get(rule.number)
        return found

    def part(self, where: str, rule: Rule) -> str | None:
        """What is said under `part_not_built` or `part_elsewhere` of a rule that has a quantity."""
        found: str | None = self.reasons[where].get(rule.document, {}).get(rule.number)
        return found

    def pinning(self, rule: Rule) -> list[Pinned]:
        """Cases that pin a quantity of the rule: those about the rule, those that compare, those that reach least."""
        wanted = set(self.named_by(rule))
        names = {one.name for one in wanted}
        found = [case for case in self.cases if wanted & case.reached]
        return sorted(
            found,
            key=lambda case: (not self.about(case, rule), not names & case.compared, len(case.reached), case.name),
        )

    def about(self, case: Pinned, rule: Rule) -> bool:
        """Whether the README of a case names the rule or its section."""
        document, numbers = numbers_named(case.told, self.rules) if case.told else ("", ())
        return document == rule.document and (rule.number in numbers or rule.section in numbers)

    def without_case(self) -> list[Quantity]:
        reached = frozenset().union(*(case.reached for case in self.cases))
        return [one for one in self.quantities if one not in reached]


def gather(shared: Path) -> Facts:
    """Read the documents and run every case of the rules and of this checkout."""
    folders = find_cases([OWN_CASES, *(shared / "rules/cases" / family for family in FAMILIES)])
    reasons = yaml.safe_load(REASONS.read_text(encoding="utf-8"))
    return Facts(rules_of(shared / "rules"), every_quantity(), pinned(folders, FAMILIES), reasons)


def text(facts: Facts) -> str:
    """The page."""
    parts = [HEAD, "## Counts\n", _counts(facts)]
    for document in DOCUMENTS:
        parts.append(f"## {document}\n")
        for head in facts.rules:
            if head.document == document and "." not in head.number:
                parts += _section(facts, head)
    parts += ["## Worked cases\n", _cases(facts), "## Quantities that no worked case reaches\n", _unreached(facts)]
    return "\n".join(parts).rstrip() + "\n"


def table(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [tuple(heading), *(tuple(str(cell).replace("|", "\\|") for cell in row) for row in rows)]
    lines.insert(1, ("---",) * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _counts(facts: Facts) -> str:
    rows = []
    columns = [[rule for rule in facts.shown() if rule.document == document] for document in DOCUMENTS]
    rows.append(("numbered rules", [len(rules) for rules in columns]))
    rows.append(("with a quantity", [sum(bool(facts.named_by(rule)) for rule in rules) for rules in columns]))
    partly = [[rule for rule in rules if facts.part("part_not_built", rule)] for rules in columns]
    rows.append(("of these, with a part not built", [len(rules) for rules in partly]))
    rows.append(("by a quantity of the whole section", [sum(map(facts.by_section, rules)) for rules in columns]))
    kinds = [Counter((facts.reason(rule) or {}).get("kind") for rule in rules) for rules in columns]
    rows += [(f"no quantity: {said}", [found[kind] for found in kinds]) for kind, said in KINDS.items()]
    bare = [[one for one in rules if _bare(facts, one)] for rules in columns]
    rows.append(("neither quantity nor reason", [len(rules) for rules in bare]))
    of = [[one for one in facts.quantities if one.rule.startswith(document)] for document in DOCUMENTS]
    without = facts.without_case()
    rows.append(("quantities", [len({one.name for one in found}) for found in of]))
    rows.append(("versions of them", [len(found) for found in of]))
    rows.append(("versions without a worked case", [len(set(found) & set(without)) for found in of]))
    rows += [(f"versions {word}", [sum(one.evidence == word for one in found) for found in of]) for word in EVIDENCE]
    rows.append(
        ("named options", [sum(one.document == document for one in OPTIONS.values()) for document in DOCUMENTS])
    )
    good = sum(not case.wrong for case in facts.cases)
    said = f"Worked cases: {len(facts.cases)}, of which {good} come out as expected.\n"
    return "\n".join([table(("what", *DOCUMENTS), [(what, *counts) for what, counts in rows]), said])


def _bare(facts: Facts, rule: Rule) -> bool:
    return not facts.named_by(rule) and not facts.reason(rule) and not facts.by_section(rule)


def _section(facts: Facts, head: Rule) -> list[str]:
    rules = [rule for rule in facts.shown() if (rule.document, rule.section) == (head.document, head.number)]
    parts = [f"### {head.number}. {head.heading}\n"]
    rows = [_row(facts, rule) for rule in rules if facts.named_by(rule) or facts.by_section(rule)]
    if rows:
        parts.append(table(("rule", "says", "clauses", "quantities", "evidence", "cases", "options"), rows))
    said = [_said(facts, rule) for rule in rules]
    if lines := [line for line in said if line]:
        parts.append("\n".join(lines) + "\n")
    return parts


def _row(facts: Facts, rule: Rule) -> tuple[str, ...]:
    options = ", ".join(_options(rule))
    found = facts.named_by(rule)
    if not found:
        return rule.number, rule.heading, "", f"as section {rule.section}", "", "", options
    says = f"{rule.heading} (as a whole)" if rule.paragraphs else rule.heading
    return (
        rule.number,
        says,
        ", ".join(dict.fromkeys(clause for one in found for clause in one.clause.split(", "))),
        ", ".join(dict.fromkeys(one.name for one in found)),
        ", ".join(word for word in EVIDENCE if any(one.evidence == word for one in found)),
        _listed([case.name for case in facts.pinning(rule)]) or "none",
        options,
    )


def _said(facts: Facts, rule: Rule) -> str:
    if _bare(facts, rule):
        return f"- {rule.number} {rule.heading}: **neither a quantity nor a reason**."
    if part := facts.part("part_not_built", rule):
        return f"- {rule.number}, **part not built**: {part}"
    if part := facts.part("part_elsewhere", rule):
        return f"- {rule.number}, besides: {part}"
    if reason := facts.reason(rule):
        kind = "**not built**" if reason["kind"] == "not built" else reason["kind"]
        named = [*(f"`{path}`" for path in reason.get("where", ())), *reason.get("cases", ()), *_options(rule)]
        place = f" ({', '.join(named)})" if named else ""
        return f"- {rule.number} {rule.heading}: {kind}; {reason['reason']}{place}."
    return ""


def _options(rule: Rule) -> list[str]:
    return [name for name, one in OPTIONS.items() if (one.document, one.rule) == (rule.document, rule.number)]


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_LISTED
    return ", ".join(names[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def _cases(facts: Facts) -> str:
    rows = []
    for case in sorted(facts.cases, key=lambda one: (one.family, one.name)):
        cells = []
        for document in DOCUMENTS:
            of = [numbers_named(one.rule, facts.rules) for one in case.reached]
            named = {number for where, numbers in of if where == document for number in numbers}
            cells.append(_ranges([rule for rule in facts.shown() if rule.document == document], named))
        outside = not case.wrong and not case.reached
        rows.append(
            (
                case.family,
                case.name,
                len(case.reached),
                *cells,
                case.wrong or ("compares no quantity" if outside else ""),
            )
        )
    heading = ("family", "case", "quantities reached", *(f"rules of {document}" for document in DOCUMENTS), "but")
    return table(heading, rows)


def _ranges(rules: list[Rule], named: set[str]) -> str:
    """Numbers in order, three or more that follow each other within a section as "first to last"."""
    runs: list[list[Rule]] = []
    for before, rule in zip([None, *rules], rules, strict=False):
        if rule.number in named:
            if runs and before is runs[-1][-1] and before.section == rule.section and "." in before.number:
                runs[-1].append(rule)
            else:
                runs.append([rule])
    said = [
        f"{run[0].number} to {run[-1].number}" if len(run) > 2 else ", ".join(one.number for one in run) for run in runs
    ]
    return ", ".join(said)


def _unreached(facts: Facts) -> str:
    held = {(one["quantity"], one["rule"]): f"`{one['held']}`" for one in facts.reasons["without_case"]}
    rows = [(one.name, one.rule, held.get((one.name, one.rule), "")) for one in facts.without_case()]
    return table(("quantity", "rule", "held by"), rows) if rows else "None.\n"


def main() -> None:
    """Write the page."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text(gather(ROOT.parent / "shared")), encoding="utf-8")


if __name__ == "__main__":
    main()
