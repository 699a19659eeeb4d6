"""Probes of every kind, asked for real: commands, a server on loopback, SQLite and PostgreSQL."""

import sqlite3
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest

from regress.errors import UsageError
from regress.suites.watch import probe, probe_of
from regress.suites.watch.probe import Asker


def ask(text, name="queue"):
    """One answer: its number, or the reason of the gap."""
    asker = Asker(probe_of(name, text))
    asker.ask()
    try:
        for _ in range(2000):
            gauge = asker.answer()
            if gauge.why not in ("not asked yet", "no answer yet"):
                return gauge.value if gauge.value is not None else gauge.why
            time.sleep(0.01)
    finally:
        asker.close()
    pytest.fail("no answer at all")


def python(code):
    return f'{sys.executable} -c "{code}"'


@pytest.fixture
def server():
    """A server that answers with what its path asks for."""
    documents = {
        "/stats": b'{"queues": [{"depth": 42, "name": "jobs"}], "up": true, "none": null}',
        "/number": b"7.5",
        "/html": b"<html>",
        "/long": b"[" + b"1," * 600_000 + b"1]",
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = documents.get(self.path)
            self.send_response(200 if found else 503)
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_the_output_of_a_command_is_a_number():
    assert ask("echo 12") == 12.0
    assert ask(python("print('warming up'); print(' 3.5 ')")) == 3.5


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("echo many", "the answer is no number: 'many'"),
        ("echo nan", "the answer is no number: 'nan'"),
        ("true", "true printed nothing"),
        ("no-such-command-here", "cannot be started"),
        (python("import sys; sys.exit('out of order')"), "ended with 1: out of order"),
    ],
)
def test_a_command_that_fails_is_a_gap_with_its_reason(text, why):
    assert why in ask(text)


def test_a_command_that_takes_too_long_is_ended_with_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "TIMEOUT", 2.0)
    note = tmp_path / "pid"
    assert "took longer than 2 s" in ask(f"sh -c 'sleep 60 & echo $! > {note}; wait'")
    child = int(note.read_text(encoding="utf-8"))
    for _ in range(1000):
        if not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.01)
    pytest.fail("its child still runs")


def test_a_url_and_the_way_to_a_number(server):
    assert ask(f"{server}/stats#queues.0.depth") == 42.0
    assert ask(f"{server}/number") == 7.5


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/stats#queues.1.depth", "the answer has no 'queues.1'"),
        ("/stats#queues.0.name", "no number: 'jobs'"),
        ("/stats#up", "no number: True"),
        ("/stats#none", "no number: None"),
        ("/html", "the answer is no JSON"),
        ("/long#0", "longer than 1 MiB"),
        ("/gone", "the server answers 503"),
    ],
)
def test_a_url_that_gives_no_number_is_a_gap(server, path, why):
    assert why in ask(server + path)


def test_a_server_that_is_not_there_is_a_gap():
    assert "cannot be reached" in ask("http://127.0.0.1:9/")


def test_a_database_through_its_own_driver(tmp_path):
    path = tmp_path / "jobs.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE jobs (state)")
        made.executemany("INSERT INTO jobs VALUES (?)", [("new",), ("new",), ("done",)])
    made.close()
    assert ask(f"sqlite:///{path}#SELECT count(*) FROM jobs WHERE state = 'new'") == 2.0
    assert "no such table" in ask(f"sqlite:///{path}#SELECT count(*) FROM other")
    assert "no row" in ask(f"sqlite:///{path}#SELECT 1 FROM jobs WHERE state = 'lost'")
    assert "readonly" in ask(f"sqlite:///{path}#DELETE FROM jobs")


def test_a_database_that_is_not_there_is_not_made(tmp_path):
    assert "unable to open" in ask(f"sqlite:///{tmp_path}/none.db#SELECT 1")
    assert not list(tmp_path.iterdir())


def test_postgres(postgres_server):
    assert ask(f"{postgres_server}#SELECT 5 + 6") == 11.0
    assert "other" in ask(f"{postgres_server}#SELECT count(*) FROM other")


def test_a_driver_that_is_missing_is_named():
    try:
        import pymysql  # noqa: F401
    except ImportError:
        assert "pip install pymysql" in ask("mysql://me:secret@localhost/db#SELECT 1")
    else:
        pytest.skip("it is installed here")


def test_a_password_is_never_shown():
    found = probe_of("queue", "postgresql://me:secret@127.0.0.1:9/db#SELECT 1")
    assert "secret" not in found.shown
    assert "secret" not in ask(found.text)


def test_a_failure_is_kept_once():
    asker = Asker(probe_of("queue", "false"))
    for _ in range(3):
        asker.ask()
        while asker.answer().why in ("not asked yet", "no answer yet"):
            time.sleep(0.005)
    asker.close()
    assert asker.failures == ["false ended with 1"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("cpu", "echo 1", "a figure of its own"),
        ("rss_peak", "echo 1", "a figure of its own"),
        ("2x", "echo 1", "no name of a probe"),
        ("", "echo 1", "no name of a probe"),
        ("q", "", "is empty"),
        ("q", "echo '", "no command"),
        ("q", "ftp://host/x", "of the kind 'ftp'"),
        ("q", "sqlite:///x.db", "has no question"),
    ],
)
def test_a_probe_that_could_never_answer_is_refused(name, text, words):
    with pytest.raises(UsageError, match=words):
        probe_of(name, text)
