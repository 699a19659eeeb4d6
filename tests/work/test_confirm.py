"""Confirmations for real: a small library in src layout, real pytest and asv processes, real work trees."""

import itertools
import subprocess

import pytest

from regress.model import TIME, Benchmark, Key, Outcome, Tolerance
from regress.model.confirmation import Suspect
from regress.repo import Repository
from regress.work.confirm import ABRequest, Options, compare, confirm
from regress.work.confirm.rounds import turns
from regress.work.context import Workspace
from tests.work.library import CORE, NAME, load_few_plugins, make_library

FILE = "benchmarks/test_wind.py"
SHORT = Options(pairs=3)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    load_few_plugins(monkeypatch)
    for name in ("PYTHONPATH", "REGRESS_DB"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def library(tmp_path):
    """Eight times as slow since its second commit: with three pairs alone, on a machine that is busy elsewhere."""
    return make_library(tmp_path / "spool", 1, 1, factor=8, rounds=5, turns=5000)


@pytest.fixture
def workspace(library):
    with Workspace.open(library.root) as opened:
        yield opened


def suspect(name=NAME, relative=0.1, metric=TIME, suite="pytest-benchmark"):
    base, _, variant = name.partition("[")
    return Suspect(Key(Benchmark(suite, base, f"[{variant}" if variant else ""), metric), Tolerance(relative, 0.0))


def left_behind(root):
    """Work trees, in git's books and on disk."""
    listed = subprocess.run(["git", "worktree", "list"], cwd=root, check=True, capture_output=True, text=True).stdout
    return listed.count("\n") - 1, [str(path) for path in (root / ".regress" / "worktrees").glob("*")]


def test_a_planted_slowdown_is_found_and_no_other(workspace, library):
    """The present checkout's `src` is on pytest's path, as an editable install has it: both sides are proven."""
    steps = []
    found = confirm(workspace, [suspect()], *library.commits, SHORT, steps.append)
    assert [each.outcome for each in found] == [Outcome.REGRESSED]
    assert 2 < found[0].change < 20
    assert found[0].pairs == 3
    assert found[0].seconds > 0
    assert [step.pair for step in steps if step.is_last] == [1, 2, 3]
    assert {(step.pair, step.side) for step in steps} == set(itertools.product((1, 2, 3), ("base", "head")))
    same = confirm(workspace, [suspect()], library.commits[0], library.commits[0], SHORT)
    assert same[0].outcome is not Outcome.REGRESSED
    assert left_behind(library.root) == (0, [])


def test_sides_that_import_the_same_files_are_not_compared(workspace, library):
    """The package differs in a file that the benchmark never reaches: it would be compared with itself, as clean."""
    library.write("src/spool/unwind.py", "def unwind():\n    pass\n")
    library.commit("Something else")
    found = confirm(workspace, [suspect()], library.commits[1], library.commits[2], SHORT)
    assert found[0].outcome is Outcome.INCOMPARABLE
    assert "the very same files" in found[0].reason
    assert found[0].pairs == 0


def test_prose_alone_may_be_compared(workspace, library):
    library.write("README.md", "Prose.\n")
    library.commit("Something else")
    found = confirm(workspace, [suspect(relative=20.0)], library.commits[1], library.commits[2], SHORT)
    assert found[0].outcome is Outcome.UNCHANGED


def test_what_is_not_measured_proves_nothing(workspace, library):
    library.write(FILE, "def test_wind(benchmark):\n    benchmark(sum, (1, 2))\n")
    found = confirm(workspace, [suspect()], *library.commits, SHORT)
    assert found[0].outcome is Outcome.INCOMPARABLE
    assert "nothing shows that spool was imported" in found[0].reason


@pytest.mark.parametrize(
    ("broken", "outcome", "said"),
    [("head", Outcome.FAILED, "on the head, not on the base"), ("base", Outcome.INCONCLUSIVE, "on the base")],
)
def test_a_side_that_cannot_be_imported(workspace, library, broken, outcome, said):
    good = library.commits[0]
    library.write("src/spool/__init__.py", "import no_such_module\n")
    bad = library.commit("Broken")
    found = confirm(workspace, [suspect()], *((good, bad) if broken == "head" else (bad, good)), SHORT)
    assert found[0].outcome is outcome
    assert said in found[0].reason
    assert "no_such_module" in found[0].reason


def test_one_that_fails_on_the_head_leaves_the_others(workspace, library):
    """`unwind` is gone from the head; the exact metric beside it is decided by one pair; one does not exist at all."""
    library.write(
        FILE,
        "from spool import wind\nimport spool.core\n\n\n"
        "def test_wind(benchmark):\n"
        "    benchmark.pedantic(wind, args=(5000,), rounds=5, iterations=1)\n\n\n"
        "def test_unwind(benchmark):\n"
        "    benchmark.pedantic(spool.core.unwind, rounds=1, iterations=1)\n",
    )
    library.write("src/spool/core.py", CORE.format(factor=1) + "\n\ndef unwind():\n    pass\n")
    base = library.commit("With unwind")
    library.write("src/spool/core.py", CORE.format(factor=8))
    head = library.commit("Without")
    asked = [suspect(f"{FILE}::{name}") for name in ("test_unwind", "test_wind", "test_nothing")]
    asked += [suspect("benchmarks/no.py::test_x"), suspect(suite="unknown")]
    found = confirm(workspace, asked, base, head, SHORT)
    assert [each.key.benchmark for each in found] == [each.key.benchmark for each in asked]
    assert [each.outcome for each in found] == [
        Outcome.FAILED, Outcome.REGRESSED, Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE,
    ]  # fmt: skip
    assert "unwind" in found[0].reason
    assert "has no benchmark benchmarks/no.py::test_x" in found[3].reason
    assert "nothing says how to run the suite 'unknown'" in found[4].reason


def test_an_interrupt_leaves_no_work_tree(workspace, library):
    def interrupt(step):
        assert left_behind(library.root)[0] == 2
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        confirm(workspace, [suspect()], *library.commits, SHORT, interrupt)
    assert left_behind(library.root) == (0, [])


def test_nothing_to_confirm_takes_no_work_tree(workspace):
    assert confirm(workspace, [], "0" * 40, "1" * 40) == []


def test_the_working_tree_is_a_side(workspace, library):
    """What is not committed is measured; nothing of it changes, and no branch has it."""
    library.git("reset", "-q", "--hard", library.commits[0])
    library.write("src/spool/core.py", CORE.format(factor=8))
    library.write("src/spool/untracked.py", "")
    before = library.git("status", "--porcelain"), library.git("for-each-ref")
    trial = compare(workspace, ABRequest("HEAD", pairs=3, tolerance=0.1))
    assert trial.head.dirty
    assert trial.head.commit != trial.base.commit
    assert [found.outcome for found in trial.confirmations] == [Outcome.REGRESSED]
    assert trial.status == 1
    assert "git does not track" in trial.warnings[0]
    assert (library.git("status", "--porcelain"), library.git("for-each-ref")) == before
    assert (library.root / "src/spool/core.py").read_text() == CORE.format(factor=8)


def test_a_clean_working_tree_is_its_commit(library):
    assert Repository(library.root).snapshot() is None


def asv_suite(library):
    """Memory of a list that the package makes: an exact metric, which one pair decides."""
    library.write("asv.conf.json", '{"version": 1, "project": "spool", "repo": ".", "benchmark_dir": "asv_suite"}')
    library.write("asv_suite/__init__.py", "")
    library.write(
        "asv_suite/bench.py",
        "from spool.core import made\n\n\nclass Made:\n    def mem_made(self):\n        return made()\n",
    )


def test_asv_is_measured_in_the_same_way(workspace, library, monkeypatch, tmp_path):
    pytest.importorskip("asv")
    monkeypatch.setenv("HOME", str(tmp_path))
    asv_suite(library)
    commits = []
    for size in (1000, 2000):
        library.write("src/spool/core.py", CORE.format(factor=1) + f"\n\ndef made():\n    return [None] * {size}\n")
        commits.append(library.commit(f"{size}"))
    trial = compare(workspace, ABRequest(commits[0], commits[1], only=("mem_made",), pairs=3))
    assert [found.outcome for found in trial.confirmations] == [Outcome.REGRESSED], trial
    assert trial.confirmations[0].key.benchmark.full == "bench.Made.mem_made"
    assert trial.confirmations[0].change == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("seed", range(8))
def test_order_and_place_are_balanced(seed):
    made = list(itertools.islice(turns(seed), 12))
    for at in range(9):
        assert len(set(made[at : at + 4])) == 4, "all four ways in any four pairs"
    assert all(one.is_base_first != other.is_base_first for one, other in itertools.pairwise(made))
    moves = sum(one.base_at != other.base_at for one, other in itertools.pairwise(made))
    assert moves <= 6


def test_seeds_begin_differently():
    assert len({next(turns(seed)) for seed in range(50)}) == 4


def test_what_was_killed_is_swept_away(workspace, library):
    """A process that ended without a word left a work tree; the number is one that no process has."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = library.root / ".regress" / "worktrees" / f"confirm-{gone.pid}-0"
    left.parent.mkdir(parents=True)
    library.git("worktree", "add", "-q", "--detach", str(left), "HEAD")
    found = confirm(workspace, [suspect(suite="unknown")], *library.commits, SHORT)
    assert found[0].outcome is Outcome.INCONCLUSIVE
    assert left_behind(library.root) == (0, [])


def test_a_suite_of_another_name_than_its_history(library):
    """What was ingested as "pytest-benchmark" is run by the suite of that kind, whatever it is called now."""
    settings = (library.root / "pyproject.toml").read_text(encoding="utf-8")
    library.write("pyproject.toml", settings + '\n[[tool.regress.suite]]\nname = "core"\nkind = "pytest-benchmark"\n')
    with Workspace.open(library.root) as opened:
        for asked in (suspect(relative=20.0), Suspect(suspect(suite="old").key, Tolerance(20.0, 0.0), suite="core")):
            found = confirm(opened, [asked], library.commits[0], library.commits[0], Options(pairs=1))
            assert found[0].pairs == 1, found[0].reason


def test_a_benchmark_that_stops_the_others_is_set_apart(workspace, library):
    """A file that is not there is refused before anything runs; the others are measured in the same pair."""
    asked = [suspect(), suspect("benchmarks/gone.py::test_x"), suspect("benchmarks/gone.py::test_y")]
    found = confirm(workspace, asked, *library.commits, Options(pairs=1))
    assert [each.pairs for each in found] == [1, 0, 0]
    assert found[2].outcome is Outcome.INCONCLUSIVE


def test_a_file_that_does_not_import_on_the_head_fails_alone(workspace, library):
    """Two benchmarks of a file fail in the same words, and pytest refuses the whole call; the third one is good."""
    body = "def test_{}(benchmark):\n    benchmark.pedantic(spool.wind, args=(5000,), rounds=2, iterations=1)\n\n\n"
    library.write("benchmarks/test_old.py", "import spool\nimport spool.old\n\n\n" + body.format(1) + body.format(2))
    library.write("src/spool/old.py", "")
    base = library.commit("With old")
    library.git("rm", "-q", "src/spool/old.py")
    asked = [suspect(f"benchmarks/test_old.py::test_{n}", 20.0) for n in (1, 2)] + [suspect(relative=20.0)]
    library.write("src/spool/core.py", CORE.format(factor=2))
    head = library.commit("Without old")
    found = confirm(workspace, asked, base, head, Options(pairs=3))
    assert [each.outcome for each in found] == [Outcome.FAILED, Outcome.FAILED, Outcome.UNCHANGED]
    assert "spool.old" in found[0].reason
