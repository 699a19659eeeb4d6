"""`regress scaling` on a real history: orders, budgets, what grew, and one line for what cannot be."""

import json
import math

import numpy as np
import pytest

from regress.history import History
from regress.model import Benchmark, Direction, Key, Kind, Metric
from tests.factories import make_commits, make_run, sha

TIME = Metric("time", "s", Direction.LOWER, Kind.NOISY)
COUNT = Metric("calls", "1", Direction.LOWER, Kind.EXACT)
SIZES = ("100", "1_000", "10k", "1e5", "1e6")
NUMBERS = np.array([1e2, 1e3, 1e4, 1e5, 1e6])
TERMS = {"flat": NUMBERS * 0 + 1, "log": np.log2(NUMBERS), "linear": NUMBERS, "square": NUMBERS**2}


def key(name, size, metric=TIME, **fields):
    params = (("kind", "a"), ("n", size))
    return Key(Benchmark("asv", name, f"('a', {size})", params=params, **fields), metric)


def rows(seed, noise=0.02, **shapes):
    """A mood of the whole run, and noise of each figure."""
    rng = np.random.default_rng(seed)
    mood = math.exp(0.1 * rng.standard_normal())
    found = {}
    for name, shape in shapes.items():
        values = 1e-5 * TERMS[shape] / TERMS[shape][0] * mood * np.exp(noise * rng.standard_normal(len(SIZES)))
        found |= {key(f"bench.{name}", size): float(value) for size, value in zip(SIZES, values, strict=True)}
    return found


