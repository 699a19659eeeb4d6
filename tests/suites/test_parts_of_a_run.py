"""What a run of suites is made of: what is selected, what is required, what kind of trouble it was, a server."""

import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.config.suite_table import SuiteTable, changed
from regress.model import ServerSpec, SuiteSpec
from regress.suites import Selection, ServerError, Trouble, serving, trouble_of, unmet
from regress.suites.asv import failures
from regress.suites.troubles import signal_of


@pytest.mark.parametrize(
    ("include", "exclude", "fits"),
    [
        ((), (), True),
        (("a.py::test_x",), (), True),
        (("a.py::test_x[10]",), (), True),
        (("*x[1*",), (), True),
        (("*[2?]",), (), False),
        (("re:x.10",), (), True),
        ((), ("*x",), False),
        (("*",), ("re:nothing",), True),
        (("tag:slow",), (), True),
        ((), ("tag:slow",), True),
    ],
)
def test_what_is_selected_by_its_name(include, exclude, fits):
    assert Selection(include, exclude).fits("a.py::test_x", "a.py::test_x[10]") is fits


@pytest.mark.parametrize(
    ("include", "exclude", "left"),
    [
        (("a.B.time_c",), (), ["a.B.time_c(1)", "a.B.time_c(2)"]),
        (("a.B.time_c(1)",), (), ["a.B.time_c(1)"]),
        ((), ("*time_c*",), ["a.B.time_d"]),
        (("a.*",), ("a.B.time_c(2)",), ["a.B.time_c(1)", "a.B.time_d"]),
        (("re:d$",), (), ["a.B.time_d"]),
        (("tag:slow",), (), ["a.B.time_c(1)", "a.B.time_c(2)", "a.B.time_d"]),
    ],
)
def test_what_asv_is_told_to_run(include, exclude, left):
    import re

    names = ["a.B.time_c(1)", "a.B.time_c(2)", "a.B.time_d"]
    chosen = Selection(include, exclude).for_asv()
    assert [name for name in names if re.search(chosen, name)] == left
    assert left == [name for name in names if Selection(include, exclude).fits(name.partition("(")[0], name)]


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ("ModuleNotFoundError: No module named 'x'", Trouble.IMPORT),
        ("http.client.RemoteDisconnected: Remote end closed connection without response", Trouble.CONNECTION),
        ("httpx.RemoteProtocolError: Server disconnected without sending a response.", Trouble.CONNECTION),
        ("assert 1 == 2", Trouble.ASSERTION),
        ("AssertionError: connection was refused", Trouble.ASSERTION),
        ("Failed: DID NOT RAISE <class 'OSError'>", Trouble.ASSERTION),
        ("ConnectionRefusedError: [Errno 111] Connection refused", Trouble.CONNECTION),
        ("requests.exceptions.ConnectTimeout: timed out", Trouble.CONNECTION),
        ("urllib.error.URLError: <urlopen error timed out>", Trouble.CONNECTION),
        ("TimeoutError: timed out", Trouble.TIMEOUT),
        ("Failed: Timeout (>1.0s) from pytest-timeout.", Trouble.TIMEOUT),
        ("asv: benchmark timed out (timeout 60.0s)", Trouble.TIMEOUT),
        ("ValueError: no", Trouble.FAILED),
        ("", Trouble.FAILED),
    ],
)
def test_troubles_are_told_apart(said, trouble):
    assert trouble_of(said) is trouble


def test_a_signal_by_its_name():
    assert [signal_of(status) for status in (None, 0, 1, 139, -11, -999)] == ["", "", "", "", "SIGSEGV", "signal 999"]
    assert [signal_of(status, of_shell=True) for status in (137, 127, 255)] == ["SIGKILL", "", ""]


