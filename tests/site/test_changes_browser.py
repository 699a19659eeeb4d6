"""The page of changes in a real browser: found, narrowed, unfolded, all of it in the address."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from regress.model import CauseStatus, Commit, Environment, Trend
from regress.site import build
from regress.site.pages import anchor

from .causes import make_cause, make_change, of_every_kind
from .factories import make_key, make_run, realistic
from .html_reader import read
from .test_browser import browser  # noqa: F401

pytestmark = pytest.mark.browser
MINI = Environment.of({"system": "Darwin", "arch": "arm64", "python": "CPython 3.13", "machine": "mini"})


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("changes") / "out"
    causes = of_every_kind()
    many = [make_change(make_key(f"bench_many.time_{word}"), after=1.3, at=33) for word in "abcdefghijklmnop"]
    there = make_change(make_key("bench_core.time_parse"), after=1.05, at=31, environment=MINI)
    grace = Commit(make_run(31).commit, (), None, "Grace", "Parse <em>everything</em> twice")
    older = [make_cause(f"bbbb{i:04}", make_change(at=2), at=2) for i in range(50)]
    causes[2:2] = [make_cause("cccc0001", *many, at=33), make_cause("cccc0002", there, at=31, commits=(grace,))]
    build(realistic().site(causes=[*causes, *older]), out)
    return out


@pytest.fixture
def visit(browser, site):  # noqa: F811
    contexts = []

    def opened(fragment="", wait=True, **options):
        context = browser.new_context(**({"viewport": {"width": 1366, "height": 900}} | options))
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on("console", lambda message: page.problems.append(message.text))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto((site / "changes.html").as_uri() + fragment)
        if wait:
            page.wait_for_selector("html[data-ready='1']")
        return page

    yield opened
    problems = [problem for context in contexts for page in context.pages for problem in page.problems]
    for context in contexts:
        context.close()
    assert problems == []


def ids(page):
    """The causes that are to be seen, by the last digits of their id; "?" for a suspected one."""
    found = page.evaluate(
        "[...document.querySelectorAll('li[data-status]')].filter(e => e.checkVisibility()).map(e => e.id || '?')"
    )
    return [id_.removeprefix("c-") for id_ in found]


def test_words_are_found_in_benchmarks_subjects_people_notes_and_ids_and_nowhere_else(visit):
    page = visit()
    for words, expected in (
        ("time_sort 1000", ["aaaa0001"]),
        ("GRACE", ["aaaa0001", "cccc0002"]),
        ("everything twice", ["cccc0002"]),
        ("checks input", ["aaaa0005"]),
        ("#aaaa0006", ["aaaa0006"]),
        ("numpy 2.4", ["aaaa0001"]),
        ("one of 3 commits", []),
        ("slower", []),
    ):
        page.fill("#filter", words)
        assert ids(page) == expected, words
        assert page.locator("[data-shown]").inner_text() == f"{len(expected)} of 60 shown"
        assert page.evaluate("document.documentElement.dataset.filtered") == words


def test_a_cause_that_is_found_by_what_it_does_not_show_says_why(visit):
    page = visit("#q=time_p")
    assert ids(page) == ["cccc0001", "cccc0002"]
    assert page.locator("#c-cccc0001 > .said").inner_text() == "Changed too: bench_many.time_p"
    page.fill("#filter", "dot (6)")
    assert page.locator("#c-aaaa0002 .hit").nth(1).is_visible(), "it was folded"
    page.fill("#filter", "")
    assert not page.locator("#c-aaaa0002 .hit").nth(1).is_visible()
    assert not page.locator("#c-cccc0001 > .said").is_visible()


def test_statuses_directions_environments_sizes_and_times_narrow(visit):
    page = visit()
    everything = ids(page)
    page.click("[name=status][value=fixed]")
    assert ids(page) == ["aaaa0004"], "unfolded"
    page.click("[name=status][value=suspected]")
    assert ids(page) == ["aaaa0004", "?"]
    assert page.url.endswith("#status=fixed,suspected")
    page.click("[data-reset]")
    assert ids(page) == everything
    page.click("[name=dir][value=improvement]")
    assert ids(page) == ["aaaa0003"]
    assert page.locator("#improvements .count").inner_text() == "1 of 1"
    page.click("[data-reset]")
    page.fill("#min", "90")
    assert set(ids(page)) == {"aaaa0002", "aaaa0004"}
    page.fill("#min", "")
    page.select_option("#env", anchor(MINI))
    assert ids(page) == ["cccc0002"]
    page.select_option("#env", "")
    page.select_option("#since", "30d")
    assert page.url.endswith("#since=30d")
    assert "bbbb0000" not in ids(page)
    assert "aaaa0001" in ids(page)


def test_an_address_is_restored_and_followed(visit):
    page = visit("#since=90d&status=open&min=20&q=bench_many&dir=regression,nonsense")
    assert ids(page) == ["cccc0001"]
    assert page.locator("#min").input_value() == "20"
    assert page.locator("#since").input_value() == "90d"
    assert page.locator("[name=dir][value=regression]").get_attribute("aria-pressed") == "true"
    page.evaluate("location.hash = 'q=checks'")
    expect(page.locator("#filter")).to_have_value("checks")
    assert ids(page) == ["aaaa0005"]
    page.go_back()
    expect(page.locator("#min")).to_have_value("20")
    assert ids(page) == ["cccc0001"]


def test_an_address_of_nonsense_shows_the_page(visit, site):
    page = visit()
    for nonsense in (
        "#since=__proto__",
        "#env=x&status=%",
        "#q=%E0%A4%A",
        "#=&=&q",
        "#min=lots",
        "#c-unknown",
        "#c-%00",
    ):
        page.goto("about:blank")
        page.goto((site / "changes.html").as_uri() + nonsense)
        page.wait_for_selector("html[data-ready='1']")
        assert page.locator("[data-shown]").inner_text().endswith(" of 60 shown"), nonsense


def test_the_address_of_a_cause_unfolds_it_wherever_it_is(visit):
    page = visit("#c-bbbb0049")
    for id_ in ("c-bbbb0049", "c-aaaa0005", "c-bbbb0020"):
        page.evaluate("id => location.hash = id", id_)
        expect(page.locator(f"#{id_}")).to_be_in_viewport()
        assert page.url.endswith(f"#{id_}")


def test_the_address_of_a_cause_shows_all_of_it_and_undoes_a_filter_that_hides_it(visit):
    page = visit("#status=fixed")
    page.evaluate("location.hash = 'c-aaaa0002'")
    page.wait_for_selector("#c-aaaa0002 .range")
    assert page.url.endswith("#c-aaaa0002")
    assert not page.locator("[data-reset]").is_visible()


def test_the_keyboard_filters(visit):
    page = visit()
    page.keyboard.press("/")
    page.keyboard.type("sort")
    assert ids(page) == ["aaaa0001"]
    page.keyboard.press("Escape")
    assert len(ids(page)) > 5
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_without_scripts_every_cause_is_there_and_nothing_asks_to_be_pressed(visit, site):
    page = visit(java_script_enabled=False, wait=False)
    assert not page.locator("#tools").is_visible()
    assert page.locator("nav.chips").is_visible()
    assert page.locator("li[data-status]").count() == 60
    assert "data-ready" not in read(site / "changes.html").elements[1][1]


def test_a_line_leads_to_the_whole_of_it_which_is_found_there_too(visit, site):
    page = visit("#q=checks")
    page.locator("#c-aaaa0005 > a").first.click()
    page.wait_for_url("**/changes-earlier.html#c-aaaa0005")
    expect(page.locator("#c-aaaa0005 .hit").first).to_be_visible()
    page.fill("#filter", "checks")
    assert ids(page) == ["aaaa0005"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 390])
def test_axe_finds_nothing_and_nothing_is_too_wide(visit, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page = visit("#min=1&q=time", viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.run(page)
    page.problems.clear()  # it asks for the style sheet by itself, and is refused
    assert found.violations_count == 0, found.generate_report()


def test_a_printed_page_has_the_causes_that_were_chosen_and_no_controls(visit):
    page = visit("#q=grace")
    page.emulate_media(media="print")
    assert not page.locator("#tools").is_visible()
    assert ids(page) == ["aaaa0001", "cccc0002"]
    assert page.locator("#c-aaaa0001").evaluate("e => getComputedStyle(e).contentVisibility") == "visible"


def test_a_page_without_causes_needs_no_script(tmp_path):
    build(realistic().site(causes=[]), tmp_path / "out")
    page = read(tmp_path / "out/changes.html")
    assert page.all("script") == []
    assert "Nothing has changed so far" in page.content


def test_of_one_environment_there_is_nothing_to_choose(tmp_path):
    causes = [make_cause("00000001"), replace(make_cause("00000002"), status=CauseStatus.FIXED, trend=Trend.UNKNOWN)]
    build(realistic().site(causes=causes), tmp_path / "out")
    page = read(tmp_path / "out/changes.html")
    assert "env" not in page.ids
    assert {"since", "min", "filter"} <= set(page.ids)
