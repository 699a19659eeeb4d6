"""The summary of a run with its pictures in a real browser: light and dark, on a desktop and a phone."""

import math

import pytest

from regress.model import BudgetState, Course, RunSummary, SuiteState, SuiteSummary
from regress.site.run_report import run_page

from .test_browser import CONTRAST, browser  # noqa: F401
from .test_sampled import target

pytestmark = pytest.mark.browser


def waves(of, name, unit, height, share=False):
    seconds = [i * 0.2 for i in range(280)]
    values = [math.nan if 90 < i < 110 else height * (0.5 + 0.5 * math.sin(i / 9)) for i in range(280)]
    return Course(of, name, unit, seconds, values, 0.0, height / 2, height, 260, share)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    courses = [
        waves(of, *rest)
        for of in ("load", "load.server")
        for rest in (("cpu", "1", 0.9, True), ("rss", "B", 4e8), ("a_gauge_with_a_rather_long_name_" * 3, "1", 7e4))
    ]
    suites = [
        SuiteSummary(name, "command", state, seconds=56.0, repeat=2, runs=2, benchmarks=3, courses=courses)
        for name, state in (("load", SuiteState.FAILED), ("other", SuiteState.PASSED))
    ]
    targets = [
        target("rss_peak < 300 MB", BudgetState.BREACHED, 4e8, failing=True), target("cpu < 80 %", value=0.45),
        target("rss_mean < 350 MB", BudgetState.WARNED, 3.4e8), target("cpu_max < 9", value=0.9),
    ]  # fmt: skip
    page = run_page(RunSummary("c" * 40, "A subject", suites, 1, "BREACHED: 1 target", targets=targets, project="p"))
    path = tmp_path_factory.mktemp("page") / "run.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture(params=[(1366, "light"), (1366, "dark"), (390, "light"), (390, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def page(request, browser, file):  # noqa: F811
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text))
    page.on("request", lambda asked: asked.url == file.as_uri() or page.problems.append(asked.url))
    page.goto(file.as_uri())
    yield page
    context.close()


def test_it_fits_can_be_read_and_asks_for_nothing(page):
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(CONTRAST) == []
    assert page.problems == []
    pictures = page.get_by_role("img", name="CPU share of load over 55.8 s")
    assert pictures.count() == 2
    sizes = [picture.bounding_box() for picture in pictures.all()]
    assert all(box["height"] >= 60 and box["width"] >= 150 for box in sizes)
    # What was not read is a hole, and what is beyond its limit is red.
    assert page.evaluate("[...document.querySelectorAll('.course .line')].every(p => p.getTotalLength() > 0)")
    colours = page.evaluate(
        "[...document.querySelectorAll('.course .limit')].map(p => [p.classList[1], getComputedStyle(p).stroke])"
    )
    assert len({colour for _, colour in colours}) == len({tone for tone, _ in colours}) == 3
    assert page.evaluate("(probe => [getComputedStyle(probe).color])(document.querySelector('.kept.bad'))") == [
        next(colour for tone, colour in colours if tone == "bad")
    ]


def test_axe_finds_nothing(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    assert [f["id"] for f in axe.run(page).response["violations"]] == []
