"""`regress bisect` on the command line: its words, its statuses, and one line for what cannot be."""

import pytest

from regress.work.context import Workspace
from tests.factories import make_run
from tests.work.library import NAME, load_few_plugins, make_library


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    load_few_plugins(monkeypatch)


@pytest.fixture
def library(tmp_path, monkeypatch):
    made = make_library(tmp_path / "spool", 3, 2, rounds=3)
    monkeypatch.chdir(made.root)
    return made


def test_it_names_the_culprit_and_what_shows_it(library, regress):
    done = regress(f"bisect {NAME} HEAD~3")
    lines = done.out.splitlines()
    assert done.status == 0, done.out + done.err
    assert lines[0] == f"{NAME} · time"
    assert lines[1:3] == [f"good {library.commits[0][:10]} Step 0", f"bad  {library.commits[3][:10]} Step 3"]
    assert f"FOUND {library.commits[2]}" in done.out
    assert "Wind with more care  Ada" in done.out
    assert f"git show {library.commits[2][:10]}" in done.out
    assert "worse (noise of one run" in done.out
    shown = regress(f"show {library.commits[2]}")
    assert "tags bisect, benchmark:" in shown.out


def test_too_few_runs_cannot_tell_and_say_what_helps(library, regress):
    done = regress(f"bisect {NAME} HEAD~3 --max-runs 2")
    assert done.status == 3
    assert "CANNOT TELL" in done.out
    assert "--max-runs" in done.out


def test_a_cause_is_named_with_its_worst_benchmark(tmp_path, monkeypatch, regress):
    library = make_library(tmp_path / "spool", 24, 14, rounds=3)
    monkeypatch.chdir(library.root)
    with Workspace.open(library.root) as workspace:
        workspace.learn_commits()
        for number, commit in enumerate(library.commits):
            if number not in (13, 14):
                slow = 1.5 if number >= 14 else 1.0
                values = dict.fromkeys((NAME, NAME + "_other"), slow * (1 + 0.003 * (number % 5)))
                workspace.history.record([make_run(commit, values, suite="pytest-benchmark", minutes=number)])
    cause = regress("changes").out.split()[0]
    done = regress(f"bisect {cause} --max-runs 1")
    lines = done.out.splitlines()
    assert lines[0] == f"cause {cause}: regression in 2 benchmarks; the worst of them that can be measured:"
    assert lines[1].startswith(NAME)
    assert lines[2:4] == [f"good {library.commits[12][:10]} Step 12", f"bad  {library.commits[15][:10]} Step 15"]


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("bisect nothing HEAD~1", 2, "no benchmark 'nothing' in the history"),
        ("bisect benchmarks/test_wind.py::test_wind", 2, "name both ends"),
        ("bisect benchmarks/no.py::test_wind HEAD~1", 2, "the present checkout has no benchmark benchmarks/no.py"),
        ("bisect benchmarks/test_wind.py::test_wind HEAD~99", 2, "is no commit, branch or tag"),
        ("bisect benchmarks/test_wind.py::test_wind HEAD HEAD~1", 2, "write the older commit first"),
        ("bisect", 2, "Missing argument"),
    ],
)
def test_what_cannot_be_is_one_line(library, regress, line, status, said):
    done = regress(line)
    assert done.status == status
    assert said in done.err
    assert "Traceback" not in done.err


def test_outside_of_a_repository(tmp_path, monkeypatch, regress):
    monkeypatch.chdir(tmp_path)
    done = regress("bisect a.py::b HEAD")
    assert (done.status, done.out) == (2, "")
    assert "there is no git repository here" in done.err


def test_a_kind_that_is_not_known(library, regress):
    library.write(
        "pyproject.toml",
        (library.root / "pyproject.toml").read_text("utf-8")
        + """
[[tool.regress.suite]]
name = "pytest-benchmark"
kind = "pytest"
""",
    )
    done = regress(f"bisect {NAME} HEAD~3")
    assert done.status == 2
    assert "no suite of the kind 'pytest'; one of pytest-benchmark, asv" in done.err
