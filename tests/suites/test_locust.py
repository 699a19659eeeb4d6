"""Locust for real, on a small server: what is measured, what goes wrong, what its load becomes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from regress.config.suite_table import SuiteTable, changed
from regress.errors import UsageError
from regress.history import History
from regress.model import Benchmark, Columns, Environment, Key, Metric, Run, ServerSpec, Source, SuiteSpec
from regress.suites import Request, SuiteError, Trouble, suite_of
from regress.suites.locust import _load, _time
from regress.work.workload import loaded
from tests.work.running import make_project

HERE = Path(__file__).parent.parent / "testdata" / "locust"
SUITE = """
[[suite]]
name = "load"
kind = "locust"
users = 5
spawn_rate = 5
run_time = "3 s"
user_classes = ["Reader"]
params = {{ store = "memory" }}
args = ["-f", "locustfile.py"]
watch = {{ interval = "0.2 s" }}

[suite.server]
command = "{python} server.py {port}"
ready = "http://127.0.0.1:{port}/chapters"
"""
#: A user of no server, and a locustfile that has something against the run.
STRICT = """
from locust import User, constant, events, task


class Idle(User):
    wait_time = constant(0.05)

    @task
    def work(self):
        fire = self.environment.events.request.fire
        fire(request_type="CALL", name="idle", response_time=1.5, response_length=0, exception=None, context={})


@events.quitting.add_listener
def judge(environment, **kwargs):
    environment.process_exit_code = 3
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@pytest.fixture
def project(tmp_path):
    made = make_project(tmp_path / "spool")
    for name in ("server.py", "locustfile.py"):
        made.library.write(name, (HERE / name).read_text("utf-8"))
    made.library.write("strict.py", STRICT)
    made.library.commit("A load")
    return made


@pytest.fixture
def request_for(tmp_path):
    """A request for the present environment, in a folder with the locustfiles."""
    (tmp_path / "strict.py").write_text(STRICT, encoding="utf-8")
    return Request(tmp_path, tmp_path, "0" * 40, (), tmp_path / "scratch", as_it_is=True)


def stored(project):
    with History.open(str(project.root / ".regress" / "history.db"), create=False) as history:
        return [history.load([one.id], samples=True)[0] for one in history.runs()]


def test_a_load_on_the_suites_server(project, capfd):
    project.configure(SUITE.format(python=sys.executable, port=free_port()))
    status = project.run("run")
    said = capfd.readouterr()
    assert status == 0, said.err + (project.root / ".regress").as_posix()
    (run,) = stored(project)
    found = {(key.benchmark.full, key.metric.name): row for row, key in enumerate(run.columns.keys)}
    load = "{users=5, spawn_rate=5, run_time=3 s, user_classes=Reader, store=memory}"
    names = {full for full, _ in found}
    assert names == {
        f"GET /chapters{load}", f"POST /chapters{load}", f'GET /chapters/[id], "one"{load}', f"GET /broken{load}",
        f"GET /query\nof two lines{load}", f"Aggregated{load}", f"load{load}", f"load.server{load}",
    }  # fmt: skip
    row = found[f"Aggregated{load}", "time"]
    assert run.columns.stats["n"][row] > 30
    assert run.columns.stats["min"][row] >= 0.004
    assert dict(run.quantiles[row])[0.95] > 0
    assert dict(run.columns.keys[row].benchmark.params)["users"] == "5"
    # A third of /broken fails: that is measured, and no failure of the suite.
    assert 0 < run.columns.stats["value"][found[f"Aggregated{load}", "success_rate"]] < 1
    assert run.columns.stats["value"][found[f"load.server{load}", "rss_peak"]] > 0
    assert run.columns.stats["value"][found[f"load{load}", "cpu_time"]] > 0
    assert run.started_at is not None
    assert re.search(r"\d+ × GET /broken: HTTPError", said.err + said.out)


def test_a_locustfile_that_judges_fails_the_suite_and_what_was_measured_is_kept(request_for):
    spec = SuiteSpec("load", "locust", args=("-f", "strict.py", "-u", "2", "-r", "2", "-t", "3s"))
    with pytest.raises(SuiteError, match="status 3") as caught:
        suite_of(spec).run(spec, request_for)
    assert caught.value.trouble is Trouble.FAILED
    assert caught.value.partial is not None
    assert "CALL,idle" in caught.value.partial.results[0].read_text("utf-8")


def test_of_a_load_that_broke_off_nothing_is_kept(request_for):
    text = STRICT.replace("        fire = ", '        __import__("os")._exit(5)\n        fire = ')
    (request_for.project / "strict.py").write_text(text, encoding="utf-8")
    spec = SuiteSpec("load", "locust", args=("-f", "strict.py", "-u", "1", "-t", "9s"))
    with pytest.raises(SuiteError, match="status 5: ") as caught:
        suite_of(spec).run(spec, request_for)
    assert caught.value.partial is None


def test_without_an_end_the_time_limit_is_one_and_says_what_to_do(request_for):
    spec = SuiteSpec("load", "locust", args=("-f", "strict.py"), timeout=2.5)
    with pytest.raises(SuiteError, match="say how long with run_time") as caught:
        suite_of(spec).run(spec, request_for)
    assert caught.value.trouble is Trouble.TIMEOUT
    assert caught.value.partial is None, "a load that was cut short is another load"


