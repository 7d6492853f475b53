"""What a page shows when it cannot show a day: what is missing or failed, what is kept, what to run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from dashboards.address import address
from dashboards.declared import Content, Page
from dashboards.held import Held
from dashboards.parts.controls import day_before_and_after
from reports.look import times

_DAYS_NAMED = 12


def not_settled(held: Held, page: Page, state: Mapping[str, Any]) -> Content:
    """No kept run of the day asked for, or of any day."""
    day, run = state.get("date"), state.get("run")
    if day is None:
        return Content(page.title, Markup('<h1 tabindex="-1">Nothing is settled yet</h1>{}').format(_first_steps(held)))
    named, option = (f", run {run}", f" --run {run}") if run else ("", "")
    steps = [f"bsc load --from FOLDER --home {held.home}", f"bsc settle {day}{option} --home {held.home}"]
    title = times.long_day(day)
    main = Markup(
        '<div class="hd"><h1 tabindex="-1">{}</h1><span class="sp">{}</span></div><p class="say">Not settled: this '
        "workspace holds no run of this day{}, so no price is shown and none is assumed.</p>"
        '<section class="state"><h2>What to run</h2><p>Bring the files of the day, if they have not come, then settle '
        'it; the second command says so if none has come.</p><pre tabindex="0" role="region" '
        'aria-label="Commands">{}</pre>{}</section>'
    ).format(title, day_before_and_after(page.path, day, run), named, "\n".join(steps), _other_days(held, page, day))
    return Content(f"{page.title}, {times.middle_day(day)}, not settled", main, says=f"{title} is not settled",
                   state={"date": day, "run": run})  # fmt: skip


def _first_steps(held: Held) -> Markup:
    return Markup(
        '<p class="say">This workspace holds no run of any day.</p><section class="state"><h2>What to run</h2>'
        "<p>A SYNTHETIC day to look at, or your own files:</p>"
        '<pre tabindex="0" role="region" aria-label="Commands">bsc demo --home {}\n'
        "bsc load --from FOLDER --home {}\nbsc settle 2024-01-15 --home {}</pre></section>"
    ).format(held.home, held.home, held.home)


def _other_days(held: Held, page: Page, asked: Any) -> Markup:
    settled = held.days()
    if not settled:
        return Markup("<p>No other day of this workspace is settled.</p>")
    near = sorted(settled, key=lambda day: (abs(day - asked), day))[:_DAYS_NAMED]
    entries = [
        Markup('<li><a href="{}">{}</a></li>').format(address(page.path, date=day), times.short_day(day))
        for day in sorted(near)
    ]
    said = "Settled days" if len(near) == len(settled) else f"The nearest of {len(settled)} settled days"
    return Markup('<h2>{}</h2><ul class="list days">{}</ul>').format(said, Markup("").join(entries))


def wrong_address(page: Page, sentence: str) -> Content:
    """The address asks for what cannot be read."""
    main = Markup(
        '<h1 tabindex="-1">This address cannot be read</h1><p class="say">{}</p><p><a href="{}">{} of the newest '
        "settled day</a></p>"
    ).format(sentence, page.path, page.title)
    return Content(f"{page.title}, address not read", main, says="This address cannot be read")


def failed(page: Page, error: Exception) -> Content:
    """Something broke while the page was made; the log of the server has the whole of it."""
    main = Markup(
        '<h1 tabindex="-1">This page could not be made</h1><p class="say">{}: {}</p><section class="state"><h2>What is '
        "kept</h2><p>Everything: a page only reads. Runs, reports and messages are as they were.</p><h2>What to do</h2>"
        "<p>It is not tried again by itself: load the page again. If it fails again, send these words, the address and "
        "the log of the server to whoever keeps this workbench.</p></section>"
    ).format(type(error).__name__, error)
    return Content(f"{page.title}, not made", main, says="This page could not be made")
