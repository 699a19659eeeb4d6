"""Runs pytest with pytest-benchmark, for all or some of its benchmarks.

Where benchmarks are asked for, then by their ids, so paths in the suite's arguments are left out (a broken benchmark
elsewhere must not stop this one), and options stay. What the tool would save by itself goes to the scratch folder.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import RegressError, UsageError
from ..model import SuiteSpec
from . import interpreter, outcomes, proof
from .built import with_advice
from .outcomes import Outcomes
from .process import Ended, Manner, call
from .request import Measured, Proof, Request, SuiteError, Trouble
from .troubles import signal_of, trouble_of

#: Options of pytest whose value is the next word, and may be a path that exists.
_VALUED = {
    "-c", "--config-file", "--rootdir", "--confcutdir", "-k", "-m", "-p", "-o", "--override-ini", "--basetemp",
    "--ignore", "--ignore-glob", "--deselect", "-W", "--import-mode", "--benchmark-storage", "--benchmark-json",
}  # fmt: skip
#: What makes pytest load `inject/plugin/regress_memory.py`, which lies beside that of the outcomes.
_MEMORY = ("-p", "regress_memory")
_TESTS_FAILED = 1
_WRONG_USAGE = 4
_NONE_COLLECTED = 5
_WRONG_OPTION = re.compile(r"^.+?: error: (.+)$", re.MULTILINE)
_IMPORT_WORDS = ("ImportError", "ModuleNotFoundError", "SyntaxError", "AttributeError: module")
_SIDE_BY_SIDE = "pytest-xdist runs the tests side by side, and pytest-benchmark is off then; add -n0 to `args`"


@dataclass(frozen=True, slots=True)
class _Done:
    """A call of pytest that is over: what was asked of it, how it ended, what became of the tests."""

    spec: SuiteSpec
    request: Request
    library: proof.Library | None
    ended: Ended
    told: Outcomes
    results: Path


class PytestSuite:
    """pytest-benchmark, by pytest in a process of its own."""

    name = "pytest-benchmark"

    def run(self, spec: SuiteSpec, request: Request) -> Measured:
        """Runs the benchmarks, given by full names ("tests/test_x.py::test_y[10]"), once."""
        if request.interpreter and not request.installed:
            interpreter.look_at(spec, request, "pytest_benchmark", "pytest-benchmark")
        else:
            _require(spec)
        library = proof.subject(spec, request)
        environment = proof.environment(library, request)
        environment |= outcomes.variables(request, environment)
        results = request.scratch / "pytest.json"
        results.unlink(missing_ok=True)
        cwd = request.project / spec.cwd
        command = [
            request.python, "-m", "pytest", *(_options(spec, cwd) if request.benchmarks else spec.args),
            *(self._id(spec, request.project, name) for name in request.benchmarks),
            "-q", "-rfE", "--color=no", "-p", "no:cacheprovider", "--continue-on-collection-errors",
            *outcomes.WORDS, *(_MEMORY if spec.memory else ()), *_amounts(spec), "--benchmark-enable",
            f"--benchmark-json={results}", f"--benchmark-storage=file://{request.scratch / 'storage'}",
        ]  # fmt: skip
        manner = Manner(gently=request.as_it_is, started=request.started)
        ended = call(command, cwd=cwd, env=environment, log=request.log, timeout=spec.timeout, manner=manner)
        return _measured(_Done(spec, request, library, ended, outcomes.read(request), results))

    def kept(self, request: Request) -> Measured | None:
        """What an interrupted call had measured: the whole ones of its results; None where it wrote none."""
        results = request.scratch / "pytest.json"
        told = outcomes.read(request)
        _without(results, {name for name in _names(results) if name not in told.passed})
        return _as_told(results, request, told, 0.0) if _names(results) else None

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


def _amounts(spec: SuiteSpec) -> list[str]:
    """How often each benchmark is called, as the suite says it, in the tool's own options."""
    words = [f"--benchmark-min-rounds={spec.rounds}"] if spec.rounds else []
    if spec.warmup is not None:
        words.append(f"--benchmark-warmup={'on' if spec.warmup else 'off'}")
        words += [f"--benchmark-warmup-iterations={spec.warmup}"] if spec.warmup > 1 else []
    return words


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


