"""The page of a batch: a calendar, what failed and where, and every run with its verdicts and its report."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from markupsafe import Markup

from reports.look import glyphs, styles
from reports.look.glyphs import SLUGS
from reports.views import VERDICTS


def page(data: dict[str, Any]) -> str:
    """The whole HTML text of an index, whole offline; no clock has a part in it."""
    runs = data["runs"]
    name = data["notebook"].replace("_", " ")
    days = f", {_day(runs[0])} to {_day(runs[-1])}" if runs else ""
    title = f"Batch of {name}{days}"
    head = Markup(
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>{}</title>'
        '<link rel="icon" href="data:,"><style>{}</style></head>\n<body class="report batch">{}'
        '<a class="skip" href="#main">Skip to content</a>\n<div class="wrap"><header class="bar">'
        "<span><b>Settlement workbench</b> &nbsp;Batch</span><span>{}</span></header>\n"
        '<main id="main"><h1>{}</h1>{}{}</main></div>\n</body></html>\n'
    )
    style = Markup(styles.for_report(title) + styles.sheet("batch"))
    return head.format(
        title, style, Markup(glyphs.definitions()), title, title, counts(data), sections(data),
    )  # fmt: skip


def sections(data: dict[str, Any]) -> str:
    """The parts of an index below its head: calendar, what failed and where, every report."""
    runs = data["runs"]
    return _calendar(runs) + _trouble(runs) + _table(runs)


def counts(data: dict[str, Any]) -> str:
    """How many reports there are, and how many failed."""
    return _counts(data["runs"])


def _day(one: dict[str, Any]) -> str:
    day = date.fromisoformat(one["settlement_date"])
    return f"{day.day} {day:%B %Y}"


def worst(one: dict[str, Any]) -> str:
    """The verdict of the worst period of a run that is done, "done" where nothing was judged, else its state."""
    if one["state"] != "done" or not one["verdicts"]:
        return str(one["state"])
    return next((verdict for verdict in reversed(VERDICTS) if one["verdicts"].get(verdict)), VERDICTS[0])


def _counts(runs: list[dict[str, Any]]) -> Markup:
    states = [one["state"] for one in runs]
    judged = any(one.get("verdicts") for one in runs)
    said = [f"{states.count('done')} {'report' if states.count('done') == 1 else 'reports'}"]
    said += [f"{states.count('failed')} failed"] if "failed" in states else []
    said += [f"{states.count('unavailable')} without a whole run"] if "unavailable" in states else []
    return Markup('<p class="q">{}. {}</p>').format(
        ", ".join(said), "Each day below bears the verdict of its worst period." if judged else ""
    )


def _link(one: dict[str, Any]) -> str | None:
    return one.get("output") if one["state"] == "done" else f"#at-{one['settlement_date']}-{one['run'] or 'none'}"


def _calendar(runs: list[dict[str, Any]]) -> Markup:
    """A small calendar a month and run type; Monday first."""
    months = []
    ordered = sorted(runs, key=lambda one: (one["settlement_date"][:7], one["run"] or "", one["settlement_date"]))
    for (month, run), some in groupby(ordered, key=lambda one: (one["settlement_date"][:7], one["run"] or "")):
        by_day = {one["settlement_date"]: one for one in some}
        first = date.fromisoformat(f"{month}-01")
        cells = [Markup("<span></span>")] * first.weekday()
        day = first
        while day.month == first.month:
            one = by_day.get(day.isoformat())
            if one is None:
                cells.append(Markup("<span>{}</span>").format(day.day))
            else:
                said = worst(one)
                cells.append(
                    Markup('<a href="{}" class="d-{}" aria-label="{}, {}">{}</a>').format(
                        _link(one), SLUGS.get(said, said), _day(one), said, day.day
                    )
                )
            day += timedelta(days=1)
        title = f"{first:%B %Y}, run {run}" if run else f"{first:%B %Y}, no run"
        months.append(Markup('<div><h3>{}</h3><div class="month">{}</div></div>').format(title, Markup("").join(cells)))
    return Markup('<section id="calendar"><h2>Calendar</h2><div class="months">{}</div></section>').format(
        Markup("").join(months)
    )


def _trouble(runs: list[dict[str, Any]]) -> Markup:
    rows = []
    for one in runs:
        if one["state"] == "done":
            continue
        cell = Markup("")
        if one.get("cell"):
            cell = Markup("<p>Cell {}</p><pre><code>{}</code></pre>").format(one["cell"], one["cell_source"])
        kept = Markup("")
        if one.get("output"):
            kept = Markup('<p><a href="{}">The notebook as far as it came</a></p>').format(one["output"])
        rows.append(
            Markup(
                '<tr id="at-{}-{}"><th scope="row" data-l="Day">{}</th><td data-l="Run">{}</td>'
                '<td data-l="What">{}</td><td data-l="Why">{}</td><td data-l="Where">{}</td></tr>'
            ).format(
                one["settlement_date"], one["run"] or "none", _day(one), one["run"] or "", one["kind"], one["error"],
                Markup("<div>{}{}</div>").format(cell, kept) if cell or kept else "",
            )
        )  # fmt: skip
    if not rows:
        return Markup("")
    return Markup(
        '<section id="failed"><h2>What needs a person</h2><div class="tw"><table class="cards"><thead><tr>'
        '<th scope="col">Day</th><th scope="col">Run</th><th scope="col">What</th><th scope="col">Why</th>'
        '<th scope="col">Where</th></tr></thead><tbody>{}</tbody></table></div></section>'
    ).format(Markup("").join(rows))


def _table(runs: list[dict[str, Any]]) -> Markup:
    rows = []
    for one in runs:
        if one["state"] != "done":
            continue
        counts = Markup(" ").join(
            Markup("{} {}").format(count, Markup(glyphs.chip(verdict)))
            for verdict in VERDICTS
            if (count := one["verdicts"].get(verdict))
        )
        rows.append(
            Markup(
                '<tr><th scope="row" data-l="Day"><a href="{}">{}</a></th><td data-l="Run">{}</td>'
                '<td data-l="Periods"><span>{}</span></td><td data-l="SHA-256" class="mono hash">{}</td></tr>'
            ).format(one["output"], _day(one), one["run"], counts, one["outputs"][one["output"]][:16])
        )
    if not rows:
        return Markup("")
    return Markup(
        '<section id="reports"><h2>Reports</h2><div class="tw"><table class="cards"><thead><tr>'
        '<th scope="col">Day</th><th scope="col">Run</th><th scope="col">Periods by verdict</th>'
        '<th scope="col">SHA-256, its first 16 digits</th></tr></thead><tbody>{}</tbody></table></div></section>'
    ).format(Markup("").join(rows))
