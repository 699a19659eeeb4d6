"""`regress explain` on real histories: every number can be followed, and the verdict is recomputed."""

import json
import math
import re
import sqlite3
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from regress.history import History
from regress.judge.confirmed import place_of, with_confirmations
from regress.judge.decide import Decision
from regress.model import Confirmation, Metric, Outcome
from regress.report import RENDERERS, read
from tests.factories import make_commits, make_key, make_run, sha

NAMES = [f"bench.n{i}" for i in range(24)]
#: What they mean stands in the configuration.
RATE, COUNT = Metric("rate"), Metric("count")
LINE = [f"c{i}" for i in range(14)]
SETTINGS = """
[[metric]]
name = "rate"
unit = "1/s"
direction = "higher"

[[metric]]
name = "count"
kind = "exact"
direction = "lower"

[[rule]]
relative = "3%"
"""


def figures(place, generator):
    """One run: noise of a per cent, some runs hit by something, and in the last one a few real changes."""
    factors = np.exp(generator.normal(0, 0.01, len(NAMES)))
    if place in (3, 7, 9):
        factors[[place, place + 5, place + 10]] *= 1.3
    last = place == len(LINE) - 1
    changed = {"bench.n0": 1.6, "bench.n1": 1.055, "bench.n2": 0.8} if last else {}
    if place == len(LINE) - 2:
        changed = {"bench.n0": 1.6}
    rows = {}
    for name, factor in zip(NAMES, factors, strict=True):
        middle = float(factor) * changed.get(name, 1.0)
        rows[make_key(name)] = {"median": middle, "mean": middle * 1.02, "sd": middle * 0.02, "n": 100.0}
    rows[make_key("bench.rate", RATE)] = {"value": 100.0 + place % 3 - 30 * last}
    rows[make_key("bench.count", COUNT)] = {"value": 10.0 + last}
    return rows


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A history without a repository, in which the last commit but one is off its level already."""
    folder = tmp_path_factory.mktemp("measured")
    generator = np.random.default_rng(5)
    runs = [make_run(name, figures(place, generator), minutes=place) for place, name in enumerate(LINE)]
    with History.open(str(folder / "history.db")) as history:
        history.add_commits(make_commits(*LINE))
        history.record(runs)
    return folder / "history.db"


@pytest.fixture
def checked(measured, tmp_path, monkeypatch, regress):
    """A copy of it with a stored check of the last commit."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "history.db").write_bytes(measured.read_bytes())
    monkeypatch.setenv("REGRESS_DB", str(tmp_path / "history.db"))
    (tmp_path / "regress.toml").write_text(SETTINGS)
    assert regress(f"check --commit {sha('c13')}").status == 1
    return tmp_path


def explained(regress, *words, status=0):
    done = regress(" ".join(["explain", *words, "--format json"]))
    assert done.status == status, done.err
    return json.loads(done.out)


def test_a_pocket_calculator_comes_to_the_same(checked, regress):
    document = explained(regress, "'bench.n*'")
    assert document["same"]
    assert document["left_out"] == 4
    hits = 0
    for one in document["explained"]:
        (found,) = one["calculations"]
        counted = [run for run in one["earlier"] if run["state"] == "counted"]
        logs = [math.log(run["value"]) for run in counted]
        assert len(counted) == found["counted"]
        assert math.exp(np.mean(logs)) == pytest.approx(found["centre"])
        assert np.std(logs, ddof=1) == pytest.approx(found["scatter"])
        distance = math.log(one["candidate"]["value"] / one["base"]["value"])
        assert distance == pytest.approx(found["distance"])
        spread = found["sigma"] * math.sqrt(1 / len(counted) + 1 / found["runs"])
        assert spread == pytest.approx(found["spread"])
        assert found["loose"] == 0
        assert distance / spread == pytest.approx(found["t"])
        assert stats.t.sf(found["t"], found["degrees"]) == pytest.approx(found["usual"], rel=0.05)
        hit, further = found["hit_all"], found["further_all"] or 0
        assert (1 - hit) * found["usual"] + hit * further == pytest.approx(found["p_all"], rel=1e-6)
        assert max(found["p_all"], found["p"]) == pytest.approx(one["proof"]["pooled"])
        assert found["p"] == pytest.approx(one["proof"]["p"])
        hits += sum(run["state"] == "spike" for run in one["earlier"])
    assert hits > 3


