"""Budgets drawn: rows, text, Markdown, CSV, of foreign names too."""

import csv
import io
import json
import math

from regress.judge.budgets import judge_budgets
from regress.model import Budget, Direction, Environment, Metric
from regress.model.written import limit
from regress.report.budget_formats import BUDGET_FORMATS
from regress.report.budgets import HEADS, BudgetReport, budget_counts, budget_lines, budget_rows
from tests.factories import make_run

NASTY = '=cmd|"x"\x1b[31m @all'


def results(**fields):
    budgets = [
        Budget(limits=(limit("median < 1 s"),), warn=0.1, requirement="REQ-1", origin="regress.toml:3"),
        Budget(limits=(limit("rate >= 95%"),), origin="regress.toml:7"),
    ]
    rate = Metric("rate", "1", Direction.HIGHER)
    return judge_budgets(budgets, [
        make_run("c1", {NASTY: {"median": 2.0, "n": 1234.0}, "b.near": {"median": 0.95}, "b.met": {"median": 0.5}},
                 **fields),
        make_run("c1", {"b.rate": 0.991}, metric=rate, **fields),
    ])  # fmt: skip


def test_what_is_breached_comes_first():
    rows = budget_rows(results())
    assert [row.state for row in rows] == ["breached", "warned", "met", "met"]
    assert dict(zip(HEADS, rows[0].cells, strict=True)) == {
        "": "breached", "requirement": "REQ-1", "benchmark": NASTY, "figure": "time (median)", "limit": "< 1 s",
        "value": "2 s", "headroom": "-100%", "n": "1,234",
    }  # fmt: skip
    assert (rows[3].limit, rows[3].value, rows[3].headroom) == (">= 95%", "99.1%", "+4.3%")
    assert budget_counts(results()) == "1 breached, 1 warned, 2 met"


def test_what_is_met_can_be_left_out():
    lines = budget_lines(results(), everything=False)
    assert not any(line.startswith("met") for line in lines)
    assert any(line.startswith("warned") for line in lines)
    assert budget_lines([]) == []


def test_environments_are_named_where_there_are_several():
    assert "environment" not in budget_lines(results())[0]
    other = results(environment=Environment.of({"machine": "slow"}))
    assert "environment" in budget_lines([*results(), *other])[0]


def test_foreign_names_do_nothing():
    report = BudgetReport("a" * 40, "Fix\x07 `it` | <b>", results(), ["beware\x1b"])
    for name, draw in BUDGET_FORMATS.items():
        assert "\x1b" not in draw(report), name
        assert draw(report).endswith("\n")
    rows = list(csv.reader(io.StringIO(BUDGET_FORMATS["csv"](report))))
    assert next(row[2] for row in rows if row[1] == "breached").startswith("'=cmd")
    cells = BUDGET_FORMATS["markdown"](report).splitlines()[6]
    assert cells.replace("\\|", "").count("|") == len(HEADS) + 3
    document = json.loads(BUDGET_FORMATS["json"](report))
    assert document["status"] == 1
    assert document["budgets"][0]["headroom"] is not None
    assert not any(isinstance(v, float) and math.isnan(v) for b in document["budgets"] for v in b.values())
