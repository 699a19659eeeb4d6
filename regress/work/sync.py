"""The history that a project's jobs share: in a branch of the repository, or in another history by its URL."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .. import sync
from ..errors import UncomparedError, UsageError
from ..model import StoredRun
from ..sync import Branch, Compacted, Copied, Pruned, Pulled, Pushed, Verified
from ..sync.prune import Policy, tombstone
from .sides import APART, side_of

if TYPE_CHECKING:
    from .context import Workspace

_DAYS = {"d": 1, "w": 7, "y": 365}


@dataclass(frozen=True, slots=True)
class Place:
    """Which branch of which remote; what is not said is as configured."""

    branch: str | None = None
    remote: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be shared: the runs that are named, or `everything`, or else the clean ones of the main branch."""

    names: tuple[str, ...] = ()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a push; `kept` runs were not meant to be shared, `shallow` may be why."""

    done: Pushed | Copied
    kept: int
    shallow: bool
    where: str


@dataclass(frozen=True, slots=True)
class Shares:
    """How much there is here and there, by counting runs."""

    here: int
    there: int
    only_here: int
    only_there: int
    pruned: int
    baselines: int
    where: str


@contextmanager
def branch_of(workspace: Workspace, place: Place) -> Iterator[Branch]:
    """The shared branch, for as long as the block lasts."""
    if workspace.repository is None:
        hint = "work in the project's clone (-C DIR), or give the URL of a history"
        raise UsageError("there is no git repository here", where=str(workspace.root), hint=hint)
    config = workspace.config
    remote, name = place.remote or config.history_remote, place.branch or config.history_branch
    with sync.shared_branch(workspace.repository, remote, name) as branch:
        yield branch


def push(workspace: Workspace, choice: Choice, place: Place) -> Sent:
    """Adds the chosen runs and all baselines to the shared branch."""
    digests, kept = _chosen(workspace, choice)
    with branch_of(workspace, place) as branch:
        done = sync.push(workspace.existing_history, branch, digests)
        return Sent(done, kept, _is_shallow(workspace), branch.shown)


def push_to(workspace: Workspace, choice: Choice, url: str) -> Sent:
    """Copies the chosen runs and all baselines to another history."""
    from ..history import History

    digests, kept = _chosen(workspace, choice)
    with History.open(_history_url(url)) as target:
        done = sync.copy_runs(workspace.existing_history, target, digests)
        return Sent(done, kept, _is_shallow(workspace), target.url)


def pull(workspace: Workspace, place: Place) -> tuple[Pulled, str]:
    """Brings what the shared branch has into the history, and takes out what was pruned there; where that is."""
    with branch_of(workspace, place) as branch:
        return sync.pull(workspace.history, branch, workspace.learn_commits), branch.shown


def pull_from(workspace: Workspace, url: str) -> tuple[Copied, str]:
    """Copies what another history has into this one; where that is."""
    from ..history import History

    with History.open(_history_url(url), create=False) as source:
        digests = [run.digest for run in source.runs()]
        done = sync.copy_runs(source, workspace.history, digests)
        return done, source.url


def compact(workspace: Workspace, place: Place) -> Compacted:
    """Begins the branch anew; its past stays under another name."""
    with branch_of(workspace, place) as branch:
        return sync.compact(branch)


def verify(workspace: Workspace, place: Place) -> tuple[Verified, str]:
    """Checks every file of the branch; where that is."""
    with branch_of(workspace, place) as branch:
        return sync.verify(branch), branch.shown


def stats(workspace: Workspace, place: Place) -> Shares:
    """What is in the history, what in the branch, and what only in one of them."""
    here = {run.digest for run in workspace.history.runs()}
    with branch_of(workspace, place) as branch:
        tree = branch.fetch()
        there = tree.runs.keys()
        counts = len(here), len(there), len(here - there), len(there - here)
        return Shares(*counts, len(tree.pruned), len(tree.baselines), branch.shown)


@dataclass(frozen=True, slots=True)
class PruneRequest:
    """Which runs are to go, and why. `runs` are the beginnings of digests; with them there is no other choice."""

    policy: Policy
    runs: tuple[str, ...] = ()
    reason: str = ""
    dry: bool = False


@dataclass(frozen=True, slots=True)
class PruneResult:
    """The runs that were chosen (by digest), those of them that the history knows, and what was done (dry: nothing)."""

    digests: tuple[str, ...]
    known: Sequence[StoredRun]
    done: Pruned | None


def prune(workspace: Workspace, request: PruneRequest, place: Place) -> PruneResult:
    """Takes runs out of the branch and the history. First what the branch holds is pulled, so that it is known."""
    history = workspace.history
    with branch_of(workspace, place) as branch:
        sync.pull(history, branch, workspace.learn_commits)
        there = branch.fetch().runs
        stored = [run for run in history.runs() if run.digest in there]
        if request.runs:
            digests = {_completed(start, there) for start in request.runs}
        else:
            named = {digest for one in history.baselines() for digest in one.digests}
            digests = {run.digest for run in request.policy.chosen(stored, named)}
        known = [run for run in stored if run.digest in digests]
        listed = tuple(sorted(digests))
        if request.dry or not digests:
            return PruneResult(listed, known, None)
        now, author = datetime.now(UTC).replace(microsecond=0), workspace.author
        by_digest = {run.digest: run for run in known}
        reason = request.reason or "no reason given"
        stones = [tombstone(digest, by_digest.get(digest), reason, author, now) for digest in listed]
        return PruneResult(listed, known, sync.prune(history, branch, stones))


def age(text: str) -> datetime:
    """The moment that `180d`, `26w`, `2y` ago or a date such as 2026-01-31 means. Raises UsageError."""
    match = re.fullmatch(r"(\d{1,5})\s*([dwy])", text.strip())
    try:
        if match:
            return datetime.now(UTC) - timedelta(days=int(match[1]) * _DAYS[match[2]])
        found = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is no age and no date", hint="write 180d, 26w, 2y or 2026-01-31") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _chosen(workspace: Workspace, choice: Choice) -> tuple[list[str], int]:
    """The digests to share, in the order of the history, and how many other runs there are."""
    if choice.names:
        return list(dict.fromkeys(run.digest for name in choice.names for run in side_of(workspace, name).stored)), 0
    history = workspace.existing_history
    runs = history.runs()
    if choice.everything:
        return [run.digest for run in runs], 0
    workspace.learn_commits()
    tip = workspace.main_tip
    line = frozenset(workspace.graph.first_parents(tip)) if tip else None
    # A baseline without its runs would be an empty name for everybody else.
    named = {digest for one in history.baselines() for digest in one.digests}
    found = [run.digest for run in runs if run.digest in named or _is_shared(run, line)]
    return found, len(runs) - len(found)


def _is_shared(run: StoredRun, line: Collection[str] | None) -> bool:
    """Whether a run belongs to the history of the main branch; any clean one where that branch is not known."""
    return not run.dirty and not APART & {*run.tags} and (line is None or run.commit in line)


def _is_shallow(workspace: Workspace) -> bool:
    return workspace.repository is not None and workspace.repository.is_shallow()


def _history_url(url: str) -> str:
    if "://" not in url:
        raise UsageError(f"{url!r} is no URL of a history", hint="write postgresql://HOST/NAME or sqlite:///PATH")
    return url


def _completed(start: str, digests: Collection[str]) -> str:
    found = [digest for digest in digests if digest.startswith(start.lower())] if len(start) >= 4 else []
    if len(found) == 1:
        return found[0]
    if not found:
        raise UncomparedError(f"no run of the branch begins with {start!r}", hint="give at least four digits")
    raise UsageError(f"{len(found)} runs begin with {start!r}", hint="give more digits")
