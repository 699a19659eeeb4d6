"""`regress run` for real: real tools, real processes, a real history."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from regress.model import PART
from tests.work.running import MANY, PYTEST, make_project, quick, report, stored

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def project(tmp_path, monkeypatch):
    quick(monkeypatch)
    return make_project(tmp_path / "spool")


def test_what_is_measured_is_stored_under_the_commit(project, capfd):
    project.configure(PYTEST)
    status, said = report(project)
    ((run, whole),) = stored(project)
    assert (status, run.commit, run.dirty, run.ref) == (0, project.library.commits[-1], False, "main")
    assert sorted(key.benchmark.full for key in whole.columns.keys) == [
        "benchmarks/test_n.py::test_n[1]", "benchmarks/test_n.py::test_n[2]", "benchmarks/test_n.py::test_slow",
        "benchmarks/test_wind.py::test_wind",
    ]  # fmt: skip
    (suite,) = said["suites"]
    assert (suite["status"], suite["benchmarks"], suite["runs"], suite["failures"]) == ("passed", 4, 1, [])
    assert len(suite["slowest"]) == 4
    assert all(0 < one["share"] <= 1 for one in suite["slowest"])
    assert Path(suite["log"]).is_relative_to(project.root / ".regress" / "logs")
    assert "pytest" in Path(suite["log"]).read_text("utf-8")
    assert capfd.readouterr().out.startswith("4 benchmarks in 1 new run\n")
    # Again on an unchanged commit adds a run to it, two at once as well.
    project.run("run", "--repeat", "2", "--include", "*test_slow")
    assert [len(whole.columns) for _, whole in stored(project)] == [4, 1, 1]


def test_a_project_without_a_configuration_is_run_by_its_looks(project):
    status, said = report(project)
    assert (status, said["suites"][0]["benchmarks"]) == (0, 4)


FAILING = """
import socket
import pytest
from spool import wind

def test_after(benchmark):
    benchmark.pedantic(wind, args=(1,), rounds=2)
    assert 1 == 2

def test_before(benchmark):
    socket.create_connection(("127.0.0.1", 9), timeout=2)

def test_late(benchmark):
    raise TimeoutError("too slow")

def test_teardown(benchmark, broken):
    benchmark.pedantic(wind, args=(1,), rounds=2)

@pytest.fixture
def broken():
    yield
    raise ValueError("left over")

def test_plain():
    assert False
