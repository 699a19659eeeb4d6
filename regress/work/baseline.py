"""Stored baselines: a name for the runs of a commit, with who, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..model import Baseline, Run
from .sides import clean_if_any, from_commit

if TYPE_CHECKING:
    from .context import Workspace


def set_baseline(workspace: Workspace, name: str, reference: str = "HEAD", reason: str = "") -> Baseline:
    """Stores the clean runs of a commit under a name; a name that exists gets a new version."""
    if not name or name in ("merge-base", "previous") or name.startswith("-") or not name.isprintable():
        hint = "choose a plain word such as release-1.0"
        raise UsageError(f"{name!r} cannot be the name of a baseline", hint=hint)
    side = from_commit(workspace, reference)
    if any(run.dirty for run in side.stored):
        hint = "commit the changes and measure again"
        raise UsageError(f"every run of {side.info.commit[:10]} was made with uncommitted changes", hint=hint)
    digests = [run.digest for run in clean_if_any(side.stored)]
    return workspace.existing_history.set_baseline(
        name, digests, commit=side.info.commit, reason=reason, author=workspace.author
    )


def list_baselines(workspace: Workspace) -> list[Baseline]:
    """The newest version of every baseline that has not been removed, by name."""
    newest: dict[str, Baseline] = {}
    for baseline in workspace.existing_history.baselines():
        if baseline.name not in newest or baseline.version > newest[baseline.name].version:
            newest[baseline.name] = baseline
    return sorted((b for b in newest.values() if not b.removed), key=lambda b: b.name)


def versions(workspace: Workspace, name: str) -> Sequence[Baseline]:
    """Every version of a baseline, newest first; UsageError where the name was never set."""
    found = workspace.existing_history.baselines(name)
    if not found:
        raise _unknown(name)
    return found


def remove_baseline(workspace: Workspace, name: str) -> None:
    """Removes a baseline; its versions stay in the history."""
    if workspace.existing_history.baseline(name) is None:
        raise _unknown(name)
    workspace.existing_history.remove_baseline(name, workspace.author)


def runs_of(workspace: Workspace, name: str) -> list[Run]:
    """The runs of a baseline, whole, as they are exported."""
    baseline = workspace.existing_history.baseline(name)
    if baseline is None:
        raise _unknown(name)
    stored = workspace.existing_history.runs(digests=baseline.digests)
    return workspace.existing_history.load([run.id for run in stored], samples=True)


def _unknown(name: str) -> UsageError:
    return UsageError(f"no baseline {name!r}", hint="`regress baseline list` shows those that there are")
