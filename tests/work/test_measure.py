"""Commits measured for real: filed as what they are, side by side, and nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from regress.model import Commit, SuiteSpec
from regress.repo import Repository
from regress.suites import ProofError, SuiteError
from regress.work.context import Workspace
from regress.work.measure import Bench, benchmark_named, open_bench
from tests.work.library import NAME, Library, load_few_plugins, make_library

SPEC = SuiteSpec("timing", "pytest-benchmark")
OTHERS = """
import pytest
import spool


def test_broken_late(benchmark):
    benchmark.pedantic(spool.wind, args=(9,), rounds=1)
    assert spool.wind(7) == 0, "it winds too much"


@pytest.mark.parametrize("turns", ["1 - 2", "3"])
def test_sometimes(benchmark, turns):
    benchmark.pedantic(spool.wind, args=(int(turns),), rounds=1)
"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    load_few_plugins(monkeypatch)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return make_library(tmp_path / "spool", 2, 2, rounds=1, turns=2000)


@pytest.fixture
def workspace(library: Library) -> Iterator[Workspace]:
    with Workspace.open(library.root, database=str(library.root / ".regress" / "history.db")) as opened:
        yield opened


def opening(workspace: Workspace, *commits: str):
    assert workspace.repository is not None
    return open_bench(workspace, workspace.repository, "trial", commits)


def commits_of(library: Library) -> list[Commit]:
    """The library's commits with all that git knows of them, oldest first."""
    known = {commit.hash: commit for commit in Repository(library.root).commits(["main"])}
    return [known[name] for name in library.commits]


def gone(library: Library) -> bool:
    """Whether no work tree is left."""
    listed = library.git("worktree", "list").count("\n") == 0
    return listed and not list((library.root / ".regress" / "worktrees").iterdir())


def test_two_commits_in_turn_are_two_measurements(library: Library, workspace: Workspace) -> None:
    library.write("README.md", "The checkout has changes, and is on a later commit.\n")
    library.git("add", "-A")
    old, _, new = commits_of(library)
    with opening(workspace, old.hash, new.hash) as bench:
        pairs = [[bench.measure(SPEC, c, (NAME,), tree=n) for n, c in enumerate((old, new))] for _ in range(2)]
        assert len({len(str(tree.root)) for tree in bench.trees}) == 1
        assert len({tree.root for tree in bench.trees}) == 2
    for base, head in pairs:
        assert [path for path, _ in base.imported] == [path for path, _ in head.imported]
        assert base.imported != head.imported
        for commit, measured in ((old, base), (new, head)):
            (run,) = measured.runs
            assert (run.commit, run.committed_at, run.dirty, run.growing) == (
                commit.hash, commit.committed_at, False, False
            )  # fmt: skip
            assert (run.ref, run.head, run.source.digest) == ("", "", "")
            assert [(key.benchmark.suite, key.benchmark.full) for key in run.columns.keys] == [("timing", NAME)]
    assert pairs[0][0].imported == pairs[1][0].imported
    assert pairs[0][0].runs[0].digest() != pairs[1][0].runs[0].digest(), "each run is one of its own"
    workspace.history.record([run for pair in pairs for side in pair for run in side.runs])
    assert len(workspace.history.runs()) == 4
    assert gone(library)
    assert [path.name for path in (library.root / ".regress" / "trial").glob("*/*")] == ["log.txt"]


def test_the_whole_suite_though_some_of_it_fails(library: Library, workspace: Workspace) -> None:
    """One fails after it was timed, one before, one file does not import: the others count, and the failed are told."""
    library.write("benchmarks/test_others.py", OTHERS)
    library.write("benchmarks/test_none.py", "import no_such_module\n")
    with opening(workspace, library.commits[0]) as bench:
        (run,) = bench.measure(SPEC, commits_of(library)[0]).runs
    assert {key.benchmark.full for key in run.columns.keys} == {NAME, "benchmarks/test_others.py::test_sometimes[3]"}
    gaps = {gap.key.benchmark.full: (gap.status, gap.reason) for gap in run.gaps}
    late, early = (f"benchmarks/test_others.py::{name}" for name in ("test_broken_late", "test_sometimes[1 - 2]"))
    assert gaps.keys() == {late, early}
    assert gaps[late] == ("failed", "AssertionError: it winds too much")
    assert "invalid literal" in gaps[early][1]


def test_a_file_that_does_not_import_is_no_reason_to_measure_nothing(library: Library, workspace: Workspace) -> None:
    library.write("benchmarks/test_none.py", "import no_such_module\n")
    with opening(workspace, library.commits[0]) as bench:
        (run,) = bench.measure(SPEC, commits_of(library)[0]).runs
    assert ([key.benchmark.full for key in run.columns.keys], run.gaps) == ([NAME], ())


def test_some_of_a_suite_by_name(library: Library, workspace: Workspace) -> None:
    library.write("benchmarks/test_others.py", OTHERS)
    failing = "benchmarks/test_others.py::test_sometimes[1 - 2]"
    with opening(workspace, library.commits[0]) as bench:
        commit = commits_of(library)[0]
        (run,) = bench.measure(SPEC, commit, (NAME, failing)).runs
        assert [key.benchmark.full for key in run.columns.keys] == [NAME]
        assert [(gap.key.benchmark.full, gap.status) for gap in run.gaps] == [(failing, "failed")]
        assert "ValueError" in run.gaps[0].reason
        with pytest.raises(SuiteError, match="the benchmark failed"):
            bench.measure(SPEC, commit, (failing, "benchmarks/test_others.py::test_broken_late"))


def test_a_benchmark_that_writes_into_its_package_proves_nothing(library: Library, workspace: Workspace) -> None:
    library.write(
        "benchmarks/test_wind.py",
        "import spool\nfrom pathlib import Path\n\ndef test_wind(benchmark):\n    benchmark(spool.wind, 9)\n"
        "    Path(spool.core.__file__).write_text('')\n",
    )
    with opening(workspace, library.commits[0]) as bench:
        with pytest.raises(ProofError, match="was changed while it was measured"):
            bench.measure(SPEC, commits_of(library)[0], (NAME,))
        library.git("checkout", "-q", "--", "benchmarks")
        assert bench.measure(SPEC, commits_of(library)[0], (NAME,)).runs, "the next one finds the files as they were"


def test_an_interrupt_and_a_killed_process_leave_nothing(library: Library, workspace: Workspace) -> None:
    def interrupted(bench: Bench) -> None:
        (bench.scratch / "home").mkdir()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), opening(workspace, *library.commits[:2]) as bench:
        interrupted(bench)
    assert gone(library)
    # One whose number no process has (they are smaller) leaves its work trees, registered with git.
    left = library.root / ".regress" / "worktrees" / "trial-999999999-1"
    library.git("worktree", "add", "-q", "--detach", str(left), "HEAD")
    with opening(workspace, library.commits[0]):
        assert not left.exists()
    assert gone(library)
    assert library.git("status", "--short") == ""


@pytest.mark.parametrize(
    ("full", "name", "variant"),
    [
        ("a.Suite.time_it", "a.Suite.time_it", ""),
        ("a.time_it(10, 'x')", "a.time_it", "(10, 'x')"),
        ("t.py::test_y[a(b)]", "t.py::test_y", "[a(b)]"),
    ],
)
def test_a_full_name_is_a_name_and_its_parameters(full: str, name: str, variant: str) -> None:
    benchmark = benchmark_named("asv", full)
    assert (benchmark.name, benchmark.variant, benchmark.full) == (name, variant, full)
