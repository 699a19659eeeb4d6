"""What people do with a trend in a real browser: point, press keys, zoom, choose variants, mark commits, save data."""

# ruff: noqa: F811 (fixtures are asked for by their names)

import json
import re

import pytest

from .test_browser import browser  # noqa: F401
from .test_script import HOSTILE
from .trend_site import N, over, site, visit, wait  # noqa: F401

pytestmark = pytest.mark.browser


class TestAsking:
    """Pointer, finger and keys."""

    def test_a_pointer_is_told_commit_value_and_remarks(self, visit):
        page = visit("bench.time_one")
        page.mouse.move(*over(page, 30 / 59))
        page.wait_for_selector(".tip .hash")
        tip = page.locator(".tip").first
        assert "2026-02-05" in tip.inner_text()
        assert re.search(r"1\d\.\d ms", tip.inner_text())
        assert "▲ Regression: +50.0% slower" in tip.inner_text()
        card = page.locator(".panel").first.bounding_box()
        for place in (0, 30 / 59, 1):
            page.mouse.move(*over(page, min(place, 0.999)))
            at, point = tip.bounding_box(), over(page, place)[0]
            assert at["x"] > point or at["x"] + at["width"] < point, "the tip does not cover the place"
            assert card["x"] <= at["x"], "it stays on the card"
            assert at["x"] + at["width"] <= card["x"] + card["width"]

    def test_keys_move_zoom_and_read_aloud(self, visit):
        page = visit("bench.time_one")
        page.locator(".live").first.focus()
        page.keyboard.press("Home")
        page.wait_for_selector(".tip:not([hidden])")
        aloud = page.locator(".live [aria-live]").first
        assert "2026-01-06" in aloud.inner_text()
        page.keyboard.press("ArrowRight")
        assert "2026-01-07" in aloud.inner_text()
        assert "ms" in aloud.inner_text()
        page.keyboard.press("End")
        assert "2026-03-06" in aloud.inner_text()
        page.keyboard.press("+")
        wait(page, "location.hash.includes('from=')")
        assert page.locator("button", has_text="Reset zoom").first.is_visible()
        page.keyboard.press("0")
        wait(page, "!location.hash.includes('from=')")

    def test_a_failed_commit_is_told(self, visit):
        page = visit("bench.time_one")
        page.mouse.move(*over(page, 9 / 59))
        page.wait_for_selector(".tip .remark")
        assert "failed: MemoryError: no room" in page.locator(".tip .remark").first.inner_text()

    def test_drag_zooms_and_the_address_brings_it_back(self, visit, site):
        page = visit("bench.time_one")
        page.mouse.move(*over(page, 0.25))
        page.mouse.down()
        page.mouse.move(*over(page, 0.4), steps=4)
        page.mouse.move(*over(page, 0.6), steps=4)
        page.mouse.up()
        wait(page, "location.hash.includes('to=')")
        dates = page.locator(".labels .x").all_inner_texts()
        assert dates[0] > "2026-01-15"
        assert dates[-1] < "2026-02-15"
        again = visit("bench.time_one", "#" + page.url.split("#")[1])
        assert again.locator(".labels .x").all_inner_texts() == dates
        again.locator("button", has_text="Reset zoom").first.click()
        wait(again, "!location.hash.includes('to=')")
        assert again.locator(".labels .x").first.inner_text() == "2026-01-06"

    def test_fingers_tap_drag_and_pinch(self, visit):
        page = visit("bench.time_one", width=390, has_touch=True, is_mobile=True)
        page.locator(".u-over").first.tap(position={"x": 100, "y": 60})
        page.wait_for_selector(".tip:not([hidden])")
        assert "p=" not in page.url, "a first tap only asks"
        session = page.context.new_cdp_session(page)
        x, y = over(page, 0.5)

        def touch(kind, *points):
            session.send(
                "Input.dispatchTouchEvent",
                {"type": kind, "touchPoints": [{"x": px, "y": py, "id": i} for i, (px, py) in enumerate(points)]},
            )

        touch("touchStart", (x - 20, y))
        touch("touchStart", (x - 20, y), (x + 20, y))
        for step in range(1, 5):
            touch("touchMove", (x - 20 - 15 * step, y), (x + 20 + 15 * step, y))
        touch("touchEnd")
        wait(page, "location.hash.includes('from=')")
        assert page.evaluate("getComputedStyle(document.querySelector('.live')).touchAction") == "pan-y"

    def test_two_commits_are_marked_and_compared(self, visit):
        page = visit("bench.time_one")
        page.mouse.click(*over(page, 5 / 59))
        page.wait_for_selector(".picked:not([hidden])")
        page.mouse.click(*over(page, 50 / 59))
        page.wait_for_selector(".picked li")
        words = page.locator(".picked").first.inner_text()
        assert re.search(r"\+(4|5)\d\.\d% slower", words)
        base, new = re.search(r"p=(\w+),(\w+)", page.url).groups()
        link = page.locator(".picked a").first.get_attribute("href")
        assert link == f"../compare.html#base={base}&new={new}"
        page.locator(".picked button").first.click()
        wait(page, "!location.hash.includes('p=')")


