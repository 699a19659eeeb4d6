"""Runs pytest with pytest-benchmark, for all or some of its benchmarks.

Where benchmarks are asked for, then by their ids, so paths in the suite's arguments are left out (a broken benchmark
elsewhere must not stop this one), and options stay. What the tool would save by itself goes to the scratch folder.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
from collections.abc import Collection
from pathlib import Path

from ..errors import RegressError, UsageError
from ..model import SuiteSpec
from . import proof
from .built import with_advice
from .process import Ended, call
from .request import Measured, Request, SuiteError, Trouble

#: Options of pytest whose value is the next word, and may be a path that exists.
_VALUED = {
    "-c", "--config-file", "--rootdir", "--confcutdir", "-k", "-m", "-p", "-o", "--override-ini", "--basetemp",
    "--ignore", "--ignore-glob", "--deselect", "-W", "--import-mode", "--benchmark-storage", "--benchmark-json",
}  # fmt: skip
_TESTS_FAILED = 1
_WRONG_USAGE = 4
#: A line of the summary: "id - reason", the id relative to the folder that pytest ran in; it may itself hold " - ".
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S.*::.*)$", re.MULTILINE)
_ID_AND_REASON = re.compile(r"(.+?::[^\[]*?(?:\[.*?\])?)(?: - (.*))?$")
_BROKEN = re.compile(r"^ERROR (?!.*::)\S+\.py\b", re.MULTILINE)
_WRONG_OPTION = re.compile(r"^.+?: error: (.+)$", re.MULTILINE)
#: The summary cuts reasons at the width of the terminal.
_COLUMNS = "200"
_IMPORT_WORDS = ("ImportError", "ModuleNotFoundError", "SyntaxError", "AttributeError: module")


class PytestSuite:
    """pytest-benchmark, by pytest in a process of its own."""

    name = "pytest-benchmark"

    def run(self, spec: SuiteSpec, request: Request) -> Measured:
        """Runs the benchmarks, given by full names ("tests/test_x.py::test_y[10]"), once."""
        _require(spec)
        library = proof.library_of(spec, request.project)
        environment = proof.environment(library, request) | {"COLUMNS": _COLUMNS}
        results = request.scratch / "pytest.json"
        results.unlink(missing_ok=True)
        cwd = request.project / spec.cwd
        command = [
            request.python, "-m", "pytest", *(_options(spec, cwd) if request.benchmarks else spec.args),
            *(self._id(spec, request.project, name) for name in request.benchmarks),
            "-q", "-rfE", "--color=no", "-p", "no:cacheprovider", "--continue-on-collection-errors",
            "--benchmark-enable", f"--benchmark-json={results}",
            f"--benchmark-storage=file://{request.scratch / 'storage'}",
        ]  # fmt: skip
        ended = call(command, cwd=cwd, env=environment, log=request.log, timeout=spec.timeout)
        failed = self._failed(spec, request, ended, results)
        # Of a whole suite, a file that does not import takes its own benchmarks with it and no others.
        told = failed or (not request.benchmarks and _BROKEN.search(ended.text))
        if ended.status not in (0, _TESTS_FAILED) or (ended.status and not told) or not _timed(results):
            raise _failure(spec, ended, request, library)
        return Measured((results,), request.log, proof.check(library, request), ended.seconds, failed)

    def source(self, spec: SuiteSpec, project: Path, benchmark: str) -> Path | None:
        """The file of a benchmark: its name begins with it, relative to pytest's root."""
        file = benchmark.partition("::")[0]
        folders = [project, project / spec.cwd]
        folders += [project / spec.cwd / word for word in spec.args if not word.startswith("-")]
        return next((folder / file for folder in folders if file and (folder / file).is_file()), None)

    def _failed(self, spec: SuiteSpec, request: Request, ended: Ended, results: Path) -> tuple[tuple[str, str], ...]:
        """The benchmarks that failed with the reason of each; none of them is in the results afterwards."""
        lines = dict.fromkeys(_FAILED.findall(ended.text))
        names = [str(entry.get("fullname")) for entry in _timed(results)]
        failed: dict[str, str] = {}
        for name in dict.fromkeys((*request.benchmarks, *names)):
            shown = self._shown(spec, request.project, name)
            line = next((line for line in lines if line == shown or line.startswith(f"{shown} - ")), None)
            if line is not None:
                failed[name] = line.removeprefix(shown).removeprefix(" - ")
                del lines[line]
        if failed and names:
            _without(results, failed)
        # Those that failed before they were timed are known from the summary alone.
        failed |= {found[1]: found[2] or "" for line in lines if (found := _ID_AND_REASON.match(line))}
        return tuple((name, reason or "it failed") for name, reason in failed.items())

    def _shown(self, spec: SuiteSpec, project: Path, benchmark: str) -> str:
        """A benchmark's id as the summary shows it: relative to the folder that pytest ran in."""
        path = self.source(spec, project, benchmark)
        if path is None:
            return benchmark
        return f"{Path(os.path.relpath(path, project / spec.cwd)).as_posix()}::{benchmark.partition('::')[2]}"

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


def _timed(results: Path) -> list[dict[str, object]]:
    """The benchmarks in the tool's results; none where it wrote no results."""
    try:
        document = json.loads(results.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    benchmarks = document.get("benchmarks") if isinstance(document, dict) else None
    return [entry for entry in benchmarks if isinstance(entry, dict)] if isinstance(benchmarks, list) else []


def _without(results: Path, names: Collection[str]) -> None:
    """Takes benchmarks out of the results: one that fails after it was timed leaves an entry that looks whole."""
    document = json.loads(results.read_text(encoding="utf-8"))
    document["benchmarks"] = [entry for entry in _timed(results) if entry.get("fullname") not in names]
    results.write_text(json.dumps(document), encoding="utf-8")


def _failure(spec: SuiteSpec, ended: Ended, request: Request, library: proof.Library) -> RegressError:
    """Why there is no usable result."""
    if ended.status is None:
        return SuiteError(Trouble.TIMEOUT, f"more than {spec.timeout:g} s", log=request.log)
    if ended.status == _WRONG_USAGE and (found := _WRONG_OPTION.search(ended.text)):
        # No fault of the commit: it would be the same at each.
        hint = "see `args` of the suite, addopts of pytest's settings and PYTEST_ADDOPTS"
        return UsageError(f"pytest says: {found[1]}", where=spec.origin, hint=hint)
    lines = [line.removeprefix("E ").strip() for line in ended.text.splitlines() if line.startswith("E ")]
    said = lines[-1] if lines else ended.last_line
    imports = ended.status != _TESTS_FAILED or any(word in line for line in lines for word in _IMPORT_WORDS)
    trouble = Trouble.IMPORT if imports else Trouble.FAILED
    return SuiteError(trouble, with_advice(said, library, request), log=request.log)
