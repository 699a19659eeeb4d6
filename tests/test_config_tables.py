"""Mappings of results, and limits that stand in a JSON file of a team's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regress.config import load
from regress.errors import ConfigError
from regress.model import Action, Direction

LIMITS = {"thresholds": {"login ms": 150, "api": {"success": 0.95}, "flag": True}, "locust": {"users": 10}}


@pytest.fixture
def write(tmp_path: Path):
    def put(text: str, limits: object = LIMITS) -> Path:
        (tmp_path / "regress.toml").write_text(text, encoding="utf-8")
        content = limits if isinstance(limits, str) else json.dumps(limits)
        (tmp_path / "perf.json").write_text(content, encoding="utf-8")
        return tmp_path

    return put


def entry(map_of: str) -> str:
    return f'project = "p"\n[[budgets_from]]\nfile = "perf.json"\nmap = [{map_of}]\n'


def test_limits_of_a_teams_own_file(write):
    first = (
        """{ path = '"thresholds"."login ms"', benchmark = "*login*", limit = "p95 < {} ms", requirement = "SLA" }"""
    )
    second = (
        '{ path = "thresholds.api.success", metric = "success_rate", limit = "success_rate >= {}", action = "warn" }'
    )
    own = '[[budget]]\nlimit = "mean < 1 s"\n'
    one, login, api = load(write(entry(f"{first}, {second}") + own)).budgets
    assert one.origin == "regress.toml:5"
    assert (login.benchmark, login.requirement) == ("*login*", "SLA")
    assert [limit.text for limit in login.limits] == ["p95 < 150 ms"]
    assert login.limits[0].value == pytest.approx(0.15)
    assert login.origin == 'perf.json: "thresholds"."login ms"'
    assert (api.limits[0].value, api.action) == (0.95, Action.WARN)


@pytest.mark.parametrize(
    ("map_of", "where", "said"),
    [
        ('{ path = "thresholds.gone", limit = "p95 < {} ms" }', "perf.json: thresholds.gone", "no number (it is null)"),
        ('{ path = "thresholds.flag", limit = "p95 < {} ms" }', "perf.json: thresholds.flag", "it is true"),
        ('{ path = "thresholds", limit = "p95 < {} ms" }', "perf.json: thresholds", "no number"),
        ('{ path = "locust.users", limit = "p95 < 3 ms" }', "regress.toml:4", "has no {} for the number"),
        ('{ path = "locust.users", limit = "p95 of {}" }', "regress.toml:4", "limit"),
        ('{ path = "locust..users", limit = "p95 < {}" }', "regress.toml:4", "is no path"),
        ('{ path = "locust.users", limit = "p95 < {}", bench = "x" }', "regress.toml:4", "unknown key 'bench'"),
        ("", "regress.toml:4", "map"),
    ],
)
def test_what_is_wrong_in_it_is_one_line(write, map_of, where, said):
    with pytest.raises(ConfigError) as caught:
        load(write(entry(map_of)))
    assert where in caught.value.where
    assert said in caught.value.what
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000])
def test_a_file_that_is_no_json(write, content):
    with pytest.raises(ConfigError, match="is no JSON"):
        load(write(entry('{ path = "a", limit = "p95 < {}" }'), content))


@pytest.mark.parametrize("file", ["gone.json", "../perf.json", "/etc/passwd"])
def test_a_file_that_is_not_there_or_not_ones_own(write, file):
    with pytest.raises(ConfigError, match=r"no file|inside the project"):
        load(write(entry('{ path = "a", limit = "p95 < {}" }').replace("perf.json", file)))


def test_a_mapping(write):
    text = """
[[mapping]]
name = "own"
files = "results/*.json"
each = '"the results"'
params = { pods = "$.config.pods" }
metrics = { latency = { path = "latency", unit = "ms", direction = "lower" }, size = "size" }
"""
    (mapping,) = load(write(text)).mappings
    assert (mapping.files, mapping.each) == (("results/*.json",), '"the results"')
    assert mapping.params == (("pods", "$.config.pods"),)
    assert [(figure.name, figure.unit) for figure in mapping.figures] == [("latency", "ms"), ("size", None)]
    assert mapping.figures[0].direction is Direction.LOWER
    assert mapping.origin == "regress.toml:2"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('each = "a-b"', "is no path"),
        ('benchmark = "a["', "is no path"),
        ('params = { "a b" = "c" }', "is no name"),
        ('metrics = { a = { unit = "s" } }', "path"),
        ('metrics = { a = "b..c" }', "is no path"),
        ('metric = "a"', "unknown key 'metric'"),
        ('name = ""', "name"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_one_line(write, line, said):
    head = "[[mapping]]\n" + ("" if line.startswith("name") else 'name = "own"\n')
    with pytest.raises(ConfigError) as caught:
        load(write(head + line + "\n"))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
