"""Measures commits: the package of each in a work tree, or installed in an environment of its own; runs filed anew.

    with open_bench(workspace, repository, "confirm", (base.hash, head.hash)) as bench:
        for _ in range(10):
            old = bench.measure(spec, base, names, tree=0)
            new = bench.measure(spec, head, names, tree=1)

The only way to a measurement for all that makes some: a search, a confirmation, the demo. The benchmarks are those of
the present checkout. A tool sees the present
checkout and writes its commit and its changes into the results; what was measured is the commit of the work tree, and
under that one the runs are filed here. Nothing is stored: that is the caller's.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError, UsageError
from ..formats import runs_of
from ..globs import matches
from ..model import TIME, Benchmark, Commit, Gap, Key, Run, SuiteSpec
from ..suites import SUITES, ProofError, Request, library_of, suite_of
from .context import DEFAULT_FOLDER, make_ignored
from .environments import Environments
from .ingest import options_of
from .variables import environment_of, with_params
from .workload import bare, loaded

if TYPE_CHECKING:
    from ..repo import Repository
    from .context import Workspace

_LOG = "log.txt"
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one call of a suite gave.

    runs      filed under the commit, clean and whole, with their metrics as the tool names them; at least one
              Where one of several benchmarks failed, a gap with the reason stands in its place.
    imported  what the processes imported of the package: (path in the work tree or environment, digest of the
              content), sorted
    seconds   how long the call took
    """

    runs: tuple[Run, ...]
    imported: tuple[tuple[str, str], ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Bench:
    """Where commits are measured.

    trees         work trees, each of which shows commit after commit; their paths are of one length, since the length
                  of a path can change how fast a program runs
    scratch       a folder for what the tools write
    environments  where packages are installed, of suites that want it
    variables     what the tools find in their environment in place of what this process has; None takes one away
    """

    workspace: Workspace
    trees: tuple[Repository, ...]
    scratch: Path
    environments: Environments
    variables: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """What the tools said, one call after the other; it is left behind."""
        return self.scratch / _LOG

    def measure(
        self, spec: SuiteSpec, commit: Commit, benchmarks: Sequence[str] = (), *, tree: int = 0,
        change: Callable[[Request], Request] = lambda request: request,
    ) -> Measurement:  # fmt: skip
        """Runs benchmarks of a suite (by their full names; none: all of it) once, with the package of a commit.

        `change` may ask for more than the names, the commit and the folders.

        Raises SuiteError where this commit cannot be measured, ProofError where nothing shows that its package was,
        InputError where the results cannot be read, and UsageError.
        """
        spec = with_params(spec, os.environ)
        shown = self.trees[tree]
        shown.checkout(commit.hash)
        if spec.server:
            what = f"the server of {spec.name} is that of the present checkout, not of {commit.short}"
            raise ProofError(what, hint="check the commit out and measure it with `regress run`")
        request = Request(
            self.workspace.root, shown.root, commit.hash, bare(benchmarks, spec), self.scratch,
            variables={**environment_of(spec, os.environ), **self.variables}, interpreter=spec.python,
        )  # fmt: skip
        with self._installed(spec, commit, change(request)) as complete:
            measured = suite_of(spec).run(spec, complete)
        if shown.head() != commit.hash or shown.is_dirty():
            what = f"the work tree of {commit.short} was changed while it was measured"
            raise ProofError(what, where=str(shown.root), hint="a benchmark must not write into its package")
        results = [str(path) for path in measured.results]
        options = options_of(self.workspace, spec)
        runs = [_filed(run, commit) for run in runs_of(results, options)]
        return Measurement(completed(runs, measured.failed, spec), measured.proof.files, measured.seconds)

    @contextmanager
    def _installed(self, spec: SuiteSpec, commit: Commit, request: Request) -> Iterator[Request]:
        """The request, with the environment that the commit's package is installed in, where the suite wants one."""
        if spec.environment != "venv":
            yield request
            return
        library = library_of(spec, request.project)
        with self.environments.installed(spec, library, commit, request.log) as installed:
            yield replace(request, installed=installed)


@contextmanager
def open_bench(
    workspace: Workspace,
    repository: Repository,
    purpose: str,
    commits: Sequence[str],
    variables: Mapping[str, str | None] | None = None,
) -> Iterator[Bench]:
    """A work tree for each of the commits under .regress/worktrees; all are removed at the end, the log stays.

    What a killed process of the same purpose left behind is removed first.
    """
    folder = own_folder(workspace.root)
    trees, scratches = folder / "worktrees", folder / purpose
    for made in (trees, scratches):
        made.mkdir(exist_ok=True)
    _sweep(repository, purpose, trees, scratches)
    own = f"{purpose}-{os.getpid()}"
    scratch = scratches / own
    scratch.mkdir(exist_ok=True)
    try:
        with ExitStack() as stack:
            places = [trees / (f"{own}-{number}" if len(commits) > 1 else own) for number in range(len(commits))]
            shown = [
                stack.enter_context(repository.worktree(place, commit))
                for place, commit in zip(places, commits, strict=True)
            ]
            environments = Environments(repository, folder.resolve() / "envs")
            yield Bench(workspace, tuple(shown), scratch, environments, variables or {})
    finally:
        for entry in scratch.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != _LOG:
                entry.unlink(missing_ok=True)


def benchmark_named(suite: str, full: str) -> Benchmark:
    """The benchmark that a full name means: "a.b(10)" and "t.py::test_y[10]{users=5}" are a name and its parameters."""
    cut = re.search(r"[\[(]|\{(?=[^{}]*\}$)", full)
    at = cut.start() if cut else len(full)
    return Benchmark(suite, full[:at], full[at:])


def spec_of(workspace: Workspace, key: Key, configured: str = "") -> SuiteSpec:
    """The suite of the configuration that measures a benchmark, else the defaults of the tool; filed as the key is.

    `configured` is the name of that suite where it is not the benchmark's own. Raises UsageError where there is none.
    """
    suite = key.benchmark.suite
    wanted, specs = configured or suite, workspace.config.suites
    named = [spec for spec in specs if spec.name == wanted] or [spec for spec in specs if spec.kind == wanted]
    if named:
        return replace(named[0], name=suite)
    if wanted in SUITES:
        return SuiteSpec(name=suite, kind=wanted)
    near = next((name for name in SUITES if matches(f"*{name}*", wanted)), "pytest-benchmark")
    hint = f'add a [[suite]] with name = "{wanted}" and kind = "{near}" to the configuration'
    raise UsageError(f"nothing says how to run the suite {wanted!r}", where=key.benchmark.full, hint=hint)


def own_folder(root: Path) -> Path:
    """The project's folder for what this program keeps."""
    folder = root / DEFAULT_FOLDER
    try:
        make_ignored(folder)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(folder), hint="make it writable") from None
    return folder


