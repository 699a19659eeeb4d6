"""The search in a real small repository: found, resumed, and told what stands in its way."""

import numpy as np
import pytest

from regress.errors import UncomparedError, UsageError
from regress.work.bisect import BisectRequest, Started, State, Step, bisect
from regress.work.changes import find_changes
from regress.work.check import CheckRequest, check
from regress.work.context import Workspace
from tests.factories import make_key, make_run
from tests.work.library import NAME, load_few_plugins, make_library

OTHER = "benchmarks/test_wind.py::test_other"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    load_few_plugins(monkeypatch)


@pytest.fixture
def open_workspace(monkeypatch):
    """Opens a library's workspace, as a command would."""
    monkeypatch.delenv("REGRESS_DB", raising=False)
    opened = []

    def make(library):
        opened.append(Workspace.open(library.root))
        return opened[-1]

    yield make
    for workspace in opened:
        workspace.close()


def test_a_culprit_among_twelve_is_found_though_the_search_is_interrupted(tmp_path, open_workspace):
    """One commit does not import, two change prose alone; the checkout is on pytest's path. Then it is resumed."""
    library = make_library(tmp_path / "spool", 12, 8, broken=(6,), prose=(3, 10))
    request = BisectRequest(NAME, "HEAD~12", "HEAD")
    first: list[Started | Step] = []

    def interrupt(event):
        first.append(event)
        if len(first) == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bisect(open_workspace(library), request, interrupt)
    assert library.git("worktree", "list").count("\n") == 0
    assert library.git("status", "--short") == ""

    events: list[Started | Step] = []
    found = bisect(open_workspace(library), request, events.append)
    started = events[0]
    assert isinstance(started, Started)
    assert (started.commits, started.places) == (12, 10)
    assert started.known + sum(bool(step.attempt.trouble) for step in first[1:]) == 5
    assert (found.state, [commit.hash for commit in found.culprits]) == (State.FOUND, [library.commits[8]])
    assert found.culprits[0].subject == "Wind with more care"
    assert found.change > 1
    assert found.is_worse
    measured = {step.commit.hash for step in events[1:]}
    assert not measured & {library.commits[3], library.commits[10]}, "prose is not measured"

    again = bisect(open_workspace(library), request)
    assert (again.state, again.runs, again.culprits) == (State.FOUND, 0, found.culprits)
    unnamed = bisect(open_workspace(library), BisectRequest(NAME))
    assert [commit.hash for commit in unnamed.culprits] == [library.commits[8]]
    assert all(set(run.tags) >= {"bisect"} for run in open_workspace(library).history.runs())
    assert not list((library.root / ".regress" / "worktrees").iterdir())


def test_commits_that_cannot_be_measured_make_the_answer_a_range(tmp_path, open_workspace):
    library = make_library(tmp_path / "spool", 4, 3, broken=(2,), rounds=3)
    found = bisect(open_workspace(library), BisectRequest(NAME, "HEAD~4", "HEAD"))
    assert [commit.hash for commit in found.culprits] == library.commits[2:4]
    assert "no_such_module" in found.troubles[library.commits[2]]
    # What failed is remembered: it is not tried again.
    steps = []
    again = bisect(open_workspace(library), BisectRequest(NAME, "HEAD~4", "HEAD"), steps.append)
    assert (again.runs, again.culprits) == (0, found.culprits)


def stepped(library, workspace, culprit, unmeasured=()):
    """Stores runs in which the benchmark steps at a commit, another one more so; the cause that is found of it."""
    workspace.learn_commits()
    noise = np.random.default_rng(1)
    for number, commit in enumerate(library.commits):
        if number not in unmeasured:
            slow = number >= culprit
            figures = {NAME: 1.0 + 0.5 * slow, "gatling.visits": 1.0 + 2.0 * slow, OTHER: 1.0 + 0.2 * slow}
            values = {
                make_key(name, suite="gatling" if name.startswith("gatling") else "pytest-benchmark"):
                value * float(np.exp(noise.normal(0, 0.01))) for name, value in figures.items()
            }  # fmt: skip
            workspace.history.record([make_run(commit, values, minutes=number)])
    (cause,) = find_changes(workspace).causes
    return cause


def test_a_cause_brings_its_range_and_its_worst_benchmark_that_can_be_measured(tmp_path, open_workspace):
    """The worst one is of a suite that nothing can run here."""
    library = make_library(tmp_path / "spool", 26, 14, rounds=3)
    workspace = open_workspace(library)
    cause = stepped(library, workspace, 14, unmeasured=(13, 14, 15))
    assert cause.changes[0].key.benchmark.full == "gatling.visits"
    events = []
    found = bisect(workspace, BisectRequest(cause.id[:5]), events.append)
    started = events[0]
    assert (started.cause.id, started.good.hash, started.bad.hash) == (
        cause.id, library.commits[12], library.commits[16]
    )  # fmt: skip
    assert found.subject.full == NAME
    assert [commit.hash for commit in found.culprits] == [library.commits[14]]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"good": "HEAD~3"}, "brings both ends along; leave them out, or name the benchmark"),
        ({"bad": "HEAD"}, "BAD is given without GOOD"),
        ({"metric": "memory"}, "has no change of memory; its metrics: time"),
        ({"benchmark": "0123abcd"}, "neither a cause nor a benchmark here; `regress changes` looks"),
    ],
)
def test_what_a_cause_cannot_be_asked(tmp_path, open_workspace, given, said):
    library = make_library(tmp_path / "spool", 24, 12)
    workspace = open_workspace(library)
    cause = stepped(library, workspace, 12)
    with pytest.raises(UsageError, match=said):
        bisect(workspace, BisectRequest(**{"benchmark": cause.id, **given}))


