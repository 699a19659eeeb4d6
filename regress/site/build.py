"""From a history to a directory of pages, one benchmark in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from jinja2 import Template

from ..model import Series
from .axis import Axes
from .files import Staging, staging
from .input import Built, SiteInput
from .lines import Verdicts, lines_of
from .links import Links
from .overview import EnvironmentRows, overview, rows_of
from .pages import benchmark_page
from .slug import Named, slugs
from .theme import STYLESHEET, environment, stylesheet, stylesheet_tag

PAGES = "b"

#: The pages beside the overview and the benchmarks: their template's name is their own; what makes their view.
View = Callable[[SiteInput, Mapping[Named, str], Links], object]
EXTRA: dict[str, View] = {}
NAMES = {
    "changes.html": "Changes", "targets.html": "Targets", "runs.html": "Runs", "machines.html": "Machines",
    "about.html": "About",
}  # fmt: skip


def build(site: SiteInput, out: Path) -> Built:
    """Write the site into the directory `out`, which is made by this, or was made by an earlier build.

    Only what changed is written; files of an earlier build that are no longer part of the site are removed, other
    files are left alone. Raises UsageError where `out` holds something else.
    """
    links = Links(site.commit_url)
    with staging(out) as stage:
        rows, names = _benchmarks(site, links, stage)
        hrefs = {benchmark: f"{PAGES}/{slug}.html" for benchmark, slug in slugs(names).items()}
        for benchmark, name in names.items():
            stage.rename(name, hrefs[benchmark])
        page = overview(site.runs, site.reports, rows, hrefs, links)
        stage.write("index.html", _template("index.html").render(page=page, **_common(site, "", "index.html")))
        for name, view in EXTRA.items():
            stage.write(name, _template(name).render(page=view(site, hrefs, links), **_common(site, "", name)))
        stage.write(STYLESHEET, stylesheet())
        size, written, unchanged, removed = stage.install()
    return Built(len(names) + 1 + len(EXTRA), size, written, unchanged, removed)


def _benchmarks(site: SiteInput, links: Links, stage: Staging) -> tuple[list[EnvironmentRows], dict[Named, str]]:
    """Write the page of each benchmark under a passing name; slugs are known only when all names are."""
    axes = Axes(site.runs, links)
    verdicts = Verdicts(verdict for report in site.reports for verdict in report.verdicts)
    template, common = _template("benchmark.html"), _common(site, "../")
    rows: list[EnvironmentRows] = []
    names: dict[Named, str] = {}
    for benchmark, series in _grouped(site.series):
        lines = lines_of(series, axes, verdicts)
        if lines:
            names[benchmark] = f"{PAGES}/{len(names)}.tmp"
            stage.write(names[benchmark], template.render(page=benchmark_page(lines), **common))
            rows.extend(rows_of(lines, benchmark))
    return rows, names


def _grouped(series: Iterable[Series]) -> Iterator[tuple[Named, Iterable[Series]]]:
    seen: set[Named] = set()
    for benchmark, group in groupby(series, key=lambda each: (each.key.benchmark.suite, each.key.benchmark.name)):
        if benchmark in seen:
            raise ValueError(f"the series of {benchmark[1]!r} do not follow one another")
        seen.add(benchmark)
        yield benchmark, group


def _template(name: str) -> Template:
    return environment().get_template(name)


def _common(site: SiteInput, root: str, here: str = "") -> dict[str, object]:
    """What every page shows; `here` is the page itself, as the navigation knows it."""
    return {
        "here": here,
        "pages": [("index.html", "Overview"), *((name, NAMES[name]) for name in EXTRA)],
        "project": site.project or "Benchmarks",
        "version": site.version,
        "built": site.built,
        "root": root,
        "stylesheet": f"{root}{STYLESHEET}?v={stylesheet_tag()}",
    }
