"""One commit run several times: what is measured and kept, what is said of noise and gates, which rules come of it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress import config
from regress.errors import ConfigError, UsageError
from regress.judge.rules import Rules
from regress.model import TIME, Direction, Environment, Kind, Metric, Rule, Run
from regress.report.calibrate import FORMATS, Calibration, Steadiness
from regress.work import basis
from regress.work.calibrate import FEWEST, TAG, CalibrateRequest, Step, calibrate, written
from regress.work.calibrate.figures import false_red, remarks, steadiness
from regress.work.calibrate.rules import STEPS, propose
from regress.work.context import Workspace
from regress.work.sides import from_commit
from tests.factories import ENVIRONMENT, make_key, make_run
from tests.work.library import NAME, Library, load_few_plugins, make_library

NOTHING = Rules()


@pytest.fixture(scope="module")
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        load_few_plugins(patch)
        patch.delenv("REGRESS_DB", raising=False)
        yield


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, quick: None) -> Library:
    return make_library(tmp_path_factory.mktemp("calibrate") / "spool", 2, 2, rounds=5, turns=2000)


@pytest.fixture(scope="module")
def workspace(library: Library) -> Iterator[Workspace]:
    with Workspace.open(library.root) as opened:
        yield opened


@pytest.fixture(scope="module")
def found(workspace: Workspace) -> Calibration:
    """Three runs of the library's newest commit, for real."""
    steps: list[Step] = []
    made = calibrate(workspace, CalibrateRequest(FEWEST), steps.append)
    assert [(step.number, step.most, step.suite, step.trouble) for step in steps] == [
        (number, FEWEST, "pytest-benchmark", "") for number in (1, 2, 3)
    ]
    assert all(step.seconds > 0 for step in steps)
    return made


def rounds_of(figures: Sequence[dict[str, dict[str, float]]], metric: Metric = TIME) -> list[tuple[Run, ...]]:
    """Rounds of one suite from statistics by benchmark."""
    return [(make_run("c1", row, metric=metric, minutes=place),) for place, row in enumerate(figures)]


def noisy_rounds(sigma: float, count: int, names: int = 1, seed: int = 1) -> list[tuple[Run, ...]]:
    chance = np.random.default_rng(seed)

    def row() -> dict[str, float]:
        value = float(chance.lognormal(0, sigma))
        return {"min": value * 0.9, "median": value, "mean": value * float(chance.lognormal(0.1, 0.2)), "n": 9.0}

    return rounds_of([{f"bench.time_{name}": row() for name in range(names)} for _ in range(count)])


# --- real runs ---


def test_real_runs_say_how_noisy_a_benchmark_is(library: Library, found: Calibration) -> None:
    (series,) = found.series
    assert (found.commit, found.done, found.asked, found.dirty, found.interrupted) == (
        library.commits[-1], 3, 3, False, False,
    )  # fmt: skip
    assert (series.key.benchmark.full, series.runs, series.tolerance) == (NAME, 3, 0.10)
    assert set(series.noise) == {"min", "median", "mean", "max"}
    assert all(0 <= share < math.inf for share in series.noise.values())
    assert series.statistic in series.noise
    assert 0 < series.sigma < series.visible <= series.in_family
    gate, *_, mean, middle, least = found.rates
    assert middle.rule == "median > 10% worse than in the run before"
    assert (gate.judged, gate.runs, mean.judged, mean.runs, least.runs) == (3, 3, 2, 2, 2)


def test_the_runs_are_kept_but_only_the_first_is_evidence(
    library: Library, workspace: Workspace, found: Calibration
) -> None:
    stored = workspace.history.runs(commits=[found.commit])
    assert [(run.commit, run.dirty) for run in stored] == [(found.commit, False)] * 3
    assert [TAG in run.tags for run in stored] == [False, True, True]
    assert len({run.digest for run in stored}) == 3
    assert [run.id for run in from_commit(workspace, found.commit).stored] == [stored[0].id]
    # A later commit learns from one run of this commit, not from three of one sitting.
    later = library.commit("Later")
    workspace.learn_commits()
    workspace.__dict__.pop("graph", None)
    workspace.__dict__.pop("main_tip", None)
    original = workspace.history.load([stored[0].id], samples=True)[0]
    new = Run(later, original.environment, original.source, original.columns, started_at=original.ended_at)
    workspace.history.record([new])
    spec = basis.parse_against("merge-base", 200)
    known = basis.find(workspace, spec, from_commit(workspace, later))
    assert [run.id for run in known.earlier] == [stored[0].id]
    assert library.git("worktree", "list").count("\n") == 0
    assert library.git("status", "--short") == ""


