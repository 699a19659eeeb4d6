"""From a history to a directory of pages, one benchmark in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from jinja2 import Template

from ..model import Series
from .about import about_page
from .axis import Axes
from .changes import changes_page, news, on_page
from .feed import FEED, feed
from .files import Staging, staging
from .input import Built, SiteInput
from .lines import Verdicts, lines_of
from .links import Links
from .machines import machines_page
from .overview import EnvironmentRows, overview, rows_of
from .pages import benchmark_page
from .rows import last_changes
from .runs import runs_page
from .slug import Named, slugs
from .steps import Steps
from .targets import targets_page
from .theme import SCRIPT, STYLESHEET, environment, script, script_tag, stylesheet, stylesheet_tag, template_faults

PAGES = "b"

#: The pages beside the overview and the benchmarks: their template's name is their own; what makes their view.
View = Callable[[SiteInput, Mapping[Named, str], Links], object]
EXTRA: dict[str, View] = {
    "changes.html": changes_page,
    "targets.html": targets_page,
    "runs.html": runs_page,
    "machines.html": machines_page,
    "about.html": about_page,
}
NAMES = {
    "changes.html": "Changes", "targets.html": "Targets", "runs.html": "Runs", "machines.html": "Machines",
    "about.html": "About",
}  # fmt: skip


@template_faults()
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
            if site.base_url:
                stage.amend(hrefs[benchmark], f'{name}">', f'{hrefs[benchmark]}">')
        page = overview(site.runs, site.reports, rows, hrefs, links)
        common = _common(site, "", "index.html")
        fresh = news(site, hrefs, links)
        stage.write("index.html", _template("index.html", site.theme).render(page=page, news=fresh, **common))
        for name, view in EXTRA.items():
            stage.write(
                name, _template(name, site.theme).render(page=view(site, hrefs, links), **_common(site, "", name))
            )
        stage.write(FEED, feed(site, links))
        stage.write(STYLESHEET, stylesheet(site.theme))
        stage.write(SCRIPT, script())
        size, written, unchanged, removed = stage.install()
    return Built(len(names) + 1 + len(EXTRA), size, written, unchanged, removed)


def _benchmarks(site: SiteInput, links: Links, stage: Staging) -> tuple[list[EnvironmentRows], dict[Named, str]]:
    """Write the page of each benchmark under a passing name; slugs are known only when all names are."""
    axes = Axes(site.runs, links)
    verdicts = Verdicts(verdict for report in site.reports for verdict in report.verdicts)
    steps = Steps(site.causes, on_page(site.causes))
    template, common = _template("benchmark.html", site.theme), _common(site, "../")
    changed = last_changes(site.causes)
    rows: list[EnvironmentRows] = []
    names: dict[Named, str] = {}
    for benchmark, series in _grouped(site.series):
        lines = lines_of(series, axes, verdicts)
        if lines:
            names[benchmark] = f"{PAGES}/{len(names)}.tmp"
            own = common | {"canonical": site.base_url and site.base_url + names[benchmark]}
            stage.write(names[benchmark], template.render(page=benchmark_page(lines, steps), **own))
            rows.extend(rows_of(lines, benchmark, changed))
    return rows, names


def _grouped(series: Iterable[Series]) -> Iterator[tuple[Named, Iterable[Series]]]:
    seen: set[Named] = set()
    for benchmark, group in groupby(series, key=lambda each: (each.key.benchmark.suite, each.key.benchmark.name)):
        if benchmark in seen:
            raise ValueError(f"the series of {benchmark[1]!r} do not follow one another")
        seen.add(benchmark)
        yield benchmark, group


def _template(name: str, theme: Path | None = None) -> Template:
    return environment(theme).get_template(name)


def _common(site: SiteInput, root: str, here: str = "") -> dict[str, object]:
    """What every page shows; `here` is the page itself, as the navigation knows it."""
    return {
        "here": here,
        "pages": [("index.html", "Overview"), *((name, NAMES[name]) for name in EXTRA)],
        "project": site.project or "Benchmarks",
        "version": site.version,
        "canonical": site.base_url and site.base_url + here.removesuffix("index.html"),
        "feed": FEED,
        "built": site.built,
        "root": root,
        "stylesheet": f"{root}{STYLESHEET}?v={stylesheet_tag(site.theme)}",
        "script": f"{root}{SCRIPT}?v={script_tag()}",
    }
