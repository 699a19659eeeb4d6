"""The example `performance_track`: its table, its targets with each fault, its story."""

import json
import re
import socket

import pytest

from examples.play import HERE, Stage, play

NAME = "performance_track"
README = (HERE / NAME / "README.md").read_text(encoding="utf-8")
LATENCY, THROUGHPUT, SUCCESS = "latency.p95 < 50 ms", "throughput > 40/s", "success_rate >= 99%"
GROWTH = "growth < 50 MB"
STAGE, SENDING, READING = "median < 40 ms", "p95 < 60 ms", "p95 < 30 ms"
ROWS = re.findall(r"^\| .* \| `(.+)` \| (\d) \|$", README, re.MULTILINE)


def stage_in(folder):
    """The team's repository, whose server listens where nobody else does."""
    stage = Stage(NAME, folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = stage.root / "regress.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("8731", str(port)), encoding="utf-8")
    stage.commit("Another port")
    return stage


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return stage_in(tmp_path_factory.mktemp("table"))


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return stage_in(tmp_path_factory.mktemp("targets"))


def run(stage, *words, status, **more):
    """`regress run` on a commit of its own; its summary."""
    stage.git("commit", "-q", "--allow-empty", "-m", " ".join(words))
    said = stage.shell(f"regress run {' '.join(words)} --report json=summary.json", **more)
    assert said[0] == status, said[1]
    return json.loads((stage.root / "summary.json").read_text(encoding="utf-8"))


def targets(stage):
    """The present commit's targets by their limits, of several benchmarks the worst."""
    _, said = stage.shell("regress budgets --format json")
    rows = json.loads(said)["budgets"]
    return {row["limit"]: row for row in sorted(rows, key=lambda row: row["state"] == "breached")}


def suites(summary):
    return {suite["name"]: suite for suite in summary["suites"]}


def test_the_table_is_long_enough():
    assert len(ROWS) >= 12


@pytest.mark.parametrize(("line", "status"), ROWS)
def test_every_row_of_the_table(table, line, status):
    ended, said = table.shell(line)
    assert ended == int(status), said
    if "--report" in line:
        summary = json.loads((table.root / "performance_track_summary.json").read_text(encoding="utf-8"))
        phases = list(dict.fromkeys(suite["phase"] for suite in summary["suites"]))
        assert phases == ["workload", "metrics", "bottlenecks", "optimisations", "components", "end-to-end"]
        ranked = suites(summary)["bottlenecks"]["slowest"]
        assert len(ranked) == 5
        assert [one["share"] for one in ranked] == sorted((one["share"] for one in ranked), reverse=True)
    if line.startswith("SKIP_AWS_TESTS"):
        assert "the variable SKIP_AWS_TESTS is true" in said
    if "param:profile" in line:
        assert re.search(r"baseline .* \d[\d.]*x ", said), said
    if "param:codec" in line:
        assert re.search(r"test_encode` .*x \(.* to .*\) .*\| `packed` \|", said), said
    if "--site" in line:
        assert (table.root / "site" / "index.html").is_file()


@pytest.mark.parametrize(
    ("fault", "phases", "load", "breached"),
    [
        ("slow", "metrics end-to-end", {"REQUESTS": "100"}, {LATENCY, SENDING, READING}),
        ("busy", "metrics bottlenecks", {"TRACKS": "15", "ROUNDS": "5"}, {THROUGHPUT, STAGE}),
        ("errors", "metrics", {}, {SUCCESS}),
        ("leak", "metrics", {}, {GROWTH}),
    ],
)
def test_each_fault_breaches_its_target(stage, fault, phases, load, breached):
    run(stage, *(f"--phase {phase}" for phase in phases.split()), status=1, FAULT=fault, **load)
    found = targets(stage)
    assert {limit for limit, row in found.items() if row["state"] == "breached"} == breached
    for limit in breached:
        value, bound = found[limit]["value"], found[limit]["bound"]
        if limit == SUCCESS:
            value, bound = 1 - value, 1 - bound
        assert max(value / bound, bound / value) >= 2


def test_what_was_not_measured_is_never_met(stage):
    run(stage, "--phase metrics", status=0, TRACKS="20")
    found = {limit: row["state"] for limit, row in targets(stage).items()}
    assert found[LATENCY] == "unjudged"  # too few samples for a 95th percentile
    assert found[SUCCESS] == "met"
    assert [found[limit] for limit in (STAGE, SENDING, READING)] == ["unjudged"] * 3  # not run


def test_a_stage_that_was_taken_away_is_missing(stage):
    run(stage, "--phase bottlenecks", status=0, ROUNDS="5")
    file = stage.root / "perf" / "test_3_bottlenecks.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('    "pack": lambda: CODECS["packed"].encode(FEW),\n', ""), encoding="utf-8")
    stage.commit("Without a stage")
    assert stage.shell("regress run --phase bottlenecks", ROUNDS="5")[0] == 0
    status, said = stage.shell("regress check --against previous")
    file.write_text(text, encoding="utf-8")
    stage.commit("With it again")
    assert status == 1, said
    assert re.search(r"missing .*test_stage\[pack\]", said), said


def test_with_phase_3_broken_the_later_ones_are_reported(stage):
    stage.git("checkout", "-q", "-b", "broken")
    stage.apply("05-stopwatch")
    found = suites(run(stage, "--exclude workload --exclude metrics", status=1, REQUESTS="10"))
    stage.git("checkout", "-q", "main")
    assert {failure["trouble"] for failure in found["bottlenecks"]["failures"]} == {"import"}
    assert "stopwatch" in found["bottlenecks"]["failures"][0]["reason"]
    for name in ("optimisations", "components", "end-to-end"):
        assert (found[name]["status"], found[name]["benchmarks"] > 0) == ("passed", True)
    assert (found["upload"]["status"], found["upload"]["reason"]) == ("skipped", "the variable SKIP_AWS_TESTS is true")


def test_a_server_that_is_down_is_trouble_with_the_connection(stage):
    found = suites(run(stage, "--suite end-to-end", status=1, FAULT="down"))["end-to-end"]
    assert {failure["trouble"] for failure in found["failures"]} == {"connection"}
    assert len(found["failures"]) == 2
    assert found["runs"] == 0
    status, said = stage.shell("regress budgets")
    assert status != 0
    assert "no run of commit" in said


@pytest.mark.story
def test_the_story(tmp_path):
    played = play(NAME, tmp_path, quiet=True)
    assert played.wrong == []
    said = {what: words for what, _, words in played.steps}
    red = next(words for _, status, words in played.steps if status == 1 and "RED" in words)
    assert re.search(r"regressed +perf/test_3_bottlenecks.py::test_stage\[parse\]", red)
    assert "packed wins" in said["regress compare --by param:codec -k '*Codecs*'"]
    assert re.search(r"\d runs\)", said["regress compare --by param:profile"])
    assert (played.root / "site" / "index.html").is_file()
