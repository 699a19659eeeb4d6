"""A small real library to search in: src layout, a benchmark that calls it, and a history with a planted slowdown.

The present checkout's `src` is on pytest's path (as `pythonpath` in its settings), as an editable install would have
it: whoever does not take care measures the newest commit each time.
"""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

PYPROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "spool"
version = "1.0"

[tool.pytest.ini_options]
pythonpath = ["src"]

[tool.regress]
branch = "main"
"""

CORE = '''"""Winds thread on a spool."""


def wind(turns):
    total = 0
    for turn in range(int(turns * {factor})):
        total += turn % 7
    return total
'''

BENCH = '''"""What winding costs."""

from spool import wind


def test_wind(benchmark):
    benchmark.pedantic(wind, args=({turns},), rounds={rounds}, iterations=1, warmup_rounds=1)
'''

_WHO = {"AUTHOR": "Ada", "COMMITTER": "Ada"}
_ENV = {f"GIT_{role}_NAME": name for role, name in _WHO.items()} | {
    f"GIT_{role}_EMAIL": "ada@example.org" for role in _WHO
}
_ENV |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "PATH": "/usr/bin:/bin:/usr/local/bin"}

NAME = "benchmarks/test_wind.py::test_wind"


def load_few_plugins(monkeypatch) -> None:
    """Lets the measured pytest load no more than it needs: most of its time would go into starting up."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_benchmark.plugin")


@dataclass
class Library:
    """The repository's root and its commits, oldest first."""

    root: Path
    commits: list[str] = field(default_factory=list)

    def git(self, *args: str) -> str:
        date = f"2026-01-01T10:00:{len(self.commits) % 60:02}+00:00"
        env = _ENV | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, "HOME": str(self.root)}
        done = subprocess.run(["git", *args], cwd=self.root, env=env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def commit(self, subject: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        self.commits.append(self.git("rev-parse", "HEAD"))
        return self.commits[-1]


def make_library(
    root: Path,
    count: int,
    culprit: int,
    *,
    factor: float = 3.0,
    turns: int = 20_000,
    rounds: int = 5,
    broken: Collection[int] = (),
    prose: Collection[int] = (),
) -> Library:
    """`count` commits after the first; from `culprit` on winding takes `factor` times as long.

    Commits in `broken` do not import, and those in `prose` change the README alone.
    """
    root.mkdir(parents=True)
    library = Library(root)
    library.git("init", "-q", "-b", "main")
    library.write("pyproject.toml", PYPROJECT)
    library.write("benchmarks/test_wind.py", BENCH.format(turns=turns, rounds=rounds))
    library.write(".gitignore", "__pycache__/\n*.egg-info/\n")
    library.write("src/spool/core.py", CORE.format(factor=1))
    for number in range(count + 1):
        if number == culprit:
            library.write("src/spool/core.py", CORE.format(factor=factor))
        if number in prose:
            library.write("README.md", f"Written {number} times.\n")
        else:
            fault = "import no_such_module\n" if number in broken else ""
            library.write("src/spool/__init__.py", f'"""Spools, as of {number}."""\n\n{fault}from .core import wind\n')
        library.commit(f"Step {number}" if number != culprit else "Wind with more care")
    return library
