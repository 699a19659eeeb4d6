"""A virtual environment for one commit's package: made, the package installed in it, and found there again.

It sees the packages of the present environment behind its own: the tools, the dependencies and what builds are those
of today for every commit, and the package under test is the one thing that differs. Nothing of the present environment
is written to: `python` and `pip` in the words of `install` are those of the new one, wherever the words call them.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import site
import sysconfig
import venv
from collections.abc import Mapping
from importlib.machinery import all_suffixes
from pathlib import Path

from ..errors import UsageError
from ..model import SuiteSpec
from .process import Ended, call
from .proof import Library
from .request import Installed, SuiteError, Trouble

#: How a package is installed where the suite does not say it. Its dependencies and what builds it are the present
#: ones: without a network, and the same for all commits.
INSTALL = ("python", "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--ignore-installed", ".")
#: Seconds that an install may take; a compiled package takes minutes.
_PATIENCE = 3600.0
#: Sorted behind what an editable install adds, as files of this kind are read by their names.
_BEHIND = "zzz_regress_present.pth"
_PIP = '#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n'
#: What would lead pip or Python away from the environment.
_AWAY = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "__PYVENV_LAUNCHER__")
_ERROR = re.compile(r"^\s*(?:\w+\.)*\w*(?:Error|Exception|Unavailable)\b.*", re.MULTILINE)
_COMPLAINT = re.compile(r"^.*\berror: .*", re.MULTILINE | re.IGNORECASE)
#: What pip says of every failure.
_EMPTY_WORDS = ("subprocess-exited-with-error", "metadata-generation-failed", "Failed building", "Failed to build",
                "Could not build", "editable mode", "failed-wheel-build", "CalledProcessError")  # fmt: skip

#: What shows that the present environment lacks something that builds.
_NO_BUILDER = ("BackendUnavailable", "ModuleNotFoundError", "bdist_wheel")


def present_folders() -> tuple[str, ...]:
    """Where the packages of the present environment are installed."""
    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return tuple(folder for folder in [*user, *site.getsitepackages()] if Path(folder).is_dir())


def create(root: Path) -> None:
    """Makes an environment at `root` that sees the present one's packages behind its own, and has a `pip`."""
    has_pip = importlib.util.find_spec("pip") is not None
    venv.EnvBuilder(symlinks=True, with_pip=not has_pip).create(root)
    folders = "".join(f"site.addsitedir({folder!r}); " for folder in present_folders())
    behind = f"import site; {folders.rstrip('; ')}\n"  # runs their .pth files too: tools may be editable installs
    (_own_folders(root)[0] / _BEHIND).write_text(behind, encoding="utf-8")
    if has_pip:
        # A build script that calls `pip` must not reach the one of the present environment.
        for name in ("pip", "pip3"):
            script = root / "bin" / name
            script.write_text(_PIP, encoding="utf-8")
            script.chmod(0o755)


def install(spec: SuiteSpec, library: Library, root: Path, tree: Path, log: Path) -> Installed:
    """Installs the package of the work tree `tree` into the environment at `root`; its words go to the log.

    Raises SuiteError where that fails or brings no such package, UsageError where its first word is no program.
    """
    words = spec.install or INSTALL
    try:
        ended = call(words, cwd=tree, env=variables(root), log=log, timeout=_PATIENCE)
    except OSError as error:
        what = f"cannot run {words[0]}: {error.strerror}"
        raise UsageError(what, where=spec.origin, hint="correct `install` of the suite") from None
    if ended.status != 0:
        raise SuiteError(Trouble.BUILD, _said(ended), log=log)
    folders = _own_folders(root)
    if _is_editable(folders):
        folders = (*folders, tree / library.source)
    missing = [name for name in library.packages if not any(_holds(folder, name) for folder in folders)]
    if missing:
        what = f"`{shlex.join(words)}` brings no package {missing[0]}; see `package` and `install` of the suite"
        raise SuiteError(Trouble.BUILD, what, log=log)
    return Installed(root, folders)


def variables(root: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process finds in its environment that installs into the virtual one at `root`."""
    kept = {name: text for name, text in (os.environ if base is None else base).items() if name not in _AWAY}
    own = {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_REQUIRE_VIRTUALENV": "1"}
    bin_ = str(root / "bin")
    return {**kept, **own, "VIRTUAL_ENV": str(root), "PATH": os.pathsep.join([bin_, kept.get("PATH", os.defpath)])}


def _own_folders(root: Path) -> tuple[Path, ...]:
    """Where an environment's own packages lie: Python code, and compiled code where that is another folder."""
    names = {"base": str(root), "platbase": str(root), "installed_base": str(root), "installed_platbase": str(root)}
    paths = (Path(sysconfig.get_path(kind, "venv", names)) for kind in ("purelib", "platlib"))
    return tuple(dict.fromkeys(path.resolve() for path in paths))


def _is_editable(folders: tuple[Path, ...]) -> bool:
    """Whether something in the environment leads out of it: every kind of editable install adds a .pth file."""
    return any(path.name != _BEHIND for folder in folders for path in folder.glob("*.pth"))


def _holds(folder: Path, name: str) -> bool:
    return (folder / name).is_dir() or any((folder / f"{name}{suffix}").is_file() for suffix in all_suffixes())


def _said(ended: Ended) -> str:
    """Why an install failed, in one line, of the many that it says."""
    if ended.status is None:
        return f"it took more than {_PATIENCE:g} s"
    lines = [*reversed(_ERROR.findall(ended.text)), *_COMPLAINT.findall(ended.text)]
    said = next((line.strip() for line in lines if not any(w in line for w in _EMPTY_WORDS)), ended.last_line)
    if any(sign in said for sign in _NO_BUILDER):
        said += " (install what builds it beside this program, or let pip fetch that for each commit: "
        said += 'install = "pip install --no-deps .")'
    return said
