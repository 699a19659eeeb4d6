"""The benchmarks of the demo project and its settings, as its second commit adds them."""

PYPROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "quill"
version = "0.9"
description = "A full-text search for notes, recipes and other small things"
requires-python = ">=3.11"

[tool.pytest.ini_options]
testpaths = ["benchmarks"]
# quill only computes: the time that it has the processor is its own, the time that it waits for it is not.
addopts = "--benchmark-timer=time.process_time"

[tool.regress]
project = "quill"
branch = "main"

# The demo measures a few rounds on a machine that does other things too: less than a half more is noise here.
[[tool.regress.rule]]
relative = "50%"

# Of pytest-benchmark's rounds the fastest one is the least disturbed; asv tells no fastest one.
[[tool.regress.rule]]
benchmark = "benchmarks/*"
statistic = "min"

# The size of the index is counted, not timed: any more is worth a word, but no reason to stop.
[[tool.regress.rule]]
benchmark = "search.Searching.track_entries"
relative = 0.0
action = "warn"

[[tool.regress.metric]]
name = "search.Searching.track_entries"
direction = "lower"
kind = "exact"

# How `regress bisect` runs the two suites; the package that they measure is the project's own.
[[tool.regress.suite]]
kind = "pytest-benchmark"
args = ["--benchmark-max-time=0.1", "--benchmark-min-rounds=9", "--benchmark-warmup=off"]

# The machine's name becomes part of every series: the random one of a container would tell nobody anything. And a
# fork server begins each benchmark in half the time.
[[tool.regress.suite]]
kind = "asv"
args = ["--machine=demo", "--launch-method=forkserver"]
"""

ASV_CONF = """{
    "version": 1,
    "project": "quill",
    "repo": ".",
    "branches": ["main"],
    "dvcs": "git",
    "environment_type": "virtualenv",
    "benchmark_dir": "asv_suite",
    "env_dir": ".asv/env",
    "html_dir": ".asv/html",
    "results_dir": "results/asv"
}
"""

GITIGNORE = """__pycache__/
.asv/
.demo/
.regress/
results/
site/
"""

CONFTEST = '''"""What the benchmarks share."""

import pytest

from quill import Index
from quill.samples import texts


@pytest.fixture(scope="session")
def library():
    """A hundred and fifty recipes."""
    return list(texts(150))


@pytest.fixture(scope="session")
def index(library):
    """The recipes, ready to be searched."""
    index = Index()
    for name, text in library:
        index.add(name, text)
    return index
'''

TEST_WRITING = '''"""What it costs to take texts in."""

from quill import Index, tokenize


def test_tokenize(benchmark, library):
    words = benchmark(lambda: [tokenize(text) for _, text in library])
    assert len(words) == len(library)


def test_build_index(benchmark, library):
    def build():
        index = Index()
        for name, text in library:
            index.add(name, text)
        return index

    assert len(benchmark(build).lengths) == len(library)
'''

TEST_READING = '''"""What it costs to find them again."""

import pytest

from quill import parse
from quill.samples import queries


def test_search(benchmark, index):
    asked = list(queries(60))
    hits = benchmark(lambda: [index.search(query) for query in asked])
    assert all(hits)


def test_parse_queries(benchmark):
    asked = list(queries(450))
    parsed = benchmark(lambda: [parse(query) for query in asked])
    assert all(query.phrases for query in parsed)


def test_suggest(benchmark, index):
    suggest = pytest.importorskip("quill.spelling", reason="this quill knows no spelling yet").suggest
    known = frozenset(index.postings)
    words = [word[1:] for word in sorted(known)[::8]]
    assert all(benchmark(lambda: [suggest(word, known) for word in words]))
'''

ASV_INIT = '"""The benchmarks of quill that asv runs."""\n'

ASV_SEARCH = '''"""quill as asv sees it."""

from time import process_time

from quill import Index, tokenize
from quill.samples import queries, texts


class Tokens:
    """From text to words, for short and for long texts."""

    params = ["short", "long"]
    param_names = ["texts"]
    rounds, repeat, number, warmup_time, timer = 1, 15, 1, 0.02, process_time

    def setup(self, length):
        self.texts = [text for _, text in texts(*{"short": (400, 30), "long": (20, 1500)}[length])]

    def time_tokenize(self, length):
        for text in self.texts:
            tokenize(text)


class Searching:
    """A search box with a hundred and fifty recipes behind it."""

    rounds, repeat, number, warmup_time, timer = 1, 15, 1, 0.02, process_time

    def setup(self):
        self.queries = list(queries(60))
        self.index = Index()
        for name, text in texts(150):
            self.index.add(name, text)

    def time_search(self):
        for query in self.queries:
            self.index.search(query)

    def track_entries(self):
        return sum(len(counts) for counts in self.index.postings.values())

    track_entries.unit = "entries"
'''

FILES = {
    "pyproject.toml": PYPROJECT,
    "asv.conf.json": ASV_CONF,
    ".gitignore": GITIGNORE,
    "benchmarks/conftest.py": CONFTEST,
    "benchmarks/test_writing.py": TEST_WRITING,
    "benchmarks/test_reading.py": TEST_READING,
    "asv_suite/__init__.py": ASV_INIT,
    "asv_suite/search.py": ASV_SEARCH,
}
