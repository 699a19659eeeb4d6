"""Engines and transactions: what SQLite and PostgreSQL each need before the same code runs on both.

SQLite: write-ahead log, and BEGIN IMMEDIATE for whatever writes. A deferred transaction that reads and then writes
fails at once where another one wrote in between, whatever the busy timeout says.
PostgreSQL: a transaction that lost against another one (SQLSTATE 40001, 40P01) is tried again as a whole.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import ConnectionPoolEntry

from ..errors import HistoryError, UsageError
from .address import Address
from .faults import sqlstate, translated

#: Seconds that a writer waits for another one before it gives up.
BUSY_TIMEOUT = 30.0
#: Times that a transaction is tried on PostgreSQL.
TRIES = 5
#: Serialization failure, deadlock; and what two first openings at once give: the same table, type or row made twice.
_AGAIN = ("40001", "40P01")
_MADE_TWICE = ("42P07", "42710", "23505")

_WRITES = "regress_writes"
_T = TypeVar("_T")


class Database:
    """One history's engine. `url` has no credentials."""

    def __init__(self, address: Address) -> None:
        self.url = address.shown
        self.sqlite = address.path is not None
        self._engine = _sqlite_engine(address) if self.sqlite else _postgres_engine(address)
        self._writer = self._engine.execution_options(**{_WRITES: True})

    def close(self) -> None:
        """Closes every connection; the last one of a SQLite history empties its log."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with translated(self.url), self._engine.begin() as connection:
            yield connection

    def write(self, work: Callable[[Connection], _T], *, making: bool = False) -> _T:
        """What `work` returns, done in one transaction; `work` may be called again, so it must not use up its input."""
        again = _AGAIN + _MADE_TWICE if making else _AGAIN
        for attempt in range(1, TRIES + 1):
            with translated(self.url):
                try:
                    with self._writer.begin() as connection:
                        return work(connection)
                except Exception as error:
                    if attempt == TRIES or sqlstate(error) not in again:
                        raise
            # Two that collided would collide again if they came back at the same moment.
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
        raise AssertionError("unreachable")

    def keep_log(self) -> None:
        """Makes a new SQLite history use a write-ahead log; the file remembers it."""
        deadline = time.monotonic() + BUSY_TIMEOUT
        while self.sqlite:
            with translated(self.url), self._raw() as connection:
                try:
                    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                        connection.execute("PRAGMA journal_mode = wal")
                    return
                except sqlite3.OperationalError as error:
                    # The switch does not wait for others by itself.
                    if "locked" not in str(error) or time.monotonic() > deadline:
                        raise
            time.sleep(0.05)

    def empty_log(self) -> None:
        """Moves what a large write left in SQLite's log into the file, unless somebody still reads from the log."""
        if self.sqlite:
            with translated(self.url), self._raw() as connection:
                connection.execute("PRAGMA busy_timeout = 1000")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000:.0f}")

    def copy_to(self, path: Path) -> None:
        """Copies a SQLite history into a new file by SQLite's own backup; nothing is left of one that fails."""
        if path.exists():
            raise UsageError("a history is copied into a new file, this one exists", where=str(path))
        try:
            with translated(self.url), self._raw() as source, closing(sqlite3.connect(path)) as copy:
                source.backup(copy)
                # A download has no log beside it, and may lie where none can be made.
                copy.execute("PRAGMA journal_mode = delete")
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    @contextmanager
    def _raw(self) -> Iterator[sqlite3.Connection]:
        """The driver's connection, outside any transaction."""
        pooled = self._engine.raw_connection()
        try:
            driver = pooled.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            yield driver
        finally:
            pooled.close()


def _sqlite_engine(address: Address) -> Engine:
    engine = create_engine(address.target())

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` below does
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT * 1000:.0f}",
            "synchronous = NORMAL",
            "cache_size = -65536",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(address: Address) -> Engine:
    try:
        return create_engine(address.target(), connect_args={"connect_timeout": 10})
    except ModuleNotFoundError as error:
        hint = "pip install 'regress[postgres]'"
        raise HistoryError("a history on PostgreSQL needs psycopg", where=address.shown, hint=hint) from error


def is_sqlite(connection: Connection) -> bool:
    """Whether the connection is to a SQLite history."""
    return connection.dialect.name == "sqlite"


def insert(connection: Connection, table: Table) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT; both dialects' spell it the same way, but share no type."""
    return sqlite.insert(table) if is_sqlite(connection) else postgresql.insert(table)


def lock(connection: Connection, table: Table) -> None:
    """Lets no other writer of `table` in until the transaction ends; on SQLite none is in anyway."""
    if not is_sqlite(connection):
        connection.execute(text(f'LOCK TABLE "{table.name}" IN SHARE ROW EXCLUSIVE MODE'))
