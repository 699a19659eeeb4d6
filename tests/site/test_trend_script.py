"""The interactive trend in a real browser: its numbers are Python's, its picture is the static one's, it is safe."""

# ruff: noqa: F811 (fixtures are asked for by their names)

import importlib.util
import math
import re
from pathlib import Path

import numpy as np
import pytest

from regress import units
from regress.model import Kind
from regress.site.theme import BUNDLES, Assets, templates
from regress.site.wire import columns, numbers, quantised

from .test_browser import browser  # noqa: F401
from .trend_site import DRAWN, served, site, visit, wait  # noqa: F401

pytestmark = pytest.mark.browser
AXE = importlib.util.find_spec("axe_playwright_python")


class TestNumbers:
    """What data.js reads and writes, beside what Python does."""

    def test_columns_are_read_as_they_were_written(self, visit):
        page = visit("bench.time_one")
        rng = np.random.default_rng(3)
        for kind, scale in ((Kind.NOISY, 1e-3), (Kind.EXACT, 1e6), (Kind.NOISY, -1.0)):
            places = np.flatnonzero(rng.random(400) < 0.6).astype(np.int64)
            values = scale * rng.lognormal(0, 2, len(places))
            values = np.rint(values) if kind is Kind.EXACT else values
            step, whole = quantised(values, kind)
            (text,) = columns([(places, whole)])
            read = page.evaluate(
                "column => Array.from(regress.column(column, 400), v => Number.isNaN(v) ? null : v)",
                [int(places[0]), step, text],
            )
            wanted = whole * step if step else 1.001**whole
            assert [i for i, value in enumerate(read) if value is not None] == places.tolist()
            assert [value for value in read if value is not None] == pytest.approx(wanted.tolist(), rel=1e-12)

    def test_times_that_go_back_are_read(self, visit):
        page = visit("bench.time_one")
        deltas = [1440, -3, 0, 10**6, -(10**5)]
        axis = {"n": 6, "start": 10**7, "times": numbers(deltas)}
        read = page.evaluate("axis => Array.from(regress.times(axis))", axis)
        assert read == [10**7, *(10**7 + np.cumsum(deltas)).tolist()]

    def test_figures_are_those_of_python_digit_for_digit(self, visit):
        page = visit("bench.time_one")
        rng = np.random.default_rng(5)
        values = [*(rng.choice([1, -1], 600) * 10 ** rng.uniform(-12, 14, 600)).tolist()]
        values += [
            0.0,
            0.5,
            2.5,
            12.25,
            1.125,
            1225000000000.0,
            999.5,
            0.9995,
            9.995,
            1e6,
            123456.0,
            1e-7,
            1024.0,
            2.0**20,
        ]
        values += [n / 8 for n in range(-80, 80)]
        for unit in ("s", "B", "1/s", "1", "things"):
            shown = page.evaluate("([v, u]) => v.map(each => regress.human(each, u))", [values, unit])
            assert shown == [units.human(value, unit) for value in values]
        shown = page.evaluate("v => v.map(each => regress.percent(each))", values)
        assert shown == [units.signed_percent(value).replace("-", "−") for value in values]

    def test_what_is_not_finite_is_told_as_python_tells_it(self, visit):
        page = visit("bench.time_one")
        shown = page.evaluate("[NaN, Infinity, -Infinity].map(v => [regress.human(v, 's'), regress.percent(v)])")
        wanted = [[units.human(v, "s"), units.signed_percent(v)] for v in (math.nan, math.inf, -math.inf)]
        assert shown == wanted


