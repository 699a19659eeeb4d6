"""Pages at the addresses of renamed benchmarks."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regress.site import build
from regress.site.redirects import redirects
from regress.site.slug import slugs

from .factories import History, make_key, realistic
from .html_reader import read
from .test_browser import browser  # noqa: F401

NEW = ("asv", "bench_merge.time_merge")
HOSTILE = "<script>alert(1)</script>\"'&../../\u202e" + "x" * 300


def hrefs_of(*names):
    return {name: f"b/{slug}.html" for name, slug in slugs(names).items()}


def found(former, *names):
    return list(redirects(former, hrefs_of(*names), "b"))


def test_an_old_address_leads_to_the_new_page():
    (stub,) = found({("asv", "old"): [NEW]}, NEW)
    assert (stub.file, stub.old, stub.targets) == ("b/old.html", "old", ((NEW[1], "bench_merge.time_merge.html"),))


def test_never_over_a_page_that_exists():
    assert found({NEW: [("asv", "other")]}, NEW, ("asv", "other")) == [], "some of its variants kept the name"
    both = found({("asv", "same"): [NEW]}, NEW, ("pytest", "same"))
    assert [stub.file for stub in both] == [f"b/{slugs([('asv', 'same'), ('pytest', 'same')])['asv', 'same']}.html"]
    for stub in found({("asv", "Bench_Merge.time_merge"): [NEW]}, NEW):
        assert stub.file.lower() != "b/bench_merge.time_merge.html", "file systems that ignore case"


def test_a_benchmark_that_the_site_does_not_show_is_led_nowhere():
    assert found({("asv", "old"): [("asv", "gone")]}, NEW) == []


names = st.tuples(st.sampled_from(["asv", "p"]), st.text("aAbB./\\é-", max_size=6))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(names, st.lists(names, max_size=2)), st.sets(names, max_size=5))
def test_files_are_distinct_beside_the_pages_and_inside(former, pages):
    stubs = found(former, *pages)
    files = [stub.file.lower() for stub in stubs]
    assert len(files) == len(set(files))
    assert not set(files) & {href.lower() for href in hrefs_of(*pages).values()}
    for stub in stubs:
        assert Path(stub.file).parent == Path("b")
        assert ".." not in stub.file


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "out"
    two = [("asv", "bench_core.time_hash"), ("asv", "bench_core.time_repr")]
    build(realistic(30).site(renamed={("asv", "old.time_merge"): [NEW], ("asv", "split"): two}), out)
    return out


def test_the_page_has_a_refresh_a_link_and_a_canonical_address(site):
    page = read(site / "b" / "old.time_merge.html")
    metas = {attrs.get("http-equiv"): attrs["content"] for attrs in page.all("meta") if "http-equiv" in attrs}
    assert metas["refresh"] == "0; url=bench_merge.time_merge.html"
    assert "script-src 'self'" in metas["Content-Security-Policy"]
    assert "bench_merge.time_merge.html" in [attrs["href"] for attrs in page.all("a")]
    links = [attrs["href"] for attrs in page.all("link") if attrs["rel"] == "canonical"]
    assert links == ["bench_merge.time_merge.html"]
    several = (site / "b" / "split.html").read_text("utf-8")
    assert "refresh" not in several, "of two, the reader chooses"
    assert "time_hash" in several
    assert "time_repr" in several


def test_a_canonical_address_is_whole_where_the_site_knows_its_place(tmp_path):
    build(realistic(12).site(renamed={("asv", "old"): [NEW]}, base_url="https://x.example/n/"), tmp_path / "out")
    text = (tmp_path / "out" / "b" / "old.html").read_text("utf-8")
    assert '<link rel="canonical" href="https://x.example/n/b/bench_merge.time_merge.html">' in text


def test_hostile_old_names_are_text_and_stay_in_the_directory(tmp_path):
    h = History(12)
    h.add(make_key("new"), 1.0)
    out = tmp_path / "deep" / "out"
    build(h.site(renamed={("asv", name): [("asv", "new")] for name in (HOSTILE, "../../up", "new/../x")}), out)
    stubs = [path for path in tmp_path.rglob("*.html") if "Renamed" in path.read_text("utf-8")]
    assert len(stubs) == 3
    assert {path.parent for path in stubs} == {out / "b"}
    for path in stubs:
        page = read(path)
        assert page.all("script") == []
        assert not {word for tag in page.elements for word in tag[1] if word.startswith("on")}


@pytest.mark.browser
def test_a_browser_follows_it_from_disk(browser, site):  # noqa: F811
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "b" / "old.time_merge.html").as_uri())
    page.wait_for_url("**/bench_merge.time_merge.html")
    assert page.locator("h1").inner_text() == "bench_merge.time_merge"
    context.close()
