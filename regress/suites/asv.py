"""Runs asv in the present environment, or in one that a commit is installed in, for all or some of its benchmarks.

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
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..model import SuiteSpec
from . import proof
from .built import with_advice
from .process import Ended, call
from .request import Measured, Request, SuiteError, Trouble

_MACHINE = ".asv-machine.json"
#: A socket's path may have some 100 characters; asv's fork server puts one into the folder for temporary files.
_LONGEST = 60
#: How asv ends where a benchmark failed.
_SOME_FAILED = 2


class AsvSuite:
    """asv, with `--python=same` in a process of its own."""

    name = "asv"

    def run(self, spec: SuiteSpec, request: Request) -> Measured:
        """Runs the benchmarks, given by full names ("suite.Class.time_it(10)"), once.

        Where one of several fails, the results hold null in its place.
        """
        if importlib.util.find_spec("asv") is None:
            hint = "install it beside this program: pip install 'regress[asv]'"
            raise UsageError("asv cannot be imported", where=spec.origin, hint=hint)
        library = proof.library_of(spec, request.project)
        results = request.scratch / "asv-results"
        shutil.rmtree(results, ignore_errors=True)
        configuration = _configuration(spec, request, results)
        environment = proof.environment(library, request) | _home(request)
        environment["ASV_PYTHONPATH"] = environment["PYTHONPATH"]  # asv takes the other one away
        self._know_machine(spec, request, environment, configuration)
        command = [
            request.python, "-m", "asv", "run", f"--config={configuration}", "--python=same",
            f"--set-commit-hash={request.commit}", "--show-stderr", *spec.args,
            *(["--launch-method=spawn"] if len(tempfile.gettempdir()) > _LONGEST else []),
            *(word for name in request.benchmarks for word in ("--bench", f"^{re.escape(name)}$")),
        ]  # fmt: skip
        ended = call(command, cwd=configuration.parent, env=environment, log=request.log, timeout=spec.timeout)
        if failure := _failure(spec, ended, results, request, library):
            raise failure
        return Measured((results,), request.log, proof.check(library, request), ended.seconds)

    def source(self, spec: SuiteSpec, project: Path, benchmark: str) -> Path | None:
        """None: asv itself gives each benchmark a version, a digest of its source."""
        return None

    def _know_machine(
        self, spec: SuiteSpec, request: Request, environment: dict[str, str], configuration: Path
    ) -> None:
        """The user's description of this machine, else one that asv makes without asking; under the name wanted."""
        own, known = Path.home() / _MACHINE, Path(environment["HOME"]) / _MACHINE
        if not known.is_file():
            if own.is_file():
                shutil.copyfile(own, known)
            else:
                command = [request.python, "-m", "asv", "machine", f"--config={configuration}", "--yes"]
                call(command, cwd=configuration.parent, env=environment, log=request.log, timeout=120.0)
        if name := _machine_named(spec.args):
            _name_machine(known, name)


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


def _failure(
    spec: SuiteSpec, ended: Ended, results: Path, request: Request, library: proof.Library
) -> SuiteError | None:
    """Why there is no usable result; None where there is one."""
    if ended.status is None:
        return SuiteError(Trouble.TIMEOUT, f"more than {spec.timeout:g} s", log=request.log)
    files = [path for path in results.glob("*/*.json") if path.name not in ("machine.json", "benchmarks.json")]
    if files and (ended.status == 0 or (ended.status == _SOME_FAILED and len(request.benchmarks) != 1)):
        return None
    errors = [line.strip() for line in ended.text.splitlines() if re.match(r"\s*\w*(Error|Exception)\b", line)]
    said = errors[-1] if errors else ended.last_line
    imports = not files or any(word in said for word in ("ImportError", "ModuleNotFoundError", "SyntaxError"))
    trouble = Trouble.IMPORT if imports else Trouble.FAILED
    return SuiteError(trouble, with_advice(said, library, request), log=request.log)
