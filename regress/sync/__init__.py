"""The shared history: runs, baselines, tombstones and what was told, in a branch of the repository or a second history.

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
from .telling import claim, learn_told
from .verify import Verified, verify

__all__ = [
    "Branch", "Change", "Compacted", "Copied", "Pruned", "Pulled", "Pushed", "Tombstone", "Tree", "Verified", "claim",
    "compact", "copy_runs", "learn_told", "prune", "pull", "push", "shared_branch", "verify",
]  # fmt: skip