def test_what_is_held_out_or_was_hit_is_said_with_the_run(checked, regress):
    held = explained(regress, "bench.n0")["explained"][0]["earlier"]
    assert [run["state"] for run in held] == ["counted"] * 12 + ["held"]
    assert held[-1]["commit"] == sha("c12")
    text = regress("explain bench.n0").out
    assert "held out: off the level" in text
    assert "the base stands for its level; its own commit has" in text
    assert "hit by something" in regress("explain bench.n8").out


def test_the_borders_are_where_the_outcome_changes(checked, regress):
    one = explained(regress, "bench.n1")["explained"][0]
    ends = [border["end"] for border in one["borders"]]
    assert ends[-1] is None
    assert ends[:-1] == sorted(ends[:-1])
    assert one["borders"][0]["change"] == pytest.approx(0.03)
    value = one["candidate"]["value"]
    here = next(border for border in one["borders"] if border["end"] is None or value <= border["end"])
    assert here["outcome"] == one["outcome"]
    assert "← here" in regress("explain bench.n1").out


def test_higher_is_better_turns_the_way(checked, regress):
    text = regress("explain bench.rate").out
    assert re.search(r"distance +\+0\.\d+ +ln\(10\d\.\d+ /s / 7[\d.]+ /s\)", text)
    assert "down to" in text
    one = explained(regress, "bench.rate")["explained"][0]
    assert one["outcome"] == "regressed"
    assert [b["end"] for b in one["borders"][:-1]] == sorted([b["end"] for b in one["borders"][:-1]], reverse=True)


def test_an_exact_metric_needs_no_calculation(checked, regress):
    done = regress("explain bench.count")
    assert done.status == 0
    assert "the calculation" not in done.out
    assert "3% (regress.toml:13): +10.0% is beyond it" in done.out
    assert "so         regressed; by itself it ends a check with 1" in done.out


@pytest.mark.parametrize("against", ["previous", "level", "window:5"])
def test_every_kind_of_centre_is_recomputed(checked, regress, against):
    regress(f"check --commit {sha('c13')} --against {against}")
    document = explained(regress, "'bench.n?'")
    kind = {"previous": "commit"}.get(against, against)
    assert (document["same"], document["centre"]) == (True, kind)
    named = {"previous": "baseline", "level": "level", "window:5": "window"}[against]
    one = document["explained"][1]
    (found,) = one["calculations"]
    assert found["against"] == named
    share = {"baseline": 1, "level": 1 / found["counted"], "window": math.pi / 2 / 5}[named]
    assert found["sigma"] * math.sqrt(share + 1) == pytest.approx(found["spread"])
    assert (found["loose"], found["of_centre"]) == (0, pytest.approx(share))
    assert regress("explain 'bench.n?'").status == 0


def test_a_rule_that_changed_is_named_with_its_line(checked, regress):
    (checked / "regress.toml").write_text(SETTINGS.replace("3%", "90%") + '[[rule]]\nmetric = "x"\nrelative = 0.5\n')
    done = regress("explain bench.n0")
    assert done.status == 1
    assert "it differs" in done.out
    assert "the rule relative was 3% (regress.toml:13) and is 90% (regress.toml:13)" in done.out
    (one,) = explained(regress, "bench.rate", status=1)["explained"]
    assert (one["outcome"], one["recomputed"]["outcome"]) == ("regressed", "unchanged")


def test_a_line_that_only_moved_changes_nothing(checked, regress):
    (checked / "regress.toml").write_text("# a comment\n" + SETTINGS)
    assert regress("explain bench.n0").status == 0


def test_an_acceptance_that_came_later_is_told(checked, regress):
    (checked / "regress-accepted.toml").write_text('[[accepted]]\nbenchmark = "bench.count"\nreason = "wanted"\n')
    done = regress("explain bench.count")
    assert done.status == 1
    assert "it was regressed and is accepted: worse, and accepted: wanted" in done.out
    assert "regress-accepted.toml" in done.out


def test_a_metric_that_means_something_else_now(checked, regress):
    (checked / "regress.toml").write_text(SETTINGS.replace("higher", "lower"))
    done = regress("explain bench.rate")
    assert done.status == 1
    assert "the direction of rate was higher and is lower" in done.out


def test_runs_that_are_gone_are_named(checked, regress):
    forget(checked, "c3")
    done = regress("explain bench.n1")
    assert done.status == 1
    assert "1 of 13 earlier runs are no longer in the history" in done.out
    assert "the calculation" in done.out
    forget(checked, "c13")
    done = regress("explain bench.n1")
    assert done.status == 1
    assert "it cannot be recomputed" in done.out
    assert "the candidate's run" in done.out


