"""What there is to tell of the main branch: its causes, its broken budgets, and that nothing has come for too long."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..model import BudgetResult, BudgetState, Cause, CauseStatus, StoredRun, Trend
from ..report.budgets import budget_rows
from ..report.changes import CHANGE_FORMATS
from ..units import signed_percent
from .budgets import budgets_of
from .causes import Wanted, described, selected
from .changes import find_changes
from .sides import main_runs
from .trends import cause_page

if TYPE_CHECKING:
    from .context import Workspace

#: The state of what somebody has to look at; any other word is why nobody has to any more.
OPEN = "open"
SILENCE = "silence"
#: The kinds of what is told, by how their names begin.
CAUSE, BUDGET = "cause:", "budget:"
GONE = "withdrawn"


@dataclass(frozen=True, slots=True)
class News:
    """One thing that can be told, and how it stands.

    what    its name, which stays; `state` is OPEN, or why it is not open
    line    in one line, which may hold foreign text; `body`: as Markdown, escaped; `url`: of ours
    recent  whether it may be told as new: an old one is told on when it has been told before
    """

    what: str
    state: str
    line: str
    body: str = ""
    url: str = ""
    recent: bool = True


@dataclass(frozen=True, slots=True)
class Stand:
    """How everything stands now; `silent` is a sentence where no run has come for too long, `warnings` what failed."""

    news: tuple[News, ...]
    silent: str = ""
    warnings: tuple[str, ...] = ()


def stand(workspace: Workspace, root: str, since: str | None, expect_every: float, now: datetime) -> Stand:
    """What is to be known of the main branch now. `root`: the site's address; `expect_every` in seconds, 0: never."""
    workspace.existing_history  # noqa: B018  one that is missing says so before anything is learnt
    workspace.learn_commits()
    runs = main_runs(workspace)
    silent = _silence(runs, expect_every, now) if expect_every else ""
    news: list[News] = []
    warnings: tuple[str, ...] = ()
    if runs:
        found = find_changes(workspace)
        recent = {cause.id for cause in selected(workspace, found.causes, Wanted(since=since))}
        news += _causes(workspace, found.causes, recent, root)
        news += _budgets(workspace, runs, root)
        warnings = found.warnings
    if expect_every:
        line = silent or "runs of the main branch are coming in again"
        news.append(News(SILENCE, OPEN if silent else "over", line, body=f"{line}.", url=root))
    return Stand(tuple(news), silent, warnings)


def _causes(workspace: Workspace, causes: Iterable[Cause], recent: set[str], root: str) -> list[News]:
    """Regressions that are confirmed; improvements are nothing that anybody has to be called for."""
    worse = [cause for cause in causes if cause.id and cause.confirmed and cause.trend is Trend.REGRESSION]
    return [
        News(
            what=f"{CAUSE}{cause.id}",
            state=OPEN if cause.status is CauseStatus.OPEN else cause.status.value,
            line=_of_cause(cause),
            body=CHANGE_FORMATS["markdown"]([cause]),
            url=cause_page(root, cause.id),
            recent=cause.id in recent,
        )
        for cause in described(workspace, worse)
    ]


def _of_cause(cause: Cause) -> str:
    """`+50.0% bench.sort and 3 more benchmarks slower, by 1f3a9c02 Sort again (Ada)`."""
    worst = cause.changes[0]
    others = len({change.key.benchmark.full for change in cause.changes}) - 1
    more = f" and {others:,} more benchmark{'' if others == 1 else 's'}" if others else ""
    commit = next((commit for commit in cause.commits if commit.hash == cause.span.estimate), None)
    by = f"{cause.span.estimate[:10]} {commit.subject if commit else ''}".strip()
    author = f" ({commit.author})" if commit and commit.author else ""
    likely = "by" if cause.candidates == 1 else "probably by"
    figure = f"{signed_percent(worst.change)} {worst.key.benchmark.full} · {worst.key.metric.name}"
    return f"{figure}{more}, {likely} {by}{author}"


def _budgets(workspace: Workspace, runs: Sequence[StoredRun], root: str) -> list[News]:
    """The limits that the newest commit breaks or keeps; what could not be judged is no news."""
    if not runs[-1].commit:
        return []
    told = []
    for row in budget_rows(budgets_of(workspace, runs[-1].commit).results):
        result = row.result
        if result.key is None or result.state is BudgetState.UNJUDGED:
            continue
        broken = result.state is BudgetState.BREACHED and result.failing
        label = f"{row.requirement}: " if row.requirement else ""
        line = f"{label}{row.benchmark} · {row.figure} is {row.value}, limit {row.limit}"
        told.append(News(_name(result), OPEN if broken else "met", line, url=root and f"{root}targets.html"))
    return told


def _name(result: BudgetResult) -> str:
    """A name for one limit on one benchmark in one environment, whatever line of the configuration it stands on."""
    assert result.key is not None
    place = result.environment.digest if result.environment else ""
    parts = "\0".join((result.key.digest.hex(), place, result.limit.text))
    return BUDGET + hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _silence(runs: Sequence[StoredRun], expect_every: float, now: datetime) -> str:
    """A sentence where the newest run is too old, "" where it is not."""
    moments = [run.started_at or run.committed_at for run in runs]
    dated = [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in moments if moment]
    hours = expect_every / 3600
    if not dated:
        return f"no run of the main branch has ever come, and one is expected every {hours:g} h"
    newest = max(dated)
    age = (now - newest).total_seconds()
    if age <= expect_every:
        return ""
    when = newest.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"no run of the main branch since {when}, {age / 3600:.0f} h ago; one is expected every {hours:g} h"
