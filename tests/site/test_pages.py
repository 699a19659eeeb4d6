"""The pages as a whole: structure, links, and foreign text that stays text."""

import itertools
import math
import re
from urllib.parse import urlsplit

import pytest

from regress.model import Environment, Outcome
from regress.site import build
from regress.site.build import EXTRA
from regress.site.pages import MOST_ROWS
from regress.units import human

from .factories import ENVIRONMENT, History, make_key, make_run, realistic
from .html_reader import read

EVIL = "\"'><script>alert(1)</script><svg onload=alert(2)>{{ 7*7 }}&amp;</title>"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "out"
    build(realistic().site(), out)
    return out


def pages_of(out):
    return {str(path.relative_to(out)): read(path) for path in sorted(out.rglob("*.html"))}


def test_every_page_has_its_landmarks_one_title_and_unique_ids(site):
    pages = pages_of(site)
    assert len(pages) == 14 + len(EXTRA)
    for name, page in pages.items():
        assert len(page.all("h1")) == 1, name
        assert len(page.all("main")) == len(page.all("header")) == len(page.all("footer")) == 1, name
        assert page.all("html")[0]["lang"] == "en"
        assert len(page.ids) == len(set(page.ids)), name
        assert {"charset": "utf-8"} in page.all("meta")
        assert page.all("a")[0] == {"class": "skip", "href": "#main"}
        labels = [label for _, attrs in page.elements for label in attrs.get("aria-labelledby", "").split()]
        assert set(labels) <= set(page.ids), name


def test_headings_do_not_skip_a_level(site):
    for name, page in pages_of(site).items():
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), name


def test_every_link_leads_somewhere(site):
    pages = pages_of(site)
    for name, page in pages.items():
        for attrs in page.all("a", "link"):
            url = urlsplit(attrs["href"])
            if url.scheme:
                assert url.scheme in ("https", "data"), attrs
                continue
            target = (site / name).parent / url.path if url.path else site / name
            assert target.resolve().is_file(), (name, attrs)
            if url.fragment:
                assert url.fragment in pages[str(target.resolve().relative_to(site))].ids, (name, attrs)


def own(script, name, root):
    """Whether a script of the page `name` is one of the site's own files."""
    file = (root / name).parent / script["src"].split("?")[0]
    return file.is_file() and file.resolve().relative_to(root).parts[0] in ("static", "d")


def test_nothing_is_loaded_from_elsewhere_and_nothing_foreign_runs(site):
    for name, page in pages_of(site).items():
        assert not page.all("iframe", "object", "embed", "img", "base", "form")
        assert all(own(script, name, site) for script in page.all("script"))
        (policy,) = [
            meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"
        ]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    assert "url(" not in (site / "static/site.css").read_text()
    assert "@import" not in (site / "static/site.css").read_text()


def test_tables_have_captions_and_scopes(site):
    for page in pages_of(site).values():
        assert len(page.all("caption")) == len(page.all("table"))
        assert all(attrs.get("scope") in ("col", "row", "colgroup") for attrs in page.all("th"))
        assert all(attrs.get("aria-label") or attrs.get("aria-hidden") for attrs in page.all("svg"))


def test_the_overview_tells_what_regressed_first(site):
    content = read(site / "index.html").content
    order = [
        "3 regressed, 1 failed",
        "Regressed 3",
        "bench_sort.Sort.time_sort",
        "Improved 1",
        "neither red nor green",
        "All benchmarks",
    ]
    assert [content.index(word) for word in order] == sorted(content.index(word) for word in order)
    assert "worst of 11" in content
    assert "20.0 ms → 29.2 ms" in content


def test_a_benchmarks_page_has_its_values_marks_and_machine(site):
    page = read(site / "b/bench_io.Load.time_save.html")
    assert "dirty" in page.content
    assert "v1.4.0" in page.content
    assert "CPU: AMD EPYC 7763 → AMD EPYC 9554; Python: 3.12.1 → 3.12.4" in page.content
    assert "bench-01 · CPython 3.12" in page.content
    assert sum(attrs.get("class") == "fail" for attrs in page.all("span")) == 6
    assert page.content.count("failed") >= 2


