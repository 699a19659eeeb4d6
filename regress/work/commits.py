"""The commit graph from a file, where there is no clone to ask.

One commit a line: hash, its parents separated by spaces, and its time in seconds since the epoch, separated by
tabs, in any order. `git log --format='%H%x09%P%x09%ct' --all` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..errors import InputError
from ..model import Commit

if TYPE_CHECKING:
    from .context import Workspace

_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?$")
_HINT = "git log --format='%H%x09%P%x09%ct' --all writes such a file"


def import_commits(workspace: Workspace, lines: Iterable[str], where: str) -> int:
    """Adds the commits of `lines`; how many of them were new. Nothing is stored when a line is wrong."""
    commits = list(parse(lines, where))
    if not commits:
        raise InputError("holds no commit", where=where, hint=_HINT)
    return workspace.history.add_commits(commits)


def parse(lines: Iterable[str], where: str) -> Iterator[Commit]:
    """The commits of a file's lines; InputError names the first line that is wrong."""
    for number, line in enumerate(lines, 1):
        text = line.strip("\r\n")
        if not text.strip() or text.startswith("#"):
            continue
        fields = text.split("\t")
        place = f"{where}:{number}"
        if len(fields) != 3:
            raise InputError(f"has {len(fields)} fields instead of hash, parents, time", where=place, hint=_HINT)
        commit, parents, time = fields[0].lower(), fields[1].lower().split(), fields[2]
        for text in (commit, *parents):
            if not _HASH.match(text):
                raise InputError(f"{text[:60]!r} is not a full commit hash", where=place, hint=_HINT)
        yield Commit(commit, tuple(parents), _time(time, place))


def _time(text: str, place: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise InputError(f"{text[:60]!r} is not a time in seconds since the epoch", where=place, hint=_HINT) from None
