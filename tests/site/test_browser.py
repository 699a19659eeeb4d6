"""The pages in a real browser: from disk, without JavaScript, on a desktop and a phone, light and dark."""

import itertools
import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from regress.site import build

from .causes import of_every_kind
from .factories import realistic

pytestmark = pytest.mark.browser
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (colour, ground) => {
    canvas.fillStyle = ground; canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const linear = c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const light = channels => channels.map(c => linear(c / 255))
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const ground = el => {
    let colour = 'white';
    const chain = []; for (let e = el; e; e = e.parentElement) chain.unshift(getComputedStyle(e).backgroundColor);
    for (const c of chain) colour = `rgb(${rgb(c, colour).join(',')})`;
    return colour;
  };
  const poor = new Set();
  for (const el of document.querySelectorAll('body *')) {
    const own = [...el.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !el.checkVisibility() || el.closest('svg')) continue;
    const back = ground(el), [a, b] = [light(rgb(getComputedStyle(el).color, back)), light(rgb(back, 'white'))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.add(`${el.className || el.tagName}: ${ratio.toFixed(2)}`);
  }
  return [...poor];
}"""


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        assert "REGRESS_REQUIRE_BROWSER" not in os.environ, "no Chromium on this machine"
        pytest.skip("no Chromium on this machine; install the package `chromium`")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "out"
    build(realistic().site(causes=of_every_kind()), out)
    return out


@pytest.fixture(params=[(1366, "light"), (1366, "dark"), (390, "light"), (390, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def visit(request, browser, site):
    """Opens a page of the site and returns it with what it asked for and complained about."""
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=False
    )

    def opened(name):
        page = context.new_page()
        page.problems = []
        page.on("console", lambda message: page.problems.append(message.text))
        page.on("requestfailed", lambda asked: page.problems.append(asked.url))
        page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or page.problems.append(asked.url))
        page.goto((site / name).as_uri())
        return page

    yield opened
    context.close()


def names(site):
    """The overview and the changes, then one page of each kind: failures, many variants, a regression, a long name."""
    kinds = ("time_save", "time_dot", "time_sort", "rather_long_name")
    return ["index.html", "changes.html", *(f"b/{next(site.glob(f'b/*{kind}*')).name}" for kind in kinds)]


def test_pages_fit_ask_for_nothing_and_complain_of_nothing(visit, site):
    for name in names(site):
        page = visit(name)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
        assert page.locator("h1").is_visible()
        assert page.locator("h2").first.is_visible()
        assert page.evaluate("getComputedStyle(document.body).fontVariantNumeric") == "tabular-nums", "the style sheet"
        assert page.problems == []
        page.close()


def test_every_text_has_a_contrast_of_four_and_a_half(visit, site):
    for name in names(site)[:3]:
        page = visit(name)
        assert page.evaluate(CONTRAST) == [], name
        page.close()


def test_charts_are_large_enough_and_their_labels_readable(visit, site):
    page = visit("b/bench_io.Load.time_load_csv.html")
    box = page.locator(".box").first.bounding_box()
    assert box["height"] >= 220
    assert box["width"] >= 250
    sizes = page.evaluate(
        "[...document.querySelectorAll('.box span')].map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 12
    dates = page.evaluate(
        "[...document.querySelector('.box').querySelectorAll('.x')].map(e => e.getBoundingClientRect())"
        ".filter(r => r.width).map(r => [r.left, r.right])"
    )
    assert all(before[1] < after[0] for before, after in itertools.pairwise(dates)), "no dates overprint"


def test_the_proof_unfolds_and_links_lead_on(visit, site):
    page = visit("index.html")
    page.locator(".finding summary").first.click()
    assert page.locator(".why").first.is_visible()
    page.locator(".finding .name a").first.click()
    assert page.locator("h1").inner_text() == "bench_sort.Sort.time_sort"
    page.locator(".crumbs a").click()
    assert page.locator("h1").inner_text() == "quicksort"


def test_the_keyboard_reaches_the_content_first(visit, site):
    page = visit("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_mark_of_a_chart_leads_to_its_cause_even_where_that_is_folded(visit, site):
    page = visit("b/bench_io.Load.time_load_csv.html")
    page.locator(".flags a").first.click()
    assert page.url.endswith("changes.html#c-aaaa0004")
    assert page.locator("#c-aaaa0004").is_visible()
    assert "+198% slower" in page.locator("#c-aaaa0004").inner_text()
    assert not page.locator("#c-aaaa0005").is_visible()


def test_a_printed_page_shows_its_proof(visit, site):
    page = visit("index.html")
    page.emulate_media(media="print")
    assert page.locator(".finding.bad .why").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
