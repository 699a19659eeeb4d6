"""Packages that only an install makes whole: each commit in a virtual environment of its own, for real."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regress.errors import UsageError
from regress.model import TIME, Benchmark, Commit, Key, Outcome, SuiteSpec, Tolerance
from regress.model.confirmation import Suspect
from regress.suites import ProofError, SuiteError, Trouble, library_of, venv
from regress.work import environments
from regress.work.bisect import BisectRequest, State, bisect
from regress.work.bisect.subject import find
from regress.work.confirm import Options, confirm
from regress.work.context import Workspace
from regress.work.measure import Bench, open_bench
from tests.work.built import make_built
from tests.work.library import NAME, Library, load_few_plugins

SPEC = SuiteSpec("pytest-benchmark", "pytest-benchmark", environment="venv")
SUSPECT = Suspect(Key(Benchmark("pytest-benchmark", NAME), TIME), Tolerance(0.1, 0.0))
BROKEN, CULPRIT = 2, 3


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    load_few_plugins(monkeypatch)
    for name in ("PYTHONPATH", "REGRESS_DB"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """One for all tests, so that each commit is installed once. Eight times as slow since its last commit."""
    return make_built(tmp_path_factory.mktemp("built") / "spool", 3, CULPRIT, broken=(BROKEN,))


@pytest.fixture
def workspace(library: Library, tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(library.root, database=str(tmp_path / "history.db")) as opened:
        yield opened


@pytest.fixture
def bench(workspace: Workspace, library: Library) -> Iterator[Bench]:
    assert workspace.repository is not None
    with open_bench(workspace, workspace.repository, "trial", (library.commits[0],)) as opened:
        yield opened


def whole(library: Library) -> list[Path]:
    return [path.parent for path in (library.root / ".regress" / "envs").glob("*/installed.json")]


def test_each_commit_is_measured_as_it_was_installed(bench: Bench, library: Library) -> None:
    imported = [bench.measure(SPEC, Commit(library.commits[number]), (NAME,)).imported for number in (0, CULPRIT, 0)]
    folder = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/spool"
    assert [path for path, _ in imported[0]] == [f"{folder}/__init__.py", f"{folder}/_built.py"]
    assert imported[0] == imported[2] != imported[1]
    assert len({len(str(place)) for place in whole(library)}) == 1
    assert not [path for place in whole(library) for path in place.glob("tree*")]
    assert bench.log.read_text("utf-8").count("$ python -m pip install") == 2, "installed once, and kept"
    assert library.git("status", "--short") == ""


def test_the_slow_commit_is_found_and_the_one_that_does_not_install_is_left_out(
    workspace: Workspace, library: Library
) -> None:
    """What slowed it is outside the package's folder: a build may read anything."""
    found = bisect(workspace, BisectRequest(NAME, library.commits[0], library.commits[-1], max_runs=40))
    assert found.state is State.FOUND or {commit.hash for commit in found.culprits} == {*library.commits[BROKEN:]}
    assert library.commits[CULPRIT] in {commit.hash for commit in found.culprits}
    assert library.commits[1] not in {commit.hash for commit in found.culprits}
    assert found.change > 1
    assert [reason for reason in found.troubles.values() if "does not install: RuntimeError: the thread" in reason]
    subject = find(workspace, NAME, None)
    runs = workspace.history.runs()
    for changes, known in (({}, True), ({"environment": "path"}, False), ({"install": ("make",)}, False)):
        other = replace(subject, spec=replace(subject.spec, **changes))
        assert {other.is_present(run) for run in runs} == {known}, "what fails in one way may work in another"


def test_both_sides_are_confirmed(workspace: Workspace, library: Library) -> None:
    first, _, broken, slow = library.commits
    (found,) = confirm(workspace, [SUSPECT], first, slow, Options(pairs=3))
    assert (found.outcome, found.pairs) == (Outcome.REGRESSED, 3)
    assert 2 < found.change < 20
    second = replace(SUSPECT, key=Key(Benchmark("pytest-benchmark", "benchmarks/test_wind.py::test_other"), TIME))
    steps: list[str] = []
    failed = confirm(
        workspace, [SUSPECT, second], first, broken, Options(pairs=3), lambda step: steps.append(step.side)
    )
    assert [each.outcome for each in failed] == [Outcome.FAILED, Outcome.FAILED]
    assert "on the head, not on the base: does not install: RuntimeError: the thread is torn" in failed[0].reason
    assert steps == ["base", "base"], "no reason to look for the benchmark that is at fault"


