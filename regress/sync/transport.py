"""The way to a remote: its address and what git needs for it, what its answers mean, and how long to wait."""

from __future__ import annotations

import os
import random
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import InputError, UsageError
from ..repo import Repository, without_credentials

#: The name that the remote has in a repository of ours.
REMOTE = "shared"

#: Settings that lead to a remote: of servers, credentials and proxies.
_NEEDED = r"^(http\.|credential\.|ssh\.|core\.(sshcommand|askpass|gitproxy)$|remote\..*\.(proxy|proxyauthmethod)$)"
_OWN = (
    ("fetch.unpackLimit", "1"),  # what came in stays a pack, whose size can be told
    ("transfer.fsckObjects", "true"),
    ("http.lowSpeedLimit", "100"), ("http.lowSpeedTime", "60"),
    ("push.recurseSubmodules", "no"), ("core.compression", "1"),
)  # fmt: skip

#: What git says of a tip that has moved, and a remote of one that moves. A remote that says "non-fast-forward" allows
#: nobody to begin a branch anew.
_MOVED = re.compile(r"fetch first|non-fast-forward|stale info")
_MOVING = re.compile(
    r"cannot lock ref|failed to lock|failed to update ref|reference already exists|but expected|incorrect old value|"
    r"unable to create .*\.lock"
)
_PASSING = re.compile(
    r"timed out|timeout|connection (was )?reset|connection refused|(failed to|couldn't) connect|early eof|rpc failed|"
    r"hung up unexpectedly|returned error: (5\d\d|429)|temporar|could not resolve host",
    re.IGNORECASE,
)
_HINTS = (
    (r"no space left|disk full", "make room, then try again"),
    (r"returned error: 40[13]|permission|denied|could not read (username|password)|authentication|not allowed",
     "give the job a token with the right to write this branch (on GitHub: `permissions: contents: write`)"),
    (r"hook declined|protected|gh006", "allow this branch to be written, or name another in [tool.regress.history]"),
    (r"not found|does not exist|does not appear to be a git repository|could not read from remote",
     "check the remote's address (`git remote -v`) and that you may read it"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """How a remote is reached. `shown` has no credentials; `settings` may have."""

    shown: str
    settings: tuple[tuple[str, str], ...] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def to(cls, repository: Repository, remote: str) -> Route:
        """The way to one of the repository's remotes. Raises UsageError where there is none of that name."""
        fetch, push = (_url(repository, remote, *more) for more in ((), ("--push",)))
        status, out, _ = repository.call("config", "-z", "--get-regexp", _NEEDED)
        entries = out.decode("utf-8", "surrogateescape").split("\0") if not status else []
        pairs = [(name, value) for name, _, value in (entry.partition("\n") for entry in entries) if name]
        pairs = [(re.sub(rf"^remote\.{re.escape(remote)}\.", f"remote.{REMOTE}.", name), v) for name, v in pairs]
        asked = {name for name, _ in pairs} | {name.lower() for name in os.environ}
        if not asked & {"core.sshcommand", "git_ssh_command", "git_ssh"}:
            pairs.append(("core.sshCommand", "ssh -o BatchMode=yes"))  # else ssh would ask on the terminal
        own = ((f"remote.{REMOTE}.url", fetch), (f"remote.{REMOTE}.pushurl", push))
        return cls(without_credentials(fetch), (*_OWN, *pairs, *own), _secrets(fetch, push))

    def told(self, text: str) -> str:
        """What git or the remote said, in one line and without credentials."""
        lines = [line.strip() for line in text.splitlines()]
        kept = [re.sub(r"^(remote: )?(fatal|error|ERROR): |^remote: ", "", line) for line in lines if _says(line)]
        said = " · ".join(dict.fromkeys(filter(None, kept))) or "no message"
        for secret in self.secrets:
            said = said.replace(secret, "***")
        return re.sub(r"(\w+://)[^/@\s]+@", r"\1", said)[:400]

    def fault(self, doing: str, text: str) -> InputError:
        """The error that says what the remote refused, and what to do."""
        said = self.told(text)
        hint = next((hint for pattern, hint in _HINTS if re.search(pattern, text, re.IGNORECASE)), "")
        return InputError(f"{doing} failed: {said}", where=self.shown, hint=hint or "try again, or ask git by hand")


def _says(line: str) -> bool:
    """Whether a line of git's says what went wrong: not how far it is, and not general advice."""
    return bool(re.match(r"(fatal|error|ERROR|remote|!|ssh|git@|Host|Permission|warning: .*denied)", line)) and not (
        re.match(r"remote: (Enumerating|Counting|Compressing|Total|Resolving)|error: failed to push some refs", line)
    )


def somebody_was_faster(out: str) -> bool:
    """Whether a push was refused only because the branch has moved since, or is being moved."""
    refused = [line for line in out.splitlines() if line.startswith("!")]
    return any((_MOVING if "[remote rejected]" in line else _MOVED).search(line) for line in refused)


def will_pass(err: str) -> bool:
    """Whether a fault is one of the network, that may be gone in a moment."""
    return _PASSING.search(err) is not None


def pause(attempt: int) -> None:
    """Waits longer after each attempt, and never as long as others do: who collided would collide again."""
    time.sleep(random.uniform(0.3, 1.0) * min(5.0, 0.1 * 2**attempt))


def _url(repository: Repository, remote: str, *more: str) -> str:
    status, out, _ = repository.call("remote", "get-url", *more, "--", remote)
    if status:
        names = repository.call("remote")[1].decode("utf-8", "replace").split()
        hint = f"there is {', '.join(names)}: name it with --remote" if names else "add one: git remote add origin URL"
        raise UsageError(f"the repository has no remote {remote!r}", where=str(repository.root), hint=hint)
    url = out.decode("utf-8", "surrogateescape").strip()
    # A path on this machine, which git tells from host:path by a slash before the first colon.
    if "://" not in url and (":" not in url or "/" in url.partition(":")[0]):
        url = str(Path(os.path.normpath(repository.root / url)))
    return url


def _secrets(*urls: str) -> tuple[str, ...]:
    """What must not be shown of these addresses."""
    found: set[str] = set()
    for url in urls:
        place = urlsplit(url).netloc if "://" in url else ""
        user, _, password = place.rpartition("@")[0].partition(":")
        # A token may stand where the user's name does; "git" and the like are none.
        found |= {text for text in (password, unquote(password), user if len(user) > 15 else "") if text}
    return tuple(sorted(found, key=len, reverse=True))
