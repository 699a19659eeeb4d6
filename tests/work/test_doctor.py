"""The doctor: green on a healthy project, each fault that is planted is found, nothing of the project is touched."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from regress.history import History
from regress.model import Direction, Kind, Metric
from regress.report.doctor import Line, State
from regress.work.baseline import set_baseline
from regress.work.context import Workspace
from regress.work.doctor import broken, examine, plant, written
from tests.factories import ENVIRONMENT, make_key, make_run
from tests.work.patients import COMMITS, NAMES, Place, figures, loud, of


@pytest.fixture(autouse=True)
def _scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("REGRESS_DB", raising=False)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Place:
    made = Place(tmp_path_factory.mktemp("doctor") / "widgets")
    made.record()
    return made


@pytest.fixture
def place(tmp_path: Path, model: Place) -> Place:
    return Place(tmp_path / "widgets", model)


def of_gate(place: Place, tmp_path: Path) -> dict[str, Line]:
    """The lines about planted slowdowns by their names."""
    patient = place.patient()
    try:
        return {line.name: line for line in plant.lines(patient, tmp_path).lines}
    finally:
        patient.close()


def of_text(place: Place) -> dict[str, Line]:
    return {line.name: line for line in of(lambda patient: written.lines(patient, offline=True), place)}


# --- a healthy project ---


def test_a_healthy_project_is_green_and_nothing_is_touched(place: Place, tmp_path: Path) -> None:
    place.record()
    before = {path: path.read_bytes() for path in sorted(place.root.rglob("*")) if path.is_file()}
    found = place.examine()
    assert loud(list(found.lines)) == []
    assert (found.status, set(found.counts)) == (0, {"ok"})
    assert {line.name for line in found.lines} >= {
        "unchanged copy", "planted slowdowns", "noise", "truncated file", "empty result", "null and NaN",
        "vanished benchmark", "wrong environment", "another processor", "changed benchmark", "unknown key",
        "no baseline", "rules and budgets", "acknowledgements", "renames", "baselines", "repository", "suites",
        "ended series", "constant series",
    }  # fmt: skip
    planted = next(line for line in found.lines if line.name == "planted slowdowns")
    assert planted.text == "red for each of 6 series; the check ends with 1"
    after = {path: path.read_bytes() for path in sorted(place.root.rglob("*")) if path.is_file()}
    assert after.keys() == before.keys()
    assert after == before
    assert not list(tmp_path.glob("regress-doctor-*"))


def test_a_pull_request_whose_head_was_not_measured(place: Place, tmp_path: Path) -> None:
    place.project.git("checkout", "-q", "-b", "topic", place.hashes[7])
    place.record()
    head = place.project.commit("t0", "On a branch", 30)
    lines = of_gate(place, tmp_path)
    assert loud(lines) == []
    assert f"checked as {head[:10]}" in lines["unchanged copy"].text
    with History.open(str(place.root / ".regress" / "history.db")) as history:
        assert head not in history.graph().parents, "not even the commit was told to the history"


def test_a_history_on_postgres(place: Place, tmp_path: Path, new_postgres: Callable[[], str]) -> None:
    url = new_postgres()
    with Workspace.open(place.root, database=url) as workspace:
        workspace.learn_commits()
        workspace.history.record(place.runs)
        found = examine(workspace)
    assert loud(list(found.lines)) == []


def test_without_git_the_order_is_that_of_the_dates(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    runs = [make_run(f"c{n}", figures(chance), minutes=n) for n in range(COMMITS)]
    with Workspace.open(tmp_path) as workspace:
        workspace.history.record([replace(run, committed_at=run.started_at) for run in runs])
        found = examine(workspace)
    assert loud(list(found.lines)) == [("repository", State.WARNING)]


# --- gates that could not fail ---


@pytest.mark.parametrize(
    ("config", "name", "state", "says"),
    [
        ('[[rule]]\naction = "ignore"\n', "guarded series", State.FAULT, "the gate cannot close"),
        ('[[rule]]\naction = "warn"\n', "guarded series", State.FAULT, "the gate cannot close"),
        ('[[rule]]\nrelative = "1000%"\n', "tolerances", State.FAULT, "11 times as slow and pass"),
        ('[[rule]]\nabsolute = "90 ms"\n', "tolerances", State.FAULT, "times as slow and pass"),
        ('[[rule]]\nbenchmark = "*read"\naction = "warn"\n', "action warn", State.OK, "2 of 6 series"),
        ('[[rule]]\nbenchmark = "*read"\naction = "ignore"\n', "action ignore", State.OK, "as regress.toml:3 says"),
        ('[[rule]]\nrelative = "0.5%"\n', "noise", State.WARNING, "noisier than their tolerance"),
        ('common_shift = "subtract"\n', "planted slowdowns", State.OK, "red for each of 6"),
        ('[[rule]]\nfalse_red = 1e-12\n', "planted slowdowns", State.WARNING, "red for 0 of 6"),
        ('[[rule]]\nfalse_red = 1e-99\n', "planted slowdowns", State.FAULT, "red for 0 of 6"),
        ('against = "window:4"\n', "planted slowdowns", State.OK, "red for each of 6"),
    ],
)  # fmt: skip
def test_what_rules_make_of_the_gate(
    place: Place, tmp_path: Path, config: str, name: str, state: State, says: str
) -> None:
    place.record(config=config)
    line = of_gate(place, tmp_path)[name]
    assert (line.state, says in line.text) == (state, True), line


def test_what_everything_is_accepted_of_is_no_gate(place: Place, tmp_path: Path) -> None:
    (place.root / "regress-accepted.toml").write_text('[[accepted]]\nbenchmark = "*"\nreason = "peace"\n', "utf-8")
    place.record()
    lines = of_gate(place, tmp_path)
    assert (lines["planted slowdowns"].state, lines["stays green"].state) == (State.FAULT, State.WARNING)
    assert "regress-accepted.toml:1" in lines["stays green"].text


def test_a_metric_without_a_direction_can_never_be_red(place: Place, tmp_path: Path) -> None:
    size = make_key(NAMES[0], Metric("size"))
    runs = []
    for run in place.runs:
        row = {key.benchmark.full: run.columns.result(n).stats for n, key in enumerate(run.columns.keys)}
        runs.append(make_run(run.commit, {**row, size: 5.0}, started_at=run.started_at))
    place.record(runs)
    lines = of_gate(place, tmp_path)
    assert lines["planted slowdowns"].state is State.OK
    assert "(size): nothing says which way is better" in lines["stays green"].text
    with (place.root / "regress.toml").open("w") as file:
        file.write('[[metric]]\nname = "size"\ndirection = "higher"\nkind = "exact"\n')
    lines = of_gate(place, tmp_path)
    assert "stays green" not in lines
    assert lines["planted slowdowns"].text.startswith("red for each of 7")


def test_a_zero_that_is_exact_is_made_worse_too(place: Place, tmp_path: Path) -> None:
    errors = make_key("bench.errors", Metric("errors", "1", Direction.LOWER, Kind.EXACT))
    place.record([make_run(name, {errors: 0.0}, minutes=n) for n, name in enumerate(place.hashes)])
    assert of_gate(place, tmp_path)["planted slowdowns"].text.startswith("red for the only series")


def test_rounds_that_are_all_alike_hide_nothing(place: Place, tmp_path: Path) -> None:
    chance = np.random.default_rng(4)
    rows = [{name: {**row, "sd": 0.0} for name, row in figures(chance).items()} for _ in place.hashes]
    place.record([make_run(name, rows[n], minutes=n) for n, name in enumerate(place.hashes)])
    assert of_gate(place, tmp_path)["planted slowdowns"].text.startswith("red for each of 6")


def test_a_baseline_that_is_itself_worse_is_said(place: Place, tmp_path: Path) -> None:
    base = place.runs[-2]
    slow = replace(base.columns, stats={n: v if n == "n" else v * 3 for n, v in base.columns.stats.items()})
    place.record([*place.runs[:-2], replace(base, columns=slow), place.runs[-1]])
    lines = of_gate(place, tmp_path)
    assert (lines["unchanged copy"].state, lines["planted slowdowns"].state) == (State.WARNING, State.OK)


@pytest.mark.parametrize(("count", "says"), [(0, "no run of a clean work tree"), (1, "no commit has a baseline yet")])
def test_without_a_baseline_the_gate_is_not_tried_and_this_is_said(place: Place, count: int, says: str) -> None:
    place.project.git("checkout", "-q", place.hashes[0])
    place.record(place.runs[:count])
    found = place.examine()
    line = next(line for line in found.lines if line.name == "planted slowdowns")
    assert (line.state, says in line.text) == (State.WARNING, True)
    assert next(line for line in found.lines if line.name == "vanished benchmark").state is State.OK
    assert found.status == 0


def test_without_a_history_the_inputs_are_tried_all_the_same(place: Place) -> None:
    found = place.examine()
    assert ("history", State.WARNING) in loud(list(found.lines))
    assert found.status == 0
    assert not (place.root / ".regress").exists()


# --- broken inputs ---


def test_an_input_that_does_not_come_out_as_stated_is_a_fault(place: Place, tmp_path: Path) -> None:
    """The same trials with a statement that is wrong, as if the gate had changed behind the manual's back."""
    place.record()
    patient = place.patient()
    run = broken._specimen(patient, place.runs[-1])
    assert run is not None
    bench = broken._Bench(patient, run, tmp_path)
    case = broken._Case("vanished", "nothing", lambda: bench._check(bench.head, broken.Outcome.MISSING, 1))
    line = broken._line(case)
    patient.close()
    assert (line.state, line.text) == (State.FAULT, "stated: nothing; seen: unchanged")


