"""The overview's table in a real browser: found, narrowed and sorted, all of it in the address."""

import functools
import http.server
import math
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from regress.model import Cause, CauseStatus, ChangePoint, ChangeStatus, Metric, Outcome, Proof, Span, Trend
from regress.model.run import Direction, Kind
from regress.site import build
from regress.site.axis import Axes
from regress.site.lines import Verdicts, lines_of
from regress.site.links import Links
from regress.site.rows import facts_of, last_changes, sigmas, state_counts
from regress.site.theme import SCRIPT, Assets

from .factories import ENVIRONMENT, make_key, make_runs, make_series, make_verdict, realistic
from .html_reader import read
from .test_browser import browser  # noqa: F401

HOSTILE = (
    "<script>document.title='owned'</script>", '"><img src=x onerror=alert(1)>', "\u202egnp.eman", "É_" + "x" * 300,
)  # fmt: skip


def proof(sigma: float, past=("a" * 64,)) -> Proof:
    return Proof("1", past, (), 1.0, 1.0, sigma, 9.0, 0.5, 0.5, 0.01, 0.001, 3)


def a_cause(key, day: int, *, status=CauseStatus.OPEN, change=ChangeStatus.CONFIRMED, environment=ENVIRONMENT) -> Cause:
    span = Span("a" * 40, "b" * 40, "b" * 40)
    point = ChangePoint(key, environment, 1.0, 2.0, 1.9, 2.1, span, change)
    return Cause(f"c{day}", span, Trend.REGRESSION, (point,), status=status, when=datetime(2026, 1, day, tzinfo=UTC))


def facts(key, values, verdict=None, changed=None, **more):
    axes = Axes(make_runs(20), Links(""))
    (line,) = lines_of([make_series(key, values, **more)], axes, Verdicts([verdict] if verdict else []))
    return facts_of(line, changed or {})


