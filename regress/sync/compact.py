"""A new generation: the branch begins anew with the files that it has; its past stays under another name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import InputError, UncomparedError
from .branch import TRIES, Branch
from .layout import Tree
from .transport import pause


@dataclass(frozen=True, slots=True)
class Compacted:
    """The branch's new first commit, and the name under which its past is kept until somebody deletes it."""

    tip: str
    kept: str
    before: Tree


def compact(branch: Branch) -> Compacted:
    """Replaces the branch by one commit with the same files, after its past has got a name of its own.

    The only push that does not build on the tip, and only if the tip is still the one whose files were taken. A job
    that builds on the old tip at this moment is refused, fetches, and adds its files to the new one: nothing is lost.
    """
    kept, last = "", None
    for attempt in range(TRIES):
        tree = branch.fetch()
        if tree.tip is None:
            raise UncomparedError(f"there is no branch {branch.name} yet", where=branch.shown, hint="push runs first")
        kept = kept or _next_name(branch)
        # The name holds what the last attempt put there: a fetch of one commit does not show that it is an ancestor.
        if not branch.push(tree.tip, kept, instead_of=last):
            hint = "look at it with `git log`, and try again"
            raise InputError(f"the branch {kept} has something else in it", where=branch.shown, hint=hint)
        last = tree.tip
        tip = branch.root(tree, f"Begin anew with {len(tree.runs)} runs; the past is {kept}\n")
        if branch.push(tip, instead_of=tree.tip):
            return Compacted(tip, kept, tree)
        pause(attempt)
    raise InputError(f"another job was faster {TRIES} times in a row", where=branch.shown, hint="try again later")


def _next_name(branch: Branch) -> str:
    """`regress-history-1` for the first generation, and so on."""
    pattern = re.compile(re.escape(branch.name) + r"-(\d+)")
    numbers = [int(found[1]) for name in branch.names() if (found := pattern.fullmatch(name))]
    return f"{branch.name}-{max(numbers, default=0) + 1}"
