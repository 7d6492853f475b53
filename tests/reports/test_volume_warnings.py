"""What accepted volumes leave open is said of its period, and of no other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import loaders
from reports import open_day_view
from reports.day_settlement import settle_day
from reports.views import DayView

DAY = date(2024, 1, 15)
Rows = list[dict[str, Any]]


@pytest.fixture
def settled_with(synthetic_folder: Path, tmp_path: Path) -> Callable[[str, Callable[[Rows], Rows]], DayView]:
    """The day settled from acceptances, one feed of it changed."""

    def settle(feed: str, change: Callable[[Rows], Rows]) -> DayView:
        folder = Path(shutil.copytree(synthetic_folder, tmp_path / "changed"))
        file = next(folder.glob(f"*_{feed}_2024-01-15.json"))
        said = json.loads(file.read_text())
        rows = said if isinstance(said, list) else said["data"]
        rows[:] = change(rows)
        file.write_text(json.dumps(said))
        home = tmp_path / "workspace"
        loaders.load(folder, home)
        settle_day(DAY, home=home, way="own stack")
        return open_day_view(DAY, None, home)

    return settle


def within_one_period(rows: Rows) -> Rows:
    """The lines of an acceptance that begins and ends in one period."""
    lines: dict[tuple[str, int], Rows] = {}
    for row in rows:
        lines.setdefault((row["bmUnit"], row["acceptanceNumber"]), []).append(row)
    return next(
        one
        for one in lines.values()
        if len({row[f"settlementPeriod{end}"] for row in one for end in ("From", "To")}) == 1
    )


def test_an_acceptance_past_the_bands_counts_inside_them_only_and_its_period_is_not_comparable(
    settled_with: Callable[..., DayView],
) -> None:
    chosen: dict[str, Any] = {}

    def far_above(rows: Rows) -> Rows:
        for row in within_one_period(rows):
            chosen.update(row)
            row["levelFrom"] = row["levelTo"] = 20_000
        return rows

    view = settled_with("BOALF", far_above)

    period = view.period(chosen["settlementPeriodFrom"])
    assert period.verdict == "not comparable"
    assert f"of {chosen['bmUnit']} were accepted outside its bands" in period.reason
    assert period.own is not None
    assert max(action.volume for action in period.actions) < 2_000
    assert sum("outside its bands" in one.reason for one in view.periods) == 1


def test_an_accepted_unit_without_a_notification_has_fpn_0_and_its_period_says_so(
    settled_with: Callable[..., DayView],
) -> None:
    def without_the_first_notified(rows: Rows) -> Rows:
        return [row for row in rows if not (row["bmUnit"] == "T_SYNPUM-3" and row["settlementPeriod"] == 17)]

    view = settled_with("PN", without_the_first_notified)

    period = view.period(17)
    assert period.verdict == "not comparable"
    assert "T_SYNPUM-3 was accepted without a notification: FPN 0 by default" in period.reason
    assert [one.settlement_period for one in view.periods if "FPN 0" in one.reason] == [17]
