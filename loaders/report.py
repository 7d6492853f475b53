"""What became of the files of one load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from loaders.errors import Finding


@dataclass(frozen=True)
class FileReport:
    """What became of one file.

    outcome  "kept"; "repeated" (the same bytes were read before); "refused" (nothing of it could be read);
             "unknown" (no job knows it); "unpacked" (an archive, whose files follow)
    counts   of rows; `older` are of a run that is older than the one in force; `not_kept` by record type
    """

    file: str
    outcome: str
    job: str | None = None
    landing: str = ""
    synthetic: bool = False
    rows_read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    refused: int = 0
    not_kept: dict[str, int] = field(default_factory=dict)
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class LoadReport:
    """What became of the files of one load; `withdrawn` counts rows that files took back."""

    files: Sequence[FileReport]
    withdrawn: int
    version_before: int
    version: int

    @property
    def findings(self) -> list[Finding]:
        """All findings, in the order of the files."""
        return [finding for file in self.files for finding in file.findings]

    @property
    def good(self) -> bool:
        """Whether nothing was refused."""
        return not any(finding.weight == "refused" for finding in self.findings)

    def as_data(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "version_before": self.version_before,
            "version": self.version,
            "good": self.good,
            "withdrawn": self.withdrawn,
            "files": [
                asdict(file) | {"findings": [asdict(finding) for finding in file.findings]} for file in self.files
            ],
        }