"""


def test_a_test_that_fails_after_it_was_timed_is_failed(project):
    project.configure(PYTEST)
    project.library.write("benchmarks/test_failing.py", FAILING)
    project.library.write("benchmarks/test_gone.py", "import no_such_module\n")
    status, said = report(project)
    (suite,) = said["suites"]
    troubles = {
        one["name"].rpartition("/")[2].removeprefix("test_failing.py::"): one["trouble"] for one in suite["failures"]
    }
    assert troubles == {
        "test_after": "assertion", "test_before": "connection", "test_late": "timeout", "test_teardown": "failed",
        "test_plain": "assertion", "test_gone.py": "import",
    }  # fmt: skip
    assert (status, suite["status"], suite["benchmarks"], suite["failed"]) == (1, "failed", 4, 4)
    ((_, whole),) = stored(project)
    gaps = {gap.key.benchmark.full.partition("::")[2]: gap.reason for gap in whole.gaps}
    assert sorted(gaps) == ["test_after", "test_before", "test_late", "test_teardown"]
    assert gaps["test_late"] == "TimeoutError: too slow"
    measured = {key.benchmark.full for key in whole.columns.keys}
    assert not [name for name in measured if "test_failing" in name]


def test_where_all_failed_each_is_named(project):
    project.configure(PYTEST.replace('"benchmarks"', '"benchmarks/test_bad.py"') + "params = { users = 2 }\n")
    project.library.write(
        "benchmarks/test_bad.py", "def test_a(benchmark):\n    assert 0\n\ndef test_ab(benchmark):\n    1 / 0\n"
    )
    status, said = report(project)
    (suite,) = said["suites"]
    assert (status, suite["benchmarks"], suite["failed"], stored(project)) == (1, 0, 2, [])
    assert [(one["name"].partition("::")[2], one["trouble"]) for one in suite["failures"]] == [
        ("test_a", "assertion"), ("test_ab", "failed"),
    ]  # fmt: skip


def test_rounds_warmup_and_more_arguments_reach_the_tool(project):
    project.configure(PYTEST + 'rounds = 7\nwarmup = 3\nenv = { USERS = "4" }\n')
    project.library.write(
        "benchmarks/test_n.py",
        "import os\n\ndef test_n(benchmark):\n    benchmark(sum, [1])\n    assert os.environ['USERS'] == '4'\n",
    )
    words = ["--set", "pytest-benchmark.rounds=8", "--", "--benchmark-max-time=0.01", "-k", "test_n"]
    status, said = report(project, *words)
    line = Path(said["suites"][0]["log"]).read_text("utf-8").partition("\n")[0]
    assert status == 0
    assert "benchmarks --benchmark-max-time=0.01 -k test_n" in line
    assert "--benchmark-min-rounds=8 --benchmark-warmup=on --benchmark-warmup-iterations=3" in line


def test_tests_side_by_side_measure_nothing_and_it_says_why(project, monkeypatch):
    """Whoever looks for xdist looks at `dist`."""
    project.library.write("side.py", 'def pytest_addoption(parser):\n    parser.addoption("--dist", default="load")\n')
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_benchmark.plugin,side")
    monkeypatch.setenv("PYTHONPATH", str(project.root))
    project.configure(PYTEST)
    status, said = report(project)
    (failure,) = said["suites"][0]["failures"]
    assert (status, failure["trouble"]) == (1, "missing")
    assert "add -n0 to `args`" in failure["reason"]


def test_what_was_whole_is_kept_when_the_time_is_over(project):
    project.configure(PYTEST)
    project.library.write(
        "benchmarks/test_z.py", "import time\n\ndef test_z(benchmark):\n    benchmark(time.sleep, 60)\n"
    )
    status, said = report(project, "--timeout", "4s")
    (suite,) = said["suites"]
    assert (status, suite["failures"][0]["trouble"], suite["benchmarks"]) == (1, "timeout", 4)
    assert len(stored(project)[0][1].columns) == 4


def test_what_is_left_out_is_not_run_and_not_missing(project, capfd):
    project.configure(PYTEST)
    assert project.run("run") == 0
    project.library.commit("Another")
    for words, count in (
        (["--exclude", "tag:slow"], 3),
        (["--include", "*::test_n*"], 2),
        (["--exclude", "re:n.2|slow"], 2),
    ):
        status, said = report(project, *words)
        assert (status, said["suites"][0]["benchmarks"]) == (0, count), words
    assert all(PART in run.tags for run, _ in stored(project)[1:])
    capfd.readouterr()
    project.run("check", "--against", "HEAD~1", "--report", "json=-")
    verdicts = json.loads(capfd.readouterr().out)["verdicts"]
    assert verdicts
    assert not [one for one in verdicts if one["outcome"] == "missing"]


def test_nothing_at_all_is_no_success(project, capfd):
    project.configure(PYTEST)
    assert project.run("run", "--include", "nothing_like_it") == 3
    assert capfd.readouterr().out.startswith("NOTHING MEASURED")


def test_uncommitted_changes_are_said_and_a_moved_checkout_is_refused(project):
    project.configure(PYTEST)
    project.library.write("src/spool/core.py", "def wind(turns):\n    return turns\n")
    _, said = report(project, "--include", "*test_slow")
    assert said["dirty"]
    assert "never serve as a baseline" in said["warnings"][0]
    project.library.write(
        "benchmarks/test_n.py",
        "import subprocess\n\ndef test_n(benchmark):\n    benchmark.pedantic(sum, args=([1],))\n"
        "    subprocess.run(['git', '-c', 'user.name=a', '-c', 'user.email=a', 'commit', '-qam', 'x'], check=True)\n",
    )
    status, said = report(project)
    assert (status, said["suites"][0]["failures"][0]["trouble"]) == (1, "proof")


def test_only_the_variables_that_are_named_are_stored(project, monkeypatch):
    monkeypatch.setenv("CI_NODE", "seven")
    monkeypatch.setenv("TOKEN", "very-secret-indeed")
    python = sys.executable
    project.configure(f"""
        record_env = ["CI_NODE", "NOT_SET"]
        [[suite]]
        kind = "command"
        command = "{python} leave.py"
        env = {{ SECRET = "${{TOKEN}}" }}
    """)
    assert project.run("run") == 0
    ((run, _),) = stored(project)
    assert dict(run.environment.facts)["env.CI_NODE"] == "seven"
    kept = (project.root / ".regress").rglob("*")
    assert not [path for path in kept if path.is_file() and b"very-secret" in path.read_bytes()]


def test_targets_are_judged_on_what_was_just_measured(project, capfd):
    project.configure(f"""
        [[suite]]
        kind = "command"
        command = "{sys.executable} leave.py"
        [[budget]]
        limit = "max < 100 ms"
        [[budget]]
        limit = "mean < 1 s"
    """)
    status, said = report(project)
    assert (status, said["targets"]["counts"]) == (1, {"breached": 1, "met": 1})
    assert said["headline"].startswith("BREACHED: 1 target · 1 benchmark")
    (broken,) = [one for one in said["targets"]["results"] if one["state"] == "breached"]
    assert (broken["value"], broken["bound"]) == (pytest.approx(0.3), pytest.approx(0.1))
    assert "300 ms" in capfd.readouterr().out


def test_the_target_of_a_suite_that_was_left_out_is_not_run(project):
    project.configure(f"""
        [[suite]]
        name = "here"
        kind = "command"
        command = "{sys.executable} leave.py"
        [[suite]]
        name = "there"
        kind = "command"
        command = "{sys.executable} leave.py"
        [[budget]]
        suite = "here"
        limit = "mean < 1 s"
        [[budget]]
        suite = "there"
        limit = "mean < 1 s"
    """)
    status, said = report(project, "--suite", "here")
    assert (status, said["targets"]["counts"]) == (0, {"met": 1})
    assert said["not_run"][-1].startswith("1 target of what was not run")
    status, said = report(project)
    assert (status, said["targets"]["counts"], said["not_run"]) == (0, {"met": 2}, [])


def test_reports_in_every_format(project, tmp_path):
    project.configure(f'[[suite]]\nkind = "command"\nname = "a|b"\ncommand = "{sys.executable} leave.py"\n')
    assert project.run("run", "--reports", str(tmp_path / "out")) == 0
    names = ["run.html", "run.json", "run.md", "run.txt", "run.xml"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    text = (tmp_path / "out" / "run.md").read_text("utf-8")
    assert text.startswith("### 1 benchmark in 1 new run\n")
    assert r"a\|b" in text


def test_a_dry_run_says_the_load(project, capfd):
    project.configure('[[suite]]\nkind = "pytest-benchmark"\nrounds = 9\nwarmup = 2\nparams = { users = 5 }\n')
    assert project.run("run", "--dry-run") == 0
    assert "pytest-benchmark · pytest-benchmark · users=5 · rounds 9 · warmup 2" in capfd.readouterr().out


def test_a_dry_run_says_all_and_does_nothing(project, capfd):
    project.configure(MANY.format(python=sys.executable))
    assert project.run("run", "--dry-run", "--suite", "late", "--", "--users=5") == 0
    out = capfd.readouterr().out
    assert "1. made · command · phase first · needed by late" in out
    assert "2. late · command · phase last · after made" in out
    assert "leave.py late --users=5" in out
    assert not (project.root / ".regress").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--suite", "nope"], "there is no suite 'nope'; there are late, made"),
        (["--phase", "nope"], "there is no phase 'nope'; there are last, first"),
        (["--set", "made.rounds"], "--set 'made.rounds' is not understood"),
        (["--set", "made.nope=1"], "a suite has no key 'nope'"),
        (["--set", "made.repeat=0"], "is a whole number of at least 1"),
        (["--timeout", "soon"], "--timeout 'soon' is not a number"),
        (["--report", "pdf=x"], "text, json, markdown, junit, html"),
        (["--include", "re:("], "is not a regular expression"),
        (["A...B"], "write A..B"),
        (["HEAD..HEAD"], "holds no commit"),
    ],
)
def test_what_is_asked_wrongly(project, capfd, words, said):
    project.configure(MANY.format(python=sys.executable))
    assert project.run("run", *words) == 2
    err = capfd.readouterr().err
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('kind = "gatling"', "one of pytest-benchmark, asv, command, locust"),
        ('kind = "locust"\nusers = 5\nparams = { users = 6 }', "`users` stands in `params` too"),
        ('kind = "command"', "needs a `command`"),
        ('kind = "asv"\ncommand = "x"', "`command` is used with kind"),
        ('kind = "command"\ncommand = "x"\nrequires = ["gpu"]', "'gpu' is none of env:TOKEN"),
        ('kind = "command"\ncommand = "x"\nrequires = ["env:A!="]', "'env:A!=' is none of env:TOKEN"),
        ('kind = "asv"\nneeds = "other"', "it needs a suite 'other', which is none"),
        ('kind = "asv"\nname = "a"\nneeds = "a"', "suites need each other in a circle: a"),
        ('kind = "command"\ncommand = "x"\nenv = { A = "${NOT_SET}" }', "regress.toml:4 (env.A): the variable NOT_SET"),
        ('kind = "command"\ncommand = "x"\nserver = { ready = 1, redy = 1 }', "command: Field required"),
        ('kind = "asv"\nserver = { command = "x", ready = "soon" }', 'is "http://…", "port:8000" or a time'),
        ('kind = "asv"\nserver = { command = "x", ready = 1, redy = 1 }', "unknown key 'redy'; known here: command,"),
        ('kind = "asv"\nparams = { users = [1] }', "users is neither a text nor a number"),
        ('kind = "asv"\nworkload = { n = 1 }\nparams = { n = 1 }', "are the same"),
    ],
)  # fmt: skip
def test_what_is_configured_wrongly(project, capfd, text, said):
    project.configure(f"[[suite]]\n{text}\n")
    assert project.run("run") == 2
    err = capfd.readouterr().err
    assert said in err
    assert "regress.toml:" in err
    assert err.count("\n") == 1


def is_running(number):
    """Whether a process lives; one that nobody has buried yet does not."""
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_an_interrupt_ends_the_children_and_keeps_what_is_whole(project, tmp_path):
    note = tmp_path / "pid"
    project.configure(PYTEST + '[[suite]]\nname = "never"\nkind = "command"\ncommand = "false"\n')
    project.library.write(
        "benchmarks/test_z.py",
        "import os, subprocess, sys, time\n\ndef test_z(benchmark):\n"
        "    code = 'import time; time.sleep(60)'\n"
        "    child = subprocess.Popen([sys.executable, '-c', code], start_new_session=True)\n"
        f"    open({str(note)!r}, 'w').write(str(child.pid))\n"
        "    benchmark(time.sleep, 60)\n",
    )
    command = [sys.executable, "-m", "regress", "run", "-C", str(project.root)]
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out.partition(" · ")[0]) == (130, "INTERRUPTED"), err
    assert not is_running(int(note.read_text()))
    assert len(stored(project)[0][1].columns) == 4


def test_a_range_is_measured_and_gone_on_with(tmp_path, monkeypatch):
    quick(monkeypatch)
    project = make_project(tmp_path / "spool", 3)
    project.configure(PYTEST)
    first, *_, last = project.library.commits
    status, said = report(project, f"{first}..{last}", "--include", "*test_wind")
    assert (status, said["suites"][0]["runs"], said["span"]) == (0, 4, f"{first}..{last}")
    runs = stored(project)
    assert {run.commit for run, _ in runs} == {*project.library.commits[1:]}
    assert not [run for run, _ in runs if run.dirty]
    status, said = report(project, f"{first}..{last}", "--include", "*test_wind")
    assert (status, said["suites"][0]["runs"]) == (0, 0)
    assert said["suites"][0]["warnings"] == ["4 runs stored already"]
    status, said = report(project, first, "--include", "*test_wind")
    assert (status, said["suites"][0]["runs"]) == (0, 1)


ASV = """
from spool import wind


