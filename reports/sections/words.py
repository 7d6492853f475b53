"""Sentences made from the figures of a day, so that no sentence can say other than its table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from reports.look import numbers
from reports.views import DayView, PeriodView

_RUNS = {
    "IP": "indicative", "II": "interim initial", "SF": "initial settlement", "R1": "first reconciliation",
    "R2": "second reconciliation", "R3": "third reconciliation", "RF": "final reconciliation",
    "D": "dispute", "DF": "final dispute",
}  # fmt: skip
_MOST = 4  # periods named one by one


def run_name(run: str) -> str:
    """IP, indicative."""
    return f"{run}, {_RUNS[run]}" if run in _RUNS else run


def stamps(day: DayView) -> list[str]:
    """The words in capitals that head, title, foot and file name carry."""
    return [word for word, wanted in (("SYNTHETIC", day.synthetic), ("ASSUMED", day.assumed is not None)) if wanted]


def of_verdict(day: DayView, verdict: str) -> list[PeriodView]:
    """The periods with a verdict, the largest worth first."""
    return sorted(
        (view for view in day.periods if view.verdict == verdict),
        key=lambda view: (-(view.worth or 0), view.settlement_period),
    )


def named(periods: Sequence[PeriodView]) -> str:
    """Period 7; periods 7 and 12; 17 periods."""
    found = sorted(view.settlement_period for view in periods)
    if len(found) > _MOST:
        return f"{len(found)} periods"
    if len(found) == 1:
        return f"period {found[0]}"
    return f"periods {', '.join(map(str, found[:-1]))} and {found[-1]}"


def higher_or_lower(view: PeriodView) -> str:
    """The published price is 0.50 GBP/MWh higher."""
    difference = view.difference or Decimal(0)
    way = "higher" if difference > 0 else "lower"
    amount = numbers.short_difference(abs(difference)).removeprefix("+")
    return f"the published price is {amount} GBP/MWh {way}"


def lead_sentence(day: DayView) -> str:
    """What a manager can repeat: how many prices agree, and the worst that was found."""
    counts, whole = day.counts(), len(day.periods)
    sentences = [_agreement(counts, whole)]
    unexplained = of_verdict(day, "unexplained")
    if len(unexplained) == 1:
        only = unexplained[0]
        sentences.append(
            f"One difference is unexplained: period {only.settlement_period}, where {higher_or_lower(only)}."
        )
    elif unexplained:
        first = unexplained[0]
        sentences.append(
            f"{len(unexplained)} differences are unexplained; the one of largest worth is in period "
            f"{first.settlement_period}, where {higher_or_lower(first)}."
        )
    elif counts["not comparable"] and counts["exact"] < whole:
        missing = of_verdict(day, "not comparable")
        sentences.append(f"No difference is unexplained; {named(missing)} cannot be compared: {_reasons(missing)}")
    if day.assumed:
        sentences.append(f"Adjustment actions are ASSUMED, from {day.assumed}.")
    return " ".join(sentences)


def _agreement(counts: dict[str, int], whole: int) -> str:
    if counts["exact"] == whole:
        return f"All {whole} prices agree with the published ones to five decimals."
    if counts["not comparable"] == whole:
        return f"None of the {whole} prices can be compared with a published one."
    if counts["exact"] == 1:
        return f"1 of {whole} prices agrees with the published one to five decimals."
    return f"{counts['exact'] or 'None'} of {'the ' if not counts['exact'] else ''}{whole} prices agree with the published ones to five decimals."  # noqa: E501


def _reasons(views: Sequence[PeriodView]) -> str:
    reasons = list(dict.fromkeys(view.reason for view in views))
    if len(reasons) == 1:
        return reasons[0][:1].lower() + reasons[0][1:]
    return f"{len(reasons)} reasons, each beside its period."


def day_finding(day: DayView) -> str:
    """The title of the picture of the day, a finding in a few words."""
    differ = [view for view in day.periods if view.verdict in ("unexplained", "vintage")]
    missing = [view for view in day.periods if view.own is None]
    unpublished = [view for view in day.periods if view.published is None]
    if len(unpublished) == len(day.periods):
        said = "No published price to compare with"
    elif not differ:
        said = "Prices agree wherever both are there" if missing or unpublished else "Prices agree all day"
    elif len(differ) == len(day.periods):
        said = "Prices differ all day"
    else:
        said = f"Prices agree all day but for {named(differ)}"
    if missing:
        one = len(missing) == 1
        if day.way == "published stack":
            said += f"; {named(missing)} {'has' if one else 'have'} no stack"
        else:
            said += f"; {named(missing)} {'was' if one else 'were'} not settled"
    return said


def clauses_of(day: DayView, quantity: str, otherwise: tuple[str, str]) -> tuple[str, str]:
    """Clause and evidence word of a rule, as its tag says; `otherwise` where the run did not keep them."""
    for rule in day.rules:
        if rule.quantity == quantity:
            return rule.clause, rule.evidence
    return otherwise
