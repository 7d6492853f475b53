"""Paper set beside other work: by a process that gets ready while the page is still made.

Only for one report at a time: a batch has a process on each core already.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from reports.paper.tree import NotPrinted

Setter = Callable[[str, datetime | None], bytes]


@contextmanager
def setter() -> Iterator[Setter]:
    """A process that sets one page, and is gone at the end; the Setter raises NotPrinted as `pdf_of_page` does."""
    command = [sys.executable, "-P", "-m", "reports.paper"]  # -P: a folder `reports` where we stand is none of ours
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            yield lambda html, moment: _set(process, html, moment)
        finally:
            if process.poll() is None:
                process.kill()


def _set(process: subprocess.Popen[bytes], html: str, moment: datetime | None) -> bytes:
    line = "" if moment is None else moment.isoformat()
    made, said = process.communicate(f"{line}\n{html}".encode())
    if process.returncode == 1 and said:
        raise NotPrinted(said.decode("utf-8", "replace").strip())
    if process.returncode:
        raise NotPrinted(
            f"paper: found its process ended with {process.returncode}, wanted a PDF. The page is whole and can be "
            "read; look at memory, then write the report again."
        )
    return made
