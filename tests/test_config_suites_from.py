"""Settings of suites that stand in a JSON file of a team's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regress.config import load
from regress.errors import ConfigError

SETTINGS = {"rounds": 12, "warmup": 3, "locust": {"users": 20, "run_time": "60s", "classes": ["A"]}, "none": 0}
SUITES = '[[suite]]\nname = "quick"\nkind = "pytest-benchmark"\n[[suite]]\nname = "load"\nkind = "locust"\n'


@pytest.fixture
def read(tmp_path: Path):
    def put(entries: str, suites: str = SUITES):
        (tmp_path / "perf.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
        text = f'{suites}[[suites_from]]\nfile = "perf.json"\nmap = [{entries}]\n'
        (tmp_path / "regress.toml").write_text(text, encoding="utf-8")
        return load(tmp_path).suites

    return put


def entry(path: str, suite: str, key: str) -> str:
    return f'{{ path = "{path}", suite = "{suite}", key = "{key}" }}'


def test_suites_are_as_the_file_says(read):
    entries = [
        entry("rounds", "quick", "rounds"), entry("warmup", "quick", "warmup"), entry("rounds", "quick", "params.n"),
        entry("locust.users", "load", "users"), entry("locust.run_time", "load", "run_time"),
    ]  # fmt: skip
    quick, under_load = read(", ".join(entries))
    assert (quick.rounds, quick.warmup, quick.params) == (12, 3, (("n", "12"),))
    assert dict(under_load.params) == {"users": "20", "run_time": "60s"}
    assert quick.origin_of("rounds") == "perf.json: rounds"
    assert quick.origin_of("kind") == "regress.toml:3"


@pytest.mark.parametrize(
    ("entries", "where", "said"),
    [
        (entry("gone", "quick", "rounds"), "perf.json: gone", "leads to no text, number or flag (it is null)"),
        (entry("locust.classes", "load", "user_classes"), "perf.json: locust.classes", '(it is ["A"])'),
        (entry("rounds", "quik", "rounds"), "regress.toml:7", "no suite 'quik'"),
        (entry("rounds", "quick", "round"), "perf.json: rounds", "no key 'round'"),
        (entry("none", "quick", "rounds"), "perf.json: none", "rounds: "),
        (entry("rounds", "load", "rounds"), "perf.json: rounds", "say nothing to kind"),
    ],
)
def test_what_is_wrong_names_its_place(read, entries, where, said):
    with pytest.raises(ConfigError) as caught:
        read(entries)
    assert str(caught.value.where).endswith(where)
    assert said in str(caught.value)


@pytest.mark.parametrize(("key", "line"), [("users", "users = 5"), ("params.users", "params = { users = 5 }"),
                                           ("timeout", 'timeout = "9 s"')])  # fmt: skip
def test_nothing_is_said_twice(read, key, line):
    with pytest.raises(ConfigError, match="stands in the suite 'load' too"):
        read(entry("locust.users", "load", key), SUITES + line + "\n")
