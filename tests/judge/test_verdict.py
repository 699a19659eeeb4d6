"""The table of outcomes and statuses, and the first line of a report."""

from dataclasses import replace

import pytest

from regress.judge.verdict import STATUSES, Opinions, headline, status_of
from regress.model import Outcome
from tests.judge.sides import one


def test_every_outcome_has_a_status():
    assert set(STATUSES) == set(Outcome)


def verdict_of(outcome, failing=None):
    made = one(1.0, 3.0)
    return replace(made, outcome=outcome, failing=STATUSES[outcome][0] == 1 if failing is None else failing)


@pytest.mark.parametrize(
    ("outcomes", "status", "strict"),
    [
        ([Outcome.UNCHANGED], 0, 0),
        ([Outcome.UNCHANGED, Outcome.IMPROVED, Outcome.NEW, Outcome.ACCEPTED], 0, 0),
        ([Outcome.UNCHANGED, Outcome.REGRESSED], 1, 1),
        ([Outcome.UNCHANGED, Outcome.BREACHED], 1, 1),
        ([Outcome.UNCHANGED, Outcome.MISSING], 1, 1),
        ([Outcome.UNCHANGED, Outcome.FAILED], 1, 1),
        ([Outcome.UNCHANGED, Outcome.INCONCLUSIVE], 0, 5),
        ([Outcome.UNCHANGED, Outcome.UNJUDGED], 0, 5),
        ([Outcome.UNCHANGED] * 9 + [Outcome.INCOMPARABLE], 0, 5),
        ([Outcome.UNCHANGED, Outcome.INCOMPARABLE], 3, 3),
        ([Outcome.INCOMPARABLE, Outcome.REGRESSED, Outcome.UNCHANGED], 1, 1),
        ([Outcome.INCOMPARABLE], 3, 3),
        ([Outcome.NEW], 3, 3),
        ([], 3, 3),
    ],
)
def test_statuses(outcomes, status, strict):
    verdicts = [verdict_of(outcome) for outcome in outcomes]
    assert status_of(Opinions(verdicts)) == status
    assert status_of(Opinions(verdicts), strict=True) == strict


def test_missing_ones_count_towards_what_was_not_compared():
    verdicts = [verdict_of(Outcome.UNCHANGED)] * 7 + [verdict_of(Outcome.INCOMPARABLE)]
    assert status_of(Opinions(verdicts)) == 0
    assert status_of(Opinions([*verdicts, verdict_of(Outcome.MISSING, failing=False)])) == 3
    assert status_of(Opinions([*verdicts, verdict_of(Outcome.MISSING, failing=False)]), max_uncompared=0.5) == 0


def test_the_headline_never_hides_what_was_not_judged():
    verdicts = [verdict_of(Outcome.UNCHANGED), verdict_of(Outcome.INCONCLUSIVE)]
    assert headline(Opinions(verdicts), 0) == "NOT JUDGED: 1 · no regression · 1 compared"
    assert headline(Opinions([*verdicts, verdict_of(Outcome.REGRESSED)]), 1).startswith(
        "RED: 1 regressed · NOT JUDGED: 1"
    )
    assert "as warnings only" in headline(Opinions([verdict_of(Outcome.REGRESSED, failing=False)]), 0)
    assert "TOO LITTLE COMPARED" in headline(Opinions([verdict_of(Outcome.INCOMPARABLE)]), 3)
