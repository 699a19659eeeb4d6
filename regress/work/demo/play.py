"""The whole demo: makes the project, measures every commit, stores a baseline, checks the branch, builds the site."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import InputError, UsageError
from ...formats import ReadOptions
from ...model import Commit, CommitGraph, Report
from ...repo import Repository
from ...report import RENDERERS
from ..baseline import set_baseline
from ..check import CheckRequest, check
from ..context import Workspace
from ..ingest import ingest
from ..site import build_site
from . import project
from .measure import Bench, require_tools

BASELINE = "release-1.0"
#: What a demo puts into its folder; only this is removed when an interrupted one starts afresh.
_OWN = {
    ".demo", ".git", ".gitignore", ".regress", "README.md", "asv.conf.json", "asv_suite", "benchmarks",
    "pyproject.toml", "results", "site", "src",
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
    require_tools()
    _clear(directory, say)
    report = _play(directory, say, progress)
    _mark(directory, finished=True)
    return DemoResult(directory, page, COMMANDS, report, time.monotonic() - started)


COMMANDS = (
    ("regress show", "the runs of the history"),
    (f"regress check --commit {project.PULL_REQUEST}", "the red verdict again, with its proof; status 1"),
    (f"regress compare {BASELINE} {project.BRANCH}", "what changed since the release"),
    ("regress show benchmarks/test_writing.py::test_tokenize", "one benchmark along the commits: slowed, then mended"),
    ("regress site --out site", "the trend site, built anew"),
)


def _play(directory: Path, say: Say, progress: Progress) -> Report:
    repository = project.create(directory)
    main, pull = _lines(repository)
    say(f"{directory}: quill, a search library with {len(main)} commits and a pull request of {len(pull)}.")
    files = _measure(repository, main, pull, progress)
    # Named here, as a REGRESS_DB of the user is about another history.
    with Workspace.open(directory, database=str(directory / ".regress" / "history.db")) as workspace:
        _ingest(workspace, files[: len(main)], project.BRANCH, say)
        _ingest(workspace, files[len(main) :], project.PULL_REQUEST, say)
        _ingest(workspace, [directory / "results" / "asv"], None, say)
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


def _measure(repository: Repository, main: Sequence[Commit], pull: Sequence[Commit], progress: Progress) -> list[Path]:
    """Both suites on every commit, one after the other: side by side they would disturb each other's times."""
    bench = Bench(repository.root, repository.root / ".demo" / "tree")
    bench.prepare()
    commits = [*main, *pull]
    files: list[Path] = []
    with repository.worktree(bench.tree, commits[0].hash) as tree:
        for number, commit in enumerate(commits, 1):
            tree.checkout(commit.hash)
            what = f"{commit.short} {commit.subject}"
            progress(2 * number - 2, 2 * len(commits), f"pytest-benchmark · {what}")
            files.append(bench.pytest(number))
            progress(2 * number - 1, 2 * len(commits), f"asv · {what}")
            bench.asv(commit.hash)
    progress(2 * len(commits), 2 * len(commits), "measured")
    for folder in ("home", "tmp"):
        shutil.rmtree(bench.private / folder, ignore_errors=True)
    return files


def _ingest(workspace: Workspace, paths: Sequence[Path], branch: str | None, say: Say) -> None:
    options = ReadOptions(branch=branch)
    done = ingest(workspace, [str(path) for path in paths], options)
    if done.bad:
        bad = done.bad[0]
        raise InputError(bad.what, where=bad.where, hint=bad.hint)
    source = f"pytest-benchmark, {branch}" if branch else "asv"
    say(f"Ingested {done.total('runs')} runs with {done.total('points')} results ({source}).")


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
