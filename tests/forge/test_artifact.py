"""A stranger's report: what is one passes, what is none is refused in a line, and nothing is believed."""

from __future__ import annotations

import json

import pytest

from regress.errors import InputError
from regress.forge import artifact, checked
from regress.model import Outcome
from regress.report import RENDERERS, read
from tests.report.test_report import report, verdict
from tests.site.reports import rich_report

RAW = RENDERERS["json"].render(rich_report())


def changed(change):
    document = json.loads(RAW)
    change(document)
    return json.dumps(document).encode()


def refused(raw: bytes, words: str = "") -> str:
    with pytest.raises(InputError, match="the artifact is refused") as caught:
        checked(raw, "report.json")
    said = str(caught.value)
    assert "\n" not in said
    assert words in said, said
    assert len(said) < 500
    return said


def test_a_true_report_passes_unchanged():
    assert checked(RAW.encode(), "x") == RAW
    odd = [verdict("z", base=0.0, candidate=1.0), verdict("b", Outcome.INCONCLUSIVE, provisional=True)]
    for made in (report(), report(*odd, baseline=None, distance=None)):
        text = RENDERERS["json"].render(made)
        assert read(checked(text.encode(), "x"), "x") == read(text, "x") or "nan" in repr(read(text, "x"))


def test_keys_of_a_later_version_are_let_through():
    assert checked(changed(lambda d: d.update(novel={"a": [1, 2]})), "x")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not JSON"), (b"\xff\xfe", "not JSON"), (b"[]", ""), (b"null", ""), (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"), (b'{"schema": 1}', ""), (b'{"a": 1' + b"0" * 5000 + b"}", "not JSON"),
        (RAW.replace('"schema": 1', '"schema": 1, "schema": 1', 1).encode(), "twice"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "deeply"),
        (b'{"x": "' + b"a" * 3000 + b'"}', "2,000 characters"),
        (b'{"x": 1e999}', "finite"), (b'{"x": NaN}', "NaN"), (b'{"x": -Infinity}', "Infinity"),
        (b'{"x": 99999999999999999999}', "64 bits"),
    ],
)  # fmt: skip
def test_what_is_no_report(raw, words):
    refused(raw, words)


def test_too_large(monkeypatch):
    monkeypatch.setattr(artifact, "MOST_BYTES", 1000)
    refused(RAW.encode(), "larger")


def first(document):
    return document["verdicts"][0]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(schema=2),
        lambda d: d.update(schema=True),
        lambda d: d.update(status="0"),
        lambda d: d.update(status=7),
        lambda d: d.update(distance="3 commits\n# @octocat"),
        lambda d: d.update(distance=-1),
        lambda d: d.update(distance=1.5),
        lambda d: d.update(headline=["x"]),
        lambda d: d.update(warnings="x" * 20),
        lambda d: d.update(warnings=["x"] * 201),
        lambda d: d.update(not_run={"a": 1}),
        lambda d: d["candidate"].update(commit="--upload-pack=x"),
        lambda d: d["candidate"].update(commit="a" * 65),
        lambda d: d["candidate"].update(runs=[1]),
        lambda d: d.update(baseline=3),
        lambda d: d.update(environments=[{}]),
        lambda d: d["environments"][0].update(key={"a": {"b": 1}}),
        lambda d: first(d).update(environment=99),
        lambda d: first(d).update(environment=-1),
        lambda d: first(d).update(environment=True),
        lambda d: first(d).update(policy=99),
        lambda d: first(d)["proof"].update(past=[99]),
        lambda d: first(d)["proof"].update(held=[-1]),
        lambda d: first(d).update(outcome="great"),
        lambda d: first(d).update(failing="no"),
        lambda d: first(d).update(change="1"),
        lambda d: first(d).update(name="x" * 601),
        lambda d: first(d).pop("suite"),
        lambda d: first(d)["base"].update(runs=-1),
        lambda d: first(d).update(params=[["a", "b"]]),
        lambda d: d["budgets"][0].update(written=9),
        lambda d: d["budgets"][0].update(environment=9),
        lambda d: d["budgets"][0].update(state="fine"),
        lambda d: d["findings"][0].update(environment=9),
        lambda d: d["limits"][0].update(selects={"benchmark": 3}),
        lambda d: d.update(verdicts=d["verdicts"] * 900),
    ],
)
def test_a_report_that_is_bent(change):
    refused(changed(change))


def test_numbers_that_are_none_are_refused_wherever_they_stand():
    refused(RAW.replace('"noise": ', '"noise": NaN, "noisy": ', 1).encode(), "NaN")
    refused(changed(lambda d: None).replace(b'"status": 1', b'"status": 1, "extra": 1e400'), "finite")
