"""The trend site of a history: the newest commit's verdicts first, then every series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import UncomparedError, UsageError
from ..model import TIME, BaselineSpec, Benchmark, BudgetResult, Environment, Key, Report, Series, StoredRun
from ..model.components import By, Components
from . import basis
from .budgets import budgets_of
from .causes import described
from .changes import find_changes
from .check import report_on
from .components import Question, compare_components
from .sides import load, main_runs
from .site_scope import SiteRequest, causes_within, within

if TYPE_CHECKING:
    from ..site import Built
    from .context import Workspace

#: An environment that none of so many newest commits was measured in has been given up; its last verdict is no news.
RECENT_COMMITS = 30
WHOLE = SiteRequest()

Progress = Callable[[int, int], None]


def build_site(
    workspace: Workspace, out: Path, request: SiteRequest = WHOLE, progress: Progress | None = None
) -> Built:
    """Builds the site into `out` from the runs of the main branch, or from those that the request asks for.

    `progress` is told how many benchmarks are done, and of how many.
    """
    from ..site import SiteInput, build

    commit_url, base_url = _checked(workspace, request)
    history = workspace.existing_history
    if request.sqlite:
        history.require_file()
    workspace.learn_commits()
    runs = main_runs(workspace)
    if not runs:
        raise UncomparedError(
            "the history holds no run of the main branch", hint="ingest results first: regress ingest PATH"
        )
    runs = within(workspace, runs, request)
    site = SiteInput(
        project=workspace.project if request.title is None else request.title,
        series=_watched(workspace, history.series(runs={run.id for run in runs}, detail="trend"), progress),
        runs={run.id: run for run in runs},
        reports=_newest_reports(workspace, runs),
        causes=described(workspace, causes_within(find_changes(workspace).causes, runs, request)),
        budgets=_budgets(workspace, runs),
        components=_components(workspace, runs),
        rules=workspace.config.rules,
        limits=workspace.config.budgets,
        releases=_releases(workspace, runs),
        commit_url=commit_url,
        base_url=base_url,
        theme=request.theme,
        renamed=history.former_names(),
        points=request.points,
        copy=history.copy_to if request.sqlite else None,
        version=__version__,
    )
    return build(site, out)


def _watched(workspace: Workspace, series: Iterable[Series], progress: Progress | None) -> Iterable[Series]:
    """The series as they are; who watches is told of each benchmark that they come to."""
    return series if progress is None else _counted(workspace, series, progress)


def _counted(workspace: Workspace, series: Iterable[Series], progress: Progress) -> Iterator[Series]:
    names = {(key.benchmark.suite, key.benchmark.name) for key in workspace.existing_history.benchmarks()}
    done = 0
    now = None
    for each in series:
        benchmark = each.key.benchmark.suite, each.key.benchmark.name
        if benchmark != now:
            progress(done, len(names))
            now = benchmark
            done += 1
        yield each
    # Benchmarks of other branches alone are in the history and not on the site: at the end, all are done.
    progress(len(names), len(names))


def _newest_reports(workspace: Workspace, runs: Sequence[StoredRun]) -> list[Report]:
    """For each environment that is in use, its newest commit against the level before it, as `check` judges it."""
    recent = set(list(dict.fromkeys(run.commit for run in reversed(runs)))[:RECENT_COMMITS])
    newest = {run.environment.digest: run for run in runs if run.commit in recent}
    reports = []
    for digest, last in sorted(newest.items()):
        same = [run for run in runs if run.environment.digest == digest and run.commit == last.commit]
        candidate = load(workspace, last.commit[:10], same)
        found = basis.find(workspace, BaselineSpec("level", max_distance=workspace.config.max_distance), candidate)
        if found.side:
            reports.append(report_on(workspace, found, candidate))
    return reports


def _budgets(workspace: Workspace, runs: Sequence[StoredRun]) -> list[BudgetResult]:
    """What the newest commit makes of each limit, in the environments of the runs."""
    if not runs[-1].commit:
        return []
    shown = {run.environment for run in runs}
    results = budgets_of(workspace, runs[-1].commit).results
    return [result for result in results if result.environment is None or result.environment in shown]


def _components(workspace: Workspace, runs: Sequence[StoredRun]) -> dict[str, Components | str]:
    """What the configuration wants side by side, on the newest commit of the runs; a text where that cannot be."""
    found: dict[str, Components | str] = {}
    for by in workspace.config.components:
        if not runs[-1].commit:
            found[by] = "the newest run names no commit"
            continue
        try:
            found[by] = _shown(workspace, compare_components(workspace, Question(by, runs[-1].commit)), runs)
        except (UncomparedError, UsageError) as error:
            found[by] = str(error).replace("`", "")
    return found


def _shown(workspace: Workspace, found: Components, runs: Sequence[StoredRun]) -> Components:
    """What was compared in the environments of the runs alone: a site may leave some out, and then tells nothing of it.

    Where variants are told apart by a part of the environment, it is left out whole if one of its variants is.
    """
    there = {run.environment for run in main_runs(workspace) if run.commit == runs[-1].commit}
    left_out = there - {run.environment for run in runs}
    hidden = {_rest(found.by, environment) for environment in left_out}
    contests = [one for one in found.contests if one.environment not in hidden]
    if len(contests) == len(found.contests):
        return found
    if not contests:
        raise UncomparedError("what it puts side by side was measured in environments that this site leaves out")
    left = {entry.variant for one in contests for entry in one.entries}
    return replace(
        found,
        contests=contests,
        groups=[group for group in found.groups if group.environment not in hidden],
        variants=[variant for variant in found.variants if variant in left],
        reference=found.reference if found.reference in left else "",
    )


def _rest(by: By, environment: Environment) -> Environment:
    """The environment as contests have it: without what tells variants apart."""
    place = by.parted(Key(Benchmark("", ""), TIME), environment) if by.kind == "env" else None
    return place.environment if place else environment


def _releases(workspace: Workspace, runs: Sequence[StoredRun]) -> dict[str, tuple[str, ...]]:
    """The tags of git by the measured commit that first holds them; those beside the main branch are left out.

    A tag whose own commit was not measured is shown at the next one of the branch's first-parent line that was.
    """
    if workspace.repository is None or workspace.main_tip is None:
        return {}
    measured = {run.commit for run in runs}
    holds: dict[str, str] = {}
    later = ""
    for commit in workspace.graph.first_parents(workspace.main_tip):
        later = commit if commit in measured else later
        holds[commit] = later
    found: dict[str, list[str]] = defaultdict(list)
    for tag, commit in workspace.repository.tags().items():
        at = commit if commit in measured else holds.get(commit, "")
        if at:
            found[at].append(tag)
    return {commit: tuple(sorted(tags)) for commit, tags in found.items()}


def _checked(workspace: Workspace, request: SiteRequest) -> tuple[str, str]:
    """The address of commits and that of the site. What is wrong with the request is said before any work is done."""
    from ..site.links import Links, site_address
    from ..site.theme import places

    places(request.theme)
    address = _commit_url(workspace) if request.commit_url is None else request.commit_url
    Links(address)
    base_url = request.base_url or workspace.config.site_url
    return address, site_address(base_url) if base_url else ""


def _commit_url(workspace: Workspace) -> str:
    if workspace.config.commit_url is not None:
        return workspace.config.commit_url
    return workspace.repository.commit_url() if workspace.repository else ""
