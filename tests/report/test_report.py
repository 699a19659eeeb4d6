"""Reports: every renderer on the same facts, the JSON there and back, foreign text kept inert."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.errors import InputError
from regress.model import Comparison, Outcome, Report, Side, SideInfo, Verdict
from regress.report import RENDERERS, TextRenderer, read
from regress.report.markdown import MOST_CHARACTERS, code, escape
from tests.factories import ENVIRONMENT, make_key, sha


def verdict(name="bench.sort", outcome=Outcome.REGRESSED, base=0.0124, candidate=0.0382, **fields):
    change = (candidate - base) / base if base else math.inf
    facts = Comparison(
        make_key(name),
        ENVIRONMENT,
        "median",
        Side(base, 1, 20.0, base * 0.99, base * 1.01),
        Side(candidate, 2, 20.0),
        change,
        noise=0.043,
        evidence="12 earlier runs",
    )
    fields = {"reason": "worse, beyond tolerance and noise", "rule": "pyproject.toml:41", **fields}
    return Verdict(facts, outcome, failing=fields.pop("failing", outcome is Outcome.REGRESSED), **fields)


def report(*verdicts, **fields):
    verdicts = verdicts or (verdict(), verdict("bench.read", Outcome.UNCHANGED, 1.0, 1.02))
    fields = {
        "candidate": SideInfo("HEAD", sha("c"), "Sort in a loop", ("d1",), sha("c")[:12]),
        "baseline": SideInfo("the merge base", sha("b"), "Add a reader", ("d2",), sha("b")[:12]),
        "status": 1,
        "headline": "RED: 1 regressed · 2 compared",
        "distance": 3,
        "command": "regress check --commit abc",
        "warnings": ("mind the gap",),
        "not_run": ("asv on i7",),
        **fields,
    }
    return Report(verdicts=verdicts, counts=Report.count(verdicts), **fields)


def test_text_says_all_that_a_red_verdict_rests_on():
    text = RENDERERS["text"].render(report())
    for needed in (
        "RED: 1 regressed",
        "bench.sort",
        "12.4 ms",
        "38.2 ms",
        "+208% worse",
        "3 commits back",
        "seen: 4.3%",
        "12 earlier runs",
        "pyproject.toml:41",
        "the smallest change",
        "regress check --commit abc",
        "1 unchanged",
        "n = 20",
        sha("b")[:10],
        "mind the gap",
        "not run      asv on i7",
    ):
        assert needed in text, needed
    assert "bench.read" not in text


def test_text_with_everything_lists_what_did_not_change():
    assert "~ (+2.0%)" in TextRenderer(everything=True).render(report())


def test_the_first_line_is_the_verdict():
    assert RENDERERS["text"].render(report()).splitlines()[0] == "RED: 1 regressed · 2 compared"
    assert "RED: 1 regressed" in RENDERERS["markdown"].render(report()).splitlines()[0]


def test_json_has_the_keys_that_programs_rely_on():
    document = json.loads(RENDERERS["json"].render(report()))
    assert {"schema", "outcome", "counts", "verdicts"} <= set(document)
    assert (document["schema"], document["outcome"], document["counts"]) == (
        1,
        "failed",
        {"regressed": 1, "unchanged": 1},
    )
    wanted = {"benchmark", "params", "metric", "statistic", "outcome", "change", "base", "candidate", "reason"}
    assert wanted <= set(document["verdicts"][0])
    assert document["verdicts"][0]["base"]["value"] == 0.0124


@pytest.mark.parametrize("format_name", ["text", "markdown", "json"])
def test_a_report_read_back_is_drawn_the_same(format_name):
    odd = [
        verdict("zero", base=0.0, candidate=1.0),
        verdict("gone", Outcome.MISSING, 1.0, math.nan),
        verdict("b", Outcome.INCONCLUSIVE, provisional=True, hint="do this"),
    ]
    for original in (report(), report(*odd), report(baseline=None, distance=None)):
        text = RENDERERS["json"].render(original)
        assert RENDERERS[format_name].render(read(text, "x.json")) == RENDERERS[format_name].render(original)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": 1}', '{"schema": 1, "verdicts": [{}]}', "nonsense", "[" * 100_000]
)
def test_what_is_no_report_is_told_in_one_line(text):
    with pytest.raises(InputError, match="is not a report") as caught:
        read(text, "x.json")
    assert "\n" not in str(caught.value)


def test_a_newer_schema_is_refused():
    document = json.loads(RENDERERS["json"].render(report())) | {"schema": 2}
    with pytest.raises(InputError, match="schema 2"):
        read(json.dumps(document), "x.json")


def test_markdown_stays_under_the_limit_and_counts_what_it_leaves_out():
    many = [verdict(f"bench.case_{i}({'x' * 100})") for i in range(3000)]
    text = RENDERERS["markdown"].render(report(*many))
    assert len(text) < MOST_CHARACTERS + 3000
    assert "more |" in text
    assert "3000 regressed" in text


HOSTILE = "<script>alert(1)</script>|`x` @octocat #12 [a](http://b) **bold**\n# heading\x1b[31m"


def test_foreign_text_is_inert():
    hostile = report(verdict(HOSTILE), candidate=SideInfo(HOSTILE, sha("c"), HOSTILE))
    text = RENDERERS["text"].render(hostile)
    assert "\x1b" not in text
    markdown = RENDERERS["markdown"].render(hostile)
    assert "\n# heading" not in markdown
    assert "\x1b" not in markdown
    row = next(line for line in markdown.splitlines() if line.startswith("| regressed"))
    assert row.count(" | ") == 5


@given(st.text())
def test_escaped_text_has_no_live_markup(text):
    shown = escape(text)
    assert "<" not in shown
    assert "\n" not in shown


@given(st.text(min_size=1))
def test_a_code_span_is_closed_by_its_own_ticks_only(text):
    span = code(text)
    ticks = len(span) - len(span.lstrip("`"))
    body = span[ticks:-ticks]
    assert "`" * ticks not in body.replace("`" * (ticks + 1), "")
    assert "\n" not in span


def test_outcomes_come_in_the_order_of_alarm():
    rows = [
        verdict("a", Outcome.IMPROVED, 2, 1),
        verdict("b", Outcome.REGRESSED, 1, 2),
        verdict("c", Outcome.REGRESSED, 1, 9),
    ]
    text = RENDERERS["text"].render(report(*[replace(v, failing=v.outcome is Outcome.REGRESSED) for v in rows]))
    assert text.index("  c  ") < text.index("  b  ") < text.index("  a  ")
