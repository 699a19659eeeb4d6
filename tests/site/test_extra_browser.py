"""The pages of runs, machines, targets and about in a real browser, and the navigation."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from regress.model import BudgetState
from regress.site import build

from .factories import realistic
from .test_browser import CONTRAST, browser  # noqa: F401
from .test_extra import KEY, result

pytestmark = pytest.mark.browser
NAMES = ("runs", "machines", "targets", "about")
STATES = {
    BudgetState.MET: 0.4,
    BudgetState.WARNED: 0.04,
    BudgetState.BREACHED: -0.3,
    BudgetState.UNJUDGED: float("nan"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "out"
    history = realistic(60)
    for id_, run in history.runs.items():
        failed = 3 if id_ % 13 == 0 else 0
        history.runs[id_] = replace(run, points=24 - failed, failed=failed, skipped=id_ % 2, suites=("asv",))
    for id_ in (20, 21, 80):
        del history.runs[id_]
    budgets = [
        result(state, key=KEY, value=0.15 * (1 - room), headroom=room, reason="p95 needs 100 samples" * (room != room))
        for state, room in STATES.items()
    ]
    build(history.site(budgets=budgets, limits=[each.budget for each in budgets]), out)
    return out


@pytest.fixture(params=[(1366, "light"), (1366, "dark"), (390, "light"), (390, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def context(request, browser):  # noqa: F811
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_can_be_read_and_asks_for_nothing(context, site, name):
    page = context.new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or problems.append(asked.url))
    page.goto((site / f"{name}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(CONTRAST) == []
    assert page.locator(".pages [aria-current=page]").inner_text().lower() == name
    assert problems == []
    found = importlib.util.find_spec("axe_playwright_python")
    if found and found.origin:
        page.evaluate((Path(found.origin).parent / "axe.min.js").read_text("utf-8"))
        assert page.evaluate("axe.run().then(found => found.violations.map(v => v.id + v.nodes[0].html))") == []


def test_the_navigation_is_one_line_and_is_not_printed(context, site):
    page = context.new_page()
    page.goto((site / "runs.html").as_uri())
    assert page.locator(".pages").bounding_box()["height"] < 60
    page.emulate_media(media="print")
    assert not page.locator(".pages").is_visible()


def test_rows_of_a_phone_keep_headroom_value_limit_and_state(context, site):
    page = context.new_page()
    page.goto((site / "targets.html").as_uri())
    row = page.locator(".targets tbody tr").first
    for part in (".words", ".last", "td.limit", ".badge"):
        assert row.locator(part).is_visible()
