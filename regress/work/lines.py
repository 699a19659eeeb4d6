"""The line of a file on which a benchmark is defined, found without importing or running anything of it."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

from ..model import Benchmark, SuiteSpec

#: A file of more bytes is no test that a person wrote.
_MOST_BYTES = 2 * 2**20
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def place_of(benchmark: Benchmark, root: Path, suites: tuple[SuiteSpec, ...] = ()) -> tuple[str, int] | None:
    """The file below `root` and the line of a benchmark whose name is a pytest node.

    Line 0 where only the file is known; None for other names, and where no such file is there.
    """
    file, *names = benchmark.name.split("::")
    if not names or not file.endswith(".py") or "\\" in file:
        return None
    folders = ["."] + [suite.cwd for suite in suites if suite.name == benchmark.suite]
    for folder in folders:
        path = (root / folder / file).resolve()
        if path.is_relative_to(root.resolve()) and path.is_file():
            return path.relative_to(root.resolve()).as_posix(), _line(path, tuple(names))
    return None


@lru_cache(maxsize=256)
def _tree(path: Path) -> ast.Module | None:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _line(path: Path, names: tuple[str, ...]) -> int:
    body: list[ast.stmt] = getattr(_tree(path), "body", [])
    line = 0
    for name in names:
        plain = name.partition("[")[0]
        found = [node for node in body if isinstance(node, _Definition) and node.name == plain]
        if not found:
            break
        line, body = found[-1].lineno, found[-1].body
    return line
