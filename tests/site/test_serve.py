"""The preview: the files as they are, to this machine alone, shown anew when they were built anew."""

import http.client
import threading
from urllib.parse import urlsplit

import pytest

from regress.errors import UsageError
from regress.site.serve import Preview

from .test_browser import browser  # noqa: F401 (a fixture)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>one</title><h1>one</h1>")
    (tmp_path / "b" / "x.html").write_text("<!doctype html><title>x</title><h1>first</h1>")
    (tmp_path / "site.css").write_text("h1 { color: red }")
    return tmp_path


@pytest.fixture
def preview(folder):
    with Preview(folder, 0) as started:
        yield started


def get(preview, path, **headers):
    connection = http.client.HTTPConnection(urlsplit(preview.url).netloc, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.body = answer.read()
    connection.close()
    return answer


def test_pages_are_served_as_they_are_and_lead_to_the_waiting_room(preview, folder):
    answer = get(preview, "/")
    assert (answer.status, answer.body) == (200, (folder / "index.html").read_bytes())
    assert answer.headers["Refresh"] == "1; url=/.changed/0/"
    assert answer.headers["Cache-Control"] == "no-store"
    assert get(preview, "/b/x.html?v=1").headers["Refresh"] == "1; url=/.changed/0/b/x.html"
    assert get(preview, "/site.css").headers["Refresh"] is None


def test_who_waits_is_led_back_when_the_site_has_changed(preview):
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(get(preview, "/.changed/0/b/x.html")))
    waiting.start()
    waiting.join(0.2)
    assert answers == [], "nothing has changed yet"
    preview.changed()
    waiting.join(60)
    assert (answers[0].status, answers[0].headers["Location"]) == (303, "/b/x.html")
    assert get(preview, "/").headers["Refresh"] == "1; url=/.changed/1/"
    assert get(preview, "/.changed/0/").status == 303, "who missed it need not wait"


@pytest.mark.parametrize("page", ["//example.org/x", "/\\example.org", "///\\//example.org"])
def test_the_waiting_room_leads_nowhere_else(preview, page):
    preview.changed()
    location = get(preview, f"/.changed/0{page}").headers["Location"]
    assert location.startswith("/example.org")


@pytest.mark.parametrize("path", ["/../secret", "/b/", "/%2e%2e/secret", "/nothing.html"])
def test_nothing_outside_of_the_site_is_served_and_no_lists(preview, folder, path):
    (folder.parent / "secret").write_text("secret")
    assert get(preview, path).status == 404


def test_a_foreign_name_that_leads_to_this_machine_may_read_nothing(preview):
    assert get(preview, "/", Host="evil.example:80").status == 403
    assert get(preview, "/", Host="localhost:1").status == 200


def test_a_port_in_use_is_an_error_of_one_line(preview, folder):
    port = urlsplit(preview.url).port
    with pytest.raises(UsageError, match=f"port {port}: cannot be served"):
        Preview(folder, port)


@pytest.mark.browser
def test_a_browser_shows_the_new_page_and_keeps_the_old_one_alive_until_then(browser, preview, folder):  # noqa: F811
    ticking = (
        "<script>setInterval(() => console.log(document.title + (document.querySelector('h1') ? 1 : 0)), 50)</script>"
    )
    (folder / "b" / "x.html").write_text(f"<!doctype html><title>first</title><h1>first</h1>{ticking}")
    page = browser.new_page()
    with page.expect_request("**/.changed/0/b/x.html", timeout=60_000):
        page.goto(preview.url + "b/x.html")
    for _ in range(3):
        assert page.wait_for_event("console", timeout=60_000).text == "first1", "it stays while it waits"
    (folder / "b" / "x.html").write_text("<!doctype html><title>x</title><h1>second</h1>")
    preview.changed()
    page.get_by_text("second").wait_for(timeout=60_000)
    assert page.url == preview.url + "b/x.html"
    page.close()


@pytest.mark.browser
def test_it_needs_no_script(browser, preview, folder):  # noqa: F811
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    with page.expect_request("**/.changed/0/b/x.html", timeout=60_000):
        page.goto(preview.url + "b/x.html")
    (folder / "b" / "x.html").write_text("<!doctype html><title>x</title><h1>second</h1>")
    preview.changed()
    page.get_by_text("second").wait_for(timeout=60_000)
    context.close()
