"""A connection to the SFTP server of the settings: strict about its host key, made again when it breaks."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from loaders.errors import WrongSettings
from loaders.sources.settings import Settings

if TYPE_CHECKING:
    import paramiko

T = TypeVar("T")

# It logs tracebacks of failures that are told as findings here.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class NoEntry(Exception):
    """The server or a file of it could not be read, in the words of a Finding."""

    def __init__(self, found: str, wanted: str, todo: str) -> None:
        super().__init__(found)
        self.found = found
        self.wanted = wanted
        self.todo = todo


class Server:
    """Connects when it is first asked. As a context manager it leaves at the end.

    Raises WrongSettings when the server, its user or its known hosts are not named.
    """

    def __init__(self, settings: Settings) -> None:
        said = settings.sftp
        for key in ("host", "user", "known_hosts"):
            if not getattr(said, key):
                raise WrongSettings(
                    f"sftp.{key}: found nothing, wanted one. Set it in settings.toml or as BSC_SFTP_{key.upper()}."
                )
        self.settings = settings
        self.address = f"sftp://{said.host}:{said.port}"
        self._key = settings.secrets.path("sftp_key")
        self._password = settings.secrets.get("sftp_password")
        self._passphrase = settings.secrets.get("sftp_key_passphrase")
        if self._key is None and self._password is None:
            raise WrongSettings(
                "sftp_key: found neither it nor sftp_password, wanted one. Put it into the folder named by BSC_SECRETS."
            )
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._leave()

    def attempt(self, act: Callable[[paramiko.SFTPClient], T]) -> T:
        """Do something with the server; again on a new connection, when this one breaks.

        Raises NoEntry.
        """
        import paramiko
        import stamina
        from stamina.instrumentation import set_on_retry_hooks

        # By default it prints each retry on standard output, where the answer of a command stands.
        set_on_retry_hooks([])
        limits = self.settings.limits
        ends = time.monotonic() + limits.question

        def again(error: Exception) -> bool:
            # What the server says of a file is an OSError too, and the connection is sound.
            broken = isinstance(error, OSError | EOFError | paramiko.SSHException) and not self._sound()
            refused = isinstance(error, paramiko.AuthenticationException | paramiko.BadHostKeyException | NoEntry)
            return broken and not refused and time.monotonic() + limits.longest_wait < ends

        try:
            for attempt in stamina.retry_context(
                again,
                attempts=limits.attempts,
                timeout=None,
                wait_initial=limits.first_wait,
                wait_max=limits.longest_wait,
                wait_jitter=limits.first_wait,
            ):
                with attempt:
                    return act(self._open())
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise self._no_entry(error) from None
        raise AssertionError("stamina tries at least once")

    def _sound(self) -> bool:
        transport = self._client.get_transport() if self._client and self._sftp else None
        return transport is not None and transport.is_active()

    def _open(self) -> paramiko.SFTPClient:
        if self._sftp is not None and self._sound():
            return self._sftp
        import paramiko

        self._leave()
        said, limits = self.settings.sftp, self.settings.limits
        client = self._client = paramiko.SSHClient()
        try:
            client.load_host_keys(str(said.known_hosts))
        except OSError as error:
            raise WrongSettings(
                f"sftp.known_hosts: found {type(error).__name__} at {said.known_hosts}, wanted a file. Correct it."
            ) from None
        client.set_missing_host_key_policy(_refusing())
        client.connect(
            said.host,
            said.port,
            username=said.user,
            password=self._password.get_secret_value() if self._password and not self._key else None,
            key_filename=str(self._key) if self._key else None,
            passphrase=self._passphrase.get_secret_value() if self._passphrase else None,
            timeout=limits.connect,
            banner_timeout=limits.connect,
            auth_timeout=limits.connect,
            channel_timeout=limits.connect,
            allow_agent=False,
            look_for_keys=False,
        )
        self._sftp = client.open_sftp()
        channel = self._sftp.get_channel()
        if channel is not None:
            channel.settimeout(limits.read)
        return self._sftp

    def _leave(self) -> None:
        client, self._client, self._sftp = self._client, None, None
        if client is not None:
            with contextlib.suppress(OSError, EOFError):
                client.close()

    def _no_entry(self, error: Exception) -> NoEntry:
        import paramiko

        said = self.settings.sftp
        if isinstance(error, paramiko.BadHostKeyException):
            return NoEntry(
                f"the host key {error.key.fingerprint}",
                f"{error.expected_key.fingerprint} as in {said.known_hosts}",
                "Nothing was sent. Ask the owner of the server whether its key has changed, then correct that file.",
            )
        if isinstance(error, paramiko.PasswordRequiredException):
            return NoEntry("a locked private key", "its passphrase", "Put sftp_key_passphrase beside sftp_key.")
        if isinstance(error, paramiko.AuthenticationException):
            return NoEntry(
                f"no entry for user {said.user!r}", "a user whom the server knows", "Look at the user and its secret."
            )
        if isinstance(error, FileNotFoundError):
            return NoEntry("nothing of that name", "a folder or file", "Look at the path of the job.")
        if isinstance(error, PermissionError):
            return NoEntry("no right to read it", "a folder or file to read", "Ask the owner of the server for it.")
        words = f"{type(error).__name__}: {error}".removesuffix(": ")
        return NoEntry(words, "a server that answers", "Ask again later; look at the network.")


def _refusing() -> paramiko.MissingHostKeyPolicy:
    import paramiko

    class Refusing(paramiko.MissingHostKeyPolicy):
        """An unknown host is not trusted on first sight."""

        def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
            raise NoEntry(
                f"a host {hostname} that is not known, with the key {key.get_name()} {key.fingerprint}",
                "a host of the file sftp.known_hosts",
                "Nothing was sent. Ask the owner of the server for its fingerprint; if it is the same, add the line of "
                '"ssh-keyscan" to that file.',
            )

    return Refusing()
