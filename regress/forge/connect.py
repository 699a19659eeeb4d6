"""The forge that a job may speak to: by its event where that is of one, else by the token that is there."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import UsageError
from .event import Event, ForgeKind
from .github import GitHub
from .gitlab import GitLab
from .retry import Patience
from .talk import Forge

#: The variables that may hold a token, the first that is set holds.
GITHUB_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
GITLAB_TOKENS = ("GITLAB_TOKEN", "CI_JOB_TOKEN")


def connect(
    event: Event, environ: Mapping[str, str], *, repository: str = "", kind: str = "", patience: Patience | None = None
) -> Forge | None:
    """The forge, None where there is no token for it. Raises UsageError where nobody says which repository.

    `repository` and `kind` ("github", "gitlab") go before what the event says.
    """
    tokens = {"github": _first(environ, GITHUB_TOKENS), "gitlab": _first(environ, GITLAB_TOKENS)}
    chosen = kind or (event.forge.value if event.forge.value in tokens else "")
    chosen = chosen or next((name for name, (_, token) in tokens.items() if token), "")
    variable, token = tokens.get(chosen, ("", ""))
    if not token:
        return None
    name = repository or (event.repository if event.forge.value == chosen else "")
    if not name:
        raise UsageError("no repository is known to speak to", hint="name it with --repository OWNER/NAME")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("holds what is no token", where=variable, hint="check the secret: is it empty, or two lines?")
    if chosen == "gitlab":
        api = environ.get("CI_API_V4_URL") or "https://gitlab.com/api/v4"
        return GitLab(api.rstrip("/"), name, token, patience, is_job_token=variable == GITLAB_TOKENS[1])
    api = event.api if event.forge is ForgeKind.GITHUB else environ.get("GITHUB_API_URL", "")
    return GitHub((api or "https://api.github.com").rstrip("/"), name, token, patience)


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, str]:
    """The first variable that is set, and what it holds."""
    for name in names:
        if token := environ.get(name, "").strip():
            return name, token
    return "", ""
