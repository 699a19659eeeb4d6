"""Stored runs, whole, to be written somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..formats import canonical
from ..model import Run
from .sides import side_of

if TYPE_CHECKING:
    from .context import Workspace


def digests_of(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """The digests of the runs that are named (commits, run:ID, baselines), or of all runs, sorted."""
    if not names:
        return sorted(run.digest for run in workspace.existing_history.runs())
    return sorted({run.digest for name in names for run in side_of(workspace, name).stored})


def whole_runs(workspace: Workspace, digests: Sequence[str]) -> Iterator[tuple[str, Run]]:
    """Digest and run, with samples and all, in the canonical order of its rows; a few in memory at a time.

    Two histories that hold the same runs give the same text, whatever way and order they came in.
    """
    for digest, run in workspace.existing_history.whole(digests):
        yield digest, canonical(run)
