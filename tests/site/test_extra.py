"""Runs, machines, targets, about: what their views say, and the pages in a strict reader."""

from dataclasses import replace
from datetime import timedelta

import pytest

from regress.model import Budget, BudgetResult, BudgetState, Environment, Metric, Outcome, Proof, Rule, written
from regress.site import build
from regress.site.about import MEANING, about_page, rule_words
from regress.site.links import Links
from regress.site.machines import machines_page
from regress.site.runs import MOST_ROWS, runs_page, short_labels
from regress.site.targets import headroom, targets_page
from regress.site.wording import BADGES

from .factories import ENVIRONMENT, START, History, make_key, make_report, make_run, make_runs, make_verdict, realistic
from .html_reader import read

LINKS = Links("")
OTHER = Environment.of({**dict(ENVIRONMENT.key), "python": "CPython 3.13"}, {"cpu": "AMD EPYC 7763"})
HOSTILE = "<script>alert(1)</script>\"'&../\u202e" + "x" * 300
KEY = make_key("bench.time_it", "(10)")


def site_of(runs, **more):
    return replace(History(0).site(), runs=runs, **more)


def of_runs(runs):
    return runs_page(site_of(runs), {}, LINKS)


def result(state, text="p95 < 150ms", key=KEY, **more):
    limit = written.limit(text)
    budget = Budget(limits=(limit,), requirement=more.pop("requirement", ""), origin="regress.toml:3")
    figure = {"value": 0.1, "headroom": 1 / 3, "n": 100.0} if state is BudgetState.MET else {}
    statistic = more.pop("statistic", "p95")
    return BudgetResult(budget, limit, key, ENVIRONMENT if key else None, statistic, state, **{**figure, **more})


def test_runs_are_the_newest_first_and_a_gap_is_no_beginning():
    runs = make_runs(5, points=10, suites=("asv",))
    for order in (3, 5):
        id_ = 100 + order
        runs[id_] = make_run(order, id_=id_, environment=OTHER, points=7, failed=2, skipped=1, suites=("asv",))
    del runs[4]
    runs[6] = make_run(6, environment=OTHER, points=7, suites=("asv",))
    runs[7] = make_run(4, id_=7, points=0, failed=10, suites=("asv",))
    page = of_runs(runs)
    heads = [head.label for head in page.heads]
    assert heads == ["CPython 3.13", "CPython 3.12"]
    assert [row.stop.commit for row in page.rows] == [make_run(order).commit for order in (6, 5, 4, 3, 2, 1)]
    states = [[cell.state for cell in row.cells] for row in page.rows]
    assert [column[0] for column in states] == ["measured", "measured", "gap", "measured", "before", "before"]
    assert [column[1] for column in states] == ["gap"] + ["measured"] * 5
    cell = page.rows[1].cells[0]
    assert (cell.values, cell.failed, cell.skipped, cell.share) == ("7", "2", "1", 100)
    assert (page.rows[2].cells[1].values, page.rows[2].cells[1].failed) == ("0", "10")
    assert [summary.state for summary in page.summaries] == ["up to date", "1 commit behind"]
    assert (page.summaries[0].measured, page.summaries[0].missing, page.summaries[0].failed) == ("3 of 4", "1", "2")


def test_a_run_of_far_fewer_cells_than_its_neighbours_is_partial_and_failures_do_not_make_it_so():
    runs = make_runs(9, points=100, suites=("asv",))
    runs[4] = replace(runs[4], points=40)
    runs[6] = replace(runs[6], points=20, failed=80, dirty=True)
    notes = {row.stop.commit: row.cells[0].notes for row in of_runs(runs).rows}
    assert notes[runs[4].commit] == ("partial",)
    assert notes[runs[6].commit] == ("dirty",)
    assert sum(map(bool, notes.values())) == 2


