"""What is run, in which order, with what; and what is not, and why."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ...config.suite_table import changed
from ...errors import UsageError
from ...globs import matcher, matches
from ...model import SuiteSpec
from ...suites import Selection, suite_of, unmet
from ..confirm.ab import specs_of
from ..variables import environment_of, with_params

if TYPE_CHECKING:
    from ..context import Workspace

#: What keeps the tests that time nothing out, where nobody said which tests are benchmarks.
_GUESSED = {"pytest-benchmark": ("--benchmark-only",)}


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What `regress run` was asked.

    span              "" is the present checkout, else a commit or "A..B"
    suites, phases    names; () for all that run by default
    include, exclude  globs on the names of benchmarks, or on a suite's name, kind, phase or tag
    repeat, timeout   in place of what each suite says
    settings          "SUITE.KEY=VALUE"
    args              added to the tool's command line
    """

    span: str = ""
    suites: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    repeat: int | None = None
    timeout: float | None = None
    settings: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One suite as it will be run.

    selection  which of its benchmarks
    guessed    nothing says that it is there: the project's files look like it
    because    the suite that needs it, where it was not asked for itself
    """

    spec: SuiteSpec
    selection: Selection = field(default_factory=Selection)
    guessed: bool = False
    because: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The suites in their order, and in words those that are not run."""

    suites: tuple[Planned, ...]
    not_run: tuple[str, ...] = ()


def plan(workspace: Workspace, request: RunRequest) -> Plan:
    """What is to be run. Raises UsageError where the request or the configuration does not fit together."""
    guessed = not workspace.config.suites
    specs = _set(workspace.config.suites or specs_of(workspace), request.settings)
    if guessed:
        specs = [replace(spec, args=(*spec.args, *_GUESSED.get(spec.kind, ()))) for spec in specs]
    _check_names(workspace, specs, request)
    categories, selection = _patterns(specs, request)
    chosen, not_run = _chosen(specs, request, categories, selection)
    ordered = _ordered(workspace, specs, {*chosen})
    args = _args(ordered, request)
    planned = []
    for spec in ordered:
        suite_of(spec)  # an unknown kind says so before the first suite is run
        own = replace(
            spec, args=(*spec.args, *args), repeat=request.repeat or spec.repeat,
            timeout=request.timeout or spec.timeout,
        )  # fmt: skip
        if not any(unmet(text, workspace.root, os.environ) for text in _about_variables(spec)):
            own = with_params(own, os.environ)
            environment_of(own, os.environ)  # and so does a variable that is not set
        chosen_here = Selection() if _by_category(spec, categories[0]) else selection
        planned.append(Planned(own, chosen_here, guessed, chosen[spec]))
    return Plan(tuple(planned), tuple(not_run))


def _about_variables(spec: SuiteSpec) -> list[str]:
    """What it requires of variables: where that is unmet it is skipped, so that nothing need be filled in."""
    return [text for text in spec.requires if text.startswith("env:")]


def _set(specs: Sequence[SuiteSpec], settings: Sequence[str]) -> list[SuiteSpec]:
    """The suites with `SUITE.KEY=VALUE` in place of what the configuration says."""
    found = list(specs)
    for text in settings:
        left, equals, value = text.partition("=")
        names = sorted({spec.name for spec in specs if left.startswith(f"{spec.name}.")}, key=len)
        if not equals or not names:
            hint = "write SUITE.KEY=VALUE with a suite of " + ", ".join(dict.fromkeys(spec.name for spec in specs))
            raise UsageError(f"--set {text!r} is not understood", hint=hint)
        key = left.removeprefix(f"{names[-1]}.")
        found = [_changed(spec, key, value, text) if spec.name == names[-1] else spec for spec in found]
    return found


def _changed(spec: SuiteSpec, key: str, value: str, text: str) -> SuiteSpec:
    try:
        return changed(spec, key, _value(value))
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise UsageError(f"--set {text!r}: {said}") from None
    except KeyError as error:
        raise UsageError(f"--set {text!r}: a suite has no key {error.args[0]!r}") from None