def test_what_the_path_alone_cannot_import_says_what_to_do(bench: Bench, library: Library) -> None:
    with pytest.raises(SuiteError, match=r"_built.* as pyproject.toml shows: set environment = \"venv\"") as caught:
        bench.measure(replace(SPEC, environment="path"), Commit(library.commits[0]), (NAME,))
    assert caught.value.trouble is Trouble.IMPORT


def test_an_editable_install_is_measured_in_the_tree_that_it_was_built_in(bench: Bench, library: Library) -> None:
    site = f"$VIRTUAL_ENV/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    words = f"python -m hatchling build --hooks-only -t wheel && echo $PWD/src > {site}/spool.pth"
    spec = replace(SPEC, install=("sh", "-c", words))
    for _ in range(2):
        measured = bench.measure(spec, Commit(library.commits[0]), (NAME,))
        assert [path for path, _ in measured.imported] == ["tree/src/spool/__init__.py", "tree/src/spool/_built.py"]
    assert bench.log.read_text("utf-8").count("$ sh -c") == 1
    assert library.git("worktree", "list").count("\n") == 1, "the project's and the bench's: git knows of no third"


def test_asv_measures_what_was_installed(bench: Bench, library: Library) -> None:
    library.write("asv.conf.json", '{"version": 1, "repo": ".", "benchmark_dir": "asv_suite"}')
    library.write("asv_suite/__init__.py", "")
    library.write(
        "asv_suite/winding.py",
        "from spool import wind\n\nclass Winding:\n    repeat, number, warmup_time = 2, 1, 0\n\n"
        "    def time_wind(self):\n        wind(1000)\n",
    )
    spec = SuiteSpec("asv", "asv", environment="venv")
    name = "winding.Winding.time_wind"
    try:
        old, new = (bench.measure(spec, Commit(library.commits[number]), (name,)) for number in (0, CULPRIT))
    finally:
        shutil.rmtree(library.root / "asv_suite")
        (library.root / "asv.conf.json").unlink()
    assert [Path(path).name for path, _ in old.imported] == ["__init__.py", "_built.py"]
    assert all("site-packages" in path for path, _ in old.imported)
    assert old.imported != new.imported
    assert old.runs[0].environment == new.runs[0].environment, "a search compares them"


def test_a_benchmark_that_writes_into_what_is_installed_proves_nothing(bench: Bench, library: Library) -> None:
    library.write(
        "benchmarks/test_wind.py",
        "import spool\nfrom pathlib import Path\n\ndef test_wind(benchmark):\n    benchmark(spool.wind, 9)\n"
        "    Path(spool.__file__).with_name('left.txt').write_text('')\n",
    )
    try:
        with pytest.raises(ProofError, match=r"the environment of .* was changed while it was measured"):
            bench.measure(SPEC, Commit(library.commits[0]), (NAME,))
    finally:
        library.git("checkout", "-q", "--", "benchmarks")
    measured = bench.measure(SPEC, Commit(library.commits[0]), (NAME,))
    assert measured.runs, "made anew, as it was"
    assert not [path for place in whole(library) for path in place.rglob("left.txt")]


@pytest.mark.parametrize(
    ("install", "error", "said"),
    [
        (("no-such-program-here",), UsageError, "cannot run no-such-program-here: No such file"),
        (("true",), SuiteError, "does not install: `true` brings no package spool"),
        (("sh", "-c", "echo; echo 'pip: error: no wind'; exit 3"), SuiteError, "does not install: pip: error: no wind"),
    ],
)
def test_what_does_not_install_says_why(
    bench: Bench, library: Library, install: tuple[str, ...], error: type[Exception], said: str
) -> None:
    before = sorted(path.name for path in (library.root / ".regress" / "envs").glob("*/"))
    with pytest.raises(error) as caught:
        bench.measure(replace(SPEC, install=install), Commit(library.commits[0]), (NAME,))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in (library.root / ".regress" / "envs").glob("*/")) == before
    assert library.git("worktree", "list").count("\n") == 1


