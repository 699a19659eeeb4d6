"""The small rooms under pytest-benchmark: units, rules, reports, digests. Run with `pytest benchmarks/pytest_suite`."""

import pytest

from benchmarks.asv_suite import data
from regress.judge.compare import collect
from regress.judge.decide import decide
from regress.judge.draft import draft
from regress.judge.rules import Rules
from regress.model import Report, Rule, SideInfo
from regress.report import RENDERERS
from regress.units import human


@pytest.fixture(scope="module")
def sides():
    *_, base, candidate = data.runs()
    return collect([base]), collect([candidate])


@pytest.fixture(scope="module")
def report(sides):
    verdicts = decide(draft(*sides, Rules())[0], {}).verdicts
    return Report(SideInfo("b"), SideInfo("a"), verdicts, 1, "headline", counts=Report.count(verdicts))


def bench_human_units(benchmark):
    values = [10.0**power for power in range(-9, 4)]
    benchmark(lambda: [human(value, "s") for value in values])


@pytest.mark.parametrize("rules", [0, 1, 20])
def bench_draft(benchmark, sides, rules):
    written = [Rule(benchmark=f"bench_core.*{i}*", relative=0.2) for i in range(rules)]
    benchmark(lambda: draft(*sides, Rules(written)))


@pytest.mark.parametrize("name", sorted(RENDERERS))
def bench_render(benchmark, report, name):
    benchmark(lambda: RENDERERS[name].render(report))


def bench_run_digest(benchmark):
    run = data.runs()[-1]
    benchmark(run.digest)


def bench_read_one_asv_file(benchmark):
    from regress.formats import Document, ReadOptions, read

    path = sorted((data.results() / "i7").glob("*-*.json"))[0]
    benchmark(lambda: list(read(Document.of(path), ReadOptions())))
