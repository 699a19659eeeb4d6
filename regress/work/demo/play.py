"""The whole demo: makes the project, measures every commit, stores a baseline, checks the branch, builds the site."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import UsageError
from ...model import Commit, CommitGraph, Report, Run
from ...repo import Repository
from ...report import RENDERERS
from ..baseline import set_baseline
from ..check import CheckRequest, check
from ..context import Workspace
from ..measure import open_bench
from ..site import build_site
from . import project

BASELINE = "release-1.0"
#: What a demo puts into its folder; only this is removed when an interrupted one starts afresh.
_OWN = {
    ".demo", ".git", ".gitignore", ".regress", "README.md", "asv.conf.json", "asv_suite", "benchmarks",
    "pyproject.toml", "site", "src",
}  # fmt: skip
#: What a user has set for other projects must not change what is shown here; and more plugins only take time.
_VARIABLES = {
    "PYTEST_ADDOPTS": None, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_benchmark.plugin",
    "PYTHONOPTIMIZE": None, "PYTHONSTARTUP": None, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip

Say = Callable[[str], None]
#: Called with how many measurements are done, how many there are, and what is measured now.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What a demo left behind.

    report    the check of the branch, None where the folder already held a finished demo
    commands  what to type next in the folder: (command, what it shows)
    """

    directory: Path
    site: Path
    commands: tuple[tuple[str, str], ...]
    report: Report | None = None
    seconds: float = 0.0


def run_demo(directory: Path, *, say: Say, progress: Progress = lambda done, total, what: None) -> DemoResult:
    """Makes the demo in `directory`, in about half a minute. A finished one is left as it is and shown again.

    Writes nothing outside `directory`. Raises UsageError where the folder holds something else or a tool is missing.
    """
    started = time.monotonic()
    directory = directory.resolve()
    page = directory / "site" / "index.html"
    if _is_finished(directory):
        say(f"A finished demo is in {directory}; delete the folder to measure it afresh.")
        return DemoResult(directory, page, COMMANDS)
    _require_tools()
    _clear(directory, say)
    report = _play(directory, say, progress)
    _mark(directory, finished=True)
    return DemoResult(directory, page, COMMANDS, report, time.monotonic() - started)


COMMANDS = (
    ("regress show", "the runs of the history"),
    (f"regress check --commit {project.PULL_REQUEST}", "the red verdict again, with its proof; status 1"),
    (f"regress compare {BASELINE} {project.BRANCH}", "what changed since the release"),
    ("regress show benchmarks/test_writing.py::test_tokenize", "one benchmark along the commits: slowed, then mended"),
    (
        f"regress bisect benchmarks/test_writing.py::test_tokenize {project.RELEASE} {project.BRANCH}~3",
        "which commit slowed it, found by measuring",
    ),
    ("regress site --out site", "the trend site, built anew"),
)


def _play(directory: Path, say: Say, progress: Progress) -> Report:
    repository = project.create(directory)
    main, pull = _lines(repository)
    say(f"{directory}: quill, a search library with {len(main)} commits and a pull request of {len(pull)}.")
    # Named here, as a REGRESS_DB of the user is about another history.
    with Workspace.open(directory, database=str(directory / ".regress" / "history.db")) as workspace:
        runs = _measure(workspace, repository, [*main, *pull], progress)
        workspace.learn_commits()
        of_main = {commit.hash for commit in main}
        _store(workspace, [run for run in runs if run.commit in of_main], project.BRANCH, say)
        _store(workspace, [run for run in runs if run.commit not in of_main], project.PULL_REQUEST, say)
        baseline = set_baseline(workspace, BASELINE, project.RELEASE, "the first release")
        say(f"Stored the baseline {BASELINE}: {len(baseline.digests)} runs of {baseline.commit[:10]}.")
        report = check(workspace, CheckRequest(commit=project.PULL_REQUEST))
        say(f"Checked {project.PULL_REQUEST} against its merge base; a gate would end with status {report.status}:\n")
        say(RENDERERS["text"].render(report))
        built = build_site(workspace, directory / "site")
        say(f"Built the site: {built.pages} pages.")
    return report


def _lines(repository: Repository) -> tuple[list[Commit], list[Commit]]:
    """The commits of main and those that only the pull request has, oldest first."""
    commits = {commit.hash: commit for commit in repository.commits([project.BRANCH, project.PULL_REQUEST])}
    graph = CommitGraph({commit.hash: commit.parents for commit in commits.values()})
    main = list(graph.first_parents(repository.resolve(project.BRANCH)))[::-1]
    pull = [c for c in graph.first_parents(repository.resolve(project.PULL_REQUEST)) if c not in set(main)][::-1]
    return [commits[c] for c in main], [commits[c] for c in pull]


def _measure(workspace: Workspace, repository: Repository, commits: Sequence[Commit], progress: Progress) -> list[Run]:
    """Both suites on every commit, one after the other: side by side they would disturb each other's times."""
    runs: list[Run] = []
    steps = [(commit, spec) for commit in commits for spec in workspace.config.suites]
    with open_bench(workspace, repository, "demo", (commits[0].hash,), _VARIABLES) as bench:
        for number, (commit, spec) in enumerate(steps):
            progress(number, len(steps), f"{spec.name} · {commit.short} {commit.subject}")
            runs += bench.measure(spec, commit).runs
    progress(len(steps), len(steps), "measured")
    return runs


def _store(workspace: Workspace, runs: Sequence[Run], branch: str, say: Say) -> None:
    stored = workspace.history.record([replace(run, ref=branch) for run in runs])
    say(f"Stored {len(stored)} runs of {branch} with {sum(run.points for run in stored)} results.")


def _require_tools() -> None:
    """Raises UsageError where pytest-benchmark or asv is not installed beside this program."""
    tools = {"pytest_benchmark": "pytest-benchmark", "asv": "asv"}
    missing = [name for module, name in tools.items() if importlib.util.find_spec(module) is None]
    if missing:
        hint = "install both: pip install 'regress[demo]'"
        raise UsageError(f"the demo runs real benchmarks, and {' and '.join(missing)} cannot be imported", hint=hint)


def _marker(directory: Path) -> Path:
    return directory / ".demo" / "demo.json"


def _mark(directory: Path, *, finished: bool) -> None:
    file = _marker(directory)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"made_by": "regress demo", "finished": finished}) + "\n", encoding="utf-8")


def _state(directory: Path) -> dict[str, object]:
    """What the marker says; empty where the folder is not a demo of ours."""
    try:
        stored = json.loads(_marker(directory).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) and stored.get("made_by") == "regress demo" else {}


def _is_finished(directory: Path) -> bool:
    return bool(_state(directory).get("finished")) and (directory / "site" / "index.html").is_file()


def _clear(directory: Path, say: Say) -> None:
    """An empty folder for a new demo: a new one, or that of a demo which was interrupted."""
    hint = "name a new or an empty folder: regress demo DIR"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        present = {entry.name for entry in directory.iterdir()}
        if present and not _state(directory):
            raise UsageError("is not empty and holds no demo", where=str(directory), hint=hint)
        if foreign := sorted(present - _OWN):
            raise UsageError(f"holds {foreign[0]}, which is not the demo's", where=str(directory), hint=hint)
        if present:
            say(f"The demo in {directory} was interrupted: it starts afresh.")
        _mark(directory, finished=False)
        for entry in [*directory.iterdir(), *_marker(directory).parent.iterdir()]:
            if entry not in (_marker(directory), _marker(directory).parent):
                _remove(entry)
    except OSError as error:
        raise UsageError(f"cannot be used: {error.strerror}", where=str(directory), hint=hint) from None


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()