@pytest.mark.parametrize("config", [
    '[[rule]]\nacross = true\n', 'max_uncompared = 1.0\n', '[[rule]]\nbenchmark = "*scan"\naction = "warn"\n',
    '[[budget]]\nlimit = "min < 1 ns"\n', '[renamed]\n"bench_io.*" = "bench_disk.*"\n', 'common_shift = "subtract"\n',
    'branch = "elsewhere"\n',
])  # fmt: skip
def test_the_statements_hold_under_any_rules(place: Place, tmp_path: Path, config: str) -> None:
    place.record(config=config)
    assert loud(of(lambda patient: broken.lines(patient, place.runs[-1], tmp_path), place)) == []


# --- what is written down ---


@pytest.mark.parametrize(
    ("config", "name", "state", "says"),
    [
        ('[[rule]]\nbenchmark = "bench_oi.*"\n', "rules", State.FAULT, "regress.toml:1 (bench_oi.*) matches none"),
        ('[[budget]]\nlimit = "peak_rss < 1GB"\n', "budgets", State.FAULT, "regress.toml:1 (everything) matches none"),
        ('[renamed]\n"old.*" = "new.*"\n', "renames", State.WARNING, "was ever called so"),
        ('[renamed]\n"bench_io.*" = "bench_disk.*"\n', "renames", State.WARNING, "nothing was measured as bench_disk."),
        ('branch = "mian"\n', "repository", State.FAULT, "no branch 'mian'"),
        ('against = "release"\n', "baselines", State.FAULT, 'against = "release"'),
        ('[[suite]]\nkind = "nose"\n', "suites", State.WARNING, "nose"),
    ],
)
def test_what_is_written_for_nothing_is_found(place: Place, config: str, name: str, state: State, says: str) -> None:
    place.record(config=config)
    line = of_text(place)[name]
    assert (line.state, says in line.text) == (state, True), line


