"""The verb load: files taken in from a folder or fetched, what is due, and landings read again."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loaders.command_texts import SHOWN, bar, load_text, table
from loaders.commands_ready import ready
from settlement.command_line import AsJson, AskedWrongly, Home, answer

if TYPE_CHECKING:
    from loaders.fetching import FetchReport
    from loaders.report import LoadReport
    from loaders.working import Worked

load = typer.Typer(invoke_without_command=True)
load.command("ready")(ready)

From = Annotated[Path | None, typer.Option("--from", help="A folder of files, or one file.", show_default=False)]
Fetch = Annotated[str | None, typer.Option("--fetch", help="Ask the source of this job.", show_default=False)]
Queue = Annotated[str | None, typer.Option("--queue", help="Take the messages of this queue.", show_default=False)]
Date = Annotated[str | None, typer.Option("--date", help="A day, or first..last, as 2024-01-15..2024-01-31.")]
Sample = Annotated[int | None, typer.Option("--sample", min=1, help="Read so many records a file; keep none.")]
AFTERWARDS_EACH = 60.0  # seconds between two calls of other rooms while a watch goes on
Job = Annotated[list[str] | None, typer.Option("--job", help="With --due and --watch: this job only; may be repeated.")]


@load.callback()
def take_in(
    context: typer.Context,
    source: From = None,
    fetch: Fetch = None,
    queue: Queue = None,
    days: Date = None,
    due: Annotated[bool, typer.Option("--due", help="Ask what is due now, once, as from cron.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="For ever, as a service: what is due, or --from, --queue.")
    ] = False,
    job: Job = None,
    again: Annotated[bool, typer.Option("--again", help="With --fetch: also what was answered before.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and keep nothing.")] = False,
    sample: Sample = None,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Take files into the workspace; each finds its job by what is in it.

    From a folder (--from), from the source of a job for some days (--fetch JOB --date A..B, which goes on where it
    was stopped), from a queue (--queue NAME, until it is quiet), or whatever is due (--due). With --watch for ever:
    alone what is due, with --from what comes into the folder, with --queue what comes by it. Exit code 1 when a row or
    a file was refused, or a question failed. The same file again changes nothing.

    Example: bsc load --from downloads/2024-01-15
    """
    if context.invoked_subcommand:
        return
    ways = sum([source is not None, fetch is not None, queue is not None, due])
    if ways > 1 or not (ways or watch) or (watch and (due or fetch is not None)):
        wanted = "one of --from FOLDER, --fetch JOB, --queue NAME, --due, or --watch alone or with --from or --queue"
        raise AskedWrongly(f"bsc load: wanted {wanted}. See bsc load --help.")
    if (watch or queue is not None) and (dry_run or sample):
        raise AskedWrongly("bsc load: --watch and --queue keep what comes, wanted them without --dry-run and --sample.")
    if watch:
        _watch(home, job or [], source, queue)
        return
    with _and_afterwards(home, kept=not (dry_run or sample)):
        if source is not None:
            _from_folder(source, home, as_json, dry_run, sample)
        elif queue is not None:
            _from_queue(queue, home, as_json)
        elif fetch is not None:
            _from_source(fetch, days, home, as_json, again, dry_run)
        else:
            _due(home, as_json, job or [], dry_run)


@contextmanager
def _and_afterwards(home: Path, kept: bool) -> Iterator[None]:
    """Call what other rooms do after a load, also where some of it was refused; their sentences go to stderr."""
    from loaders.after_load import after_load

    try:
        yield
    except typer.Exit:
        if kept:
            _say(after_load(home))
        raise
    if kept:
        _say(after_load(home))


def _say(sentences: list[str]) -> None:
    for sentence in sentences:
        typer.echo(sentence, err=True)


