"""Targets with their courses, the data of the pages, and the page of a renamed benchmark, in a real browser."""

import importlib.util
from pathlib import Path

import pytest

from regress.model import BudgetState
from regress.site import build

from .factories import make_key, realistic
from .test_browser import CONTRAST, browser  # noqa: F401
from .test_extra import result
from .test_extra_browser import context  # noqa: F401

pytestmark = pytest.mark.browser
HOSTILE = "<script>alert(1)</script>\"'&../\u202e" + "x" * 300
PAGES = ("targets.html", "about.html", "b/split.html", "b/bench_merge.time_merge.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "out"
    load, merge = make_key("bench_io.Load.time_load_csv"), make_key("bench_merge.time_merge")
    budgets = [
        result(BudgetState.MET, "median < 15ms", key=load, statistic="median", value=0.0122, headroom=0.187),
        result(BudgetState.WARNED, "p95 < 1ms", key=merge, statistic="p95", value=9.6e-4, headroom=0.04),
        result(BudgetState.BREACHED, "p95 < 1ms", key=make_key(HOSTILE), value=2e-3, headroom=-1.0),
        result(BudgetState.UNJUDGED, key=merge, reason="p95 needs 100 samples"),
    ]
    two = [("asv", "bench_core.time_hash"), ("asv", "bench_core.time_repr")]
    site = realistic(60).site(
        budgets=budgets, limits=[each.budget for each in budgets], renamed={("asv", "split"): two}, points=True,
        copy=lambda path: path.write_bytes(b"SQLite format 3\0"),
    )  # fmt: skip
    build(site, out)
    (out / "b" / "split.html").write_text(
        (out / "b" / "split.html").read_text("utf-8").replace(">split<", f">{'x' * 300}<"), "utf-8"
    )
    return out


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_can_be_read_and_asks_for_nothing_outside(context, site, name):  # noqa: F811
    page = context.new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or problems.append(asked.url))
    page.goto((site / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(CONTRAST) == []
    assert problems == []
    found = importlib.util.find_spec("axe_playwright_python")
    if found and found.origin:
        page.evaluate((Path(found.origin).parent / "axe.min.js").read_text("utf-8"))
        assert page.evaluate("axe.run().then(found => found.violations.map(v => v.id + v.nodes[0].html))") == []


def test_a_target_shows_its_course_beside_its_headroom_on_a_phone_too(context, site):  # noqa: F811
    page = context.new_page()
    page.goto((site / "targets.html").as_uri())
    row = page.locator(".targets tbody tr", has_text="time_load_csv").first
    for part in (".course svg", ".pic .words", ".pic .was", ".last", "td.limit", ".badge"):
        assert row.locator(part).is_visible()
    name, course = row.locator("th a").bounding_box(), row.locator(".course svg").bounding_box()
    assert course["width"] > 100
    assert name["y"] + name["height"] <= course["y"] or name["x"] + name["width"] <= course["x"]
    row.locator("th a").click()
    assert page.locator("h1").inner_text() == "bench_io.Load.time_load_csv"
    assert page.evaluate("document.getElementById(location.hash.slice(1)).tagName") == "H3"


def test_the_data_of_a_page_can_be_had_and_is_not_printed(context, site):  # noqa: F811
    page = context.new_page()
    page.goto((site / "targets.html").as_uri())
    with page.expect_download() as given:
        page.locator("footer .data a").first.click()
    assert given.value.suggested_filename == "targets.csv"
    page.emulate_media(media="print")
    assert not page.locator("footer .data").is_visible()
