"""Whether a package has parts that only an install makes: compiled modules, generated ones."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from .proof import Library
from .request import Request

#: What is compiled, by the ends of names; and what tells a build to.
_SOURCES = (".pyx", ".c", ".cc", ".cpp", ".cxx", ".cu", ".rs", ".f", ".f90", ".pyf")
_BUILD_FILES = ("meson.build", "CMakeLists.txt", "Cargo.toml")
_BACKENDS = ("mesonpy", "maturin", "scikit_build_core", "skbuild", "hatch_build", "py_build_cmake", "sipbuild")
_REQUIRED = re.compile(
    r"(cython|pybind11|cffi|nanobind|setuptools[-_]rust|setuptools[-_]scm|hatch[-_]vcs|hatch[-_]\w+|mypy)\b", re.I
)
_SETUP = re.compile(r"\b(ext_modules|cmdclass|cffi_modules|rust_extensions|cythonize)\b")


def with_advice(said: str, library: Library | None, request: Request) -> str:
    """What an import failed with; and that an install is needed, where a part is missing that an install makes."""
    if library is None or request.installed is not None:
        return said
    names = "|".join(map(re.escape, library.packages))
    missing = rf"No module named '(?:{names})[.']|cannot import name .* from .*'(?:{names})[.']"
    if not re.search(missing, said) or not (sign := sign_of_build(request.library, library)):
        return said
    return f'{said} (an install may make it, as {sign} shows: set environment = "venv" of the suite)'


def sign_of_build(root: Path, library: Library) -> str:
    """What shows in a work tree that an install makes parts of its package; "" where nothing does."""
    if (setup := root / "setup.py").is_file() and _SETUP.search(_text(setup)):
        return "setup.py"
    if _pyproject_builds(root / "pyproject.toml"):
        return "pyproject.toml"
    for name in _BUILD_FILES:
        if (root / name).is_file():
            return name
    places = [root / path for path in library.paths if (root / path).is_dir()]
    found = (path for place in places for path in sorted(place.rglob("*")) if path.suffix in _SOURCES)
    first = next(found, None)
    return first.relative_to(root).as_posix() if first else ""


def _pyproject_builds(file: Path) -> bool:
    try:
        document: dict[str, Any] = tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError:
        return False
    system, tool = document.get("build-system", {}), document.get("tool", {})
    backend = str(system.get("build-backend", ""))
    required = system.get("requires", [])
    hooks = "hooks" in repr(tool.get("hatch", {}).get("build", {})) or "ext-modules" in tool.get("setuptools", {})
    local = bool(system.get("backend-path"))
    return hooks or local or backend.startswith(_BACKENDS) or any(_REQUIRED.match(str(one)) for one in required)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
