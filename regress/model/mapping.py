"""How results in a team's own JSON or CSV are read: where in them the name, the parameters and the figures stand."""

from __future__ import annotations

from dataclasses import dataclass

from .run import Direction, Kind, Pairs


@dataclass(frozen=True, slots=True)
class MetricPath:
    """One metric of a mapping: its name, the path to its number (or list of samples), and what it means."""

    name: str
    path: str
    unit: str | None = None
    direction: Direction | None = None
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class MappingSpec:
    """One `[[tool.regress.mapping]]`. Paths are JMESPath from a result, or with "$." in front from the whole file.

    name         what benchmarks are filed under, unless the suite's name is said otherwise
    files        globs below the project's root, or on the file's name where they hold no slash; () for those of suites
    each         where the results are: a list, or an object whose values they are; "": the whole file is one result.
                 A CSV's results are its rows
    benchmark    the benchmark's name; "@key": the result's key in the object of `each`; "": the mapping's name
    params       (name, path): parameters, which tell benchmarks apart
    environment  (name, path): keys of the environment, which tell series apart
    success      where it says whether the result is one; false: its figures are *failed*
    timestamp    when it was measured: ISO 8601, or seconds or milliseconds since the epoch
    commit       the commit measured, where it says
    metrics      an object whose numbers are metrics, nested names joined by dots; "": the result without what the
                 other paths name
    figures      metrics one by one instead
    guess        whether units and directions are guessed from names: `_ms`, `_mb` (10⁶ bytes), `_per_sec`
    """

    name: str
    files: tuple[str, ...] = ()
    each: str = ""
    benchmark: str = ""
    params: Pairs = ()
    environment: Pairs = ()
    success: str = ""
    timestamp: str = ""
    commit: str = ""
    metrics: str = ""
    figures: tuple[MetricPath, ...] = ()
    guess: bool = False
    origin: str = ""