@pytest.mark.parametrize(
    ("args", "error", "said"),
    [
        (("-f", "strict.py", "--no-such-word"), UsageError, "unrecognized arguments: --no-such-word"),
        (("-f", "nowhere.py"), SuiteError, "nowhere.py"),
        (("-f", "broken.py"), SuiteError, "does not import: status 1: ModuleNotFoundError"),
    ],
)
def test_what_cannot_be_run_says_why_in_a_line(request_for, args, error, said):
    (request_for.project / "broken.py").write_text("import no_such_module\n", encoding="utf-8")
    spec = SuiteSpec("load", "locust", args=args, timeout=60.0)
    with pytest.raises(error, match=re.escape(said)) as caught:
        suite_of(spec).run(spec, request_for)
    assert "\n" not in str(caught.value)


def test_an_interrupt_ends_the_load_and_its_server_and_stores_nothing(project):
    text = SUITE.format(python=sys.executable, port=free_port()).replace('"3 s"', '"60 s"')
    project.configure(text)
    words = [sys.executable, "-m", "regress", "run", "-C", str(project.root)]
    root = str(Path(__file__).parent.parent.parent)
    process = subprocess.Popen(
        words, env={**os.environ, "PYTHONPATH": root}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    tree = []
    while time.monotonic() < deadline and not any("locust" in " ".join(_words(child)) for child in tree):
        tree = psutil.Process(process.pid).children(recursive=True)
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert not [child for child in tree if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert stored(project) == []


def _words(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def table(**keys):
    return SuiteTable.model_validate({"kind": "locust"} | keys)


def test_the_load_is_part_of_the_parameters_wherever_it_is_written():
    spec = table(users=5, user_classes=["A", "B"], params={"store": "memory"}).spec("regress.toml:1")
    assert spec.params == (("users", "5"), ("user_classes", "A B"), ("store", "memory"))
    assert table(workload={"users": 5}).spec("").params == (("users", "5"),)
    assert dict(changed(spec, "users", 7).params)["users"] == "7"
    assert dict(changed(spec, "params.users", 7).params)["users"] == "7"
    with pytest.raises(ValueError, match="`users` stands in `params` too"):
        table(users=5, params={"users": 6})
    with pytest.raises(ValueError, match="say nothing to"):
        table(rounds=5)
    with pytest.raises(ValueError, match="Extra inputs"):
        SuiteTable.model_validate({"kind": "asv", "users": 5})


def words_of(known="", **keys):
    return list(_load(table(**keys).spec("regress.toml:1"), known))


def test_the_load_becomes_words_of_locust():
    assert words_of(users=5, spawn_rate=0.5, run_time="2 min") == [
        "--users", "5", "--spawn-rate", "0.5", "--run-time", "120s",
    ]  # fmt: skip
    assert words_of(params={"store": "memory"}) == []


def test_the_host_is_that_of_the_server_unless_it_is_said():
    server = {"command": "x", "ready": "http://localhost:8000/health"}
    assert words_of(server=server) == ["--host", "http://localhost:8000"]
    assert words_of(server=server, host="http://other") == ["--host", "http://other"]
    assert words_of("http://other", server=server) == []
    assert words_of(server=server, args=["--host=http://other"]) == []
    assert words_of(server={"command": "x", "ready": "port:8000"}) == []


@pytest.mark.parametrize(
    ("text", "words"), [("90", "90"), ("90s", "90s"), ("1h30m", "1h30m"), ("2 min", "120s"), ("0.5 h", "1800s")]
)
def test_a_run_time_is_written_as_here_or_as_in_locust(text, words):
    assert _time(text, SuiteSpec("load", "locust")) == words


@pytest.mark.parametrize("text", ["", "soon", "0.5 s", "3 kB", "-3 s"])
def test_a_run_time_that_is_none(text):
    with pytest.raises(UsageError, match=r"regress.toml:7: run_time .*write"):
        _time(text, SuiteSpec("load", "locust", origin="regress.toml:7"))


def test_what_the_results_say_of_the_load_is_said_once():
    own = Benchmark("load", "GET /a", "{users=4}", params=(("method", "GET"), ("users", "4")))
    other = Benchmark("load", "t", "[4]", params=(("users", "4"),))
    keys = (Key(own, Metric("time")), Key(other, Metric("time")))
    run = Run("", Environment.of({}), Source("a", "locust"), Columns(keys, {}))
    first, second = (key.benchmark for key in loaded(run, (("users", "5"), ("store", "memory"))).columns.keys)
    assert (first.full, first.params[0]) == ("GET /a{users=5, store=memory}", ("method", "GET"))
    assert dict(first.params)["users"] == "5"
    assert second.full == "t[4]{users=5, store=memory}"


def test_locust_needs_its_package(request_for, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    spec = SuiteSpec("load", "locust", server=ServerSpec(("x",), "1"))
    with pytest.raises(UsageError, match=r"pip install 'regress\[locust\]'"):
        suite_of(spec).run(spec, request_for)
