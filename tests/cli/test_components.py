"""`regress compare --by` on a real history: what is printed, and one line for what cannot be."""

import csv
import io
import json
import math

import numpy as np
import pytest

from regress.history import History
from regress.model import Benchmark, Direction, Environment, Key, Kind, Metric
from tests.factories import ENVIRONMENT, make_run

TIME = Metric("time", "s", Direction.LOWER, Kind.NOISY)
SIZE = Metric("size", "B", Direction.LOWER, Kind.EXACT)
COSTS = {"list": 1.0, "heap": 1.5, "tree": 1.0}


def key(backend, n, name="bench.push", metric=TIME, suite="asv"):
    return Key(
        Benchmark(suite, name, f"({backend!r}, {n})", params=(("backend", repr(backend)), ("n", str(n)))), metric
    )


def run(commit, seed, minutes, noise=0.01, **fields):
    """All backends at both sizes in one process, which as a whole is a little slow or fast."""
    rng = np.random.default_rng(seed)
    slow = math.exp(0.1 * rng.standard_normal())
    rows = {}
    for name in ("bench.push", "bench.pop"):
        for n in (10, 100):
            for backend, cost in COSTS.items():
                rows[key(backend, n, name)] = cost * n * 1e-6 * slow * math.exp(noise * rng.standard_normal())
    rows |= {key(backend, 10, metric=SIZE): 100.0 + len(backend) for backend in ("list", "heap", "forest")}
    return make_run(commit, rows, minutes=minutes, **fields)


