"""The process of one run: limits first, then the notebook, then its report. Forked by `warm`.

Writes what came of it to `outcome.json` in its folder; a process that ends without one was killed.
"""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path
from typing import Any

from reports.whole_file import write_whole

OUTCOME, EXECUTED, MADE = "outcome.json", "executed.ipynb", "made"


def _limit(asked: dict[str, Any]) -> None:
    """Hold no more memory than is allowed; what it starts inherits the limit."""
    if asked["memory"]:
        # Memory that is written to: address space alone would count what libraries only reserve.
        resource.setrlimit(resource.RLIMIT_DATA, (asked["memory"], asked["memory"]))


def do(asked: dict[str, Any]) -> dict[str, Any]:
    """Execute and render; gives outputs with their hashes and counts of verdicts, or kind and words of an error."""
    from reports.batch.execution import CellFailed, KernelDied, execute
    from reports.batch.keys import file_hash
    from reports.batch.parameters import notebook_name
    from reports.errors import ReportError
    from reports.formats import HTML
    from reports.render import NotRendered, render
    from reports.subjects_of_notebooks import subject_of
    from settlement.errors import SettlementError

    folder, home = Path(asked["folder"]), Path(asked["home"])
    os.environ["BSC_HOME"] = str(home)  # not as a parameter: a report names no folder of the machine
    try:
        executed = execute(Path(asked["template"]), asked["parameters"], folder / EXECUTED)
        subject = subject_of(notebook_name(asked["template"]), asked["parameters"], home)
        made = render(executed, subject, folder / MADE, formats=asked.get("formats", [HTML]))
    except CellFailed as error:
        return {"kind": "memory" if error.error.startswith("MemoryError") else "cell", "cell": error.cell,
                "cell_source": error.source, "error": error.error}  # fmt: skip
    except KernelDied as error:
        return {"kind": "dead kernel", "error": str(error)}
    except (NotRendered, ReportError, SettlementError) as error:
        return {"kind": "not rendered", "error": str(error)}
    except MemoryError:
        return {"kind": "memory", "error": "found no more memory while the report was written"}
    except OSError as error:
        return {
            "kind": "disk",
            "error": f"{Path(error.filename).name if error.filename else 'a file'}: {error.strerror}",
        }
    outputs = {path.name: file_hash(path) for path in sorted((folder / MADE).iterdir())}
    return {"output": made.html_path.name, "outputs": outputs, "verdicts": dict(subject.verdicts)}


def whole(asked: dict[str, Any]) -> None:
    """Do what is asked, and leave what came of it."""
    _limit(asked)
    outcome = do(asked)
    write_whole(Path(asked["folder"]) / OUTCOME, json.dumps(outcome).encode())
