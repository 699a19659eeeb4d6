"""When to build a site again: the files that it is made of, and whether they have changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .context import Workspace

Stamp = tuple[tuple[str, int, int], ...]
SECONDS = 0.5


def watched(workspace: Workspace, theme: Path | None) -> Callable[[], Stamp]:
    """What tells when these change: the history (a file of SQLite), the configuration, what was accepted, the theme."""
    root, database = workspace.root, workspace.database
    names = ["pyproject.toml", "regress.toml", "regress-accepted.toml"]
    files = [root / name for name in names]
    if "://" not in database.removeprefix("sqlite://"):
        history = Path(database.removeprefix("sqlite:///"))
        files += [history, history.with_name(history.name + "-wal")]

    def stamp() -> Stamp:
        found = [*files, *(sorted(path for path in theme.rglob("*") if path.is_file()) if theme else ())]
        return tuple(entry for path in found if (entry := _entry(path)))

    return stamp


def _entry(path: Path) -> tuple[str, int, int] | None:
    """A file's name, time and size. An empty file counts as none: a reader of the history leaves an empty log."""
    try:
        state = path.stat()
    except OSError:
        return None
    return (str(path), state.st_mtime_ns, state.st_size) if state.st_size else None


def changes(stamp: Callable[[], Stamp], seen: Stamp, *, seconds: float = SECONDS) -> Iterator[None]:
    """One item for each change since `seen`, once it has come to rest; it never ends by itself.

    What changes while the receiver works is told with the next item, also what he writes himself: a build keeps in
    the history what it has found there, so one that found something new is followed by one that finds nothing.
    """
    while True:
        time.sleep(seconds)
        now = stamp()
        if now == seen:
            continue
        while now != (now := _later(stamp, seconds)):
            pass
        seen = now
        yield


def _later(stamp: Callable[[], Stamp], seconds: float) -> Stamp:
    time.sleep(seconds)
    return stamp()
