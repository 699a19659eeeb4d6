"""Bad situations: each is one line that says what, where and what to do."""

import pytest

from regress.errors import InputError, RegressError, UsageError
from regress.sync import pull, push, verify
from regress.sync.layout import MARK
from regress.sync.transport import Route, somebody_was_faster, will_pass
from tests.sync.conftest import git, put, some_runs
from tests.sync.test_exchange import fetched, shared


def test_no_remote(ada):
    git(ada.root, "remote", "rename", "origin", "upstream")
    with pytest.raises(UsageError, match=r"no remote 'origin'; there is upstream: name it with --remote"):
        fetched(ada)
    git(ada.root, "remote", "remove", "upstream")
    with pytest.raises(UsageError, match="git remote add"):
        fetched(ada)


def test_no_branch_yet(ada):
    done = fetched(ada)
    assert not done.exists
    with ada.branch() as branch:
        assert verify(branch).bad == []


@pytest.mark.parametrize("name", ["-x", "a..b", "a b", "", "x.lock", "--upload-pack=touch"])
def test_a_name_that_no_branch_can_have(ada, name):
    with pytest.raises(UsageError, match="cannot be the name of a branch"), ada.branch(name):
        pass


def test_a_branch_of_something_else_is_left_alone(ada, remote):
    ada.record(*some_runs(1))
    before = git(remote, "rev-parse", "main")
    with pytest.raises(InputError, match="is no history"), ada.branch("main") as branch:
        push(ada.history, branch, list(ada.digests()))
    assert git(remote, "rev-parse", "main") == before


def test_a_newer_layout_is_refused(ada, bob, remote):
    ada.record(*some_runs(1))
    shared(ada)
    put(remote, {MARK: b'{"version": 2}\n'})
    for action in (shared, fetched):
        with pytest.raises(InputError, match=r"version 2 .*upgrade"):
            action(ada)
    put(remote, {MARK: b"no JSON"})
    with pytest.raises(InputError, match="damaged"):
        fetched(bob)


def test_a_file_that_is_none_of_ours_is_ignored_and_named(ada, bob, remote):
    ada.record(*some_runs(1))
    shared(ada)
    put(remote, {"runs/zz/x.zst": b"x", "notes.txt": b"y", "notified/a/b.json": b"{}"})
    done = fetched(bob)
    assert done.runs == 1
    assert done.unknown == ["notes.txt", "notified/a/b.json", "runs/zz/x.zst"]


def test_a_remote_that_refuses_says_why(ada, remote):
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'no more benchmarks, says the boss' >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    ada.record(*some_runs(1))
    with pytest.raises(InputError, match=r"no more benchmarks, says the boss.*hook declined") as caught:
        shared(ada)
    assert "\n" not in str(caught.value)
    assert ada.digests()


def test_a_remote_that_is_not_there(ada, remote):
    remote.rename(remote.with_name("moved.git"))
    with pytest.raises(InputError, match=r"git remote -v"):
        fetched(ada)


def test_a_password_reaches_no_message(ada):
    secret = "s3cretTokenOfTwentyLetters"
    for url in (f"http://x:{secret}@127.0.0.1:9/r.git", f"http://{secret}@127.0.0.1:9/r.git"):
        git(ada.root, "remote", "set-url", "origin", url)
        from regress.repo import Repository

        repository = Repository.discover(ada.root)
        assert repository is not None
        route = Route.to(repository, "origin")
        assert secret not in repr(route)
        said = route.fault("pushing", f"fatal: unable to access '{url}/': refused {secret}\nremote: {secret}")
        assert secret not in str(said)
        assert "127.0.0.1:9" in str(said)
        with ada.branch() as branch:
            assert secret not in repr(branch._store)
            assert secret not in branch.shown


def test_a_network_that_fails_is_tried_again_and_then_said(ada, monkeypatch):
    from regress.sync import transport

    waits = []
    monkeypatch.setattr(transport.time, "sleep", waits.append)
    git(ada.root, "remote", "set-url", "origin", "http://127.0.0.1:9/r.git")
    with pytest.raises(RegressError, match="fetching failed"):
        fetched(ada)
    assert len(waits) == 4
    assert max(waits) > 0.1


@pytest.mark.parametrize(
    ("out", "expected"),
    [
        ("!\ta:b\t[rejected] (fetch first)", True),
        ("!\ta:b\t[rejected] (stale info)", True),
        ("!\ta:b\t[remote rejected] (cannot lock ref 'refs/heads/x': is at 1 but expected 2)", True),
        ("!\ta:b\t[remote rejected] (failed to update ref)", True),
        ("!\ta:b\t[remote rejected] (pre-receive hook declined)", False),
        ("!\ta:b\t[remote rejected] (non-fast-forward)", False),
        ("fatal: could not read Username", False),
    ],
)
def test_what_counts_as_another_job_being_faster(out, expected):
    assert somebody_was_faster(out) is expected


def test_what_may_pass():
    assert will_pass("fatal: unable to access: The requested URL returned error: 503")
    assert not will_pass("fatal: unable to access: The requested URL returned error: 403")


def test_a_place_that_cannot_be_written_is_said_in_a_line(ada, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", "/dev/null/no/such/place")
    with pytest.raises(InputError, match=r"cannot be written.*TMPDIR"):
        fetched(ada)


def test_pulling_leaves_nothing_behind(ada, tmp_path, monkeypatch):
    import tempfile

    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    ada.record(*some_runs(1))
    shared(ada)
    with ada.branch() as branch:
        pull(ada.history, branch)
    assert list(place.iterdir()) == []
