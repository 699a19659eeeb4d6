"""Causes for the site's tests."""

from __future__ import annotations

from regress.model import Cause, CauseStatus, ChangePoint, ChangeStatus, Commit, Span, Trend

from .factories import ENVIRONMENT, make_key, make_run


def make_change(key=None, before=1.0, after=1.5, *, at=20, environment=ENVIRONMENT, **more) -> ChangePoint:
    """A change at the run of the order `at`; its interval is 5 % to either side."""
    span = Span(make_run(at - 1).commit, make_run(at).commit, make_run(at).commit)
    ratio = after / before if before else float("nan")
    status = more.pop("status", ChangeStatus.CONFIRMED)
    return ChangePoint(key or make_key(), environment, before, after, ratio * 0.95, ratio * 1.05, span, status, **more)


def make_cause(id_="1f3a9c02", *changes: ChangePoint, at=20, trend=None, **more) -> Cause:
    """A cause at the run of the order `at`, by the one commit that is there."""
    changes = changes or (make_change(at=at),)
    run = make_run(at)
    commit = Commit(run.commit, (), run.committed_at, "Ada", f"Change number {at}")
    options = {"candidates": 1, "first": run.commit, "commits": (commit,), "when": run.committed_at} | more
    return Cause(id_, changes[0].span, trend or changes[0].trend, changes, **options)


def suspected(at=30, **more) -> Cause:
    """A cause without a proof, and so without an id."""
    return make_cause("", make_change(at=at, status=ChangeStatus.SUSPECTED), at=at, **more)


def of_every_kind(n=40) -> list[Cause]:
    """Newest first: open ones of each direction, accepted, fixed, suspected, withdrawn."""
    sort = [make_change(make_key("bench_sort.Sort.time_sort", f"({s}, 'list')"), at=n - 3) for s in (10, 1000, 100000)]
    load = make_key("bench_io.Load.time_load_csv")
    ten = [
        make_change(make_key("bench_matrix.Dot.time_dot", f"({k})"), after=2.0 - k / 20, at=n - 5) for k in range(10)
    ]
    three = tuple(Commit(make_run(n - 5 - k).commit) for k in (2, 1, 0))
    mended = make_change(load, 0.0124, 0.037, at=n - 16, back=True)
    return [
        make_cause("aaaa0001", *sort, at=n - 3, note="seen by Grace", facts=("numpy 2.3 → 2.4",)),
        make_cause("aaaa0002", *ten, at=n - 5, candidates=3, commits=three),
        suspected(n - 8),
        make_cause("aaaa0003", make_change(load, 0.037, 0.0122, at=n - 9), at=n - 9),
        make_cause("aaaa0004", mended, at=n - 16, status=CauseStatus.FIXED),
        make_cause("aaaa0005", at=n - 20, status=CauseStatus.ACCEPTED, reason="checks its input now"),
        make_cause("aaaa0006", at=n - 22, status=CauseStatus.WITHDRAWN),
        make_cause("aaaa0007", at=n - 24, trend=Trend.UNKNOWN, candidates=0, commits=(), when=None),
    ]  # fmt: skip
