"""`regress bisect`: from a range to the commit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from ..plain import printable
from .common import plural, with_workspace

if TYPE_CHECKING:
    from ..model import Cause, Commit
    from ..work.bisect import Found, Started, Step
    from ..work.context import Workspace

#: Nothing was found: the same as a check that has nothing to compare.
_CANNOT_TELL = 3
#: More runs than anybody would wait for: the estimate of how many it takes says nothing then.
_MANY_RUNS = 1000


@click.command()
@click.argument("benchmark", metavar="BENCHMARK|CAUSE")
@click.argument("good", required=False)
@click.argument("bad", required=False)
@click.option("--metric", help="The metric, where the benchmark has several (default: time).")
@click.option("--max-runs", type=click.IntRange(1), metavar="N", help="Give up after N runs (default: by the range).")
@click.option(
    "--confidence", default=0.95, show_default=True, type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
    help="How probable the culprit must be.",
)  # fmt: skip
@click.option("--all-parents", is_flag=True, help="Search merged branches too, not the first-parent line alone.")
@click.option("--resume/--afresh", "stored", default=True, help="Begin with what is stored (default), or with nothing.")
@with_workspace
def command(workspace: Workspace, **given: Any) -> int:
    """Find the commit between GOOD and BAD that made a benchmark slower (or faster).

    The id of a cause of `regress changes` stands for its range and the benchmark that it hit worst.

    GOOD and BAD default to the measured commits around the largest step of the benchmark's stored series; with GOOD
    alone, BAD is HEAD. The present checkout's benchmark runs with the package of one commit after the other; each run
    goes into the history, so the same command goes on where an interrupted one was. 0 found, 3 it cannot tell.
    """
    from ..suites import load_entry_points
    from ..work.bisect import BisectRequest, Started, State, bisect

    load_entry_points()

    def show(event: Started | Step) -> None:
        for line in _started(event) if isinstance(event, Started) else [_step(event)]:
            click.echo(line)

    found = bisect(workspace, BisectRequest(**given), show)
    click.echo("\n".join(_verdict(found)))
    return 0 if found.state is State.FOUND else _CANNOT_TELL


def _named(commit: Commit) -> str:
    return printable(f"{commit.short} {commit.subject}".rstrip())


def _started(event: Started) -> list[str]:
    changed = f", {event.places} of them change the package" if event.places != event.commits else ""
    lines = [
        *([_of(event.cause)] if event.cause is not None else []),
        f"{printable(event.subject.full)} · {event.subject.key.metric.name}",
        f"good {_named(event.good)}",
        f"bad  {_named(event.bad)}",
        f"{plural(event.commits, 'commit')}{changed}; at most {plural(event.max_runs, 'run')}",
    ]
    if event.known:
        lines.append(f"{plural(event.known, 'stored run')} in the range count")
    return lines


def _of(cause: Cause) -> str:
    hit = len({change.key.benchmark.full for change in cause.changes})
    worst = "" if hit == 1 else "; the worst of them that can be measured:"
    return f"cause {cause.id}: {cause.trend.value} in {plural(hit, 'benchmark')}{worst}"


def _step(step: Step) -> str:
    from ..units import human

    attempt, advice = step.attempt, step.advice
    shown = attempt.trouble if attempt.trouble else human(attempt.value, attempt.unit)
    left = f"{advice.left} left"
    if advice.probability >= 0.2:
        left += f", {step.leading.short} {advice.probability:.0%}"
    return printable(f"run {step.number}: {step.commit.short}  {shown}  ({left})")


def _verdict(found: Found) -> list[str]:
    from ..work.bisect import State

    unit = found.subject.key.metric.unit
    lines = ["", *(_culprit(found) if found.state is State.FOUND else _cannot_tell(found))]
    if math.isfinite(found.before) and math.isfinite(found.after):
        lines.append(_levels(found, unit))
    known = f" and {plural(found.known, 'stored run')}" if found.known else ""
    lines.append(f"  {plural(found.runs, 'run')} made{known}; all are in the history, tagged bisect")
    if found.troubles:
        commit, reason = next(iter(found.troubles.items()))
        lines.append(f"  {plural(len(found.troubles), 'commit')} could not be measured: {commit[:10]} {reason}")
    return [printable(line) for line in lines]


def _levels(found: Found, unit: str) -> str:
    from ..units import human, signed_percent

    worse = {True: ", worse", False: ", better", None: ""}[found.is_worse]
    sides = f"{human(found.before, unit)} before, {human(found.after, unit)} after"
    return f"  {sides}: {signed_percent(found.change)}{worse} (noise of one run {found.sigma:.1%})"


def _culprit(found: Found) -> list[str]:
    first, last = found.culprits[0], found.culprits[-1]
    if len(found.culprits) == 1:
        lines = [f"FOUND {first.hash} ({found.probability:.1%})"]
        see = f"git show {first.short}"
    else:
        lines = [
            f"FOUND one of {len(found.culprits)} commits ({found.probability:.1%}): those between could not be measured"
        ]
        see = f"git log -p --reverse {first.short}^..{last.short}"
    lines += [f"  {commit.short}  {commit.subject}  {commit.author}".rstrip() for commit in found.culprits[:10]]
    if len(found.culprits) > 10:
        lines.append(f"  … {len(found.culprits) - 10} more")
    return [*lines, f"  to see it: {see}"]


def _cannot_tell(found: Found) -> list[str]:
    from ..units import signed_percent
    from ..work.bisect import State

    seen = f"with {plural(found.max_runs, 'run')} of this noise a step of {signed_percent(found.smallest)} can be found"
    if not math.isfinite(found.smallest):
        seen = f"{plural(found.max_runs, 'run')} are too few for any step among so many commits"
    if found.same_imports:
        return ["CANNOT TELL: the benchmark imports the very same files of the package at both ends"]
    if found.state is State.NO_STEP:
        return [f"CANNOT TELL: both ends measure alike; {seen}", "  a quieter machine helps, or more rounds a run"]
    if found.state is State.LOST:
        return ["CANNOT TELL: the commits that could decide it cannot be measured here"]
    leading = _named(found.culprits[0])
    lines = [
        f"CANNOT TELL yet: {found.left} commits left, first of them {leading} ({found.probability:.0%})",
        f"  {seen}",
    ]
    more = max(2 * found.max_runs, found.needed if found.needed < _MANY_RUNS else 0)
    return [*lines, f"  to go on: the same command again (its runs count), or with --max-runs {more}"]
