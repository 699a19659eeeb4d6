"""Which rules, budgets and acknowledgements hold in a check: those of the head, or, for a fork, those of the base.

Who opens a pull request from a fork could otherwise let it pass by a rule of its own. Elsewhere what stands in the
working tree holds, as a change of it is reviewed like code; and in both cases any change against the base is said in
one line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .. import config
from ..config import Config
from ..errors import ConfigError, InputError, RegressError, UsageError
from ..judge.rules import Rules
from ..model import Budget
from ..plain import printable
from .accepted import FILE, Accepted, parse_accepted, read_accepted
from .beside import Markers, markers, measured
from .context import DEFAULT_FOLDER
from .differences import Written, differences
from .sides import Chosen

if TYPE_CHECKING:
    from ..repo import Repository
    from .context import Workspace

#: As many changes are named one by one in a line.
_MOST_CHANGES = 4
#: What the names of variables begin with that a CI server sets.
_SERVERS = ("GITHUB_", "GITLAB_", "CI_", "JENKINS_", "BUILD_")


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds in a check: `config` as a whole, its rules and budgets joined with those beside the tests.

    note       what changed against the base, in one line; "" where nothing did
    warnings   what is wrong with markers, each naming its benchmark
    """

    config: Config
    rules: Rules
    budgets: tuple[Budget, ...]
    accepted: Accepted
    note: str = ""
    warnings: tuple[str, ...] = ()


def rules_for(
    workspace: Workspace,
    base_commit: str | None,
    trusted: bool = True,
    *,
    candidate: Chosen | None = None,
    base: Chosen | None = None,
) -> InForce:
    """What holds, and what of it differs from the commit `base_commit`, the merge base.

    Markers are those of `candidate`, for a fork (not `trusted`) those of `base`. Raises ConfigError where what would
    hold is wrong, and UsageError for a fork whose merge base is not known.
    """
    # A fork's own configuration may have given way to the base's already: see `trusted_workspace`.
    present = workspace.config if trusted else config.load(workspace.root)
    head = Written(present, read_accepted(workspace.root), markers(workspace, candidate))
    then = _at(workspace, base_commit, trusted)
    if then is None:
        if not trusted:
            hint = "fetch the whole history (`fetch-depth: 0`), so that the merge base is known"
            raise UsageError(
                "the rules of a fork's pull request are those of its merge base, and it is not known", hint=hint
            )
        return _in_force(head, "")
    if isinstance(then, str):
        return _in_force(head, then)
    then = replace(then, markers=markers(workspace, base))
    # What only one side measured says nothing of the markers of the other.
    changes = differences(
        replace(then, markers=then.markers.only(measured(candidate))),
        replace(head, markers=head.markers.only(measured(base))),
    )
    if trusted:
        return _in_force(head, f"rules changed against the base: {_listed(changes)}" if changes else "")
    note = f"a fork's pull request: rules and acknowledgements are those of its merge base {(base_commit or '')[:10]}"
    return _in_force(then, note + (f", without these changes: {_listed(changes)}" if changes else ""))


def _in_force(written: Written, note: str) -> InForce:
    beside = written.markers
    return InForce(
        config=written.config,
        rules=Rules((*written.config.rules, *beside.rules)),
        budgets=(*written.config.budgets, *beside.budgets),
        accepted=written.accepted,
        note=printable(note),
        warnings=beside.warnings,
    )


def _listed(changes: list[str]) -> str:
    left = len(changes) - _MOST_CHANGES
    return "; ".join(changes[:_MOST_CHANGES]) + (f"; and {left} more" if left > 0 else "")


def _at(workspace: Workspace, commit: str | None, trusted: bool) -> Written | str | None:
    """What stood at a commit; None where it cannot be seen, a line where it is wrong and does not hold anyway."""
    repository = workspace.repository
    if repository is None or not commit:
        return None
    try:
        texts = {name: repository.show(commit, name) for name in (config.OWN, config.SHARED, FILE)}
    except RegressError:
        return None  # the commit is not in this clone
    try:
        return _parsed(repository, commit, texts, workspace.root)
    except ConfigError as error:
        if trusted:
            return f"rules changed against the base, whose own cannot be read: {error}"
        raise


def _parsed(repository: Repository, commit: str, texts: Mapping[str, bytes | None], root: Path) -> Written:
    at = commit[:10]

    def read(name: str) -> str | None:
        content = texts[name] if name in texts else repository.show(commit, name)
        try:
            return None if content is None else content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ConfigError(f"is no text: {error}", where=f"{name}@{at}") from None

    loaded = config.load_with(read, root, at)
    return Written(loaded, parse_accepted(texts[FILE] or b""), Markers())


def is_fork(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this is the CI job of a pull request from a fork, by what the CI server tells its jobs.

    Where a pull request's event cannot be read, or the fork was deleted, it is taken for one.
    """
    if not any(name.startswith(_SERVERS) for name in environ):
        return False  # a shell: it need not load what speaks to forges
    from ..forge import EventKind, read_event

    try:
        event = read_event(environ)
    except InputError:
        return environ.get("GITHUB_EVENT_NAME", "").startswith("pull_request")
    return event.kind is EventKind.PULL_REQUEST and event.fork


def merge_base(
    workspace: Workspace, commit: str, trusted: bool = True, environ: Mapping[str, str] = os.environ
) -> str | None:
    """The merge base of a commit and the main branch, as far as the history's graph knows it.

    For a fork the branch is the one that the CI job says the pull request is for, else the repository's default: the
    fork's own configuration, which names a branch too, could choose an older state of the rules.
    """
    tip = workspace.main_tip if trusted else _target(workspace, environ)
    return workspace.graph.merge_base(commit, tip) if tip else None


def _target(workspace: Workspace, environ: Mapping[str, str]) -> str | None:
    """The tip of the branch that a fork's pull request is for; origin's, as a fork may name its own alike."""
    if workspace.repository is None:
        return None
    told = [environ.get(name, "") for name in ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")]
    branch = next(filter(None, told), None) or workspace.repository.default_branch() or ""
    refs = workspace.repository.refs()
    return refs.get(f"origin/{branch}") or refs.get(branch)


def trusted_workspace(workspace: Workspace, base_commit: str) -> None:
    """Puts the merge base's configuration in place of the fork's: names, meanings of metrics and all limits follow it.

    The history, too, is the one that the base names, unless the command line or REGRESS_DB does. To be called before
    anything is kept of what was read of it, as it is opened anew. Raises ConfigError and UsageError.
    """
    then = _at(workspace, base_commit, trusted=False)
    if not isinstance(then, Written):
        hint = "fetch the whole history (`fetch-depth: 0`), so that the merge base is known"
        raise UsageError("the merge base's configuration cannot be read", hint=hint)
    workspace.close()
    own = workspace.config.database
    if own is not None and workspace.database == own and not os.environ.get("REGRESS_DB"):
        workspace.database = then.config.database or str(workspace.root / DEFAULT_FOLDER / "history.db")
    workspace.config = then.config
    for name in ("present", "graph", "main_tip"):
        workspace.__dict__.pop(name, None)
