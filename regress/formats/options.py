"""What the user adds to what is read: overrides, labels, and the meaning of metrics that a tool does not describe."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..globs import matches
from ..model import Metric, MetricSpec, Pairs
from ..units import base_of


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How documents are read; a field that is None or empty leaves what the document says.

    format    a name of FORMATS instead of the one that the content shows
    commit    the commit measured; head: a pull request's tip; branch: the run's ref
    machine   the environment key "machine"; env: further keys, stored as `env.NAME`
    tags      labels, never part of an identity
    suite     the suite's name instead of the format's own
    metrics   what the user's own metrics mean; for each field the last one that matches and says it wins
    """

    format: str | None = None
    commit: str | None = None
    head: str | None = None
    branch: str | None = None
    machine: str | None = None
    env: Pairs = ()
    tags: tuple[str, ...] = ()
    suite: str | None = None
    metrics: tuple[MetricSpec, ...] = ()

    def fingerprint(self) -> str:
        """All that changes what is read out of the same bytes, as a line of text."""
        metrics = [(spec.name, spec.unit, spec.direction, spec.kind) for spec in self.metrics]
        fields = [self.commit, self.head, self.branch, self.machine, self.env, self.tags, self.suite, metrics]
        return json.dumps(fields)

    def described(self, metric: Metric, unit: str, names: Iterable[str]) -> tuple[Metric, float]:
        """`metric` as the configuration describes it, and the factor that brings its figures to the base unit.

        `unit` is what the tool says the figures are in; `names` is what a description may name besides the
        metric: the benchmark, with and without its parameters.
        """
        known = (metric.name, *names)
        direction, kind = metric.direction, metric.kind
        for spec in self.metrics:
            if any(matches(spec.name, name) for name in known):
                unit = unit if spec.unit is None else spec.unit
                direction = direction if spec.direction is None else spec.direction
                kind = kind if spec.kind is None else spec.kind
        factor, base = base_of(unit)
        return replace(metric, unit=base, direction=direction, kind=kind), factor
