"""Runs asv in the present environment, or in one that a commit is installed in, for all or some of its benchmarks.

With another interpreter asv itself stays the present one, and its benchmarks run in that interpreter, which needs no
more than asv_runner: an older Python may not have the present asv. Where asv is there alone, it is taken from there.

asv takes its configuration from a copy with absolute paths, whose results go to the scratch folder, and its home from
there too, with the user's own description of this machine: nothing that asv keeps elsewhere is touched, and the
results are filed under the same machine as those of asv itself, or under the one that the suite's arguments name.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import shutil
import site
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..model import SuiteSpec
from . import interpreter, proof
from .built import with_advice
from .process import Ended, Manner, call
from .request import Measured, Request, SuiteError, Trouble
from .troubles import signal_of, trouble_of

_MACHINE = ".asv-machine.json"
#: A socket's path may have some 100 characters; asv's fork server puts one into the folder for temporary files.
_LONGEST = 60
#: How asv ends where a benchmark failed.
_SOME_FAILED = 2
#: What asv says where no benchmark has a name that was asked for.
_NONE_SELECTED = "No benchmarks selected"
#: What each step of a run begins with, "[50.00%] ··· "; a benchmark that failed; the last line of a traceback.
_STEPS = re.compile(r"^\[ *[\d.]+%\] [·.]+ ", re.MULTILINE)
_FAILED = re.compile(r"(\S+(?:\.\S+)+)\s.*\bfailed\b")
_EXCEPTION = re.compile(r"asv: benchmark timed out|(?:\w+\.)*\w*(?:Error|Exception|Interrupt|Exit)\b")
_PARAMETERS = re.compile(r"^\s*For parameters: (.*)$", re.MULTILINE)


class AsvSuite:
    """asv, with the present environment or another interpreter as the existing one, in a process of its own."""

    name = "asv"

    def run(self, spec: SuiteSpec, request: Request) -> Measured:
        """Runs the benchmarks, given by full names ("suite.Class.time_it(10)"), once.

        Where one of several fails, the results hold null in its place.
        """
        tool, version = _tool(spec, request)
        library = proof.subject(spec, request)
        results = request.scratch / "asv-results"
        shutil.rmtree(results, ignore_errors=True)
        configuration = _configuration(spec, request, results)
        environment = proof.environment(library, request) | _home(request)
        if "PYTHONPATH" in environment:
            environment["ASV_PYTHONPATH"] = environment["PYTHONPATH"]  # asv takes the other one away
        asv = (tool, "-m", "asv")
        self._know_machine(spec, request, environment, [*asv, "machine", f"--config={configuration}", "--yes"])
        command = [
            *asv, "run", f"--config={configuration}", *_where(spec, request, tool),
            "--show-stderr", *_amounts(spec), *spec.args,
            *(["--launch-method=spawn"] if len(tempfile.gettempdir()) > _LONGEST else []),
            *(word for name in request.benchmarks for word in ("--bench", f"^{re.escape(name)}$")),
            *(["--bench", chosen] if (chosen := request.selection.for_asv()) else []),
            *([f"{request.commit}^!"] if _has_own_environment(spec, request) else []),
        ]  # fmt: skip
        manner = Manner(started=request.started)
        ended = call(
            command, cwd=configuration.parent, env=environment, log=request.log, timeout=spec.timeout, manner=manner
        )
        if failure := _failure(spec, ended, results, request, library):
            raise failure
        if version:
            _say_python(results, version)
        failed = failures(ended.text) if ended.status == _SOME_FAILED else ()
        return Measured(
            (results,), request.log, proof.check(library, request), ended.seconds, failed=failed,
            durations=tuple(_durations(results)),
        )  # fmt: skip

    def kept(self, request: Request) -> Measured | None:
        """None: asv writes its results at its end."""
        return None

    def source(self, spec: SuiteSpec, project: Path, benchmark: str) -> Path | None:
        """None: asv itself gives each benchmark a version, a digest of its source."""
        return None

    def _know_machine(
        self, spec: SuiteSpec, request: Request, environment: dict[str, str], command: Sequence[str]
    ) -> None:
        """The user's description of this machine, else what `command` makes without asking; under the name wanted."""
        own, known = Path.home() / _MACHINE, Path(environment["HOME"]) / _MACHINE
        if not known.is_file():
            if own.is_file():
                shutil.copyfile(own, known)
            else:
                call(command, cwd=request.scratch, env=environment, log=request.log, timeout=120.0)
        if name := _machine_named(spec.args):
            _name_machine(known, name)


