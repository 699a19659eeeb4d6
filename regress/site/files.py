"""The directory of a site: only what changed is written, only what this program made is removed."""

from __future__ import annotations

import errno
import filecmp
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import RegressError, UsageError

MANIFEST = ".regress-site.json"
ELSEWHERE = "choose another directory, or empty this one"


class Staging:
    """Files of a new site beside the old one. Nothing of the old site changes before `install`."""

    def __init__(self, out: Path, folder: Path) -> None:
        self._out = out
        self._folder = folder
        self._files: set[str] = set()

    def write(self, name: str, content: str | bytes) -> None:
        """Put one file into the new site; `name` is relative, with slashes."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # Note: a lone surrogate in a foreign name cannot be encoded; it is shown as a question mark.
        path.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
        self._files.add(name)

    def write_lines(self, name: str, lines: Iterable[str]) -> None:
        """Put a file into the new site that may be larger than memory."""
        with self.place(name).open("w", encoding="utf-8", errors="replace", newline="") as file:
            file.writelines(lines)

    def place(self, name: str) -> Path:
        """Where another one is to put a file of the new site, at once."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._files.add(name)
        return path

    def rename(self, old: str, new: str) -> None:
        """Give a file of the new site its last name."""
        (self._folder / old).rename(self._folder / new)
        self._files.remove(old)
        self._files.add(new)

    def amend(self, name: str, old: str, new: str) -> None:
        """Put `new` where `old` first stands in a file of the new site."""
        path = self._folder / name
        path.write_bytes(path.read_bytes().replace(old.encode(), new.encode(), 1))

    def install(self) -> tuple[int, int, int, int]:
        """Move what is new or changed into the site; returns bytes in all, written, unchanged, removed."""
        before = made_by_regress(self._out)
        self._refuse_foreign(before)
        self._out.mkdir(parents=True, exist_ok=True)
        # The list of both stands first: if this is interrupted, the next build still knows all files as its own.
        self._list(before | self._files)
        size, written, unchanged = 0, 0, 0
        # A page comes after what it loads, and the first page last: nobody reads half a site.
        for name in sorted(self._files, key=_pages_last):
            new, old = self._folder / name, self._out / name
            size += new.stat().st_size
            if old.is_file() and filecmp.cmp(new, old, shallow=False):
                unchanged += 1
            else:
                old.parent.mkdir(parents=True, exist_ok=True)
                _move(new, old)
                written += 1
        stale = sorted(before - self._files)
        removed = sum(_remove(self._out, name) for name in stale)
        self._list(self._files)
        return size, written, unchanged, removed

    def _refuse_foreign(self, before: set[str]) -> None:
        for name in sorted(self._files - before):
            place = self._out / name
            if os.path.lexists(place):
                raise UsageError("this file was not made by regress", where=str(place), hint=ELSEWHERE)
        for folder in sorted({str(Path(name).parent) for name in self._files} - {"."}):
            place = self._out / folder
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                raise UsageError("this is not a directory made by regress", where=str(place), hint=ELSEWHERE)

    def _list(self, names: set[str]) -> None:
        content = json.dumps({"made by": "regress", "files": sorted(names)}, indent=0, ensure_ascii=True) + "\n"
        manifest = self._out / MANIFEST
        if not (manifest.is_file() and manifest.read_text("utf-8") == content):
            manifest.write_text(content, "utf-8")


def _pages_last(name: str) -> tuple[bool, bool, str]:
    return name.endswith(".html"), name == "index.html", name


@contextmanager
def staging(out: Path) -> Iterator[Staging]:
    """A place for the new site beside `out`; it is gone afterwards, however this ends."""
    try:
        out = out.resolve()
        made_by_regress(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
            yield Staging(out, Path(folder))
    except OSError as problem:
        what = f"the site cannot be written: {problem.strerror or problem}"
        raise RegressError(what, where=str(problem.filename or out), hint="check the directory and the disk") from None


def made_by_regress(out: Path) -> set[str]:
    """The files of the site that is in `out`; raises UsageError where something else is there."""
    if not os.path.lexists(out):
        return set()
    if not out.is_dir():
        raise UsageError("the site needs a directory, this is a file", where=str(out), hint="choose another name")
    manifest = out / MANIFEST
    if not manifest.is_file():
        if any(out.iterdir()):
            raise UsageError("the directory holds files that regress did not make", where=str(out), hint=ELSEWHERE)
        return set()
    try:
        names = json.loads(manifest.read_text("utf-8"))["files"]
        return {name for name in names if _inside(name)}
    except (ValueError, KeyError, TypeError):
        raise UsageError("the list of the site's files is broken", where=str(manifest), hint=ELSEWHERE) from None


def _inside(name: str) -> bool:
    """Whether a listed name lies in the site: what others wrote into the list must not remove files elsewhere."""
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts and name not in ("", ".", MANIFEST)


def _remove(out: Path, name: str) -> bool:
    path = out / name
    if path.parent.resolve() != (out.resolve() / name).parent or path.is_dir() or not os.path.lexists(path):
        return False
    path.unlink()
    return True


def _move(new: Path, old: Path) -> None:
    try:
        new.replace(old)
    except OSError as problem:
        if problem.errno != errno.EXDEV:
            raise
        shutil.copyfile(new, old)  # the site's directory is a file system of its own, as in a container
