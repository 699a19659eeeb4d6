"""The memory of one benchmark, in an extra call that is not timed: with real pytest and a real history."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress import config
from regress.errors import ConfigError
from regress.history import History
from regress.model import Direction, Kind, SuiteSpec
from regress.suites import Request, suite_of
from tests.formats.samples import benchmark as entry
from tests.formats.samples import figures, only, pytest_file, read_all
from tests.work.running import make_project, quick

ROOT = Path(__file__).parent.parent.parent
PLUGINS = ROOT / "regress" / "suites" / "inject" / "plugin"
TESTS = """
import pytest

ONCE = dict(rounds=2, iterations=1)


def test_plain(benchmark):
    assert benchmark(lambda: len(bytes(1_000_000))) == 1_000_000


def test_setup_is_called_anew_and_not_measured(benchmark):
    made = []

    def setup():
        made.append(bytearray(3_000_000))
        return (made[-1],), {"count": 500_000}

    benchmark.pedantic(lambda data, count: len(bytes(data[:count])), setup=setup, **ONCE)
    assert [len(data) for data in made] == [3_000_000] * 3


def test_what_grows_counts_by_its_growth(benchmark):
    benchmark.pedantic(bytearray.extend, setup=lambda: ((bytearray(3_000_000), bytes(10)), {}), **ONCE)


def test_teardown(benchmark):
    ended = []
    benchmark.pedantic(len, args=("abc",), teardown=ended.append, **ONCE)
    assert ended == ["abc"] * 3


def test_iterations(benchmark):
    calls = []
    benchmark.pedantic(lambda: calls.append(len(bytes(1000))), rounds=3, iterations=5)
    assert len(calls) == 17


def test_used_up(benchmark):
    left = iter([1, 2])
    benchmark.pedantic(lambda: next(left), **ONCE)


def test_setup_fails(benchmark):
    left = [1, 2]
    benchmark.pedantic(len, args=((),), setup=lambda: left.pop() and None, **ONCE)


def test_skips(benchmark):
    left = [1, 2]
    benchmark.pedantic(lambda: left.pop() if left else pytest.skip("nothing left\\nof two"), **ONCE)


def test_used_twice(benchmark):
    benchmark.pedantic(len, args=("",))
    with pytest.raises(Exception, match="only be used once"):
        benchmark(len, "")


def test_never_used(benchmark):
    pass


def test_info_before(benchmark):
    benchmark.extra_info = {"size": 3}
    benchmark.pedantic(len, args=("",))


def test_info_after(benchmark):
    benchmark.pedantic(len, args=("",))
    benchmark.extra_info = {"size": 3}


@pytest.fixture
def later(request):
    return request.getfixturevalue("benchmark")


def test_by_another_fixture(later):
    assert type(later).__name__ == "BenchmarkFixture"
    later.pedantic(len, args=("",))


def test_raises(benchmark):
    benchmark.pedantic(lambda: 1 / 0)


def test_tracing_goes_on(benchmark):
    import tracemalloc

    tracemalloc.start()
    benchmark.pedantic(lambda: len(bytes(7000)))
    assert tracemalloc.is_tracing()
    tracemalloc.stop()
"""
CALLS = """
calls = []


def test_a(benchmark):
    benchmark(calls.append, 1)
    assert len(calls) == 1
"""
USED_UP = """
def test_once(benchmark):
    left = [1]
    benchmark.pedantic(left.pop)


def test_room(benchmark):
    benchmark.pedantic(bytes, args=(1_000_000,), rounds=2)
