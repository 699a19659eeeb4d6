"""What can be said to a forge, whichever it is: comments, checks, issues; each found again by a hidden marker."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Protocol
from urllib.parse import quote

from ..errors import UsageError
from .http import Client, ForgeError, UnsureError

#: Where a forge keeps at most so many annotations of one request.
MOST_ANNOTATIONS = 50
_TRIES = 3
_REPOSITORY = re.compile(r"[\w.-]+(/[\w.-]+)+", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/ -]{0,79}")


@dataclass(frozen=True, slots=True)
class Said:
    """What became of something that was said: where it stands, and `how`: created, updated, unchanged, closed …"""

    how: str
    url: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue that carries our marker."""

    number: int
    url: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something to say at a line of a file: `level` is failure, warning or notice. `line` 0: of the file as a whole."""

    path: str
    line: int
    level: str
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check with its conclusion (success, failure, neutral) on one commit; `key` finds it again."""

    name: str
    commit: str
    conclusion: str
    title: str
    summary: str
    key: str
    url: str = ""
    annotations: Sequence[Annotation] = ()


class Forge(Protocol):
    """GitHub or GitLab, for one repository. Every method raises ForgeError."""

    name: str

    def comment(self, number: int, marker: str, body: str) -> Said:
        """Puts `body`, which begins with `marker`, under a request: into our comment with this marker, else anew."""
        ...

    def check(self, check: Check) -> Said:
        """Sets a check on a commit."""
        ...

    def requests_of(self, head: str, branch: str, origin: str) -> list[int]:
        """The numbers of the open requests whose tip is exactly `head`, of `branch` in the repository `origin`."""
        ...

    def find_issue(self, marker: str, label: str) -> Issue | None:
        """The newest issue with this label whose text begins with `marker`."""
        ...

    def open_issue(self, title: str, body: str, marker: str, label: str) -> Said:
        """A new issue, unless there is one with this marker."""
        ...

    def turn_issue(self, number: int, *, is_open: bool, why: str) -> Said:
        """Closes or reopens an issue, and says why in a comment."""
        ...


def marker(project: str, key: str) -> str:
    """The hidden line by which a comment is found again; names that could end it early are replaced by a digest."""
    return f"<!-- regress:{_safe(project)}:{_safe(key)} -->"


def _safe(name: str) -> str:
    if _PLAIN.fullmatch(name) and "--" not in name:
        return name
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def repository_path(name: str) -> str:
    """A repository's name for an address. Raises UsageError where it is none."""
    parts = name.split("/")
    if not _REPOSITORY.fullmatch(name) or any(part in (".", "..") for part in parts):
        raise UsageError(f"{name!r} is no repository", hint="write it as OWNER/NAME, with --repository")
    return quote(name, safe="/")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something of ours may stand: what finds our oldest there, and what creates, updates and removes one."""

    find: Callable[[], Any | None]
    create: Callable[[], Any]
    update: Callable[[Any], Any]
    remove: Callable[[Any], Any] | None = None


def put(client: Client, place: Place) -> tuple[str, Any]:
    """Creates or updates, so that there is one afterwards: ("created" or "updated", what the forge made of it).

    A creation that may have been heard is looked for before it is tried again; what vanished meanwhile is made anew.
    """
    for attempt in range(1, _TRIES + 1):
        found = place.find()
        try:
            if found is not None:
                return "updated", place.update(found)
            return _alone(place, place.create())
        except UnsureError:
            if attempt == _TRIES:
                raise
        except ForgeError as error:
            if attempt == _TRIES or found is None or error.code not in (404, 410):
                raise
        client.patience.pause(client.patience.backoff(attempt))
    raise AssertionError("unreachable")


def _alone(place: Place, made: Any) -> tuple[str, Any]:
    """What another job created in the same moment, and earlier, is updated instead, and ours is removed."""
    first = place.find() if place.remove else None
    if place.remove is None or first is None or number_of(first, "id") == number_of(made, "id"):
        return "created", made
    updated = place.update(first)
    place.remove(made)
    return "updated", updated


def text_of(document: Any, *way: str) -> str:
    """The text at the end of a way of keys; "" where a forge's answer has none."""
    found = document
    for name in way:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def number_of(document: Any, *names: str) -> int:
    """The whole number under the first of the names that has one. Raises ForgeError where an answer has none."""
    for name in names:
        found = document.get(name) if isinstance(document, dict) else None
        if isinstance(found, int):
            return found
    raise ForgeError(f"the answer holds no {' or '.join(names)}", hint="is the address that of the forge's API?")


def begins(body: str, marker: str) -> bool:
    """Whether a text is ours: the marker is its first line, not something that was quoted."""
    return body.lstrip("\ufeff").startswith(marker)


def same(one: str, other: str) -> bool:
    """Whether two texts are the same to a forge, which may have changed line ends and the end."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
