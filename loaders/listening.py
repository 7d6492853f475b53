"""Taking what comes by itself: messages of a queue, and files of a folder that others write into.

A message is said to be kept when it is, and not before. A folder is looked at again and again, and what stands still in
it is taken as any file is: nothing in it is moved.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.candidates import Incoming
from loaders.duty.walk import new_run_id
from loaders.errors import Finding
from loaders.fetching import FetchReport, keep_answers
from loaders.loading import take
from loaders.sources.answers import Failure
from loaders.sources.queue import answers, batches
from loaders.sources.settings import Settings
from loaders.sources.watch import settled_files

if TYPE_CHECKING:
    from loaders.store.session import Store

STILL_FOR = 2.0  # seconds that a file stands still before it is taken
COME_AGAIN = 30.0  # seconds until a broker that went away is called again

Told = Callable[[str], None]
After = Callable[[FetchReport], None]


def from_queue(
    store: Store,
    queue_name: str,
    settings: Settings,
    told: Told | None = None,
    ended: threading.Event | None = None,
    after: After | None = None,
) -> FetchReport:
    """Take the messages of a queue until it is quiet; each finds its job by what is in it.

    ended  set from outside to stop after the messages at hand
    after  called with what was taken, each time that something was
    """
    whole, run = FetchReport(), new_run_id()
    for came in batches(queue_name, settings, ended=ended):
        report = FetchReport()
        if isinstance(came, Failure):
            report.failures.append(came.finding)
        else:
            for message in came:
                if told:
                    told(message.name)
            keep_answers(store, answers(came, queue_name), report, None, run)
        if after:
            after(report)
        whole.files += report.files
        whole.failures += report.failures
        whole.withdrawn += report.withdrawn
    return whole


def listen(store: Store, queue_name: str, settings: Settings, ended: threading.Event, after: After) -> None:
    """Take the messages of a queue until `ended` is set. A broker that goes away is told of, and called again."""
    while not ended.is_set():
        report = from_queue(store, queue_name, settings, ended=ended, after=after)
        if report.failures:
            ended.wait(COME_AGAIN)


def watch_folder(
    store: Store, folder: Path, ended: threading.Event, after: After, still_for: float = STILL_FOR
) -> None:
    """Take the files of a folder, and those that come into it, until `ended` is set."""
    for came in settled_files(folder, still_for, ended=ended):
        report = FetchReport(failures=[one for one in came if isinstance(one, Finding)])
        files = [one for one in came if isinstance(one, Path)]
        if files:
            taken = take(store, [Incoming.of_path(path) for path in files])
            report.files, report.withdrawn = list(taken.files), taken.withdrawn
        after(report)
