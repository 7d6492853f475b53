"""Addresses and limits of the sources: from the environment, else settings.toml of the workspace, else as below.

    [insights]
    url = "https://data.elexon.co.uk/bmrs/api/v1"      # or BSC_INSIGHTS_URL
    requests_a_minute = 120                            # or BSC_INSIGHTS_REQUESTS_A_MINUTE

Every setting has such a variable: BSC, the table and the name. Secrets stand in
neither (loaders.sources.secrets), and a file that has one is refused.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, StringConstraints, ValidationError

from loaders.errors import WrongSettings
from loaders.sources.secrets import Secrets

FILE = "settings.toml"

Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Insights(_Table):
    """The public Insights API. Elexon names no limit of requests; this pace is well below what others report."""

    url: Address = "https://data.elexon.co.uk/bmrs/api/v1"
    requests_a_minute: PositiveFloat = 120


class Portal(_Table):
    """The downloads of the Elexon portal."""

    url: Address = "https://downloads.elexonportal.co.uk"
    requests_a_minute: PositiveFloat = 30


class Sftp(_Table):
    """An SFTP server. `known_hosts`: file in the form of OpenSSH; a host that is not in it is refused."""

    host: str = ""
    port: PositiveInt = 22
    user: str = ""
    known_hosts: Path | None = None


class Queue(_Table):
    """A STOMP broker. Without a user none is named to it. `quiet`: seconds without a message that end the taking."""

    host: str = "127.0.0.1"
    port: PositiveInt = 61613
    user: str = ""
    quiet: PositiveFloat = 5


class Limits(_Table):
    """How long and how much, in seconds and bytes.

    connect, read   of one connection, one read
    question        of one question with all its attempts
    all_questions   of one call, whatever the number of questions
    first_wait, longest_wait  between attempts, where the sender names no time
    """

    connect: PositiveFloat = 10
    read: PositiveFloat = 60
    question: PositiveFloat = 300
    all_questions: PositiveFloat = 21600
    attempts: PositiveInt = 5
    first_wait: PositiveFloat = 0.5
    longest_wait: PositiveFloat = 15
    largest_answer: PositiveInt = 1_000_000_000


class Settings(_Table):
    """All settings of the sources. The secrets are found when they are needed and never shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    insights: Insights = Insights()
    portal: Portal = Portal()
    sftp: Sftp = Sftp()
    queue: Queue = Queue()
    limits: Limits = Limits()
    secrets: Secrets = Field(default_factory=Secrets, exclude=True)


TABLES: dict[str, type[_Table]] = {
    "insights": Insights,
    "portal": Portal,
    "sftp": Sftp,
    "queue": Queue,
    "limits": Limits,
}


def read_settings(home: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of a workspace.

    Raises WrongSettings with all that is wrong with the file and the variables.
    """
    said = os.environ if environ is None else environ
    path = home / FILE
    try:
        written: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSettings(f"{path}: found {error}, wanted TOML. Correct the file.") from None
    tables = {name: dict(table) if isinstance(table, dict) else table for name, table in written.items()}
    for name, form in TABLES.items():
        found = {key: said[_variable(name, key)] for key in form.model_fields if said.get(_variable(name, key))}
        if found and isinstance(tables.setdefault(name, {}), dict):
            tables[name] |= found
    try:
        if "secrets" in tables:
            raise WrongSettings(f"{path}: found secrets, wanted them in a folder of their own. Name it in BSC_SECRETS.")
        return Settings.model_validate(tables | {"secrets": Secrets(environ=said)})
    except ValidationError as error:
        faults = [_fault(path, fault) for fault in error.errors(include_input=False)]
        raise WrongSettings("\n".join(["The settings cannot be used:", *faults])) from None


def _fault(path: Path, fault: Any) -> str:
    where = tuple(str(part) for part in fault["loc"])
    variable = f" (or {_variable(*where)})" if len(where) == 2 else ""
    return f"  {path.name} {'.'.join(where)}{variable}: {fault['msg']}"


def _variable(table: str, key: str) -> str:
    return f"BSC_{table}_{key}".upper()
