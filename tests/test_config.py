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
        ("[[tool.regress.rule]]\nrelative = '50 ns'\n", "pyproject.toml:2", "is a share"),
        ("[[tool.regress.rule]]\nrelative = true\n", "pyproject.toml:2", "relative: is not a number"),
        ("[[tool.regress.rule]]\n\nbenchmark = 're:('\n", "pyproject.toml:3", "is not a regular expression"),
        ("[[tool.regress.rule]]\nparam = ''\n", "pyproject.toml:2", "param: is a glob"),
        ("[[tool.regress.rule]]\nfalse_red = 0\n", "pyproject.toml:2", "above 0"),
        ("[[tool.regress.rule]]\nmin_runs = 0\n", "pyproject.toml:2", "at least 1"),
        ("[[tool.regress.rule]]\nmin_runs = 2.5\n", "pyproject.toml:2", "whole number"),
        ("[[tool.regress.rule]]\nacross = 'yes'\n", "pyproject.toml:2", "true or false"),
        ("[[tool.regress.rule]]\nstatistic = 'p95'\n", "pyproject.toml:2", "is one of auto, min"),
        ("[tool.regress]\ncommon_shift = 'ignore'\n", "pyproject.toml:2", "common_shift"),
        ("[[tool.regress.budget]]\nwarn = '5%'\n", "pyproject.toml:1", "has no limit"),
        ("[[tool.regress.budget]]\nlimit = 'p95 = 3'\n", "pyproject.toml:2", "is not a limit"),
        ("[[tool.regress.budget]]\nlimits = ['p95 < 3 s', '< 3']\n", "pyproject.toml:2", "limits: is not a limit"),
        ("[[tool.regress.budget]]\nlimit = 'p95 < fast'\n", "pyproject.toml:2", "is not a number"),
        ("[[tool.regress.budget]]\nlimt = 'p95 < 3'\n", "pyproject.toml:2", "unknown key 'limt'; known here: action,"),
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
environment = "venv"
install = "pip install -e '.[all]'"
timeout = "90 s"
""", "regress.toml"))  # fmt: skip
    first, second = loaded.suites
    assert (first.name, first.kind, first.package, first.timeout) == ("asv", "asv", ("numpy",), 120.0)
    assert (first.args, first.cwd, first.source, first.origin) == ((), ".", "", "regress.toml:2")
    assert (first.environment, first.install) == ("path", ())
    assert (second.environment, second.install) == ("venv", ("pip", "install", "-e", ".[all]"))
    assert (second.name, second.package, second.args, second.timeout) == ("unit", ("one", "two"), ("-k", "fast"), 90.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 'x'", "kind: Field required"),
        ("kind = 'asv'\npacage = 'x'", "unknown key 'pacage'; known here: args, command, cwd, default, env"),
        ("kind = 'asv'\ncwd = '../elsewhere'", "cwd: must be a folder inside the project"),
        ("kind = 'asv'\nsource = '/usr'", "source: must be a folder inside the project"),
        ("kind = 'asv'\nenvironment = 'conda'", "environment: Input should be 'path' or 'venv' (it is 'conda')"),
        ("kind = 'asv'\ninstall = 'make'", '`install` is used with environment = "venv" alone'),
        ("kind = 'asv'\nenvironment = 'venv'\ninstall = ''", "install: is empty: leave it out, or write a command"),
        ("kind = 'asv'\nenvironment = 'venv'\ninstall = '\"'", "install: No closing quotation"),
        ("kind = 'asv'\ntimeout = '0 s'", "timeout: Input should be greater than 0"),
    ],
)
def test_what_is_wrong_with_a_suite(tmp_path, text, said):
    with pytest.raises(ConfigError, match=re.escape(said)):
        config.load(write(tmp_path, f"[[suite]]\n{text}\n", "regress.toml"))


def test_a_rule_knows_the_line_of_each_of_its_fields(tmp_path):
    loaded = config.load(write(tmp_path, """
[[rule]]
relative = "10%"

[[rule]]
benchmark = "re:sort$"
suite = "asv"
group = "core"
param = "n=10*"
tag = "nightly"
false_red = "5%"
min_runs = 8
across = true
absolute = "50 ns"
""", "regress.toml"))  # fmt: skip
    first, second = loaded.rules
    assert (first.origin, first.origin_of("relative"), first.origins) == (
        "regress.toml:2", "regress.toml:3", (("relative", "regress.toml:3"),),
    )  # fmt: skip
    assert (second.suite, second.group, second.param, second.tag) == ("asv", "core", "n=10*", "nightly")
    assert (second.false_red, second.min_runs, second.across) == (0.05, 8, True)
    assert (second.absolute, second.absolute_unit) == (pytest.approx(5e-8), "s")
    assert second.origin_of("across") == "regress.toml:13"
    assert second.origin_of("statistic") == second.origin == "regress.toml:5"


def test_budgets(tmp_path):
    loaded = config.load(write(tmp_path, """
common_shift = "subtract"

[[budget]]
benchmark = "test_api.py::*"
limit = "p95 < 150ms"
limits = ["success_rate >= 95%", "requests > 500/s"]
warn = "10%"
requirement = "SLA-3"
action = "warn"
""", "regress.toml"))  # fmt: skip
    (budget,) = loaded.budgets
    assert loaded.common_shift == "subtract"
    assert [limit.text for limit in budget.limits] == ["p95 < 150ms", "success_rate >= 95%", "requests > 500/s"]
    assert [(one.value, one.unit) for one in budget.limits] == [
        (pytest.approx(0.15), "s"), (pytest.approx(0.95), "1"), (500.0, "1/s"),
    ]  # fmt: skip
    assert (budget.warn, budget.requirement, budget.action) == (0.1, "SLA-3", Action.WARN)
    assert (budget.benchmark, budget.origin) == ("test_api.py::*", "regress.toml:4")


def test_lines_of_a_commit_say_so(tmp_path):
    texts = {"pyproject.toml": "[tool.regress]\nagainst = 'previous'\n[[tool.regress.rule]]\nrelative = 0.2\n"}
    loaded = config.load_with(texts.get, tmp_path, "1a2b3c")
    assert (loaded.against, loaded.rules[0].origin_of("relative")) == ("previous", "pyproject.toml:4@1a2b3c")


def test_many_rules_are_read_in_no_time(tmp_path):
    """The lines are looked up in one pass over the file, not in one for each field."""
    text = "".join(f'[[rule]]\nbenchmark = "b{i}"\nrelative = 0.1\naction = "warn"\n' for i in range(1000))
    loaded = config.load(write(tmp_path, text, "regress.toml"))
    assert loaded.rules[999].origin_of("action") == "regress.toml:4000"
