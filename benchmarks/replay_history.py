"""The gate over a published history of github-action-benchmark, commit by commit, beside the rules of others.

    python benchmarks/replay_history.py data.js.xz [--last 400]

Each entry becomes a commit of a repository made for it, is ingested alone and judged by `regress check` with the
shipped defaults, knowing only what came before it. Beside it on the same figures: github-action-benchmark's ratio to
the entry before (its default 200 %, and 150, 120, 110 %) and pytest-benchmark's `--benchmark-compare-fail=mean:10%`
against the entry before. A run is red when one benchmark is. What is truly slower nobody knows here: the last lines say
how many of the red runs lie within three entries of a change for the worse that is confirmed over the whole history.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from replay_runs import git

from regress.formats import ReadOptions, runs_of
from regress.model import Run, Trend
from regress.work.changes import find_changes
from regress.work.check import CheckRequest, check
from regress.work.context import Workspace

RATIOS = (2.0, 1.5, 1.2, 1.1)
#: A red entry so near to a confirmed change is taken to have seen it.
NEAR = 3


@dataclass
class Seen:
    """What became of the entries: outcomes of benchmarks, numbers of the red entries by rule, seconds of each check."""

    outcomes: Counter[str] = field(default_factory=Counter)
    red: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    seconds: list[float] = field(default_factory=list)
    judged: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path")
    parser.add_argument("--last", type=int, default=0, help="judge only so many, the newest (all: 0)")
    options = parser.parse_args()
    runs = sorted(runs_of([options.path], ReadOptions()), key=lambda run: run.started_at or datetime.now(UTC))
    with tempfile.TemporaryDirectory(prefix="regress-replay-") as folder:
        seen, worse = replay(runs, Path(folder), options.last or len(runs))
    say(runs, seen, worse)


def replay(runs: list[Run], root: Path, last: int) -> tuple[Seen, list[int]]:
    """What is seen entry by entry, and the entries at which the whole history has a confirmed change for the worse."""
    os.environ.pop("REGRESS_DB", None)
    made = repository(root, runs)
    place = {name: number for number, name in enumerate(made)}
    seen, before, tip = Seen(), dict[str, dict[str, float]](), 0
    for number, run in enumerate(runs):
        tip = max(tip, place[run.commit])
        git(root, "update-ref", "refs/heads/main", list(made.values())[tip])
        judged = number >= len(runs) - last
        with Workspace.open(root) as workspace:
            workspace.learn_commits({made[run.commit]})
            workspace.history.record([replace(run, commit=made[run.commit])])
            if judged:
                judge(workspace, made[run.commit], run, number, seen)
        others(run, number, before, seen, judged=judged)
        print(f"\r{number + 1} of {len(runs)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    with Workspace.open(root) as workspace:
        return seen, confirmed(workspace, runs, made)


def repository(root: Path, runs: list[Run]) -> dict[str, str]:
    """A commit on one line for each that was measured, in the order in which they were first: recorded -> made."""
    git(root, "init", "-q", "-b", "main")
    tree = git(root, "hash-object", "-t", "tree", "-w", "--stdin")
    made: dict[str, str] = {}
    last = ""
    for number, name in enumerate(dict.fromkeys(run.commit for run in runs)):
        when = f"{1_500_000_000 + 3600 * number} +0000"
        stamp = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        last = made[name] = git(root, "commit-tree", tree, *(["-p", last] if last else []), "-m", name[:10], **stamp)
    return made


def judge(workspace: Workspace, commit: str, run: Run, number: int, seen: Seen) -> None:
    began = time.process_time()
    report = check(workspace, CheckRequest(commit=commit))
    seen.seconds.append(time.process_time() - began)
    seen.judged += 1
    own = [v for v in report.verdicts if v.comparison.environment.digest == run.environment.digest]
    seen.outcomes.update(v.outcome.value for v in own)
    if any(v.failing for v in own) or any(finding.failing for finding in report.findings):
        seen.red["regress check"].append(number)


def others(run: Run, number: int, before: dict[str, dict[str, float]], seen: Seen, *, judged: bool) -> None:
    """The rules of others: each benchmark against the entry before it in its list."""
    means = {key.benchmark.full: float(run.columns.stats["mean"][row]) for row, key in enumerate(run.columns.keys)}
    last = before.get(run.environment.digest, {})
    ratio = max((mean / last[name] for name, mean in means.items() if last.get(name)), default=0.0)
    before[run.environment.digest] = means
    if not judged:
        return
    for limit in RATIOS:
        if ratio > limit:
            seen.red[f"ratio to the entry before > {limit:.0%}"].append(number)


def confirmed(workspace: Workspace, runs: list[Run], made: dict[str, str]) -> list[int]:
    """The entries at whose commit a confirmed change for the worse begins."""
    numbers = defaultdict(list)
    for number, run in enumerate(runs):
        numbers[made[run.commit]].append(number)
    found = find_changes(workspace).causes
    worse = [cause for cause in found if cause.trend is Trend.REGRESSION and cause.confirmed]
    starts = [change.span.estimate for cause in worse for change in cause.changes]
    return sorted({number for commit in starts for number in numbers.get(commit, ())})


def say(runs: list[Run], seen: Seen, worse: list[int]) -> None:
    lists = {json.dumps(run.environment.key) for run in runs}
    each, most = sum(seen.seconds) / max(seen.judged, 1), max(seen.seconds)
    print(f"{len(runs):,} entries in {len(lists)} lists, {seen.judged:,} judged")
    print(f"a check takes {each * 1e3:.0f} ms of CPU, {most:.2f} s at most")
    print("outcomes:", ", ".join(f"{count:,} {name}" for name, count in seen.outcomes.most_common()))
    print(f"entries with a confirmed change for the worse, over the whole history: {len(worse)}")
    for rule, red in sorted(seen.red.items(), key=lambda pair: len(pair[1])):
        near = sum(any(abs(number - place) <= NEAR for place in worse) for number in red)
        met = sum(any(abs(number - place) <= NEAR for number in red) for place in worse)
        share = len(red) / seen.judged
        print(f"{rule:36} {len(red):>5} red ({share:.1%}), {near} near one; {met} of {len(worse)} met")


if __name__ == "__main__":
    main()