class TestFacts:
    """What Python writes beside each row."""

    def test_a_change_is_told_in_units_of_the_noise_of_one_run(self):
        verdict = make_verdict(make_key(), 1.0, math.e, Outcome.REGRESSED)
        found = facts(make_key(), [1.0] * 20, replace(verdict, proof=proof(0.25)))
        assert (found.sigmas, found.noise, found.worse) == ("4.0 σ", "4", "1")
        assert facts(make_key(), [1.0] * 20, replace(verdict, proof=proof(0.05))).sigmas == "20 σ"

    @pytest.mark.parametrize("given", [None, proof(math.nan), proof(0.0), proof(0.1, past=())])
    def test_noise_that_no_earlier_run_tells_is_left_out(self, given):
        verdict = make_verdict(make_key(), 1.0, 2.0, Outcome.REGRESSED)
        found = facts(make_key(), [1.0] * 20, replace(verdict, proof=given))
        assert (found.sigmas, found.noise) == ("", "")
        assert "noise" not in dict(found.attributes)

    def test_from_nothing_to_something_is_no_number(self):
        verdict = replace(make_verdict(make_key(), 1.0, 2.0, Outcome.REGRESSED), proof=proof(0.1))
        endless = replace(verdict, comparison=replace(verdict.comparison, change=math.inf))
        assert facts(make_key(), [1.0] * 20, endless).sigmas == ""

    @pytest.mark.parametrize(
        ("direction", "sign"), [(Direction.LOWER, "0.693"), (Direction.HIGHER, "-0.693"), (Direction.UNKNOWN, "0.693")]
    )
    def test_changes_are_sorted_by_how_much_worse_they_are(self, direction, sign):
        metric = Metric("rate", "1/s", direction, Kind.NOISY)
        assert facts(make_key(metric=metric), [1.0] * 19 + [2.0]).worse == sign

    @pytest.mark.parametrize(
        ("outcome", "state"),
        [
            (Outcome.REGRESSED, "regressed"), (Outcome.BREACHED, "regressed"), (Outcome.MISSING, "failed"),
            (Outcome.IMPROVED, "improved"), (Outcome.INCONCLUSIVE, "unjudged"), (Outcome.UNCHANGED, ""),
        ],
    )  # fmt: skip
    def test_states_follow_the_verdict(self, outcome, state):
        assert facts(make_key(), [1.0] * 20, make_verdict(make_key(), 1.0, 1.1, outcome)).states == state

    def test_noisy_old_and_failing_rows_say_so(self):
        verdict = replace(make_verdict(make_key(), 1.0, 1.1, Outcome.UNCHANGED), proof=proof(0.1))
        assert facts(make_key(), [1.0] * 20, verdict).states == "unstable"
        assert facts(make_key(), [1.0] * 10).states == "stale"
        assert facts(make_key(), [1.0] * 10, gaps=[(20, "failed", "no room")]).states == "failed"

    def test_the_last_change_is_the_newest_confirmed_one(self):
        key, other = make_key("a"), make_key("b")
        causes = [
            a_cause(key, 20, status=CauseStatus.WITHDRAWN), a_cause(key, 19, change=ChangeStatus.SUSPECTED),
            a_cause(key, 12), a_cause(key, 3), replace(a_cause(other, 5), when=None),
        ]  # fmt: skip
        changed = last_changes(causes)
        assert changed == {(key.unversioned, ENVIRONMENT): "2026-01-12"}
        found = facts(key, [1.0] * 20, changed=changed)
        assert (found.changed, dict(found.attributes)["date"]) == ("2026-01-12", "2026-01-12")
        assert facts(other, [1.0] * 20, changed=changed).changed == ""

    def test_states_are_counted_even_where_there_are_none(self):
        counts = {name: n for name, _, _, n in state_counts([facts(make_key(), [1.0] * 10)])}
        assert counts["stale"] == 1
        assert counts["regressed"] == 0

    def test_a_line_without_a_verdict_has_no_noise(self):
        axes = Axes(make_runs(20), Links(""))
        (line,) = lines_of([make_series(make_key(), [1.0, 2.0])], axes, Verdicts([]))
        assert math.isnan(sigmas(line))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "out"
    history = realistic()
    for name in HOSTILE:
        history.add(make_key(name, name), 1e-3)
    history.verdicts = [
        replace(v, proof=proof(0.02 * i)) if v.outcome is not Outcome.FAILED else v
        for i, v in enumerate(history.verdicts, 1)
    ]
    causes = [a_cause(make_key("bench_merge.time_merge"), 30), a_cause(make_key("bench_core.time_hash"), 4)]
    build(history.site(causes=causes), out)
    return out


@pytest.fixture(scope="module")
def served(site):
    """The site's address on a real server."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that does not write a line for each request."""

    def log_message(self, format, *args):
        pass


@pytest.fixture
def visit(browser, site):  # noqa: F811
    """Opens the overview with a fragment; complaints of the browser are faults."""
    contexts = []

    def opened(fragment="", url="", wait=True, **options):
        context = browser.new_context(**({"viewport": {"width": 1366, "height": 900}} | options))
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on("console", lambda message: page.problems.append(message.text))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto((url or (site / "index.html").as_uri()) + fragment)
        if wait:
            page.wait_for_selector("html[data-ready='1']", state="attached")
        return page

    yield opened
    for context in contexts:
        problems = [problem for page in context.pages for problem in page.problems]
        context.close()
        assert problems == []


def rows(page, table=0) -> list[str]:
    """The names of the rows that are to be seen, in order."""
    return page.evaluate(
        "i => [...document.querySelectorAll('table[data-env]')[i].tBodies[0].rows].filter(r => r.checkVisibility())"
        ".map(r => r.querySelector('a').textContent)",
        table,
    )


def figures(page, name) -> list[float]:
    return page.evaluate(
        "name => [...document.querySelector('table[data-env]').tBodies[0].rows].map(r => r.dataset[name] || '')", name
    )


