"""Suites in another Python: real virtual environments, made for these tests."""

import json
import platform
import sys
import venv
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from regress.errors import UsageError
from regress.history import History
from regress.model import SuiteSpec
from regress.repo import Repository
from regress.suites import Request, suite_of
from tests.work.running import make_project, quick

WINDING = """
import os
import sys

from spool import wind


class Winding:
    repeat, number, warmup_time = 1, 1, 0

    def time_wind(self):
        wind(1000)

    def track_there(self):
        return float(sys.prefix == os.environ["OTHER"])
"""
TEST = """
import os
import sys

from spool import wind


def test_there(benchmark):
    benchmark.extra_info["there"] = int(sys.prefix == os.environ["OTHER"])
    benchmark.pedantic(wind, args=(9,))
"""


def make_environment(root: Path, *packages: str) -> Path:
    """A virtual environment of this Python that holds some of the present packages with all that they need."""
    venv.EnvBuilder(symlinks=True).create(root)
    (folder,) = root.glob("lib/python*/site-packages")
    wanted, seen = list(packages), set()
    while wanted:
        package = distribution(wanted.pop())
        needs = [Requirement(text) for text in package.requires or ()]
        wanted += [one.name for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
        for name in {file.parts[0] for file in package.files or ()} - seen - {"..", "__pycache__"}:
            seen.add(name)
            (folder / name).symlink_to(package.locate_file(name))
    return root


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """With what asv's benchmarks need, and no asv."""
    return make_environment(tmp_path_factory.mktemp("other") / "env", "asv_runner", "pytest-benchmark")


@pytest.fixture
def project(tmp_path, monkeypatch, other):
    quick(monkeypatch)
    monkeypatch.setenv("OTHER", str(other))
    made = make_project(tmp_path / "spool")
    made.library.write("asv.conf.json", '{"version": 1, "repo": ".", "benchmark_dir": "asv_suite"}')
    made.library.write("asv_suite/__init__.py", "")
    made.library.write("asv_suite/winding.py", WINDING)
    made.library.write("benchmarks/test_n.py", TEST)
    made.library.commit("Where it runs")
    return made


def configure(project, kind, python):
    words = 'args = ["benchmarks/test_n.py"]\n' if kind == "pytest-benchmark" else ""
    path = f'env = {{ PYTHONPATH = "{project.root / "src"}" }}'
    project.configure(f'[[suite]]\nkind = "{kind}"\n{words}python = "{python}"\n{path}\n')


def last_run(project):
    with History.open(str(project.root / ".regress" / "history.db"), create=False) as history:
        return history.load([max(run.id for run in history.runs())])[0]


def values(run):
    return {key.metric.name: float(run.columns.stats["value"][row]) for row, key in enumerate(run.columns.keys)}


@pytest.mark.parametrize(("kind", "figure"), [("asv", "value"), ("pytest-benchmark", "there")])
def test_the_benchmarks_run_in_the_other_interpreter(project, other, kind, figure):
    configure(project, kind, other / "bin" / "python")
    assert project.run("run") == 0
    run = last_run(project)
    assert values(run)[figure] == 1
    here = f"{platform.python_implementation()} {'.'.join(platform.python_version_tuple()[:2])}"
    assert dict(run.environment.key)["python"] == here, "two interpreters must not be one series"
    assert run.warnings == ()


def test_a_path_is_one_from_the_project(project, other):
    """Whatever the folder is that the tool runs in; and the link to the real Python stays a link."""
    (project.root / ".venv").symlink_to(other)
    configure(project, "pytest-benchmark", ".venv/bin/python")
    words = (project.root / "regress.toml").read_text("utf-8").replace("benchmarks/test_n.py", "test_n.py")
    project.configure(words + 'cwd = "benchmarks"\n')
    linked = TEST.replace('os.environ["OTHER"]', repr(str(project.root / ".venv")))
    project.library.write("benchmarks/test_n.py", linked)
    assert project.run("run") == 0
    assert values(last_run(project))["there"] == 1


@pytest.mark.parametrize(
    ("kind", "name", "files"),
    [
        ("asv", "winding.Winding.track_there", ["src/spool/__init__.py", "src/spool/core.py"]),
        ("pytest-benchmark", "benchmarks/test_n.py::test_there", ["src/spool/__init__.py", "src/spool/core.py"]),
    ],
)
def test_the_package_of_a_commit_is_proven_there(project, other, tmp_path, kind, name, files):
    spec = SuiteSpec(kind, kind)
    commit = project.library.commits[0]
    with Repository(project.root).worktree(tmp_path / "tree", commit) as tree:
        request = Request(project.root, tree.root, commit, (name,), tmp_path / "scratch")
        measured = suite_of(spec).run(spec, replace(request, interpreter=str(other / "bin" / "python")))
    assert [file for file, _ in measured.proof.files] == files
    (result,) = [path for path in measured.results[0].rglob("*.json") if path.name[0] not in "bm"] or measured.results
    document = json.loads(result.read_text("utf-8"))
    if kind == "asv":
        assert document["results"][name][0] == [1.0]
        assert document["python"] == ".".join(platform.python_version_tuple()[:2])
    else:
        assert document["benchmarks"][0]["extra_info"] == {"there": 1}


@pytest.mark.parametrize("kind", ["asv", "pytest-benchmark"])
@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("no_such_python", "there is no interpreter no_such_python; correct `python` of the suite"),
        ("./nothing/python", "nothing/python; correct `python` of the suite"),
        ("true", "true is no Python that runs here"),
        ("BARE", "-m pip install "),
    ],
)
def test_an_interpreter_that_will_not_do(project, tmp_path, capfd, kind, python, said):
    if python == "BARE":
        python = str(make_environment(tmp_path / "bare") / "bin" / "python")
        said += {"asv": "asv_runner", "pytest-benchmark": "pytest-benchmark"}[kind]
    configure(project, kind, python)
    assert project.run("run") == 2
    out = capfd.readouterr().out
    assert said in out
    assert "regress.toml:" in out
    assert "Traceback" not in out


def test_asv_of_the_other_interpreter_where_there_is_none_here(project, other, monkeypatch):
    """An interpreter that has asv measures itself, where the present one has none."""
    from importlib import util

    real = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name, *rest: None if name == "asv" else real(name, *rest))
    configure(project, "asv", sys.executable)
    assert project.run("run") == 0
    run = last_run(project)
    assert values(run)["value"] == 0
    assert "python" in dict(run.environment.key)
    request = Request(project.root, project.root, "0" * 40, (), project.root / "out", as_it_is=True)
    request = replace(request, interpreter=str(other / "bin" / "python"))
    with pytest.raises(UsageError, match=r"has no module asv; install it there: .* -m pip install asv$"):
        suite_of(SuiteSpec("asv", "asv")).run(SuiteSpec("asv", "asv"), request)