def test_a_commit_that_has_a_run_gets_no_other_that_counts(workspace: Workspace, found: Calibration) -> None:
    head = workspace.resolve("HEAD")
    before = [run.id for run in from_commit(workspace, head).stored]

    def stop(step: Step) -> None:
        raise KeyboardInterrupt

    again = calibrate(workspace, CalibrateRequest(5), stop)
    assert (again.done, again.asked, again.interrupted) == (1, 5, True)
    assert [run.id for run in from_commit(workspace, head).stored] == before
    assert len(workspace.history.runs(commits=[head])) == len(before) + 1


def test_an_interrupt_keeps_what_is_done_and_reports_on_it(workspace: Workspace, library: Library) -> None:
    """Also with uncommitted changes, which are measured, and said."""
    core = library.root / "src" / "spool" / "core.py"
    before = core.read_text(encoding="utf-8")
    core.write_text(before + "\nCHANGED = True\n", encoding="utf-8")

    def stop(step: Step) -> None:
        if step.number == 2:
            raise KeyboardInterrupt

    try:
        made = calibrate(workspace, CalibrateRequest(9), stop)
    finally:
        core.write_text(before, encoding="utf-8")
    assert (made.done, made.interrupted, made.dirty, made.proposed, made.rates) == (2, True, True, [], [])
    assert made.commit == workspace.resolve("HEAD")
    assert any("uncommitted changes" in warning for warning in made.warnings)
    assert any("too few to propose rules" in warning for warning in made.warnings)
    assert FORMATS["text"](made).startswith(f"2 of 9 runs (interrupted) of {made.commit[:10]}")
    newest = workspace.history.runs(commits=[made.commit])[-2:]
    assert [run.dirty for run in newest] == [True, True]
    assert library.git("worktree", "list").count("\n") == 0


@pytest.mark.parametrize("runs", [-1, 0, 1, 2])
def test_fewer_than_three_runs_are_wrong_usage(workspace: Workspace, runs: int) -> None:
    with pytest.raises(UsageError, match="show no noise"):
        calibrate(workspace, CalibrateRequest(runs))


def test_without_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    with Workspace.open(tmp_path) as opened, pytest.raises(UsageError, match="no git repository"):
        calibrate(opened, CalibrateRequest())


# --- figures ---


def test_noise_is_the_spread_of_the_logarithm() -> None:
    values = [1.0, 1.1, 0.95, 1.02]
    ((series,), family) = steadiness(rounds_of([{"bench.a": {"min": v, "mean": 2.0}} for v in values]), NOTHING)
    assert family == 1
    assert series.noise["min"] == pytest.approx(np.std(np.log(values), ddof=1))
    assert series.noise["mean"] == 0.0


def test_the_family_shares_the_error_and_sees_less() -> None:
    (one,), _ = steadiness(noisy_rounds(0.02, 10), NOTHING)
    many, family = steadiness(noisy_rounds(0.02, 10, names=40), NOTHING)
    assert family == 40
    assert one.visible == one.in_family  # a family of one has a limit of 1 %, beyond which .005 lies
    assert all(series.in_family > series.visible for series in many)
    assert all(series.statistic in ("min", "median") for series in many), "the mean is ten times as noisy"
    assert 0.01 < float(np.median([series.sigma for series in many])) < 0.04


def test_the_usual_rules_are_red_where_the_gate_is_not() -> None:
    gate, mean, _, least = false_red(noisy_rounds(0.02, 20, names=5), NOTHING, NOTHING)
    assert (gate.rule, gate.red, gate.judged, gate.runs) == ("the gate, rules in force", 0, 100, 20)
    assert mean.judged == 95
    assert mean.red > 20
    assert mean.red_runs > 10
    assert least.red == 0


def test_what_a_gate_would_have_called_red_is_counted() -> None:
    rounds = noisy_rounds(0.002, 12)
    odd = rounds_of([{"bench.time_0": {"min": 2.0, "median": 2.0, "mean": 2.0, "n": 9.0}}])
    gate, *_ = false_red([*rounds[:6], *odd, *rounds[6:]], NOTHING, NOTHING)
    assert (gate.red, gate.red_runs) == (1, 1)


