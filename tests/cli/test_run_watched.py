"""What a suite takes while it runs: its own processes, its server apart from it, and whether the machine was busy."""

import json
import socket
import sys
from xml.etree import ElementTree as Xml

import pytest

from regress.history import History
from regress.model import BUSY
from tests.work.running import make_project, quick

SUITE = """
[[budget]]
benchmark = "load"
limits = ["rss_peak < 1 GB"]

[[budget]]
benchmark = "load.server"
limit = "cpu_one < 1000%"

[[suite]]
name = "load"
kind = "command"
command = "{python} take.py"
watch = {{ interval = "0.1 s", probe = {{ queue = "{python} -c 'print(7)'" }} }}

[suite.server]
command = "{python} -m http.server {port} --bind 127.0.0.1"
ready = "port:{port}"
"""
TAKE = '''"""Takes 120 MB for a while, and leaves a result."""
import json, os, time
taken = bytearray(120_000_000)
taken[::4096] = b"x" * len(taken[::4096])
time.sleep(1.5)
stats = {"min": 1.0, "max": 1.0, "mean": 1.0, "median": 1.0, "stddev": 0.0, "iqr": 0.0, "q1": 1.0, "q3": 1.0,
         "rounds": 5, "iterations": 1, "ops": 1.0, "total": 5.0}
with open(os.environ["REGRESS_RESULTS"] + "/a.json", "w") as file:
    json.dump({"machine_info": {}, "commit_info": {}, "version": "5.3.1", "datetime": "2026-01-01T00:00:00",
               "benchmarks": [{"name": "test_a", "fullname": "a.py::test_a", "group": None, "params": None,
                               "extra_info": {}, "options": {}, "stats": stats}]}, file)
'''


@pytest.fixture
def project(tmp_path, monkeypatch):
    quick(monkeypatch)
    made = make_project(tmp_path / "spool")
    made.library.write("take.py", TAKE)
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    made.configure(SUITE.format(python=sys.executable, port=port))
    return made


def test_resources_are_metrics_of_the_suite_and_its_server_has_its_own(project, monkeypatch):
    monkeypatch.setattr("regress.work.run.watched.busy", lambda samples: "")
    file = project.root.parent / "run.json"
    page = project.root.parent / "run.html"
    status = project.run("run", "--report", f"json={file}", "--report", f"html={page}")
    said = json.loads(file.read_text("utf-8"))
    assert status == 0, said
    drawn = page.read_text("utf-8")
    assert '<p class="word">Passed</p>' in drawn
    assert "rss peak" in drawn
    assert "&lt; 1 GB" in drawn
    assert "<script" not in drawn
    for name in ("CPU share of load over", "Memory (RSS) of load over", "queue of load over", "of load.server over"):
        assert name in drawn
    assert "limit of rss peak &lt; 1 GB: met at" in drawn
    told = {(one["name"], one["metric"]): one["value"] for one in said["suites"][0]["figures"]}
    assert told["load", "rss_peak"] > 120e6
    assert told["load", "queue"] == 7
    assert 0 < told["load.server", "rss_peak"] < 120e6
    assert ("load.server", "queue") not in told
    assert told["load.server", "cpu_one"] >= told["load.server", "cpu"] >= 0, "a budget asks for it"
    courses = {(one["name"], one["figure"]): one for one in said["suites"][0]["courses"]}
    assert set(courses) == {
        ("load", "cpu"), ("load", "rss"), ("load", "queue"), ("load.server", "cpu"), ("load.server", "rss"),
    }  # fmt: skip
    memory, server = courses["load", "rss"], courses["load.server", "rss"]
    assert memory["high"] > 120e6 > server["high"]
    assert max(memory["values"]) == pytest.approx(memory["high"], rel=1e-5)
    assert server["seconds"][0] < memory["seconds"][0], "the server was there before the load"
    assert {value for value in courses["load", "queue"]["values"] if value is not None} == {7.0}
    with History.open(str(project.root / ".regress" / "history.db"), create=False) as history:
        (run,) = history.load([one.id for one in history.runs()])
    kept = {(key.benchmark.name, key.metric.name) for key in run.columns.keys}
    assert {("a.py::test_a", "time"), ("load", "rss_peak"), ("load", "cpu"), ("load.server", "rss_peak")} <= kept
    assert BUSY not in run.tags
    assert said["targets"]["counts"] == {"met": 2}


def test_a_run_on_a_busy_machine_is_marked_and_serves_no_baseline(project, monkeypatch):
    monkeypatch.setattr("regress.work.run.watched.busy", lambda samples: "others took 50% of the machine's cores")
    file = project.root.parent / "run.json"
    assert project.run("run", "--report", f"json={file}") == 0
    said = json.loads(file.read_text("utf-8"))
    assert "others took 50% of the machine's cores; the run serves no baseline" in said["suites"][0]["warnings"]
    with History.open(str(project.root / ".regress" / "history.db"), create=False) as history:
        (run,) = history.runs()
    assert BUSY in run.tags


def test_the_courses_of_a_run_that_crashed_are_there_and_a_gauge_without_a_figure_says_why(project, tmp_path):
    project.configure(f"""
        [[suite]]
        name = "load"
        kind = "command"
        command = ["{sys.executable}", "-c", "import os, time; x = b'x' * 50_000_000; time.sleep(1); os.abort()"]
        watch = {{ interval = "0.1 s", probe = {{ queue = "{sys.executable} -c 'raise SystemExit(3)'" }} }}
    """)
    assert project.run("run", "--reports", str(tmp_path / "out")) == 1
    (suite,) = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["suites"]
    assert suite["failures"][0]["trouble"] == "crash"
    (memory,) = [course for course in suite["courses"] if course["figure"] == "rss"]
    assert memory["high"] > 50e6
    assert any(warning.startswith("queue: ") and "3" in warning for warning in suite["warnings"]), suite["warnings"]
    assert "| `load` | `rss` |" in (tmp_path / "out" / "run.md").read_text("utf-8")
    root = Xml.parse(tmp_path / "out" / "run.xml").getroot()
    error = root.find("testsuite[@name='load']/testcase[@name='the suite']/error")
    assert error.get("type") == "crash"
