"""Rules out of a calibration: tolerances that the benchmarks can keep, as few rules as say it, as TOML.

A tolerance is what a benchmark can see at the limit of one series, rounded up to the next of a few round shares; one
below that would be a promise that nobody can keep. Benchmarks of one file or class that agree share a rule, and where
all agree there is one rule. A rule is always for one metric, so that it never loosens the exact ones.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ... import config
from ...errors import ConfigError, UsageError
from ...model import Direction, Kind, Rule
from ...report.calibrate import Calibration, Proposed, Steadiness
from ..accepted import quoted

if TYPE_CHECKING:
    from ..context import Workspace

#: The tolerances that are proposed; what sees less than the last one is no gate.
STEPS = (0.02, 0.03, 0.05, 0.08, 0.10, 0.15, 0.20, 0.30, 0.50, 0.75, 1.0)
#: A statistic is worth a line where the one that few runs begin with is so many times as noisy.
_MATTERS = 2.0
#: What the gate takes while there are too few runs to choose.
_FIRST = ("min", "median", "value", "mean")

_Says = tuple[float, str | None]
"""A tolerance, and the statistic where it matters."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one benchmark calls for: its name (with its variant where the variants differ), for so many series."""

    pattern: str
    stem: str
    says: _Says
    series: int
    idle: bool


def propose(series: Sequence[Steadiness], *, whole: bool) -> list[Proposed]:
    """The rules, general ones first; without `whole` none that could be for more than what was measured."""
    metrics: defaultdict[str, list[Steadiness]] = defaultdict(list)
    for one in series:
        metric = one.key.metric
        if metric.kind is Kind.NOISY and metric.direction is not Direction.UNKNOWN and 0 < one.visible <= STEPS[-1]:
            metrics[metric.name].append(one)
    return [rule for name, found in sorted(metrics.items()) for rule in _of_metric(name, _entries(found, whole), whole)]


def _entries(series: Iterable[Steadiness], whole: bool) -> list[_Entry]:
    """One entry for each benchmark; one for each variant where they call for different rules, or are not all there."""
    names: defaultdict[str, list[Steadiness]] = defaultdict(list)
    for one in series:
        names[one.key.benchmark.name].append(one)
    entries = []
    for name, found in sorted(names.items()):
        if whole and len({_says(one) for one in found}) == 1:
            entries.append(_entry(name, name, found))
            continue
        variants: defaultdict[str, list[Steadiness]] = defaultdict(list)
        for one in found:
            variants[one.key.benchmark.full].append(one)
        entries += [_entry(full, name, alike) for full, alike in variants.items()]
    return entries


def _entry(pattern: str, name: str, found: Sequence[Steadiness]) -> _Entry:
    """The widest of what the series call for: one benchmark may have been measured in several environments."""
    says = max((_says(one) for one in found), key=lambda said: (said[0], said[1] or ""))
    idle = says[1] is None and all(math.isclose(one.tolerance, says[0]) for one in found)
    return _Entry(pattern, _stem(name), says, len(found), idle)


def _says(one: Steadiness) -> _Says:
    step = next(step for step in STEPS if one.visible <= step + 1e-12)
    first = next((name for name in _FIRST if math.isfinite(one.noise.get(name, math.nan))), None)
    own = one.noise.get(one.statistic, math.nan)
    matters = first not in (None, one.statistic) and own > 0 and one.noise[str(first)] > _MATTERS * own
    return step, one.statistic if matters else None


def _stem(name: str) -> str:
    """The file or class of a benchmark as a glob: "bench_core.Core.time_dot" -> "bench_core.Core.*"."""
    cut = max(name.rfind("::") + 2, name.rfind(".") + 1) if "::" not in name else name.rfind("::") + 2
    return f"{name[:cut]}*" if cut > 1 else ""


def _of_metric(metric: str, entries: Sequence[_Entry], whole: bool) -> list[Proposed]:
    if whole and len({entry.says for entry in entries}) == 1 and len(entries) > 1:
        return [] if all(entry.idle for entry in entries) else [_proposed("*", metric, entries)]
    stems: defaultdict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        stems[entry.stem].append(entry)
    found = []
    for stem, members in sorted(stems.items()):
        usual, count = Counter(entry.says for entry in members).most_common(1)[0]
        alike = [entry for entry in members if entry.says == usual]
        shared = whole and stem and count > 1 and not all(entry.idle for entry in alike)
        if shared:
            found.append(_proposed(stem, metric, alike))
        # Behind a rule for the whole file, what is as it should be now needs a rule of its own to stay so.
        alone = [entry for entry in members if not (shared and entry in alike) and (shared or not entry.idle)]
        found += [_proposed(entry.pattern, metric, [entry]) for entry in alone]
    return found


def _proposed(pattern: str, metric: str, entries: Sequence[_Entry]) -> Proposed:
    relative, statistic = entries[0].says
    rule = Rule(benchmark=pattern, metric=metric, relative=relative, statistic=statistic, origin="proposed")
    return Proposed(rule, sum(entry.series for entry in entries))


# --- where it is written ---


def file_of(workspace: Workspace) -> tuple[Path, str]:
    """The configuration that is in use, and how its tables begin; regress.toml where there is none yet."""
    path = workspace.config.path
    if path is not None and path.name == config.SHARED:
        return path, "tool.regress.rule"
    return path or workspace.root / config.OWN, "rule"


def toml_of(proposed: Sequence[Proposed], prefix: str) -> str:
    """The rules as TOML tables, a blank line between them."""
    blocks = []
    for one in proposed:
        rule = one.rule
        lines = [f"[[{prefix}]]", f"benchmark = {quoted(rule.benchmark)}", f"metric = {quoted(rule.metric)}"]
        lines += [f'relative = "{(rule.relative or 0.0) * 100:g}%"']
        lines += [f"statistic = {quoted(rule.statistic)}"] if rule.statistic else []
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def written(workspace: Workspace, found: Calibration) -> tuple[Path, str]:
    """The configuration's file, and its text with the proposed rules at its end; what stands in it is not touched.

    Raises ConfigError where they cannot be added to it: the file would not be read any more.
    """
    path, _ = file_of(workspace)
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path), hint="nothing was written") from None
    runs = f"{found.done} runs of {found.commit[:10]}, {datetime.now(UTC).date().isoformat()}"
    gap = "" if not before else "\n" if re.search(r"\n\s*\Z", before) else "\n\n"
    text = f"{before}{gap}# What benchmarks can see, by `regress calibrate`: {runs}\n{found.toml}"
    _check(workspace, path, text, len(found.proposed))
    return path, text


def _check(workspace: Workspace, path: Path, text: str, added: int) -> None:
    """Raises ConfigError where the text does not say what it should: the old configuration and the new rules."""
    other = workspace.root / config.SHARED
    texts = {path.name: text}
    if path.name == config.OWN and other.is_file():
        texts[config.SHARED] = other.read_text(encoding="utf-8")
    hint = "nothing was written; add the rules by hand"
    try:
        loaded = config.load_with(texts.get, workspace.root)
    except ConfigError as error:
        raise ConfigError(f"the rules cannot be added: {error.what}", where=error.where, hint=hint) from None
    if len(loaded.rules) != len(workspace.config.rules) + added:
        raise ConfigError("the rules cannot be added: they would not be read", where=str(path), hint=hint)
