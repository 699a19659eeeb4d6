"""The page that compares two commits, in a real browser: from disk and from a server."""

import csv
import functools
import http.server
import io
import json
import re
import threading
from dataclasses import replace
from math import nan

import pytest

from regress.model import ChangeStatus, Direction, Environment, Kind, Metric
from regress.site import build

from .causes import make_cause, make_change
from .factories import ENVIRONMENT, History, make_key, make_run, make_series, steps
from .test_browser import CONTRAST, browser  # noqa: F401
from .test_script import Quiet

pytestmark = pytest.mark.browser
N = 60
STEP = 41  # the first commit of the new levels
ENTRIES = Metric("entries", "1", Direction.HIGHER, Kind.EXACT)
OTHER = Environment.of({"system": "macOS", "machine": "<b>mini</b>"}, {"cpu": "M3"})
HOSTED = Environment.of({"system": "hosted"}, {"cpu": "B"})
HOSTILE = '<img src=x onerror="document.title=1">'
#: By how many steps of 0.1 % each series of the group `mean` changes: 1.001 ** 150 is their mean, 16.2 % slower.
STEPS = {"(1)": 700, "(2)": -300, "(3)": 0, "(4)": 200}


def sha(order):
    return make_run(order).commit[:10]


def history():
    made = History(N, environments=(ENVIRONMENT, OTHER, HOSTED))
    changed = []

    def add(key, ratio, *, e=0, noise=0.0, at=STEP, **more):
        made.add(key, steps(N, (1, 1e-3), (at, 1e-3 * ratio)), e=e, noise=noise, **more)
        if ratio != 1:
            place = (ENVIRONMENT, OTHER)[e]
            status = ChangeStatus.SUSPECTED if "suspected" in key.benchmark.name else ChangeStatus.CONFIRMED
            changed.append(make_change(key, 1e-3, 1e-3 * ratio, at=at, environment=place, status=status))

    for variant, step in STEPS.items():
        add(make_key("mean.time_x", variant), 1.001**step)
    add(make_key("loud.time_slow"), 1.5, noise=0.02)
    add(make_key("loud.time_little"), 1.02, noise=0.02)
    add(make_key("loud.time_fast"), 0.5, noise=0.02)
    add(make_key("loud.time_suspected"), 1.3, noise=0.02)
    add(make_key(f"hostile.{HOSTILE}", "'\"><script>x</script>"), 1.25, noise=0.01)
    add(make_key("loud.time_slow"), 1.8, e=1, noise=0.02)
    made.add(make_key("count.track_entries", metric=ENTRIES), steps(N, (1, 4e6), (STEP, 4e6 - 1)), noise=0)
    changed.append(make_change(make_key("count.track_entries", metric=ENTRIES), 4e6, 4e6 - 1, at=STEP))
    made.add(make_key("gone.time_old"), [*[1.0] * 30, *[nan] * 30], noise=0)
    made.add(make_key("gone.time_failed"), 1.0, noise=0, failed=(31, 60))
    for version, values in (("", [1e-3] * 40), ("2", [2e-3] * 20)):
        key = make_key("edited.time_v", version=version)
        made.series.append(make_series(key, values, first=STEP if version else 1))
    on_two_processors(made)
    for order, tags in {31: ("v1.0",), 51: ("v2.0", "z" + HOSTILE), 60: ("v3.0",)}.items():
        for id_ in (order, N + order):
            made.runs[id_] = replace(made.runs[id_], tags=tags)
        made.runs[2 * N + order] = replace(made.runs[2 * N + order], tags=tags)
    for id_ in (31, N + 31, 2 * N + 31):
        made.runs[id_] = replace(made.runs[id_], subject="<script>document.title=2</script>")
    return made, [make_cause("aaaa0001", *changed, at=STEP)]


def on_two_processors(made):
    """Odd commits up to the fortieth on a processor that is three times as slow; the second series on both in turn."""
    slow = Environment.of(dict(HOSTED.key), {"cpu": "A"})
    odd = [order for order in range(1, STEP) if order % 2]
    for order in odd:
        made.runs[2 * N + order] = replace(made.runs[2 * N + order], environment=slow)
    figures = [3e-3 if order in odd else 1e-3 for order in range(1, N + 1)]
    made.add(make_key("hosted.time_both"), figures, e=2, noise=0)
    first_slow = [nan if order < STEP and order not in odd else figures[order - 1] for order in range(1, N + 1)]
    made.add(make_key("hosted.time_parted"), first_slow, e=2, noise=0)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("compare") / "out"
    made, causes = history()
    build(made.site(causes=causes), out)
    return out


