"""Promises about the checkout itself: sizes, locks, commands."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from settlement.command_line import build

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
VERBS = sorted(point.name for point in entry_points(group="bsc.commands"))


def kept_files(*endings: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if name.endswith(endings) and (ROOT / name).is_file()]


def test_no_python_file_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): n for path in kept_files(".py") if (n := len(path.read_text().split("\n"))) > 401
    }

    assert not long


def test_conda_users_get_the_same_packages_as_pip_users() -> None:
    project = PYPROJECT["project"]
    listed = re.findall(r"^      - (.+)$", (ROOT / "environment.yml").read_text(), re.MULTILINE)

    assert listed == [*project["dependencies"], *project["optional-dependencies"]["test"]]


def test_the_lock_names_every_package_by_hash_and_none_by_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    packages = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", lock, re.MULTILINE)
    wanted = [re.split(r"[<>=\[;~! ]", name)[0] for name in PYPROJECT["project"]["dependencies"]]

    assert "://" not in lock and "--find-links" not in lock and "index-url" not in lock
    assert lock.count("--hash=sha256:") >= len(packages)
    assert (
        not {name.lower().replace("_", "-") for name in wanted}
        - {one.replace(".", "-") for one in packages}
        - {"stomp.py"}
    )


def test_no_dependency_installs_a_package_with_the_name_of_a_room() -> None:
    from importlib.metadata import packages_distributions

    for room in ("settlement", "loaders", "reports", "publish", "dashboards"):
        assert set(packages_distributions().get(room, [])) <= {"settlement-workbench"}


def test_no_kept_file_holds_a_path_of_the_machine_it_was_written_on() -> None:
    texts = kept_files(".py", ".md", ".yaml", ".yml", ".toml", ".lock", ".ipynb", ".css", ".csv", ".txt", ".xml")
    here = str(ROOT.parent) + "/"

    assert not [
        str(path.relative_to(ROOT)) for path in texts if here in path.read_text(encoding="utf-8", errors="ignore")
    ]


@pytest.mark.parametrize("name", ["scripts/demo", "scripts/test", ".ci/run"])
def test_the_commands_of_the_readme_can_be_run(name: str) -> None:
    assert (ROOT / name).stat().st_mode & 0o100


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_shows_an_example(verb: str) -> None:
    loaded = entry_points(group="bsc.commands")[verb].load()
    runner, command = CliRunner(), build()

    if isinstance(loaded, typer.Typer):
        names = [one.name or (one.callback.__name__ if one.callback else "") for one in loaded.registered_commands]
        pages = [runner.invoke(command, [verb, name.replace("_", "-"), "--help"]) for name in names]
    else:
        pages = [runner.invoke(command, [verb, "--help"])]

    assert pages
    for page in pages:
        assert page.exit_code == 0, page.output
        assert re.search(r"Example:\s+bsc " + verb, page.output), page.output