@pytest.fixture
def history(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REGRESS_DB", raising=False)
    with History.open(str(tmp_path / ".regress" / "history.db")) as opened:
        opened.add_commits(make_commits(*(f"c{place}" for place in range(10))))
        yield opened


@pytest.fixture
def measured(history):
    """Eight commits; on the ninth `sort` becomes quadratic and `find` gets better."""
    for place in range(8):
        history.record([make_run(f"c{place}", rows(place, sort="linear", find="linear", get="flat"), minutes=place)])
    history.record([make_run("c8", rows(8, sort="square", find="log", get="flat"), minutes=8)])
    return history


def curve(document, name):
    return next(one for one in document["curves"] if one["benchmark"].startswith(f"bench.{name}"))


def test_orders(measured, regress):
    done = regress("scaling --over n")
    assert done.status == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "over n: 1 log n, 1 constant, 1 quadratic"
    assert "bench.sort[kind=a] · time: quadratic" in lines
    at = lines.index("bench.get[kind=a] · time: constant")
    assert lines[at + 1].split() == ["n", *SIZES]
    assert lines[at + 3].startswith("  surely less than 1.")
    assert "(8 earlier runs)" in done.out
    assert all(len(line) <= 80 for line in lines), done.out
    assert lines[-1] == f"repeat: regress scaling --over n '*' {sha('c8')[:12]}"


def test_the_only_size_need_not_be_named(measured, regress):
    assert regress("scaling").out == regress("scaling --over n").out


def test_an_order_that_grew_is_a_regression(measured, regress):
    done = regress("scaling --over n --against previous")
    assert done.status == 1
    lines = done.out.splitlines()
    assert lines[0] == "RED: 1 grew faster than before · over n: 1 log n, 1 constant, 1 quadratic"
    assert lines[5] == "bench.sort[kind=a] · time: quadratic", "what grew comes first"
    assert "  ORDER GREW: linear before, quadratic now" in lines
    found = json.loads(regress("scaling --against default --format json").out)
    assert found["status"] == 1
    assert {name: curve(found, name)["growth"] for name in ("sort", "find", "get")} == {
        "sort": "grew", "find": "shrank", "get": "same",
    }  # fmt: skip
    assert curve(found, "sort")["base"]["order"] == "linear"


def test_the_same_order_is_no_regression(measured, regress):
    done = regress(f"scaling --against {sha('c6')} '*' {sha('c7')}")
    assert done.status == 0
    assert done.out.startswith("3 same")


def test_a_rule_may_say_that_it_only_warns(measured, regress, tmp_path):
    (tmp_path / "regress.toml").write_text('[[rule]]\nbenchmark = "bench.sort*"\naction = "warn"\n')
    done = regress("scaling --against previous")
    assert done.status == 0
    assert "ORDER GREW" in done.out


def test_several_runs_tell_their_own_noise(history, regress):
    history.record([make_run("c1", rows(again, sort="linear"), minutes=again) for again in range(4)])
    found = curve(json.loads(regress("scaling --format json").out), "sort")
    assert found["evidence"] == "4 runs"
    assert found["noise"] < 0.05, "the mood of whole runs, of 10 %, is not in it"
    assert found["fit"]["order"] == "linear"
    assert found["points"][1] == {"size": 1000.0, "text": "1_000", "value": pytest.approx(1e-4, rel=0.3), "runs": 4}


BUDGETS = """
[[budget]]
benchmark = "bench.sort*"
limits = ["median < 2 ms", "median < 1 h", "median < 1 us"]
[[budget]]
benchmark = "bench.get*"
limit = "p95 < 1 s"
"""


def test_the_largest_load_that_meets_each_budget(measured, regress, tmp_path):
    (tmp_path / "regress.toml").write_text(BUDGETS.replace("median", "value"))
    found = json.loads(regress(f"scaling --format json '*' {sha('c7')}").out)
    partly, whole, none = curve(found, "sort")["budgets"]
    assert partly["limit"] == "value < 2 ms"
    assert partly["between"] == [10000.0, 100000.0]
    assert partly["upto"] == pytest.approx(20000, rel=0.3)
    assert (whole["whole"], whole["upto"]) == (True, 1e6)
    assert (none["whole"], none["upto"]) == (False, None)
    out = regress(f"scaling 'bench.*' {sha('c7')}").out
    assert "  value < 2 ms: met up to n = " in out
    assert ", between 10,000 and 100,000" in out
    assert "  value < 1 h: not breached up to n = 1,000,000" in out
    assert "  value < 1 us: breached at the smallest n" in out
    assert "  p95 < 1 s: not judged at 5 of 5 sizes" in " ".join(out.split("\n")) or "neither samples nor p95" in out


def test_exact_figures(history, regress):
    counts = {key("bench.walk", size, COUNT): float(size_) for size, size_ in zip(SIZES, NUMBERS, strict=True)}
    history.record([make_run("c1", counts)])
    found = curve(json.loads(regress("scaling --format json --metric calls").out), "walk")
    assert (found["evidence"], found["fit"]["order"]) == ("exact", "linear")


def test_what_cannot_be_fitted_says_why(history, regress):
    few = {key("bench.few", size): 1.0 for size in SIZES[:2]}
    zero = {key("bench.zero", size): 0.0 for size in SIZES}
    history.record([make_run("c1", few | zero | rows(1, good="linear"))])
    out = regress("scaling").out
    assert "2 sizes are too few: 3 show a shape, 4 are firm" in out
    assert "a figure is not positive" in out
    assert out.startswith("over n: 2 not fitted, 1 linear")


def test_another_source_of_the_benchmark_is_not_held_against_it(history, regress):
    for place, (shape, version) in enumerate([("linear", "v1"), ("square", "v2")]):
        values = rows(place, sort=shape)
        changed = {key("bench.sort", k.benchmark.params[1][1], version=version): v for k, v in values.items()}
        history.record([make_run(f"c{place}", changed, minutes=place)])
    done = regress("scaling --against previous")
    assert done.status == 0
    assert "unsure: the benchmark's own source changed" in done.out


def test_markdown(measured, regress):
    page = regress("scaling --against previous --format markdown").out
    assert "| benchmark | metric | order | fit | before | budgets |" in page
    assert "| 🔴 quadratic |" in page


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("scaling --over nosuch", 2, "'nosuch' is no parameter with at least three sizes in these runs; there are: n"),
        ("scaling --over kind", 2, "'kind' is no parameter with at least three sizes"),
        ("scaling bench.nosuch", 3, "no benchmark fits bench.nosuch"),
        ("scaling 're:('", 2, "is not a regular expression"),
        ("scaling --against nosuch", 2, "no commit 'nosuch' in the history"),
        ("scaling --format csv", 2, "is not one of"),
        ("scaling '*' 0123456789", 2, "no commit '0123456789'"),
    ],
)
def test_what_cannot_be_is_one_line(measured, regress, line, status, said):
    done = regress(line)
    assert (done.status, said in done.err) == (status, True), done.err
    assert done.out == ""
    assert "Traceback" not in done.err


def test_the_first_commit_has_nothing_against_it(history, regress):
    history.record([make_run("c1", rows(1, sort="linear"))])
    done = regress("scaling --against previous")
    assert done.status == 3
    assert "this is the only commit that was measured" in done.err


def test_without_a_history(tmp_path, monkeypatch, regress):
    monkeypatch.chdir(tmp_path)
    done = regress("scaling")
    assert done.status == 4
    assert len(done.err.splitlines()) == 1
