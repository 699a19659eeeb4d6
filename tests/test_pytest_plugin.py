"""The marker, with real pytest and real pytest-benchmark; from the test to the rules of a check."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from regress.formats import Document, read
from regress.model import Action, attached

TESTS = """
import pytest

pytestmark = pytest.mark.regress(relative="20%", action="warn")


@pytest.mark.regress(relative="5%", absolute="50 ns", p95="< 150 ms", requirement="REQ-7")
def test_near(benchmark):
    benchmark.pedantic(sum, args=([1],), rounds=3)


def test_far(benchmark):
    benchmark.pedantic(sum, args=([1],), rounds=3)


@pytest.mark.regress(min_runs=7)
class TestClass:
    @pytest.mark.regress(relative=0.01)
    @pytest.mark.parametrize("n", [1, 2])
    def test_inner(self, benchmark, n):
        benchmark.pedantic(sum, args=([n],), rounds=3)


def test_by_hand(benchmark):
    benchmark.extra_info["regress"] = {"relative": "2%"}
    benchmark.extra_info["size"] = 3
    benchmark.pedantic(sum, args=([1],), rounds=3)


@pytest.mark.regress(relative="2 %", tolerance=object(), limits=("p95 < 1 s",))
def test_odd(benchmark):
    benchmark.extra_info = {"size": 3}
    benchmark.pedantic(sum, args=([1],), rounds=3)


@pytest.mark.regress("5%")
def test_nameless(benchmark):
    benchmark.pedantic(sum, args=([1],), rounds=3)


def test_none():
    pass
"""


def run_pytest(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest in a folder, with our plug-in alone unless others are asked for."""
    environ = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "regress.pytest_plugin", "-p", "no:cacheprovider", *args]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What pytest-benchmark wrote of TESTS."""
    folder = tmp_path_factory.mktemp("marked")
    (folder / "test_marked.py").write_text(TESTS, encoding="utf-8")
    done = run_pytest(folder, "--strict-markers", "-p", "pytest_benchmark.plugin", "--benchmark-json=out.json")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "out.json"


def test_the_nearest_marker_wins_key_by_key(results):
    written = {b["name"]: b["extra_info"] for b in json.loads(results.read_text())["benchmarks"]}
    wide = {"relative": "20%", "action": "warn"}
    assert written["test_far"] == {"regress": wide}
    assert written["test_near"]["regress"] == wide | {
        "relative": "5%", "absolute": "50 ns", "p95": "< 150 ms", "requirement": "REQ-7",
    }  # fmt: skip
    assert written["test_inner[2]"]["regress"] == wide | {"relative": 0.01, "min_runs": 7}
    assert written["test_by_hand"] == {"regress": wide | {"relative": "2%"}, "size": 3}


def test_what_it_says_is_read_with_its_faults(results):
    (run,) = list(read(Document.of(results)))
    found = {
        run.columns.keys[row].benchmark.full.partition("::")[2]: attached(text, run.columns.keys[row].benchmark)
        for row, text in run.attachments.items()
    }
    assert found["test_near"].rule.relative == 0.05
    assert found["test_near"].rule.action is Action.WARN
    assert found["test_near"].budget.requirement == "REQ-7"
    assert found["test_near"].rule.origin == "test_marked.py::test_near (marker)"
    assert found["TestClass::test_inner[1]"].rule.only == (
        "pytest-benchmark",
        "test_marked.py::TestClass::test_inner[1]",
    )
    assert found["test_odd"].rule.relative == 0.02
    assert found["test_odd"].budget.limits[0].text == "p95 < 1 s"
    assert len(run.warnings) == 2
    odd, nameless = sorted(run.warnings, key=lambda text: "nameless" in text)
    assert odd.startswith("test_marked.py::test_odd: regress: tolerance: is not known here")
    assert nameless.startswith("test_marked.py::test_nameless: regress: without a name: is not known here")
    assert [key.metric.name for key in run.columns.keys].count("size") == 2
    assert not any("regress" in key.metric.name for key in run.columns.keys)


def test_without_pytest_benchmark_it_only_knows_the_marker(tmp_path):
    (tmp_path / "test_plain.py").write_text(
        "import pytest\n\n@pytest.mark.regress(relative='5%')\ndef test_x():\n    pass\n", encoding="utf-8"
    )
    done = run_pytest(tmp_path, "--strict-markers")
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout
    assert "@pytest.mark.regress(relative" in run_pytest(tmp_path, "--markers").stdout


def test_it_costs_nothing_to_import():
    code = (
        "import sys, pytest; before = set(sys.modules); import regress.pytest_plugin; "
        "print(sorted(n for n in set(sys.modules) - before if n.partition('.')[0] != 'collections'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['regress', 'regress.pytest_plugin']"
