"""The line of a file on which a benchmark is defined, found without importing or running anything of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ..model import Benchmark, SuiteSpec

#: A file of more bytes is no test that a person wrote.
_MOST_BYTES = 2 * 2**20
#: Where asv's configuration says that the benchmarks are; it may hold comments, and so need not be JSON.
_BENCHMARK_DIR = re.compile(r'^\s*"benchmark_dir"\s*:\s*"([^"\\]*)"', re.MULTILINE)
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def place_of(benchmark: Benchmark, root: Path, suites: tuple[SuiteSpec, ...] = ()) -> tuple[str, int] | None:
    """The file below `root` and the line of a benchmark whose name is a pytest node, or asv's `module.Class.method`.

    Line 0 where only the file is known; None for other names, and where no such file is there.
    """
    folders = [root, *(root / suite.cwd for suite in suites if suite.name == benchmark.suite)]
    for file, names in _candidates(benchmark.name, folders):
        path = file.resolve()
        if path.is_relative_to(root.resolve()) and path.is_file():
            return path.relative_to(root.resolve()).as_posix(), _line(path, names)
    return None


def _candidates(name: str, folders: list[Path]) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The files that a benchmark may lie in, each with its names there."""
    file, *nodes = name.split("::")
    if "\\" in name or "\0" in name:
        return
    if nodes:
        yield from ((folder / file, tuple(nodes)) for folder in folders if file.endswith(".py"))
        return
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        return
    for benches in filter(None, map(_asv_folder, folders)):
        for cut in range(len(parts) - 1, 0, -1):
            module = benches.joinpath(*parts[:cut])
            yield module.with_name(f"{module.name}.py"), tuple(parts[cut:])
            yield module / "__init__.py", tuple(parts[cut:])


@lru_cache(maxsize=64)
def _asv_folder(folder: Path) -> Path | None:
    """Where asv's benchmarks are, by the configuration in this folder."""
    for name in ("asv.conf.json", "asv.conf.jsonc"):
        try:
            found = _BENCHMARK_DIR.search((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        return folder / (found[1] if found else "benchmarks")
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