def _sweep(repository: Repository, purpose: str, trees: Path, scratches: Path) -> None:
    """Removes the work trees and logs of processes that are no more."""
    for left in [*trees.glob(f"{purpose}-*"), *scratches.glob(f"{purpose}-*")]:
        if not _is_alive(left.name.removeprefix(f"{purpose}-").partition("-")[0]):
            if left.parent == trees:
                repository.remove_worktree(left)
            shutil.rmtree(left, ignore_errors=True)


def _is_alive(number: str) -> bool:
    """Whether the process that made a folder still runs."""
    try:
        os.kill(int(number), 0)
    except PermissionError:
        return True
    except (ValueError, OSError):
        return False
    return True


def _filed(run: Run, commit: Commit) -> Run:
    """A run under the commit that was measured; its file is thrown away, so that it will not grow."""
    source = replace(run.source, path=f"measured at {commit.short}", digest="")
    return replace(
        run, commit=commit.hash, head="", ref="", dirty=False, growing=False, committed_at=commit.committed_at,
        source=source,
    )  # fmt: skip


def completed(runs: Sequence[Run], failed: Sequence[tuple[str, str]], spec: SuiteSpec) -> tuple[Run, ...]:
    """The runs under the suite's workload, with the reasons of what failed.

    A gap that the results have gets its reason; a benchmark that failed and is not in them is a gap of the first run.
    """
    reasons = {name: reason[:_LONGEST_REASON] for name, reason in failed}
    told = [replace(run, gaps=tuple(_reasoned(gap, reasons) for gap in run.gaps)) for run in runs]
    known = {name for run in told for gap in run.gaps for name in (gap.key.benchmark.full, gap.key.benchmark.name)}
    new = [Gap(Key(benchmark_named(spec.name, name), TIME), "failed", reasons[name]) for name in reasons.keys() - known]
    new.sort(key=lambda gap: gap.key.benchmark.full)
    whole = [*(replace(run, gaps=(*run.gaps, *new)) for run in told[:1]), *told[1:]]
    return tuple(loaded(run, spec.params) for run in whole)


def _reasoned(gap: Gap, reasons: Mapping[str, str]) -> Gap:
    benchmark = gap.key.benchmark
    reason = reasons.get(benchmark.full) or reasons.get(benchmark.name)
    return replace(gap, reason=reason) if reason and gap.status == "failed" and not gap.reason else gap
