"""Files that belong to a report beside its HTML: a PDF, the tables as Parquet, JSON or xlsx, inputs as received.

A manifest names each with its hash; whoever writes such a file gives its `Output` to
`manifest.of_report(..., outputs=...)`, or adds it later with `manifest.with_outputs`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reports.errors import ReportError

KINDS = {".pdf": "pdf", ".parquet": "parquet", ".json": "json", ".xlsx": "xlsx"}
INPUT, RECEIVED = "input", ".received"  # a file as received, in a dispute pack
OF_SIGNING = (".manifest.json", ".signature.json", ".public.json")
_PLAIN = re.compile(r"[^/\\\x00-\x1f]+")


class NotAnOutput(ReportError):
    """A file that a manifest cannot name as an output; its one argument says why and what to do."""


@dataclass(frozen=True)
class Output:
    """A further file of a report: its name without a folder, its hash, its length, one of KINDS, or INPUT."""

    file: str
    sha256: str
    bytes: int
    kind: str

    def as_dict(self) -> dict[str, Any]:
        """The same as a manifest holds it."""
        return asdict(self)


def output_of(path: Path) -> Output:
    """A written file as a manifest names it. Raises NotAnOutput for a kind that is none of KINDS."""
    kind = INPUT if path.suffix == RECEIVED else KINDS.get(path.suffix)
    if kind is None or path.name.endswith(OF_SIGNING):
        raise NotAnOutput(
            f"{path.name}: found this ending, wanted one of {', '.join(KINDS)}, and no manifest, signature or key. "
            "Write the file under another name."
        )
    content = path.read_bytes()
    return Output(path.name, hashlib.sha256(content).hexdigest(), len(content), kind)


def is_output(said: Any) -> bool:
    """Whether an entry of a manifest is one of an output: all four fields, a name without a folder."""
    return (
        isinstance(said, dict)
        and set(said) == {"file", "sha256", "bytes", "kind"}
        and isinstance(said["file"], str)
        and _PLAIN.fullmatch(said["file"]) is not None
        and said["file"] not in (".", "..")
        and said["kind"] in (*KINDS.values(), INPUT)
    )