def head(page, words):
    return page.locator("table[data-env]").first.get_by_role("button", name=words, exact=True)


def test_the_page_as_it_is_served_is_not_ready_and_has_no_inline_script(site):
    page = read(site / "index.html")
    assert "data-ready" not in page.elements[1][1]
    scripts = [Assets().href("", name) for name in ("static/filter.js", SCRIPT)]
    assert page.all("script") == [{"src": src, "defer": ""} for src in scripts]
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert "script-src 'self';" in policy
    assert not [name for attrs in (a for _, a in page.elements) for name in attrs if name.startswith("on")]
    assert (site / SCRIPT).read_bytes().startswith(b"//")


pytestmark = pytest.mark.browser


def test_without_the_script_every_row_is_there_and_nothing_asks_to_be_pressed(visit):
    page = visit("#q=sort", java_script_enabled=False, wait=False)
    assert len(rows(page)) > 10
    assert not page.locator("#tools").is_visible()
    assert page.get_by_role("button").count() == 0
    assert page.locator(".chips").is_visible()


def test_words_are_all_to_be_found_in_the_name_variant_or_metric(visit):
    page = visit()
    everything = len(rows(page)) + len(rows(page, 1))
    page.keyboard.press("/")
    page.keyboard.type("TIME sort 'LIST")
    assert rows(page) == ["bench_sort.Sort.time_sort"]
    assert page.locator("[data-shown]").inner_text() == f"2 of {everything} shown"
    assert page.url.endswith("#q=TIME+sort+%27LIST")
    page.keyboard.press("Escape")
    assert len(rows(page)) + len(rows(page, 1)) == everything
    assert "#" not in page.url
    page.fill("#filter", "peak memory")
    assert rows(page) == ["bench_io.Load.peakmem_load"]
    page.fill("#filter", "of 3")
    assert rows(page) == [], "not the words around them"
    page.fill("#filter", "nothing of the kind")
    assert page.locator("[data-shown]").inner_text() == f"0 of {everything} shown"
    assert not page.locator("details.environment").first.is_visible()


def test_states_and_environments_narrow_and_the_reset_undoes_all(visit):
    page = visit()
    everything = rows(page)
    page.locator("[data-state=regressed]").click()
    assert set(rows(page)) == {"bench_sort.Sort.time_sort", "tests/test_heap.py::test_pop"}
    page.locator("[data-state=failed]").click()
    assert len(rows(page)) == 3
    assert page.url.endswith("#state=regressed,failed")
    assert page.locator("[data-state=failed]").get_attribute("aria-pressed") == "true"
    page.locator("[data-reset]").click()
    assert rows(page) == everything
    assert not page.locator("[data-reset]").is_visible()
    page.select_option("#env", index=2)
    assert rows(page) == []
    assert len(rows(page, 1)) > 5


@pytest.mark.parametrize(
    ("words", "key"), [("Last value", "last"), ("Change", "change"), ("vs. noise", "noise"), ("Last change", "date")]
)
def test_a_heading_sorts_by_its_number_the_largest_first_and_the_other_way_round(visit, words, key):
    page = visit()
    heading = head(page, words).locator("..")
    for direction, sort in (("descending", f"-{key}"), ("ascending", key)):
        head(page, words).click()
        assert heading.get_attribute("aria-sort") == direction
        assert page.url.endswith(f"#sort={sort}")
        metrics = figures(page, "metric") if key == "last" else [""] * len(figures(page, key))
        pairs = list(zip(metrics, figures(page, key), strict=True))
        there = [(metric, float(text.replace("-", "") if key == "date" else text)) for metric, text in pairs if text]
        assert there, "something to sort by"
        assert there == sorted(there, key=lambda p: (p[0], -p[1] if direction == "descending" else p[1]))
        if key != "last":
            assert [text == "" for _, text in pairs] == sorted(text == "" for _, text in pairs), "the unknown come last"
    assert page.locator("[aria-sort]").count() == 2, "one in each table"