"""


def run_pytest(folder, *words, plugins="pytest_benchmark.plugin"):
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("REGRESS_", "PYTEST_"))}
    environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": plugins}
    environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(PLUGINS)])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120)


def written(folder, *words):
    """What each benchmark's results say beside its times, by name."""
    done = run_pytest(folder, "-p", "regress_memory", "--benchmark-max-time=0.001", "--benchmark-json=out.json", *words)
    document = json.loads((folder / "out.json").read_text("utf-8") or "{}")
    return done, {one["name"].removeprefix("test_"): one["extra_info"] for one in document.get("benchmarks", [])}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("room")
    (made / "test_room.py").write_text(TESTS, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def measured(folder):
    return written(folder)


def peaks(found):
    return {name: info.get("regress_memory", {}).get("peak") for name, info in found.items()}


def test_the_most_that_one_call_held(measured):
    done, found = measured
    assert "1 failed" in done.stdout, done.stdout
    assert "test_raises" in done.stdout
    got = peaks(found)
    assert 1_000_000 <= got["plain"] < 1_001_000
    assert 1_000_000 <= got["setup_is_called_anew_and_not_measured"] < 1_001_000, "a slice of 500,000 and its copy"
    assert got["what_grows_counts_by_its_growth"] < 1_000_000, "the three megabytes were there before"
    assert 1_000 <= got["iterations"] < 2_000
    assert 7_000 <= got["tracing_goes_on"] < 8_000
    assert got["teardown"] is not None
    assert {"used_twice", "never_used", "raises"}.isdisjoint(found)


def test_what_the_extra_call_raised(measured):
    _, found = measured
    assert found["used_up"] == {"regress_memory": {"failed": "StopIteration"}}
    assert found["setup_fails"] == {"regress_memory": {"failed": "IndexError: pop from empty list"}}
    assert found["skips"] == {"regress_memory": {"failed": "Skipped: nothing left"}}


def test_whatever_the_test_does_to_its_info(measured):
    _, found = measured
    assert found["info_before"].keys() == {"size", "regress_memory"}
    assert found["info_after"].keys() == {"regress_memory"}
    assert found["by_another_fixture"].keys() == {"regress_memory"}


def test_again_it_is_the_same_to_the_byte(folder, measured):
    _, again = written(folder, "--benchmark-disable-gc")
    assert peaks(again) == peaks(measured[1])


def test_with_a_profile_too(folder, measured):
    _, profiled = written(folder, "--benchmark-cprofile=cumtime", "-k", "plain or iterations")
    assert peaks(profiled)["plain"] == peaks(measured[1])["plain"]


@pytest.mark.parametrize("words", ["--benchmark-disable", "--benchmark-skip"])
def test_what_is_not_timed_is_not_called_again(folder, words):
    calls = folder / f"test_calls{words.removeprefix('--benchmark-')}.py"
    calls.write_text(CALLS, encoding="utf-8")
    done = run_pytest(folder, "-p", "regress_memory", calls.name, words)
    assert done.returncode in (0, 5), done.stdout


def test_what_is_read_of_it():
    run = only(pytest_file(entry(extra_info={"regress_memory": {"peak": 1024}, "size": 3})))
    assert [key.metric.name for key in run.columns.keys] == ["time", "peak memory", "size"]
    metric = run.columns.keys[1].metric
    assert (metric.unit, metric.direction, metric.kind) == ("B", Direction.LOWER, Kind.EXACT)
    assert figures(run)[run.columns.keys[1].benchmark.full]["peak memory"] == {"value": 1024.0}


def test_a_call_that_failed_is_a_gap_and_a_warning():
    run = only(pytest_file(entry(extra_info={"regress_memory": {"failed": "ValueError: used up"}})))
    assert [key.metric.name for key in run.columns.keys] == ["time"]
    ((gap,), (warning,)) = run.gaps, run.warnings
    assert (gap.key.metric.name, gap.status, gap.reason) == (
        "peak memory", "skipped", "the extra call: ValueError: used up",
    )  # fmt: skip
    assert warning == f"{gap.key.benchmark.full}: no memory, as the extra call raised ValueError: used up"


@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["peak", "failed"]), inner),
    max_leaves=4,
))  # fmt: skip
def test_whatever_stands_in_its_place_the_times_are_read(content):
    runs, bads = read_all(pytest_file(entry(extra_info={"regress_memory": content})))
    (run,) = runs
    names = [key.metric.name for key in run.columns.keys]
    assert names[0] == "time"
    assert len(names[1:]) + len(run.gaps) + len(bads) == 1, "a figure, or a reason, or a fault"
    assert set(names[1:]) <= {"peak memory"}


