"""`regress site` and its options, its preview, and a single run's report as a page."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pytest


def pages(folder):
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*.html")}


def test_title_commit_url_and_base_url(ingested, regress):
    line = "site -o out --title 'Mine <b>' --commit-url 'https://git.example/c/{commit}' --base-url https://x.example/n"
    done = regress(line)
    assert done.status == 0, done.err
    made = pages(ingested.root / "out")
    assert "<h1>Mine &lt;b&gt;</h1>" in made["index.html"]
    assert "https://git.example/c/" + ingested.commits["c5"] in made["index.html"]
    assert '<link rel="canonical" href="https://x.example/n/">' in made["index.html"]
    for name, text in made.items():
        assert text.count('rel="canonical"') == 1
        if name != "index.html":
            assert f'<link rel="canonical" href="https://x.example/n/{name}">' in text
    assert regress("site -o plain").status == 0
    assert "canonical" not in pages(ingested.root / "plain")["index.html"]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--environment nothing", "--environment: no environment fits 'nothing'; there are: "),
        ("--since 2099-01-01", "--since: nothing was measured since '2099-01-01'; the newest measured commit is "),
        ("--since nowhere", "'nowhere' is no commit, branch or tag"),
        (
            "--base-url javascript:alert(1)",
            "--base-url: not an address of a site: 'javascript:alert(1)'; write it like",
        ),
        ("--base-url https://x.example/?q=1", "--base-url: not an address of a site"),
        ("--base-url 'https://[x'", "--base-url: not an address of a site"),
        ("--commit-url x", "commit_url: not an address of commits: 'x'"),
        ("--theme nowhere", "nowhere: there is no such directory of templates; --theme names a directory"),
        ("--theme results/c0-0.json", "results/c0-0.json: is no directory of templates"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_built(ingested, regress, option, said):
    done = regress(f"site -o out {option}")
    assert done.status == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert not (ingested.root / "out").exists()


def test_only_some_environments(ingested, regress):
    assert regress("ingest results/c3-0.json --machine tiny").status == 0
    assert regress("site -o all").status == 0
    assert regress("site -o some --environment 'tin?'").status == 0
    assert "tiny" in pages(ingested.root / "all")["index.html"]
    some = pages(ingested.root / "some")["index.html"]
    assert "<b>1</b> run" in some
    assert "<b>1</b> environment" in some


def test_since_a_commit_and_since_a_day(ingested, regress):
    assert regress(f"site -o all; site -o some --since {ingested.commits['c2']}".partition(";")[0]).status == 0
    assert regress(f"site -o some --since {ingested.commits['c2'][:12]}").status == 0
    everything, some = (" ".join(pages(ingested.root / name).values()) for name in ("all", "some"))
    for name, shown in (("c1", False), ("c2", True), ("c3", True)):
        assert ingested.commits[name][:10] in everything
        assert (ingested.commits[name][:10] in some.partition("All values as a table")[2]) is shown, name
    assert regress("site -o day --since 1999-12-31").status == 0
    assert pages(ingested.root / "day") == pages(ingested.root / "all")


def test_ones_own_templates_go_before_ours(ingested, regress):
    theme = ingested.root / "theme"
    (theme / "static").mkdir(parents=True)
    (theme / "base.html").write_text(
        '{% extends "regress/base.html" %}{% block header %}<p>Our own header</p>{{ super() }}{% endblock %}'
    )
    (theme / "static" / "site.css").write_text("body { color: teal }")
    assert regress("site -o out --theme theme").status == 0
    assert regress("site -o plain").status == 0
    index = pages(ingested.root / "out")["index.html"]
    assert "Content-Security-Policy" in index, "ours, extended"
    assert (ingested.root / "out" / "static" / "site.css").read_text() == "body { color: teal }"
    assert "color: teal" not in (ingested.root / "plain" / "static" / "site.css").read_text()
    (theme / "index.html").write_text("<p>{{ project }}, in my own words</p>")
    assert regress("site -o out --theme theme").status == 0
    assert pages(ingested.root / "out")["index.html"] == "<p>widgets, in my own words</p>"


def test_a_template_that_is_wrong_is_one_line(ingested, regress):
    theme = ingested.root / "theme"
    theme.mkdir()
    for text, said in (("{% if %}", "Expected an expression"), ("{{ nonsense }}", "'nonsense' is undefined")):
        (theme / "index.html").write_text(text)
        done = regress("site -o out --theme theme")
        assert done.status == 2
        assert said in done.err
        assert len(done.err.splitlines()) == 1


def test_the_preview_builds_again_when_the_history_grows(ingested, regress):
    os.rename(ingested.root / "results" / "c5-0.json", ingested.root / "late.json")
    (ingested.root / ".regress" / "history.db").unlink()
    assert regress("ingest results").status == 0
    command = [sys.executable, "-m", "regress", "site", "-o", "out", "--serve", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        try:
            url = re.search(r"http://127.0.0.1:\d+/", served.stdout.readline())[0]
            short = ingested.commits["c5"][:10]
            assert short not in _get(url, "/")[1]
            assert regress("ingest late.json").status == 0
            assert _get(url, "/.changed/0/")[0] == 303, "answered once it was built"
            assert short in _get(url, "/")[1]
        finally:
            served.send_signal(signal.SIGINT)
        assert served.wait(60) == 0


def _get(url, path):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=90)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


# --- a single run's report ---


def test_a_report_as_a_page(ingested, regress):
    done = regress("check --report html=out/report.html --report json=out/report.json")
    page = (ingested.root / "out" / "report.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert done.out.splitlines()[0] in page.replace("&#39;", "'")
    again = regress("report out/report.json --format html")
    assert again.status == 0
    assert again.out == page.replace(_host(page), _host(again.out))
    assert regress("compare c1 c3 --report html=-".replace("c1", ingested.commits["c1"]).replace(
        "c3", ingested.commits["c3"])).out.startswith("<!doctype html>")  # fmt: skip


def _host(page):
    found = re.search(r"<div><dt>host</dt>.*?</div>", page)
    return found[0] if found else ""


def test_an_unknown_format_names_those_that_there_are(ingested, regress):
    done = regress("check --report pdf=x.pdf")
    assert done.status == 2
    assert "text, markdown, json, junit, html" in done.err


def test_templates_are_loaded_only_for_a_page():
    script = "import sys; from regress.cli import run; run({!r}); print('jinja2' in sys.modules, file=sys.stderr)"
    for args, loaded in ((["check", "--help"], "False"), (["report", "nothing.json"], "False")):
        done = subprocess.run([sys.executable, "-c", script.format(args)], capture_output=True, text=True, check=True)
        assert done.stderr.splitlines()[-1] == loaded


def test_a_tag_is_shown_at_the_first_measured_commit_that_holds_it(ingested, regress):
    git, commits = ingested.git, ingested.commits
    unmeasured = git("commit-tree", "-m", "not measured", "-p", commits["c5"], f"{commits['c5']}^{{tree}}")
    git("tag", "v2.0", unmeasured)
    git("tag", "elsewhere", git("commit-tree", "-m", "beside", f"{commits['c5']}^{{tree}}"))
    git("update-ref", "refs/heads/main", unmeasured)
    ingested.commit("c9", "measured again", 50)
    ingested.results("c9")
    assert regress("ingest results").status == 0
    assert regress("site -o out").status == 0
    (axis,) = (path.read_text() for path in (ingested.root / "out/d").glob("axis-*.js"))
    (known,) = (path.read_text() for path in (ingested.root / "out/d").glob("commits-*.js"))
    shas = json.loads(re.search(r'"sha":(\[.*?\])', known)[1])
    tags = json.loads(re.search(r'"tags":(\[.*?\]\]|\[\])', axis)[1])
    assert {tag: shas[place] for place, tag in tags} == {"v1.0": commits["c3"][:12], "v2.0": commits["c9"][:12]}
