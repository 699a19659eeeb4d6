"""The virtual environments of commits, each with one commit's package: made where they are missing, kept for later.

They lie under .regress/envs, at paths of equal length, since the length of a path can change how fast a program runs.
An environment's name is a digest of all that decides what it holds: the commit's files, the words that install them,
this Python, the packages installed beside it (they build, and differ in speed), the compiler's settings. The last few
are kept. A lock on each lets several processes use one, while one alone makes or removes it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..model import Commit, SuiteSpec
from ..suites import Installed, Library, ProofError, SuiteError, venv

if TYPE_CHECKING:
    from ..repo import Repository

#: How many stay: both sides of a confirmation, and the last steps of a search.
KEPT = 8
#: Changes when environments of earlier versions of this program are of no use.
_VERSION = 1
#: What says that an environment is whole: which folders hold its package, and a digest of what lies there.
_MARK = "installed.json"
_TREE = "tree"
#: Settings of compilers that decide what a build makes.
_SETTINGS = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "FFLAGS", "RUSTFLAGS", "CMAKE_ARGS", "ARCHFLAGS")


@dataclass(frozen=True, slots=True)
class Environments:
    """The environments of a repository's commits in one folder; `failures` are those that this process met."""

    repository: Repository
    folder: Path
    failures: dict[str, SuiteError] = field(default_factory=dict)

    @contextmanager
    def installed(self, spec: SuiteSpec, library: Library, commit: Commit, log: Path) -> Iterator[Installed]:
        """The environment with a commit's package, made where it is missing; nobody removes it meanwhile.

        Raises SuiteError where the package does not install, and ProofError where what was installed has changed.
        """
        name = self._name(spec, library, commit)
        if name in self.failures:
            raise self.failures[name]
        place = self.folder / name
        while True:
            with _lock(place, fcntl.LOCK_SH):
                found = _read(place)
                if found is not None:
                    os.utime(place / _MARK)
                    with _unchanged(place, commit, *found):
                        yield found[0]
                    return
            with _lock(place, fcntl.LOCK_EX):
                if _read(place) is None:
                    self._make(spec, library, commit, place, log)
            self._sweep()

    def _name(self, spec: SuiteSpec, library: Library, commit: Commit) -> str:
        tree = self.repository.objects([f"{commit.hash}:"])[0]
        words = spec.install or venv.INSTALL
        settings = [(name, os.environ.get(name, "")) for name in _SETTINGS]
        parts = (_VERSION, tree or commit.hash, words, library.packages, library.source, settings, _present())
        return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def _make(self, spec: SuiteSpec, library: Library, commit: Commit, place: Path, log: Path) -> None:
        """Makes an environment; what an earlier attempt left there is removed first, and so is a failed one."""
        self._remove(place)
        try:
            place.mkdir(parents=True)
            venv.create(place)
            tree, aside = place / _TREE, place / f"{_TREE}.kept"
            with self.repository.worktree(tree, commit.hash):
                made = venv.install(spec, library, place, tree, log)
                if any(folder.is_relative_to(tree) for folder in made.folders):
                    tree.rename(aside)  # an editable install stays in its tree, which git need not know for that
            if aside.is_dir():
                (aside / ".git").unlink(missing_ok=True)
                aside.rename(tree)
            folders = [str(folder) for folder in made.folders]
            mark = json.dumps({"folders": folders, "files": _digest(place, made)})
            (place / _MARK).write_text(mark, encoding="utf-8")
        except SuiteError as error:
            self.failures[place.name] = error
            self._discard(place)
            raise
        except OSError as error:
            self._discard(place)
            what = f"no virtual environment can be made: {error.strerror or error}"
            raise InputError(what, where=str(place), hint="see that the disk has room and is writable") from None
        except BaseException:
            self._discard(place)
            raise

    def _remove(self, place: Path) -> None:
        if (place / _TREE / ".git").exists():
            self.repository.remove_worktree(place / _TREE)
        shutil.rmtree(place, ignore_errors=True)

    def _discard(self, place: Path) -> None:
        """Removes an environment and its lock, which has to be held alone."""
        self._remove(place)
        _lock_of(place).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Removes those used longest ago beyond the few that are kept, and what killed processes left half made."""
        whole = {path.parent: path.stat().st_mtime for path in self.folder.glob(f"*/{_MARK}")}
        newest = sorted(whole, key=lambda place: whole[place], reverse=True)[:KEPT]
        for place in [path for path in self.folder.iterdir() if path.is_dir() and path not in newest]:
            with suppress(BlockingIOError), _lock(place, fcntl.LOCK_EX | fcntl.LOCK_NB):
                self._discard(place)


@cache
def _present() -> str:
    """A digest of this Python and of what is installed beside it."""
    installed = sorted({(dist.name or "", dist.version) for dist in distributions()})
    parts = (sys.version, os.path.realpath(sys.base_prefix), venv.present_folders(), installed)
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _lock_of(place: Path) -> Path:
    return place.with_suffix(".lock")


@contextmanager
def _lock(place: Path, kind: int) -> Iterator[None]:
    """Holds the lock of an environment. Raises BlockingIOError where it must not wait and would have to."""
    path = _lock_of(place)
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            fcntl.flock(file, kind)
            # Who removes an environment removes its lock: one that is no more locks nobody out.
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                yield
                return


def _read(place: Path) -> tuple[Installed, str] | None:
    """A whole environment, and the digest of what lay in it when it was made; None where there is none."""
    try:
        mark = json.loads((place / _MARK).read_text(encoding="utf-8"))
        return Installed(place, tuple(Path(folder) for folder in mark["folders"])), str(mark["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def _unchanged(place: Path, commit: Commit, installed: Installed, digest: str) -> Iterator[None]:
    """Throws an environment away that is no longer what was installed, before or after it was used."""
    try:
        yield
    finally:
        changed = _digest(place, installed) != digest
        if changed:
            (place / _MARK).unlink(missing_ok=True)
    if changed:
        what = f"the environment of {commit.short} was changed while it was measured"
        raise ProofError(what, where=str(place), hint="a benchmark must not write into its package")


def _digest(place: Path, installed: Installed) -> str:
    """Names, sizes and times of the installed files; of a tree, where tools may build when they import, nothing."""
    own = [folder for folder in installed.folders if not folder.is_relative_to(place / _TREE)]
    files = (path for folder in own for path in sorted(folder.rglob("*")) if "__pycache__" not in path.parts)
    stats = [(str(path), (stat := path.stat()).st_size, stat.st_mtime_ns) for path in files if path.is_file()]
    return hashlib.sha256(repr(stats).encode("utf-8", "surrogatepass")).hexdigest()