def test_what_a_suite_requires(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.bin").write_text("x", encoding="utf-8")
    env = {"TOKEN": "x", "EMPTY": "", "PATH": os.environ["PATH"]}
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        met = ["env:TOKEN", f"port:127.0.0.1:{port}", "command:git", "module:json", "module:pytest", "file:data/x.bin"]
        assert [unmet(text, tmp_path, env) for text in met] == [""] * len(met)
    assert unmet("env:EMPTY", tmp_path, env) == "the variable EMPTY is not set"
    assert unmet(f"port:127.0.0.1:{port}", tmp_path, env).startswith(f"nothing accepts at 127.0.0.1:{port} (")
    assert unmet("port:127.0.0.1:99999", tmp_path, env)
    assert unmet("command:no-such-command", tmp_path, env) == "there is no command no-such-command"
    assert unmet("module:no_such.thing", tmp_path, env, sys.executable) == "there is no module no_such.thing"
    assert unmet("file:data/y.bin", tmp_path, env) == "there is no file data/y.bin"


@pytest.mark.parametrize(
    ("requirement", "value", "why"),
    [
        ("env:SKIP_AWS_TESTS!=true", "true", "the variable SKIP_AWS_TESTS is true"),
        ("env:SKIP_AWS_TESTS!=true", "false", ""),
        ("env:SKIP_AWS_TESTS!=true", None, ""),
        ("env:STAGE=test", "test", ""),
        ("env:STAGE=test", "live", "the variable STAGE is not test"),
        ("env:STAGE=test", None, "the variable STAGE is not set"),
        ("env:QUERY=a=b", "a=b", ""),
    ],
)
def test_what_a_suite_requires_of_the_value_of_a_variable(tmp_path, requirement, value, why):
    name = requirement.removeprefix("env:").partition("=")[0].removesuffix("!")
    assert unmet(requirement, tmp_path, {} if value is None else {name: value}) == why


class _Busy(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503)
        self.end_headers()

    def log_message(self, *args):
        pass


def test_another_server_is_not_measured_in_place_of_the_own_one(tmp_path):
    server = HTTPServer(("127.0.0.1", 0), _Busy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    try:
        spec = ServerSpec((sys.executable, "-c", "import time; time.sleep(60)"), f"port:127.0.0.1:{port}")
        with (
            pytest.raises(ServerError, match=r"answers at port:.* already"),
            serving(spec, cwd=tmp_path, env=dict(os.environ), log=tmp_path / "log"),
        ):
            pass
        spec = ServerSpec(spec.command, f"http://127.0.0.1:{port}/", 0.3)
        with (
            pytest.raises(ServerError, match=r"was not ready within 0.3 s: http.* answers 503"),
            serving(spec, cwd=tmp_path, env=dict(os.environ), log=tmp_path / "log"),
        ):
            pass
    finally:
        server.shutdown()
        server.server_close()


def test_a_server_s_children_end_with_it(tmp_path):
    code = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    code += "print(p.pid, flush=True); p.wait()"
    started = []
    spec = ServerSpec((sys.executable, "-c", code), "1")
    with serving(spec, cwd=tmp_path, env=dict(os.environ), log=tmp_path / "log", started=started.append):
        (server,) = started
        children = psutil.Process(server).children(recursive=True)
        assert len(children) == 1
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert (len(gone), alive) == (1, [])
    assert not psutil.pid_exists(server)


def until_it_ended(number):
    """Waits without burying the process: its parent is to learn its status."""
    deadline = time.monotonic() + 20
    while psutil.Process(number).status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_server_that_ends_while_it_is_measured(tmp_path):
    spec = ServerSpec((sys.executable, "-c", "import sys; print('no more'); sys.exit(4)"), "0")
    started = []
    with (
        pytest.raises(ServerError, match=r"ended .* with status 4: no more"),
        serving(spec, cwd=tmp_path, env=dict(os.environ), log=tmp_path / "log", started=started.append),
    ):
        until_it_ended(started[0])


SAID = """\
[ 0.00%] ·· Benchmarking existing-py
[25.00%] ··· winding.Winding.time_broken                                 failed
[25.00%] ··· ======== ========
              param1
             -------- --------
                1      failed
             ======== ========
             For parameters: 1
             Traceback (most recent call last):
             ValueError: never 1

             For parameters: 'a', 2
             asv: benchmark timed out (timeout 1.0s)
[50.00%] ··· winding.time_alone                                          failed
             Traceback (most recent call last):
             KeyError: 'x'
[99.00%] ··· winding.time_fine                                           1.2±0ms
             ValueError: told, but not fatal
"""


def test_what_asv_says_of_failures():
    assert dict(failures(SAID)) == {
        "winding.Winding.time_broken(1)": "ValueError: never 1",
        "winding.Winding.time_broken('a', 2)": "asv: benchmark timed out (timeout 1.0s)",
        "winding.time_alone": "KeyError: 'x'",
    }


words = st.text("abcxyz_", min_size=1, max_size=5)
tables = st.fixed_dictionaries(
    {"kind": st.just("command"), "command": st.lists(words, min_size=1, max_size=3)},
    optional={
        "env": st.dictionaries(words, words, max_size=2), "params": st.dictionaries(words, st.integers(), max_size=2),
        "needs": st.lists(words, max_size=2), "timeout": st.integers(1, 100), "default": st.booleans(),
        "server": st.fixed_dictionaries({"command": words, "ready": st.sampled_from(["port:80", "http://x/", "2 s"])}),
        "repeat": st.integers(1, 9), "tags": words, "expected": st.just("failing"),
    },
)  # fmt: skip


@given(tables, words)
def test_a_suite_with_one_key_changed_is_the_same_but_for_it(table, phase):
    spec = SuiteTable.model_validate(table).spec("here:1")
    assert changed(changed(spec, "phase", phase), "phase", spec.phase) == spec
    assert changed(spec, "phase", phase).phase == phase
    assert dict(changed(spec, "env.NEW", 1).env) == {**dict(spec.env), "NEW": "1"}


def test_a_key_that_no_suite_has():
    with pytest.raises(KeyError):
        changed(SuiteSpec("a", "asv"), "args.0", "x")