def test_higher_is_better_and_unknown_is_not_judged() -> None:
    better = Metric("rate", "1/s", Direction.HIGHER)
    falling = [{"bench.a": {"mean": value, "min": value}} for value in (1.0, 0.8, 0.79)]
    *_, mean, _ = false_red(rounds_of(falling, better), NOTHING, NOTHING)
    assert (mean.red, mean.judged) == (1, 2)
    rising = [{"bench.a": {"mean": value, "min": value}} for value in (1.0, 1.3, 1.31)]
    assert false_red(rounds_of(rising, better), NOTHING, NOTHING)[-1].red == 0
    unknown = false_red(rounds_of(falling, Metric("size")), NOTHING, NOTHING)
    assert [rate.rule for rate in unknown] == ["the gate, rules in force"]


def test_a_suite_that_failed_in_the_last_round_is_still_told_of() -> None:
    rounds = noisy_rounds(0.01, 4)
    other = [(make_run("c1", {"t.py::a": {"min": v, "median": v}}, suite="b", minutes=50 + v),) for v in (1.0, 1.01)]
    both = [(*rounds[0], *other[0]), (*rounds[1], *other[1]), rounds[2], rounds[3]]
    series, family = steadiness(both, NOTHING)
    assert family == 2
    assert all(one.visible > 0 for one in series)


def test_remarks_name_what_is_not_what_it_is_called() -> None:
    exact = Metric("size", "B", Direction.LOWER, Kind.EXACT)
    moved, _ = steadiness(rounds_of([{"bench.a": {"value": v}} for v in (1.0, 1.0, 2.0)], exact), NOTHING)
    assert moved[0].moved
    assert 'kind = "noisy"' in remarks(moved)[0]
    still, _ = steadiness(rounds_of([{"bench.a": {"value": 7.0}}] * 3, Metric("hits")), NOTHING)
    assert 'kind = "exact" for hits' in remarks(still)[0]
    wild, _ = steadiness(rounds_of([{"bench.a": {"min": v}} for v in (1.0, 30.0, 2.0, 9.0)]), NOTHING)
    assert "not even twice as slow" in remarks(wild)[0]
    assert not propose(wild, whole=True)


# --- rules ---


def seen(
    name: str, visible: float, *, tolerance: float = 0.10, metric: Metric = TIME,
    noise: dict[str, float] | None = None, statistic: str = "min", environment: Environment = ENVIRONMENT,
) -> Steadiness:  # fmt: skip
    spread = noise or {"min": visible / 3}
    return Steadiness(
        make_key(name, metric), environment, 10, spread, statistic, visible / 3, visible, visible, tolerance
    )


def said(series: Sequence[Steadiness], *, whole: bool = True) -> list[tuple[str, float | None, str | None]]:
    return [(one.rule.benchmark, one.rule.relative, one.rule.statistic) for one in propose(series, whole=whole)]


def test_tolerances_are_rounded_up() -> None:
    assert said([seen("b.x", 0.031)]) == [("b.x", 0.05, None)]
    assert said([seen("b.x", 0.02)]) == [("b.x", 0.02, None)]
    assert said([seen("b.x", 0.09)]) == [], "what is allowed now is right"
    assert said([seen("b.x", 1.2)]) == [], "no gate for what sees nothing"


def test_where_all_agree_there_is_one_rule() -> None:
    alike = [seen(name, 0.04) for name in ("b.One.x", "b.One.y", "c.Two.z")]
    assert said(alike) == [("*", 0.05, None)]
    assert propose(alike, whole=True)[0].series == 3
    assert [name for name, *_ in said(alike, whole=False)] == ["b.One.x", "b.One.y", "c.Two.z"]


def test_a_file_that_agrees_shares_a_rule_and_the_odd_one_has_its_own() -> None:
    names = [f"tests/test_a.py::test_{letter}" for letter in "abc"]
    series = [seen(name, 0.04) for name in names] + [seen("tests/test_a.py::test_odd", 0.14), seen("m.C.t", 0.06)]
    assert said(series) == [
        ("m.C.t", 0.08, None), ("tests/test_a.py::*", 0.05, None), ("tests/test_a.py::test_odd", 0.15, None),
    ]  # fmt: skip


def test_what_is_right_now_keeps_its_tolerance_behind_a_rule_for_its_file() -> None:
    series = [seen("m.C.a", 0.04), seen("m.C.b", 0.04), seen("m.C.kept", 0.095)]
    assert said(series) == [("m.C.*", 0.05, None), ("m.C.kept", 0.10, None)]


