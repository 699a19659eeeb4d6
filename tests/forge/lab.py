"""A scripted GitLab: notes of merge requests and issues of one project, as its REST API has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.forge.scripted import Scripted


@dataclass
class Lab(Scripted):
    """The state; a job's own token may write neither notes nor issues."""

    repository: str = "group/sub/widgets"
    logins: dict[str, str] = field(default_factory=lambda: {"glpat-S3cret": "project_1_bot"})
    notes: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    statuses: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Any, token: str) -> tuple[int, Any]:
        """The true answer."""
        login = self.logins.get(token)
        if login is None:
            return 401, {"message": "401 Unauthorized"}
        parts = urlsplit(path)
        if parts.path == "/user":
            return 200, {"username": login}
        place, _, rest = unquote(parts.path).removeprefix("/projects/").partition(self.repository)
        words = rest.strip("/").split("/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if place:
            return 404, {"message": "404 Project Not Found"}
        if words[0] == "merge_requests":
            return self._notes(method, words, body, login)
        if words[0] == "statuses":
            self.statuses.append(body)
            return 201, {"id": 1, **body}
        return self._issues(method, words, body, query)

    def _notes(self, method: str, words: list[str], body: Any, login: str) -> tuple[int, Any]:
        listed = self.notes.get(int(words[1]))
        if listed is None:
            return 404, {"message": "404 Not found"}
        if method == "GET":
            if self.blind:
                self.blind -= 1
                return 200, []
            return 200, listed
        if method == "POST":
            listed.append({"id": len(listed) + 1, "body": body["body"], "author": {"username": login}})
            return 201, listed[-1]
        found = next(one for one in listed if one["id"] == int(words[3]))
        if method == "DELETE":
            listed.remove(found)
            return 204, None
        found["body"] = body["body"]
        return 200, found

    def _issues(self, method: str, words: list[str], body: Any, query: dict[str, str]) -> tuple[int, Any]:
        if len(words) == 3:
            return 201, {"id": 1, "body": body["body"]}
        if method == "GET":
            return 200, [one for one in self.issues.values() if query.get("labels") == one["labels"]]
        if method == "POST":
            number = len(self.issues) + 1
            self.issues[number] = {**body, "iid": number, "id": 900 + number, "state": "opened",
                                   "web_url": f"https://gitlab.example/-/issues/{number}"}  # fmt: skip
            return 201, self.issues[number]
        found = self.issues[int(words[1])]
        found["state"] = {"close": "closed", "reopen": "opened"}[body["state_event"]]
        return 200, found
