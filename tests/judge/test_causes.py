"""From points to change points to causes, on numbers made for it; and the ids that causes keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.judge import causes as judging
from regress.judge.changes import YOUNG, Strand, analysis, extended, fingerprint, is_back, look, quiet, strands
from regress.judge.timeline import Timeline, facts_in_words
from regress.model import (
    TIME,
    Acknowledgement,
    Analysis,
    Cause,
    CauseStatus,
    ChangePoint,
    ChangeStatus,
    Direction,
    Environment,
    Kind,
    KnownCause,
    Metric,
    Series,
    Span,
    StoredRun,
    Trend,
)
from tests.factories import ENVIRONMENT, START, make_key, make_run, sha
from tests.judge.sides import judge

NOW = datetime(2024, 6, 1, tzinfo=UTC)
SIZE = Metric("size", "B", Direction.LOWER, Kind.EXACT)


def stored(place: int, commit: str | None = None, *, facts: dict[str, str] | None = None, **key: str) -> StoredRun:
    """The run number `place` (its id is place + 1), by default of the commit of that number."""
    made = make_run(commit or f"c{place}")
    environment = Environment.of(dict(ENVIRONMENT.key) | key, dict(ENVIRONMENT.facts) | (facts or {}))
    return StoredRun(
        place + 1, f"d{place}", made.commit, "", "", environment, made.source, START + timedelta(hours=place), place,
        1, 0, 0,
    )  # fmt: skip


def timeline_of(count: int, **kwargs) -> Timeline:
    return Timeline([stored(place, **kwargs) for place in range(count)])


def series_of(values: Sequence[float], ids: Sequence[int] | None = None, metric: Metric = TIME) -> Series:
    run_ids = np.array(ids or range(1, len(values) + 1), dtype=np.int64)
    figures = np.array(values, dtype=np.float64)
    return Series(make_key("bench.sort", metric), ENVIRONMENT, run_ids, {"value": figures})


def noisy(levels: Sequence[float], each: int, seed: int = 0, sigma: float = 0.01) -> list[float]:
    rng = np.random.default_rng(seed)
    return [level * float(np.exp(rng.normal(0, sigma))) for level in levels for _ in range(each)]


def analysed(series: Series, timeline: Timeline) -> tuple[list[Strand], Analysis]:
    parts = strands(series, timeline)
    return parts, analysis(series, timeline, parts, look([part.sheet for part in parts]))


# --- points to change points ---


def test_a_step_becomes_a_change_point_with_its_commits() -> None:
    _, found = analysed(series_of(noisy([1.0, 1.3], 20)), timeline_of(40))
    (change,) = found.changes
    assert change.status is ChangeStatus.CONFIRMED
    assert change.span.estimate == sha("c20")
    assert (change.span.after, change.span.until) == (sha("c19"), sha("c20"))
    assert change.trend is Trend.REGRESSION
    assert change.change == pytest.approx(0.3, abs=0.03)
    low, high = change.interval
    assert low < 0.3 < high
    assert not change.back


def test_a_step_that_is_mended_is_back() -> None:
    _, found = analysed(series_of(noisy([1.0, 1.5, 1.0], 15)), timeline_of(45))
    assert [(change.trend.value, change.back) for change in found.changes] == [
        ("regression", True),
        ("improvement", False),
    ]


def test_half_mended_is_not_back() -> None:
    _, found = analysed(series_of(noisy([1.0, 1.5, 1.2], 15)), timeline_of(45))
    assert [change.back for change in found.changes] == [False, False]


@pytest.mark.parametrize(
    ("levels", "sigma", "back"),
    [
        ((1.0, 1.5, 1.01), 0.01, True),
        ((1.0, 1.5, 0.7), 0.01, True),  # better than before
        ((1.0, 1.5, 1.2), 0.01, False),
        ((1.0, 1.03, 1.018), 0.01, False),  # within the noise, and yet nearer to the new level
        ((1.0, 0.5, 1.0), 0.01, True),
        ((10.0, 12.0, 10.0), 0.0, True),
        ((10.0, 12.0, 11.0), 0.0, False),
        ((0.0, 3.0, 0.0), float("nan"), True),
        ((0.0, 3.0, 1.0), float("nan"), False),
    ],
)
def test_back_at_the_old_level(levels: tuple[float, float, float], sigma: float, back: bool) -> None:
    assert is_back(*levels, sigma) is back


def test_several_runs_of_a_commit_are_one_point_with_a_weight() -> None:
    runs = [stored(place, f"c{place // 2}") for place in range(8)]
    (strand,) = strands(series_of([1, 4, 2, 2, 3, 3, 4, 4]), Timeline(runs))
    assert strand.sheet.values.tolist() == pytest.approx([2, 2, 3, 4])  # the geometric mean of 1 and 4
    assert strand.sheet.weights.tolist() == [2, 2, 2, 2]
    assert (strand.first_runs.tolist(), strand.last_runs.tolist()) == ([0, 2, 4, 6], [1, 3, 5, 7])


def test_runs_of_a_commit_with_other_facts_are_points_of_their_own() -> None:
    facts = ({"kernel": "6.1"}, {"kernel": "6.8"})
    runs = [stored(place, f"c{place // 2}", facts=facts[place % 2]) for place in range(6)]
    (strand,) = strands(series_of([1, 2, 3, 4, 5, 6]), Timeline(runs))
    assert strand.sheet.weights is None
    assert strand.sheet.cuts == (1, 2, 3, 4, 5)


def test_another_processor_is_no_change_of_code() -> None:
    runs = [stored(place, facts={"cpu": "old" if place < 20 else "new"}) for place in range(40)]
    parts, found = analysed(series_of(noisy([1.0, 2.0], 20)), Timeline(runs))
    assert [len(part.sheet.values) for part in parts] == [20, 20]
    assert found.changes == ()


def test_processors_that_take_turns_hide_no_change() -> None:
    runs = [stored(place, facts={"cpu": "ab"[place % 2]}) for place in range(80)]
    values = [value * (1 + place % 2) for place, value in enumerate(noisy([1.0, 1.3], 40))]
    _, found = analysed(series_of(values), Timeline(runs))
    assert {change.change > 0 for change in found.changes} == {True}
    assert {change.span.estimate for change in found.changes} == {sha("c40"), sha("c41")}


def test_an_exact_metric_does_not_care_for_the_processor() -> None:
    runs = [stored(place, facts={"cpu": "old" if place < 4 else "new"}) for place in range(8)]
    _, found = analysed(series_of([10, 10, 10, 10, 12, 12, 12, 12], metric=SIZE), Timeline(runs))
    (change,) = found.changes
    assert (change.before, change.after, change.status) == (10, 12, ChangeStatus.CONFIRMED)
    assert change.facts == ("CPU old → new",)


def test_facts_that_changed_at_a_step_are_named() -> None:
    facts = ({"kernel": "6.1", "version.numpy": "2.3"}, {"kernel": "6.8", "version.numpy": "2.4"})
    runs = [stored(place, facts=facts[place >= 20]) for place in range(40)]
    _, found = analysed(series_of(noisy([1.0, 1.3], 20)), Timeline(runs))
    assert found.changes[0].facts == ("kernel 6.1 → 6.8", "numpy 2.3 → 2.4")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({"kernel": "6.1"}, {"kernel": "6.1"}, ()),
        ({"kernel": "6.1"}, {}, ()),  # not known is no change
        ({"version.numpy": "2"}, {"version.numpy": "2", "version.scipy": "1"}, ("scipy none → 1",)),
        ({}, {"version.scipy": "1"}, ()),  # that side lists no versions
        ({"python": "3.11.7"}, {"python": "3.11.8"}, ("Python 3.11.7 → 3.11.8",)),
        ({"cores": "4", "cpu": "a"}, {"cores": "8", "cpu": "b"}, ("cores 4 → 8", "CPU a → b")),
    ],
)  # fmt: skip
def test_facts_in_words(old: dict[str, str], new: dict[str, str], words: tuple[str, ...]) -> None:
    assert facts_in_words(old, new) == words


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [float("nan")] * 9])
def test_too_short_a_series_has_no_level(values: list[float]) -> None:
    parts, found = analysed(series_of(values), timeline_of(9))
    assert (parts, found.changes) == ([], ())
    assert np.isnan(found.level)


def test_points_of_runs_that_are_not_on_the_line_do_not_count() -> None:
    (strand,) = strands(series_of([1, 2, 3, 9, 4], ids=[1, 2, 3, 99, 4]), timeline_of(4))
    assert strand.sheet.values.tolist() == [1, 2, 3, 4]


def test_runs_without_a_commit_are_left_out() -> None:
    nameless = replace(stored(2), commit="")
    assert Timeline([stored(0), stored(1), nameless]).ranks(np.array([3, 2, 1])).tolist() == [-1, 1, 0]


# --- is a new point worth a look ---


@given(st.lists(st.integers(1, 2**40), max_size=40), st.integers(1, 2**40))
def test_a_fingerprint_grows_with_its_sequence(ids: list[int], more: int) -> None:
    whole = fingerprint(np.array([*ids, more], dtype=np.int64))
    assert extended(fingerprint(np.array(ids, dtype=np.int64)), more) == whole


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=20, unique=True))
def test_a_fingerprint_knows_order(ids: list[int]) -> None:
    assert fingerprint(np.array(ids)) != fingerprint(np.array(ids[::-1]))


def known(**fields) -> Analysis:
    base = Analysis((ENVIRONMENT.digest, make_key("bench.sort").digest), "0" * 16, 1.0, 0.01)
    return replace(base, **fields)


def test_points_within_the_noise_are_quiet_and_remembered() -> None:
    assert quiet(known(), [1.01]) == pytest.approx((0.995,))
    assert quiet(known(recent=(0.5,)), [1.0, 0.995]) == pytest.approx((0.5, 0.0, -0.501))


def test_a_far_point_or_a_far_mean_is_worth_a_look() -> None:
    assert quiet(known(), [1.03]) is None
    assert quiet(known(), [0.97]) is None
    assert quiet(known(recent=(1.5, 1.5)), [1.015]) is None  # each of them quiet, their mean not
    assert quiet(known(), [0.0]) is None


def test_an_unknown_level_is_looked_at_always() -> None:
    assert quiet(known(level=float("nan")), [1.0]) is None


def test_a_suspected_change_is_looked_at_until_it_lies_far_back() -> None:
    assert quiet(known(), [1.0], age=2) is None
    assert quiet(known(), [1.0], age=YOUNG + 1) is None  # it was young at the last look, and this one settles it
    assert quiet(known(), [1.0], age=YOUNG + 2) is not None
    assert quiet(known(recent=(0.0, 0.0)), [1.0], age=YOUNG + 3) is None
    assert quiet(known(), [1.1], age=YOUNG + 2) is None  # a far point is one all the same


def test_the_age_of_a_change_counts_where_its_suite_was_measured() -> None:
    change = make_change("bench.sort", 3)
    runs = [replace(stored(place), suites=("other",) if place in (4, 5) else ("asv",)) for place in range(10)]
    assert Timeline(runs).age(change) == 5
    elsewhere = [replace(stored(place, machine="other"), suites=("asv",)) for place in range(10, 14)]
    assert Timeline([*runs, *elsewhere]).age(change) == 5
    assert Timeline(runs[4:]).age(change) == 0, "a commit that is not there any more"


def test_a_counter_is_quiet_while_it_is_the_same() -> None:
    assert quiet(known(sigma=0.0), [1.0]) == (0.0,)
    assert quiet(known(sigma=0.0), [1.0000001]) is None


def test_quiet_series_are_looked_at_now_and_then() -> None:
    assert quiet(known(recent=(0.0,) * 30), [1.0]) is None


# --- change points to causes ---


def make_change(
    name: str, place: int, factor: float = 1.5, *, first: int | None = None, last: int | None = None, **fields
) -> ChangePoint:
    """A change point whose new level begins at the commit `place`, certainly between `first` and `last`."""
    first, last = place if first is None else first, place if last is None else last
    span = Span(sha(f"c{first - 1}"), sha(f"c{last}"), sha(f"c{place}"))
    base = ChangePoint(
        make_key(name), ENVIRONMENT, 1.0, factor, factor * 0.95, factor * 1.05, span, ChangeStatus.CONFIRMED
    )
    return replace(base, **fields)


def test_changes_of_three_benchmarks_at_one_commit_are_one_cause() -> None:
    changes = [make_change("a", 10, 1.2), make_change("b", 11, 2.0, first=9, last=12), make_change("c", 10, 1.4)]
    (cause,) = judging.group(changes, timeline_of(30))
    assert [change.key.benchmark.name for change in cause.changes] == ["b", "c", "a"]
    assert (cause.span.estimate, cause.trend, cause.id) == (sha("c10"), Trend.REGRESSION, "")
    assert (cause.span.after, cause.span.until) == (sha("c9"), sha("c10"))


def test_a_regression_and_an_improvement_are_two_causes() -> None:
    causes = judging.group([make_change("a", 10, 1.2), make_change("b", 10, 0.8)], timeline_of(30))
    assert sorted(cause.trend.value for cause in causes) == ["improvement", "regression"]


def test_the_range_is_where_most_of_the_changes_may_lie() -> None:
    changes = [make_change(name, 10, first=8, last=12) for name in "abcd"]
    changes.append(make_change("e", 10, first=10, last=15))
    (cause,) = judging.group(changes, timeline_of(30))
    assert (cause.span.after, cause.span.until) == (sha("c7"), sha("c12"))


def test_neighbouring_sure_changes_are_two_causes() -> None:
    changes = [make_change(name, place) for name, place in (("a", 10), ("b", 10), ("c", 11), ("d", 11))]
    assert [len(cause.changes) for cause in judging.group(changes, timeline_of(30))] == [2, 2]


def test_a_chain_of_overlaps_is_not_one_cause() -> None:
    changes = [make_change(f"b{place}", place, first=place - 2, last=place + 2) for place in range(5, 60)]
    causes = judging.group(changes, timeline_of(70))
    assert len(causes) > 5
    assert sum(len(cause.changes) for cause in causes) == len(changes)


def test_an_environment_that_skips_commits_joins_the_commit_in_between() -> None:
    rare = Environment.of({"machine": "rare"}, dict(ENVIRONMENT.facts))
    runs = [stored(place) for place in range(30)]
    runs += [replace(run, id=100 + place, environment=rare) for place, run in enumerate(runs) if place % 8 == 0]
    timeline = Timeline(sorted(runs, key=lambda run: run.order))
    span = Span(sha("c8"), sha("c16"), sha("c16"))
    changes = [make_change("a", 11), make_change("b", 11), make_change("a", 16, environment=rare, span=span)]
    (cause,) = judging.group(changes, timeline)
    assert (len(cause.changes), cause.span.estimate) == (3, sha("c11"))


def test_a_cause_is_fixed_when_most_of_its_series_are_back() -> None:
    changes = [make_change("a", 10, back=True), make_change("b", 10, back=True), make_change("c", 10)]
    assert judging.group(changes, timeline_of(30))[0].status is CauseStatus.FIXED
    assert judging.group(changes[1:], timeline_of(30))[0].status is CauseStatus.OPEN
    better = [replace(change, after=0.5) for change in changes]
    assert judging.group(better, timeline_of(30))[0].status is CauseStatus.OPEN


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 38), st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=25))
def test_every_change_is_in_one_cause_whose_range_holds_its_estimate(drawn) -> None:
    timeline = timeline_of(45)
    changes = [
        make_change(f"b{n}", place, 1.5 if up else 0.5, first=max(place - low, 1), last=place + high)
        for n, (place, low, high, up) in enumerate(drawn)
    ]
    causes = judging.group(changes, timeline)
    assert sorted(c.key.benchmark.name for cause in causes for c in cause.changes) == sorted(
        c.key.benchmark.name for c in changes
    )
    place_of = timeline.place_of
    for cause in causes:
        assert place_of[cause.span.after] < place_of[cause.span.estimate] <= place_of[cause.span.until]
        assert {change.trend for change in cause.changes} == {cause.trend}
    assert judging.group(changes[::-1], timeline) == causes  # whoever looked first


# --- ids ---


def named(changes: Sequence[ChangePoint], known: Sequence[KnownCause] = (), now: datetime = NOW, count: int = 60):
    timeline = timeline_of(count)
    return judging.name(judging.group(changes, timeline), known, timeline.commits, now)


def only(causes: Sequence[Cause]) -> Cause:
    (cause,) = causes
    return cause


def test_an_id_comes_with_the_first_confirmation() -> None:
    suspected = named([make_change("a", 10, status=ChangeStatus.SUSPECTED)])
    assert (only(suspected.causes).id, suspected.known) == ("", [])
    confirmed = named([make_change("a", 10)], suspected.known)
    assert len(only(confirmed.causes).id) == 8
    assert only(confirmed.known).confirmed_at == NOW
    assert named([make_change("a", 10)]).causes == confirmed.causes  # the same in any history


def test_an_id_holds_while_the_estimate_moves_a_few_commits() -> None:
    first = named([make_change("a", 10)])
    moved = named([make_change("a", 13)], first.known, NOW + timedelta(days=1))
    assert only(moved.causes).id == only(first.causes).id
    assert only(moved.known).confirmed_at == NOW
    far = named([make_change("a", 20)], first.known)
    assert [cause.status.value for cause in far.causes] == ["open", "withdrawn"]
    assert far.causes[0].id != far.causes[1].id


def test_another_series_nearby_does_not_inherit() -> None:
    first = named([make_change("a", 10)])
    other = named([make_change("b", 11)], first.known)
    assert {cause.status.value: cause.id == only(first.causes).id for cause in other.causes} == {
        "open": False,
        "withdrawn": True,
    }


def test_a_merge_keeps_the_oldest_id_and_remembers_the_other() -> None:
    old = named([make_change("a", 10)])
    two = named([make_change("a", 10), make_change("b", 13)], old.known, NOW + timedelta(days=1))
    assert len(two.causes) == 2
    merged = named([make_change("a", 11), make_change("b", 11)], two.known, NOW + timedelta(days=2))
    assert only(merged.causes).id == only(old.causes).id
    assert {one.cause.id: one.merged for one in merged.known} == {
        only(old.causes).id: "",
        next(cause.id for cause in two.causes if cause.id != only(old.causes).id): only(old.causes).id,
    }


def test_a_split_leaves_the_id_with_the_larger_part() -> None:
    whole = named([make_change(name, 10) for name in "abc"])
    split = named([make_change("a", 12), make_change("b", 12), make_change("c", 10)], whole.known)
    by_size = sorted(split.causes, key=lambda cause: -len(cause.changes))
    assert [len(cause.changes) for cause in by_size] == [2, 1]
    assert by_size[0].id == only(whole.causes).id != by_size[1].id


def test_what_vanishes_is_withdrawn_and_comes_back_under_its_id() -> None:
    first = named([make_change("a", 10)])
    later = NOW + timedelta(days=1)
    gone = named([], first.known, later)
    assert only(gone.causes).status is CauseStatus.WITHDRAWN
    assert only(gone.causes).changes[0].status is ChangeStatus.WITHDRAWN
    assert (only(gone.known).withdrawn_at, only(gone.known).confirmed_at) == (later, NOW)
    assert only(named([], gone.known, later + timedelta(days=1)).known).withdrawn_at == later
    again = named([make_change("a", 10)], gone.known)
    assert (only(again.causes).id, only(again.causes).status) == (only(first.causes).id, CauseStatus.OPEN)
    assert only(again.known).withdrawn_at is None


# --- what may be worse ---


@pytest.mark.parametrize(
    ("entry", "change", "outcome"),
    [
        ({"benchmark": "bench.*", "up_to": 0.5}, 1.4, "accepted"),
        ({"benchmark": "bench.*"}, 9.0, "accepted"),
        ({"benchmark": "bench.*", "up_to": 0.5}, 1.6, "regressed"),
        ({"benchmark": "bench.other", "up_to": 0.5}, 1.4, "regressed"),
        ({"benchmark": "bench.sort", "metric": "memory"}, 1.4, "regressed"),
        ({"cause": "1f3a9c02"}, 1.4, "regressed"),
        ({"benchmark": "bench.*", "up_to": 0.0}, 0.5, "improved"),
    ],
)
def test_an_acknowledgement_is_for_some_benchmarks_up_to_a_size(entry: dict, change: float, outcome: str) -> None:
    base, candidate = (make_run("c1", {"bench.sort": factor}) for factor in (1.0, change))
    earlier = [make_run(f"e{i}", {"bench.sort": value}) for i, value in enumerate(noisy([1.0], 12))]
    accepted = [Acknowledgement(**entry, reason="wanted", origin="file:3")]
    (verdict,) = judge([base], [candidate], earlier=earlier, accepted=accepted)[0].values()
    assert verdict.outcome.value == outcome
    assert verdict.failing == (outcome == "regressed")
    if outcome == "accepted":
        assert (verdict.rule, verdict.reason.endswith(": wanted")) == ("file:3", True)
    if outcome == "regressed" and "up_to" in entry and entry["benchmark"] == "bench.*":
        assert verdict.reason.endswith("; file:3 accepts only 50% (wanted)")
