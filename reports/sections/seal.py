"""How a page is proven: it cannot prove itself, so it says with which command, run and hashes."""

from __future__ import annotations

from markupsafe import Markup

from reports.subjects import Subject


def seal(subject: Subject, more: str = "") -> Markup:
    """HTML of the box at the end of a cover; `more` is said at its end."""
    several = f"{len(subject.run_ids)} runs, hash over their ids" if len(subject.run_ids) != 1 else "Run"
    return Markup(
        '<div class="seal"><p><b>This page cannot prove itself.</b> Check it, offline, with '
        '<span class="mono nb">bsc verify {}.html</span></p><p>{} <span class="mono">{}</span></p>'
        '<p>Content SHA-256, over the reported figures <span class="mono">{}</span></p>'
        '<p>Manifest <span class="mono">{}.manifest.json</span>, beside this file: hashes of this page, of the files '
        "read, the parameters and the code. A signature, if there is one, lies there too.{}</p></div>"
    ).format(subject.stem, several, subject.run_id, subject.content_hash, subject.stem, more)
