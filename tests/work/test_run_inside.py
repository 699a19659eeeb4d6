"""`pytest --regress` and `--regress-check`: a session that is stored and judged, in a real repository."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from regress.history import History
from regress.model import PART
from tests.work.running import make_project

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def project(tmp_path):
    made = make_project(tmp_path / "spool")
    made.configure('[[suite]]\nkind = "pytest-benchmark"\nname = "quick"\n')
    return made


def run_pytest(project, *words, plugins="pytest_benchmark.plugin,regress.pytest_plugin", **env):
    variables = {name: text for name, text in os.environ.items() if not name.startswith(("REGRESS_", "PYTEST_"))}
    variables |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": plugins, "PYTHONPATH": str(ROOT), **env}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=project.root, env=variables, capture_output=True, text=True, timeout=120)


def stored(project):
    path = project.root / ".regress" / "history.db"
    if not path.exists():
        return []
    with History.open(str(path), create=False) as history:
        listed = history.runs()
        return list(zip(listed, history.load([run.id for run in listed]), strict=True))


def test_what_a_session_measured_is_stored_without_what_failed(project):
    project.library.write(
        "benchmarks/test_bad.py", "def test_bad(benchmark):\n    benchmark.pedantic(sum, args=([1],))\n    assert 0\n"
    )
    done = run_pytest(project, "benchmarks", "--regress")
    assert done.returncode == 1, done.stdout
    assert f"4 figures of {project.library.commits[-1][:10]} Benchmarks stored as 1 run" in done.stdout
    ((run, whole),) = stored(project)
    assert (run.suites, run.commit, run.tags) == (("quick",), project.library.commits[-1], ())
    assert [(gap.key.benchmark.name, gap.reason) for gap in whole.gaps] == [
        ("benchmarks/test_bad.py::test_bad", "assert 0")
    ]


def test_the_gate_ends_the_session(project):
    assert run_pytest(project, "benchmarks/test_wind.py", "--regress-check").returncode == 0
    project.configure('[[suite]]\nkind = "pytest-benchmark"\nname = "quick"\n\n[[budget]]\nlimit = "max < 1 ns"\n')
    done = run_pytest(project, "benchmarks/test_wind.py", "--regress-check", "-k", "wind")
    assert done.returncode == 1
    assert "RED: 1 breached" in done.stdout, done.stdout
    assert done.stdout.rstrip().splitlines()[-1].startswith("1 passed")


def test_a_session_of_some_tests_is_a_part(project):
    assert run_pytest(project, "benchmarks", "--regress", "-k", "slow").returncode == 0
    assert run_pytest(project, "benchmarks/test_n.py::test_slow", "--regress").returncode == 0
    assert [run.tags for run, _ in stored(project)] == [(PART,), (PART,)]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--benchmark-disable",), 2, "timed no test that passed"),
        (("--regress-suite=other",), 2, "no suite of the kind pytest-benchmark is called 'other'; there are quick"),
        (("--collect-only",), 0, ""),
    ],
)
def test_a_session_that_stores_nothing(project, words, status, said):
    done = run_pytest(project, "benchmarks/test_n.py", "--regress", *words)
    assert (done.returncode, said in done.stdout) == (status, True), done.stdout + done.stderr
    assert stored(project) == []


def test_without_the_options_nothing_happens(project):
    assert run_pytest(project, "benchmarks/test_wind.py").returncode == 0
    assert stored(project) == []


def test_without_pytest_benchmark_it_says_so(project):
    done = run_pytest(project, "leave.py", "--regress", plugins="regress.pytest_plugin")
    assert done.returncode == 4
    assert "pip install 'regress[pytest]'" in done.stderr


SIDE_BY_SIDE = '''
def pytest_addoption(parser):
    """The one option of pytest-xdist that others look at."""
    parser.addoption("--dist", default="no")
'''


def test_side_by_side_nothing_is_measured(project):
    """Whoever looks for xdist looks at `dist`: pytest-benchmark, too."""
    project.library.write("side.py", SIDE_BY_SIDE)
    plugins = "pytest_benchmark.plugin,regress.pytest_plugin,side"
    path = os.pathsep.join([str(ROOT), str(project.root)])
    done = run_pytest(project, "benchmarks", "--regress", "--dist=load", plugins=plugins, PYTHONPATH=path)
    assert done.returncode == 3
    assert "pytest-benchmark is off then: nothing is measured" in done.stdout + done.stderr


def test_a_process_that_is_measured_stores_nothing_by_itself(project, monkeypatch):
    """The settings of a project may hold --regress: `regress run` stores what it measures, once."""
    text = (project.root / "pyproject.toml").read_text("utf-8")
    project.library.write(
        "pyproject.toml", text.replace("[tool.pytest.ini_options]", '[tool.pytest.ini_options]\naddopts = "--regress"')
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_benchmark.plugin,regress.pytest_plugin")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("REGRESS_DB", raising=False)
    assert project.run("run", "--include", "*test_wind") == 0
    assert len(stored(project)) == 1


def test_an_option_that_another_plugin_has_does_not_stop_the_session(project):
    project.library.write(
        "side.py", 'def pytest_addoption(parser):\n    parser.addoption("--regress-db", default="x")\n'
    )
    path = os.pathsep.join([str(ROOT), str(project.root)])
    for order in ("side,regress.pytest_plugin", "regress.pytest_plugin"):
        done = run_pytest(project, "benchmarks", "--co", plugins=f"pytest_benchmark.plugin,{order}", PYTHONPATH=path)
        assert done.returncode == 0, json.dumps([done.stdout, done.stderr])
