"""What mends a job: the command lines, the button that replays it here, and what became of that."""

from __future__ import annotations

from collections import Counter

from markupsafe import Markup

from dashboards.address import address
from dashboards.held import Held
from dashboards.replays import Replay
from reports.loads_records import JobLoads
from reports.look import times

_SHOWN = 5  # findings of a replay named one by one


def what_to_run(held: Held, job: JobLoads) -> Markup:
    """Command lines, button and outcome."""
    lines = [f"bsc load --from FOLDER --home {held.home}", f"bsc load replay {job.job} --home {held.home}"]
    return Markup(
        '<h3 id="replay">What to run</h3><p>Corrected files are loaded as any others; a corrected job reads again what '
        'has come already, which is a replay.</p><div class="commands"><pre tabindex="0" role="region" '
        'aria-label="Commands">{}</pre></div>{}'
    ).format("\n".join(lines), _button_or_outcome(held, job))


def _button_or_outcome(held: Held, job: JobLoads) -> Markup:
    last, running = held.replays.of(job.job), held.replays.running()
    said = Markup("") if last is None else _running(last) if last.running else _outcome(last)
    if last is not None and last.running:
        return said
    if running is not None:
        where = f"{address('/loads', job=running.job)}#job"
        return said + Markup(
            '<p>A replay of <a href="{}">{}</a> runs; the next can start when it has ended.</p>'
        ).format(where, running.job)
    count = held.loads.files(job.job)
    if not count:
        return said + Markup("<p>No file of this job is kept, so there is nothing to replay.</p>")
    files = f"{count} {'file' if count == 1 else 'files'} as received"
    return said + Markup(
        '<form class="replay" method="post" action="/loads/replay"><input type="hidden" name="token" value="{}">'
        '<input type="hidden" name="job" value="{}"><button class="btn pri">Replay {}</button> <span class="small">'
        "Reads {} again with the job as it stands; nothing is fetched, nothing is lost.</span></form>"
    ).format(held.replays.token, job.job, job.job, files)


def _running(one: Replay) -> Markup:
    file = f", now {one.file}" if one.file else ""
    return Markup(
        '<div class="state running" data-again="1500"><p><b>A replay runs</b> since {}: {} of {} files taken up{}. You '
        'may leave this page.</p><progress max="{}" value="{}" aria-label="Files taken up"></progress> '
        '<p><a href="{}#replay">Look again</a></p></div>'
    ).format(
        times.local_moment(one.started_at), min(one.done, one.of), one.of, file, max(one.of, 1), min(one.done, one.of),
        address("/loads", job=one.job),
    )  # fmt: skip


def _outcome(one: Replay) -> Markup:
    at = times.local_moment(one.ended_at or one.started_at)
    if one.report is None:
        return Markup(
            '<div class="state ended"><p><b>The replay failed</b> at {}: {}</p><p>Rows that were kept stay kept. It is '
            "not tried again by itself.</p></div>"
        ).format(at, one.failed)
    report = one.report
    counts = Counter(file.outcome for file in report.files)
    files = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "no file"
    new, changed = sum(file.new for file in report.files), sum(file.changed for file in report.files)
    refused = sum(finding.weight == "refused" for finding in report.findings)
    moved = (
        f"the store went from version {report.version_before} to {report.version}"
        if report.version != report.version_before
        else f"the store stays at version {report.version}"
    )
    findings = Markup("").join(Markup("<li>{}</li>").format(str(one)) for one in report.findings[:_SHOWN])
    more = len(report.findings) - _SHOWN
    return Markup(
        '<div class="state ended"><p><b>Replayed</b> at {}: files {}; rows {} new, {} changed, {} withdrawn; {} '
        "{} refused; {}.</p>{}{}</div>"
    ).format(
        at, files, new, changed, report.withdrawn, refused, "is" if refused == 1 else "are", moved,
        Markup('<ul class="list">{}</ul>').format(findings) if findings else "",
        Markup('<p class="small">and {} more, among the refused rows above</p>').format(more) if more > 0 else "",
    )  # fmt: skip
