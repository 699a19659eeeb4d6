"""A small project with suites of every kind, for tests of `regress run`."""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass
from pathlib import Path

from regress.cli import run
from tests.work.library import Library, make_library

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
