"""The report's JSON: everything is there and back again, shared parts once, figures exact."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.errors import InputError
from regress.model import Action, Confirmation, Finding, Outcome, Policy, Proof, Tolerance
from regress.report import RENDERERS, read
from tests.factories import ENVIRONMENT, make_key
from tests.report.test_junit import results
from tests.report.test_report import report, verdict

RUNS = tuple(f"{place:064x}" for place in range(12))
POLICY = Policy("auto", Tolerance(0.05, 5e-8), Action.WARN, (("relative", "regress.toml:3"),), 0.02, 7, True)
PROOF = Proof("gate 1", RUNS[2:10], RUNS[10:], 0.0124, 0.0125, 0.01, 9.5, 1.5e-7, 0.003, 0.005, 2.5e-4, 40)


def there_and_back(made):
    return read(RENDERERS["json"].render(made), "x.json")


def test_all_that_a_verdict_rests_on_comes_back():
    pairs = Confirmation(
        make_key("b"), Outcome.REGRESSED, "slower", "min", (1.0, 1.1), (1.2, 1.3), 0.19, 0.1, math.nan, 0.05, 0.01, 2,
        True, 3.25,
    )  # fmt: skip
    finding = Finding(Outcome.INCOMPARABLE, "asv", ENVIRONMENT, 0.1, 20, 22, "it moved", ("kernel 6 → 7",), True)
    made = report(
        replace(verdict("a"), proof=PROOF, policy=POLICY, suspect=True),
        replace(verdict("b"), proof=replace(PROOF, p=math.nan), confirmation=pairs, policy=replace(POLICY, min_runs=3)),
        verdict("c", Outcome.NEW, math.nan, 1.0),
        budgets=results(), findings=[finding], earlier=RUNS, centre="window:5", notices=("mind",),
    )  # fmt: skip
    again = there_and_back(made)
    assert (again.earlier, again.centre, again.notices) == (RUNS, "window:5", ("mind",))
    for part in ("verdicts", "budgets"):
        # As text, for NaN equals nothing; the host is only shown, and not in a report.
        one, other = (repr(list(getattr(each, part))).replace("host='box-1'", "host=''") for each in (again, made))
        assert one == other
    assert again.findings == made.findings


def test_what_many_verdicts_share_is_written_once():
    verdicts = [replace(verdict(f"bench.n{i}"), proof=PROOF, policy=POLICY) for i in range(500)]
    text = RENDERERS["json"].render(report(*verdicts, earlier=RUNS))
    document = json.loads(text)
    assert document["earlier"] == list(RUNS)
    assert document["verdicts"][3]["proof"]["past"] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert document["verdicts"][3]["proof"]["held"] == [10, 11]
    assert (len(document["policies"]), document["verdicts"][499]["policy"]) == (1, 0)
    assert text.count(RUNS[5]) == 1
    assert len(text) < 500 * 1300


def test_a_proof_may_name_runs_that_the_whole_does_not():
    again = there_and_back(report(replace(verdict(), proof=PROOF)))
    assert again.verdicts[0].proof == PROOF


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False), st.floats(min_value=0, max_value=1))
@settings(max_examples=50, deadline=None)
def test_figures_are_exact(value, p):
    made = report(replace(verdict(base=value), proof=replace(PROOF, p=p, centre=value)))
    again = there_and_back(made).verdicts[0]
    assert (again.comparison.base.value, again.proof.p, again.proof.centre) == (value, p, value)


@pytest.mark.parametrize("break_it", [{"past": [99]}, {"past": ["x"]}, {"sigma": "x"}, {"family": None}])
def test_an_index_that_leads_nowhere_is_no_report(break_it):
    document = json.loads(RENDERERS["json"].render(report(replace(verdict(), proof=PROOF), earlier=RUNS)))
    document["verdicts"][0]["proof"] |= break_it
    with pytest.raises(InputError, match="is not a report"):
        read(json.dumps(document), "x.json")


def test_the_text_names_budgets_and_reasons():
    doubtful = [verdict(f"d{i}", Outcome.INCOMPARABLE, reason="another machine", hint="confirm") for i in range(30)]
    made = report(*doubtful, budgets=results())
    text = RENDERERS["text"].render(made)
    assert text.count("another machine") == 1
    assert "incomparable: d0 · time (median), and 29 more" in text
    assert "budgets:\n" in text
    assert "SLA-3" in text
    assert "  met " not in text
    markdown = RENDERERS["markdown"].render(made)
    assert "Budgets: 1 breached, 2 unjudged, 1 warned, 1 met." in markdown
    assert "| breached | SLA-3 | `bench.sort` |" in markdown
