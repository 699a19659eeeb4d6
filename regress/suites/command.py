"""Runs any command that leaves files with results.

The command runs without a shell; its status says whether it succeeded. Its results are the files that one of the
suite's globs finds below its folder and that it made or changed, or, without globs, those that it put into the folder
that its variable REGRESS_RESULTS names: an older file is not taken for a measurement of now.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

from ..errors import UsageError
from ..model import SuiteSpec
from . import proof
from .process import Ended, Manner, call
from .request import Measured, Proof, Request, SuiteError, Trouble
from .troubles import signal_of, trouble_of

_ERROR = re.compile(r"^\s*(?:E\s+)?((?:\w+\.)*\w*(?:Error|Exception|Timeout|Interrupt)\b.*)", re.MULTILINE)
_NO_COMMAND, _NOT_EXECUTABLE = 127, 126


class CommandSuite:
    """A command in a process of its own."""

    name = "command"

    def run(self, spec: SuiteSpec, request: Request) -> Measured:
        """Runs the command once, whatever benchmarks are asked for: it alone knows how to choose."""
        library = proof.subject(spec, request)
        own = request.scratch / "results"
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir(parents=True)
        environment = proof.environment(library, request) | {"REGRESS_RESULTS": str(own)}
        folder = request.project / spec.cwd
        before = {path: _stamp(path) for path in _found(spec, folder, own)}
        manner = Manner(gently=request.as_it_is, started=request.started)
        words = [*spec.command, *spec.args]
        try:
            ended = call(words, cwd=folder, env=environment, log=request.log, timeout=spec.timeout, manner=manner)
        except OSError as error:
            what = f"cannot run {words[0]}: {error.strerror}"
            hint = "correct `command` or `cwd` of the suite"
            raise UsageError(what, where=spec.origin_of("command"), hint=hint) from None
        fresh = tuple(path for path in _found(spec, folder, own) if before.get(path) != _stamp(path))
        partial = Measured(fresh, request.log, Proof(()), ended.seconds) if fresh else None
        if failure := _failure(spec, ended, request, partial):
            raise failure
        if not fresh:
            raise SuiteError(Trouble.MISSING, _missing(spec), log=request.log)
        return Measured(fresh, request.log, proof.check(library, request), ended.seconds)

    def kept(self, request: Request) -> Measured | None:
        """None: whether a file of an interrupted command is whole, nobody knows."""
        return None

    def source(self, spec: SuiteSpec, project: Path, benchmark: str) -> Path | None:
        """None: a name in a result says nothing of files."""
        return None


def _found(spec: SuiteSpec, folder: Path, own: Path) -> list[Path]:
    globs = [(folder, glob) for glob in spec.results] or [(own, "**/*")]
    return sorted({path for root, glob in globs for path in root.glob(glob) if path.is_file()})


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _missing(spec: SuiteSpec) -> str:
    if spec.results:
        return f"it made or changed no file that {' or '.join(spec.results)} fits below {spec.cwd}"
    return "it put nothing into the folder REGRESS_RESULTS; set `results` of the suite to globs of what it writes"


def _failure(spec: SuiteSpec, ended: Ended, request: Request, partial: Measured | None) -> SuiteError | None:
    if ended.status == 0:
        return None
    if ended.status is None:
        return SuiteError(Trouble.TIMEOUT, f"more than {spec.timeout:g} s", log=request.log, partial=partial)
    if died := signal_of(ended.status, of_shell=True):
        return SuiteError(Trouble.CRASH, f"it died of {died}", log=request.log, partial=partial)
    errors = _ERROR.findall(ended.text)
    said = errors[-1].strip() if errors else ended.last_line
    otherwise = Trouble.FAILED
    if ended.status in (_NO_COMMAND, _NOT_EXECUTABLE) and not errors:
        said = f"{shlex.join(spec.command)}: {said}"
    what = f"status {ended.status}: {said}"
    return SuiteError(trouble_of(said, otherwise), what, log=request.log, partial=partial)
