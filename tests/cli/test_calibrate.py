"""`regress calibrate` on a command line, on a small real library."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from regress import config
from regress.model import Rule
from tests.work.library import NAME, load_few_plugins, make_library

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def library(tmp_path, monkeypatch):
    made = make_library(tmp_path / "spool", 1, 1, rounds=5, turns=2000)
    load_few_plugins(monkeypatch)
    monkeypatch.chdir(made.root)
    return made


def test_three_runs_of_chosen_benchmarks_as_json_and_their_rules_written(library, regress):
    before = (library.root / "pyproject.toml").read_text(encoding="utf-8")
    done = regress("calibrate --runs 3 -k *wind --format json --write")
    assert done.status == 0, done.err
    document = json.loads(done.out)
    assert (document["done"], document["uncommitted"], document["commit"]) == (3, False, library.commits[-1])
    (series,) = document["series"]
    assert (series["benchmark"], series["runs"]) == (NAME, 3)
    assert "run 3 of 3 · pytest-benchmark · " in done.err
    written = config.load(library.root).rules
    assert [(r.benchmark, r.metric, r.relative) for r in written] == [
        (p["benchmark"], p["metric"], p["relative"]) for p in document["proposed"]
    ]
    after = (library.root / "pyproject.toml").read_text(encoding="utf-8")
    assert after.startswith(before)
    assert document["toml"] in after
    assert "tags calibrate" in regress("show HEAD").out
    assert isinstance(written, tuple)
    assert all(isinstance(rule, Rule) for rule in written)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("calibrate --runs 2", "make at least --runs 3"),
        ("calibrate --runs many", "'many' is not a valid integer"),
        ("calibrate -k nothing --runs 3", "no benchmark fits -k nothing"),
    ],
)
def test_wrong_usage(library, regress, line, says):
    done = regress(line)
    assert (done.status, done.out) == (2, "")
    assert says in done.err


def test_a_suite_that_cannot_run_ends_with_its_reason(library, regress):
    library.write("src/spool/core.py", "import no_such_module\n")
    library.commit("Break it")
    done = regress("calibrate --runs 3")
    assert (done.status, done.out) == (3, "")
    assert "does not import" in done.err
    assert "log.txt" in done.err
    assert library.git("worktree", "list").count("\n") == 0


def test_ctrl_c_reports_on_the_runs_that_are_done(library):
    library.write("benchmarks/test_slow.py", "import time, spool\n\n\ndef test_slow(benchmark):\n    "
                  "benchmark.pedantic(time.sleep, args=(0.3,), rounds=1)\n    spool.wind(1)\n")  # fmt: skip
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from regress.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "calibrate", "--runs", "50"], cwd=library.root, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline().startswith("run 1 of 50")
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "of 50 runs (interrupted) of " in out
    assert "Traceback" not in err
    assert library.git("worktree", "list").count("\n") == 0
