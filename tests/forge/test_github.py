"""GitHub, as it behaves: a comment made and updated, every refusal in one line, and no secret in any of them."""

from __future__ import annotations

import json
import traceback
from email.utils import formatdate

import pytest

from regress.errors import UsageError
from regress.forge import Annotation, Check, ForgeError, GitHub, UnsureError, marker
from tests.forge.scripted import JOB_LOGIN, TOKEN, Fault

MARK = marker("widgets", "check")
BODY = f"{MARK}\n### verdict\n"


def github(forge, clock, token=TOKEN, **patience):
    return GitHub(forge.url, forge.repository, token, clock.patience(**patience))


def test_a_comment_is_made_then_updated_in_place(forge, clock):
    forge.pull(7)
    hub = github(forge, clock)
    first = hub.comment(7, MARK, BODY)
    assert (first.how, first.url) == ("created", forge.comments[7][0]["html_url"])
    assert github(forge, clock).comment(7, MARK, BODY + "mended\n").how == "updated"
    assert [one["body"] for one in forge.comments[7]] == [BODY + "mended\n"]
    assert [method for method, _ in forge.writes()] == ["POST", "PATCH"]


def test_the_same_again_writes_nothing(forge, clock):
    forge.pull(7)
    github(forge, clock).comment(7, MARK, BODY)
    forge.comments[7][0]["body"] = BODY.replace("\n", "\r\n")
    assert github(forge, clock).comment(7, MARK, BODY).how == "unchanged"
    assert len(forge.writes()) == 1


def test_our_comment_is_found_on_the_last_page(forge, clock):
    forge.pull(7)
    forge.page = 10
    for number in range(25):
        forge.add_comment(7, f"remark {number}", "bo")
    ours = forge.add_comment(7, BODY)
    assert github(forge, clock).comment(7, MARK, BODY + "x").how == "updated"
    assert ours["body"] == BODY + "x"
    pages = [path for method, path, _ in forge.requests if method == "GET" and "comments" in path]
    assert len(pages) == 3


@pytest.mark.parametrize(
    ("body", "login"),
    [(BODY, "mallory"), (f"> {BODY}", JOB_LOGIN), (f"look:\n{BODY}", JOB_LOGIN),
     (BODY.replace("widgets", "other"), JOB_LOGIN)],
)  # fmt: skip
def test_nobody_elses_comment_is_taken_for_ours(forge, clock, body, login):
    forge.pull(7)
    theirs = forge.add_comment(7, body, login)
    assert github(forge, clock).comment(7, MARK, BODY).how == "created"
    assert theirs["body"] == body


def test_of_two_jobs_that_comment_at_once_one_comment_stays(forge, clock):
    forge.pull(7)
    github(forge, clock).comment(7, MARK, BODY)
    forge.blind = 1  # the other one looked before that
    said = github(forge, clock).comment(7, MARK, BODY + "later\n")
    assert (said.how, said.number) == ("updated", forge.comments[7][0]["id"])
    assert [one["body"] for one in forge.comments[7]] == [BODY + "later\n"]
    assert [method for method, _ in forge.writes()] == ["POST", "POST", "PATCH", "DELETE"]


def test_a_persons_token_finds_the_comments_of_that_person(forge, clock):
    forge.pull(7)
    forge.add_comment(7, BODY, JOB_LOGIN)
    ada = forge.add_comment(7, BODY, "ada")
    assert github(forge, clock, "ghp_person").comment(7, MARK, BODY + "x").how == "updated"
    assert ada["body"] == BODY + "x"


def test_a_server_without_graphql_is_taken_to_be_the_jobs_own(forge, clock):
    forge.graphql = False
    forge.pull(7)
    forge.add_comment(7, BODY)
    assert github(forge, clock).comment(7, MARK, BODY + "x").how == "updated"