def test_an_interrupted_install_leaves_nothing_and_is_made_again(bench: Bench, library: Library) -> None:
    envs = library.root / ".regress" / "envs"
    before = sorted(path.name for path in envs.glob("*/"))
    with pytest.raises(KeyboardInterrupt):
        bench.measure(replace(SPEC, install=("sh", "-c", "kill -INT $PPID; sleep 9")), Commit(library.commits[0]))
    assert sorted(path.name for path in envs.glob("*/")) == before
    assert library.git("worktree", "list").count("\n") == 1
    # A killed one leaves its half, and its work tree in git's books; the next one makes it whole.
    spec = replace(SPEC, install=(*venv.INSTALL, "--quiet"))
    place = envs / bench.environments._name(spec, library_of(spec, library.root), Commit(library.commits[0]))
    library.git("worktree", "add", "-q", "--detach", str(place / "tree"), "HEAD")
    assert bench.measure(spec, Commit(library.commits[0]), (NAME,)).runs
    assert library.git("worktree", "list").count("\n") == 1


def test_python_and_pip_are_those_of_the_new_environment(tmp_path: Path, bench: Bench, library: Library) -> None:
    """Also where a script calls them; and the tools of the present environment are seen from there."""
    words = f"which python pip > {tmp_path}/seen; python -c 'import pytest, pytest_benchmark' && pip --version && false"
    with pytest.raises(SuiteError):
        bench.measure(replace(SPEC, install=("sh", "-c", words)), Commit(library.commits[0]), (NAME,))
    for line in (tmp_path / "seen").read_text("utf-8").splitlines():
        assert "/.regress/envs/" in line
    assert "(python 3." in bench.log.read_text("utf-8").splitlines()[-1], "pip answered"


def test_the_oldest_are_removed_and_none_in_use(
    monkeypatch: pytest.MonkeyPatch, bench: Bench, library: Library, tmp_path: Path
) -> None:
    """With installs that do next to nothing: what stays is decided by use."""
    monkeypatch.setattr(environments, "KEPT", 2)
    assert bench.workspace.repository is not None
    own = environments.Environments(bench.workspace.repository, tmp_path / "envs")
    clock = itertools.count(1_000_000_000)
    used: dict[str, Path] = {}

    def use(name: str) -> Path:
        text = f"mkdir -p $VIRTUAL_ENV/lib/python3.{sys.version_info[1]}/site-packages/spool # {name}"
        spec = replace(SPEC, install=("sh", "-c", text))
        commit = Commit(library.commits[0])
        with own.installed(spec, library_of(spec, library.root), commit, tmp_path / "log.txt") as installed:
            used[name] = installed.root
        moment = next(clock)
        os.utime(installed.root / "installed.json", (moment, moment))
        return installed.root

    held = use("held")
    with environments._lock(held, environments.fcntl.LOCK_SH):
        for name in ("a", "b", "a", "c"):
            use(name)
        assert [used[name].is_dir() for name in ("held", "a", "b", "c")] == [True, True, False, True]
    half = tmp_path / "envs" / "half-made"
    half.mkdir()
    use("d")
    assert {path for path in (tmp_path / "envs").iterdir() if path.is_dir()} == {used["d"], used["c"]}
    assert len(list((tmp_path / "envs").glob("*.lock"))) == 2
    assert json.loads((used["d"] / "installed.json").read_text("utf-8"))["folders"]


def test_nothing_leads_an_install_out_of_its_environment() -> None:
    found = venv.variables(Path("/envs/x"), {"PIP_TARGET": "/t", "PYTHONPATH": "/p", "PATH": "/bin", "CFLAGS": "-O2"})
    assert found["PATH"] == "/envs/x/bin:/bin"
    assert (found["VIRTUAL_ENV"], found["CFLAGS"], found["PIP_USER"]) == ("/envs/x", "-O2", "0")
    assert not {"PIP_TARGET", "PYTHONPATH"} & found.keys()
