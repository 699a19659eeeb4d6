"""From a history to a directory of pages, one benchmark in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, groupby
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Template

from ..model import Series
from .about import about_page
from .axis import Axes
from .badges import figures
from .changes import EARLIER_CHANGES, changes_page, earlier_changes, news, on_page
from .compare import Comparable, compare_page
from .components import COMPONENTS, components_page
from .feed import FEED, feed
from .files import Staging, staging
from .hrefs import Hrefs
from .input import Built, SiteInput
from .lines import Verdicts, lines_of
from .links import Links
from .machines import machines_page
from .overview import EARLIER_PAGE, EnvironmentRows, Overview, overview, rows_of
from .pages import benchmark_page, by_environment, places_of
from .records import DATABASE, page_data, points, records
from .redirects import redirects
from .rows import last_changes
from .runs import runs_page
from .slug import Named, slugs
from .steps import Steps
from .targets import Courses, targets_page
from .theme import SCRIPT, STYLESHEET, TREND_SCRIPT, Assets, environment, template_faults
from .trend_data import Scripts, TrendFiles

PAGES = "b"

#: The pages beside the overview and the benchmarks: their template's name is their own; what makes their view.
View = Callable[[SiteInput, Hrefs, Links], object]
EXTRA: dict[str, View] = {
    "changes.html": changes_page,
    "compare.html": compare_page,
    "targets.html": targets_page,
    "runs.html": runs_page,
    "machines.html": machines_page,
    "about.html": about_page,
}
NAMES = {
    "changes.html": "Changes", "compare.html": "Compare", "targets.html": "Targets", "runs.html": "Runs",
    "machines.html": "Machines", "about.html": "About",
}  # fmt: skip


@template_faults()
def build(site: SiteInput, out: Path) -> Built:
    """Write the site into the directory `out`, which is made by this, or was made by an earlier build.

    Only what changed is written; files of an earlier build that are no longer part of the site are removed, other
    files are left alone. Raises UsageError where `out` holds something else.
    """
    links = Links(site.commit_url)
    with staging(out) as stage:
        data, compared = TrendFiles(stage.write, links, site.budgets), Comparable(site.runs)
        courses = Courses(site.budgets)
        rows, names = _benchmarks(site, links, stage, data, compared, courses)
        pages = {benchmark: f"{PAGES}/{slug}.html" for benchmark, slug in slugs(names).items()}
        hrefs = Hrefs(pages, [(row.benchmark, row.environment) for row in rows])
        for benchmark, name in names.items():
            stage.rename(name, hrefs[benchmark])
            if site.base_url:
                stage.amend(hrefs[benchmark], f'{name}">', f'{hrefs[benchmark]}">')
            if site.points:
                stage.rename(_points_of(name), _points_of(hrefs[benchmark]))
                stage.amend(hrefs[benchmark], f'{_points_of(name)}"', f'{_points_of(hrefs[benchmark])}"')
        page = overview(site.runs, site.reports, rows, hrefs, links)
        common = _common(site, "", "index.html")
        fresh = news(site, hrefs, links)
        stage.write("index.html", _template("index.html", site.theme).render(page=page, news=fresh, **common))
        collected: dict[str, View] = {
            "compare.html": partial(compare_page, page=compared.page(hrefs, data.axis, stage.write)),
            "targets.html": partial(targets_page, courses=courses),
        }
        views = EXTRA | collected | ({COMPONENTS: components_page} if site.components else {})
        for name, view in views.items():
            stage.write(
                name, _template(name, site.theme).render(page=view(site, hrefs, links), **_common(site, "", name))
            )
        stage.write(FEED, feed(site, links))
        earlier = list(_earlier(site, page, hrefs, links))
        for name, text in chain(earlier, figures(rows, hrefs, site.reports), records(site, rows, hrefs)):
            stage.write(name, text)
        _redirects(site, hrefs, stage)
        if site.copy:
            site.copy(stage.place(DATABASE))
        for name, content in Assets(site.theme):
            stage.write(name, content)
        size, written, unchanged, removed = stage.install()
    return Built(len(names) + 1 + len(views) + len(earlier), size, written, unchanged, removed)


def _earlier(site: SiteInput, first: Overview, hrefs: Hrefs, links: Links) -> Iterator[tuple[str, str]]:
    """(name, content) of the pages that hold what is old, where there is such; their data is that of the new."""
    older = earlier_changes(site, hrefs, links)
    for name, beside, page, there in (
        (EARLIER_PAGE, "index.html", first.earlier, first.earlier.tables),
        (EARLIER_CHANGES, "changes.html", older, older.sections),
    ):
        if there:
            common = _common(site, "", name) | {"data": page_data(beside)}
            yield name, _template(name, site.theme).render(page=page, **common)


def _redirects(site: SiteInput, hrefs: Hrefs, stage: Staging) -> None:
    """Write a page for each former name of a benchmark."""
    for stub in redirects(site.renamed, hrefs, PAGES):
        common = _common(site, "../")
        if len(stub.targets) == 1:
            file = stub.targets[0][1]
            common["canonical"] = f"{site.base_url}{PAGES}/{file}" if site.base_url else file
        stage.write(stub.file, _template("redirect.html", site.theme).render(page=stub, **common))


def _points_of(page: str) -> str:
    """The file of a benchmark's points beside its page."""
    return str(PurePosixPath(page).with_suffix(".csv"))


