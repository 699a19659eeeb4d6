"""What the shipped defaults make of recorded runs with planted changes, replayed commit by commit through the CLI.

    python benchmarks/replay_runs.py FOLDER [--changes]

FOLDER holds 0000.json, 0001.json … (pytest-benchmark, one process a run, commits numbered in hexadecimal) and
truth.json: {"runs": 160, "steps": {name: [[run, size], …]}, "busy": […], "unchanged": [name, …]}. Each run is a commit
of a repository made for it: `regress ingest`, then `regress check`; with `--changes`, `regress changes` at each commit.

Prints shares of unchanged pairs and of runs red, the share inconclusive; for each benchmark the smallest visible
change that `check` states, and how often unchanged runs lie beyond it; planted steps found, by size; false causes.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

#: Runs after a planted step for which a benchmark does not count as unchanged.
AFTERMATH = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--changes", action="store_true", help="also look for changes at every commit")
    options = parser.parse_args()
    truth = json.loads((options.folder / "truth.json").read_text())
    with tempfile.TemporaryDirectory(prefix="regress-replay-") as folder:
        seen = replay(options.folder, truth, Path(folder), options.changes)
    gate(truth, seen)
    if options.changes:
        causes(truth, seen)


def replay(source: Path, truth: dict[str, Any], root: Path, with_changes: bool) -> list[dict[str, Any]]:
    """The JSON report of every commit, with what `changes` said as of it."""
    commits = repository(root, truth["runs"])
    seen = []
    for number, commit in enumerate(commits):
        git(root, "update-ref", "refs/heads/main", commit)
        document = json.loads((source / f"{number:04d}.json").read_text())
        document["commit_info"]["id"] = commit
        (root / "run.json").write_text(json.dumps(document))
        regress(root, "ingest", "run.json")
        (root / "report.json").unlink(missing_ok=True)
        regress(root, "check", "--report", "json=report.json")
        report = json.loads((root / "report.json").read_text())
        if with_changes:
            report["causes"] = json.loads(regress(root, "changes", "--format", "json", "--jobs", "1"))["causes"]
            report["numbers"] = {name: i for i, name in enumerate(commits)}
        seen.append(report)
        print(f"\r{number + 1} of {len(commits)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return seen


def repository(root: Path, count: int) -> list[str]:
    """So many empty commits on main; their hashes, oldest first."""
    git(root, "init", "-q", "-b", "main")
    tree = git(root, "hash-object", "-t", "tree", "-w", "--stdin")
    commits: list[str] = []
    for number in range(count):
        when = f"{1_700_000_000 + 3600 * number} +0000"
        parent = ["-p", commits[-1]] if commits else []
        stamp = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        commits.append(git(root, "commit-tree", tree, *parent, "-m", f"Run {number}", **stamp))
    return commits


def git(root: Path, *words: str, **stamp: str) -> str:
    name = {f"GIT_{who}_{what}": "replay" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", *words], cwd=root, env={**os.environ, **name, **stamp}, check=True, capture_output=True, text=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stdout.strip()


def regress(root: Path, *words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "regress", *words], cwd=root, capture_output=True, text=True)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"regress {' '.join(words)}: {done.stderr}")
    return done.stdout


def gate(truth: dict[str, Any], seen: list[dict[str, Any]]) -> None:
    """The table of `check`."""
    outcomes: Counter[str] = Counter()
    red_runs = runs = 0
    beyond: defaultdict[str, list[bool]] = defaultdict(list)
    visible: defaultdict[str, list[float]] = defaultdict(list)
    found: defaultdict[float, list[str]] = defaultdict(list)
    for number, report in enumerate(seen):
        red = False
        findings = report.get("findings", [])
        for verdict in report["verdicts"]:
            name = verdict["variant"].strip("[]")
            steps = dict(truth["steps"].get(name, ()))
            if number in steps:
                found[steps[number]].append(verdict["outcome"])
            if any(step <= number < step + AFTERMATH for step in steps):
                continue
            outcomes[verdict["outcome"]] += verdict["outcome"] != "new"
            red |= verdict["outcome"] == "regressed"
            if verdict["noise"]:
                visible[name].append(verdict["noise"])
                beyond[name].append(verdict["change"] > verdict["noise"])
        runs += 1
        red_runs += red or any(finding["outcome"] == "regressed" for finding in findings)
    pairs = sum(outcomes.values())
    print(f"unchanged pairs: {pairs}; red {outcomes['regressed'] / pairs:.2%}, inconclusive "
          f"{outcomes['inconclusive'] / pairs:.2%}, incomparable {outcomes['incomparable'] / pairs:.2%}")  # fmt: skip
    print(f"runs red without a planted step: {red_runs} of {runs} ({red_runs / runs:.1%})")
    print("benchmark        smallest visible change (median)   unchanged runs beyond it (stated: .5 %)")
    for name in sorted(visible):
        print(f"{name:16} {statistics.median(visible[name]):>10.1%} {sum(beyond[name]) / len(beyond[name]):>30.1%}")
    total = [hit for hits in beyond.values() for hit in hits]
    print(f"{'all':16} {'':>10} {sum(total) / len(total):>30.2%}")
    print("planted steps at their commit, by size:")
    for size in sorted(found):
        print(f"  {size:+.0%}: {dict(Counter(found[size]))}")


def causes(truth: dict[str, Any], seen: list[dict[str, Any]]) -> None:
    """The table of `changes`: what is confirmed within ten commits, and what should not be."""
    numbers = seen[-1]["numbers"]
    hit: defaultdict[float, list[bool]] = defaultdict(list)
    for name, steps in truth["steps"].items():
        for step, size in steps:
            late = seen[min(step + AFTERMATH, len(seen) - 1)]
            hit[size].append(any(_about(change, name, size) and _near(cause, step, numbers)
                                 for cause in late["causes"] for change in cause["changes"]))  # fmt: skip
    print("planted steps confirmed by `changes` within ten commits, by size:")
    for size in sorted(hit):
        print(f"  {size:+.0%}: {sum(hit[size])} of {len(hit[size])}")
    false = set()
    for report in seen:
        for cause in report["causes"]:
            for change in cause["changes"]:
                name = change["benchmark"].partition("[")[2].rstrip("]")
                if name in truth["unchanged"] and change.get("status", cause["status"]) != "suspected":
                    false.add((cause["id"], name))
    print(f"causes on benchmarks that never change: {len({cause for cause, _ in false})} {sorted(false)}")


def _about(change: dict[str, Any], name: str, size: float) -> bool:
    told = change["change"]
    return f"[{name}]" in change["benchmark"] and told is not None and math.copysign(1, told) == math.copysign(1, size)


def _near(cause: dict[str, Any], step: int, numbers: dict[str, int]) -> bool:
    first, last = numbers.get(cause["first_commit"], -1), numbers.get(cause["last_commit"], -1)
    return first - 3 <= step <= last + 3


if __name__ == "__main__":
    assert shutil.which("git")
    main()