def forget(folder, commit):
    """Takes the run of a commit out of the history behind its back."""
    with sqlite3.connect(folder / "history.db") as connection:
        ((run,),) = connection.execute("SELECT id FROM run WHERE commit_hash = ?", (sha(commit),))
        connection.execute("DELETE FROM point WHERE run_id = ?", (run,))
        connection.execute("DELETE FROM run WHERE id = ?", (run,))
    connection.close()


def test_another_model_is_told(checked, regress):
    with sqlite3.connect(checked / "history.db") as connection:
        connection.execute('UPDATE report SET text = replace(text, \'"model": "gate\', \'"model": "old gate\')')
        connection.execute("UPDATE report SET text = replace(text, '\"sigma\": 0.0', '\"sigma\": 0.1')")
    connection.close()
    done = regress("explain bench.n1")
    assert done.status == 1
    assert "the noise model was 'old gate" in done.out


def test_what_is_not_there_is_one_line(checked, regress):
    for words, status, said in [
        ("nonsense", 2, "holds no verdict on 'nonsense'"),
        ("n0", 2, "did you mean bench.n0?"),
        ("bench.n0 --metric bytes", 2, "its metrics are time"),
        ("'re:('", 2, "is not a regular expression"),
        ("bench.n0 --commit deadbeef", 2, "no commit 'deadbeef'"),
        (f"bench.n0 --commit {sha('c3')}", 2, "no check of"),
    ]:
        done = regress(f"explain {words}")
        assert (done.status, done.out) == (status, ""), words
        assert said in done.err
        assert len(done.err.splitlines()) == 1


def test_without_any_check_it_says_what_to_do(ingested, regress):
    done = regress("explain test_text.py::test_md5")
    assert done.status == 2
    assert "regress check" in done.err


def test_the_newest_check_of_a_commit_is_taken(ingested, regress):
    regress("check --commit slow")
    regress("check --commit main")
    assert ingested.commits["c5"][:10] in regress("explain test_text.py::test_md5").out
    of_slow = regress("explain test_text.py::test_md5 --commit slow --metric time")
    assert of_slow.status == 0
    assert "+150% worse" in of_slow.out
    assert "recomputed from the stored runs: the same" in of_slow.out


def test_a_branch_from_a_commit_off_its_level_is_held_against_both(project, regress):
    project.git("checkout", "-q", project.commits["c4"])
    project.git("checkout", "-q", "-b", "from_fast")
    project.results("c4", (1 / 3, 1, 1))
    commit = project.commit("f0", "Go back", 41)
    project.results("f0", (1.5, 1, 1))
    regress("ingest results")
    regress(f"check --commit {commit}")
    (one,) = explained(regress, "test_algo.py::test_sort")["explained"]
    level, base = one["calculations"]
    assert [level["against"], base["against"]] == ["level", "baseline"]
    assert max(level["p"], base["p"]) == pytest.approx(one["proof"]["p"])
    text = regress("explain test_algo.py::test_sort").out
    assert "against the level:" in text
    assert "against the base commit alone:" in text
    assert "the largest p of the 2 counts" in text


def test_a_baseline_in_a_file_is_read_again(ingested, regress):
    path = ingested.root / "results" / "c3-0.json"
    text = path.read_text()
    path.write_text(text.replace("2026-01-02", "2026-01-03"))
    regress(f"check --commit slow --against {path}")
    assert regress("explain 'test_text.py::*'").status == 0
    path.write_text(text.replace("2026-01-02", "2026-01-04"))
    done = regress("explain 'test_text.py::*'")
    assert done.status == 1
    assert "holds other runs now" in done.out


def profile(*functions):
    """Rows as pytest-benchmark writes them: name, calls, own time, time with what it calls."""
    return [
        {
            "ncalls_recursion": str(calls), "ncalls": calls, "tottime": own, "tottime_per": own / calls,
            "cumtime": whole, "cumtime_per": whole / calls, "function_name": name,
        }
        for name, calls, own, whole in functions
    ]  # fmt: skip


def with_profile(project, commit, name, rows):
    path = project.root / "results" / f"{commit}-0.json"
    document = json.loads(path.read_text())
    for benchmark in document["benchmarks"]:
        if benchmark["fullname"] == name:
            benchmark["cprofile"] = rows
    path.write_text(json.dumps(document))


