"""From one history to another: what the other one lacks; each run is checked by its digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..history import History
from ..model import Bad, Run


@dataclass(slots=True)
class Copied:
    """What became of a copy. `known` runs were there."""

    runs: int = 0
    known: int = 0
    baselines: int = 0
    bad: list[Bad] = field(default_factory=list)


def copy_runs(source: History, target: History, digests: Sequence[str]) -> Copied:
    """Stores what `target` lacks of those runs of `source`, of all its baselines and commits, and of what was told."""
    there = {run.digest for run in target.runs()}
    missing = [digest for digest in digests if digest not in there]
    done = Copied(known=len(digests) - len(missing))
    graph = source.known_commits() - target.known_commits()
    target.add_commits(source.commits(graph).values())
    recorded = target.record(_whole(source, missing, done.bad))
    done.runs = sum(not one.known for one in recorded)
    done.baselines = target.add_baselines(source.baselines())
    target.add_told(source.told())
    return done


def _whole(source: History, digests: Sequence[str], bad: list[Bad]) -> Iterator[Run]:
    for digest, run in source.whole(digests):
        if run.digest() == digest:
            yield run
        else:
            hint = "read its results again into a new history"
            bad.append(Bad(f"{source.url} run {digest[:12]}", "the stored run is damaged", hint))
