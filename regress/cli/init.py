"""`regress init`: a configuration to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import UsageError
from .common import write_file

TEMPLATE = """\
# What `regress check` calls too slow, and how this project is shown. Every key is optional.
# The same keys may stand in pyproject.toml under [tool.regress], [[tool.regress.rule]] and so on.

# project = "my project"        # default: the name of the repository's folder
# branch = "main"               # whose runs are the history; default: origin's HEAD
# against = "merge-base"        # what a check compares with: merge-base, level, window:N, previous, a name, a commit

# Rules are read in order; the last one that matches wins, field by field. Without any, a benchmark is too slow when
# it is more than 10 % worse (1 % for exact metrics such as sizes) and unchanged code would hardly ever show it.
[[rule]]
benchmark = "*"
relative = "10%"
# false_red = "1%"              # how often a run of the gate may be red without a reason, all benchmarks together

# [[rule]]
# benchmark = "bench_startup.*" # glob on the full name; brackets are literal
# metric = "time"
# statistic = "median"          # or auto, min, q1, q3, mean, max, value
# relative = "5%"
# absolute = "50 ns"            # and at least this much
# action = "warn"               # or fail, ignore

# Budgets are limits on the candidate alone:
# [[budget]]
# benchmark = "test_api.py::*"
# limits = ["p95 < 150 ms", "peak_rss < 1 GB"]
# requirement = "SLA-3"

# What a metric that the tool does not describe means (pytest-benchmark's extra_info, asv's track_*):
# [[metric]]
# name = "peak_kib"
# unit = "KiB"
# direction = "lower"
# kind = "exact"

# How `regress bisect`, `ab` and `check --confirm` measure a benchmark on another commit:
# [[suite]]
# kind = "pytest-benchmark"     # or asv
# args = ["benchmarks"]

# A renamed benchmark keeps its history:
# [renamed]
# "bench_old.*" = "bench_new.*"
"""

NEXT = """\
wrote {path}

next:
  regress ingest PATH          read results: asv's results folder, files of pytest --benchmark-json, .benchmarks/
  regress show                 see what is there
  regress check                judge the present commit; its exit status is the gate
  regress site                 build the trend site
"""


@click.command()
@click.option("-C", "directory", metavar="DIR", default=".", help="Work in this project instead of the present folder.")
def command(directory: str) -> None:
    """Write a commented configuration (regress.toml) and say what comes next."""
    from .. import config
    from ..repo import Repository

    repository = Repository.discover(Path(directory))
    root = repository.root if repository else Path(directory)
    existing = config.load(root).path
    path = root / "regress.toml"
    if path.exists() or (existing is not None and config.load(root) != config.Config()):
        raise UsageError("there is a configuration already", where=str(existing or path), hint="edit it")
    write_file(path, TEMPLATE)
    click.echo(NEXT.format(path=path), nl=False)
