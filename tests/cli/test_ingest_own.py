"""Results of one's own: explained, proposed, accepted, read, gated by limits of one's own file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

RESULTS = {
    "git_commit": "", "config": {"pods": 5},
    "benchmarks": [{"benchmark_name": "claiming", "success": True, "metrics": {"ops_per_sec": 45.2, "rss_mb": 312}}],
}  # fmt: skip


@pytest.fixture
def own(project):
    (project.root / "out").mkdir()
    path = project.root / "out" / "wq.json"
    path.write_text(json.dumps(RESULTS), encoding="utf-8")
    return path


def test_explain_proposes_a_mapping_that_reads_the_file(own, regress):
    done = regress("ingest --explain out/wq.json")
    assert done.status == 4
    assert "no known format" in done.err
    assert "regress ingest --explain" in done.err
    lines = [line.strip() for line in done.out.splitlines() if line.startswith("    ")]
    Path("regress.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = regress("ingest --explain out/wq.json")
    assert (done.status, done.err) == (0, "")
    assert "mapping wq (regress.toml:1)" in done.out
    assert "1 run, 1 benchmark, 2 figures" in done.out
    assert "guessed from 'per sec' and 'ops'" in done.out
    assert "say MiB if it was divided by 1024²" in done.out
    assert not Path(".regress/history.db").exists(), "nothing is stored"
    done = regress("ingest --commit HEAD out/wq.json")
    assert done.out.endswith("1 source: 1 new run, 2 points\n")
    shown = regress("show HEAD").out
    assert "claiming{pods=5}  ops_per_sec  value  45.2 /s" in shown
    assert "unchanged" in regress("ingest --commit HEAD out/wq.json").out


def test_explain_says_what_would_be_guessed(own, regress):
    Path("regress.toml").write_text('[[mapping]]\nname = "wq"\nfiles = ["out/*.json"]\neach = "benchmarks"\n')
    done = regress("ingest --explain out/wq.json")
    assert "not said; 'mb' and 'rss' would be MB lower with guess = true" in done.out
    assert done.status == 0


def test_explain_of_a_known_format(project, regress):
    path = project.results("c0")
    done = regress(f"ingest --explain {path}")
    assert f"{path}: pytest-benchmark" in done.out
    assert "time    s     lower" in done.out
    assert not Path(".regress/history.db").exists()


def test_a_mapping_by_its_name(own, regress):
    Path("regress.toml").write_text('[[mapping]]\nname = "wq"\neach = "benchmarks"\nmetrics = "metrics"\n')
    assert "no known format" in regress("ingest --commit HEAD out/wq.json").err
    assert regress("ingest --mapping wq --commit HEAD out/wq.json").status == 0
    done = regress("ingest --mapping own --commit HEAD out/wq.json")
    assert (done.status, done.err.count("\n")) == (4, 1)
    assert "no mapping 'own' (configured: wq)" in done.err or "configured: wq" in done.err


def test_a_limit_of_ones_own_file_fails_the_check_and_is_named(own, regress):
    Path("limits.json").write_text('{"work": {"claiming": {"least": 50}}}')
    Path("regress.toml").write_text("""
[[mapping]]
name = "wq"
files = ["wq.json"]
each = "benchmarks"
benchmark = "benchmark_name"
metrics = "metrics"
guess = true

[[budgets_from]]
file = "limits.json"
map = [{ path = "work.claiming.least", benchmark = "claiming", limit = "ops_per_sec >= {} /s" }]
""")
    assert regress("ingest --commit HEAD out/wq.json").status == 0
    done = regress("check")
    assert done.status == 1
    assert "limits.json: work.claiming.least" in done.out
    Path("limits.json").write_text('{"work": {"claiming": {"least": 40}}}')
    assert regress("check").status == 0
    Path("limits.json").unlink()
    done = regress("check")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "there is no file limits.json" in done.err


def test_a_suite_names_its_mapping(project, regress):
    script = "import json, os; json.dump({'a': {'ms': 3}}, open(os.environ['REGRESS_RESULTS'] + '/x.json', 'w'))"
    Path("make.py").write_text(script)
    Path("regress.toml").write_text("""
[[mapping]]
name = "own"
benchmark = "@key"
each = "@"
guess = true

[[suite]]
name = "mine"
kind = "command"
command = "python make.py"
mapping = "own"
""")
    done = regress("run")
    assert done.status == 0, done.out + done.err
    assert "3 ms" in regress("show HEAD").out
    Path("regress.toml").write_text(Path("regress.toml").read_text().replace('mapping = "own"', 'mapping = "none"'))
    done = regress("run")
    assert done.status == 2
    assert "there is no mapping 'none'" in done.err


def test_a_history_of_another_tool_goes_on_in_an_environment_of_ours(project, regress):
    """What github-action-benchmark has kept and what pytest-benchmark writes now are one series."""
    regress("ingest results/c4-0.json results/c5-0.json")
    means = {}
    for benchmark in json.loads((project.root / "results" / "c5-0.json").read_text())["benchmarks"]:
        means[benchmark["fullname"]] = benchmark["stats"]["mean"]
    entries = [
        {
            "commit": {"id": project.commits[f"c{n}"], "timestamp": f"2026-01-01T10:0{n}:00Z"}, "tool": "pytest",
            "date": 1_767_261_600_000 + n * 60_000,
            "benches": [{"name": k, "value": 1 / v, "unit": "iter/sec"} for k, v in means.items()],
        }
        for n in range(4)
    ]  # fmt: skip
    data = {"lastUpdate": 1, "repoUrl": "", "entries": {"CPython Benchmark": entries}}
    Path("data.js").write_text(f"window.BENCHMARK_DATA = {json.dumps(data)};")
    done = regress("ingest data.js --environment 'CPython*=*3.12*'")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "no environment of the history fits '*3.12*'" in done.err
    assert "there: CPython 3.11" in done.err
    assert regress("ingest data.js --environment 'CPython Benchmark'").status == 2
    assert regress("ingest data.js --environment 'CPython Benchmark=CPython 3.11*'").status == 0
    name = next(iter(means))
    shown = regress(f"show '{name}'").out
    assert all(project.commits[f"c{n}"][:10] in shown for n in range(6))
    assert shown.count("CPython 3.11") == 1, "one series"
