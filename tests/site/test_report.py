"""A single run's report as one page: what it says, that it stands alone, how it looks in a real browser."""

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.model import Outcome, Report, SideInfo
from regress.site.intervals import WIDTH, ChangeAxis, interval_in_words, strip_of
from regress.site.report import report_page, view

from .factories import make_key, make_verdict
from .html_reader import Page
from .reports import OTHER, confirmed, on, proven, rich_report, verdicts
from .test_browser import CONTRAST, browser  # noqa: F401 (a fixture)

HOSTILE = "<script>alert(1)</script>\"'>{{ 7*7 }}\u202e../../x" + "n" * 300 + "\ud800"


def test_all_that_a_report_says_stands_on_its_page():
    page = Page(report_page(rich_report()))
    for text in (
        "RED: 2 regressed, 1 failed, 1 missing · NOT JUDGED: 3 · 22 compared", "Failed", "Sort in one pass",
        "the merge base, 2 commits back, 2 runs", "This change also edits the rules: see pyproject.toml.",
        "20 of 22 series moved together by +10%", "kernel 6.1 → 6.8", "bench_sort.Sort.time_sort", "(100000, 'list')",
        "p = 1.5e-07; red at 0.00025 or below, the share of each of 40 series", "pyproject.toml:41", "5% and 50.0 ns",
        "1.20% (standard deviation; 1 held out, as off the level)", "between +7.1% and +19%", "12 pairs, still open",
        "at most +7%", "SLA-3", "< 150 ms", "171 ms", "Close to it", "no benchmark of this name was measured",
        "another CPU model on each side", "two more runs of the baseline would tell", "asv on mini",
        "the candidate has uncommitted changes", "bench_x.time_13", "bench_core.time_accepted", "AMD EPYC 7763",
        "regress check --commit 6b86b273ff34", "2026-03-14 09:26 UTC", "--commit 0ade7c2cf97f",
    ):  # fmt: skip
        assert text in page.content, text
    assert len(page.ids) == len(set(page.ids))
    assert all(attrs.get("aria-label") for attrs in page.all("svg"))
    assert all("scope" in attrs for attrs in page.all("th"))


def test_the_page_stands_alone():
    text = report_page(rich_report())
    page = Page(text)
    assert page.all("script") == []
    assert [attrs["rel"] for attrs in page.all("link")] == ["icon"]
    assert not [v for _, attrs in page.elements for name, v in attrs.items() if name in ("src", "href") and "//" in v
                and not v.startswith("data:")]  # fmt: skip
    assert "--bad-wash" in text, "the site's sheet"
    assert ".strip" in text, "the report's own"
    assert text == report_page(rich_report()), "the same report is the same page"


@pytest.mark.parametrize(
    ("made", "tone", "word"),
    [
        (rich_report(), "bad", "Failed"),
        (rich_report(status=0), "warn", "Passed, with doubts"),
        (rich_report(status=3), "warn", "Too little compared"),
        (rich_report(status=5), "warn", "Not judged"),
        (rich_report(verdicts()[-3:], status=0, budgets=(), findings=()), "good", "Passed"),
        (rich_report([], status=0, budgets=(), findings=()), "quiet", "Passed"),
        (rich_report(verdicts()[7:8], status=0, budgets=(), findings=()), "quiet", "Passed"),
        (rich_report(command="", status=0), "quiet", "Comparison"),
    ],
)
def test_silence_is_never_green(made, tone, word):
    assert (view(made).tone, view(made).word) == (tone, word)


def test_each_verdict_stands_in_one_place():
    page = view(rich_report())
    assert [(group.id, group.total) for group in page.groups] == [("red", 4), ("warned", 1), ("improved", 1)]
    assert [len(reason.opinions) for reason in page.reasons] == [1, 1, 1]
    assert [(group.id, len(group.opinions)) for group in page.folded] == [
        ("unchanged", 15), ("new", 1), ("accepted", 1)
    ]  # fmt: skip
    assert page.groups[1].shown[0].opinion.badge.tone == "warn", "what only warns is not red"
    assert [line.badge.word for line in page.budgets] == ["Breached", "Not judged", "Close to it", "Met"]


def test_a_reason_is_said_once_and_many_loud_ones_are_folded():
    many = [make_verdict(make_key(f"b.t{n}"), 1.0, 2.0, Outcome.REGRESSED) for n in range(40)]
    blind = [make_verdict(make_key(f"c.t{n}"), 1.0, 2.0, Outcome.INCONCLUSIVE, reason="too noisy") for n in range(9)]
    page = view(rich_report([*many, *blind]))
    assert (len(page.groups[0].shown), len(page.groups[0].folded)) == (25, 15)
    assert [(reason.text, len(reason.opinions)) for reason in page.reasons] == [("too noisy", 9)]


def test_reasons_that_differ_in_a_figure_alone_are_one():
    texts = [f"suspect (p = {p}), but red is below 3.1e-06 of 40 series" for p in ("0.002", "1.5e-3", "2")]
    blind = [make_verdict(make_key(f"c.t{i}"), 1.0, 2.0, Outcome.INCONCLUSIVE, reason=t) for i, t in enumerate(texts)]
    (reason,) = view(rich_report(blind)).reasons
    assert reason.text == "suspect (p = …), but red is below 3.1e-06 of 40 series"
    page = Page(report_page(rich_report(blind)))
    assert all(text in page.content for text in texts), "each keeps its own"