@load.command()
def replay(
    jobs: Annotated[list[str] | None, typer.Argument(help="Jobs; none: all that were changed since.")] = None,
    days: Date = None,
    again: Annotated[bool, typer.Option("--again", help="Also jobs that have not changed.")] = False,
    home: Home = Path("workspace"),
    as_json: AsJson = False,
) -> None:
    """Read landings again, as after a correction of a job. All files of a job together, in the order they came.

    A job that is named is read again in any case. Exit code 1 when a row or a file was refused.

    Example: bsc load replay fuelhh --date 2024-01-15
    """
    from loaders.replaying import replay as read_again

    _is_there(home)
    chosen = None if days is None else set(_days(days))
    with _and_afterwards(home, kept=True):
        with bar(None, shown=not as_json) as told:
            report = read_again(home, jobs or None, chosen, again or bool(jobs), told)
        _tell(report, as_json)


def _from_folder(source: Path, home: Path, as_json: bool, dry_run: bool, sample: int | None) -> None:
    from loaders.candidates import Manner
    from loaders.loading import load as take_all
    from loaders.sources.folder import files_in

    if not source.exists():
        raise AskedWrongly(f"--from {source}: found nothing there, wanted a folder or a file. Correct the name.")
    files = files_in(source)
    if not files:
        raise AskedWrongly(f"--from {source}: found an empty folder, wanted files in it. Correct the name.")
    with bar(len(files), shown=not as_json) as told:
        report = take_all(source, home, told, manner=Manner(dry=dry_run, rows=sample))
    _tell(report, as_json)


def _tell(report: LoadReport, as_json: bool) -> None:
    answer(report.as_data(), as_json, lambda: load_text(report))
    if not report.good:
        raise typer.Exit(1)


def _from_source(job: str, days: str | None, home: Path, as_json: bool, again: bool, dry_run: bool) -> None:
    from loaders.errors import LoadError
    from loaders.fetching import back_fill, fetched_job
    from loaders.sources.questions import questions

    try:
        declared = fetched_job(job)
    except LoadError as error:
        raise AskedWrongly(f"--fetch {error}") from None
    if days is None and declared.fetch.covers != "all time":
        raise AskedWrongly(f"--fetch {job}: found no days, wanted --date A or --date A..B.")
    chosen = _days(days) if days else [date.today()]
    asked = questions(declared, chosen[0], chosen[-1])
    if dry_run:
        said = [{"name": one.name, "path": one.path, "query": dict(one.query)} for one in asked]
        answer(said, as_json, lambda: "\n".join(f"{one.name}  {one.path} {dict(one.query)}" for one in asked))
        return
    with bar(len(asked), shown=not as_json) as told:
        report = back_fill(home, job, chosen[0], chosen[-1], told, again)
    answer(_fetched(report), as_json, lambda: _fetched_text(report))
    if not report.good:
        raise typer.Exit(1)


def _fetched(report: FetchReport) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "good": report.good,
        "answered": len(report.files),
        "left": report.left,
        "withdrawn": report.withdrawn,
        "again_at": report.again_at.isoformat() if report.again_at else None,
        "failures": [asdict(finding) for finding in report.failures],
        "files": [asdict(file) | {"findings": [asdict(f) for f in file.findings]} for file in report.files],
    }


def _fetched_text(report: FetchReport) -> str:
    new, changed = (sum(getattr(file, name) for file in report.files) for name in ("new", "changed"))
    lines = [f"{finding.weight}: {finding}" for finding in report.findings[:SHOWN]]
    if len(report.findings) > SHOWN:
        lines.append(f"and {len(report.findings) - SHOWN} more: bsc load --json")
    lines.append(
        f"{len(report.files)} answers ({new:,} rows new, {changed:,} changed), {len(report.failures)} failures, "
        f"{report.left} answered before"
    )
    if report.again_at:
        lines.append(f"the source says: not before {report.again_at:%Y-%m-%d %H:%M:%S}Z")
    return "\n".join(lines)