def test_acknowledgements_and_notes_for_nothing(place: Place) -> None:
    (place.root / "regress-accepted.toml").write_text(
        '[[accepted]]\nbenchmark = "bench_oi.*"\nup_to = "5%"\n[[accepted]]\ncause = "abcd1234"\n'
        '[[accepted]]\nbenchmark = "*"\nup_to = "5%"\nexpires = 2020-01-31\n[[note]]\ncause = "abcd1234"\ntext = "x"\n',
        encoding="utf-8",
    )
    place.record()
    lines = [line for line in of(lambda p: written.lines(p, offline=True), place) if line.state is not State.OK]
    assert [(line.state, line.text.partition(" ")[0]) for line in lines] == [
        (State.FAULT, "regress-accepted.toml:1"), (State.FAULT, "regress-accepted.toml:4:"),
        (State.WARNING, "regress-accepted.toml:6"), (State.WARNING, "regress-accepted.toml:10:"),
    ]  # fmt: skip


def test_a_baseline_whose_runs_are_gone(place: Place) -> None:
    place.record()
    with Workspace.open(place.root) as workspace:
        set_baseline(workspace, "kept", place.hashes[3])
        workspace.history.set_baseline("lost", ["f" * 64], commit=place.hashes[2], reason="", author="")
    assert of_text(place)["baselines"].text == "0 of 1 runs of lost are in this history"


def test_a_stored_baseline_serves_the_trial_too(place: Place, tmp_path: Path) -> None:
    place.record()
    with Workspace.open(place.root) as workspace:
        set_baseline(workspace, "release", place.hashes[3])
    (place.root / "regress.toml").write_text('against = "release"\n', encoding="utf-8")
    lines = of_gate(place, tmp_path)
    assert lines["unchanged copy"].text.startswith("a copy of baseline release (version 1)")
    assert lines["planted slowdowns"].state is State.OK


def test_a_shallow_clone_is_said(place: Place, tmp_path: Path) -> None:
    place.record()
    clone = tmp_path / "clone"
    place.project.git("clone", "-q", "--depth", "1", f"file://{place.root}", str(clone))
    with Workspace.open(clone, database=str(place.root / ".regress" / "history.db")) as workspace:
        found = examine(workspace)
    assert ("repository", State.WARNING) in loud(list(found.lines))


def test_a_dask_cluster_is_asked_only_online(place: Place) -> None:
    place.record(config='dask = "tcp://127.0.0.1:1"\n')
    assert "dask" not in of_text(place)
    online = {line.name: line for line in of(lambda p: written.lines(p, offline=False), place)}
    assert online["dask"].state is State.WARNING


def test_the_environment_is_not_mixed_up(place: Place) -> None:
    other = replace(ENVIRONMENT, key=(*ENVIRONMENT.key, ("env.lab", "two")))
    both = [*place.runs, *(replace(run, environment=other) for run in place.runs)]
    place.record(both)
    found = place.examine()
    assert loud(list(found.lines)) == []
    assert next(line for line in found.lines if line.name == "planted slowdowns").text.startswith("red for each of 12")