def test_environments_are_named_where_there_are_several():
    one = verdicts()[0]
    assert view(rich_report([one])).groups[0].shown[0].opinion.environment == ""
    page = view(rich_report([one, on(one, OTHER)]))
    assert {finding.opinion.environment for finding in page.groups[0].shown} == {
        "bench-01 · CPython 3.12 · Linux x86_64", "mini · Darwin arm64"
    }  # fmt: skip
    assert [place.label for place in page.places] == ["bench-01 · CPython 3.12 · Linux x86_64", "mini · Darwin arm64"]


def test_a_report_of_nothing_has_a_page():
    page = Page(report_page(Report(SideInfo(""), None, (), 0, "first run recorded")))
    assert "first run recorded" in page.content
    assert page.all("table") == []


def test_hostile_names_are_text():
    key = make_key(HOSTILE, HOSTILE, suite=HOSTILE)
    bad = replace(make_verdict(key, 1.0, 2.0, Outcome.REGRESSED, reason=HOSTILE, hint=HOSTILE), rule=HOSTILE)
    open_ = replace(bad, outcome=Outcome.INCONCLUSIVE)
    side = SideInfo(HOSTILE, HOSTILE, HOSTILE, reference=HOSTILE)
    foreign = dict.fromkeys(("headline", "project", "version", "command", "created_at"), HOSTILE)
    listed = dict.fromkeys(("warnings", "notices", "not_run"), (HOSTILE,))
    made = rich_report([bad, open_, confirmed(bad, 0.1, 0.0, 0.2)], **foreign, **listed)
    text = report_page(replace(made, candidate=side, baseline=side))
    page = Page(text)
    assert page.all("script") == []
    assert "<script>alert(1)</script>" in page.content
    assert "49" not in page.content
    text.encode("utf-8")


# --- the pictures ---

CHANGES = st.floats(min_value=-1, allow_nan=False) | st.just(math.nan)


@given(st.lists(CHANGES, max_size=8))
def test_every_change_has_a_place_and_ticks_do_not_touch(changes):
    axis = ChangeAxis.of(changes)
    assert 0 < axis.share(0.0) < 1
    assert all(0 < axis.share(change) < 1 for change in changes if not math.isnan(change))
    places = [tick.at for tick in axis.ticks]
    assert places == sorted(places)
    assert all(b - a >= 18 for a, b in itertools.pairwise(places))
    assert "0%" in [tick.label for tick in axis.ticks]


@given(st.lists(CHANGES.filter(lambda c: not math.isnan(c)), min_size=2, max_size=2))
def test_a_larger_change_lies_further_right(changes):
    one, other = sorted(changes)
    axis = ChangeAxis.of(changes)
    assert axis.share(one) <= axis.share(other)


def test_an_interval_is_drawn_with_stops_and_an_open_end_without():
    axis = ChangeAxis.of([-0.1, 0.3])
    sure = confirmed(proven(make_key(), 1.0, 1.1, Outcome.REGRESSED), 0.1, 0.05, 0.2)
    strip = strip_of(sure, axis)
    assert strip.line.count("v") == 2
    assert strip.text == "+10%, between +5% and +20%"
    open_ = confirmed(sure, 0.1, math.nan, 0.2)
    strip = strip_of(open_, axis)
    assert strip.line.startswith("M0 ")
    assert strip.line.count("v") == 1
    assert interval_in_words(confirmed(sure, 0.1, 0.05, math.nan).confirmation) == "at least +5%"
    assert strip_of(confirmed(sure, 0.1, math.nan, math.nan), axis).line == f"M0 120H{WIDTH}"


def test_without_a_confirmation_the_noise_is_drawn_and_without_a_change_nothing():
    axis = ChangeAxis.of([-0.1, 0.3])
    strip = strip_of(proven(make_key(), 1.0, 1.1, Outcome.REGRESSED), axis)
    assert strip.band
    assert strip.text == "+10%, where runs of unchanged code stay within ±2.1%"
    assert strip_of(make_verdict(make_key(), 1.0, math.nan, Outcome.MISSING), axis) is None
    assert strip_of(make_verdict(make_key(), 0.0, 1.0, Outcome.REGRESSED), axis) is None


# --- in a browser ---


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 390])
def test_in_a_browser_it_fits_reads_well_and_asks_for_nothing(browser, tmp_path, width, scheme):  # noqa: F811
    path = tmp_path / "report.html"
    path.write_text(report_page(rich_report()), "utf-8")
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=False
    )
    page, problems = context.new_page(), []
    page.on("console", lambda message: problems.append(message.text))
    page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or problems.append(asked.url))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.locator(".answer").is_visible()
    page.locator(".finding summary").first.click()
    assert page.locator(".why").first.is_visible()
    page.locator("#rest ~ details summary").first.click()
    assert page.locator("#rest ~ details table").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(CONTRAST) == []
    page.emulate_media(media="print")
    assert page.locator(".finding.bad .why").nth(1).is_visible(), "the proof is printed, folded or not"
    assert problems == []
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser, tmp_path, scheme):  # noqa: F811
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    path = tmp_path / "report.html"
    path.write_text(report_page(rich_report()), "utf-8")
    for width in (1366, 390):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        found = axe.run(page)
        assert found.violations_count == 0, found.generate_report()
        context.close()
