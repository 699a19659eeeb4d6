"""What a suite needs before it is run: a variable, a port, a command, a module, a file."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from . import ready

_PATIENCE = 30.0


def unmet(requirement: str, folder: Path, environment: Mapping[str, str], python: str = "") -> str:
    """Why "env:NAME", "port:HOST:PORT", "command:NAME", "module:NAME" or "file:PATH" is not met; "" where it is.

    "env:NAME=VALUE" and "env:NAME!=VALUE" ask what is in the variable; one that is not set has no value.

    `folder` is where the suite runs, `environment` what it finds there, `python` its interpreter ("": this one).
    """
    kind, _, name = requirement.partition(":")
    if kind == "env":
        return _variable(name, environment)
    if kind == "port":
        return ready.port(name)
    if kind == "command":
        found = shutil.which(name, path=environment.get("PATH")) or (folder / name).is_file()
        return "" if found else f"there is no command {name}"
    if kind == "file":
        return "" if (folder / name).exists() else f"there is no file {name}"
    return "" if _has_module(name, folder, environment, python) else f"there is no module {name}"


def _variable(text: str, environment: Mapping[str, str]) -> str:
    name, equals, value = text.partition("=")
    negated, name = name.endswith("!"), name.removesuffix("!")
    said = environment.get(name, "")
    if negated:
        return f"the variable {name} is {value}" if said == value else ""
    if not said:
        return f"the variable {name} is not set"
    return f"the variable {name} is not {value}" if equals and said != value else ""


def _has_module(name: str, folder: Path, environment: Mapping[str, str], python: str) -> bool:
    """Whether the suite's Python finds a module, without importing it."""
    if python in ("", sys.executable):
        try:
            if importlib.util.find_spec(name) is not None:
                return True
        except (ImportError, ValueError):
            pass
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
    command = [python or sys.executable, "-c", code, name]
    try:
        done = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