@pytest.fixture(scope="module")
def served(site):
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/compare.html"
        server.shutdown()


@pytest.fixture
def visit(browser, site):  # noqa: F811
    """Opens the page with a fragment; complaints of the browser, and requests that leave the site, are faults."""
    contexts = []

    def opened(fragment="", url="", wait=True, **options):
        context = browser.new_context(**({"viewport": {"width": 1366, "height": 900}} | options))
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        home = url.rpartition("/")[0] or site.as_uri()
        page.on("console", lambda message: page.problems.append(message.text))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("request", lambda r: r.url.startswith((home, "data:", "blob:")) or page.problems.append(r.url))
        page.goto((url or (site / "compare.html").as_uri()) + fragment)
        if wait:
            page.wait_for_selector("html[data-ready='1']", state="attached")
        return page

    yield opened
    for context in contexts:
        problems = [problem for page in context.pages for problem in page.problems]
        context.close()
        assert problems == []


def rows(page):
    """Of each row: name and variant, base, new, change, noise."""
    code = "[...document.querySelectorAll('.compared tbody tr')].map(r => [...r.cells].map(c => c.innerText))"
    texts = page.evaluate(code)
    for _ in range(100):
        if all(row[0] for row in texts):
            break
        page.wait_for_timeout(20)  # a row has a text for people only once it is laid out
        texts = page.evaluate(code)
    return [[re.sub(r"\s+", " ", text).strip() for text in row] for row in texts]


def names(page):
    return [name for name, *_ in rows(page)]


def sides(page):
    return page.locator("#base").input_value(), page.locator("#new").input_value()


def means(page):
    table = page.locator(".groups tbody tr").all()
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in table}


def test_the_page_as_it_is_served_needs_no_script_to_say_what_it_is(visit, site):
    text = (site / "compare.html").read_text("utf-8")
    assert "data-ready" not in text
    page = visit(java_script_enabled=False, wait=False)
    assert page.locator("noscript a[href='changes.html']").is_visible()
    assert "16 series" in page.locator("noscript").inner_text()
    assert not page.locator("#compare").is_visible()
    assert page.get_by_role("button").count() == 0


def test_the_newest_tag_is_compared_with_the_newest_commit_unless_asked_otherwise(visit):
    page = visit()
    assert sides(page) == ("v2.0", "v3.0")
    assert page.locator("[data-answer]").inner_text() == "Nothing changed by 2 σ or more"
    assert rows(page) == []
    assert "#" not in page.url
    page.locator("[data-side=base] [data-pick=before]").click()
    assert sides(page) == (sha(30), "v3.0")
    assert page.url.endswith(f"#base={sha(30)}&new=v3.0")
    assert page.locator("[data-answer]").inner_text() == "7 worse, 2 better"


def test_rows_are_ordered_by_effect_over_noise_and_say_it_in_words(visit):
    page = visit("#base=v1.0&new=v2.0&q=loud")
    table = rows(page)
    order = [float(noise.split()[0]) for *_, noise in table]
    assert order == sorted(order, reverse=True)
    assert len(order) == 4
    found = {row[0]: row[1:] for row in table}
    slow = found[f"loud.time_slow {ENVIRONMENT.label}"]
    assert re.fullmatch(r"99\d µs|1\.0\d ms", slow[0])
    assert re.fullmatch(r"1\.[45]\d ms", slow[1])
    assert re.fullmatch(r"\+(49|50|51)\.\d% slower", slow[2])
    assert re.fullmatch(r"1\d\.\d σ|2\d σ|3\d σ", slow[3])
    assert f"loud.time_slow {OTHER.label}" in found, "another environment is named"
    assert found[f"loud.time_suspected {ENVIRONMENT.label}"][3].endswith("suspected")
    assert re.search(r"−(49|50)\.\d% faster", found[f"loud.time_fast {ENVIRONMENT.label}"][2])


def test_what_lies_within_the_noise_is_hidden_until_it_is_asked_for(visit):
    page = visit("#base=v1.0&new=v2.0&q=time_little")
    assert rows(page) == []
    chip = page.locator("button[name=all]")
    assert chip.inner_text() == "Within the noise 1"
    chip.click()
    assert names(page)[0].startswith("loud.time_little")
    assert page.url.endswith("&all=1") or "&all=1&" in page.url
    page.select_option("#min", "10")
    page.fill("#filter", "loud")
    assert "min=10" in page.url
    assert chip.inner_text() == "Within the noise 1"
    assert visit("#base=v1.0&new=v2.0&min=10&all=1").locator("#min").input_value() == "10"