def _value(text: str) -> Any:
    """A value as TOML has it, else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _check_names(workspace: Workspace, specs: Sequence[SuiteSpec], request: RunRequest) -> None:
    names = dict.fromkeys(spec.name for spec in specs)
    phases = dict.fromkeys(spec.phase for spec in specs)
    for what, asked, known in (("suite", request.suites, names), ("phase", request.phases, phases)):
        for name in asked:
            if not any(matches(name, each) for each in known):
                raise UsageError(f"there is no {what} {name!r}", hint="there are " + ", ".join(filter(None, known)))
    listed = workspace.config.phases
    for spec in specs:
        if listed and spec.phase and spec.phase not in listed:
            hint = "add it there"
            raise UsageError(f"the phase {spec.phase!r} is not in `phases`", where=spec.origin_of("phase"), hint=hint)
        for name in spec.needs:
            if name not in names:
                where = spec.origin_of("needs")
                raise UsageError(f"it needs a suite {name!r}, which is none", where=where, hint=", ".join(names))


def _patterns(
    specs: Sequence[SuiteSpec], request: RunRequest
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], Selection]:
    """The patterns that are about suites (included, excluded), and those that are about benchmarks."""

    def split(patterns: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        for pattern in patterns:
            try:
                matcher(pattern)
            except ValueError as error:
                raise UsageError(f"{pattern!r} {error}") from None
        of_suites = tuple(text for text in patterns if any(_by_category(spec, (text,)) for spec in specs))
        return of_suites, tuple(text for text in patterns if text not in of_suites)

    included, include = split(request.include)
    excluded, exclude = split(request.exclude)
    return (included, excluded), Selection(include, exclude)


def _by_category(spec: SuiteSpec, patterns: Iterable[str]) -> bool:
    """Whether a pattern fits the suite's name, kind, phase or one of its tags; `*` alone is about benchmarks."""
    names = (spec.name, spec.kind, *filter(None, [spec.phase]), *spec.tags, *(f"tag:{tag}" for tag in spec.tags))
    return any(pattern != "*" and any(matcher(pattern)(name) for name in names) for pattern in patterns)


def _chosen(
    specs: Sequence[SuiteSpec],
    request: RunRequest,
    categories: tuple[tuple[str, ...], tuple[str, ...]],
    selection: Selection,
) -> tuple[dict[SuiteSpec, str], list[str]]:
    """The suites to run, with the one that each is needed by; and, in words, those that are not run."""
    included, excluded = categories
    chosen: dict[SuiteSpec, str] = {}
    not_run: list[str] = []
    for spec in specs:
        reason = _why_not(spec, request, included, excluded, selection)
        if reason:
            not_run.append(f"{spec.name}: {reason}")
        else:
            chosen[spec] = ""
    waiting = list(chosen)
    while waiting:
        spec = waiting.pop()
        for other in specs:
            if other.name in spec.needs and other not in chosen and not _by_category(other, excluded):
                chosen[other] = spec.name
                waiting.append(other)
                not_run = [text for text in not_run if not text.startswith(f"{other.name}: ")]
    return chosen, not_run


def _why_not(
    spec: SuiteSpec, request: RunRequest, included: tuple[str, ...], excluded: tuple[str, ...], selection: Selection
) -> str:
    """Why a suite is not run, "" where it is."""
    is_named = any(matches(name, spec.name) for name in request.suites)
    in_phase = not request.phases or any(matches(name, spec.phase) for name in request.phases)
    is_included = _by_category(spec, included)
    tests: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: _by_category(spec, excluded), "excluded"),
        (lambda: bool(request.suites) and not is_named, "not selected"),
        (lambda: not in_phase, "of another phase"),
        (lambda: bool(included) and not is_included and not selection.include, "not included"),
        (lambda: not spec.default and not is_named and not is_included, "run only when it is named"),
        (
            lambda: bool(selection.include) and spec.kind in ("command", "locust") and not is_included,
            "a command cannot run single benchmarks",
        ),
    )
    return next((reason for test, reason in tests if test()), "")


def _ordered(workspace: Workspace, specs: Sequence[SuiteSpec], chosen: set[SuiteSpec]) -> list[SuiteSpec]:
    """The chosen suites by phase, each after those that it needs, else in the order of the configuration."""
    listed = workspace.config.phases
    phases = list(dict.fromkeys([*(("", *listed) if listed else ()), *(spec.phase for spec in specs)]))
    waiting = sorted((spec for spec in specs if spec in chosen), key=lambda spec: phases.index(spec.phase))
    ordered: list[SuiteSpec] = []
    while waiting:
        open_ = {spec.name for spec in waiting}
        free = next((spec for spec in waiting if not open_ & {*spec.needs}), None)
        if free is None:
            names = ", ".join(spec.name for spec in waiting)
            raise UsageError(f"suites need each other in a circle: {names}", where=waiting[0].origin_of("needs"))
        ordered.append(free)
        waiting.remove(free)
    places = [phases.index(spec.phase) for spec in ordered]
    for place, spec, following in zip(places, ordered, places[1:], strict=False):
        if place > following:
            what = f"a suite of an earlier phase needs {spec.name}, of the phase {spec.phase!r}"
            raise UsageError(what, where=spec.origin_of("phase"), hint="give them phases in the order of their needs")
    return ordered


def _args(specs: Sequence[SuiteSpec], request: RunRequest) -> tuple[str, ...]:
    kinds = sorted({spec.kind for spec in specs})
    if request.args and len(kinds) > 1:
        hint = "choose a suite with --suite"
        raise UsageError(f"-- {request.args[0]} would be for {' and '.join(kinds)} alike", hint=hint)
    return request.args
