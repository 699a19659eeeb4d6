"""The configuration: what it reads, and the one line it says when something is wrong."""

import re
from pathlib import Path

import pytest

from regress import config
from regress.errors import ConfigError
from regress.model import Action, Direction, Kind


def write(tmp_path: Path, text: str, name: str = "pyproject.toml") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_no_file_means_the_defaults(tmp_path):
    assert config.load(tmp_path) == config.Config()


def test_a_pyproject_without_our_table_means_the_defaults(tmp_path):
    assert config.load(write(tmp_path, "[project]\nname = 'x'\n")) == config.Config()


def test_everything_that_the_docstring_shows(tmp_path):
    loaded = config.load(write(tmp_path, """
[tool.regress]
project = "numpy"
branch = "main"
max_distance = 20
max_uncompared = "30%"

[[tool.regress.rule]]
relative = "10%"

[[tool.regress.rule]]
benchmark = "bench_core.*"
statistic = "median"
absolute = "50 ns"
action = "warn"

[[tool.regress.metric]]
name = "peak_kib"
unit = "KiB"
direction = "lower"
kind = "exact"

[tool.regress.renamed]
"old" = "new"
"""))  # fmt: skip
    first, second = loaded.rules
    assert (loaded.project, loaded.branch, loaded.max_distance, loaded.max_uncompared) == ("numpy", "main", 20, 0.3)
    assert (first.relative, first.action, first.origin) == (0.1, None, "pyproject.toml:8")
    assert second.absolute == pytest.approx(50e-9)
    assert (second.statistic, second.action, second.origin) == ("median", Action.WARN, "pyproject.toml:11")
    assert (loaded.metrics[0].direction, loaded.metrics[0].kind) == (Direction.LOWER, Kind.EXACT)
    assert loaded.renamed == (("old", "new"),)


def test_regress_toml_has_the_same_keys_at_its_top(tmp_path):
    loaded = config.load(write(tmp_path, "[[rule]]\nrelative = 0.2\n", "regress.toml"))
    assert (loaded.rules[0].relative, loaded.rules[0].origin) == (0.2, "regress.toml:1")


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[tool.regress]\nprojekt = 'x'\n", "pyproject.toml:2", "unknown key 'projekt'"),
        ("[[tool.regress.rule]]\n\n[[tool.regress.rule]]\nrelativ = 1\n", "pyproject.toml:4", "'relativ'"),
        ("[[tool.regress.rule]]\nrelative = '10 furlongs'\n", "pyproject.toml:2", "furlongs"),
        ("[[tool.regress.rule]]\nrelative = -0.1\n", "pyproject.toml:2", "relative"),
        ("[[tool.regress.rule]]\nrelative = 'much'\n", "pyproject.toml:2", "not a number"),
        ("[[tool.regress.rule]]\naction = 'explode'\n", "pyproject.toml:2", "fail"),
        ("[[tool.regress.rule]]\nrelative = nan\n", "pyproject.toml:2", "relative"),
        ("[[tool.regress.metric]]\nunit = 's'\n", "pyproject.toml:1", "name"),
        ("[tool.regress]\nproject = 1\n", "pyproject.toml:2", "project"),
        ("[tool\n", "pyproject.toml", "is not TOML"),
    ],
)
def test_a_fault_names_its_line(tmp_path, text, where, what):
    with pytest.raises(ConfigError) as caught:
        config.load(write(tmp_path, text))
    assert where in str(caught.value)
    assert what in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_places_are_refused(tmp_path):
    write(tmp_path, "[tool.regress]\nproject = 'x'\n")
    write(tmp_path, "project = 'y'\n", "regress.toml")
    with pytest.raises(ConfigError, match="two places"):
        config.load(tmp_path)


def test_a_suite_and_its_defaults(tmp_path):
    loaded = config.load(write(tmp_path, """
[[suite]]
kind = "asv"
package = "numpy"
timeout = "2 min"

[[suite]]
name = "unit"
kind = "pytest-benchmark"
args = ["-k", "fast"]
package = ["one", "two"]
timeout = "90 s"
""", "regress.toml"))  # fmt: skip
    first, second = loaded.suites
    assert (first.name, first.kind, first.package, first.timeout) == ("asv", "asv", ("numpy",), 120.0)
    assert (first.args, first.cwd, first.source, first.origin) == ((), ".", "", "regress.toml:2")
    assert (second.name, second.package, second.args, second.timeout) == ("unit", ("one", "two"), ("-k", "fast"), 90.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 'x'", "kind: Field required"),
        ("kind = 'asv'\npacage = 'x'", "unknown key 'pacage'; known here: args, cwd, kind"),
        ("kind = 'asv'\ncwd = '../elsewhere'", "cwd: must be a folder inside the project"),
        ("kind = 'asv'\nsource = '/usr'", "source: must be a folder inside the project"),
        ("kind = 'asv'\ntimeout = '0 s'", "timeout: Input should be greater than 0"),
    ],
)
def test_what_is_wrong_with_a_suite(tmp_path, text, said):
    with pytest.raises(ConfigError, match=re.escape(said)):
        config.load(write(tmp_path, f"[[suite]]\n{text}\n", "regress.toml"))
