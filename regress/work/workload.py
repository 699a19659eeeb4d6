"""A suite's workload as parameters of its benchmarks: "test_x" under `params = {users = 10}` is "test_x{users=10}".

It is part of what a benchmark is, so that figures under ten users are never compared with those under twenty. What the
results themselves say of the load gives way to what the suite says: "x{users=9}" is "x{users=10}", and not both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..model import Benchmark, Columns, Key, Pairs, Run, SuiteSpec, braced


def bare(names: Sequence[str], spec: SuiteSpec) -> tuple[str, ...]:
    """Full names as the tool itself knows them."""
    return tuple(name.removesuffix(braced(spec.params)) for name in names)


def loaded(run: Run, params: Pairs) -> Run:
    """A run of benchmarks under a workload."""
    if not params:
        return run
    names = dict(params)
    made: dict[Benchmark, Benchmark] = {}

    def key_of(key: Key) -> Key:
        benchmark = key.benchmark
        if benchmark not in made:
            told = tuple(pair for pair in benchmark.params if pair[0] in names)
            if not benchmark.variant.endswith(braced(told)):
                told = ()
            variant = benchmark.variant.removesuffix(braced(told)) + braced(params)
            own = tuple(pair for pair in benchmark.params if pair not in told)
            made[benchmark] = replace(benchmark, variant=variant, params=(*own, *params))
        return Key(made[benchmark], key.metric)

    columns = Columns(tuple(key_of(key) for key in run.columns.keys), run.columns.stats)
    return replace(run, columns=columns, gaps=tuple(replace(gap, key=key_of(gap.key)) for gap in run.gaps))