def test_an_exact_metric_has_no_noise_and_no_change_of_it_is_too_small(visit):
    (row,) = rows(visit("#base=v1.0&new=v2.0&q=entries"))
    assert row == ["count.track_entries entries", "4000000", "3999999", "~0% worse", "exact"]


def test_the_geometric_mean_of_a_group_is_that_of_its_ratios(visit):
    page = visit("#base=v1.0&new=v2.0&q=mean")
    assert page.locator("[data-mean]").inner_text() == "Geometric mean of 4 series: +16.2% slower"
    assert page.locator("[data-answer]").inner_text() == "2 worse, 1 better"
    page = visit("#base=v1.0&new=v2.0")
    assert means(page)["mean time"] == ["+16.2% slower", "2", "1", "4"]
    assert means(page)["count entries"][1:] == ["1", "0", "1"], "another metric has a mean of its own"
    page.locator("[data-swap]").click()
    assert sides(page) == ("v2.0", "v1.0")
    assert means(page)["mean time"] == ["−13.9% faster", "1", "2", "4"]


def test_series_without_a_level_at_both_are_counted_by_the_reason(visit):
    page = visit("#base=v1.0&new=v2.0")
    assert page.locator("[data-left]").inner_text() == (
        "12 series compared. Left out: 2 not measured at both, 1 of benchmarks that were edited in between, "
        "1 measured on different processors."
    )
    page = visit(f"#base={sha(10)}&new=v2.0")
    assert page.locator("[data-left]").inner_text().startswith("13 series compared. Left out: 1 not measured")


def test_levels_of_one_processor_are_compared_with_each_other(visit):
    page = visit("#base=v1.0&new=v2.0&q=hosted&all=1")
    assert rows(page) == [["hosted.time_both B", "1.00 ms", "1.00 ms", "~0% no change", "0.0 σ"]]


def test_a_level_is_in_force_from_its_change_on(visit):
    assert len(rows(visit(f"#base={sha(STEP - 1)}&new={sha(STEP)}&q=time_fast"))) == 1
    assert rows(visit(f"#base={sha(STEP)}&new=v3.0&q=time_fast")) == []
    same = visit("#base=v1.0&new=v1.0")
    assert same.locator("[data-answer]").inner_text() == "Both sides are the same commit"


def test_commits_are_found_by_tag_hash_and_day(visit):
    page = visit("#base=1.0&new=v2.0")
    assert sides(page) == ("v1.0", "v2.0")
    for text, is_ in (
        (make_run(7).commit, sha(7)),
        (sha(8)[:6], sha(8)),
        ("2026-01-15", sha(10)),
        ("z" + HOSTILE, "v2.0"),
    ):
        page.fill("#base", text)
        page.keyboard.press("Tab")
        assert sides(page)[0] == is_
        assert page.locator("#base").get_attribute("aria-invalid") is None
    page.fill("#base", "no such commit")
    page.keyboard.press("Tab")
    assert page.locator("#base").get_attribute("aria-invalid") == "true"
    assert "No measured commit has this tag" in page.locator("#base-is").inner_text()
    page.locator("[data-reset]").click()
    assert sides(page) == ("v2.0", "v3.0")
    assert "#" not in page.url


def test_the_list_offers_what_the_words_may_mean_the_newest_first(visit):
    page = visit()
    page.locator("#base").focus()
    values = "[...document.querySelectorAll('#commits option')].map(o => o.value)"
    assert page.evaluate(values)[:2] == ["v3.0", sha(59)]
    page.locator("#base").fill("number 33")
    assert page.evaluate(values) == [sha(33)]


def test_directions_environments_and_words_narrow_and_stand_in_the_address(visit):
    page = visit("#base=v1.0&new=v2.0")
    everything = len(rows(page))
    page.locator("button[value=better]").click()
    assert all("faster" in row[3] or "better" in row[3] for row in rows(page))
    assert "dir=better" in page.url
    page.locator("button[value=better]").click()
    page.select_option("#env", label=OTHER.label)
    assert names(page) == ["loud.time_slow"]
    page.select_option("#env", "")
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("MEAN (2)")
    assert names(page) == ["mean.time_x (2)"], "of one environment all of them, which is said above"
    page.keyboard.press("Escape")
    assert len(rows(page)) == everything
    assert page.locator("[data-shown]").inner_text() == f"{everything} of 12 shown"