def test_a_cause_of_which_nothing_can_be_measured(tmp_path, open_workspace):
    library = make_library(tmp_path / "spool", 24, 30)
    workspace = open_workspace(library)
    workspace.learn_commits()
    for number, commit in enumerate(library.commits):
        value = (1.0 + (number >= 12)) * (1 + 0.001 * (number % 5))
        workspace.history.record([make_run(commit, {"visits": value}, suite="gatling", minutes=number)])
    (cause,) = find_changes(workspace).causes
    with pytest.raises(UsageError, match="nothing says how to run the suite 'gatling'"):
        bisect(workspace, BisectRequest(cause.id))


def test_a_benchmark_that_looks_like_an_id_is_a_benchmark(tmp_path, open_workspace):
    library = make_library(tmp_path / "spool", 1, 9)
    workspace = open_workspace(library)
    workspace.history.record([make_run(library.commits[0], {"face": 1.0}, suite="gatling")])
    with pytest.raises(UsageError, match="nothing says how to run the suite 'gatling'"):
        bisect(workspace, BisectRequest("face", "HEAD~1"))


def test_where_nothing_imports_it_says_so_at_once(tmp_path, open_workspace):
    library = make_library(tmp_path / "spool", 5, 3, broken=range(6))
    with pytest.raises(UncomparedError, match=r"none of 4 commits could be measured.*no_such_module"):
        bisect(open_workspace(library), BisectRequest(NAME, "HEAD~5", "HEAD"))


def test_a_range_without_a_change_of_the_package_is_not_measured(tmp_path, open_workspace):
    library = make_library(tmp_path / "spool", 3, 9, prose=(1, 2, 3))
    with pytest.raises(UncomparedError, match="hold the same files"):
        bisect(open_workspace(library), BisectRequest(NAME, "HEAD~3", "HEAD"))


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("HEAD", "HEAD~2", "write the older commit first"),
        ("HEAD", "HEAD", "both ends are the same commit"),
        ("side", "HEAD", "GOOD may be their merge base"),
        (None, "HEAD", "BAD is given without GOOD"),
        (None, None, "name both ends"),
        ("nowhere", "HEAD", "is no commit, branch or tag"),
    ],
)
def test_ends_that_make_no_range(tmp_path, open_workspace, good, bad, said):
    library = make_library(tmp_path / "spool", 3, 2)
    library.git("checkout", "-q", "-b", "side", "HEAD~2")
    library.commit("Aside")
    library.git("checkout", "-q", "main")
    with pytest.raises(UsageError, match=said):
        bisect(open_workspace(library), BisectRequest(NAME, good, bad))


def test_a_merged_branch_is_one_commit_or_all_of_its_own(tmp_path, open_workspace):
    library = make_library(tmp_path / "spool", 1, 9)
    library.git("checkout", "-q", "-b", "side")
    for number in (1, 2):
        library.write("src/spool/extra.py", f'"""{number}"""\n')
        library.commit(f"Aside {number}")
    library.git("checkout", "-q", "main")
    library.write("src/spool/other.py", '"""Other."""\n')
    library.commit("Meanwhile")
    library.git("merge", "-q", "--no-ff", "-m", "Merge side", "side")
    events: list[Started | Step] = []
    for all_parents, places in ((False, 2), (True, 4)):
        request = BisectRequest(NAME, "HEAD~2", "HEAD", all_parents=all_parents, max_runs=1)
        bisect(open_workspace(library), request, events.append)
        started = next(event for event in reversed(events) if isinstance(event, Started))
        assert started.places == places


def test_stored_runs_count_where_the_benchmark_was_the_present_one(tmp_path, open_workspace):
    """Two commits were measured before the benchmark was rewritten, two after it; a dirty run never counts."""
    library = make_library(tmp_path / "spool", 1, 9)
    library.write("benchmarks/test_wind.py", (library.root / "benchmarks/test_wind.py").read_text() + "\n# Again.\n")
    for number in (2, 3):
        library.write("src/spool/extra.py", f'"""{number}"""\n')
        library.commit(f"Step {number}")
    workspace = open_workspace(library)
    workspace.history.record(
        make_run(commit, {NAME: 1.0}, suite="pytest-benchmark", minutes=number, dirty=number == 4)
        for number, commit in enumerate([*library.commits, library.commits[3]])
    )

    def known():
        events = []
        bisect(workspace, BisectRequest(NAME, "HEAD~3", "HEAD", max_runs=1), events.append)
        return events[0].known

    assert known() == 2
    assert known() == 3, "with the run that was just made"
    library.write("benchmarks/test_wind.py", (library.root / "benchmarks/test_wind.py").read_text() + "# Once more.\n")
    assert known() == 0, "neither its own runs nor the others ran this benchmark"


def test_runs_of_a_search_are_no_baseline(tmp_path, open_workspace):
    library = make_library(tmp_path / "spool", 2, 9)
    workspace = open_workspace(library)
    workspace.learn_commits()
    two = {NAME: 1.0, "benchmarks/test_wind.py::test_other": 1.0}
    for number in (0, 2):
        workspace.history.record([make_run(library.commits[number], two, suite="pytest-benchmark", minutes=number)])
    searched = make_run(library.commits[1], {NAME: 1.0}, suite="pytest-benchmark", minutes=1, tags=("bisect",))
    workspace.history.record([searched])
    report = check(workspace, CheckRequest())
    assert report.baseline is not None
    assert report.baseline.commit == library.commits[0]
    assert report.counts == {"unchanged": 2}
