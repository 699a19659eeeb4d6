"""The small parts: retries, workflow commands, markers, shapes of webhooks, and which forge is spoken to."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regress.errors import UsageError
from regress.forge import (
    SHAPES,
    Annotation,
    Event,
    EventKind,
    ForgeError,
    ForgeKind,
    GitHub,
    GitLab,
    Line,
    Message,
    Patience,
    UnsureError,
    add_summary,
    commands,
    connect,
    marker,
    send,
)
from regress.forge.retry import retry_after
from tests.forge.scripted import Fault


def test_back_off_doubles_and_is_never_the_same_for_all():
    waits = [Patience(chance=lambda: 1.0).backoff(n) for n in (1, 2, 3, 99)]
    assert waits == [1, 2, 4, 90]
    assert {Patience(chance=lambda c=c: c).backoff(2) for c in (0.0, 0.5)} == {1.0, 1.5}


@given(st.text())
def test_any_retry_after_is_a_time_or_nothing(text):
    found = retry_after(text, 0.0)
    assert found is None or 0 <= found < 1e9


def parse(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it."""
    word, rest = re.fullmatch(r"::(\w+) (.*)", line).groups()
    properties, message = rest.split("::", 1)

    def plain(text, more=False):
        for code, char in (("%3A", ":"), ("%2C", ",")) if more else ():
            text = text.replace(code, char)
        return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")

    return word, {k: plain(v, True) for k, _, v in (p.partition("=") for p in properties.split(","))}, plain(message)


def test_annotations_are_workflow_commands():
    text = commands([Annotation("tests/t.py", 12, "failure", "a: b, c", "100% slower\nsee :: there"),
                     Annotation("tests/t.py", 0, "warning", "t", "m")])  # fmt: skip
    one, other = text.splitlines()
    assert parse(one) == (
        "error",
        {"file": "tests/t.py", "line": "12", "title": "a: b, c"},
        "100% slower\nsee :: there",
    )
    assert other == "::warning file=tests/t.py,title=t::m"


@given(st.text(), st.text())
def test_no_text_ends_a_command(title, message):
    text = commands([Annotation("t.py", 1, "failure", title, message)])
    assert text.count("\n") == 1
    assert "\r" not in text
    assert len(text.splitlines()) == 1
    assert parse(text[:-1])[1]["file"] == "t.py"


def test_the_summary_is_added_to_what_is_there(tmp_path):
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    add_summary(path, "verdict")
    assert path.read_text() == "before\nverdict\n"
    with pytest.raises(UsageError, match="is full"):
        add_summary(path, "x" * 2**20)
    with pytest.raises(UsageError, match="cannot be written"):
        add_summary(tmp_path / "no" / "such", "x")


@given(st.text(), st.text())
def test_a_marker_is_one_comment_that_ends_at_its_end(project, key):
    found = marker(project, key)
    assert re.fullmatch(r"<!-- regress:[\w./ -]+:[\w./ -]+ -->", found)
    assert found.index("--", 4) == len(found) - 3


def test_markers_are_told_apart():
    names = ["a", "b", "a--b", "-->", "--> ", "ü", "v", "a" * 200, "a" * 201, ""]
    assert len({marker(name, "check") for name in names}) == len(names)
    assert marker("widgets", "check") == "<!-- regress:widgets:check -->"


EVIL = "<!channel> <@U1> @channel *b* _i_ `c` [x](http://evil) http://evil.example &amp; ~s~ |\n# h\x1b"
MESSAGE = Message("w", f"w: {EVIL}", [Line("🔴", EVIL, "https://x.io/b"), Line("🟢", "plain")] + [Line("🔴", "n")] * 40,
                  "https://x.io/")  # fmt: skip


@pytest.mark.parametrize("service", ["slack", "mattermost"])
def test_a_chat_shows_foreign_text_and_does_nothing(service):
    text = SHAPES[service](MESSAGE)["text"]
    for needle in ("<!channel>", "<@U1>", "@channel", "://evil", "\x1b", "\n# h"):
        assert needle not in text, needle
    assert "https://x.io/b" in text
    assert "and 17 more" in text


def test_teams_gets_a_card_and_programs_get_everything():
    card = SHAPES["teams"](MESSAGE)["attachments"][0]["content"]
    assert card["actions"][0]["url"] == "https://x.io/"
    assert "[x](http" not in json.dumps(card)
    generic = SHAPES["webhook"](MESSAGE)
    assert len(generic["items"]) == 42
    assert generic["items"][0]["text"] == EVIL


def test_a_webhook_is_tried_again_only_where_it_was_not_heard(forge, clock):
    forge.answer = lambda *_: (200, {"ok": True})
    address = f"{forge.url}/services/T0/S3CRET"
    forge.script += [Fault(429, {"Retry-After": "1"}), Fault(200, {"Content-Type": "text/plain"}, b"ok")]
    send("slack", address, MESSAGE, clock.patience())
    assert len(forge.requests) == 2
    for fault, kind in (
        (Fault(close=True), UnsureError),
        (Fault(503), UnsureError),
        (Fault(404, body=b"no_service"), ForgeError),
    ):
        forge.script.append(fault)
        before = len(forge.requests)
        with pytest.raises(kind) as caught:
            send("slack", address, MESSAGE, clock.patience())
        assert len(forge.requests) == before + 1
        assert "S3CRET" not in str(caught.value)
        assert "slack webhook at 127.0.0.1" in str(caught.value)
    with pytest.raises(UsageError, match="no web address") as caught:
        send("slack", "S3CRET", MESSAGE)
    assert "S3CRET" not in str(caught.value)


PLAIN, HUB, LAB, JENKINS = (
    Event(EventKind.PUSH, kind, repository="o/n", api=api)
    for kind, api in ((ForgeKind.NONE, ""), (ForgeKind.GITHUB, "https://ghe/api/v3"), (ForgeKind.GITLAB, ""),
                      (ForgeKind.JENKINS, ""))
)  # fmt: skip


@pytest.mark.parametrize(
    ("event", "environ", "more", "kind"),
    [
        (HUB, {"GITHUB_TOKEN": "t"}, {}, GitHub),
        (HUB, {"GH_TOKEN": "t", "GITHUB_TOKEN": " "}, {}, GitHub),
        (HUB, {"GITLAB_TOKEN": "t"}, {}, None),
        (HUB, {}, {}, None),
        (LAB, {"GITLAB_TOKEN": "t"}, {}, GitLab),
        (LAB, {"CI_JOB_TOKEN": "t"}, {}, GitLab),
        (JENKINS, {"GITHUB_TOKEN": "t"}, {"repository": "a/b"}, GitHub),
        (PLAIN, {"GITLAB_TOKEN": "t"}, {"repository": "a/b/c"}, GitLab),
        (PLAIN, {"GITLAB_TOKEN": "t", "GITHUB_TOKEN": "t"}, {"repository": "a/b", "kind": "gitlab"}, GitLab),
    ],
)
def test_which_forge_is_spoken_to(event, environ, more, kind):
    found = connect(event, environ, **more)
    assert (type(found) if found else None) is kind


def test_what_nobody_can_speak_to():
    with pytest.raises(UsageError, match="no repository is known"):
        connect(JENKINS, {"GITHUB_TOKEN": "t"})
    with pytest.raises(UsageError, match="GITHUB_TOKEN: holds what is no token") as caught:
        connect(HUB, {"GITHUB_TOKEN": "two\nlines"})
    assert "two" not in str(caught.value).replace("two lines", "")
