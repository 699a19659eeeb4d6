"""GitHub's REST API: comments on pull requests, check runs, issues.

What a token needs: `pull-requests: write` for the comment, `checks: write` for the check, `issues: write` for issues.
The token of a job answers to no user, so its own name is asked of the GraphQL API, else it is github-actions[bot].
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .http import Client, ForgeError
from .retry import Patience
from .talk import (
    MOST_ANNOTATIONS,
    Annotation,
    Check,
    Issue,
    Place,
    Said,
    begins,
    number_of,
    put,
    repository_path,
    same,
    text_of,
)

_HINTS = {
    401: "give a valid token in GITHUB_TOKEN",
    403: "the token lacks a permission: in the workflow, `permissions:` with pull-requests, checks or issues: write",
    404: "check the repository and the number, and that the token may see them",
    410: "issues are switched off in this repository",
}
_JOB_LOGIN = "github-actions[bot]"


class GitHub:
    """One repository on GitHub or GitHub Enterprise."""

    name = "GitHub"

    def __init__(self, api: str, repository: str, token: str, patience: Patience | None = None) -> None:
        self._repository = f"/repos/{repository_path(repository)}"
        self._full_name = repository
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._client = Client(api, headers, (token,), self.name, _HINTS, patience or Patience())
        self._login = ""

    def comment(self, number: int, marker: str, body: str) -> Said:
        """See `Forge.comment`."""
        base = f"{self._repository}/issues"

        def find() -> Any | None:
            for one in self._client.pages(f"{base}/{number}/comments?per_page=100"):
                if begins(text_of(one, "body"), marker) and text_of(one, "user", "login") == self._own_login():
                    return one
            return None

        def update(found: Any) -> Any:
            if same(text_of(found, "body"), body):
                return found | {"unchanged": True}
            return self._ask("PATCH", f"{base}/comments/{number_of(found, 'id')}", {"body": body})

        def create() -> Any:
            return self._ask("POST", f"{base}/{number}/comments", {"body": body})

        def remove(one: Any) -> Any:
            return self._ask("DELETE", f"{base}/comments/{number_of(one, 'id')}", None)

        how, made = put(self._client, Place(find, create, update, remove))
        how = "unchanged" if isinstance(made, dict) and made.get("unchanged") is True else how
        return Said(how, text_of(made, "html_url"), number_of(made, "id"))

    def check(self, check: Check) -> Said:
        """See `Forge.check`."""
        path = f"{self._repository}/check-runs"
        body: dict[str, Any] = {
            "name": check.name,
            "status": "completed",
            "conclusion": check.conclusion,
            "external_id": check.key,
            "output": {
                "title": check.title,
                "summary": check.summary,
                "annotations": [_annotation(one) for one in check.annotations[:MOST_ANNOTATIONS]],
            },
        }
        if check.url:
            body["details_url"] = check.url

        def find() -> Any | None:
            name = quote(check.name, safe="")
            way = f"{self._repository}/commits/{quote(check.commit, safe='')}/check-runs"
            listed = self._client.get(f"{way}?check_name={name}&per_page=100")
            runs = listed.get("check_runs") if isinstance(listed, dict) else None
            ours = [one for one in runs or [] if text_of(one, "external_id") == check.key]
            return ours[0] if ours else None

        def update(found: Any) -> Any:
            # Annotations are added and never taken away: only the first request gives them.
            less = body | {"output": {k: v for k, v in body["output"].items() if k != "annotations"}}
            return self._ask("PATCH", f"{path}/{number_of(found, 'id')}", less)

        def create() -> Any:
            return self._ask("POST", path, body | {"head_sha": check.commit})

        how, made = put(self._client, Place(find, create, update))
        return Said(how, text_of(made, "html_url"), number_of(made, "id"))

    def requests_of(self, head: str, branch: str, origin: str) -> list[int]:
        """See `Forge.requests_of`. A fork's commit is mostly not found by its hash, but always by its branch."""
        ways = [f"{self._repository}/commits/{quote(head, safe='')}/pulls?per_page=100"]
        if branch and origin:
            owner = quote(f"{origin.partition('/')[0]}:{branch}", safe="")
            ways.append(f"{self._repository}/pulls?state=open&head={owner}&per_page=100")
        for way in ways:
            try:
                listed = list(self._client.pages(way))
            except ForgeError as error:
                if error.code not in (404, 422):
                    raise
                continue  # the commit is not in this repository
            found = [number_of(one, "number") for one in listed if self._has_tip(one, head)]
            if found:
                return sorted(set(found))
        return []

    def _has_tip(self, request: Any, head: str) -> bool:
        into = text_of(request, "base", "repo", "full_name")
        is_open = text_of(request, "state") == "open"
        return is_open and text_of(request, "head", "sha") == head and into.lower() == self._full_name.lower()

    def find_issue(self, marker: str, label: str) -> Issue | None:
        """See `Forge.find_issue`."""
        listed = self._client.pages(f"{self._repository}/issues?state=all&labels={quote(label, safe='')}&per_page=100")
        for one in listed:
            if begins(text_of(one, "body"), marker) and "pull_request" not in one:
                return Issue(number_of(one, "number"), text_of(one, "html_url"), text_of(one, "state") == "open")
        return None

    def open_issue(self, title: str, body: str, marker: str, label: str) -> Said:
        """See `Forge.open_issue`."""

        def create() -> Any:
            return self._ask("POST", f"{self._repository}/issues", {"title": title, "body": body, "labels": [label]})

        def keep(found: Any) -> Any:
            return {"html_url": found.url, "number": found.number}

        how, made = put(self._client, Place(lambda: self.find_issue(marker, label), create, keep))
        return Said(how, text_of(made, "html_url"), number_of(made, "number"))

    def turn_issue(self, number: int, *, is_open: bool, why: str) -> Said:
        """See `Forge.turn_issue`."""
        path = f"{self._repository}/issues/{number}"
        state = {"state": "open"} if is_open else {"state": "closed", "state_reason": "completed"}
        made = self._ask("PATCH", path, state)
        self._ask("POST", f"{path}/comments", {"body": why})
        return Said("reopened" if is_open else "closed", text_of(made, "html_url"), number)

    def _ask(self, method: str, path: str, body: object) -> Any:
        return self._client.ask(method, path, body).document

    def _own_login(self) -> str:
        """Whose token it is."""
        if not self._login:
            try:
                self._login = text_of(self._client.get("/user"), "login")
            except ForgeError as error:
                if error.code not in (403, 404):
                    raise
                self._login = self._viewer()
        return self._login or _JOB_LOGIN

    def _viewer(self) -> str:
        base = self._client.base
        address = f"{base.removesuffix('/v3')}/graphql"
        try:
            answer = self._client.ask("POST", address, {"query": "query { viewer { login } }"})
        except ForgeError:
            return _JOB_LOGIN
        return text_of(answer.document, "data", "viewer", "login") or _JOB_LOGIN


def _annotation(one: Annotation) -> dict[str, object]:
    line = max(one.line, 1)
    return {
        "path": one.path, "start_line": line, "end_line": line, "annotation_level": one.level,
        "title": one.title[:255], "message": one.message[:4000],
    }  # fmt: skip
