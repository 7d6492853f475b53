"""The main job from end to end on a SYNTHETIC day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reports.comparison import compare_day, in_words


@dataclass(frozen=True)
class Demonstration:
    """What the demo did, and what to try next."""

    settlement_date: date
    home: Path
    steps: tuple[str, ...]
    entries: list[dict[str, Any]]
    report: Path
    good: bool

    def as_dict(self) -> dict[str, Any]:
        return {"settlement_date": self.settlement_date, "home": self.home, "steps": self.steps,
                "report": self.report, "verified": self.good, "periods": self.entries}  # fmt: skip

    def as_text(self) -> str:
        where = f" --home {self.home}"
        return "\n".join(
            [
                in_words(self.entries),
                "",
                *self.steps,
                f"report: {self.report}",
                "",
                "Everything above is SYNTHETIC: made by this program, no real party or unit.",
                "Try:",
                f"  bsc explain system_price --date {self.settlement_date} --period 9{where}",
                f"  bsc compare {self.settlement_date} --json{where}",
                f"  bsc verify {self.report}",
            ]
        )


def demonstrate(settlement_date: date, home: Path, tell: Callable[[str], None]) -> Demonstration:
    """Write the day unless it is there, load, settle, compare, report and verify it; `tell` hears each step begin."""
    import loaders
    from loaders.sample_market import write_day
    from reports.batch import run_report
    from reports.day_settlement import settle_day
    from reports.verification import verify

    folder = home / "SYNTHETIC" / settlement_date.isoformat()
    steps = []
    if folder.is_dir() and any(folder.iterdir()):
        steps.append(f"reused the SYNTHETIC day in {folder}")
    else:
        tell("writing a SYNTHETIC market day")
        folder.mkdir(parents=True, exist_ok=True)
        written = write_day(folder, settlement_date)
        steps.append(f"wrote {len(written)} SYNTHETIC files to {folder}")
    tell("loading it")
    loaded = loaders.load(folder, home)
    kinds = Counter(file.outcome for file in loaded.files)
    steps.append(f"loaded {', '.join(f'{count} files {outcome}' for outcome, count in kinds.items())}")
    tell("settling it")
    made = settle_day(settlement_date, home=home)
    run = f"run {made.run.run_id[:12]}"
    steps.append(
        f"settled {run}, {made.messages} messages" if made.new else f"settled nothing: reused {run}, 0 messages"
    )
    entries = compare_day(settlement_date, "IP", home)
    tell("writing and checking its report")
    written_report = run_report(settlement_date, "IP", home=home, out_folder=home / "reports")
    verdict = verify(written_report.html_path)
    steps.append(str(verdict))
    return Demonstration(settlement_date, home, tuple(steps), entries, written_report.html_path, verdict.good)
