"""Put first on PYTHONPATH of a measured process: imports the package under test from one place, and says what it took.

Python runs it at start, after the `.pth` files of installed packages. Search paths alone prove nothing: an editable
install, pytest's own insertion of its root, or a conftest can put another copy of the package first. So a finder that
is asked before all others serves the package, and each file that it hands out is written down.

    REGRESS_SOURCE    the folder that holds the package under test, or several, separated as in PATH
    REGRESS_ROOT      where all parts of it lie: that folder, or the virtual environment that it is installed in
    REGRESS_PACKAGES  its import names, separated by commas
    REGRESS_PROOF     a folder; each process appends lines "module<TAB>file" to a file of its own there

It stands alone, as the process may run another Python without this program.
"""

import importlib.machinery
import os
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Optional, Sequence  # noqa: UP035

_SOURCE = [place for place in os.environ.get("REGRESS_SOURCE", "").split(os.pathsep) if place]
_ROOT = os.path.join(os.path.realpath(os.environ.get("REGRESS_ROOT", "")), "")
_PROOF = os.environ.get("REGRESS_PROOF", "")
_PACKAGES = frozenset(name for name in os.environ.get("REGRESS_PACKAGES", "").split(",") if name)


def _note(module: str, file: str) -> None:
    """One line of proof; a forked child has a file of its own, as it has a number of its own."""
    with open(os.path.join(_PROOF, "%d.txt" % os.getpid()), "a", encoding="utf-8") as proof:  # noqa: UP031
        proof.write("%s\t%s\n" % (module, file))  # noqa: UP031


class _Finder:
    """Serves the packages under test from the folders, and their parts from where the package lies."""

    def find_spec(
        self,
        name: str,
        path: Optional[Sequence[str]] = None,  # noqa: UP045
        target: Optional[ModuleType] = None,  # noqa: UP045
    ) -> Optional[ModuleSpec]:  # noqa: UP045
        """The spec of a module of a package under test; None leaves the module to the other finders."""
        if name.partition(".")[0] not in _PACKAGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path if "." in name else _SOURCE, target)
        if spec is not None:
            _note(name, spec.origin or next(iter(spec.submodule_search_locations or ()), ""))
        elif "." not in name:
            # Another copy must not be served in its place: a commit without the package is one that fails.
            raise ModuleNotFoundError("No module named %r in %s" % (name, _SOURCE[0]), name=name)  # noqa: UP031
        else:
            spec = self._from_others(name, path, target)
        return spec

    def _from_others(
        self,
        name: str,
        path: Optional[Sequence[str]],  # noqa: UP045
        target: Optional[ModuleType],  # noqa: UP045
    ) -> Optional[ModuleSpec]:  # noqa: UP045
        """A part that does not lie beside the package: an editable install may serve what it compiled by a finder.

        The finder of another copy's editable install would serve a part that this commit's package does not have.
        """
        for finder in sys.meta_path:
            ask = None if finder is self else getattr(finder, "find_spec", None)
            spec: Optional[ModuleSpec] = ask(name, path, target) if ask else None  # noqa: UP045
            if spec is None:
                continue
            if spec.has_location and spec.origin:
                if not os.path.realpath(spec.origin).startswith(_ROOT):
                    raise ModuleNotFoundError("No module named %r in %s" % (name, _ROOT), name=name)  # noqa: UP031
                _note(name, spec.origin)
            return spec
        return None


def _chain() -> None:
    """Runs the sitecustomize that this one hides, where the environment has one."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [place for place in sys.path if os.path.abspath(place or os.curdir) != here]
    own = sys.modules.pop("sitecustomize", None)
    try:
        __import__("sitecustomize")
    except ImportError:
        pass
    finally:
        if own is not None:
            sys.modules.setdefault("sitecustomize", own)


if _SOURCE and _PROOF and _PACKAGES:
    sys.meta_path.insert(0, _Finder())
    _chain()
    for _name in _PACKAGES & set(sys.modules):  # loaded by a .pth file, before anybody could say from where
        _note(_name, getattr(sys.modules[_name], "__file__", None) or "")
