"""`regress demo`: the project that it makes, and one demo that runs for real (about half a minute)."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from regress.errors import UsageError
from regress.model import CommitGraph
from regress.repo import Repository
from regress.work.context import Workspace
from regress.work.demo import project, run_demo

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def quill(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return project.create(tmp_path_factory.mktemp("quill"))


def line(repository: Repository, branch: str) -> list[str]:
    """The first-parent line of a branch, oldest first."""
    graph = CommitGraph({c.hash: c.parents for c in repository.commits([branch])})
    return list(graph.first_parents(repository.resolve(branch)))[::-1]


def ask(repository: Repository, commit: str, script: str, tree: Path) -> str:
    """What a script prints that imports the quill of a commit."""
    with repository.worktree(tree, commit):
        source = str(tree / "src")
        environment = {**os.environ, "PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
    return done.stdout


def test_the_history_is_as_told(quill: Repository) -> None:
    assert quill.branch() == "main"
    assert not quill.is_dirty()
    main, pull = line(quill, "main"), line(quill, project.PULL_REQUEST)
    assert len(main) == 12
    assert len(pull) == 11 + 2
    assert main[:11] == pull[:11]
    assert main[11] not in pull  # main went on: the merge base is not its tip
    assert quill.resolve(project.RELEASE) == main[4]
    commits = quill.commits(["main", project.PULL_REQUEST])
    assert len({c.subject for c in commits}) == 14
    assert {c.author for c in commits} == {"Ada Quill", "Noor Haddad", "Tomás Lind"}
    dates = {c.hash: c.committed_at for c in commits}
    for ordered in (main, pull):
        assert sorted(ordered, key=lambda c: str(dates[c])) == ordered


def test_the_hashes_are_the_same_every_time(quill: Repository, tmp_path: Path) -> None:
    assert project.create(tmp_path).refs() == quill.refs()


def test_every_commit_can_be_imported_and_searched(quill: Repository, tmp_path: Path) -> None:
    script = (
        "from quill import Index, parse; from quill.samples import texts\n"
        "index = Index()\nfor name, text in texts(20): index.add(name, text)\n"
        "query = parse('Barley soup \"hazel tea\" -wine +amberloaf -')\n"
        "hits = index.search('amberbroth pepperpie')\n"
        "print(len(hits) > 1, query.phrases, query.must, query.without, query.words[:2])"
    )
    commits = {*line(quill, "main"), *line(quill, project.PULL_REQUEST)}
    answers = {ask(quill, commit, script, tmp_path / "tree") for commit in commits}
    assert answers == {"True ['hazel tea'] ['amberloaf'] ['wine'] ['barley', 'soup']\n"}


COMPARED = """
import inspect
from quill import tokens

class Word(str):
    asked = 0
    __hash__ = str.__hash__
    def __eq__(self, other):
        Word.asked += 1
        return str.__eq__(self, other)
    def lower(self):
        return self

stop_words = frozenset(map(Word, tokens.STOP_WORDS))
text = " ".join(f"word{number} the" for number in range(200))
if "stop_words" in inspect.signature(tokens.tokenize).parameters:
    found = tokens.tokenize(text, stop_words)
else:
    tokens.STOP_WORDS = stop_words
    found = tokens.tokenize(text)
assert len(found) == 200, found
print(Word.asked)
"""


def test_the_planted_commit_makes_tokenizing_slower_and_a_later_one_mends_it(quill: Repository, tmp_path: Path) -> None:
    main = line(quill, "main")
    asked = (5, project.PLANTED, 8, project.MENDED, 11)
    compared = {n: int(ask(quill, main[n], COMPARED, tmp_path / "tree")) for n in asked}
    assert min(compared[project.PLANTED], compared[8]) > 20 * compared[5]
    assert compared[project.MENDED] <= 2 * compared[5]
    assert compared[11] <= 2 * compared[5]


SORTED = """
import builtins
count, plain = 0, sorted
def counting(*args, **options):
    global count
    count += 1
    return plain(*args, **options)
builtins.sorted = counting
from quill import Index
from quill.samples import texts
index = Index()
for name, text in texts(20):
    index.add(name, text)
