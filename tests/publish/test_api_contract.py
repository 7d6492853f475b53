"""The server does what its own description says, whatever it is asked (schemathesis)."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("api_fixtures", Path(__file__).with_name("api_fixtures.py"))
given = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(given)

PATHS = {
    f"/v1/prices/{rest}" for rest in ("{date}", "{date}/{period}", "{date}/{period}/stack", "{date}/{period}/explain")
}
EXAMPLES = 40


def test_nothing_undocumented_and_no_server_error(address, seed, tmp_path):
    ended = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"), "run", f"{address}/openapi.json", "--seed", str(seed),
            "--max-examples", str(EXAMPLES), "--phases", "examples,coverage,fuzzing", "--include-path-regex",
            "^/v1/prices/", "--checks", "all", "--report", "ndjson", "--report-ndjson-path", tmp_path / "events.ndjson",
            "--no-color",
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert ended.returncode == 0, f"seed {seed}\n{ended.stdout[-6000:]}{ended.stderr[-2000:]}"
    answered = statuses(tmp_path / "events.ndjson")
    # A contract test that never got an answer would prove nothing.
    assert {path for path, status in answered if status == 200} == PATHS
    assert {status for _, status in answered} >= {404, 405, 422}


def statuses(events):
    """Path as described and status of every call that schemathesis recorded."""
    found = set()
    for line in events.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for name, interaction in recorder.get("interactions", {}).items():
            if interaction.get("response"):
                found.add((recorder["cases"][name]["value"]["path"], interaction["response"]["status_code"]))
    return found
