"""Suites run for real: what they import is proven, what goes wrong is told apart, nothing outlives them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from regress.errors import UsageError
from regress.model import SuiteSpec
from regress.repo import Repository
from regress.suites import ProofError, Request, SuiteError, Trouble, library_of, suite_of
from regress.suites.process import call
from tests.work.library import NAME, load_few_plugins, make_library

PYTEST = SuiteSpec("pytest-benchmark", "pytest-benchmark")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    load_few_plugins(monkeypatch)


@pytest.fixture
def library(tmp_path):
    return make_library(tmp_path / "spool", 2, 2, rounds=1, turns=2000)


@pytest.fixture
def request_for(library, tmp_path):
    """Makes a request for a commit, by its number, with the library in a work tree."""
    repository = Repository(library.root)
    with repository.worktree(tmp_path / "tree", "HEAD") as tree:

        def make(number=0, benchmarks=(NAME,)):
            tree.checkout(library.commits[number])
            return Request(library.root, tree.root, library.commits[number], benchmarks, tmp_path / "scratch")

        yield make


def test_the_commit_is_measured_though_the_present_checkout_is_on_the_path(request_for, monkeypatch, library):
    """As an editable install has it: by PYTHONPATH, and by pytest's own settings."""
    monkeypatch.setenv("PYTHONPATH", str(library.root / "src"))
    (library.root / "benchmarks" / "conftest.py").write_text(
        f"import sys\nsys.path.insert(0, {str(library.root / 'src')!r})\nimport spool\n", encoding="utf-8"
    )
    request = request_for(0)
    measured = suite_of(PYTEST).run(PYTEST, request)
    assert [file for file, _ in measured.proof.files] == ["src/spool/__init__.py", "src/spool/core.py"]
    assert measured.results[0].stat().st_size > 0
    other = suite_of(PYTEST).run(PYTEST, request_for(1))
    assert other.proof != measured.proof


def test_what_does_not_use_the_package_proves_nothing(request_for, library):
    library.write("benchmarks/test_wind.py", "def test_wind(benchmark):\n    benchmark(sum, (1, 2))\n")
    with pytest.raises(ProofError, match="nothing shows that spool was imported"):
        suite_of(PYTEST).run(PYTEST, request_for(0))


def test_a_package_that_was_loaded_from_elsewhere_is_refused(request_for, library):
    """Before any finder is asked, a benchmark puts the installed copy in place."""
    library.write(
        "benchmarks/conftest.py",
        "import importlib.util, sys, os\n"
        f"path = {str(library.root / 'src' / 'spool' / '__init__.py')!r}\n"
        "spec = importlib.util.spec_from_file_location('spool', path)\n"
        "sys.modules['spool'] = module = importlib.util.module_from_spec(spec)\n"
        "module.__path__ = [os.path.dirname(path)]\n"
        "spec.loader.exec_module(module)\n",
    )
    with pytest.raises(ProofError, match=r"was imported from .*, not from commit|nothing shows"):
        suite_of(PYTEST).run(PYTEST, request_for(0))


def test_a_part_that_only_another_copy_has_is_not_found(request_for, library):
    """The finder of an editable install serves what the checkout has now, compiled parts above all."""
    library.write("src/spool/extra.py", "")
    there = str(library.root / "src" / "spool" / "extra.py")
    library.write(
        "benchmarks/conftest.py",
        "import importlib.util, sys\n\n\nclass Editable:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'spool.extra':\n"
        f"            return importlib.util.spec_from_file_location(name, {there!r})\n"
        "\n\nsys.meta_path.append(Editable())\n",
    )
    library.write(
        "benchmarks/test_wind.py",
        "import importlib, pytest, spool\n\ndef test_wind(benchmark):\n    benchmark(spool.wind, 9)\n"
        "    with pytest.raises(ImportError):\n        importlib.import_module('spool.extra')\n",
    )
    measured = suite_of(PYTEST).run(PYTEST, request_for(0))
    assert (measured.failed, len(measured.proof.files)) == ((), 2)


@pytest.mark.parametrize(
    ("text", "trouble", "said"),
    [
        ("import no_such_module\n", Trouble.IMPORT, "no_such_module"),
        ("from spool import unwind\ndef test_wind(benchmark):\n    pass\n", Trouble.IMPORT, "unwind"),
        ("import spool\ndef test_wind(benchmark):\n    benchmark(spool.wind, 9)\n    1 / 0\n", Trouble.FAILED, "Zero"),
        ("import spool\ndef test_other(benchmark):\n    pass\n", Trouble.IMPORT, "test_wind"),
    ],
)  # fmt: skip
def test_failures_are_told_apart(request_for, library, text, trouble, said):
    library.write("benchmarks/test_wind.py", text)
    with pytest.raises(SuiteError, match=said) as caught:
        suite_of(PYTEST).run(PYTEST, request_for(0))
    assert caught.value.trouble is trouble
    assert "log.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_takes_too_long_is_ended(request_for, library):
    library.write("benchmarks/test_wind.py", "import time\ndef test_wind(benchmark):\n    time.sleep(60)\n")
    spec = SuiteSpec("pytest-benchmark", "pytest-benchmark", timeout=1.5)
    started = time.monotonic()
    with pytest.raises(SuiteError, match="took too long"):
        suite_of(spec).run(spec, request_for(0))
    assert time.monotonic() - started < 20


