"""A suite's workload as parameters of its benchmarks: "test_x" under `params = {users = 10}` is "test_x{users=10}".

It is part of what a benchmark is, so that figures under ten users are never compared with those under twenty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..model import Benchmark, Columns, Key, Pairs, Run, SuiteSpec


def suffix(params: Pairs) -> str:
    """What is added to each variant, "" without parameters."""
    return "{" + ", ".join(f"{name}={value}" for name, value in params) + "}" if params else ""


def bare(names: Sequence[str], spec: SuiteSpec) -> tuple[str, ...]:
    """Full names as the tool itself knows them."""
    return tuple(name.removesuffix(suffix(spec.params)) for name in names)


def loaded(run: Run, params: Pairs) -> Run:
    """A run of benchmarks under a workload."""
    if not params:
        return run
    made: dict[Benchmark, Benchmark] = {}

    def key_of(key: Key) -> Key:
        benchmark = key.benchmark
        if benchmark not in made:
            variant, pairs = benchmark.variant + suffix(params), (*benchmark.params, *params)
            made[benchmark] = replace(benchmark, variant=variant, params=pairs)
        return Key(made[benchmark], key.metric)

    columns = Columns(tuple(key_of(key) for key in run.columns.keys), run.columns.stats)
    return replace(run, columns=columns, gaps=tuple(replace(gap, key=key_of(gap.key)) for gap in run.gaps))