def test_foreign_text_is_inert_everywhere(tmp_path):
    environment = Environment.of({"machine": EVIL}, {"cpu": EVIL, "python": EVIL}, EVIL)
    history = History(12, environments=[environment])
    for order in history.runs:
        facts = (("cpu", EVIL + str(order)),)
        moved = Environment(environment.key, facts, EVIL)
        history.runs[order] = make_run(order, environment=moved, subject=EVIL, author=EVIL, tags=(EVIL,))
    for variant in (EVIL, "b"):
        history.add(make_key(EVIL, variant), 1.0, failed=(5,), outcome=Outcome.REGRESSED)
    history.series[0] = type(history.series[0])(
        history.series[0].key, environment, history.series[0].run_ids, history.series[0].stats, [(5, "failed", EVIL)]
    )
    build(history.site(project=EVIL, version=EVIL, built=EVIL), tmp_path / "out")
    for name, page in pages_of(tmp_path / "out").items():
        assert all(own(script, name, tmp_path / "out") for script in page.all("script")), name
        assert not [attrs for _, attrs in page.elements if any(key.startswith("on") for key in attrs)], name
        assert "49" not in re.findall(r"\{\{ 7\*7 \}\}|49&", page.content), name
        assert "<script>alert(1)</script>" in page.content, "shown as text"


def test_unsafe_names_stay_inside_of_the_directory(tmp_path):
    history = History(3)
    names = ["../../x", "/etc/passwd", "a\\b\\..", "測試", "n" * 3000, "Same", "same", "", ".", "lone \ud800 surrogate"]
    for name in names:
        history.add(make_key(name), 1.0)
    built = build(history.site(), tmp_path / "deep" / "out")
    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(tmp_path / "deep" / "out") for path in made)
    assert len([path for path in made if path.parent.name == "b"]) == len(names)
    assert built.pages == len(names) + 1 + len(EXTRA)


def test_a_long_history_shows_its_newest_rows_and_says_so(tmp_path):
    history = History(MOST_ROWS + 50)
    history.add(make_key("long"), 1.0)
    build(history.site(), tmp_path / "out")
    page = read(tmp_path / "out/b/long.html")
    assert f"The newest {MOST_ROWS} of {MOST_ROWS + 50} commits as a table" in page.content
    assert len(page.all("tr")) == MOST_ROWS + 1


def test_a_benchmark_that_only_ever_failed_has_a_page(tmp_path):
    history = History(3)
    history.add(make_key("broken"), 1.0, failed=(1, 2, 3))
    build(history.site(), tmp_path / "out")
    assert "every run of this benchmark failed" in read(tmp_path / "out/b/broken.html").content


def test_no_commits_known(tmp_path):
    history = History(3)
    for order in history.runs:
        history.runs[order] = make_run(order, commit="", subject="", committed_at=None, started_at=None)
    history.add(make_key("plain"), 1.0)
    build(history.site(), tmp_path / "out")
    assert "not known" in read(tmp_path / "out/b/plain.html").content


def test_an_empty_history_says_what_to_do(tmp_path):
    built = build(History(0).site(), tmp_path / "out")
    assert built.pages == 1 + len(EXTRA)
    assert "Ingest a result file" in read(tmp_path / "out/index.html").content


def test_one_environment_is_not_named_in_every_row(tmp_path):
    history = History(5)
    history.add(make_key("a"), 1.0, outcome=Outcome.REGRESSED)
    build(history.site(), tmp_path / "out")
    assert read(tmp_path / "out/index.html").content.count(ENVIRONMENT.label) == 2  # the caption and the line above


def test_the_numbers_of_variants_are_the_same_in_every_environment(site):
    page = (next(site.glob("b/bench_sort*.html"))).read_text()
    keys = re.findall(r'class="key s(\d)">\d</span> <span class="variant">([^<]+)<', page)
    assert len(keys) == 6
    assert len(set(keys)) == 3
    assert [variant for _, variant in sorted(set(keys))] == [f"({n}, &#39;list&#39;)" for n in (10, 1000, 100000)]


def test_the_last_value_stands_in_the_row(tmp_path):
    history = History(5)
    history.add(make_key("a"), 0.0123, noise=0)
    build(history.site(), tmp_path / "out")
    assert human(0.0123, "s") in read(tmp_path / "out/index.html").content
    assert not math.isnan(history.series[0].stats["median"][-1])


def test_an_abandoned_environment_that_failed_last_does_not_speak_for_the_benchmark(tmp_path):
    old = Environment.of({"machine": "retired"})
    history = History(12, environments=(ENVIRONMENT, old))
    for order in range(5, 13):
        del history.runs[12 + order]
    for k in range(12):
        history.add(make_key("a", f"({k})"), 1.0 if k < 9 else [1.0] * 11 + [3.0])
        history.add(make_key("a", f"({k})"), 1.0, e=1, failed=(4,))
    build(history.site(), tmp_path / "out")
    page = read(tmp_path / "out/b/a.html")
    header = page.content[: page.content.index("12 variants")]
    assert "Failed" not in header
    drawn = re.findall(r'class="key s\d">\d</span> <span class="variant">([^<]+)<', page.text)
    assert {"(9)", "(10)", "(11)"} <= set(drawn)