@pytest.fixture
def history(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REGRESS_DB", raising=False)
    with History.open(str(tmp_path / ".regress" / "history.db")) as opened:
        yield opened


@pytest.fixture
def measured(history):
    """Twelve commits with a run each, and a thirteenth with four."""
    history.record([run(f"c{place}", place, 100 * place) for place in range(12)])
    history.record([run("c12", 100 + again, 1200 + again) for again in range(4)])
    return history


def test_variants_side_by_side(measured, regress):
    done = regress("compare --by param:backend")
    assert done.status == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "param:backend: no winner in 5 of 5"
    assert "4 runs" in lines[2]
    assert all(len(line) <= 80 for line in lines), done.out
    block = lines[lines.index("asv: bench.push[n=10] · time") :][:6]
    reference = lines[3].split()[2].rstrip(",")
    assert reference in ("list", "tree"), "the two fastest"
    others = sorted({*COSTS} - {reference})
    assert [line.split()[0] for line in block[1:4]] == [reference, *others]
    assert next(line.split()[3] for line in block[1:4] if "heap" in line).startswith("1.5")
    assert block[1].endswith("●")
    assert "┤" in block[2]
    assert block[4].startswith("  no winner: the best lie within the noise of each other")
    assert "geometric mean · time" in lines
    assert lines[-1].startswith("repeat: regress compare --by param:backend ")


def test_the_whole_runs_mood_cancels_in_pairs(measured, regress):
    document = json.loads(regress("compare --by param:backend --reference list --format json").out)
    push = next(c for c in document["contests"] if c["benchmark"] == "bench.push[n=10]" and c["metric"] == "time")
    heap = next(v for v in push["variants"] if v["variant"] == "heap")
    assert heap["ratio"] == pytest.approx(1.5, rel=0.03)
    assert heap["lo"] < 1.5 < heap["hi"]
    assert heap["hi"] / heap["lo"] < 1.12, "10 % of the process is in both"
    mean = next(v for v in document["groups"][0]["variants"] if v["variant"] == "heap")
    assert mean["benchmarks"] == 4
    assert mean["hi"] / mean["lo"] < heap["hi"] / heap["lo"]


def test_one_run_takes_the_noise_of_the_earlier_ones(measured, regress):
    from tests.factories import sha

    found = json.loads(regress(f"compare --by param:backend --reference list --format json {sha('c11')}").out)
    push = next(c for c in found["contests"] if c["benchmark"] == "bench.push[n=10]" and c["metric"] == "time")
    heap = next(v for v in push["variants"] if v["variant"] == "heap")
    assert heap["evidence"] == "11 earlier runs"
    assert heap["lo"] < 1.5 < heap["hi"]
    assert heap["hi"] / heap["lo"] < 1.2
    first = json.loads(regress(f"compare --by param:backend --format json --reference list {sha('c0')}").out)
    heap = next(v for v in first["contests"][0]["variants"] if v["variant"] == "heap")
    assert heap["lo"] is None
    assert "no interval" in heap["evidence"]
    assert first["contests"][0]["winner"] is None


def test_exact_figures_need_no_interval(measured, regress):
    found = json.loads(regress("compare --by param:backend --metric size --format json").out)
    (size,) = found["contests"]
    assert (size["winner"], size["reason"]) == (None, "the best are alike")
    assert {v["variant"]: v["value"] for v in size["variants"]} == {"list": 104.0, "heap": 104.0, "forest": 106.0}
    assert all(v["lo"] is None for v in size["variants"])


def test_a_ranges_level(measured, regress):
    found = json.loads(regress("compare --by param:backend --runs 8 --format json --reference list --metric time").out)
    assert found["commit"] == ""
    assert found["what"] == "the present level of the last 8 runs"
    heap = next(v for v in found["contests"][0]["variants"] if v["variant"] == "heap")
    assert 6 <= heap["runs"] <= 8
    assert heap["lo"] < 1.5 < heap["hi"]


def test_environments(history, regress):
    old = Environment.of({**dict(ENVIRONMENT.key), "python": "CPython 3.12"}, dict(ENVIRONMENT.facts))
    for place in range(4):
        for shift, environment in enumerate((ENVIRONMENT, old)):
            rows = {"bench.sort": (1 + shift) * (1 + 0.01 * place), "bench.read": 2.0 + 0.01 * place}
            history.record([make_run("c1", rows, minutes=2 * place + shift, environment=environment)])
    found = json.loads(regress("compare --by env:python --format json").out)
    assert found["variants"] == ["CPython 3.11", "CPython 3.12"]
    sort = next(c for c in found["contests"] if c["benchmark"] == "bench.sort")
    assert sort["winner"] == "CPython 3.11"
    assert sort["variants"][1]["ratio"] == pytest.approx(2)
    assert sort["variants"][1]["evidence"] == "4 and 4 runs"
    assert "python" not in sort["environment"].lower()
    read = next(c for c in found["contests"] if c["benchmark"] == "bench.read")
    assert read["winner"] is None


def test_another_processor_is_said(history, regress):
    other = Environment.of({**dict(ENVIRONMENT.key), "machine": "big"}, {**dict(ENVIRONMENT.facts), "cpu": "Big"})
    history.record([make_run("c1", environment=ENVIRONMENT), make_run("c1", environment=other, minutes=1)])
    done = regress("compare --by env:machine")
    assert "warning: the runs were made on different processors" in done.out


def test_labels(history, regress):
    for place, tags in enumerate([("variant=a", "x"), ("variant=b",), ("x",)] * 3):
        factor = 1.0 if "variant=a" in tags else 3.0
        history.record([make_run("c1", {"bench.one": factor * (1 + 0.001 * place)}, minutes=place, tags=tags)])
    found = json.loads(regress("compare --by tag:variant --format json").out)
    assert (found["variants"], found["contests"][0]["winner"]) == (["a", "b"], "a")
    bare = json.loads(regress("compare --by tag:x --format json").out)
    assert set(bare["variants"]) == {"x", "no x"}


def test_suites(history, regress):
    for again in range(3):
        rows = {key("list", 1, suite="old"): 2.0 + again / 100, key("list", 1, suite="new"): 1.0 + again / 100}
        history.record([make_run("c1", rows, minutes=again)])
    found = json.loads(regress("compare --by suite --format json").out)
    assert found["contests"][0]["winner"] == "new"
    assert found["contests"][0]["suite"] == ""
    assert found["contests"][0]["benchmark"] == "bench.push('list', 1)"


def test_csv_and_markdown(measured, regress):
    rows = list(csv.DictReader(io.StringIO(regress("compare --by param:backend --format csv").out)))
    assert len(rows) == 4 * 3 + 3
    assert {row["variant"] for row in rows if row["metric"] == "time"} == set(COSTS)
    page = regress("compare --by param:backend --format markdown --reference heap").out
    assert "| benchmark | `heap` | `forest` | `list` | `tree` | winner |" in page
    assert "geometric mean" in page


def test_only_some(measured, regress):
    found = json.loads(regress("compare --by param:backend -k '*pop*' --format json").out)
    assert {c["benchmark"] for c in found["contests"]} == {"bench.pop[n=10]", "bench.pop[n=100]"}
    assert "-k '*pop*'" in found["command"]


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("compare --by param:nosuch", 2, "no parameter 'nosuch' in these runs; there are: backend, n"),
        ("compare --by env:nosuch", 2, "no part of the environment 'nosuch' in these runs; there are: arch, machine,"),
        ("compare --by tag:nosuch", 2, "no label 'nosuch' in these runs; there are none"),
        ("compare --by colour", 2, "write param:NAME, env:NAME, tag:NAME or suite"),
        ("compare --by param:", 2, "write param:NAME"),
        ("compare --by param:backend --reference nosuch", 2, "no variant 'nosuch'; there are: "),
        ("compare --by env:python", 3, "there is only one variant of env:python: CPython 3.11"),
        ("compare --by param:backend -k nosuch", 3, "no benchmark fits nosuch"),
        ("compare --by param:backend -k 're:('", 2, "is not a regular expression"),
        ("compare --by param:backend A B", 2, "--by compares the variants of one commit"),
        ("compare --by param:backend --changed", 2, "--by compares the variants of one commit"),
        ("compare", 2, "two sides are needed; write `regress compare A B`, or --by WHAT"),
        ("compare A", 2, "two sides are needed"),
        ("compare A B --format json", 2, "--format is for --by alone"),
        ("compare A B --runs 5", 2, "--runs is for --by alone"),
        ("compare --by param:backend --runs 1", 2, "x>=2"),
        ("compare --by param:backend 0123456789", 2, "no commit '0123456789' in the history"),
    ],
)
def test_what_cannot_be_is_one_line(measured, regress, line, status, said):
    done = regress(line)
    assert (done.status, said in done.err) == (status, True), done.err
    assert done.out == ""
    assert "Traceback" not in done.err


def test_without_a_history(tmp_path, monkeypatch, regress):
    monkeypatch.chdir(tmp_path)
    done = regress("compare --by suite")
    assert done.status == 4
    assert len(done.err.splitlines()) == 1


def test_names_that_say_more_than_the_parameters_are_left_out(history, regress):
    rows = {}
    for hidden in (1, 2):
        for backend in ("list", "heap"):
            benchmark = Benchmark("pytest-benchmark", "t::x", f"[{backend}-{hidden}]", params=(("backend", backend),))
            rows[Key(benchmark, TIME)] = 1.0
    history.record([make_run("c1", rows)])
    done = regress("compare --by param:backend")
    assert done.status == 3
    assert "differ in more than their parameters say" in done.err
