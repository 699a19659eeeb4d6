"""Variables that are filled in, workloads as parameters, and summaries of what was not so plain."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from regress.errors import ConfigError
from regress.model import (
    TIME,
    Benchmark,
    Columns,
    Course,
    Environment,
    Failure,
    Gap,
    Key,
    Metric,
    Run,
    RunSummary,
    ServerSpec,
    Source,
    SuiteSpec,
    SuiteState,
    SuiteSummary,
    braced,
)
from regress.report.summary_formats import SUMMARY_FORMATS
from regress.work.measure import benchmark_named, completed
from regress.work.run.collect import with_figures
from regress.work.variables import environment_of, with_params
from regress.work.workload import bare


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain $HOME", "plain $HOME"),
        ("${A}/${B:-b}", "a/b"),
        ("${EMPTY}", ""),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY-x}", ""),
        ("${NO:-}", ""),
        ("${NO-a b}", "a b"),
        ("$${A}", "${A}"),
        ("${users}", "10"),
    ],
)
def test_variables_are_filled_in_as_by_a_shell(text, found):
    spec = SuiteSpec("a", "command", env=(("X", text),), params=(("users", "10"),))
    assert environment_of(spec, {"A": "a", "EMPTY": "", "users": "elsewhere"}) == {"X": found}


@pytest.mark.parametrize(
    ("text", "said"),
    [("${NO}", "the variable NO is not set; set it, or write"), ("${A", "is none"), ("${}", "is none")],
)
def test_a_variable_that_is_not_set_names_line_and_key(text, said):
    spec = SuiteSpec("a", "command", env=(("X", text),), origin="p:1", origins=(("env", "p:7"),))
    with pytest.raises(ConfigError, match=said) as caught:
        environment_of(spec, {"A": "a"})
    assert caught.value.where == "p:7 (env.X)"


def test_parameters_are_filled_in_too_and_go_before_variables():
    spec = SuiteSpec("a", "command", env=(("X", "${users}"),), params=(("users", "${USERS:-10}"), ("kind", "spike")))
    small, large = with_params(spec, {}), with_params(spec, {"USERS": "50", "users": "elsewhere"})
    assert small.params == (("users", "10"), ("kind", "spike"))
    assert with_params(large, {"USERS": "9"}).params == large.params == (("users", "50"), ("kind", "spike"))
    assert environment_of(large, {"users": "elsewhere"}) == {"X": "50"}


def test_a_server_is_filled_in_from_parameters_and_variables():
    server = ServerSpec(("serve", "--port=${PORT:-8000}", "--users=${users}"), "http://localhost:${PORT:-8000}/")
    spec = SuiteSpec(
        "a", "command", params=(("users", "5"),), server=server, origin="p:1", origins=(("server", "p:9"),)
    )
    plain, other = (with_params(spec, base).server for base in ({}, {"PORT": "9"}))
    assert (plain.command, plain.ready) == (("serve", "--port=8000", "--users=5"), "http://localhost:8000/")
    assert other.ready == "http://localhost:9/"
    with pytest.raises(ConfigError, match="the variable PORT is not set") as caught:
        with_params(replace(spec, server=replace(server, ready="port:${PORT}")), {})
    assert caught.value.where == "p:9 (server.ready)"


def test_a_parameter_whose_variable_is_not_set_names_line_and_key():
    spec = SuiteSpec("a", "command", params=(("users", "${USERS}"),), origin="p:1", origins=(("params", "p:7"),))
    with pytest.raises(ConfigError, match="the variable USERS is not set") as caught:
        with_params(spec, {})
    assert caught.value.where == "p:7 (params.users)"


def a_run(*names, gaps=()):
    keys = tuple(Key(benchmark_named("s", name), TIME) for name in names)
    columns = Columns(keys, {"median": np.arange(1.0, len(keys) + 1)})
    missing = tuple(Gap(Key(benchmark_named("s", name), TIME), status) for name, status in gaps)
    return Run("c" * 40, Environment.of({"system": "x"}), Source("f", "x"), columns, missing)


def test_unlike_loads_are_other_benchmarks():
    spec = SuiteSpec("s", "command", params=(("users", "10"), ("pods", "3")))
    (run,) = completed([a_run("a.py::t", "a.py::t[1]", "b.c(2)")], (("a.py::u[9]", "no"),), spec)
    fulls = [key.benchmark.full for key in (*run.columns.keys, *(gap.key for gap in run.gaps))]
    added = "{users=10, pods=3}"
    assert fulls == [name + added for name in ("a.py::t", "a.py::t[1]", "b.c(2)", "a.py::u[9]")]
    assert bare(fulls, spec) == ("a.py::t", "a.py::t[1]", "b.c(2)", "a.py::u[9]")
    assert [benchmark_named("s", full) for full in fulls] == [replace(b, params=()) for b in
            (*(key.benchmark for key in run.columns.keys), run.gaps[0].key.benchmark)]  # fmt: skip
    assert run.columns.keys[0].benchmark.params == (("users", "10"), ("pods", "3"))
    assert braced(()) == ""


def test_a_gap_gets_its_reason_once():
    run = a_run("m.ok", gaps=[("m.bad(1)", "failed"), ("m.bad(2)", "failed"), ("m.not", "skipped")])
    failed = (("m.bad(1)", "one"), ("m.bad", "any"), ("m.not", "x"), ("m.gone", "y"))
    (told,) = completed([run], failed, SuiteSpec("s", "asv"))
    assert [(gap.key.benchmark.full, gap.status, gap.reason) for gap in told.gaps] == [
        ("m.bad(1)", "failed", "one"), ("m.bad(2)", "failed", "any"), ("m.not", "skipped", ""),
        ("m.gone", "failed", "y"),
    ]  # fmt: skip


def test_sampled_figures_are_filed_under_the_suite():
    run = a_run("a", "b")
    cpu = Metric("cpu", "1")
    (whole,) = with_figures([run], SuiteSpec("load", "command"), [(cpu, 0.5), (Metric("rss", "B"), float("nan"))])
    assert whole.columns.keys[-1] == Key(Benchmark("load", "load"), cpu)
    assert whole.columns.result(2).stats == {"value": 0.5}
    assert whole.columns.result(0).stats == {"median": 1.0}
    assert with_figures([], SuiteSpec("load", "command"), [(cpu, 0.5)]) == []


def test_sampled_figures_are_told_apart_by_the_workload():
    spec = SuiteSpec("load", "command", params=(("users", "10"),))
    (whole,) = with_figures([a_run("a")], spec, [(Metric("cpu", "1"), 0.5)], "load.server")
    assert whole.columns.keys[-1].benchmark == Benchmark("load", "load.server", "{users=10}", params=(("users", "10"),))


def test_a_summary_of_hostile_names_is_inert_in_every_format():
    name = "a|b`<img src=x>\x1b[31m"
    suite = SuiteSummary(name, "command", SuiteState.FAILED, failures=[Failure(name, "failed", f"{name}\nnext")] * 30)
    suite = replace(suite, courses=[Course(name, name, "1", (0.0, 1.0), (1.0, float("nan")), 1.0, 1.0, 1.0, 1)])
    summary = RunSummary("c" * 40, name, [suite], 1, "FAILED: 1 of 1 suite", not_run=(name,), warnings=(name,))
    text, markdown = SUMMARY_FORMATS["text"](summary), SUMMARY_FORMATS["markdown"](summary)
    assert "\x1b" not in text
    assert "and 10 more" in text
    assert "<img" not in re.sub("``.*?``", "", markdown)
    drawn = SUMMARY_FORMATS["json"](summary)
    (told,) = json.loads(drawn)["suites"]
    assert told["name"] == name
    (course,) = told["courses"]
    assert (course["figure"], course["seconds"], course["values"]) == (name, [0.0, 1.0], [1.0, None])
    assert '"values": [ 1.0, null' in drawn, "numbers stand side by side, or a course would be hundreds of lines"
