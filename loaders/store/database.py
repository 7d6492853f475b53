"""The SQL side of a workspace: one engine, its settings, its migrations.

SQLite in the folder of the workspace, or MariaDB where `database.toml` in it says so: the same
tables, the same migrations, and on both one writer at a time.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from loaders.errors import StoreUnavailable
from loaders.store import address
from loaders.store.migrations import HEAD

_TODO = {
    "locked": "Another process holds it: wait until that has ended, and do it again.",
    "readonly": "Give the right to write the workspace, and do it again.",
    "unable to open": "Give the right to write the workspace, and do it again.",
    "disk I/O error": "See to the disk, and do it again.",
    "full": "Make room on the disk, and do it again.",
    "malformed": "Restore the workspace from a copy.",
    "not a database": "Restore the workspace from a copy.",
    "Can't connect": "See to the database server, and do it again.",
    "Lost connection": "See to the database server, and do it again.",
    "gone away": "See to the database server, and do it again.",
    "Lock wait timeout": "Another process holds it: wait until that has ended, and do it again.",
}


def connect(home: Path) -> sa.Engine:
    """The engine of a workspace, brought to the present tables.

    Raises WrongDatabase where the workspace names a database that cannot be used.
    """
    server = address.choose(home)
    if server is None:
        engine = sa.create_engine(
            f"sqlite:///{home / address.SQLITE}", connect_args={"timeout": 60}, json_serializer=_json
        )
        sa.event.listen(engine, "connect", _settings)
        sa.event.listen(engine, "begin", _begin)
    else:
        from loaders.store import mariadb

        engine = mariadb.connected(server, _json)
    with _in_words(engine):
        if _revision(engine) != HEAD:
            _migrate(engine, home)
    return engine


def is_workspace(home: Path) -> bool:
    """Whether a folder is a workspace, in whichever database."""
    return (home / address.SQLITE).is_file() or (home / address.FILE).is_file()


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees one state of the store throughout. Raises StoreUnavailable."""
    with _in_words(engine), engine.begin() as connection:
        yield connection


def some(names: Sequence[Any], at_once: int = 500) -> Iterator[list[Any]]:
    """Names or numbers in lists as long as a question may be."""
    for start in range(0, len(names), at_once):
        yield list(names[start : start + at_once])


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """The one writer: others wait from the first statement on. Commits at the end, or nothing of it happens.

    Raises StoreUnavailable when another process holds the database too long, or the disk is full or refuses.
    """
    with _in_words(engine), engine.connect().execution_options(immediate=True) as connection, connection.begin():
        yield connection


@contextmanager
def _in_words(engine: sa.Engine) -> Iterator[None]:
    """Say in words what the database or its disk refuses."""
    try:
        yield
    except (sa.exc.DatabaseError, sqlite3.Error) as error:
        said = str(getattr(error, "orig", error))
        todo = next((todo for words, todo in _TODO.items() if words in said), None)
        if todo is None:  # a fault of the program, and to be shown as one
            raise
        raise StoreUnavailable(
            f"{engine.url.database}: found '{said}', wanted to read or write it. Nothing was kept of it. {todo}"
        ) from error


def _json(said: Any) -> str:
    return json.dumps(said, default=str)


def _settings(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # the driver shall not begin by itself: _begin does
    cursor = raw.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _revision(engine: sa.Engine) -> str | None:
    # Bare: a snapshot taken before another process made the table would not let it be read (MariaDB 1412).
    with _in_words(engine), engine.connect().execution_options(bare=True) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: sa.Engine, home: Path) -> None:
    """Take the steps that are missing; two processes that open a new workspace at once do it one after the other."""
    from alembic import command
    from alembic.config import Config

    with (home / ".migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _revision(engine) == HEAD:
            return
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with _making_tables(engine) as connection:
            if engine.dialect.name != "sqlite" and _revision(engine) == HEAD:
                return
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _making_tables(engine: sa.Engine) -> AbstractContextManager[sa.Connection]:
    if engine.dialect.name == "sqlite":
        return writing(engine)
    from loaders.store import mariadb

    return mariadb.migrating(engine)
