"""The shared history: runs, baselines and tombstones in a branch of the repository, or in another history.

    with Branch.open(repository, "origin", "regress-history") as branch:
        push(history, branch, digests)
        pull(history, branch)

`layout` is the specification of what the branch holds, `branch` the git side of it; neither knows a history.
"""

from .branch import Branch, Change, shared_branch
from .compact import Compacted, compact
from .copying import Copied, copy_runs
from .exchange import Pulled, Pushed, pull, push
from .layout import Tombstone, Tree
from .prune import Pruned, prune
from .verify import Verified, verify

__all__ = [
    "Branch", "Change", "Compacted", "Copied", "Pruned", "Pulled", "Pushed", "Tombstone", "Tree", "Verified", "compact",
    "copy_runs", "prune", "pull", "push", "shared_branch", "verify",
]  # fmt: skip
