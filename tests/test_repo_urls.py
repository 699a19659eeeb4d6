from __future__ import annotations

import pytest

from regress.repo import commit_url, without_credentials


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://token@host/o/r", "https://host/o/r"),
        ("https://u:p@ss@host:8443/o/r?access_token=x#y", "https://host:8443/o/r"),
        ("ssh://git:pw@host:22/o/r", "ssh://git@host:22/o/r"),
        ("git@github.com:o/r.git", "git@github.com:o/r.git"),
        ("me:secret@host:o/r.git", "me@host:o/r.git"),
        ("/srv/git/r.git", "/srv/git/r.git"),
        ("", ""),
    ],
)
def test_credentials_are_cut(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


@pytest.mark.parametrize(
    ("remote", "template"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r/commit/{commit}"),
        ("https://github.com/o/r/", "https://github.com/o/r/commit/{commit}"),
        ("git@github.com:o/r.git", "https://github.com/o/r/commit/{commit}"),
        ("ssh://git@github.com/o/r", "https://github.com/o/r/commit/{commit}"),
        ("ssh://git@ssh.github.com:443/o/r.git", "https://github.com/o/r/commit/{commit}"),
        ("https://github.example.com/o/r", "https://github.example.com/o/r/commit/{commit}"),
        ("git@gitlab.com:a/b/c.git", "https://gitlab.com/a/b/c/-/commit/{commit}"),
        ("https://gitlab.gnome.org/GNOME/gtk.git", "https://gitlab.gnome.org/GNOME/gtk/-/commit/{commit}"),
        ("git@bitbucket.org:o/r.git", "https://bitbucket.org/o/r/commits/{commit}"),
        ("https://example.org/o/r.git", ""),
        ("https://github.com/only", ""),
        ("https://github.com/o/{0.x}", ""),
        ('https://github.com/o/r"><script>', ""),
        ("https://notgithub.com/o/r", ""),
        ("file:///srv/github/o/r", ""),
        ("javascript://github.com/o/r", ""),
        ("/srv/git/r.git", ""),
        ("", ""),
    ],
)
def test_the_page_of_a_commit(remote: str, template: str) -> None:
    assert commit_url(remote) == template
