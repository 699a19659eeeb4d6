"""`regress ab` on the command line: its words, its statuses, one line for what cannot be, and no history."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.work.library import load_few_plugins, make_library


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    load_few_plugins(monkeypatch)


@pytest.fixture
def library(tmp_path, monkeypatch):
    made = make_library(tmp_path / "spool", 1, 1, factor=10.0, rounds=5, turns=5000)
    monkeypatch.chdir(made.root)
    return made


def test_slower_is_red_and_stores_nothing(library, regress):
    done = regress("ab HEAD~1 HEAD --pairs 3 --tolerance 10% -k wind")
    lines = done.out.splitlines()
    assert done.status == 1, done.out + done.err
    assert lines[0] == "RED: 1 regressed"
    assert lines[2] == f"base  HEAD~1 {library.commits[0][:10]} Step 0"
    assert "regressed" in lines[7]
    assert "›" in lines[7]
    assert lines[-1] == "repeat: regress ab HEAD~1 HEAD -k 'wind' --pairs 3 --tolerance 10%"
    assert [line.partition(" ·")[0] for line in done.err.splitlines()] == [f"pair {n} of at most 3" for n in (1, 2, 3)]
    assert not (library.root / ".regress" / "history.db").exists()
    assert library.git("status", "--porcelain") == ""


def test_json_is_nothing_but_json(library, regress):
    done = regress("ab HEAD HEAD~1 --pairs 3 --tolerance 1 --format json")
    assert done.status == 0
    document = json.loads(done.out)
    assert document["benchmarks"][0]["outcome"] == "improved"
    assert len(document["benchmarks"][0]["base"]) == 3


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("ab HEAD~1 --tolerance 5x", 2, "--tolerance '5x' is no share; write 5% or 0.05"),
        ("ab HEAD~1 --tolerance 500%", 2, "is no share"),
        ("ab HEAD~9", 2, "is no commit, branch or tag"),
        ("ab HEAD~1 --pairs 2", 2, "3<=x<=300"),
        ("ab HEAD~1 -k nosuch", 2, "no benchmark fits -k nosuch; there are 1: benchmarks/test_wind.py::test_wind"),
        ("ab", 2, "Missing argument"),
    ],
)
def test_what_cannot_be_is_one_line(library, regress, line, status, said):
    done = regress(line)
    assert done.status == status
    assert said in done.err
    assert "Traceback" not in done.err


def test_without_a_repository(tmp_path, monkeypatch, regress):
    monkeypatch.chdir(tmp_path)
    done = regress("ab HEAD")
    assert (done.status, done.out) == (2, "")
    assert "there is no git repository here" in done.err


def test_without_benchmarks(library, regress):
    library.git("rm", "-q", "-r", "benchmarks")
    library.commit("No benchmarks")
    done = regress("ab HEAD~1")
    assert done.status == 2
    assert "nothing says how to run this project's benchmarks" in done.err


def test_a_head_that_does_not_import(library, regress):
    library.write("src/spool/__init__.py", "import no_such_module\n")
    library.commit("Broken")
    done = regress("ab HEAD~1")
    assert done.status == 3
    assert "no_such_module" in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_an_interrupt_ends_cleanly(library):
    """Ctrl-C while a benchmark runs: status 130, no process and no work tree left behind."""
    library.write(
        "benchmarks/test_wind.py", "import time, spool\ndef test_wind(benchmark):\n    benchmark(time.sleep, 30)\n"
    )
    command = [sys.executable, "-m", "regress", "ab", "HEAD~1"]
    process = subprocess.Popen(command, cwd=library.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list((library.root / ".regress").glob("confirm/*/proof/*.txt")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err.strip() == "regress: interrupted"
    assert library.git("worktree", "list").count("\n") == 0
    assert os.listdir(library.root / ".regress" / "worktrees") == []