def _measured(done: _Done) -> Measured:
    """What was measured, without what failed after it was timed. Raises what stands in the way of a measurement."""
    told, ended, request = done.told, done.ended, done.request
    # One that is interrupted in its rounds, or fails after them, leaves an entry that looks whole.
    _without(done.results, {name for name in _names(done.results) if name not in told.passed})
    measured = _as_told(done.results, request, told, ended.seconds)
    # Of a whole suite, a file that does not import takes its own benchmarks with it and no others.
    is_told = told.failed or (not request.benchmarks and (told.broken or (told.others and request.as_it_is)))
    whole = ended.status == 0 or (ended.status == _TESTS_FAILED and is_told)
    if not whole or not _names(done.results):
        raise _failure(done, _partial(done, measured))
    return replace(measured, proof=proof.check(done.library, request))


def _partial(done: _Done, measured: Measured) -> Measured | None:
    """What there is of a measurement that is not whole: its figures, or at least what failed; None without either."""
    if _names(done.results):
        return measured
    return replace(measured, results=()) if measured.failed or measured.broken else None


def _as_told(results: Path, request: Request, told: Outcomes, seconds: float) -> Measured:
    """What was measured, not proven yet."""
    return Measured(
        (results,), request.log, Proof(()), seconds, failed=tuple(told.failed.items()),
        broken=(*told.broken.items(), *told.others.items()), durations=tuple(told.seconds.items()),
    )  # fmt: skip


def _timed(results: Path) -> list[dict[str, object]]:
    """The benchmarks in the tool's results; none where it wrote no results."""
    try:
        document = json.loads(results.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    benchmarks = document.get("benchmarks") if isinstance(document, dict) else None
    return [entry for entry in benchmarks if isinstance(entry, dict)] if isinstance(benchmarks, list) else []


def _names(results: Path) -> list[str]:
    return [str(entry.get("fullname")) for entry in _timed(results)]


def _without(results: Path, names: Collection[str]) -> None:
    """Takes benchmarks out of the results."""
    if not names:
        return
    document = json.loads(results.read_text(encoding="utf-8"))
    document["benchmarks"] = [entry for entry in _timed(results) if entry.get("fullname") not in names]
    results.write_text(json.dumps(document), encoding="utf-8")


def _failure(done: _Done, partial: Measured | None) -> RegressError:
    """Why there is no usable result, or not a whole one."""
    ended, request, told = done.ended, done.request, done.told
    if ended.status is None:
        what = f"more than {done.spec.timeout:g} s"
        return SuiteError(Trouble.TIMEOUT, what, log=request.log, partial=partial)
    if died := signal_of(ended.status):
        return SuiteError(Trouble.CRASH, f"pytest died of {died}", log=request.log, partial=partial)
    if ended.status == _WRONG_USAGE and (found := _WRONG_OPTION.search(ended.text)):
        # No fault of the commit: it would be the same at each.
        hint = "see `args` of the suite, addopts of pytest's settings and PYTEST_ADDOPTS"
        return UsageError(f"pytest says: {found[1]}", where=done.spec.origin, hint=hint)
    if told.xdist:
        return SuiteError(Trouble.MISSING, _SIDE_BY_SIDE, log=request.log)
    lines = [line.removeprefix("E ").strip() for line in ended.text.splitlines() if line.startswith("E ")]
    if ended.status == 0 or (ended.status == _NONE_COLLECTED and not lines and request.as_it_is):
        return SuiteError(Trouble.MISSING, f"no test was timed; {ended.last_line}", log=request.log)
    said = lines[-1] if lines else ended.last_line
    imports = ended.status != _TESTS_FAILED or any(word in line for line in lines for word in _IMPORT_WORDS)
    trouble = Trouble.IMPORT if imports else trouble_of(said)
    return SuiteError(trouble, with_advice(said, done.library, request), log=request.log, partial=partial)