def test_the_functions_that_grew_are_listed(project, regress):
    name, once = "test_text.py::test_md5", "~:0(<method 'disable' of '_lsprof.Profiler' objects>)"
    before = profile(
        (once, 10, 1e-9, 1e-9), ("a/text.py:10(md5)", 10, 1e-4, 2e-4), ("a/text.py:20(pad)", 10, 1e-4, 1e-4)
    )
    after = profile(
        (once, 20, 1e-9, 1e-9), ("b/a/text.py:14(md5)", 20, 2e-4, 9e-3), ("b/a/text.py:24(pad)", 400, 4e-3, 4e-3),
        ("~:0(<built-in method x>)", 20, 1e-3, 1e-3),
    )  # fmt: skip
    with_profile(project, "c3", name, before)
    with_profile(project, "s0", name, after)
    regress("ingest results")
    regress("check --commit slow")
    (one,) = explained(regress, name, "--metric time")["explained"]
    grown = {row["name"]: row for row in one["grown"]}
    assert list(grown) == ["a/text.py(pad)", "<built-in method x>"], "md5 itself takes no longer"
    assert grown["a/text.py(pad)"]["calls"] == [1, 20]
    assert grown["a/text.py(pad)"]["own"] == pytest.approx([1e-5, 1e-5])
    assert grown["a/text.py(pad)"]["growth"] == pytest.approx(1.9e-4)
    assert grown["<built-in method x>"]["calls"] == [None, 1]
    text = regress(f"explain {name} --metric time").out
    assert re.search(r"\+190 µs +1 +→ 20 +10[.0]* µs +→ 10[.0]* µs .* a/text\.py\(pad\)", text)


def test_a_profile_of_one_side_alone_is_told_and_a_broken_one_ignored(project, regress):
    name = "test_text.py::test_md5"
    with_profile(project, "s0", name, profile(("a.py:1(f)", 1, 1.0, 1.0)))
    with_profile(project, "c3", name, [{"function_name": 3}])
    regress("ingest results")
    regress("check --commit slow")
    done = regress(f"explain {name} --metric time")
    assert done.status == 0
    assert "the candidate kept a profile and the base did not" in done.out


def test_what_is_missing_or_new_is_explained_without_figures(ingested, regress):
    path = ingested.root / "results" / "s0-0.json"
    (ingested.root / "renamed.json").write_text(
        path.read_text().replace("test_re[lit]", "test_other[lit]").replace("2026-01-02T10", "2026-01-02T11")
    )
    ingested.git("checkout", "-q", "slow")
    commit = ingested.commit("s1", "Rename", 40)
    text = (ingested.root / "renamed.json").read_text().replace(ingested.commits["s0"], commit)
    (ingested.root / "renamed.json").write_text(text)
    regress("ingest renamed.json")
    regress("check")
    done = regress("explain 'test_text.py::test_*lit*'")
    assert done.status == 0
    assert "missing: test_text.py::test_re[lit]" in done.out
    assert "new: test_text.py::test_other[lit]" in done.out
    assert "no figure" in done.out


def confirmed(folder, name):
    """Stores the check once more, with one of its suspects measured again."""
    with History.open(str(folder / "history.db")) as history:
        stored = history.reports(1)[0]
        then = read(stored.text, "report")
        verdict = next(v for v in then.verdicts if v.comparison.key.benchmark.full == name)
        pairs = tuple(1 + place / 1000 for place in range(5))
        found = Confirmation(
            verdict.comparison.key, Outcome.UNCHANGED, "no worse than 3%", "median", pairs, pairs[::-1], 0.001, -0.01,
            0.012, 0.03, 0.01, 1,
        )  # fmt: skip
        decision = with_confirmations(Decision([*then.verdicts], []), {place_of(verdict.comparison): found}, ())
        now = replace(then, verdicts=decision.verdicts)
        history.save_report(stored.candidate, stored.baseline, "1", RENDERERS["json"].render(now))


def test_a_confirmation_is_shown_pair_by_pair_and_has_the_last_word(checked, regress):
    confirmed(checked, "bench.n1")
    done = regress("explain bench.n1")
    assert done.status == 0, done.out
    assert "measured again, in turn" in done.out
    assert re.search(r"1 +1 s +1\.0040 s +\+0\.4%", done.out)
    assert "+0.1% [-1.0% … +1.2%] against a tolerance of 3%: unchanged, no worse than 3%" in done.out
    assert "unchanged; by itself it ends a check with 0" in done.out