def _has_own_environment(spec: SuiteSpec, request: Request) -> bool:
    """Whether asv is to build an environment of its own, as the suite's arguments say."""
    return request.as_it_is and any(word.startswith(("-E", "--environment", "--python")) for word in spec.args)


def _tool(spec: SuiteSpec, request: Request) -> tuple[str, str]:
    """The interpreter that asv itself runs in, and the version of the one that is measured, where asv does not say it.

    Raises UsageError where nothing has asv, or what it needs.
    """
    present = importlib.util.find_spec("asv") is not None
    if not request.interpreter or request.installed:
        if not present:
            hint = "install it beside this program: pip install 'regress[asv]'"
            raise UsageError("asv cannot be imported", where=spec.origin, hint=hint)
        return request.python, "" if _has_own_environment(spec, request) else interpreter.PRESENT
    if _has_own_environment(spec, request):
        interpreter.look_at(spec, request, "asv", "asv")
        return request.python, ""
    if present:
        return sys.executable, interpreter.look_at(spec, request, "asv_runner", "asv_runner")
    return request.python, interpreter.look_at(spec, request, "asv", "asv")


def _where(spec: SuiteSpec, request: Request, tool: str) -> list[str]:
    """What is measured where: an environment that is there, under the commit's name, unless asv makes its own."""
    if _has_own_environment(spec, request):
        return []
    there = "--python=same" if request.python == tool else f"-Eexisting:{request.python}"
    return [there, f"--set-commit-hash={request.commit}"]


def _amounts(spec: SuiteSpec) -> list[str]:
    """How often each benchmark is called, as the suite says it, in asv's attributes. Raises UsageError."""
    words = ["-a", f"rounds={spec.rounds}"] if spec.rounds else []
    if spec.warmup is not None and spec.warmup > 1:
        hint = 'write a time: args = ["-a", "warmup_time=0.1"], or warmup = false'
        what = "asv warms up for a time, not for a number of calls"
        raise UsageError(what, where=spec.origin_of("warmup"), hint=hint)
    return words + (["-a", "warmup_time=0"] if spec.warmup == 0 else [])


def failures(said: str) -> tuple[tuple[str, str], ...]:
    """The benchmarks that asv calls failed, each with the exception that its words end with; by parameters, if any."""
    found: dict[str, str] = {}
    name = ""
    for part in _STEPS.split(said):
        if (named := _FAILED.match(part)) or not part.startswith("="):  # a table goes on with what was said before it
            name = named[1] if named else ""
        if name:
            whole, *others = _PARAMETERS.split(part)
            pairs = zip(others[::2], others[1::2], strict=True)
            for full, words in [(name, whole), *((f"{name}({params})", words) for params, words in pairs)]:
                errors = [line.strip() for line in words.splitlines() if _EXCEPTION.match(line.strip())]
                found |= {full: errors[-1]} if errors else {}
    return tuple(found.items())


def _durations(results: Path) -> Iterator[tuple[str, float]]:
    """How long each benchmark took, with all of its parameters together."""
    for file in _result_files(results):
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
            place = document["result_columns"].index("duration")
            rows = document["results"].items()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # whoever reads the results says what is wrong with them
        for name, row in rows:
            if len(row) > place and isinstance(row[place], int | float):
                yield name, float(row[place])


def _result_files(results: Path) -> list[Path]:
    return [path for path in results.glob("*/*.json") if path.name not in ("machine.json", "benchmarks.json")]


