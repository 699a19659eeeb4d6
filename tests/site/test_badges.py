"""Badges and sparklines to embed: what they say, that they are small, and that any name is text in them."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.model import Direction, Metric, Outcome
from regress.site import build
from regress.site.badges import COLOURS, LABEL_COLOUR, badge, row_words, spark, suite_words, text_width
from regress.site.pages import Row
from regress.site.sparkline import Sparkline
from regress.site.wording import BADGES, NO_BADGE, Change

from .factories import History, make_key, make_report, make_verdict, realistic, steps
from .test_browser import browser  # noqa: F401

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>]]>&\"'../../\u202e\0\ud800\ufffe" + "x" * 300
PICTURE = Sparkline("M1 1l1 1", "M1 1h0", "", "2 values from 1 s to 2 s", False)


def titled(text):
    """A picture's title and texts, read by a strict parser."""
    root = ElementTree.fromstring(text)
    return root.find(f"{SVG}title").text, [each.text for each in root.iter(f"{SVG}text")]


def row(last="12.4 ms", change=None, badge=NO_BADGE, stale=False):
    return Row("bench", "", "time", 0, PICTURE, last, change or Change(), badge, "", stale, 1)


def report(*outcomes):
    verdicts = [make_verdict(make_key(f"b{i}"), 1.0, 1.5, outcome) for i, outcome in enumerate(outcomes)]
    return [make_report(verdicts)]


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ((), ("no verdict", "quiet")),
        ((Outcome.NEW,), ("first run recorded", "quiet")),
        ((Outcome.UNCHANGED, Outcome.IMPROVED), ("no regression", "good")),
        ((Outcome.UNCHANGED, Outcome.INCONCLUSIVE), ("no regression, 1 not judged", "good")),
        ((Outcome.INCONCLUSIVE, Outcome.INCOMPARABLE), ("not judged", "warn")),
        ((Outcome.REGRESSED, Outcome.REGRESSED, Outcome.MISSING), ("2 regressed, 1 missing", "bad")),
    ],
)
def test_the_suite_in_words_and_silence_is_never_green(outcomes, said):
    assert suite_words(report(*outcomes)) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (row(), ("12.4 ms", "")),
        (row(badge=BADGES[Outcome.UNCHANGED], change=Change("+1.0%", "slower")), ("12.4 ms, unchanged", "good")),
        (
            row(badge=BADGES[Outcome.REGRESSED], change=Change("+12.3%", "slower", "bad")),
            ("12.4 ms ▲ +12.3% slower", "bad"),
        ),
        (row(badge=BADGES[Outcome.IMPROVED], change=Change("−8.0%", "faster")), ("12.4 ms ▼ −8.0% faster", "good")),
        (
            row(badge=BADGES[Outcome.INCONCLUSIVE], change=Change("+9.0%", "slower")),
            ("12.4 ms ▲ +9.0% slower, inconclusive", "warn"),
        ),
        (row("-", badge=BADGES[Outcome.FAILED]), ("failed", "bad")),
        (row(stale=True), ("12.4 ms, stale", "")),
    ],
)
def test_a_benchmark_in_words_and_a_sign_beside_every_colour(given, said):
    assert row_words(given) == said


def test_a_badge_fits_its_words_and_tells_them():
    text = badge("bench.time_it", "12.4 ms ▲ +12.3% slower", "bad")
    title, words = titled(text)
    assert title == "bench.time_it: 12.4 ms ▲ +12.3% slower"
    assert words == ["bench.time_it", "12.4 ms ▲ +12.3% slower"]
    root = ElementTree.fromstring(text)
    lengths = [int(each.get("textLength")) for each in root.iter(f"{SVG}text")]
    assert int(root.get("width")) == sum(lengths) + 24
    assert lengths[0] == round(text_width("bench.time_it"))
    assert text_width("W") > text_width("i")
    assert text_width("漢") > text_width("é") > 0


