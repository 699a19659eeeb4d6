"""A small real library that only an install makes whole: its build writes the module that does the work.

What is built stands in a file outside the package, as a compiler's flags do; the work tree alone cannot be imported.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tests.work.library import BENCH, CORE, Library

PYPROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "spool"
version = "1.0"

[tool.hatch.build.targets.wheel]
packages = ["src/spool"]
artifacts = ["src/spool/_built.py"]

[tool.hatch.build.hooks.custom]

[tool.regress]
branch = "main"

[[tool.regress.suite]]
kind = "pytest-benchmark"
args = ["benchmarks"]
environment = "venv"
"""

HOOK = '''"""Makes the part of the package that works."""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Winder(BuildHookInterface):
    def initialize(self, version, build_data):
        recipe = Path(self.root, "recipe.txt").read_text()
        if "factor" in recipe:
            raise RuntimeError("the thread is torn")
        Path(self.root, "src", "spool", "_built.py").write_text(recipe)
'''

OTHER = """

def test_other(benchmark):
    benchmark.pedantic(wind, args=(9,), rounds=1)
"""

BROKEN = CORE  # a recipe that nobody filled in


def make_built(
    root: Path, count: int, culprit: int, *, factor: float = 8.0, turns: int = 5000, broken: Collection[int] = ()
) -> Library:
    """`count` commits after the first; from `culprit` on winding takes `factor` times as long.

    Commits in `broken` do not install.
    """
    root.mkdir(parents=True)
    library = Library(root)
    library.git("init", "-q", "-b", "main")
    library.write("pyproject.toml", PYPROJECT)
    library.write("hatch_build.py", HOOK)
    bench = BENCH.format(turns=turns, rounds=5)
    library.write("benchmarks/test_wind.py", bench + OTHER)
    library.write(".gitignore", "__pycache__/\n_built.py\n.regress/\n")
    library.write("src/spool/__init__.py", '"""Spools."""\n\nfrom ._built import wind\n')
    for number in range(count + 1):
        recipe = CORE.format(factor=factor if number >= culprit else 1) + f"# as of {number}\n"
        library.write("recipe.txt", BROKEN if number in broken else recipe)
        library.commit(f"Step {number}")
    return library