count = 0
assert index.search("amberbroth barleycake cedardough emberglaze")
print(count)
"""


def test_the_pull_request_sorts_within_its_loop(quill: Repository, tmp_path: Path) -> None:
    pull = line(quill, project.PULL_REQUEST)
    assert [int(ask(quill, commit, SORTED, tmp_path / "tree")) for commit in pull[-3:]] == [0, 0, 4]


class StoppedError(Exception):
    pass


def stop(done: int, total: int, what: str) -> None:
    raise StoppedError


def test_an_interrupted_demo_starts_afresh_and_keeps_what_is_not_its_own(tmp_path: Path) -> None:
    said: list[str] = []
    directory = tmp_path / "a demo of Zoë"
    for _ in range(2):
        with pytest.raises(StoppedError):
            run_demo(directory, say=said.append, progress=stop)
        assert not list((directory / ".regress" / "worktrees").iterdir())
    assert any("was interrupted: it starts afresh" in text for text in said)
    assert not any("finished" in text for text in said)
    (directory / "diary.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds diary\.txt, which is not the demo's"):
        run_demo(directory, say=said.append, progress=stop)
    assert (directory / "diary.txt").read_text() == "mine"
    assert (directory / "src").is_dir()


@pytest.mark.parametrize("marker", [None, "{}", "no json", '["regress demo"]'])
def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path, marker: str | None) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "mine.py").write_text("mine")
    if marker is not None:
        (tmp_path / ".demo").mkdir()
        (tmp_path / ".demo" / "demo.json").write_text(marker)
    with pytest.raises(UsageError, match="is not empty and holds no demo; name a new or an empty folder"):
        run_demo(tmp_path, say=print)
    assert (tmp_path / "src" / "mine.py").read_text() == "mine"
    assert not (tmp_path / ".git").exists()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be used"):
        run_demo(tmp_path / "file", say=print)


def test_a_missing_tool_is_named_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "asv" else there(name, *rest))
    with pytest.raises(UsageError, match=r"asv cannot be imported; install both: pip install 'regress\[demo\]'"):
        run_demo(tmp_path / "demo", say=print)
    assert not (tmp_path / "demo").exists()


@dataclass(frozen=True)
class Demo:
    directory: Path
    environment: dict[str, str]
    output: str

    def regress(self, *args: str) -> subprocess.CompletedProcess[str]:
        command, where = [sys.executable, "-m", "regress", *args], self.directory
        return subprocess.run(command, cwd=where, env=self.environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One demo by the command line, with a home, a present folder and a folder for temporary files that are empty."""
    base = tmp_path_factory.mktemp("full")
    places = {name: base / name for name in ("home", "here", "temporary", "history")}
    for place in places.values():
        place.mkdir()
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_", "GIT_", "PYTEST_", "COVERAGE"))
    }
    environment |= {
        "HOME": str(places["home"]),
        "TMPDIR": str(places["temporary"]),
        "REGRESS_DB": str(places["history"] / "history.db"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        # What users have set, and what must not get into the demo's way.
        "PYTEST_ADDOPTS": "--no-such-option",
        "GIT_DIR": str(ROOT / ".git"),
    }
    command = [sys.executable, "-m", "regress", "demo", "../demo"]
    done = subprocess.run(command, cwd=places["here"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: list(place.rglob("*")) for name, place in places.items()} == {name: [] for name in places}
    assert sorted(entry.name for entry in base.iterdir()) == sorted(["demo", *places])
    del environment["REGRESS_DB"], environment["GIT_DIR"], environment["PYTEST_ADDOPTS"]
    return Demo(base / "demo", environment, done.stdout)


def test_the_red_verdict_names_the_planted_benchmarks(demo: Demo) -> None:
    assert "RED: " in demo.output
    for name in ("benchmarks/test_reading.py::test_search", "search.Searching.time_search"):
        assert f"regressed: {name} · time" in demo.output


def test_every_commit_was_measured_by_both_suites(demo: Demo) -> None:
    repository = Repository.discover(demo.directory)
    assert repository is not None
    assert repository.root == demo.directory
    commits = [*line(repository, "main"), *line(repository, project.PULL_REQUEST)[11:]]
    with Workspace.open(demo.directory, database=str(demo.directory / ".regress" / "history.db")) as workspace:
        # The first ones: the demo's own, whatever was measured in its folder since.
        runs = sorted(workspace.existing_history.runs(), key=lambda run: run.id)[: 2 * len(commits)]
        loaded = workspace.existing_history.load([run.id for run in runs])
    assert not any(run.dirty for run in runs)
    assert {run.ref for run in runs} == {"main", project.PULL_REQUEST}
    # Spelling came with the fourth commit; asv's runs are of the machine that the settings name.
    wanted = {"pytest-benchmark": [4] * 3 + [5] * 11, "asv": [4] * 14}
    for suite, counts in wanted.items():
        mine = [run for run in loaded if run.columns.keys[0].benchmark.suite == suite]
        assert sorted(run.commit for run in mine) == sorted(commits)
        assert [len(run.columns) for run in sorted(mine, key=lambda run: commits.index(run.commit))] == counts
        assert {dict(run.environment.key).get("machine") for run in mine} == {"demo" if suite == "asv" else None}


def test_it_leaves_a_clean_checkout_and_a_site(demo: Demo) -> None:
    repository = Repository.discover(demo.directory)
    assert repository is not None
    assert repository.branch() == "main"
    assert not repository.is_dirty()
    status = subprocess.run(["git", "status", "--porcelain"], cwd=demo.directory, capture_output=True, check=True)
    assert status.stdout == b""
    assert (demo.directory / "site" / "index.html").is_file()
    assert str(demo.directory / "site" / "index.html") in demo.output
    assert not list(demo.directory.rglob("__pycache__"))
    assert sorted(entry.name for entry in (demo.directory / ".demo").iterdir()) == ["demo.json"]
    assert not list((demo.directory / ".regress" / "worktrees").iterdir())


def test_the_commands_that_it_offers_work_as_they_are_written(demo: Demo) -> None:
    offered = [text.strip().split("  ")[0] for text in demo.output.splitlines() if text.startswith("    regress ")]
    assert len(offered) == 6
    for command in offered:
        done = demo.regress(*command.split()[1:])
        assert done.returncode == (1 if command.startswith("regress check") else 0), (command, done.stdout, done.stderr)
        assert done.stdout
        assert "Traceback" not in done.stderr
        if command.startswith("regress bisect"):
            repository = Repository(demo.directory)
            assert f"FOUND {line(repository, 'main')[project.PLANTED]}" in done.stdout


def test_a_second_demo_shows_the_first_one_again(demo: Demo) -> None:
    before = {path: path.stat().st_mtime_ns for path in demo.directory.rglob("*")}
    done = demo.regress("demo", ".")
    assert done.returncode == 0
    assert done.stdout.startswith(f"A finished demo is in {demo.directory}; delete the folder to measure it afresh.")
    assert {path: path.stat().st_mtime_ns for path in demo.directory.rglob("*")} == before