class TestChoosing:
    """Scales, axes, variants."""

    def test_scales_and_axes_stand_in_the_address(self, visit):
        page = visit("bench.time_one")
        page.get_by_role("button", name="Log", exact=True).first.click()
        page.get_by_role("button", name="By date").first.click()
        wait(page, "location.hash.includes('y=log') && location.hash.includes('x=date')")
        assert page.get_by_role("button", name="Log", exact=True).first.get_attribute("aria-pressed") == "true"
        page.get_by_role("button", name="% of first").first.click()
        wait(page, "[...document.querySelectorAll('.labels .y')].every(e => e.textContent.endsWith(' %'))")
        page.evaluate("location.hash = 'y=lin'")
        wait(page, "[...document.querySelectorAll('.labels .y')].some(e => e.textContent.endsWith('ms'))")

    def test_every_variant_can_be_found_and_drawn(self, visit):
        page = visit("bench.time_many")
        page.locator("table.rows").first.scroll_into_view_if_needed()
        page.wait_for_selector("input.draw")
        assert page.locator("input.draw").count() == 21
        page.locator(".find input").first.fill("1000 deque")
        shown = page.locator(".panel:first-of-type tr:has(input.draw):visible, .further li:has(input.draw):visible")
        assert shown.count() == 1
        box = shown.locator("input.draw").first
        if not box.is_checked():
            box.check()
            wait(page, "decodeURIComponent(location.hash).includes('deque')")
        assert shown.locator(".key").first.inner_text() != ""

    def test_no_more_than_sixteen_are_drawn(self, visit):
        page = visit("bench.time_many", "#f.size=10")
        wait(page, "document.querySelector('.said')?.textContent.startsWith('7 of')")
        page.evaluate("""location.hash = new URLSearchParams([10, 100, 1000].flatMap(
          n => ['list', 'tuple', 'set', 'dict', 'str', 'bytes'].map(k => ['s', `(${n}, '${k}')`])))""")
        wait(page, "document.querySelector('.said')?.textContent.startsWith('16 of')")
        page.locator("table.rows").first.scroll_into_view_if_needed()
        free = page.locator("input.draw:not(:checked):visible").first
        free.scroll_into_view_if_needed()
        free.click()
        assert "16 lines at most" in page.locator(".said").first.inner_text()
        assert not free.is_checked()
        numbers_ = page.locator(".labels .end").all_inner_texts()
        assert sorted(map(int, numbers_)) == list(range(1, 17))
        chosen = """() => {
          const panel = new regress.trend.Panel(structuredClone(regress.page.panels[0]), regress.page);
          for (const line of panel.lines) line.k = 1;
          const { lines, fit } = panel.chosen({ s: null, f: {} });
          return [lines.length, fit];
        }"""
        assert page.evaluate(chosen) == [16, 21]

    def test_a_parameter_chooses_and_becomes_an_axis(self, visit):
        page = visit("bench.time_many")
        page.get_by_role("group", name="kind").first.get_by_role("button", name="'set'").click()
        wait(page, "document.querySelector('.said')?.textContent.startsWith('3 of')")
        page.get_by_role("button", name="By size").first.click()
        wait(page, "[...document.querySelectorAll('.labels .x')].map(e => e.textContent).join() === '10,100,1000'")
        page.mouse.move(*over(page, 0.5))
        page.wait_for_selector(".tip:not([hidden])")
        assert "size = 100" in page.locator(".tip").first.inner_text()

    def test_colours_depend_on_what_is_shown_alone(self, visit):
        asked = "#s=(1000, 'set')&s=(10, 'str')&s=(100, 'deque')".replace(" ", "%20")
        said = []
        for hash_ in (asked, "#" + "&".join(reversed(asked[1:].split("&")))):
            page = visit("bench.time_many", hash_)
            said.append(
                page.evaluate("[...document.querySelectorAll('.labels .end')].map(e => e.className + e.style.top)")
            )
        assert said[0] == said[1]

    def test_hostile_names_and_subjects_are_text(self, visit):
        page = visit("bench.time_hostile", "#y=rel")
        page.mouse.move(*over(page, 11 / 59))
        page.wait_for_selector(".tip .subject")
        assert page.locator(".tip .subject").first.inner_text() == "<img src=x onerror=alert(1)>"
        assert HOSTILE[0] in page.locator(".tip").first.inner_text()
        page.locator("table.rows").first.scroll_into_view_if_needed()
        page.wait_for_selector("input.draw")
        assert page.title() != "owned"
        assert page.locator("img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    def test_an_environment_in_the_address_is_a_place_on_the_page(self, visit):
        page = visit("bench.time_one")
        second = page.locator("h2[id^=env-]").nth(1).get_attribute("id")
        again = visit("bench.time_one", f"#{second}")
        wait(again, "scrollY > 200")
        both = visit("bench.time_one", f"#y=log&env={second}")
        wait(both, "scrollY > 200")


class TestSaving:
    """The data of a picture as a file."""

    @pytest.mark.parametrize("kind", ["CSV", "JSON"])
    def test_from_disk_too(self, visit, kind, tmp_path):
        page = visit("bench.track_count", accept_downloads=True)
        with page.expect_download() as waiting:
            page.get_by_role("button", name=kind, exact=True).first.click()
        path = tmp_path / "saved"
        waiting.value.save_as(path)
        text = path.read_text("utf-8")
        if kind == "JSON":
            (series,) = json.loads(text)["series"]
            assert series["values"] == list(range(100, 100 + N))
        else:
            lines = text.splitlines()
            assert lines[0] == "commit,date,tags,allocations (1)"
            assert len(lines) == N + 1
            assert lines[-1].endswith(f",{100 + N - 1}")

    def test_a_formula_is_text_in_a_spreadsheet(self, visit):
        page = visit("bench.time_one")
        wait(page, "regress.trend.save")
        saved = """text => {
          let saved;
          URL.createObjectURL = blob => { saved = blob; return 'blob:x'; };
          HTMLAnchorElement.prototype.click = () => {};
          const data = { metric: 'm', unit: 's', kind: 'exact' }, lines = [{ v: text, values: [1] }];
          const axis = { n: 1, tags: [], minutes: [0] }, commits = { sha: ['a'] };
          regress.trend.save({ axis, commits, data, lines, page: { name: 'x' } }, 'csv');
          return saved.text();
        }"""
        assert page.evaluate(saved, "=1+1").startswith("commit,date,tags,'=1+1 (s)\n")