class Winding:
    params = [1, 2]
    repeat, number, warmup_time, rounds = 2, 1, 0, 1

    def time_wind(self, n):
        wind(1000 * n)

    def time_broken(self, n):
        raise ConnectionRefusedError(f"nobody at {n}")
"""


def test_asv_with_the_reasons_that_its_results_do_not_hold(project, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(project.root / "src"))
    monkeypatch.setenv("ASV_PYTHONPATH", str(project.root / "src"))
    project.library.write("asv.conf.json", '{"version": 1, "repo": ".", "benchmark_dir": "asv_suite"}')
    project.library.write("asv_suite/__init__.py", "")
    project.library.write("asv_suite/winding.py", ASV)
    project.configure('[[suite]]\nkind = "asv"\nwarmup = false\nargs = ["--machine=box"]\n')
    status, said = report(project, "--exclude", "*time_wind(1)")
    (suite,) = said["suites"]
    assert (status, suite["benchmarks"], suite["failed"]) == (1, 1, 2)
    assert [(one["trouble"], one["name"], one["reason"]) for one in suite["failures"]] == [
        ("connection", f"winding.Winding.time_broken({n})", f"ConnectionRefusedError: nobody at {n}") for n in (1, 2)
    ]
    ((run, whole),) = stored(project)
    assert {key.benchmark.full for key in whole.columns.keys} == {"winding.Winding.time_wind(2)"}
    assert dict(run.environment.key)["machine"] == "box"
