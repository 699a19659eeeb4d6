"""The package under test: where it lies, how a process is made to import it from there, and the proof that it did.

A work tree holds the commit's files and nothing of it is installed; a virtual environment holds what an install made of
them. An installed copy, above all an editable one,
would be imported in its place and every commit would measure the same; so each process of the tool gets a finder that
serves the package from there alone, and writes down each file that it hands out (`inject/sitecustomize.py`).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..model import SuiteSpec
from .request import Proof, ProofError, Request

_INJECT = Path(__file__).parent / "inject"
#: Set by git for its hooks: they would show the tools another repository than the project's.
_OF_GIT = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE", "GIT_COMMON_DIR")


@dataclass(frozen=True, slots=True)
class Library:
    """The package under test: its import names, and the folder they are imported from, relative to the root.

    is_installed  whether an install decides what is imported, and not the path alone
    """

    packages: tuple[str, ...]
    source: str
    is_installed: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """What decides how the package behaves, relative to the root: the source folder, or packages in the root."""
        if self.source != ".":
            return (self.source,)
        return tuple(path for name in self.packages for path in (name, f"{name}.py"))

    @property
    def inputs(self) -> tuple[str, ...]:
        """What can change how the package behaves: an install may read anything, and "" is the whole tree."""
        return ("",) if self.is_installed else self.paths


def library_of(spec: SuiteSpec, project: Path) -> Library:
    """The package that a suite measures, as configured or as the project shows. Raises UsageError."""
    source = spec.source or ("src" if (project / "src").is_dir() else ".")
    folder = project / source
    is_installed = spec.environment == "venv"
    where = spec.origin or str(project)
    if not folder.is_dir():
        raise UsageError(f"there is no folder {source}", where=where, hint="set `source` of the suite")
    if spec.package:
        names = tuple(dict.fromkeys(name.partition(".")[0] for name in spec.package))
    else:
        names = (_project_name(project),)
    for name in names:
        if is_installed and name.isidentifier():
            continue  # a compiled module need not have a folder
        if not (name.isidentifier() and ((folder / name).is_dir() or (folder / f"{name}.py").is_file())):
            seen = ", ".join(_packages(folder)[:5]) or "none"
            hint = f"set `package` of the suite to the name that is imported (packages there: {seen})"
            raise UsageError(f"there is no package {name or 'to measure'} in {source}", where=where, hint=hint)
    return Library(names, source, is_installed)


def subject(spec: SuiteSpec, request: Request) -> Library | None:
    """The package that has to be proven, None where the present environment is measured as it is."""
    return None if request.as_it_is else library_of(spec, request.project)


def _project_name(project: Path) -> str:
    """The import name that the project's own name suggests, "" where it has none."""
    try:
        document = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""
    table = document.get("project", {})
    name = table.get("name", "") if isinstance(table, dict) else ""
    return re.sub(r"[-.]+", "_", name) if isinstance(name, str) else ""


def _packages(folder: Path) -> list[str]:
    return sorted(entry.parent.name for entry in folder.glob("*/__init__.py"))


def environment(library: Library | None, request: Request) -> dict[str, str]:
    """This process's environment, with what makes every Python process import the commit's package and say so.

    The folder for the proof is emptied, so that it shows this request alone. Without a library the environment is as
    people have it, but for what the request says.
    """
    base = {**os.environ, **dict.fromkeys(_OF_GIT), **request.variables}
    if library is None:
        return {name: value for name, value in base.items() if value is not None}
    installed = request.installed
    source = os.pathsep.join(map(str, installed.folders if installed else (request.library / library.source,)))
    folder = _folder(request)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # The source stands on the path too: what a package under test reaches besides its own names lies there.
    path = os.pathsep.join(filter(None, (str(_INJECT), "" if installed else source, base.get("PYTHONPATH"))))
    if installed:
        base |= {"VIRTUAL_ENV": str(installed.root), "PYTHONHOME": None}
        base["PATH"] = os.pathsep.join([str(installed.root / "bin"), base.get("PATH") or os.defpath])
    own = {
        "PYTHONPATH": path,
        "REGRESS_SOURCE": source,
        "REGRESS_ROOT": str(installed.root) if installed else source,
        "REGRESS_PACKAGES": ",".join(library.packages),
        "REGRESS_PROOF": str(folder),
        # Two commits within a second can leave a .pyc that Python takes for the newer file's.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return {**{name: value for name, value in base.items() if value is not None}, **own}


def check(library: Library | None, request: Request) -> Proof:
    """What the processes imported. Raises ProofError where a file lies elsewhere, or none was imported at all.

    Nothing is looked at without a library.
    """
    if library is None:
        return Proof(())
    root = (request.installed.root if request.installed else request.library).resolve()
    source = root if request.installed else root / library.source
    files: dict[str, str] = {}
    seen: set[str] = set()
    for module, name in sorted(_noted(_folder(request))):
        file = Path(name).resolve() if name else None
        if file is None or not file.is_relative_to(source):
            what = f"{module} was imported from {name or 'nowhere'}, not from commit {request.commit[:10]}"
            hint = "nothing else may import it first: look for .pth files, or set `source` and `package` of the suite"
            raise ProofError(what, where=request.commit[:10], hint=hint)
        seen.add(module.partition(".")[0])
        if file.is_file():
            files[file.relative_to(root).as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
    missing = [name for name in library.packages if name not in seen]
    if missing or not files:
        what = f"nothing shows that {missing[0] if missing else library.packages[0]} was imported by the benchmark"
        hint = "set `package` of the suite to the package that the benchmark measures"
        raise ProofError(what, where=request.commit[:10], hint=hint)
    return Proof(tuple(sorted(files.items())))


def _folder(request: Request) -> Path:
    return request.scratch / "proof"


def _noted(folder: Path) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for file in folder.glob("*.txt"):
        for line in file.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            module, tab, name = line.partition("\t")
            if tab:
                found.add((module, name))
    return found