def test_names_are_sorted_from_the_first_letter(visit):
    page = visit()
    head(page, "Benchmark").click()
    names = [name for name in rows(page) if name.startswith("bench_")]
    assert names == sorted(names, key=str.lower)
    assert page.url.endswith("#sort=name")


def test_an_address_is_restored_and_followed(visit):
    page = visit("#q=load&sort=-change&state=unstable,nonsense")
    assert page.locator("#filter").input_value() == "load"
    assert page.locator("[data-state=unstable]").get_attribute("aria-pressed") == "true"
    assert page.locator("[aria-sort=descending]").count() == 2
    before = rows(page)
    assert before
    page.evaluate("location.hash = 'q=merge'")
    page.wait_for_function("document.querySelector('#filter').value === 'merge'")
    assert rows(page) == ["bench_merge.time_merge"]
    page.evaluate("location.hash = 'all'")
    page.wait_for_timeout(50)
    assert rows(page) == ["bench_merge.time_merge"], "a place on the page is not a state of the table"
    page.go_back()
    page.go_back()
    page.wait_for_function("document.querySelector('#filter').value === 'load'")
    assert rows(page) == before


@pytest.mark.parametrize("fragment", ["#sort=__proto__", "#env=x&state=%", "#q=%E0%A4%A", "#=&=&q", "#sort=-"])
def test_an_address_of_nonsense_shows_the_page(visit, fragment):
    page = visit(fragment)
    assert page.locator("[data-shown]").inner_text().endswith("shown")


def test_the_address_is_text_and_is_never_run(visit):
    page = visit("#q=" + "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    assert page.locator("#filter").input_value() == "<img src=x onerror=alert(1)>"
    assert page.locator("img").count() == 0
    assert page.title() == "quicksort: benchmarks"
    page.fill("#filter", "<script>")
    assert rows(page) == [HOSTILE[0]]
    page.fill("#filter", "é_xxx")
    assert rows(page) == [HOSTILE[3]]


def test_it_works_over_http_as_it_does_from_disk(visit, served):
    page = visit("#q=merge", url=served)
    assert rows(page) == ["bench_merge.time_merge"]
    page.locator("[data-reset]").click()
    assert page.url == served


def test_what_is_found_in_a_folded_section_is_unfolded_for_as_long(visit):
    page = visit()
    fold = page.locator("details.environment").first
    fold.locator("summary").click()
    page.fill("#filter", "merge")
    assert rows(page) == ["bench_merge.time_merge"]
    page.fill("#filter", "")
    assert fold.get_attribute("open") is None


def test_on_a_phone_the_headings_are_seen_and_nothing_is_too_wide(visit):
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    head(page, "vs. noise").tap()
    assert page.url.endswith("#sort=-noise")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    heights = page.evaluate("[...document.querySelectorAll('#tools button, thead button')].map(e => e.offsetHeight)")
    assert min(height for height in heights if height) >= 24


def test_columns_stand_under_their_headings(visit):
    page = visit()
    rights = "r => [...r.cells].map(c => Math.round(c.getBoundingClientRect().right))"
    table = page.locator("table[data-env]").first
    assert table.locator("thead tr").evaluate(rights) == table.locator("tbody tr").first.evaluate(rights)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 390])
def test_axe_finds_nothing(visit, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page = visit("#state=regressed,failed&sort=-noise", viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = axe.run(page)
    page.problems.clear()  # it asks for the style sheet by itself, and is refused
    assert found.violations_count == 0, found.generate_report()


def test_a_printed_page_has_the_rows_that_were_chosen_and_no_controls(visit):
    page = visit("#q=merge")
    page.emulate_media(media="print")
    assert not page.locator("#tools").is_visible()
    assert rows(page) == ["bench_merge.time_merge"]
    assert page.locator("tbody tr").first.evaluate("e => getComputedStyle(e).contentVisibility") == "visible"
