"""A small project with suites of every kind, for tests of `regress run`."""

from __future__ import annotations

import json
import os
import textwrap
from dataclasses import dataclass
from pathlib import Path

from regress.cli import run
from regress.history import History
from tests.work.library import Library, make_library

#: A configuration that runs the benchmarks below.
PYTEST = """
[[suite]]
kind = "pytest-benchmark"
args = ["benchmarks"]
"""

#: One with a suite for each thing that can become of one.
MANY = """
phases = ["first", "last"]

[[suite]]
name = "late"
kind = "command"
command = "{python} leave.py late"
phase = "last"
needs = ["made"]

[[suite]]
name = "made"
kind = "command"
command = "{python} leave.py"
phase = "first"
tags = ["nightly"]
params = {{ users = 10 }}
env = {{ USERS = "${{users}}", OUT = "${{NOWHERE:-out}}" }}
results = "out/*.json"

[[suite]]
name = "broken"
kind = "command"
command = "{python} -c 'import sys; sys.exit(3)'"
phase = "first"

[[suite]]
name = "after"
kind = "command"
command = "{python} leave.py"
phase = "last"
needs = ["broken"]

[[suite]]
name = "killed"
kind = "command"
command = "{python} -c 'import os; os.kill(os.getpid(), 11)'"

[[suite]]
name = "silent"
kind = "command"
command = "{python} -c 'print(1)'"

[[suite]]
name = "garbage"
kind = "command"
command = "{python} -c 'import os; open(os.environ[\\"REGRESS_RESULTS\\"] + \\"/a.json\\", \\"w\\").write(\\"{{\\")'"

[[suite]]
name = "known"
kind = "command"
command = "false"
expected = "failing"

[[suite]]
name = "mended"
kind = "command"
command = "{python} leave.py"
expected = "failing"

[[suite]]
name = "needy"
kind = "command"
command = "false"
requires = ["env:NO_SUCH_VARIABLE"]
env = {{ TOKEN = "${{NO_SUCH_VARIABLE}}" }}

[[suite]]
name = "named"
kind = "command"
command = "{python} leave.py"
default = false
"""

BENCHES = """
import pytest
from spool import wind

once = dict(rounds=3, iterations=1)


@pytest.mark.parametrize("n", [1, 2])
def test_n(benchmark, n):
    benchmark.pedantic(wind, args=(n,), **once)


@pytest.mark.slow
def test_slow(benchmark):
    benchmark.pedantic(wind, args=(3,), **once)
"""

#: A command that leaves results as pytest-benchmark does.
LEAVES = """
import json, os, sys
from pathlib import Path

name = sys.argv[1] if len(sys.argv) > 1 else "load"
users = os.environ.get("USERS", "")
entry = {"fullname": f"load.py::{name}", "name": name, "extra_info": {"requests": 10.0},
         "stats": {"min": 0.1, "max": 0.3, "mean": 0.2, "median": 0.2, "rounds": 3, "iterations": 1}}
document = {"machine_info": {"system": "Linux", "machine": "x86_64", "python_version": "3.11.1",
                             "python_implementation": "CPython", "cpu": {}},
            "commit_info": {"id": "unversioned"}, "benchmarks": [entry], "version": "5.3.1",
            "datetime": os.environ.get("WHEN", "2026-01-01T00:00:00+00:00")}
folder = Path(os.environ.get("OUT") or os.environ["REGRESS_RESULTS"])
folder.mkdir(exist_ok=True)
(folder / "result.json").write_text(json.dumps(document))
print("users", users)
"""


@dataclass
class Project:
    """A repository with one commit or more, and `regress` in it."""

    library: Library

    @property
    def root(self) -> Path:
        """Its folder."""
        return self.library.root

    def configure(self, text: str) -> None:
        """Writes suites into the configuration, without committing them: the file is not tracked."""
        (self.root / "regress.toml").write_text(textwrap.dedent(text), encoding="utf-8")

    def run(self, *words: str) -> int:
        """One command line of `regress` there; its status."""
        return run([words[0], "-C", str(self.root), *words[1:]])


def make_project(root: Path, commits: int = 0) -> Project:
    """Benchmarks for pytest that take little, a script that leaves results, and no suite in the configuration."""
    library = make_library(root, commits, commits + 1, rounds=2, turns=200)
    text = (root / "pyproject.toml").read_text("utf-8").replace('[tool.regress]\nbranch = "main"\n', "")
    library.write("pyproject.toml", text.replace('["src"]', '["src"]\nmarkers = ["slow"]'))
    library.write("benchmarks/test_n.py", BENCHES)
    library.write("leave.py", LEAVES)
    library.write(".gitignore", "__pycache__/\nout/\nregress.toml\n")
    library.commit("Benchmarks")
    return Project(library)


def quick(monkeypatch) -> None:
    """The measured pytest loads no more than it needs, and no history is named from outside."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_benchmark.plugin")
    monkeypatch.delenv("REGRESS_DB", raising=False)
    for name in [name for name in os.environ if name.startswith("REGRESS_")]:
        monkeypatch.delenv(name)


def stored(project):
    """The runs of the history, with their results."""
    with History.open(str(project.root / ".regress" / "history.db"), create=False) as history:
        listed = history.runs()
        return list(zip(listed, history.load([run.id for run in listed]), strict=True))


def report(project, *words):
    """The status and the JSON summary of one call."""
    file = project.root.parent / "run.json"
    file.unlink(missing_ok=True)
    status = project.run("run", "--report", f"json={file}", *words)
    return status, json.loads(file.read_text("utf-8"))
