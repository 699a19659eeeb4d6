"""How often `regress bisect` finds a planted culprit, and what that costs beside plain bisection.

    python benchmarks/bisect_quality.py [--tries 20] [--commits 64] [--slower 0.25] [--rounds 3] [--turns 60000]

Each try is a real repository (src layout) installed editable into a virtual environment of its own (pip fetches the
build backend), in which one commit at a random place makes a benchmark slower; each run is a real pytest in a process
of its own, on this machine with the noise that it has. Plain bisection is `git bisect` with one run a commit: good and
bad are measured once, and half-way between them lies the threshold; it measures in the same way, in the same minutes.

Prints a line a try and a summary: found, runs used (median, most), by both, and the noise that was seen.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    options = arguments()
    if options.inner is not None:
        print(json.dumps(one_try(options, Path(options.inner))))
        return
    with tempfile.TemporaryDirectory(prefix="regress-bisect-") as folder:
        measure_all(options, Path(folder))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--commits", type=int, default=64)
    parser.add_argument("--slower", type=float, default=0.25, help="the planted slowdown, .25 is 25 %%")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of one run: fewer are noisier")
    parser.add_argument("--turns", type=int, default=60_000, help="work of one round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--culprit", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--inner", help=argparse.SUPPRESS)
    return parser.parse_args()


def measure_all(options: argparse.Namespace, folder: Path) -> None:
    chance = random.Random(options.seed)
    sys.path.insert(0, str(ROOT))
    from tests.work.library import make_library

    repository = folder / "spool"
    python = None
    results = []
    for number in range(1, options.tries + 1):
        culprit = chance.randint(1, options.commits)
        shutil.rmtree(repository, ignore_errors=True)
        make_library(
            repository, options.commits, culprit,
            factor=1 + options.slower, turns=options.turns, rounds=options.rounds,
        )  # fmt: skip
        python = python or environment(folder / "env", repository)
        words = [f"--{name}={getattr(options, name)}" for name in ("commits", "slower")]
        command = [python, __file__, *words, f"--culprit={culprit}", f"--inner={repository}"]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": ""}, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        results.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"{number:3} {line(results[-1])}", flush=True)
    print(summary(results))


def environment(folder: Path, repository: Path) -> str:
    """A virtual environment that sees this program and its tools, with the repository installed editable."""
    venv.create(folder, symlinks=True, with_pip=False)
    python = str(folder / "bin" / "python")
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    (site / "tools.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n", encoding="utf-8")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps"]
    subprocess.run([*install, "-e", str(repository)], check=True)
    where = [python, "-c", "import spool; print(spool.__file__)"]
    found = subprocess.run(where, check=True, capture_output=True, text=True, cwd=folder).stdout.strip()
    assert found == str(repository / "src" / "spool" / "__init__.py"), found
    return python


def one_try(options: argparse.Namespace, repository: Path) -> dict[str, object]:
    """Both searches, in the environment in which the library is installed."""
    from regress.work.bisect import BisectRequest, State, bisect
    from regress.work.context import Workspace
    from tests.work.library import NAME

    with Workspace.open(repository, database=str(repository / ".regress" / "history.db")) as workspace:
        started = time.monotonic()
        found = bisect(workspace, BisectRequest(NAME, f"HEAD~{options.commits}", "HEAD"))
        seconds = time.monotonic() - started
    culprit = found.culprits[0].subject if len(found.culprits) == 1 else ""
    plain, plain_runs = plain_bisection(options, repository)
    return {
        "culprit": options.culprit,
        "state": str(found.state),
        "right": found.state is State.FOUND and culprit == "Wind with more care",
        "runs": found.runs,
        "seconds": seconds,
        "noise": found.sigma,
        "change": found.change,
        "plain_right": plain == options.culprit,
        "plain_runs": plain_runs,
    }


def plain_bisection(options: argparse.Namespace, repository: Path) -> tuple[int, int]:
    """The commit (by its number) that `git bisect` with one run a commit would name, and the runs."""
    from regress.work.bisect.measure import bench
    from regress.work.bisect.span import between
    from regress.work.bisect.subject import find
    from regress.work.context import Workspace
    from tests.work.library import NAME

    with Workspace.open(repository, database=str(repository / ".regress" / "plain.db")) as workspace:
        assert workspace.repository is not None
        workspace.learn_commits()
        ends = [workspace.resolve(name) for name in (f"HEAD~{options.commits}", "HEAD")]
        span = between(workspace, ends[0], ends[1], ["src"], all_parents=False)
        subject = find(workspace, NAME, None)
        with bench(workspace, workspace.repository, ends[0]) as opened:
            good, bad = (opened.measure(subject, span.places[place]).value for place in (0, -1))
            low, high, runs = 0, len(span.places) - 1, 2
            while high - low > 1:
                middle = (low + high) // 2
                slow = opened.measure(subject, span.places[middle]).value > math.sqrt(good * bad)
                low, high = (low, middle) if slow else (middle, high)
                runs += 1
    return high, runs


def line(result: dict[str, object]) -> str:
    words = {True: "found", False: "WRONG"}
    ours = words[bool(result["right"])] if result["state"] == "found" else "cannot tell"
    plain = words[bool(result["plain_right"])]
    return (
        f"culprit {result['culprit']:>2}: {ours} in {result['runs']} runs ({result['seconds']:.0f} s, noise "
        f"{result['noise']:.1%}, step {result['change']:+.0%}); plain bisection {plain} in {result['plain_runs']}"
    )


def summary(results: list[dict[str, object]]) -> str:
    runs = [int(str(result["runs"])) for result in results]
    noise = statistics.median(float(str(result["noise"])) for result in results)
    ours, plain = (sum(bool(result[name]) for result in results) for name in ("right", "plain_right"))
    plain_runs = statistics.median(int(str(result["plain_runs"])) for result in results)
    wrong = sum(result["state"] == "found" and not result["right"] for result in results)
    return (
        f"regress bisect: {ours} of {len(results)} found, {wrong} wrong, runs: median {statistics.median(runs):g}, "
        f"most {max(runs)}\nplain bisection: {plain} of {len(results)} found, runs: median {plain_runs:g}\n"
        f"noise of one run: median {noise:.1%}"
    )


if __name__ == "__main__":
    main()
