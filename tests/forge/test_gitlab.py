"""GitLab: a note made and updated, issues, and what a job's own token may not do."""

from __future__ import annotations

import pytest

from regress.forge import Check, ForgeError, GitLab, marker
from tests.forge.lab import Lab
from tests.forge.scripted import serving

MARK = marker("widgets", "check")


@pytest.fixture
def lab():
    with serving(Lab()) as started:
        yield started


def gitlab(lab, clock, token="glpat-S3cret", **more):
    return GitLab(lab.url, lab.repository, token, clock.patience(), **more)


def test_a_note_is_made_then_updated(lab, clock):
    lab.notes[3] = [{"id": 1, "body": f"{MARK}\nfake", "author": {"username": "mallory"}}]
    assert gitlab(lab, clock).comment(3, MARK, f"{MARK}\none").how == "created"
    assert gitlab(lab, clock).comment(3, MARK, f"{MARK}\ntwo").how == "updated"
    assert gitlab(lab, clock).comment(3, MARK, f"{MARK}\ntwo").how == "unchanged"
    assert [note["body"] for note in lab.notes[3]] == [f"{MARK}\nfake", f"{MARK}\ntwo"]


def test_of_two_jobs_that_write_at_once_one_note_stays(lab, clock):
    lab.notes[3] = []
    gitlab(lab, clock).comment(3, MARK, f"{MARK}\none")
    lab.blind = 1  # the other one looked before that
    assert gitlab(lab, clock).comment(3, MARK, f"{MARK}\ntwo").how == "updated"
    assert [note["body"] for note in lab.notes[3]] == [f"{MARK}\ntwo"]


def test_a_jobs_own_token_is_told_what_it_lacks(lab, clock):
    with pytest.raises(ForgeError, match="scope `api` in GITLAB_TOKEN") as caught:
        gitlab(lab, clock, "job-S3cret", is_job_token=True).comment(3, MARK, MARK)
    assert "S3cret" not in str(caught.value)


def test_an_issue_is_opened_closed_and_reopened(lab, clock):
    hub = gitlab(lab, clock)
    opened = hub.open_issue("Slower", f"{MARK}\nx", MARK, "performance")
    assert (opened.how, opened.number) == ("created", 1)
    assert hub.open_issue("Slower", f"{MARK}\nx", MARK, "performance").number == 1, "there is one"
    assert hub.turn_issue(1, is_open=False, why="fixed").how == "closed"
    assert not hub.find_issue(MARK, "performance").is_open
    assert hub.turn_issue(1, is_open=True, why="back").how == "reopened"
    assert len(lab.issues) == 1


def test_a_status_has_no_neutral_word(lab, clock):
    gitlab(lab, clock).check(Check("regress", "a" * 40, "neutral", "t" * 300, "s", MARK, "https://x.io/"))
    assert (lab.statuses[0]["state"], len(lab.statuses[0]["description"])) == ("skipped", 255)