def test_two_runs_of_a_commit_are_one_cell_and_suites_are_columns():
    runs = make_runs(2, points=10, suites=("asv",))
    runs[3] = make_run(2, id_=3, points=4, suites=("asv",))
    runs[4] = make_run(2, id_=4, points=6, suites=("pytest",))
    page = of_runs(runs)
    assert [head.suites for head in page.heads] == [("asv", "pytest")]
    assert [(cell.values, cell.notes) for cell in page.rows[0].cells] == [("14", ("2 runs",)), ("6", ())]
    assert page.rows[1].cells[1].state == "before"


def test_of_a_long_history_the_newest_rows_are_shown_and_given_up_environments_named():
    runs = make_runs(MOST_ROWS + 20, points=1, suites=("asv",))
    runs[9999] = make_run(3, id_=9999, environment=OTHER, points=1, suites=("asv",))
    page = of_runs(runs)
    assert (len(page.rows), page.total, len(page.heads)) == (MOST_ROWS, MOST_ROWS + 20, 1)
    assert page.absent == (f"{OTHER.label}: asv",)


def test_labels_leave_out_what_all_share_and_are_never_empty():
    assert short_labels([ENVIRONMENT]) == {ENVIRONMENT: ENVIRONMENT.label}
    bare = Environment.of({"system": "Linux"})
    more = Environment.of({"system": "Linux", "machine": "a"})
    assert short_labels([bare, more]) == {bare: bare.label, more: more.label}


def test_a_machine_tells_how_its_facts_changed_along_time():
    runs = make_runs(6)
    newer = replace(ENVIRONMENT, facts=(("cores", "4"), ("cpu", "AMD EPYC 9554"), ("version.numpy", "2.1")))
    for order in (5, 6):
        runs[order] = replace(runs[order], environment=newer)
    # An old commit that was measured last: its machine is the newest.
    runs[1] = replace(runs[1], started_at=START + timedelta(days=90), environment=newer)
    (machine,) = machines_page(site_of(runs), {}, LINKS).machines
    assert [(c.name, c.was, c.now) for c in machine.changes] == [("cpu", "AMD EPYC 7763", "AMD EPYC 9554")]
    assert machine.changes[0].stop.commit == runs[5].commit
    facts = {fact.name: fact for fact in machine.facts}
    assert list(facts)[:2] == ["cpu", "cores"]
    assert facts["cpu"].others == "3 of 6 runs; else AMD EPYC 7763 (3 runs)"
    assert [fact.name for fact in machine.versions] == ["numpy"]
    assert dict(machine.figures)["Measured"] == "2026-01-07 to 2026-04-05"


def test_coverage_counts_months_on_one_scale_for_all_machines():
    runs = {order: make_run(order) for order in (1, 2, 40, 100)}
    runs[7] = make_run(400, id_=7, environment=OTHER)
    newest, oldest = machines_page(site_of(runs), {}, LINKS).machines
    assert newest.strip.width == oldest.strip.width
    assert oldest.strip.text == "4 runs in 3 of 14 months, most in 2026-01: 2"
    assert oldest.strip.table == (("2026", ("2", "1", "", "1") + ("",) * 8),)
    assert newest.strip.text == "1 run in 1 of 14 months, most in 2027-02: 1"


def test_noise_is_said_where_it_was_judged_and_nowhere_else():
    proof = Proof("1", (), (), 1.0, 1.0, 0.013, 9.0, 0.5, 0.5, 0.01, 0.01, 1)
    report = make_report([make_verdict(KEY, 1.0, 1.0, Outcome.UNCHANGED, proof=proof)])
    runs = make_runs(2) | {9: make_run(1, id_=9, environment=OTHER)}
    judged, unjudged = machines_page(site_of(runs, reports=[report]), {}, LINKS).machines
    assert judged.noise.startswith("One run strays by 1.3 %")
    assert "2.1 %" in judged.noise
    assert unjudged.noise == ""


