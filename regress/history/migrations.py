"""Migrations: named functions, applied in order, one transaction each; their names are kept in the database.

A new history is made from the tables as they are now, and every migration counts as applied; an older one is
brought up step by step. A migration's own statements are literal: later changes of `tables` must not reach into it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, select, text

from ..errors import HistoryError
from .engine import Database, insert, is_sqlite
from .tables import MIGRATION, Table

Migration = Callable[[Connection], None]

#: In the head of a SQLite file, for `file` and other tools that look who made it: "rgrs".
APPLICATION_ID = 0x72677273


def m001_tables(connection: Connection) -> None:
    """The first tables."""
    Table.metadata.create_all(connection)
    if is_sqlite(connection):
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def m002_causes(connection: Connection) -> None:
    """What was found in the series, and the causes."""
    sqlite = is_sqlite(connection)
    blob, real, plain = ("BLOB", "DOUBLE", " WITHOUT ROWID") if sqlite else ("BYTEA", "DOUBLE PRECISION", "")
    big = "INTEGER" if sqlite else "BIGINT"
    for statement in (
        f"CREATE TABLE look (id {big} NOT NULL, number {big} NOT NULL, version TEXT NOT NULL, runs TEXT NOT NULL, "
        "looked_at TEXT NOT NULL, PRIMARY KEY (id))",
        f"CREATE TABLE analysis (environment TEXT NOT NULL, series {blob} NOT NULL, fingerprint TEXT NOT NULL, "
        f"level {real}, sigma {real}, recent TEXT NOT NULL, changes TEXT NOT NULL, "
        f"PRIMARY KEY (environment, series)){plain}",
        'CREATE TABLE cause (id TEXT NOT NULL, trend TEXT NOT NULL, status TEXT NOT NULL, "after" TEXT NOT NULL, '
        "until TEXT NOT NULL, estimate TEXT NOT NULL, facts TEXT NOT NULL, changes TEXT NOT NULL, "
        "confirmed_at TEXT NOT NULL, withdrawn_at TEXT, merged TEXT NOT NULL, PRIMARY KEY (id))",
    ):
        connection.exec_driver_sql(statement)


MIGRATIONS: tuple[Migration, ...] = (m001_tables, m002_causes)


def migrate(database: Database) -> None:
    """Makes the tables of a new history and brings an older one up to date; a HistoryError for any other database."""
    with database.reading() as connection:
        missing = _missing(connection, database.url)
    if not missing:
        return
    database.keep_log()
    for migration in missing:
        database.write(lambda connection, step=migration: _apply(connection, step, database.url), making=True)  # type: ignore[misc]


def _apply(connection: Connection, migration: Migration, url: str) -> None:
    """One migration, unless another process was faster."""
    if migration not in _missing(connection, url):
        return
    migration(connection)
    # The first one makes the tables as they are now, so nothing is left for the others to do.
    done = MIGRATIONS if migration is MIGRATIONS[0] else (migration,)
    now = datetime.now(UTC)
    connection.execute(insert(connection, MIGRATION), [{"name": step.__name__, "applied_at": now} for step in done])


def _missing(connection: Connection, url: str) -> tuple[Migration, ...]:
    """The migrations that this database lacks. Raises HistoryError where it is not ours or newer than this program."""
    there = _table_names(connection)
    ours = set(Table.metadata.tables)
    # A database server may be shared with other tables; a file with other tables is somebody else's.
    if not (there if is_sqlite(connection) else there & ours):
        return MIGRATIONS
    if not {"migration", "run", "point"} <= there:
        raise HistoryError("the database is not a regress history", where=url, hint="name another one with --db")
    applied = set(connection.execute(select(MIGRATION.c.name)).scalars())
    newer = sorted(applied - {step.__name__ for step in MIGRATIONS})
    if newer:
        what = f"the history was written by a newer regress ({newer[-1]})"
        raise HistoryError(what, where=url, hint="upgrade: pip install --upgrade regress")
    return tuple(step for step in MIGRATIONS if step.__name__ not in applied)


def _table_names(connection: Connection) -> set[str]:
    """The tables in the file, or in the schema that a PostgreSQL connection writes to."""
    if is_sqlite(connection):
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        query = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
    return set(connection.execute(text(query)).scalars())