def _due(home: Path, as_json: bool, jobs: list[str], dry_run: bool) -> None:
    from datetime import UTC, datetime

    from loaders import store
    from loaders.working import what_is_due, work

    opened = store.open(home)
    try:
        if dry_run:
            found = what_is_due(opened, datetime.now(UTC), jobs)
            rows = [
                {"job": one.job, "question": one.question, "due_at": one.due_at.isoformat(timespec="minutes")}
                for one in found
            ]
            answer(rows, as_json, lambda: table(rows, "job question due_at") if rows else "nothing is due")
            return
        with bar(None, shown=not as_json) as told:
            worked = work(opened, only=jobs, told=told)
        answer(_worked(worked), as_json, lambda: _worked_text(worked))
    finally:
        opened.close()
    if not worked.good:
        raise typer.Exit(1)


def _from_queue(queue: str, home: Path, as_json: bool) -> None:
    from loaders import store
    from loaders.listening import from_queue
    from loaders.sources.settings import read_settings

    opened = store.open(home)
    try:
        with bar(None, shown=not as_json) as told:
            report = from_queue(opened, queue, read_settings(home), told)
    finally:
        opened.close()
    answer(_fetched(report), as_json, lambda: _fetched_text(report))
    if not report.good:
        raise typer.Exit(1)


def _watch(home: Path, jobs: list[str], folder: Path | None, queue: str | None) -> None:
    from loaders import store
    from loaders.listening import listen, watch_folder
    from loaders.sources.settings import read_settings
    from loaders.working import watch

    if folder is not None and not folder.is_dir():
        raise AskedWrongly(f"--from {folder}: found no folder, wanted one to watch. Correct the name.")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    opened, come = store.open(home), _Come(home)
    try:
        if folder is not None:
            watch_folder(opened, folder, ended, after=lambda came: come.told(_fetched_text(came)))
        elif queue is not None:
            listen(opened, queue, read_settings(home), ended, after=lambda came: come.told(_fetched_text(came)))
        else:
            watch(opened, ended, jobs, after=lambda worked: come.told(_worked_text(worked)))
    finally:
        opened.close()
        come.afterwards()


class _Come:
    """What a watch tells: each thing that came, and in time what other rooms do after a load.

    A queue brings a message a second. The other rooms are called for the first at once, then once in AFTERWARDS_EACH
    seconds for all that came meanwhile.
    """

    def __init__(self, home: Path) -> None:
        self._home, self._since = home, float("-inf")
        self._later: threading.Timer | None = None

    def told(self, text: str) -> None:
        typer.echo(text)
        if self._later is None:
            rest = self._since + AFTERWARDS_EACH - time.monotonic()
            self._later = threading.Timer(max(rest, 0.0), self._afterwards)
            self._later.daemon = True
            self._later.start()

    def _afterwards(self) -> None:
        from loaders.after_load import after_load

        self._since, self._later = time.monotonic(), None
        _say(after_load(self._home))

    def afterwards(self) -> None:
        """At the end: what was put off is done now."""
        later = self._later
        if later is not None:
            later.cancel()
            later.join()
            if self._later is later:  # it had not begun
                self._afterwards()


def _worked(worked: Worked) -> dict[str, Any]:
    return {
        "good": worked.good,
        "done": worked.done,
        "failed": [{"task": task, "why": str(why)} for task, why in worked.failed],
        "files": worked.files,
        "refused": worked.refused,
    }


def _worked_text(worked: Worked) -> str:
    lines = [f"failed: {task}: {why}" for task, why in worked.failed[:SHOWN]]
    lines.append(
        f"{len(worked.done)} tasks done, {len(worked.failed)} failed; "
        f"{worked.files} files, {worked.refused} rows refused"
    )
    return "\n".join(lines)


def _is_there(home: Path) -> None:
    if not home.is_dir():
        raise AskedWrongly(f"--home {home}: found no workspace, wanted a folder that bsc load has made.")


def _days(said: str) -> list[date]:
    first, _, last = said.partition("..")
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise AskedWrongly(f"--date {said}: wanted a day or first..last, as 2024-01-15..2024-01-31.") from None
    if end < start:
        raise AskedWrongly(f"--date {said}: found the last day before the first, wanted first..last. Turn them round.")
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]