def test_variants_share_a_rule_only_where_they_agree() -> None:
    assert said([seen("m.t(1)", 0.04), seen("m.t(2)", 0.04)]) == [("m.t", 0.05, None)]
    assert said([seen("m.t(1)", 0.04)], whole=False) == [("m.t(1)", 0.05, None)], "others were not measured"
    assert said([seen("m.t(1)", 0.04), seen("m.t(2)", 0.2)]) == [("m.t(1)", 0.05, None), ("m.t(2)", 0.20, None)]


def test_a_statistic_is_named_where_it_matters() -> None:
    quiet = {"min": 0.05, "median": 0.01}
    assert said([seen("b.x", 0.04, noise=quiet, statistic="median")]) == [("b.x", 0.05, "median")]
    near = {"min": 0.015, "median": 0.01}
    assert said([seen("b.x", 0.04, noise=near, statistic="median")]) == [("b.x", 0.05, None)]


def test_a_rule_is_for_one_metric() -> None:
    memory = Metric("peakmem", "B", Direction.LOWER)
    found = propose([seen("b.x", 0.04), seen("b.x", 0.14, metric=memory)], whole=True)
    assert [(one.rule.metric, one.rule.relative) for one in found] == [("peakmem", 0.15), ("time", 0.05)]


@settings(deadline=None, max_examples=60)
@given(st.lists(
    st.tuples(st.sampled_from(["a.A.x", "a.A.y(1)", "a.A.y(2)", "a.B.z", "t/p.py::u", "t/p.py::C::v", "w"]),
              st.floats(0.001, 1.5), st.sampled_from([0.05, 0.1, 0.5])),
    min_size=1, max_size=7, unique_by=lambda row: row[0],
), st.booleans())  # fmt: skip
def test_under_the_proposed_rules_every_series_has_the_next_step(
    rows: list[tuple[str, float, float]], whole: bool
) -> None:
    series = [seen(name, visible, tolerance=now) for name, visible, now in rows]
    before = [Rule(benchmark=one.key.benchmark.full, relative=one.tolerance) for one in series]
    rules = Rules((*before, *(one.rule for one in propose(series, whole=whole))))
    for one in series:
        if one.visible <= STEPS[-1]:
            wanted = min(step for step in STEPS if step >= one.visible)
            assert rules.policy(one.key, one.environment).tolerance.relative == pytest.approx(wanted)


# --- where they are written ---


def made_of(series: Sequence[Steadiness], workspace: Workspace) -> Calibration:
    from regress.work.calibrate.rules import file_of, toml_of

    proposed = propose(series, whole=True)
    path, prefix = file_of(workspace)
    return Calibration(
        "c" * 40, "", False, 10, 10, False, 1.0, series, [], proposed, 1, toml_of(proposed, prefix), path.name
    )


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({}, "regress.toml"),
        ({"regress.toml": "project = 'x'\n\n[[rule]]\nrelative = '20%'  # loose"}, "regress.toml"),
        ({"pyproject.toml": "[project]\nname = 'x'\n"}, "pyproject.toml"),
        ({"pyproject.toml": "[tool.regress]\nproject = 'x'\n[tool.other]\na = 1\n\n"}, "pyproject.toml"),
    ],
)
def test_rules_are_appended_to_the_configuration_in_use(tmp_path: Path, files: dict[str, str], name: str) -> None:
    for file, text in files.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    with Workspace.open(tmp_path) as opened:
        path, text = written(opened, made_of([seen('b.x"é\\"', 0.03), seen("c.y", 0.14)], opened))
    assert (path.name, text.startswith(files.get(name, ""))) == (name, True)
    tomllib.loads(text)
    path.write_text(text, encoding="utf-8")
    rules = config.load(tmp_path).rules[-2:]
    assert [(rule.benchmark, rule.metric, rule.relative) for rule in rules] == [
        ('b.x"é\\"', "time", 0.03), ("c.y", "time", 0.15),
    ]  # fmt: skip


def test_what_cannot_be_appended_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    file = tmp_path / "regress.toml"
    file.write_text('rule = [{ relative = "5%" }]\n', encoding="utf-8")
    with Workspace.open(tmp_path) as opened, pytest.raises(ConfigError, match="cannot be added"):
        written(opened, made_of([seen("b.x", 0.03)], opened))
    assert file.read_text(encoding="utf-8") == 'rule = [{ relative = "5%" }]\n'
