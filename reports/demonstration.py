"""The main job from end to end on a SYNTHETIC day of Great Britain: two runs, and what moved between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.comparison import compare_day, in_words
from reports.look.numbers import money

if TYPE_CHECKING:
    from reports.figures import Figures
    from reports.variance import Variance

FIRST, FINAL = "II", "SF"
MOST = 5  # Parties shown at either end


@dataclass(frozen=True)
class Demonstration:
    """What the demo did, and what to try next."""

    settlement_date: date
    home: Path
    steps: tuple[str, ...]
    entries: list[dict[str, Any]]
    parties: Figures
    variance: Variance
    report: Path
    good: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain data: steps, periods, Parties, what moved."""
        from reports.variance.words import as_dict

        return {
            "settlement_date": self.settlement_date, "home": self.home, "steps": self.steps, "report": self.report,
            "verified": self.good, "periods": self.entries,
            "parties": self.parties.reset_index().to_dict("records"), "variance": as_dict(self.variance),
        }  # fmt: skip

    def as_text(self) -> str:
        """What a newcomer reads at the end."""
        from reports.variance.words import as_text

        where, day = f" --home {self.home}", self.settlement_date
        party = self.variance.labels()[0][0] if self.variance.labels() else self.parties.index[0]
        return "\n".join(
            [
                in_words(self.entries), "", _charges(self.parties), "", as_text(self.variance, MOST), "", *self.steps,
                f"report: {self.report}", "",
                "Everything above is SYNTHETIC: made by this program, no real party or unit.", "Try:",
                f"  bsc explain daily_party_net_due --date {day} --party {party} --run {FINAL}{where}",
                f"  bsc variance {day} --from {FIRST} --to {FINAL} --party {party}{where}",
                f"  bsc whatif {day} --run {FINAL} --set price_average_reference_volume=50{where}",
                f"  bsc explain system_price --date {day} --period 36 --run {FINAL}{where}",
                f"  bsc verify {self.report}",
            ]
        )  # fmt: skip


def demonstrate(settlement_date: date, home: Path, tell: Callable[[str], None]) -> Demonstration:
    """Write the day unless it is there, load and settle its runs, compare, explain, report; `tell` hears each step."""
    import reports
    from loaders.sample_market.great_britain import write_market
    from reports.batch import run_report
    from reports.verification import verify

    folder = home / "SYNTHETIC" / settlement_date.isoformat()
    written = write_market(folder, settlement_date, tell=tell)
    steps = [
        f"wrote {len(written)} SYNTHETIC files to {folder}" if written else f"reused the SYNTHETIC day in {folder}"
    ]
    entries: list[dict[str, Any]] = []
    for run in (FIRST, FINAL):
        steps += _settle(settlement_date, run, folder, home, tell)
        if run == FIRST:
            tell("comparing its prices with the published ones")
            entries = compare_day(settlement_date, run, home)
            tell("writing and checking its report")
            report = run_report(settlement_date, run, home=home, out_folder=home / "reports")
            verdict = verify(report.html_path)
            steps.append(str(verdict))
    tell(f"finding what moved from {FIRST} to {FINAL}")
    day = reports.open_day(settlement_date, FINAL, home)
    moved = day.variance(FIRST)
    good = verdict.good and moved.adds_up()
    return Demonstration(settlement_date, home, tuple(steps), entries, day.parties, moved, report.html_path, good)


def _settle(settlement_date: date, run: str, folder: Path, home: Path, tell: Callable[[str], None]) -> list[str]:
    import loaders
    from reports.day_settlement import settle_day

    tell(f"loading what run {run} has")
    loaded = loaders.load(folder / run, home)
    kinds = Counter(file.outcome for file in loaded.files)
    told = f"run {run}: loaded {', '.join(f'{count} files {outcome}' for outcome, count in kinds.items())}"
    tell(f"settling run {run}: prices, losses, imbalances, charges")
    made = settle_day(settlement_date, run, home=home)
    name = f"run {run} {made.run.run_id[:12]}"
    return [told, f"settled {name}, {made.messages} messages" if made.new else f"reused {name}, 0 messages"]


def _charges(parties: Figures) -> str:
    """The Parties that are paid and that owe most, and what all add up to."""
    ordered = parties.sort_values("net due", ascending=False)
    heads = [str(name) for name in ordered.columns]
    lines = [f"Trading Charges at {FINAL}, GBP: the {MOST} Parties that are due most, and the {MOST} that owe most"]
    lines.append(f"  {'party':<10}" + "".join(f" {head[:22]:>22}" for head in heads))
    for frame in (ordered.head(MOST), ordered.tail(MOST)):
        for party, row in zip(frame.index, frame.itertuples(index=False, name=None), strict=True):
            lines.append(f"  {party:<10}" + "".join(f" {money(value):>22}" for value in row))
    total = "".join(f" {money(float(ordered[name].sum())):>22}" for name in heads)
    return "\n".join([*lines, f"  {f'all {len(ordered)}':<10}{total}"])
