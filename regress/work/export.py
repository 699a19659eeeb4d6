"""Stored runs, whole, to be written somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..model import Run
from .sides import side_of

if TYPE_CHECKING:
    from .context import Workspace

_AT_ONCE = 20


def digests_of(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """The digests of the runs that are named (commits, run:ID, baselines), or of all runs, in history order."""
    if not names:
        return [run.digest for run in workspace.existing_history.runs()]
    return list(dict.fromkeys(run.digest for name in names for run in side_of(workspace, name).stored))


def whole_runs(workspace: Workspace, digests: Sequence[str]) -> Iterator[tuple[str, Run]]:
    """Digest and run, with samples and all, a few in memory at a time."""
    history = workspace.existing_history
    for start in range(0, len(digests), _AT_ONCE):
        stored = history.runs(digests=digests[start : start + _AT_ONCE])
        runs = history.load([run.id for run in stored], samples=True)
        yield from zip((run.digest for run in stored), runs, strict=True)
