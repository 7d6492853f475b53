"""MariaDB as the database of a workspace, for many users: what differs from SQLite, and nothing else.

One writer at a time is kept by a lock on one row, which goes with the transaction, also when its process dies.
Texts are compared sign by sign, blanks at the end and case included, as SQLite does: the collation
is `utf8mb4_nopad_bin`. A table that is made is committed at once, so migrations are steps
that may be taken again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
import sqlalchemy as sa

from loaders.errors import WrongDatabase
from loaders.store.address import Address

COLLATION = "utf8mb4_nopad_bin"
WAIT = 60  # seconds that a writer waits for another, as in SQLite
_NO_SUCH_DATABASE = 1049
_UNASKED: list[Any] = []


class _Connection(pymysql.connections.Connection):  # type: ignore[type-arg]
    """A connection of the driver, which makes a context for TLS anew for each, with all certificates of the system.

    That takes longer than to connect; where nothing is asked of the certificate of the server, one does for all.
    """

    def _create_ssl_ctx(self, asked: Any) -> Any:
        if asked:
            return super()._create_ssl_ctx(asked)  # type: ignore[misc]
        if not _UNASKED:
            _UNASKED.append(super()._create_ssl_ctx(asked))  # type: ignore[misc]
        return _UNASKED[0]


def _engine(url: sa.URL, arguments: dict[str, Any], **more: Any) -> sa.Engine:
    engine = sa.create_engine(url, connect_args=arguments, **more)
    sa.event.listen(engine, "do_connect", lambda _dialect, _record, args, named: _Connection(*args, **named))
    return engine


def connected(address: Address, json_serializer: Callable[[Any], str]) -> sa.Engine:
    """The engine of a database, which is made where it is not there. Raises WrongDatabase."""
    arguments = {
        "password": address.password,
        "charset": "utf8mb4",
        "connect_timeout": 10,
        "init_command": f"SET SESSION innodb_lock_wait_timeout = {WAIT}, sql_mode = 'TRADITIONAL'",
    }
    engine = _engine(
        address.url,
        arguments,
        pool_pre_ping=True,
        pool_recycle=3600,
        isolation_level="REPEATABLE READ",
        json_serializer=json_serializer,
    )
    sa.event.listen(engine, "begin", _begin)
    _there(engine, address, arguments)
    return engine


def _there(engine: sa.Engine, address: Address, arguments: dict[str, Any]) -> None:
    try:
        _collated(engine, address)
    except sa.exc.OperationalError as error:
        if _number(error) != _NO_SUCH_DATABASE:
            raise _told(address, error) from None
        server = _engine(address.url.set(database=""), arguments)
        try:
            with server.begin() as connection:
                name = connection.dialect.identifier_preparer.quote_identifier(address.url.database or "")
                connection.exec_driver_sql(
                    f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4 COLLATE {COLLATION}"
                )
        except sa.exc.OperationalError as refused:
            raise _told(address, refused) from None
        finally:
            server.dispose()
        _collated(engine, address)


def _collated(engine: sa.Engine, address: Address) -> None:
    with engine.connect().execution_options(bare=True) as connection:
        found = connection.exec_driver_sql("SELECT @@collation_database").scalar()
    if found != COLLATION:
        raise WrongDatabase(
            f"database {address.url.database}: found collation {found}, wanted {COLLATION}, without which 'x ' is 'x'. "
            f"While it is empty: ALTER DATABASE {address.url.database} CHARACTER SET utf8mb4 COLLATE {COLLATION}."
        )


def _number(error: sa.exc.OperationalError) -> int:
    said = getattr(error.orig, "args", ())
    return said[0] if said and isinstance(said[0], int) else 0


def _told(address: Address, error: sa.exc.OperationalError) -> WrongDatabase:
    said = getattr(error.orig, "args", ("", ""))
    return WrongDatabase(
        f"database {address.url}: found {said[-1]}, wanted a MariaDB that answers. Start it, or correct database.toml."
    )


@contextmanager
def migrating(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection on which tables are made, while every other that would make them waits, on any machine."""
    name = f"bsc {engine.url.database}"[:64]
    with engine.connect().execution_options(bare=True) as connection:
        if connection.execute(sa.text("SELECT GET_LOCK(:name, 300)"), {"name": name}).scalar() != 1:
            raise WrongDatabase(
                f"database {engine.url}: found another that makes its tables, for 5 minutes. Try later."
            )
        try:
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(sa.text("SELECT RELEASE_LOCK(:name)"), {"name": name})


def _begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if options.get("bare"):
        return
    if not options.get("immediate"):
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        return
    # A writer that waited must see what the one before it wrote, not what was there when it came.
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    connection.exec_driver_sql("START TRANSACTION")
    if connection.exec_driver_sql("SELECT value FROM counters WHERE name = 'writer' FOR UPDATE").scalar() is None:
        raise WrongDatabase(
            f"database {connection.engine.url}: found no row 'writer' in counters, which writers lock. "
            "Restore it: INSERT INTO counters VALUES ('writer', 0)."
        )