class TestPicture:
    """What is drawn."""

    def test_it_lies_over_the_static_picture_without_a_jump(self, visit):
        still = visit("bench.time_one", drawn=False, java_script_enabled=False).locator(".box").first.bounding_box()
        page = visit("bench.time_one")
        box = page.locator(".box").first.bounding_box()
        assert (box["width"], box["height"]) == (still["width"], still["height"])
        over_ = page.locator(".u-over").first.bounding_box()
        assert all(abs(over_[side] - box[side]) <= 1 for side in ("x", "y", "width", "height"))
        assert page.evaluate("getComputedStyle(document.querySelector('.box > svg')).visibility") == "hidden"
        assert page.evaluate("document.documentElement.dataset.ready") == "1"

    def test_marks_stand_in_the_html(self, visit):
        page = visit("bench.time_one")
        flag = page.locator(".live .flags a").first
        assert flag.get_attribute("href") == "../changes.html#c-abcd0001"
        assert flag.get_attribute("title").startswith("Regression: +50.0% slower")
        assert set(page.locator(".labels .tag").all_inner_texts()) == {"v1.20.0", "v1.40.0"}
        assert page.locator(".labels .limit").first.inner_text() == "P95 < 16 ms"
        assert "standard deviations" in page.locator("figcaption").first.inner_text()

    def test_the_canvas_is_painted_in_the_colours_of_the_scheme(self, visit):
        page = visit("bench.time_one")
        painted = """(() => {
          const all = document.querySelector('canvas'), copy = document.createElement('canvas');
          [copy.width, copy.height] = [all.width, all.height];
          const context = copy.getContext('2d', { willReadFrequently: true });
          context.drawImage(all, 0, 0);
          const found = context.getImageData(0, 0, copy.width, copy.height).data;
          for (let i = 0; i < found.length; i += 4) if (found.slice(i, i + 4).join() === '%s,255') return true;
          return false;
        })()"""
        wait(page, painted % "11,98,168")  # --s1 of the light scheme
        page.emulate_media(color_scheme="dark")
        wait(page, painted % "109,179,255")

    def test_paper_gets_the_static_picture(self, visit):
        page = visit("bench.time_one")
        page.emulate_media(media="print")
        assert not page.locator(".live").first.is_visible()
        assert page.locator(".box > svg").first.is_visible()
        assert not page.locator(".trendbar").first.is_visible()

    def test_without_scripts_the_page_is_whole(self, visit):
        page = visit("bench.time_many", drawn=False, java_script_enabled=False)
        assert page.locator(".box > svg").first.is_visible()
        assert not page.locator(".trendbar").first.is_visible()
        assert not page.locator(".facets").first.is_visible()

    def test_pictures_further_down_are_drawn_when_they_come_near(self, visit):
        page = visit("bench.time_one", width=390)
        page.set_viewport_size({"width": 390, "height": 300})
        second = page.locator(".box").nth(1)
        second.scroll_into_view_if_needed()
        wait(page, "document.querySelectorAll('.live').length === 2")

    def test_served_it_asks_for_nothing_twice_and_for_nothing_outside(self, visit, served):
        page = visit("bench.time_many", base=served)
        assert page.locator(".live").first.is_visible()

    def test_a_file_of_another_build_leaves_the_static_picture_and_a_word(self, visit, site, tmp_path):
        page = visit("bench.time_one", drawn=False, java_script_enabled=True)
        page.route("**/d/bench.time_one-*.js", lambda route: route.abort())
        page.reload()
        page.wait_for_selector(".lost")
        assert page.locator(".box > svg").first.is_visible()
        visit.problems[:] = [text for text in visit.problems if "ERR_FAILED" not in text]

    @pytest.mark.parametrize("width", [390, 1366])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_nothing_is_wrong_with_it_for_axe_and_it_fits(self, visit, width, scheme):
        if not (AXE and AXE.origin):
            pytest.skip("axe is not installed")
        for name in ("bench.time_one", "bench.time_hostile"):
            page = visit(name, "", width=width, scheme=scheme)
            page.locator(".live").first.focus()
            page.keyboard.press("ArrowLeft")
            page.keyboard.press("Enter")
            page.wait_for_selector(".picked:not([hidden])")
            page.evaluate((Path(AXE.origin).parent / "axe.min.js").read_text("utf-8"))
            found = page.evaluate(
                "axe.run({ preload: false }).then(found => found.violations.map(v => v.id + v.nodes[0].html))"
            )
            assert found == [], name
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name


OURS = sorted((templates() / "static").glob("*.js"))


def test_the_served_scripts_are_all_parts_without_their_comments():
    for name in BUNDLES:
        text = Assets().read(name)
        for part in BUNDLES[name]:
            source = (templates() / part).read_bytes()
            if "/vendor/" in part:
                assert source in text, "as it was published, with its licence's note"
                text = text.replace(source, b"")
            else:
                assert source.startswith((b"// ", b"/* "))
                lines = [line.strip() for line in source.splitlines()]
                assert all(line in text for line in lines if line and not line.startswith((b"// ", b"/* ")))
        assert b"//" not in re.sub(rb'"[^"\n]*"|`[^`\n]*`|https?://', b"", text)


def test_no_text_in_a_script_spans_lines():
    for path in OURS:
        lines = path.read_text("utf-8").splitlines()
        # It would lose its indents.
        assert all(line.count("`") % 2 == 0 for line in lines if not line.strip().startswith("//"))


def test_scripts_never_make_html_of_text():
    for path in OURS:
        unsafe = rb"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b"
        assert not re.search(unsafe, path.read_bytes()), path.name


class TestTwoScripts:
    """One draws; the other answers, and comes later."""

    def test_the_second_comes_when_the_picture_stands(self, visit):
        page = visit("bench.time_one", drawn=False)
        wait(page, "window.regress?.trend?.Cursor")
        assert page.evaluate("document.documentElement.dataset.trend") == "1"
        asked = page.evaluate("[...document.scripts].map(each => each.src).filter(src => src.includes('trend-asked'))")
        assert len(asked) == 1

    def test_keys_before_it_are_not_lost(self, visit, site):
        page = visit("bench.time_one", drawn=False, java_script_enabled=True)
        held = []
        page.route("**/trend-asked.js*", lambda route: held.append(route))
        page.reload()
        wait(page, DRAWN)
        page.locator(".live").first.focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        assert page.locator(".tip").count() == 0
        for route in held:
            route.continue_()
        page.wait_for_selector(".tip:not([hidden])")
        assert "2026-01-07" in page.locator(".live [aria-live]").first.inner_text()

    def test_a_page_without_it_is_told(self, visit):
        page = visit("bench.time_one")
        page.route("**/trend-asked.js*", lambda route: route.abort())
        page.reload()
        page.wait_for_selector(".lost")
        assert page.locator(".live canvas").first.is_visible()
        visit.problems.clear()