@pytest.mark.parametrize("kind", ["asv", "command"])
def test_a_suite_of_another_kind_has_no_such_key(tmp_path, kind):
    command = 'command = "true"\n' if kind == "command" else ""
    (tmp_path / "regress.toml").write_text(f'[[suite]]\nkind = "{kind}"\n{command}memory = true\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="`memory` is used with kind") as caught:
        config.load(tmp_path)
    assert ("peakmem_" in str(caught.value)) == (kind == "asv")


@pytest.fixture
def project(tmp_path, monkeypatch):
    quick(monkeypatch)
    made = make_project(tmp_path / "spool")
    made.library.write("benchmarks/test_n.py", USED_UP)
    made.library.commit("Room")
    made.configure(
        '[[suite]]\nkind = "pytest-benchmark"\nargs = ["benchmarks/test_n.py"]\nmemory = true\n'
        '[[budget]]\nbenchmark = "*test_room"\nlimit = "peak memory < 900 kB"\n'
    )
    return made


def stored(project):
    with History.open(str(project.root / ".regress" / "history.db"), create=False) as history:
        return history.load([run.id for run in history.runs()])


def test_a_run_has_it_beside_the_times_and_a_budget_names_it(project, capfd):
    assert project.run("run") == 1
    said = capfd.readouterr().out
    assert "BREACHED: 1 target" in said
    assert "test_once: no memory, as the extra call raised IndexError: pop from empty list" in said
    (run,) = stored(project)
    assert {(key.benchmark.name.partition("::")[2], key.metric.name) for key in run.columns.keys} == {
        ("test_once", "time"), ("test_room", "time"), ("test_room", "peak memory"),
    }  # fmt: skip
    assert project.run("run", "--set", "pytest-benchmark.memory=false") == 0
    assert {key.metric.name for key in stored(project)[-1].columns.keys} == {"time"}


def test_the_gate_sees_what_takes_more(project, capfd):
    args = '["benchmarks/test_n.py", "-k", "room"]'
    project.configure(f'[[suite]]\nkind = "pytest-benchmark"\nargs = {args}\nmemory = true\n')
    assert project.run("run") == 0
    project.library.write("benchmarks/test_n.py", USED_UP.replace("1_000_000", "1_020_000"))
    project.library.commit("More room")
    assert project.run("run") == 0
    capfd.readouterr()
    assert project.run("check", "--against", "HEAD~1", "--report", "json=-") == 1
    verdicts = json.loads(capfd.readouterr().out)["verdicts"]
    (found,) = [one for one in verdicts if one["metric"] == "peak memory"]
    assert (found["outcome"], found["change"]) == ("regressed", pytest.approx(0.02, rel=0.01))


def test_a_commit_is_measured_with_it(project):
    spec = SuiteSpec("pytest-benchmark", "pytest-benchmark", memory=True)
    request = Request(project.root, project.root, "0" * 40, (), project.root / "out", as_it_is=True)
    (results,) = suite_of(spec).run(spec, request).results
    said = {one["name"]: one["extra_info"] for one in json.loads(results.read_text("utf-8"))["benchmarks"]}
    assert 1_000_000 <= said["test_room"]["regress_memory"]["peak"] < 1_001_000


@pytest.mark.parametrize("words", [("--regress", "--regress-memory"), ("--regress",)])
def test_from_inside_pytest(project, words):
    plugins = "pytest_benchmark.plugin,regress.pytest_plugin"
    done = run_pytest(project.root, "benchmarks/test_n.py", *words, plugins=plugins)
    assert done.returncode == 0, done.stdout + done.stderr
    names = {key.metric.name for run in stored(project) for key in run.columns.keys}
    asked = "--regress-memory" in words
    assert ("peak memory" in names) == asked
    assert ("warning: benchmarks/test_n.py::test_once: no memory" in done.stdout) == asked


def test_without_a_history_it_stands_in_the_results(project):
    plugins = "pytest_benchmark.plugin,regress.pytest_plugin"
    words = ("benchmarks/test_n.py", "--regress-memory", "--benchmark-json=out.json")
    assert run_pytest(project.root, *words, plugins=plugins).returncode == 0
    names = {key.metric.name for key in only_of(project.root / "out.json").columns.keys}
    assert names == {"time", "peak memory"}
    assert not (project.root / ".regress").exists()


def only_of(path):
    from regress.formats import Document

    return only(Document.of(path))
