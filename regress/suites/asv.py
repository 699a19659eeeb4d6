"""Runs asv in the present environment, for some of its benchmarks.

asv takes its configuration from a copy with absolute paths, whose results go to the scratch folder, and its home from
there too, with the user's own description of this machine: nothing that asv keeps elsewhere is touched, and the
results are filed under the same machine as those of asv itself.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import shutil
import site
import sys
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..model import SuiteSpec
from . import proof
from .process import Ended, call
from .request import Measured, Request, SuiteError, Trouble

_MACHINE = ".asv-machine.json"


class AsvSuite:
    """asv, with `--python=same` in a process of its own."""

    name = "asv"

    def run(self, spec: SuiteSpec, request: Request) -> Measured:
        """Runs the benchmarks, given by full names ("suite.Class.time_it(10)"), once."""
        if importlib.util.find_spec("asv") is None:
            hint = "install it beside this program: pip install 'regress[asv]'"
            raise UsageError("asv cannot be imported", where=spec.origin, hint=hint)
        library = proof.library_of(spec, request.project)
        results = request.scratch / "asv-results"
        shutil.rmtree(results, ignore_errors=True)
        configuration = _configuration(spec, request, results)
        environment = proof.environment(library, request) | _home(request)
        environment["ASV_PYTHONPATH"] = environment["PYTHONPATH"]  # asv takes the other one away
        self._know_machine(request, environment, configuration)
        command = [
            sys.executable, "-m", "asv", "run", f"--config={configuration}", "--python=same",
            f"--set-commit-hash={request.commit}", "--show-stderr", *spec.args,
            *(word for name in request.benchmarks for word in ("--bench", f"^{re.escape(name)}$")),
        ]  # fmt: skip
        ended = call(command, cwd=configuration.parent, env=environment, log=request.log, timeout=spec.timeout)
        if failure := _failure(spec, ended, results, request):
            raise failure
        return Measured((results,), request.log, proof.check(library, request), ended.seconds)

    def source(self, spec: SuiteSpec, project: Path, benchmark: str) -> Path | None:
        """None: asv itself gives each benchmark a version, a digest of its source."""
        return None

    def _know_machine(self, request: Request, environment: dict[str, str], configuration: Path) -> None:
        """The user's description of this machine, else one that asv makes without asking."""
        own, known = Path.home() / _MACHINE, Path(environment["HOME"]) / _MACHINE
        if known.is_file():
            return
        if own.is_file():
            shutil.copyfile(own, known)
            return
        command = [sys.executable, "-m", "asv", "machine", f"--config={configuration}", "--yes"]
        call(command, cwd=configuration.parent, env=environment, log=request.log, timeout=120.0)


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
        # asv reads its configuration as JSON5, and brings that library along.
        document: Any = importlib.import_module("json5").loads(found[0].read_text(encoding="utf-8"))
    except (ValueError, ImportError, OSError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(found[0]), hint="check it with `asv check`") from None
    if not isinstance(document, dict):
        raise UsageError("holds no object", where=str(found[0]), hint="check it with `asv check`")
    document.setdefault("environment_type", "existing")
    document |= {
        "repo": str(request.project),
        "branches": ["HEAD"],
        "benchmark_dir": str((folder / str(document.get("benchmark_dir", "benchmarks"))).resolve()),
        "results_dir": str(results),
        "env_dir": str(request.scratch / "asv-env"),
        "html_dir": str(request.scratch / "asv-html"),
    }
    copy = request.scratch / "asv" / "asv.conf.json"
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(json.dumps(document), encoding="utf-8")
    return copy


def _failure(spec: SuiteSpec, ended: Ended, results: Path, request: Request) -> SuiteError | None:
    """Why there is no usable result; None where there is one. asv ends with 2 where a benchmark failed."""
    if ended.status is None:
        return SuiteError(Trouble.TIMEOUT, f"more than {spec.timeout:g} s", log=request.log)
    files = [path for path in results.glob("*/*.json") if path.name not in ("machine.json", "benchmarks.json")]
    if ended.status == 0 and files:
        return None
    errors = [line.strip() for line in ended.text.splitlines() if re.match(r"\s*\w*(Error|Exception)\b", line)]
    said = errors[-1] if errors else ended.last_line
    imports = not files or any(word in said for word in ("ImportError", "ModuleNotFoundError", "SyntaxError"))
    return SuiteError(Trouble.IMPORT if imports else Trouble.FAILED, said, log=request.log)
