"""Keys and passwords of the sources, kept out of settings, command lines, logs and errors.

A secret is a file of a folder (BSC_SECRETS), one file a secret, named as below; or an
environment variable of the same name, as BSC_PORTAL_KEY. The variable comes first.

    portal_key          scripting key of the Elexon portal
    sftp_password       of the SFTP user, where no key file is used
    sftp_key            private key of the SFTP user (a file only)
    sftp_key_passphrase
    queue_password      of the STOMP user
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from loaders.errors import WrongSettings

NAMES = ("portal_key", "sftp_password", "sftp_key", "sftp_key_passphrase", "queue_password")
FOLDER = "BSC_SECRETS"
_OTHERS = stat.S_IROTH | stat.S_IWOTH


class Secrets:
    """Finds a secret when it is needed; shows none of them when it is printed."""

    def __init__(self, folder: Path | None = None, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        named = self._environ.get(FOLDER)
        self.folder = folder or (Path(named) if named else None)

    def __repr__(self) -> str:
        return f"Secrets(folder={str(self.folder) if self.folder else None!r}, hidden)"

    def get(self, name: str) -> SecretStr | None:
        """A secret, or None when there is none of that name.

        Raises WrongSettings when its file is empty, no text, or can be read or written by every user.
        """
        _known(name)
        said = self._environ.get(f"BSC_{name.upper()}")
        if said:
            return SecretStr(said)
        path = self.path(name)
        if path is None:
            return None
        try:
            text = path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise _wrong(path, type(error).__name__, "a text that this user may read") from None
        if not text:
            raise _wrong(path, "an empty file", "the secret and nothing else")
        return SecretStr(text)

    def path(self, name: str) -> Path | None:
        """The file of a secret, for what is read from a file by others, as a private key; None without one.

        Raises WrongSettings when every user of the machine can read or write it.
        """
        _known(name)
        if self.folder is None:
            return None
        if not self.folder.is_dir():
            raise WrongSettings(f"{FOLDER}: found no folder {self.folder}, wanted the folder of secrets. Correct it.")
        path = self.folder / name
        if not path.exists():
            return None
        mode = path.stat().st_mode
        if mode & _OTHERS:
            raise _wrong(path, f"mode {stat.S_IMODE(mode):03o}", f'no right for others: "chmod 600 {path}"')
        return path


def _known(name: str) -> None:
    if name not in NAMES:
        raise WrongSettings(f"secret: found {name!r}, wanted one of {', '.join(NAMES)}. Correct the name.")


def _wrong(path: Path, found: str, wanted: str) -> WrongSettings:
    return WrongSettings(f"{path}: found {found}, wanted {wanted}. The secret was not used.")
