"""Opening a history, and every way in which it can be refused: one line that says what, where and what to do."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from regress.errors import HistoryError, RegressError
from regress.history import History, open_history
from regress.history.migrations import APPLICATION_ID, MIGRATIONS
from regress.history.tables import Table
from tests.factories import make_run


def refused(url: str, match: str, **options: bool) -> None:
    with pytest.raises(HistoryError, match=match) as raised:
        History.open(url, **options)
    assert "\n" not in str(raised.value)
    assert raised.value.hint
    assert raised.value.status == 4


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
def test_a_missing_file_is_made_with_its_folder(tmp_path: Path, form: str) -> None:
    path = tmp_path / "deep" / "er ü%20?" / "history.db" if form == "{}" else tmp_path / "a" / "history.db"
    with open_history(form.format(path)) as history:
        assert history.url == f"sqlite:///{path}"
        history.record([make_run()])
    assert [file.name for file in path.parent.iterdir()] == ["history.db"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_a_relative_path_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with History.open("history.db") as history:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        history._database.close()  # connections are made anew
        history.record([make_run()])
    assert not (tmp_path / "elsewhere" / "history.db").exists()


def test_a_history_is_opened_again(history_url: str) -> None:
    with History.open(history_url) as history:
        (recorded,) = history.record([make_run()])
    for _ in range(2):
        with History.open(history_url, create=False) as history:
            assert [run.digest for run in history.runs()] == [recorded.digest]


def test_a_missing_history_is_not_made_unasked(tmp_path: Path) -> None:
    refused(str(tmp_path / "no.db"), "there is no history yet", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused(str(tmp_path / "file" / "history.db"), "cannot be created: its folder is a file")
    refused(str(tmp_path / "file" / "deep" / "history.db"), "its folder is a file")
    refused(str(tmp_path), "is a directory")


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    if os.geteuid() == 0:  # nothing is forbidden to root, except by the kernel itself
        closed = Path("/proc")
    refused(str(closed / "history.db"), r"cannot be created: (Permission denied|No such file or directory|.*read-only)")


def test_a_history_that_is_only_read(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with History.open(str(path)) as history:
        history.record([make_run()])
    with History.open(f"sqlite:///{path}?mode=ro") as history:
        assert len(history.runs()) == 1
        with pytest.raises(HistoryError, match=r"history\.db: the history cannot be written: it is read-only; allow"):
            history.record([make_run("c2")])
    refused(f"sqlite:///{tmp_path / 'no.db'}?mode=ro", "there is no history yet")


def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text('{"a": 1}' * 1000)
    refused(str(path), r"results\.json: the history is not a regress history: not a SQLite database")
    assert path.read_text() == '{"a": 1}' * 1000


def test_a_damaged_history(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with History.open(str(path)) as history:
        history.record([make_run("c1", {f"b.{n}": 1.0 for n in range(3000)})])
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(b ^ 0xFF for b in data[4096:])
    path.write_bytes(data)
    with pytest.raises(HistoryError, match="is damaged; restore it"), History.open(str(path)) as history:
        history.record([make_run("c2")])
    with pytest.raises(HistoryError, match="is damaged"), History.open(str(path)) as history:
        list(history.series())


def test_somebody_elses_database(tmp_path: Path) -> None:
    path = tmp_path / "cookies.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE migration (name)")
    before = path.read_bytes()
    refused(str(path), "the database is not a regress history; name another one")
    assert path.read_bytes() == before


def test_an_empty_file_is_a_new_history(tmp_path: Path) -> None:
    (tmp_path / "history.db").touch()
    with History.open(str(tmp_path / "history.db")) as history:
        assert history.runs() == []


def test_a_newer_history(history_url: str, run_sql: Callable[[str], object]) -> None:
    History.open(history_url).close()
    run_sql("INSERT INTO migration (name, applied_at) VALUES ('m999_wonders', '2040-01-01T00:00:00+00:00')")
    refused(history_url, r"written by a newer regress \(m999_wonders\); upgrade")


def test_an_older_history_is_brought_up_to_date(
    history_url: str, run_sql: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    with History.open(history_url) as history:
        history.record([make_run()])

    def m002_note(connection) -> None:
        connection.execute(text("ALTER TABLE run ADD COLUMN note TEXT"))

    def m003_fails(connection) -> None:
        connection.execute(text("ALTER TABLE run ADD COLUMN other TEXT"))
        raise HistoryError("no further", hint="stop here")

    monkeypatch.setattr("regress.history.migrations.MIGRATIONS", (*MIGRATIONS, m002_note, m003_fails))
    refused(history_url, "no further")
    run_sql("UPDATE run SET note = 'here'")  # the second one is there, and of the third one nothing
    with pytest.raises(Exception, match="other"):
        run_sql("UPDATE run SET other = 'here'")
    monkeypatch.setattr("regress.history.migrations.MIGRATIONS", (*MIGRATIONS, m002_note))
    with History.open(history_url) as history:
        assert len(history.runs()) == 1


def test_a_new_history_counts_every_migration_as_applied(history_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def m002_never_run(connection) -> None:
        raise AssertionError("the tables are already as they are now")

    monkeypatch.setattr("regress.history.migrations.MIGRATIONS", (*MIGRATIONS, m002_never_run))
    History.open(history_url).close()
    History.open(history_url).close()


def test_every_column_has_a_comment() -> None:
    for table in Table.metadata.tables.values():
        assert [column.name for column in table.columns if not column.comment] == []


@pytest.fixture
def run_sql(history_url: str) -> Callable[[str], object]:
    """Runs a statement past the history."""

    def run(statement: str) -> None:
        engine = create_engine(history_url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    return run


@pytest.mark.parametrize(
    "url",
    ["mysql://u:secret@h/d", "postgresql+asyncpg://u:secret@h/d", "http://secret@x", "postgresql://u:secret@h:port/d"],
)
def test_what_is_no_history_at_all(url: str) -> None:
    with pytest.raises(RegressError, match="postgresql://HOST/NAME") as raised:
        History.open(url)
    assert "secret" not in str(raised.value)
    assert raised.value.status in (2, 4)


@pytest.mark.parametrize("url", ["", ":memory:", "sqlite://", "sqlite:///:memory:"])
def test_a_history_needs_a_file(url: str) -> None:
    refused(url, "needs a file")


def test_a_server_that_is_not_there() -> None:
    url = "postgresql://somebody:secret@127.0.0.1:1/bench?password=secret"
    with pytest.raises(HistoryError) as raised:
        History.open(url)
    said = "postgresql://127.0.0.1:1/bench: the server of the history cannot be reached; check host, port and network"
    assert str(raised.value) == said


def test_a_database_that_is_not_there(postgres_server: str) -> None:
    refused(postgres_server.replace("/postgres?", "/nowhere?"), "/nowhere: the history has no such database")


def test_tables_of_others_beside_ours(new_postgres: Callable[[], str]) -> None:
    url = new_postgres()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customer (name TEXT)"))
    with History.open(url) as history:
        history.record([make_run()])
        assert history.stats()["runs"] == 1
    clash = new_postgres()
    other = create_engine(clash.replace("postgresql://", "postgresql+psycopg://"))
    with other.begin() as connection:
        connection.execute(text("CREATE TABLE run (name TEXT)"))
    refused(clash, "not a regress history")
    engine.dispose()
    other.dispose()


def test_the_url_shows_no_credentials(new_postgres: Callable[[], str]) -> None:
    url = new_postgres().replace("postgres:", "postgres:secret", 1)
    with History.open(url) as history:
        assert "secret" not in history.url
        assert "@" not in history.url


def test_without_psycopg_the_extra_is_named() -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from regress.history import History\n"
        "try: History.open('postgresql://h/d')\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    said = "postgresql://h/d: a history on PostgreSQL needs psycopg; pip install 'regress[postgres]'\n"
    assert done.stdout == said
