"""How often a confirmation is right, for real: on code that did not change, and on a planted slowdown.

    python benchmarks/confirm_quality.py --null 100 [--tolerance 0.05]
    python benchmarks/confirm_quality.py --planted 0.1 --tries 10 [--layout own|src|flat] [--tolerance 0.02]

--null     confirms base = head with this project's own suite in a clone of this checkout, until there are N: all its
           benchmarks in one process a side, each with the whole error of 1 %, though together they would share it
--planted  one benchmark is so much slower on the head:
    own    in this project's own suite: every n-th call does its work twice
    src    in a small library in src layout, installed editable into a virtual environment of its own, as
           `benchmarks/bisect_quality.py` has it: whoever does not take care measures head against head
    flat   the same with the package in the repository's root and nothing in pytest's settings, so that bare `pytest`
           would find it by the installation alone

Each pair is two real processes, on this machine with the noise that it has. Prints a line a try and a summary.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

SUITE = """[[suite]]
name = "pytest-benchmark"
kind = "pytest-benchmark"
args = ["benchmarks/pytest_suite", "--benchmark-max-time={seconds}", "--benchmark-min-rounds=5"]
"""
#: The benchmark of our own suite that is made slower, the file, the function, and what takes its place.
OWN = "bench_rooms.py::bench_human_units"
PLANTED = '''

_human, _calls, EVERY = human, [0], {every}


def human(value: float, unit: str, *, digits: int = 3) -> str:
    """A planted slowdown: every n-th call does its work twice."""
    _calls[0] += 1
    if EVERY and _calls[0] % EVERY == 0:
        _human(value, unit, digits=digits)
    return _human(value, unit, digits=digits)
'''


def main() -> None:
    options = arguments()
    # Installed plugins of the present checkout would be looked for in the package of every commit that is measured.
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_benchmark.plugin"}
    if options.inner is not None:
        print(json.dumps(confirmed(options, Path(options.inner), [options.name], options.seed)[0]))
        return
    with tempfile.TemporaryDirectory(prefix="regress-confirm-") as folder:
        if options.null:
            null(options, Path(folder))
        elif options.layout == "own":
            planted_here(options, Path(folder))
        else:
            planted_elsewhere(options, Path(folder))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--null", type=int, default=0, metavar="N")
    parser.add_argument("--planted", type=float, default=0.10, metavar="SHARE")
    parser.add_argument("--tries", type=int, default=10)
    parser.add_argument("--layout", choices=("own", "src", "flat"), default="own")
    parser.add_argument("--tolerance", type=float, default=0.02)
    parser.add_argument("--seconds", type=float, default=0.2, help="of measuring, a benchmark and process")
    parser.add_argument("--inner", help=argparse.SUPPRESS)
    parser.add_argument("--name", default=OWN, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def clone(folder: Path, seconds: float) -> Path:
    """This checkout's last commit in a repository of its own, with the suite described."""
    own = folder / "own"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(own)], check=True)
    (own / "regress.toml").write_text(SUITE.format(seconds=seconds), encoding="utf-8")
    return own


def null(options: argparse.Namespace, folder: Path) -> None:
    own = clone(folder, options.seconds)
    names = benchmarks_of(own)
    results: list[dict[str, object]] = []
    while len(results) < options.null:
        for result in confirmed(options, own, names, options.seed + len(results)):
            results.append(result)
            print(f"{len(results):3} {line(result)}", flush=True)
    print(summary(results))


def benchmarks_of(own: Path) -> list[str]:
    """The names of the benchmarks of the suite, as a quick run of it gives them."""
    from regress.work.confirm import ABRequest
    from regress.work.confirm.ab import discover, sides
    from regress.work.context import Workspace

    with Workspace.open(own) as workspace:
        assert workspace.repository is not None
        request = ABRequest("HEAD", "HEAD")
        head = sides(workspace.repository, request)[1]
        return sorted(key.benchmark.full for key in discover(workspace, workspace.repository, head, request, [])[0])


def planted_here(options: argparse.Namespace, folder: Path) -> None:
    """The last two commits of the clone differ in the planted work alone."""
    own = clone(folder, options.seconds)
    file = own / "regress" / "units.py"
    text = file.read_text(encoding="utf-8")
    for every in (0, round(1 / options.planted)):
        file.write_text(text + PLANTED.format(every=every), encoding="utf-8")
        commit(own, f"Every {every}")
    report(options, own, OWN, sys.executable)


