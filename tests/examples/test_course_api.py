"""The example `course_api`: each row of its table, each target broken once by its fault, and its story.

The runs wait for sleeping servers most of the time, so they are made side by side, each in a repository and at a port
of its own.
"""

import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from examples.play import HERE, Stage, play

EXAMPLE = HERE / "course_api"
#: A chapter of the team's may take two minutes. Here the limit, the chapter and its fault are 1/240 of that.
CHAPTER = ("max < 120 s", "max < 0.5 s")
QUICK = {"ROUNDS": "100", "RUN_TIME": "2 s"}


def rows() -> list[tuple[str, int]]:
    """(command, status) of each row of the first table of the README."""
    table = EXAMPLE.joinpath("README.md").read_text("utf-8").partition("## Targets")[0]
    cells = [line.split(" | ") for line in table.splitlines() if line.startswith("| ") and line.endswith(" |")]
    found = []
    for _, here, status in cells[1:]:
        command = re.match(r"`([^`]+)`", here)
        assert command, here
        found.append((command[1], int(status.rstrip(" |"))))
    return found


ROWS = rows()


@dataclass
class Faulty:
    """A run with faults: how it ended, and what became of the targets by (benchmark without parameters, figure)."""

    status: int
    said: str
    targets: dict[tuple[str, str], str] = field(default_factory=dict)
    values: dict[tuple[str, str], float] = field(default_factory=dict)


def staged(folder: Path) -> Stage:
    """The project at its last commit, at a port that nobody has."""
    stage = Stage("course_api", folder)
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = str(found.getsockname()[1])
    rules = stage.root / "regress.toml"
    rules.write_text(rules.read_text("utf-8").replace("8766", port).replace(*CHAPTER), "utf-8")
    stage.env |= {"COURSE_PORT": port, "FAULT_CHAPTER": "1.1"}
    for patch in sorted(EXAMPLE.glob("commits/*.patch")):
        stage.git("apply", "--whitespace=nowarn", str(patch))
    stage.commit("All of it")
    return stage


def broken(folder: Path, faults: str, words: str, **more: str) -> Faulty:
    stage = staged(folder)
    status, said = stage.shell(f"regress run {words}", FAULT=faults, **more)
    found = Faulty(status, said)
    _, text = stage.shell("regress budgets --format json")
    for one in json.loads(text)["budgets"]:
        name = (one["benchmark"] or "").partition("::")[2].partition("{")[0]
        key = (name or (one["benchmark"] or "").partition("{")[0], one["limit"].split()[0])
        found.targets[key], found.values[key] = one["state"], one["value"]
    return found


def played_rows(folder: Path, suites: str) -> dict[str, tuple[int, str]]:
    """Those rows in their order that are about spike and scaling ("loads"), or the others; one may end wrongly."""
    stage = staged(folder)
    asked = [line for line, _ in ROWS if (("spike" in line or "users" in line) == (suites == "loads"))]
    told = {line: stage.shell(line, **({} if "spike" in line else QUICK)) for line in asked}
    return told if suites == "loads" else told | less(stage)


def less(stage: Stage) -> dict[str, tuple[int, str]]:
    """A branch that does not measure the health any more: its check, and its targets."""
    stage.go_to("less")
    suite = stage.root / "perf" / "test_api.py"
    suite.write_text(suite.read_text("utf-8").replace("def test_health", "def no_test_health"), "utf-8")
    stage.commit("Measure less")
    status, said = stage.shell("regress run --suite api", **QUICK)
    assert status == 0, said
    status, said = stage.shell("regress check --report json=check.json")
    told = (stage.root / "check.json").read_text("utf-8") if status == 1 else said
    return {"checked": (status, told), "judged": stage.shell("regress budgets --format json")}


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(5) as made:
        yield made


@pytest.fixture(scope="module")
def begun(pool, tmp_path_factory) -> dict[str, Future]:
    """All runs, the longest first."""

    def start(name, what, *words, **more):
        return pool.submit(what, tmp_path_factory.mktemp(name), *words, **more)

    return {
        "loads": start("loads", played_rows, "loads"),
        "creation": start("creation", broken, "creation", "--suite api --include '*creation*'"),
        "others": start("others", played_rows, "others"),
        "load": start("load", broken, "sustained,errors,memory", "--suite load", USERS="20", RUN_TIME="4 s"),
        "tail": start("tail", broken, "tail", "--suite api --include '*read_course*'"),
        "requests": start("single", broken, "slow,health,chapter", "--suite api --exclude '*creation*'", **QUICK),
    }


@pytest.mark.parametrize(("command", "status"), ROWS, ids=[command for command, _ in ROWS])
def test_each_row_of_the_readme_ends_as_it_says(begun, command, status):
    ended, said = {**begun["others"].result(), **begun["loads"].result()}[command]
    assert ended == status, said


@pytest.mark.parametrize(
    ("run", "name", "figure", "least"),
    [
        ("requests", "test_read_course", "p95", 0.4),
        ("tail", "test_read_course", "p99", 1.0),
        ("requests", "test_health", "p95", 0.1),
        ("creation", "test_concurrent_creation", "p95", 2.0),
        ("requests", "test_write_chapter", "max", 1.0),
        ("load", "Aggregated", "p95", 1.0),
        ("load", "load.server", "rss_peak", 2e9),
    ],
)
def test_each_target_is_breached_twofold_by_its_fault(begun, run, name, figure, least):
    found = begun[run].result()
    assert found.status == 1, found.said
    assert found.targets.get((name, figure)) == "breached", found.said
    assert found.values[name, figure] >= least


def test_twice_as_many_failures_as_are_allowed_breach_the_success(begun):
    found = begun["load"].result()
    assert found.targets["Aggregated", "success_rate"] == "breached", found.said
    assert 1 - found.values["Aggregated", "success_rate"] >= 0.1


def test_a_busy_server_breaches_its_target_and_the_load_generator_does_not_count(begun, tmp_path):
    """Twice 80 % is all of two cores, and others use them, too: here it is breached, by how much the machine says."""
    wait(begun.values())
    found = broken(tmp_path, "cpu", "--suite load", RUN_TIME="4 s")
    assert found.targets["load.server", "cpu_one"] == "breached", found.said


def test_what_is_not_measured_or_too_seldom_is_not_judged(begun):
    found = begun["requests"].result().targets
    assert found["test_read_course", "p99"] == "unjudged", "of a hundred requests"
    alone = begun["creation"].result().targets
    assert "met" not in alone.values(), "the only thing that was measured was broken"


def test_a_measurement_that_was_taken_away_is_missing(begun):
    status, said = begun["others"].result()["checked"]
    assert status == 1, said
    verdicts = json.loads(said)["verdicts"]
    assert {one["outcome"] for one in verdicts if one["benchmark"].endswith("::test_health")} == {"missing"}
    _, said = begun["others"].result()["judged"]
    assert [one["state"] for one in json.loads(said)["budgets"] if one["requirement"] == "C-2 health"] == ["unjudged"]


@pytest.mark.story
def test_the_story_ends_as_it_says(tmp_path):
    played = play("course_api", tmp_path, quiet=True)
    assert not played.wrong
    red = [said for what, status, said in played.steps if status == 1]
    assert len(red) == 1
    assert "test_overview" in red[0]
    assert "worse" in red[0]
    assert (played.root / "site" / "index.html").is_file()