REFUSALS = {
    "401": (Fault(401, body=b'{"message": "Bad credentials"}'), "GITHUB_TOKEN"),
    "403": (Fault(403, body=b'{"message": "Resource not accessible by integration"}'), "permissions"),
    "404": (Fault(404, body=b'{"message": "Not Found"}'), "check the repository"),
    "422": (
        Fault(422, body=b'{"message": "Validation Failed", "errors": [{"message": "body is too long"}]}'),
        "too long",
    ),
    "not JSON": (Fault(200, body=b"<html>sign in</html>"), "proxy"),
    "no list": (Fault(200, body=b'{"a": 1}'), "no list"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_final_and_one_line(forge, clock, name):
    fault, words = REFUSALS[name]
    forge.pull(7)
    forge.script.append(fault)
    with pytest.raises(ForgeError, match=words) as caught:
        github(forge, clock).comment(7, MARK, BODY)
    assert len(forge.requests) == 1
    assert clock.waits == []
    assert "\n" not in str(caught.value)
    assert caught.value.status == 4


PASSING = {
    "429": Fault(429, {"Retry-After": "7"}),
    "429 until a date": Fault(429, {"Retry-After": formatdate(1_700_000_007)}),
    "secondary limit": Fault(403, {"Retry-After": "7"}, b'{"message": "You have exceeded a secondary rate limit"}'),
    "secondary, no time": Fault(403, body=b'{"message": "You have exceeded a secondary rate limit."}'),
    "primary limit": Fault(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000007"}),
    "500": Fault(500), "502": Fault(502, body=b"<html>Bad Gateway</html>"), "503": Fault(503), "504": Fault(504),
    "closed": Fault(close=True), "slow": Fault(sleep=True),
}  # fmt: skip


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_waited_for(forge, clock, name):
    forge.pull(7)
    forge.script.append(PASSING[name])
    hub = github(forge, clock, timeout=0.3 if name == "slow" else 5.0)
    assert hub.comment(7, MARK, BODY).how == "created"
    assert len(forge.comments[7]) == 1
    assert len(clock.waits) == 1
    if PASSING[name].headers:
        assert clock.waits[0] == pytest.approx(7.5)


LONG = (
    {"Retry-After": "3600"}, {"Retry-After": "inf"},
    {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700009999"},
)  # fmt: skip


@pytest.mark.parametrize("fault", [Fault(429, headers) for headers in LONG])
def test_nobody_waits_for_an_hour(forge, clock, fault):
    forge.pull(7)
    forge.script += [fault] * 9
    with pytest.raises(ForgeError, match="limits our requests"):
        github(forge, clock).comment(7, MARK, BODY)
    assert sum(clock.waits) < 60


def test_patience_ends(forge, clock):
    forge.pull(7)
    forge.script += [Fault(502)] * 9
    with pytest.raises(ForgeError, match="answered 502"):
        github(forge, clock).comment(7, MARK, BODY)
    assert len(forge.requests) == 4
    assert clock.waits == [pytest.approx(s) for s in (0.75, 1.5, 3.0)]


@pytest.mark.parametrize("fault", [Fault(close=True, after=True, only="POST"), Fault(502, after=True, only="POST"),
                                   Fault(sleep=True, after=True, only="POST")])  # fmt: skip
def test_a_comment_that_was_heard_but_not_answered_is_not_made_twice(forge, clock, fault):
    forge.pull(7)
    forge.add_comment(7, "hello", "bo")
    forge.logins[TOKEN] = "bot-user"  # asks no GraphQL, so that the first POST is the comment
    assert github(forge, clock, timeout=0.3).comment(7, MARK, BODY).how == "created"
    forge.script.append(fault)
    other = marker("widgets", "other")
    assert github(forge, clock, timeout=0.3).comment(7, other, BODY.replace(MARK, other)).how in (
        "unchanged",
        "updated",
    )
    assert len(forge.comments[7]) == 3


@pytest.mark.parametrize("fault", [Fault(close=True, only="POST"), Fault(503, only="POST")])
def test_a_comment_that_was_not_heard_is_made(forge, clock, fault):
    forge.pull(7)
    forge.logins[TOKEN] = "bot-user"
    forge.script.append(fault)
    assert github(forge, clock).comment(7, MARK, BODY).how == "created"
    assert len(forge.comments[7]) == 1


def test_a_comment_that_is_deleted_meanwhile_is_made_anew(forge, clock):
    forge.pull(7)
    forge.add_comment(7, BODY)
    forge.script.append(Fault(404, only="PATCH", body=b'{"message": "Not Found"}'))
    hub = github(forge, clock)
    assert hub.comment(7, MARK, BODY + "x").how == "updated"


def test_who_is_not_there_is_told_so(clock):
    hub = GitHub("http://127.0.0.1:9", "o/n", TOKEN, clock.patience(tries=2))
    with pytest.raises(ForgeError, match="cannot be reached"):
        hub.comment(1, MARK, BODY)
    assert len(clock.waits) == 1


def test_no_secret_is_in_a_message_or_a_traceback(forge, clock):
    forge.pull(7)
    for fault in (
        Fault(401, body=json.dumps({"message": f"bad {TOKEN}\n::error::x"}).encode()),
        Fault(422, body=b"[]"),
    ):
        forge.script.append(fault)
        with pytest.raises(ForgeError) as caught:
            github(forge, clock).comment(7, MARK, BODY)
        assert "\n" not in str(caught.value)
        shown = "".join(traceback.format_exception(caught.value)) + repr(github(forge, clock)._client)
        assert TOKEN not in shown


def test_the_token_stays_on_its_server(forge, clock):
    forge.pull(7)
    for headers in ({"Location": "http://localhost:9/steal"}, {"Location": "https://evil.example/x"}):
        forge.script.append(Fault(301, headers))
        with pytest.raises(ForgeError, match="another server"):
            github(forge, clock).comment(7, MARK, BODY)
    link = {"Link": '<https://evil.example/?page=2>; rel="next"'}
    forge.script.append(Fault(200, link, b"[]"))
    with pytest.raises(ForgeError, match="another server"):
        github(forge, clock).comment(7, MARK, BODY)


def test_a_renamed_repository_is_followed(forge, clock):
    forge.pull(7)
    there = {"Location": f"{forge.url}/repos/{forge.repository}/issues/7/comments?per_page=100"}
    forge.script.append(Fault(301, there))
    assert github(forge, clock).comment(7, MARK, BODY).how == "created"


def test_an_endless_redirect_ends(forge, clock):
    forge.script += [Fault(301, {"Location": f"{forge.url}/again"})] * 9
    with pytest.raises(ForgeError, match="answered 301"):
        github(forge, clock).comment(7, MARK, BODY)


@pytest.mark.parametrize(
    "name", ["widgets", "octo/../other/x", "octo/wid gets", "octo/w?x", "", "a/..", "octo/wídgets"]
)
def test_what_is_no_repository(name):
    with pytest.raises(UsageError, match="is no repository"):
        GitHub("https://api.github.com", name, TOKEN)


@pytest.mark.parametrize(
    "api", ["file:///etc/passwd", "ftp://x", "api.github.com", "http://", "http://x y", "https://[x"]
)
def test_what_is_no_address(api):
    with pytest.raises(UsageError, match="no web address"):
        GitHub(api, "o/n", TOKEN)


CHECK = Check("regress", "a" * 40, "failure", "RED: 1", "summary", MARK, "https://x.io/",
              [Annotation("t.py", n, "failure", "t" * 300, "m") for n in range(80)])  # fmt: skip


def test_a_check_is_made_then_updated(forge, clock):
    assert github(forge, clock).check(CHECK).how == "created"
    assert len(forge.checks[0]["output"]["annotations"]) == 50
    assert forge.checks[0]["output"]["annotations"][0]["start_line"] == 1
    again = Check("regress", "a" * 40, "success", "no regression", "s", MARK)
    assert github(forge, clock).check(again).how == "updated"
    assert [one["conclusion"] for one in forge.checks] == ["success"]


def test_a_check_of_another_key_is_left_alone(forge, clock):
    github(forge, clock).check(CHECK)
    other = Check("regress", "a" * 40, "success", "t", "s", marker("widgets", "asv"))
    assert github(forge, clock).check(other).how == "created"
    assert [one["conclusion"] for one in forge.checks] == ["failure", "success"]


def test_requests_are_found_by_their_tip(forge, clock):
    tip, stale = "b" * 40, "c" * 40
    mine = {"full_name": forge.repository}
    forge.pulls.append({"number": 1, "state": "open", "head": {"sha": tip, "ref": "topic", "repo": mine},
                        "base": {"repo": mine}})  # fmt: skip
    forge.pulls.append({"number": 2, "state": "closed", "head": {"sha": tip, "ref": "t", "repo": mine},
                        "base": {"repo": mine}})  # fmt: skip
    forge.pulls.append({"number": 3, "state": "open", "base": {"repo": mine},
                        "head": {"sha": tip, "ref": "topic", "repo": {"full_name": "mallory/widgets"}}})  # fmt: skip
    forge.pulls.append({"number": 4, "state": "open", "base": {"repo": {"full_name": "else/where"}},
                        "head": {"sha": stale, "ref": "topic", "repo": {"full_name": "mallory/widgets"}}})  # fmt: skip
    hub = github(forge, clock)
    assert hub.requests_of(tip, "topic", forge.repository) == [1]
    forge.pulls.pop(0)
    assert hub.requests_of(tip, "topic", "mallory/widgets") == [3], "found by its branch"
    assert hub.requests_of(stale, "topic", "mallory/widgets") == [], "of another repository"
    assert hub.requests_of("d" * 40, "topic", "mallory/widgets") == [], "it has moved on"


def test_an_unsure_error_says_what_is_not_known(forge, clock):
    forge.pull(7)
    forge.logins[TOKEN] = "bot-user"
    forge.script += [Fault(close=True, only="POST")] * 9
    with pytest.raises(UnsureError, match="connection was closed"):
        github(forge, clock).comment(7, MARK, BODY)
