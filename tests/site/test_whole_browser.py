"""Every page of a hostile project in a real browser; new pages are found by themselves.

Nothing foreign runs, leaves the directory, asks for anything outside or breaks a page: from disk and from a server,
with and without scripts, light and dark, wide and on a phone, on paper.
"""

import functools
import importlib.util
import re
import threading
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from regress.site import build

from .hostile import NAMES, project
from .html_reader import read
from .test_browser import CONTRAST, browser  # noqa: F401
from .test_components import hostile
from .test_script import Quiet

pytestmark = pytest.mark.browser
# A heading that sorts is a heading on paper, and a field that says which commits are compared says it there too.
CONTROLS = "nav, button:not(th button), input:not([list]), select, textarea, [role=search], .skip"
SEEN = "s => [...document.querySelectorAll(s)].filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 200))"
OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true"
SCREENS = [(1366, "light"), (1366, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("hostile") / "out"
    build(replace(project(), components=hostile()), out)
    return out


@pytest.fixture(scope="module")
def pages(site):
    """All that are read; those of former names only lead on."""
    return [path for path in sorted(site.rglob("*.html")) if not leads_on(path)]


@pytest.fixture(scope="module")
def kinds(site, pages):
    """A page of each kind: all that stand at the top, and the largest of the benchmarks."""
    below = [path for path in pages if path.parent != site]
    return [*(path for path in pages if path.parent == site), max(below, key=lambda path: path.stat().st_size)]


@pytest.fixture(scope="module")
def served(site):
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def tab(browser, site):  # noqa: F811
    """A tab that lets nothing out; whatever a page does that it should not is in `problems`."""
    contexts = []

    def opened(address="", **options):
        inside = f"{address or site.as_uri()}/"
        context = browser.new_context(**options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        tab = context.new_page()
        tab.problems = []

        def guard(route):
            asked = route.request.url
            if asked.startswith((inside, "data:")):
                route.continue_()
            else:
                tab.problems.append(f"asked for {asked}")
                route.abort()

        tab.route("**/*", guard)
        tab.on("console", lambda message: tab.problems.append(message.text))
        tab.on("pageerror", lambda error: tab.problems.append(str(error)))
        tab.on("dialog", lambda dialog: (tab.problems.append("a dialog"), dialog.dismiss()))
        return tab

    yield opened
    for context in contexts:
        context.close()


def leads_on(path: Path) -> bool:
    return 'http-equiv="refresh"' in path.read_text("utf-8").lower()


def shown(name: str) -> str:
    """A name as a page can show it: no lone surrogate, no NUL, blanks as blanks."""
    return " ".join(name.replace("\ud800", "?").replace("\0", "").split())


def test_nothing_is_written_outside_and_no_two_files_collide(site):
    assert [path.name for path in site.parent.iterdir()] == ["out"]
    names = [path.relative_to(site).as_posix() for path in site.rglob("*")]
    assert len({name.lower() for name in names}) == len(names)
    for path in site.rglob("*"):
        assert not path.is_symlink()
        assert re.fullmatch(r"[A-Za-z0-9.][A-Za-z0-9._-]{0,120}", path.name), path
        assert path.resolve().is_relative_to(site.resolve())


def test_every_page_forbids_what_is_not_the_site_s_own(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) >= len(NAMES) + 6
    for path in pages:
        page = read(path)
        policies = [meta["content"] for meta in page.all("meta") if "policy" in meta.get("http-equiv", "").lower()]
        assert len(policies) == 1, path
        assert "default-src 'none'" in policies[0]
        assert "unsafe" not in policies[0].replace("style-src 'self' 'unsafe-inline'", "")
        assert not [attrs for attrs in page.all("script") if not attrs.get("src")], path
        assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")], path
        addresses = [attrs[name] for _, attrs in page.elements for name in ("href", "src") if name in attrs]
        assert {urlsplit(address).scheme for address in addresses} <= {"", "https", "data"}, path


def test_every_link_leads_to_a_page_and_to_a_place_on_it(site):
    pages = {path.resolve(): read(path) for path in site.rglob("*.html")}
    for path, page in pages.items():
        for attrs in page.all("a"):
            url = urlsplit(attrs["href"])
            if not url.scheme:
                target = (path.parent / url.path).resolve() if url.path else path
                assert target.is_file(), (path, attrs)
                # What a script reads from the address holds '='.
                if target in pages and url.fragment and "=" not in url.fragment:
                    assert url.fragment in pages[target].ids, (path, attrs)


def test_a_former_name_leads_to_the_present_one(tab, site, pages):
    page = tab(java_script_enabled=False)
    former = [path for path in site.rglob("*.html") if path not in pages]
    assert former
    for path in former:
        page.goto(path.as_uri())
        page.wait_for_selector("h1")
        assert " ".join(page.locator("h1").text_content().split()) == shown(NAMES[0])
    assert page.problems == []


def test_names_are_text_and_nothing_runs_on_any_page(tab, pages):
    page = tab(viewport={"width": 390, "height": 844})
    headings = set()
    for path in pages:
        page.goto(path.as_uri())
        page.evaluate(OPEN_ALL)
        headings.add(" ".join(page.locator("h1").text_content().split()))
        assert page.evaluate("window.__hit") is None, path
        assert page.evaluate("document.querySelectorAll('body img, body iframe, body object').length") == 0, path
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert page.problems == [], path
    assert {shown(name) for name in NAMES} <= headings


def test_it_works_from_a_server_as_it_does_from_disk(tab, site, served, kinds):
    page = tab(served, viewport={"width": 1366, "height": 900})
    for path in kinds:
        page.goto(f"{served}/{path.relative_to(site)}")
        if 'src="' in path.read_text("utf-8"):
            page.wait_for_selector("html[data-ready], html[data-trend]", state="attached")
        assert page.evaluate("window.__hit") is None, path
        assert page.locator("h1").is_visible()
        assert page.problems == [], path


def test_without_scripts_headings_and_tables_are_there(tab, kinds):
    page = tab(java_script_enabled=False)
    for path in kinds:
        page.goto(path.as_uri())
        assert page.locator("h1").is_visible(), path
        # The page that compares says what it needs scripts for.
        assert page.locator("main :is(h2, noscript p)").first.is_visible(), path
        page.evaluate(OPEN_ALL)
        assert page.locator("table").count() == 0 or path.name == "compare.html" or page.evaluate(SEEN, "table"), path
        assert page.problems == [], path


def test_axe_finds_nothing_on_any_page(tab, kinds):
    found = importlib.util.find_spec("axe_playwright_python")
    if not found or not found.origin:
        pytest.skip("axe is not installed")
    axe = (Path(found.origin).parent / "axe.min.js").read_text("utf-8")
    page = tab()
    for path in kinds:
        page.goto(path.as_uri())
        page.evaluate(OPEN_ALL)
        page.evaluate(axe)
        for width, scheme in SCREENS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            what = f"{path.name} at {width} in {scheme}"
            # Colours are all that a scheme changes.
            options = "{runOnly: ['color-contrast']}" if scheme == "dark" else "{resultTypes: ['violations']}"
            faults = f"axe.run(document, {options}).then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
            assert page.evaluate(faults) == [], what


def test_on_paper_there_are_no_controls_and_dark_letters_on_white(tab, kinds):
    page = tab(viewport={"width": 800, "height": 1100}, color_scheme="dark")
    for path in kinds:
        page.goto(path.as_uri())
        page.emulate_media(media="print")
        assert page.evaluate(SEEN, CONTROLS) == [], path
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", path
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)", path
        assert page.evaluate(CONTRAST) == [], path
