"""Another Python than the present one, that a suite is measured in: whether it is there, and has what it needs."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable

from ..errors import UsageError
from ..model import SuiteSpec
from . import proof
from .request import Request

_PATIENCE = 60.0
#: Says what it is, and by its status whether it has a module; nothing is imported that is to be measured.
_ASK = """
import importlib.util, platform, sys
print(platform.python_implementation(), *sys.version_info[:2])
sys.exit(importlib.util.find_spec(sys.argv[1]) is None)
"""


def _written(implementation: str, version: Iterable[str]) -> str:
    """As asv writes it: "3.12", "pypy3.10"."""
    return ("" if implementation == "CPython" else implementation.lower()) + ".".join(version)


#: The version of the one that this program runs in.
PRESENT = _written(platform.python_implementation(), map(str, sys.version_info[:2]))


def look_at(spec: SuiteSpec, request: Request, module: str, package: str) -> str:
    """The version of the request's interpreter as asv writes it, "3.12" or "pypy3.10"; `package` brings its module.

    Raises UsageError where it is not there or lacks the module, as that would be the same at each commit.
    """
    environment, where = proof.environment(None, request), spec.origin_of("python")
    correct = "correct `python` of the suite: a command, or a path from the project's root"
    if shutil.which(request.python, path=environment.get("PATH")) is None:
        raise UsageError(f"there is no interpreter {request.python}", where=where, hint=correct)
    folder = request.project / spec.cwd
    try:
        done = subprocess.run(
            [request.python, "-c", _ASK, module], cwd=folder, env=environment, capture_output=True, text=True,
            timeout=_PATIENCE, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        name, *version = done.stdout.split()
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise UsageError(f"{request.python} is no Python that runs here", where=where, hint=correct) from None
    if done.returncode != 0:
        hint = f"install it there: {request.python} -m pip install {package}"
        raise UsageError(f"{request.python} has no module {module}", where=where, hint=hint)
    return _written(name, version)