def test_nothing_outlives_a_call(tmp_path):
    """A child in a group of its own, as asv makes them, is ended with its parent."""
    child = "import os, time; os.setsid(); open(r'{}', 'w').write(str(os.getpid())); time.sleep(60)"
    note = tmp_path / "pid"
    words = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child.format(note)!r}])"
    command = [sys.executable, "-c", words]
    ended = call(command, cwd=tmp_path, env=dict(os.environ), log=tmp_path / "log.txt", timeout=2.0)
    assert ended.status is None
    deadline = time.monotonic() + 10
    while psutil.pid_exists(int(note.read_text())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(int(note.read_text()))


def test_an_interrupt_ends_the_children(tmp_path):
    note = tmp_path / "pid"
    child = f"import os, time; open(r'{note}', 'w').write(str(os.getpid())); time.sleep(60)"
    program = (
        "import os, sys; from pathlib import Path; from regress.suites.process import call\n"
        f"child = [sys.executable, '-c', {child!r}]\n"
        "call(child, cwd=Path('.'), env=dict(os.environ), log=Path('log.txt'), timeout=60)\n"
    )
    root = str(Path(__file__).parent.parent.parent)
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": root}, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 20
    while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    assert not psutil.pid_exists(int(note.read_text()))


def test_asv_measures_the_commit(request_for, library):
    library.write("asv.conf.json", '{"version": 1, "repo": ".", /* a note */ "benchmark_dir": "asv_suite",}')
    library.write("asv_suite/__init__.py", "")
    library.write(
        "asv_suite/winding.py",
        "from spool import wind\n\n\nclass Winding:\n    params = [1, 2]\n    repeat, number, warmup_time = 2, 1, 0\n\n"
        "    def time_wind(self, n):\n        wind(1000 * n)\n",
    )
    spec = SuiteSpec("asv", "asv")
    request = request_for(0, ("winding.Winding.time_wind(2)",))
    measured = suite_of(spec).run(spec, request)
    assert [file for file, _ in measured.proof.files] == ["src/spool/__init__.py", "src/spool/core.py"]
    assert list(measured.results[0].glob("*/*.json"))
    assert library.git("status", "--short", "--untracked-files=no") == ""
    assert not (library.root / "results").exists()


WINDING = """
from spool import wind


class Winding:
    params = [1, 2]
    repeat, number, warmup_time = 2, 1, 0

    def time_wind(self, n):
        wind(1000 * n)

    def time_broken(self, n):
        raise ValueError("never")
"""


def test_one_of_several_that_fails_in_asv_is_null_and_the_machine_has_the_name_that_is_given(request_for, library):
    library.write("asv.conf.json", '{"version": 1, "repo": ".", "benchmark_dir": "asv_suite"}')
    library.write("asv_suite/__init__.py", "")
    library.write("asv_suite/winding.py", WINDING)
    spec = SuiteSpec("asv", "asv", args=("--machine", "box"))
    measured = suite_of(spec).run(spec, request_for(0, ()))
    (file,) = [path for path in measured.results[0].glob("box/*.json") if path.name != "machine.json"]
    results = json.loads(file.read_text("utf-8"))["results"]
    assert results["winding.Winding.time_broken"][0] is None
    assert len(results["winding.Winding.time_wind"][0]) == 2
    described = json.loads((measured.results[0] / "box" / "machine.json").read_text("utf-8"))
    assert described["machine"] == "box"
    assert described["cpu"], "a name alone would be no description"
    with pytest.raises(SuiteError, match="the benchmark failed"):
        suite_of(spec).run(spec, request_for(0, ("winding.Winding.time_broken(1)",)))


def test_a_link_out_of_the_work_tree_is_no_proof(request_for, library):
    request = request_for(0)
    package = request.library / "src" / "spool"
    shutil.rmtree(package)
    package.symlink_to(library.root / "src" / "spool")
    with pytest.raises(ProofError, match=r"was imported from .*, not from commit"):
        suite_of(PYTEST).run(PYTEST, request)


def test_what_the_tool_finds_in_its_environment(request_for, library, monkeypatch):
    """Git's own variables are of another repository; others are what the request says."""
    library.write(
        "benchmarks/test_wind.py",
        "import os\nimport spool\n\ndef test_wind(benchmark):\n    benchmark(spool.wind, 9)\n"
        "    assert 'GIT_DIR' not in os.environ\n    assert os.environ['WINDS'] == 'west'\n",
    )
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    request = replace(request_for(0), variables={"PYTEST_ADDOPTS": None, "WINDS": "west"})
    assert suite_of(PYTEST).run(PYTEST, request).failed == ()
    with pytest.raises(UsageError, match=r"unrecognized arguments: --no-such-option; see `args` of the suite"):
        suite_of(PYTEST).run(PYTEST, request_for(0))


def test_the_package_is_found_or_asked_for(tmp_path):
    make_library(tmp_path / "spool", 0, 1)
    assert library_of(PYTEST, tmp_path / "spool").packages == ("spool",)
    assert library_of(PYTEST, tmp_path / "spool").paths == ("src",)
    with pytest.raises(UsageError, match=r"no package reel in src; set `package` .*packages there: spool"):
        library_of(SuiteSpec("a", "asv", package=("reel",)), tmp_path / "spool")
    with pytest.raises(UsageError, match="no folder lib"):
        library_of(SuiteSpec("a", "asv", source="lib"), tmp_path / "spool")
    flat = tmp_path / "flat"
    (flat / "reel").mkdir(parents=True)
    assert library_of(SuiteSpec("a", "asv", package=("reel.core",)), flat).paths == ("reel", "reel.py")


def test_an_unknown_kind_names_the_known_ones():
    with pytest.raises(UsageError, match="pytest-benchmark, asv"):
        suite_of(SuiteSpec("x", "x", origin="regress.toml:3"))
