"""Where a benchmark is defined: found by reading, whatever the file holds; nothing outside of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from regress.model import SuiteSpec
from regress.work.lines import place_of
from tests.factories import make_key

SOURCE = """import os
os._exit(1)

@decorated
def test_sort(benchmark):
    pass

class TestAll:
    async def test_sort(self): ...
    class TestInner:
        def test_deep(self): ...
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "benchmarks"
    folder.mkdir(parents=True)
    (folder / "test_a.py").write_text(SOURCE)
    (folder / "broken.py").write_text("def (")
    (folder / "odd.py").write_bytes(b"\xff\x00def test_x(): pass")
    (tmp_path / "outside.py").write_text("def test_x(): pass")
    return tmp_path / "project"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("benchmarks/test_a.py::test_sort[n=3]", ("benchmarks/test_a.py", 5)),
        ("benchmarks/test_a.py::TestAll::test_sort", ("benchmarks/test_a.py", 9)),
        ("benchmarks/test_a.py::TestAll::TestInner::test_deep", ("benchmarks/test_a.py", 11)),
        ("benchmarks/test_a.py::TestAll::test_gone", ("benchmarks/test_a.py", 8)),
        ("benchmarks/test_a.py::test_gone", ("benchmarks/test_a.py", 0)),
        ("benchmarks/broken.py::test_x", ("benchmarks/broken.py", 0)),
        ("benchmarks/odd.py::test_x", ("benchmarks/odd.py", 0)),
        ("test_a.py::test_sort", ("benchmarks/test_a.py", 5)),
        ("benchmarks/none.py::test_x", None),
        ("../outside.py::test_x", None),
        ("/etc/passwd::test_x", None),
        ("bench_core.Core.time_dot", None),
        ("benchmarks/test_a.py", None),
    ],
)
def test_the_place_of_a_benchmark(root: Path, name: str, wanted: tuple[str, int] | None) -> None:
    suites = (SuiteSpec("pytest-benchmark", "pytest-benchmark", cwd="benchmarks"),)
    assert place_of(make_key(name, suite="pytest-benchmark").benchmark, root, suites) == wanted


def test_an_absolute_path_is_not_followed(root: Path) -> None:
    name = f"{root.parent / 'outside.py'}::test_x"
    assert place_of(make_key(name).benchmark, root) is None


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("test_a.test_sort", ("suite/benches/test_a.py", 5)),
        ("test_a.TestAll.test_sort", ("suite/benches/test_a.py", 9)),
        ("deep.inner.TestAll.test_sort", ("suite/benches/deep/inner.py", 9)),
        ("deep.test_sort", ("suite/benches/deep/__init__.py", 5)),
        ("test_a.named_otherwise", ("suite/benches/test_a.py", 0)),
        ("none.TestAll.test_sort", None),
        ("...outside.test_x", None),
        ("test_a.TestAll.test_sort(3, 'x')", ("suite/benches/test_a.py", 9)),
        ("test_a", None),
        ("test a.test_sort", None),
    ],
)
def test_the_place_of_a_benchmark_of_asv(root: Path, name: str, wanted: tuple[str, int] | None) -> None:
    benches = root / "suite" / "benches"
    (benches / "deep").mkdir(parents=True)
    for file in ("test_a.py", "deep/inner.py", "deep/__init__.py"):
        (benches / file).write_text(SOURCE)
    (root / "suite" / "asv.conf.json").write_text('{\n  // where they are\n  "benchmark_dir": "benches",\n}\n')
    suites = (SuiteSpec("asv", "asv", cwd="suite"),)
    assert place_of(make_key(name, suite="asv").benchmark, root, suites) == wanted


def test_asvs_folder_outside_of_the_project_is_not_looked_into(root: Path) -> None:
    (root / "asv.conf.json").write_text('{"benchmark_dir": ".."}')
    assert place_of(make_key("outside.test_x", suite="asv").benchmark, root) is None