def _benchmarks(
    site: SiteInput, links: Links, stage: Staging, data: TrendFiles, compared: Comparable, courses: Courses
) -> tuple[list[EnvironmentRows], dict[Named, str]]:
    """Write the page of each benchmark under a passing name; slugs are known only when all names are."""
    axes = Axes(site.runs, links, site.releases)
    verdicts = Verdicts(verdict for report in site.reports for verdict in report.verdicts)
    steps = Steps(site.causes, on_page(site.causes))
    template, common = _template("benchmark.html", site.theme), _common(site, "../")
    changed = last_changes(site.causes)
    rows: list[EnvironmentRows] = []
    names: dict[Named, str] = {}
    for benchmark, group in _grouped(site.series):
        series = list(group)
        lines = lines_of(series, axes, verdicts)
        if lines:
            names[benchmark] = f"{PAGES}/{len(names)}.tmp"
            groups = by_environment(lines)
            places = places_of(groups)
            courses.add(places)
            files = data.benchmark(places, steps)
            own = common | {
                "canonical": site.base_url and site.base_url + names[benchmark],
                "scripts": _trend_scripts(common["asset"], files),
                "data": (("CSV", _points_of(names[benchmark])),) if site.points else (),
            }
            stage.write(names[benchmark], template.render(page=benchmark_page(groups, places, steps), **own))
            if site.points:
                stage.write_lines(_points_of(names[benchmark]), points(series, site))
            rows.extend(rows_of(groups, benchmark, changed))
            compared.add(lines, steps)
    return rows, names


def _trend_scripts(asset: Callable[[str], str], files: Scripts) -> list[str]:
    """The scripts of a benchmark's page, in the order that they need one another; classic ones, so that disk serves."""
    return [asset(TREND_SCRIPT), f"../{files.benchmark}", f"../{files.axis}"]


def _grouped(series: Iterable[Series]) -> Iterator[tuple[Named, Iterable[Series]]]:
    seen: set[Named] = set()
    for benchmark, group in groupby(series, key=lambda each: (each.key.benchmark.suite, each.key.benchmark.name)):
        if benchmark in seen:
            raise ValueError(f"the series of {benchmark[1]!r} do not follow one another")
        seen.add(benchmark)
        yield benchmark, group


def _template(name: str, theme: Path | None = None) -> Template:
    return environment(theme).get_template(name)


def _navigation(site: SiteInput) -> list[tuple[str, str]]:
    """(page, name) of what every page links to; variants side by side stand beside commits side by side."""
    pages = [("index.html", "Overview"), *NAMES.items()]
    if site.components:
        pages.insert(pages.index(("compare.html", NAMES["compare.html"])) + 1, (COMPONENTS, "Components"))
    return pages


def _common(site: SiteInput, root: str, here: str = "") -> dict[str, Any]:
    """What every page shows; `here` is the page itself, as the navigation knows it."""
    asset = partial(Assets(site.theme).href, root)
    return {
        "here": here,
        "pages": _navigation(site),
        "project": site.project or "Benchmarks",
        "version": site.version,
        "canonical": site.base_url and site.base_url + here.removesuffix("index.html"),
        "feed": FEED,
        "data": page_data(here),
        "built": site.built,
        "root": root,
        "asset": asset,
        "stylesheet": asset(STYLESHEET),
        "script": asset(SCRIPT),
    }
