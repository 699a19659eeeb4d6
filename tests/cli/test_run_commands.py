"""`regress run` of commands that leave files: phases, needs, what went wrong, a server to put the load on."""

import sys
from pathlib import Path

import psutil
import pytest

from tests.work.running import MANY, make_project, quick, report, stored


@pytest.fixture
def project(tmp_path, monkeypatch):
    quick(monkeypatch)
    return make_project(tmp_path / "spool")


def test_suites_of_all_sorts(project):
    project.configure(MANY.format(python=sys.executable))
    status, said = report(project)
    found = {suite["name"]: suite for suite in said["suites"]}
    assert {name: suite["status"] for name, suite in found.items()} == {
        "killed": "failed", "silent": "failed", "garbage": "failed", "known": "failed as expected", "mended": "passed",
        "needy": "skipped", "made": "passed", "broken": "failed", "late": "passed", "after": "skipped",
    }  # fmt: skip
    order = [suite["name"] for suite in said["suites"]]
    assert order.index("made") < order.index("late")
    assert order[-2:] == ["late", "after"], "the last phase, in the order of the configuration"
    troubles = {name: found[name]["failures"][0]["trouble"] for name in ("killed", "silent", "garbage", "broken")}
    assert troubles == {"killed": "crash", "silent": "missing", "garbage": "unreadable", "broken": "failed"}
    assert found["after"]["reason"] == "it needs broken, which failed"
    assert found["needy"]["reason"] == "the variable NO_SUCH_VARIABLE is not set"
    assert "take `expected` away" in found["mended"]["warnings"][0]
    assert said["not_run"] == ["named: run only when it is named"]
    assert status == 4, "what cannot be read goes before what failed"
    made = next(whole for run, whole in stored(project) if run.suites == ("made",))
    assert {key.benchmark.full for key in made.columns.keys} == {"load.py::load{users=10}"}
    assert made.columns.keys[0].benchmark.params == (("users", "10"),)
    assert made.tags == ("nightly",)
    assert "users 10" in Path(found["made"]["log"]).read_text("utf-8")


def test_a_file_that_was_there_before_is_no_measurement(project):
    (project.root / "out").mkdir()
    (project.root / "out" / "old.json").write_text("{}", encoding="utf-8")
    project.configure('[[suite]]\nkind = "command"\ncommand = "true"\nresults = ["out/*.json"]\n')
    status, said = report(project)
    assert (status, said["suites"][0]["failures"][0]["trouble"]) == (1, "missing")


SERVER = """
[[suite]]
name = "load"
kind = "command"
command = ["{python}", "-c", '''
import os, urllib.request
urllib.request.urlopen("http://127.0.0.1:{port}/").read()
exec(open("leave.py").read())
''']
[suite.server]
command = "{python} -m http.server {port} --bind 127.0.0.1"
ready = "http://127.0.0.1:{port}/"
timeout = "20 s"
"""


def free_port():
    import socket

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def test_a_server_is_started_waited_for_and_stopped(project):
    port = free_port()
    project.configure(SERVER.format(python=sys.executable, port=port))
    status, said = report(project)
    assert (status, said["suites"][0]["benchmarks"]) == (0, 1)
    log = Path(said["suites"][0]["log"]).with_suffix(".server.log")
    assert "GET / HTTP" in log.read_text("utf-8")
    listening = [one for one in psutil.net_connections("tcp4") if one.laddr and one.laddr.port == port]
    assert not [one for one in listening if one.status == psutil.CONN_LISTEN]


def test_a_server_that_never_is_ready_is_said_so(project):
    python, port = sys.executable, free_port()
    project.configure(SERVER.format(python=python, port=port))
    for change, words in (
        ('load.server.command="false"', "ended before it was ready, with status 1"),
        ("load.server.timeout=0.2", "was not ready within 0.2 s"),
    ):
        words_of = ["--set", change]
        if "timeout" in change:
            words_of += ["--set", f"load.server.command=\"{python} -c 'import time; time.sleep(30)'\""]
        status, said = report(project, *words_of)
        (failure,) = said["suites"][0]["failures"]
        assert (status, failure["trouble"]) == (1, "server")
        assert words in failure["reason"]
