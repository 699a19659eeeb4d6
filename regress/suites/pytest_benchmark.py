"""Runs pytest with pytest-benchmark, for some of its benchmarks.

The benchmarks are asked for by their ids, so paths in the suite's arguments are left out (a broken benchmark elsewhere
must not stop this one), and options stay. What the tool would save by itself goes to the scratch folder.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from ..errors import UsageError
from ..model import SuiteSpec
from . import proof
from .process import Ended, call
from .request import Measured, Request, SuiteError, Trouble

#: Options of pytest whose value is the next word, and may be a path that exists.
_VALUED = {
    "-c", "--config-file", "--rootdir", "--confcutdir", "-k", "-m", "-p", "-o", "--override-ini", "--basetemp",
    "--ignore", "--ignore-glob", "--deselect", "-W", "--import-mode", "--benchmark-storage", "--benchmark-json",
}  # fmt: skip
_TESTS_FAILED = 1
_IMPORT_WORDS = ("ImportError", "ModuleNotFoundError", "SyntaxError", "AttributeError: module")


class PytestSuite:
    """pytest-benchmark, by pytest in a process of its own."""

    name = "pytest-benchmark"

    def run(self, spec: SuiteSpec, request: Request) -> Measured:
        """Runs the benchmarks, given by full names ("tests/test_x.py::test_y[10]"), once."""
        _require(spec)
        library = proof.library_of(spec, request.project)
        environment = proof.environment(library, request)
        results = request.scratch / "pytest.json"
        results.unlink(missing_ok=True)
        command = [
            sys.executable, "-m", "pytest", *_options(spec, request.project / spec.cwd),
            *(self._id(spec, request.project, name) for name in request.benchmarks),
            "-q", "-p", "no:cacheprovider", "--benchmark-enable", f"--benchmark-json={results}",
            f"--benchmark-storage=file://{request.scratch / 'storage'}",
        ]  # fmt: skip
        cwd = request.project / spec.cwd
        ended = call(command, cwd=cwd, env=environment, log=request.log, timeout=spec.timeout)
        if failure := _failure(spec, ended, results, request):
            raise failure
        return Measured((results,), request.log, proof.check(library, request), ended.seconds)

    def source(self, spec: SuiteSpec, project: Path, benchmark: str) -> Path | None:
        """The file of a benchmark: its name begins with it, relative to pytest's root."""
        file = benchmark.partition("::")[0]
        folders = [project, project / spec.cwd]
        folders += [project / spec.cwd / word for word in spec.args if not word.startswith("-")]
        return next((folder / file for folder in folders if file and (folder / file).is_file()), None)

    def _id(self, spec: SuiteSpec, project: Path, benchmark: str) -> str:
        file, separator, rest = benchmark.partition("::")
        path = self.source(spec, project, benchmark)
        if path is None or not separator:
            hint = "write it as `regress show COMMIT` does, path/of/test_file.py::test_name, and set `cwd` of the suite"
            raise UsageError(f"the present checkout has no benchmark {benchmark}", where=file, hint=hint)
        return f"{path}::{rest}"


def _require(spec: SuiteSpec) -> None:
    if importlib.util.find_spec("pytest_benchmark") is None:
        hint = "install it beside this program: pip install 'regress[pytest]'"
        raise UsageError("pytest-benchmark cannot be imported", where=spec.origin, hint=hint)


def _options(spec: SuiteSpec, cwd: Path) -> list[str]:
    """The suite's arguments without the paths of tests."""
    kept: list[str] = []
    for word in spec.args:
        is_value = bool(kept) and kept[-1] in _VALUED
        if word.startswith("-") or is_value or not (cwd / word.partition("::")[0]).exists():
            kept.append(word)
    return kept


def _failure(spec: SuiteSpec, ended: Ended, results: Path, request: Request) -> SuiteError | None:
    """Why there is no usable result; None where there is one.

    A benchmark that fails after it was timed leaves a JSON file that looks whole: the status counts as well.
    """
    if ended.status is None:
        return SuiteError(Trouble.TIMEOUT, f"more than {spec.timeout:g} s", log=request.log)
    if ended.status == 0 and results.is_file() and results.stat().st_size:
        return None
    lines = [line.removeprefix("E ").strip() for line in ended.text.splitlines() if line.startswith("E ")]
    said = lines[-1] if lines else ended.last_line
    imports = ended.status != _TESTS_FAILED or any(word in line for line in lines for word in _IMPORT_WORDS)
    return SuiteError(Trouble.IMPORT if imports else Trouble.FAILED, said, log=request.log)