def test_a_row_leads_to_its_trend_between_the_two_commits(visit, site):
    page = visit("#base=v2.0&new=v1.0&q=mean+(1)")
    href = page.locator(".compared a").first.get_attribute("href")
    path, _, fragment = href.partition("#")
    assert (site / path).is_file()
    assert fragment.startswith(f"from={sha(31)}&to={sha(51)}&s=%281%29&env=env-")


def test_an_address_that_changes_is_followed(visit):
    page = visit("#base=v1.0&new=v2.0")
    page.evaluate("location.hash = 'base=v2.0&new=v1.0&q=fast'")
    page.wait_for_function("document.querySelector('#base').value === 'v2.0'")
    assert names(page)[0].startswith("loud.time_fast")
    page.evaluate("location.hash = 'how'")
    page.wait_for_timeout(50)
    assert sides(page) == ("v2.0", "v1.0")


@pytest.mark.parametrize("fragment", ["#base=%&new=__proto__", "#min=x&all=2&dir=__proto__&env=z", "#=&=&base", "#how"])
def test_an_address_of_nonsense_shows_the_page(visit, fragment):
    assert visit(fragment).locator("[data-shown]").inner_text().endswith("shown")


def test_names_variants_tags_and_subjects_are_text(visit):
    page = visit(f"#base=v1.0&new={sha(51)}&q=hostile")
    assert names(page) == [f"hostile.{HOSTILE} '\"><script>x</script>"]
    assert "<script>document.title=2</script>" in page.locator("#base-is").inner_text()
    assert HOSTILE in page.locator("#new-is").inner_text()
    assert page.locator("main img").count() == 0
    assert page.title() == "Compare: quicksort"


def test_what_is_shown_can_be_taken_along(visit):
    page = visit("#base=v1.0&new=v2.0&q=hostile")
    with page.expect_download() as saved:
        page.locator("[data-save=csv]").click()
    assert saved.value.suggested_filename == f"compare-{sha(31)}-{sha(51)}.csv"
    text = saved.value.path().read_text("utf-8")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["benchmark"], row["variant"]) == (f"hostile.{HOSTILE}", "'\"><script>x</script>")
    assert float(row["change"]) == pytest.approx(0.25, abs=0.01)
    with page.expect_download() as saved:
        page.locator("[data-save=json]").click()
    found = json.loads(saved.value.path().read_text("utf-8"))
    assert found["base"] == make_run(31).commit[:12]
    assert [each["benchmark"] for each in found["series"]] == [f"hostile.{HOSTILE}"]


def test_it_works_over_http_as_it_does_from_disk(visit, served):
    page = visit("#base=v1.0&new=v2.0&q=time_fast", url=served)
    assert len(rows(page)) == 1


def test_a_file_that_is_missing_is_said_and_no_more(browser, site, tmp_path):  # noqa: F811
    text = (site / "compare.html").read_text("utf-8")
    place = tmp_path / "compare.html"
    place.write_text(re.sub(r'<script src="d/steps[^>]*></script>', "", text), "utf-8")
    (tmp_path / "static").symlink_to(site / "static")
    (tmp_path / "d").symlink_to(site / "d")
    page = browser.new_page()
    page.goto(place.as_uri())
    page.wait_for_selector("html[data-ready='1']", state="attached")
    assert "cannot be read" in page.locator("#waiting").inner_text()
    assert not page.locator("#compare").is_visible()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 390])
def test_it_fits_can_be_read_and_axe_finds_nothing(visit, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page = visit("#base=v1.0&new=v2.0&all=1&dir=worse", viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(CONTRAST) == []
    page.fill("#base", "nothing")
    page.keyboard.press("Tab")
    found = axe.run(page)
    page.problems.clear()  # it asks for the style sheet by itself, and is refused
    assert found.violations_count == 0, found.generate_report()


def test_columns_stand_under_their_headings_and_are_printed_without_controls(visit):
    page = visit("#base=v1.0&new=v2.0")
    rights = "r => [...r.cells].map(c => Math.round(c.getBoundingClientRect().right))"
    table = page.locator(".compared")
    assert table.locator("thead tr").evaluate(rights) == table.locator("tbody tr").first.evaluate(rights)
    page.emulate_media(media="print")
    for selector in (".tools", ".picks", ".swap", ".plain-button"):
        assert not page.locator(selector).first.is_visible()
    assert table.locator("tbody tr").first.is_visible()
