"""The catalogue: one plain page made from the promises, without a script and without a request elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from publish.api.endpoints import Promise
from reports.access import SeenRun
from reports.look import tokens

MOST_DAYS = 60
_STYLE = """
body{background:var(--paper);color:var(--ink);font:15px/1.5 var(--text-face);margin:0 auto;max-width:64rem;padding:1rem}
a{color:var(--link)} h1{font-size:1.5rem} h2{font-size:1.1rem;margin:2rem 0 .3rem;overflow-wrap:anywhere}
code{font-family:var(--code-face);font-size:.92em} .scroll{overflow-x:auto}
table{border-collapse:collapse} th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--rule)}
td,th{vertical-align:top} dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0}
dt{color:var(--ink2)} dd{margin:0}
"""


def page(promises: Sequence[Promise], runs: Sequence[SeenRun]) -> str:
    """HTML of the catalogue, with links to the newest runs."""
    newest = runs[-1] if runs else None
    body = Markup("").join(_entry(promise, newest) for promise in promises)
    return Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Answers of this workspace</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><style>{style}</style></head><body>'
        "<h1>Answers of this workspace</h1>"
        "<p>JSON or CSV: by the header <code>Accept</code>, or <code>?format=csv</code>. <code>?run=</code> takes a "
        "run type (IP when left out: the latest run kept of it) or a run id. Figures are decimal text; null, or an "
        "empty cell, is “not there”, never 0. Ask again with <code>If-None-Match</code>. Answers of a SYNTHETIC "
        'or ASSUMED day say so. <a href="/openapi.json">OpenAPI</a>, <a href="/health">health</a>.</p>'
        "{body}<h2>Settled days</h2>{days}</body></html>"
    ).format(style=Markup(tokens.variables() + _STYLE), body=body, days=_days(runs))


def _entry(promise: Promise, newest: SeenRun | None) -> Markup:
    said = [
        ("Owner", promise.owner), ("Since", promise.since), ("Freshness", promise.freshness),
        ("Licence", promise.licence), ("Quantity", promise.quantity),
    ]  # fmt: skip
    facts = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(name, text) for name, text in said if text)
    columns = Markup("").join(
        Markup("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>").format(name, unit, about)
        for name, unit, about in promise.columns
    )
    return Markup(
        "<h2><code>{path}</code></h2><p>{summary} {about}</p>{example}<dl>{facts}</dl>"
        '<details><summary>{count} columns</summary><div class="scroll" tabindex="0"><table><thead><tr><th>Column</th>'
        "<th>Unit</th><th>What it is</th></tr></thead><tbody>{columns}</tbody></table></div></details>"
    ).format(
        path=promise.path, summary=promise.summary, about=promise.about, example=_example(promise.path, newest),
        facts=facts, count=len(promise.columns), columns=columns,
    )  # fmt: skip


def _example(path: str, newest: SeenRun | None) -> Markup:
    if newest is None:
        return Markup("")
    address = path.replace("{date}", str(newest.settlement_date)).replace("{period}", "9")
    query = "" if newest.run == "IP" else f"run={newest.run}&"
    return Markup('<p><a href="{0}?{1}format=json">{0}</a> (<a href="{0}?{1}format=csv">CSV</a>)</p>').format(
        address, query
    )


def _days(runs: Sequence[SeenRun]) -> Markup:
    if not runs:
        return Markup("<p>None yet. Settle one with <code>bsc settle DATE</code>.</p>")
    rows = Markup("").join(
        Markup(
            '<tr><td><a href="/v1/prices/{0}?run={1}">{0}</a></td><td>{2}</td><td>{3:%Y-%m-%d %H:%M:%SZ}</td>'
            "<td>{4}</td></tr>"
        ).format(
            run.settlement_date, run.run_id, run.run, run.settled_at,
            f"ASSUMED adjustment actions of {run.assumed}" if run.assumed else "",
        )
        for run in reversed(runs[-MOST_DAYS:])
    )  # fmt: skip
    return Markup(
        "<p>The {} runs kept last, of {}.</p><table><thead><tr><th>Day</th><th>Run</th><th>Settled (UTC)</th><th>Marks"
        "</th></tr></thead><tbody>{}</tbody></table>"
    ).format(min(len(runs), MOST_DAYS), len(runs), rows)