def test_targets_are_grouped_the_breached_first_and_unjudged_say_why():
    budgets = [
        result(BudgetState.MET, requirement="SLA-3"),
        result(BudgetState.UNJUDGED, key=None, reason="matches nothing"),
        result(BudgetState.BREACHED, value=0.2, headroom=-1 / 3, n=100.0, failing=True),
        result(BudgetState.BREACHED, value=0.2, headroom=-1 / 3),
    ]
    page = targets_page(site_of(make_runs(2), budgets=budgets), {("asv", KEY.benchmark.name): "b/x.html"}, LINKS)
    assert [group.id for group in page.groups] == ["breached", "unjudged", "met"]
    breached, warning = page.groups[0].targets
    assert (breached.badge.tone, warning.badge.tone) == ("bad", "warn")
    assert (breached.limit, breached.value, breached.n) == ("< 150ms", "200 ms", "100")
    assert breached.headroom.text == "33.3% beyond"
    assert breached.figure == "time, p95"
    assert breached.href == f"b/x.html#env-{ENVIRONMENT.digest}"
    lost = page.groups[1].targets[0]
    assert (lost.benchmark, lost.href, lost.value, lost.headroom, lost.reason) == (
        "everything", "", "", None, "matches nothing",
    )  # fmt: skip
    assert page.commit.commit == make_run(2).commit


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.38, "38.0% to spare"), (-0.12, "12.0% beyond"), (0, "exactly on the limit"), (1e-6, "less than 0.1% to spare")],
)
def test_headroom_in_words(share, words):
    assert headroom(share).text == words


def test_headroom_never_leaves_its_box():
    assert headroom(-40.0).bar == "M0 90h600v100h-600z"
    assert headroom(1.0).bar == "M600 90h600v100h-600z"


def test_about_says_rules_defaults_and_a_meaning_for_every_outcome():
    said = {"relative": 0.05, "absolute": 5e-8, "absolute_unit": "s", "across": True}
    rules = (Rule(benchmark="bench.*", origin="x.toml:2", **said),)
    page = about_page(site_of(make_runs(3), rules=rules), {}, LINKS)
    assert rule_words(rules[0]) == "relative 5 %, absolute 50.0 ns, across yes"
    assert (page.rules[0].selects, page.rules[0].origin) == ("bench.*", "x.toml:2")
    assert "relative 10 %" in page.defaults[0].says
    assert "relative 1 %" in page.defaults[1].says
    assert set(MEANING) == set(BADGES)
    assert [(tool.name, tool.runs) for tool in page.tools] == [("asv", "3")]


def test_hostile_names_are_text_on_every_page(tmp_path):
    facts = {"cpu": HOSTILE, "version.x": HOSTILE}
    place = Environment.of({"machine": HOSTILE, "python": "CPython 3.12"}, facts, HOSTILE)
    changed = replace(place, facts=(("cpu", "else"),))
    runs = {1: make_run(1, environment=changed), 2: make_run(2, environment=place, subject=HOSTILE, tags=(HOSTILE,))}
    runs = {id_: replace(run, suites=(HOSTILE,)) for id_, run in runs.items()}
    hostile = make_key(HOSTILE, HOSTILE, metric=Metric(HOSTILE))
    budgets = [result(BudgetState.UNJUDGED, key=hostile, reason=HOSTILE, requirement=HOSTILE)]
    rule = Rule(benchmark=HOSTILE, action=None, origin=HOSTILE)
    build(site_of(runs, budgets=budgets, rules=(rule,), limits=(budgets[0].budget,)), tmp_path / "out")
    for name in ("runs", "machines", "targets", "about"):
        page = read(tmp_path / "out" / f"{name}.html")
        assert "<script>alert(1)" in page.content
        assert [attrs for attrs in page.all("script") if "src" not in attrs] == []
        assert not {word for tag in page.elements for word in tag[1] if word.startswith("on")}
        assert len(page.ids) == len(set(page.ids))


def test_an_empty_page_of_targets_says_how_to_write_one(tmp_path):
    build(realistic(12).site(), tmp_path / "out")
    page = read(tmp_path / "out" / "targets.html")
    assert "[[budget]]" in page.content
    assert 'benchmark = "test_api.py::*"' in page.content