def _say_python(results: Path, version: str) -> None:
    """Names the Python of an environment that was there before: asv does not, and two would be one series."""
    for file in _result_files(results):
        document = json.loads(file.read_text(encoding="utf-8"))
        document["python"] = version
        file.write_text(json.dumps(document), encoding="utf-8")


def _machine_named(args: Sequence[str]) -> str:
    """The machine that asv's arguments name ("--machine=box", "-m box"), "" where they name none."""
    for word, following in zip(args, (*args[1:], ""), strict=False):
        if word in ("--machine", "-m"):
            return following
        if word.startswith("--machine="):
            return word.removeprefix("--machine=")
    return ""


def _name_machine(known: Path, name: str) -> None:
    """Describes this machine under another name too: asv would ask what it does not know, and nobody answers."""
    try:
        described: dict[str, Any] = json.loads(known.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return  # asv itself says what is wrong with it
    first = next((value for key, value in described.items() if key != "version"), None)
    if isinstance(first, dict) and name not in described:
        described[name] = {**first, "machine": name}
        known.write_text(json.dumps(described), encoding="utf-8")


def _home(request: Request) -> dict[str, str]:
    home = request.scratch / "home"
    home.mkdir(parents=True, exist_ok=True)
    # Without the last one a new home hides tools that were installed with `pip install --user`.
    return {"HOME": str(home), "PYTHONUSERBASE": site.getuserbase()}


def _configuration(spec: SuiteSpec, request: Request, results: Path) -> Path:
    """A copy of the present checkout's asv.conf.json with absolute paths and results in the scratch folder."""
    folder = request.project / spec.cwd
    found = [path for name in ("asv.conf.json", "asv.conf.jsonc") if (path := folder / name).is_file()]
    if not found:
        raise UsageError("there is no asv.conf.json", where=str(folder), hint="set `cwd` of the suite to its folder")
    try:
        document = _parsed(found[0].read_text(encoding="utf-8"))
    except (ValueError, ImportError, OSError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(found[0]), hint="check it with `asv check`") from None
    if not isinstance(document, dict):
        raise UsageError("holds no object", where=str(found[0]), hint="check it with `asv check`")
    own = _has_own_environment(spec, request)
    if not own:
        document.setdefault("environment_type", "existing")
    document |= {
        "repo": str(request.project),
        "branches": ["HEAD"],
        "benchmark_dir": str((folder / str(document.get("benchmark_dir", "benchmarks"))).resolve()),
        "results_dir": str(results),
        "env_dir": str(folder.resolve() / str(document.get("env_dir", "env")) if own else request.scratch / "asv-env"),
        "html_dir": str(request.scratch / "asv-html"),
    }
    copy = request.scratch / "asv" / "asv.conf.json"
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(json.dumps(document), encoding="utf-8")
    return copy


def _parsed(text: str) -> Any:
    """asv reads its configuration as JSON5 and brings that library along: where asv is here."""
    try:
        return json.loads(text)
    except ValueError:
        return importlib.import_module("json5").loads(text)


def _failure(
    spec: SuiteSpec, ended: Ended, results: Path, request: Request, library: proof.Library | None
) -> SuiteError | None:
    """Why there is no usable result; None where there is one."""
    if ended.status is None:
        return SuiteError(Trouble.TIMEOUT, f"more than {spec.timeout:g} s", log=request.log)
    if died := signal_of(ended.status):
        return SuiteError(Trouble.CRASH, f"asv died of {died}", log=request.log)
    files = _result_files(results)
    if files and (ended.status == 0 or (ended.status == _SOME_FAILED and len(request.benchmarks) != 1)):
        return None
    if not files and _NONE_SELECTED in ended.text:
        return SuiteError(Trouble.MISSING, _NONE_SELECTED, log=request.log)
    errors = [line.strip() for line in ended.text.splitlines() if re.match(r"\s*\w*(Error|Exception)\b", line)]
    said = errors[-1] if errors else ended.last_line
    imports = not files or any(word in said for word in ("ImportError", "ModuleNotFoundError", "SyntaxError"))
    trouble = Trouble.IMPORT if imports else trouble_of(said)
    return SuiteError(trouble, with_advice(said, library, request), log=request.log)
