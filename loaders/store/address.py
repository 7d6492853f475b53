"""Which database a workspace keeps its records in: the file `database.toml` in its folder.

    url = "mysql+pymysql://settlement@db.internal:3306/settlement"
    password_file = "/run/secrets/settlement"

Without that file it is SQLite, in the folder itself. The environment variable BSC_DATABASE
gives the url for workspaces that are new, and BSC_DATABASE_PASSWORD_FILE their password file: both are
written into `database.toml`, which alone counts from then on, so that a variable that is set or missing later
does not turn a workspace into an empty one. `{workspace}` in the url stands for a name that is made from the folder.

A password never stands in the url: it would be read in process lists and logs.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from loaders.errors import WrongDatabase

FILE = "database.toml"
SQLITE = "workspace.sqlite"
_DRIVERS = ("mysql+pymysql", "mariadb+pymysql")


@dataclass(frozen=True)
class Address:
    """A MariaDB database, and the file that holds the password, where there is one."""

    url: sa.URL
    password_file: Path | None = None

    @property
    def password(self) -> str:
        """The first line of the password file. Raises WrongDatabase where it cannot be read."""
        if self.password_file is None:
            return ""
        try:
            return self.password_file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
        except OSError as error:
            raise WrongDatabase(
                f"password_file: found {self.password_file}, {error.strerror}, wanted a file that holds the password. "
                f"Correct {FILE} in the workspace, or the rights of the file."
            ) from None


def address_of(home: Path) -> Address | None:
    """The MariaDB database of a workspace, None for SQLite. Raises WrongDatabase for one that cannot be used."""
    path = home / FILE
    if not path.is_file():
        return None
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WrongDatabase(f"{path}: found {error}, wanted url and password_file as TOML. Correct it.") from None
    odd = sorted(set(said) - {"url", "password_file"})
    if odd or not isinstance(said.get("url"), str) or not isinstance(said.get("password_file", ""), str):
        found = ", ".join(odd) or "no url"
        raise WrongDatabase(f"{path}: found {found}, wanted url and, where needed, password_file. Correct it.")
    secret = said.get("password_file")
    return Address(_checked(said["url"], str(path)), Path(secret).expanduser() if secret else None)


def choose(home: Path) -> Address | None:
    """The database of a workspace; for a new one, that of the environment, written down in it."""
    wanted = os.environ.get("BSC_DATABASE", "")
    if wanted and not (home / FILE).exists() and not (home / SQLITE).exists():
        name = f"bsc_{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]}"
        url = wanted.replace("{workspace}", name)
        _checked(url, "BSC_DATABASE")
        secret = os.environ.get("BSC_DATABASE_PASSWORD_FILE", "")
        lines = [f"url = {_quoted(url)}"] + ([f"password_file = {_quoted(secret)}"] if secret else [])
        temporary = home / f".{FILE}.{os.getpid()}"
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
        temporary.replace(home / FILE)
    return address_of(home)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _checked(text: str, where: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError:
        # What cannot be taken apart may hold a password: it is not said.
        raise WrongDatabase(f"{where}: found no url, wanted mysql+pymysql://user@host/name. Correct it.") from None
    if url.password is not None:
        raise WrongDatabase(
            f"{where}: found a password in the url, wanted none. Put it into a file and name that as password_file."
        )
    if url.drivername not in _DRIVERS or not url.database:
        found = url.drivername if url.drivername not in _DRIVERS else "no name of a database"
        raise WrongDatabase(f"{where}: found {found}, wanted mysql+pymysql://user@host/name. Correct it.")
    return url