def test_a_long_name_keeps_its_end():
    title, words = titled(badge("package.module." + "Class." * 20 + "time_it", "1 ms"))
    assert words[0].startswith("…")
    assert words[0].endswith("Class.time_it")
    assert len(words[0]) == 40
    assert len(title) < 90


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.text(max_size=40))
def test_any_name_is_text(name, message):
    for text in (badge(name, message), spark(name, replace(PICTURE, text=message))):
        root = ElementTree.fromstring(text)
        assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {"svg", "title", "path", "g", "text", "style"}
        text.encode("utf-8")


def test_white_words_can_be_read_on_every_colour():
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(c * w for c, w in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    for colour in (*COLOURS.values(), LABEL_COLOUR):
        assert 1.05 / (light(colour) + 0.05) >= 4.5, colour


def test_every_benchmark_has_a_small_badge_and_a_sparkline(tmp_path):
    build(realistic(60).site(), tmp_path / "out")
    pages = {path.stem for path in (tmp_path / "out" / "b").glob("*.html")}
    for folder in ("badge", "spark"):
        files = list((tmp_path / "out" / folder).iterdir())
        assert {path.stem for path in files} == pages
        for path in files:
            assert path.stat().st_size <= 1024, path
            assert titled(path.read_text("utf-8"))[0]
    assert titled((tmp_path / "out" / "badge.svg").read_text("utf-8"))[0] == "benchmarks: 3 regressed, 1 failed"
    said = titled((tmp_path / "out" / "badge" / "bench_merge.time_merge.svg").read_text("utf-8"))[1]
    assert said[1].endswith("faster")


def test_the_suite_has_a_line_of_all_its_benchmarks(tmp_path):
    h = History(30)
    for i in range(8):
        h.add(make_key(f"b{i}"), steps(30, (1, 10.0**i), (30, 1.2 * 10.0**i)), noise=0.001)
    h.add(make_key("faster", metric=Metric("rate", "1/s", Direction.HIGHER)), steps(30, (1, 9.0), (30, 9.0 / 1.2)))
    h.add(make_key("nobody_knows", metric=Metric("count")), steps(30, (1, 1.0), (30, 100.0)))
    h.add(make_key("zero"), 0.0)
    h.add(make_key("elsewhere", suite="other"), 1.0)
    build(h.site(), tmp_path / "out")
    title, _ = titled((tmp_path / "out" / "spark.svg").read_text("utf-8"))
    assert title.startswith("benchmarks: 9 benchmarks over 30 commits, geometric mean, now +")
    assert 19 < float(title.partition("now +")[2].partition("%")[0]) < 21


def test_hostile_names_are_text_and_stay_in_the_directory(tmp_path):
    h = History(12)
    for name in (HOSTILE, "../../etc/passwd", "a/b", "B", "b"):
        h.add(make_key(name), steps(12, (1, 1.0), (12, 1.5)), outcome=Outcome.REGRESSED)
    build(h.site(), tmp_path / "deep" / "out")
    made = list(tmp_path.rglob("*.svg"))
    assert len(made) == 12
    for path in made:
        assert path.is_relative_to(tmp_path / "deep" / "out")
        assert path.stat().st_size <= 1500
        titled(path.read_text("utf-8"))
    assert len({path.name.lower() for path in made}) == 7, "no two that differ in case alone"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_them_as_pictures(browser, tmp_path, scheme):  # noqa: F811
    build(realistic(40).site(), tmp_path / "out")
    names = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.svg"))
    (tmp_path / "out" / "all.html").write_text("".join(f'<img src="{name}">' for name in names), "utf-8")
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto((tmp_path / "out" / "all.html").as_uri())
    page.wait_for_load_state("load")
    assert page.evaluate("[...document.images].every(i => i.naturalWidth > 60 && i.naturalHeight >= 20)")
    page.goto((tmp_path / "out" / next(name for name in names if name.startswith("spark"))).as_uri())
    stroke = page.evaluate("getComputedStyle(document.querySelector('path')).stroke")
    assert stroke == {"light": "rgb(11, 98, 168)", "dark": "rgb(109, 179, 255)"}[scheme]
    context.close()
