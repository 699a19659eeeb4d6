from __future__ import annotations

from pathlib import Path

import pytest

from regress.errors import InputError
from regress.repo import Repository


def test_a_repository_is_made_of_a_stream_whatever_the_user_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = tmp_path / "ran"
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout").write_text(f"#!/bin/sh\ntouch '{proof}'\n")
    (hooks / "post-checkout").chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f"[init]\n\ttemplateDir = {tmp_path / 'template'}\n\tdefaultBranch = odd\n"
        "[core]\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    stream = b"commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 3\nonedeleteall\n"
    stream += b"M 100644 inline f\ndata 4\na\nb\n\n"
    made = Repository.create(tmp_path / "made", stream, "main")
    assert made.branch() == "main"
    assert (tmp_path / "made" / "f").read_bytes() == b"a\nb\n"
    assert not made.is_dirty()
    assert not proof.exists()
    again = Repository.create(tmp_path / "again", stream, "main")
    assert again.head() == made.head()


def test_a_stream_that_git_refuses_is_an_error_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="fast-import") as caught:
        Repository.create(tmp_path / "made", b"nonsense\n", "main")
    assert "\n" not in str(caught.value)