def planted_elsewhere(options: argparse.Namespace, folder: Path) -> None:
    from tests.work.library import CORE, NAME, make_library

    library = make_library(folder / "spool", 0, 1, turns=10_000, rounds=200)
    core = "src/spool/core.py"
    if options.layout == "flat":
        library.git("mv", "src/spool", "spool")
        shutil.rmtree(library.root / "src", ignore_errors=True)
        settings = (library.root / "pyproject.toml").read_text(encoding="utf-8")
        library.write("pyproject.toml", settings.replace('[tool.pytest.ini_options]\npythonpath = ["src"]\n', ""))
        core = "spool/core.py"
        library.commit("Flat")
    library.write(core, CORE.format(factor=1 + options.planted))
    library.commit("Wind with more care")
    python = installed(folder / "env", library.root)
    report(options, library.root, NAME, python)


def installed(folder: Path, repository: Path) -> str:
    """The Python of an environment that sees this program and its tools, with the repository installed editable."""
    venv.create(folder, symlinks=True, with_pip=False)
    python = str(folder / "bin" / "python")
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    (site / "tools.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n", encoding="utf-8")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps"]
    subprocess.run([*install, "-e", str(repository)], check=True)
    where = [python, "-c", "import spool; print(spool.__file__)"]
    found = subprocess.run(where, check=True, capture_output=True, text=True, cwd=folder).stdout.strip()
    assert Path(found).is_relative_to(repository), found
    return python


def commit(repository: Path, subject: str) -> None:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *who, "commit", "-qam", subject], cwd=repository, check=True)


def report(options: argparse.Namespace, repository: Path, name: str, python: str) -> None:
    """Every try in a process of its own, in the environment in which the package is installed."""
    results = []
    for number in range(options.tries):
        words = [f"--tolerance={options.tolerance}", f"--seed={options.seed + number}", f"--name={name}"]
        command = [python, __file__, *words, f"--inner={repository}"]
        env = {**os.environ, "PYTHONPATH": ""}
        done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=repository)
        if done.returncode:
            raise SystemExit(done.stderr)
        results.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"{number + 1:3} {line(results[-1])}", flush=True)
    print(summary(results))
    shutil.rmtree(repository, ignore_errors=True)


def confirmed(options: argparse.Namespace, repository: Path, names: list[str], seed: int) -> list[dict[str, object]]:
    """Some benchmarks confirmed at once: HEAD against the commit before it, or against itself."""
    from regress.model import TIME, Key, Tolerance
    from regress.model.confirmation import Suspect
    from regress.work.confirm import Options, confirm
    from regress.work.context import Workspace
    from regress.work.measure import benchmark_named

    with Workspace.open(repository) as workspace:
        assert workspace.repository is not None
        head = workspace.repository.resolve("HEAD")
        base = head if options.null else workspace.repository.resolve("HEAD~1")
        keys = [Key(benchmark_named("pytest-benchmark", name), TIME) for name in names]
        suspects = [Suspect(key, Tolerance(options.tolerance, 0.0)) for key in keys]
        found = confirm(workspace, suspects, base, head, Options(0.01 * len(names), seed=seed))
    return [
        {
            "name": each.key.benchmark.full, "outcome": each.outcome.value, "change": each.change, "pairs": each.pairs,
            "statistic": each.statistic, "reason": each.reason, "base": each.base, "head": each.head,
            "seconds": each.seconds,
        }
        for each in found
    ]  # fmt: skip


def line(result: dict[str, object]) -> str:
    return (
        f"{result['outcome']:12} {result['name']} {result['reason']} ({result['statistic']}, {result['seconds']:.0f} s)"
    )


def summary(results: list[dict[str, object]]) -> str:
    counts = Counter(str(result["outcome"]) for result in results)
    shown = ", ".join(f"{n} {outcome}" for outcome, n in counts.most_common())
    pairs = statistics.mean(int(str(result["pairs"])) for result in results)
    seconds = statistics.median(float(str(result["seconds"])) for result in results)
    return f"{len(results)} confirmations: {shown}; {pairs:.1f} pairs each, {seconds:.0f} s in the median"


if __name__ == "__main__":
    main()
