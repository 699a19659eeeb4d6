"""A comparison of two commits without a history: every benchmark of the configured suites, on both, in turn."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ... import __version__
from ...errors import UncomparedError, UsageError
from ...globs import matches
from ...judge.confirm import trial_headline, trial_status
from ...model import Commit, Direction, Key, SuiteSpec, Tolerance, presented
from ...model.confirmation import ComparedSide, Suspect, Trial
from ...stats.sequential import PAIRS
from ...suites import ProofError, SuiteError
from ..context import Workspace
from ..measure import open_bench
from .measure import PURPOSE, Options, confirm
from .rounds import Show

if TYPE_CHECKING:
    from ...repo import Repository

#: What makes a tool run each benchmark once, for its name alone.
_QUICK = {
    "pytest-benchmark": (
        "--benchmark-min-rounds=1",
        "--benchmark-max-time=0",
        "--benchmark-warmup=off",
        "--benchmark-only",
    ),
    "asv": ("-a", "rounds=1", "-a", "repeat=1", "-a", "number=1", "-a", "warmup_time=0"),
}
#: What shows that a project without a `[[suite]]` has one of a kind.
_SIGNS = {"asv": ("asv.conf.json", "asv.conf.jsonc"), "pytest-benchmark": ("benchmarks", "tests", "test")}


@dataclass(frozen=True, slots=True)
class ABRequest:
    """What to compare: two references (no head: the working tree as it is), globs on names, and how surely."""

    base: str
    head: str | None = None
    only: tuple[str, ...] = ()
    pairs: int = PAIRS[-1]
    tolerance: float = 0.05
    false_red: float = 0.01
    seed: int = 0


def compare(workspace: Workspace, request: ABRequest, show: Show | None = None) -> Trial:
    """Compares two sides, base first. Raises UsageError, and UncomparedError where there is no benchmark to compare."""
    started = time.monotonic()
    if workspace.repository is None:
        hint = "`regress compare` compares files and stored runs without one"
        raise UsageError("there is no git repository here", where=str(workspace.root), hint=hint)
    base, head = sides(workspace.repository, request)
    warnings: list[str] = []
    if head.dirty:
        warnings.append(
            "the head is the working tree with its uncommitted changes; files that git does not track are not in it"
        )
    keys, environment = discover(workspace, workspace.repository, head, request, warnings)
    suspects = [Suspect(key, Tolerance(request.tolerance, 0.0)) for key in keys]
    options = Options(request.false_red, pairs=request.pairs, two_sided=True, seed=request.seed)
    found = confirm(workspace, suspects, base.commit, head.commit, options, show)
    return Trial(
        base, head, tuple(found), trial_status(found), trial_headline(found), request.tolerance, request.false_red,
        request.pairs, time.monotonic() - started, environment, tuple(warnings), _command(request), __version__,
    )  # fmt: skip


def sides(repository: Repository, request: ABRequest) -> tuple[ComparedSide, ComparedSide]:
    """Both sides by their commits; without a head, the working tree: HEAD, or a copy of its changed files on top."""
    base = _side(repository, request.base)
    if request.head is not None:
        return base, _side(repository, request.head)
    commit = repository.snapshot()
    if commit is None:
        return base, _side(repository, "HEAD")
    return base, ComparedSide(commit, "the working tree", "uncommitted changes", dirty=True)


def _side(repository: Repository, name: str) -> ComparedSide:
    commit = repository.resolve(name)
    known = repository.commits([commit], (f"{commit}^@",))  # without its parents, or git would list the whole history
    return ComparedSide(commit, name, known[0].subject if known else "")


def specs_of(workspace: Workspace) -> tuple[SuiteSpec, ...]:
    """The configured suites that are run by default, else what the project's files show. Raises UsageError."""
    if workspace.config.suites:
        return tuple(spec for spec in workspace.config.suites if spec.default)
    seen = [kind for kind, signs in _SIGNS.items() if any((workspace.root / sign).exists() for sign in signs)]
    if not seen:
        hint = "write a [[suite]] into the configuration (`regress init` shows one)"
        raise UsageError("nothing says how to run this project's benchmarks", where=str(workspace.root), hint=hint)
    return tuple(SuiteSpec(name=kind, kind=kind) for kind in seen)


def discover(
    workspace: Workspace, repository: Repository, head: ComparedSide, request: ABRequest, warnings: list[str]
) -> tuple[list[Key], str]:
    """The benchmarks and metrics to compare, and where they are measured: each suite is run once, as quickly as it can.

    The names in a tool's results are what it is asked for again; what a run of one round measures is not looked at.
    """
    keys: dict[Key, None] = {}
    environment = ""
    failures: list[str] = []
    with open_bench(workspace, repository, PURPOSE, (head.commit,)) as bench:
        for spec in specs_of(workspace):
            quick = replace(spec, args=(*spec.args, *_QUICK.get(spec.kind, ())))
            try:
                measured = bench.measure(quick, Commit(head.commit))
            except (SuiteError, ProofError) as error:
                failures.append(f"the suite {spec.name} cannot be run on the head: {error}")
                continue
            for run in measured.runs:
                environment = run.environment.label
                shown = presented(run, workspace.present)
                keys |= dict.fromkeys([*shown.columns.keys, *(gap.key for gap in shown.gaps if gap.status == "failed")])
    chosen = _chosen(list(keys), request.only, warnings)
    if workspace.config.suites:  # a suite that was only guessed need not be one
        warnings += failures
    if not chosen:
        _complain(list(keys), request, failures)
    return chosen, environment


def _chosen(keys: Sequence[Key], only: Sequence[str], warnings: list[str]) -> list[Key]:
    """The keys that are asked for, and that say which way is better."""
    asked = [key for key in keys if not only or any(fits(text, key) for text in only)]
    judged = [key for key in asked if key.metric.direction is not Direction.UNKNOWN]
    names = sorted({key.metric.name for key in asked} - {key.metric.name for key in judged})
    if names:
        what = f"nothing says which way {', '.join(names[:3])} is better"
        warnings.append(f"{what}: describe it in a [[metric]] of the configuration to compare it, too")
    return judged


def fits(text: str, key: Key) -> bool:
    """Whether a glob fits the full name or that without parameters; text without `*` and `?` may stand anywhere."""
    glob = text if "*" in text or "?" in text else f"*{text}*"
    return matches(glob, key.benchmark.full) or matches(glob, key.benchmark.name)


def _complain(keys: Sequence[Key], request: ABRequest, failures: Sequence[str]) -> None:
    """Raises UncomparedError: there is nothing to compare, and this is why."""
    if failures and not keys:
        raise UncomparedError("; ".join(failures))
    names = sorted({key.benchmark.full for key in keys})
    if not names:
        raise UncomparedError("the suites hold no benchmark", hint="look at `args` and `cwd` of the [[suite]]")
    shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    raise UsageError(f"no benchmark fits -k {' '.join(request.only)}", hint=f"there are {len(names)}: {shown}")


def _command(request: ABRequest) -> str:
    """What repeats the comparison."""
    words = ["regress ab", request.base, request.head or ""]
    words += [f"-k '{text}'" for text in request.only]
    if request.pairs != PAIRS[-1]:
        words.append(f"--pairs {request.pairs}")
    if not math.isclose(request.tolerance, 0.05):
        words.append(f"--tolerance {request.tolerance * 100:g}%")
    return " ".join(word for word in words if word)
