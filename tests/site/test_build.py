"""The directory: deterministic, only what changed is written, nothing foreign is touched."""

import json
from dataclasses import replace

import pytest

from regress.errors import RegressError, UsageError
from regress.model import Outcome
from regress.site import build
from regress.site.build import EXTRA
from regress.site.files import MANIFEST
from regress.site.theme import templates

from .factories import History, make_key, make_run


def a_history(names=("a", "b", "c"), n=5):
    history = History(n)
    for name in names:
        history.add(make_key(name), 1.0, outcome=Outcome.UNCHANGED)
    return history


def files_of(out):
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_two_builds_are_the_same_to_the_byte(tmp_path):
    for name in ("one", "two"):
        build(a_history().site(), tmp_path / name)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_the_order_of_benchmarks_in_the_stream_does_not_matter(tmp_path):
    build(a_history().site(), tmp_path / "one")
    site = a_history().site()
    build(replace(site, series=list(site.series)[::-1]), tmp_path / "two")
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_only_what_changed_is_written(tmp_path):
    out = tmp_path / "out"
    first = build(a_history().site(), out)
    assert (first.pages, first.written, first.unchanged) == (4 + len(EXTRA), len(files_of(out)) - 1, 0)
    assert first.bytes == sum(len(content) for name, content in files_of(out).items() if name != MANIFEST)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    again = build(a_history().site(), out)
    assert (again.written, again.unchanged, again.removed) == (0, first.written, 0)
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    changed = build(a_history().site(built="today"), out)
    assert (changed.written, changed.unchanged) == (first.pages, first.written - first.pages)


def test_pages_of_vanished_benchmarks_are_removed_and_foreign_files_kept(tmp_path):
    out = tmp_path / "out"
    build(a_history().site(), out)
    before = set(files_of(out))
    (out / "CNAME").write_text("bench.example.org")
    (out / "b" / "notes.txt").write_text("mine")
    built = build(a_history(["a"]).site(), out)
    left = set(files_of(out))
    assert built.removed == len(before - left)
    assert {"b/b.html", "badge/b.svg", "spark/b.svg"} < before - left
    assert {MANIFEST, "CNAME", "index.html", "static/site.css"} < left
    assert {name for name in left if name.startswith("b/")} == {"b/a.html", "b/notes.txt"}


def test_a_directory_of_something_else_is_refused_untouched(tmp_path):
    (tmp_path / "index.html").write_text("my homepage")
    with pytest.raises(UsageError, match="did not make"):
        build(a_history().site(), tmp_path)
    assert files_of(tmp_path) == {"index.html": b"my homepage"}


def test_a_foreign_file_in_the_way_is_refused_untouched(tmp_path):
    out = tmp_path / "out"
    build(a_history(["a"]).site(), out)
    (out / "b" / "c.html").write_text("mine")
    before = files_of(out)
    with pytest.raises(UsageError, match="not made by regress"):
        build(a_history().site(), out)
    assert files_of(out) == before


def test_a_file_in_place_of_the_directory(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(UsageError, match="needs a directory"):
        build(a_history().site(), tmp_path / "out")


def test_a_broken_list_of_files_is_one_clear_line(tmp_path):
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(UsageError, match="broken") as caught:
        build(a_history().site(), tmp_path)
    assert "\n" not in str(caught.value)


def test_a_list_that_names_files_elsewhere_removes_nothing_there(tmp_path):
    out, outside = tmp_path / "out", tmp_path / "precious"
    build(a_history(["a"]).site(), out)
    outside.mkdir()
    (outside / "x").write_text("mine")
    (out / "link").symlink_to(outside)
    files = ["../precious/x", str(outside / "x"), "link/x", MANIFEST]
    (out / MANIFEST).write_text(json.dumps({"files": files + [name for name in files_of(out) if name != MANIFEST]}))
    build(a_history(["a"]).site(), out)
    assert (outside / "x").read_text() == "mine"
    assert (out / MANIFEST).is_file()


def test_a_directory_inside_that_leads_elsewhere_is_refused(tmp_path):
    out, outside = tmp_path / "out", tmp_path / "precious"
    outside.mkdir()
    build(History(0).site(), out)
    (out / "b").symlink_to(outside)
    with pytest.raises(UsageError, match="not a directory made by regress"):
        build(a_history().site(), out)
    assert not list(outside.iterdir())


def test_a_failing_stream_leaves_the_old_site_as_it_was(tmp_path):
    out = tmp_path / "out"
    build(a_history().site(), out)
    before = files_of(out)

    def broken():
        yield from a_history(["z"]).site().series
        raise RegressError("the history is locked")

    with pytest.raises(RegressError, match="locked"):
        build(replace(a_history().site(), series=broken()), out)
    assert files_of(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_unwritable_place_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RegressError, match="cannot be written") as caught:
        build(a_history().site(), tmp_path / "file" / "out")
    assert "\n" not in str(caught.value)


def test_series_of_one_benchmark_that_do_not_follow_one_another_are_refused(tmp_path):
    history = a_history(["a", "b"])
    site = history.site()
    with pytest.raises(ValueError, match="do not follow"):
        build(replace(site, series=[*history.series, history.series[0]]), tmp_path / "out")


def test_the_stream_is_read_one_benchmark_at_a_time(tmp_path):
    alive = []

    def stream():
        for i in range(20):
            history = History(3)
            history.add(make_key(f"b{i:02}"), 1.0)
            alive.append(history.series[0])
            yield history.series[0]

    site = replace(History(3).site(), series=stream(), runs={i: make_run(i) for i in (1, 2, 3)})
    assert build(site, tmp_path / "out").pages == 21 + len(EXTRA)


def test_the_templates_are_found():
    assert (templates() / "base.html").is_file()
    assert {path.suffix for path in templates().glob("*") if path.is_file()} == {".html"}


def test_a_page_is_replaced_after_what_it_loads_and_the_first_page_last(tmp_path, monkeypatch):
    moved = []

    def move(new, old):
        moved.append(str(old.relative_to(tmp_path / "out")))
        new.replace(old)

    monkeypatch.setattr("regress.site.files._move", move)
    build(a_history().site(), tmp_path / "out")
    pages = [name for name in moved if name.endswith(".html")]
    assert moved[-len(pages) :] == pages
    assert moved[-1] == "index.html"
