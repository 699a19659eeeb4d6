"""GitLab's REST API: notes on merge requests, the status of a commit, issues.

Only a token with the scope `api` in GITLAB_TOKEN may write notes and issues; the job's own CI_JOB_TOKEN may not.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .http import Client, ForgeError
from .retry import Patience
from .talk import Check, Issue, Place, Said, begins, number_of, put, repository_path, same, text_of

_SCOPE = "notes and issues need a token with the scope `api` in GITLAB_TOKEN; a job's own may not write them"
_HINTS = {401: _SCOPE, 403: _SCOPE, 404: "check the project and the number, and that the token may see them"}
#: GitLab has no neutral status; what was not judged is no failure of the commit.
_STATES = {"success": "success", "failure": "failed", "neutral": "skipped"}


class GitLab:
    """One project on gitlab.com or a server of one's own."""

    name = "GitLab"

    def __init__(
        self, api: str, repository: str, token: str, patience: Patience | None = None, *, is_job_token: bool = False
    ) -> None:
        self._project = f"/projects/{quote(repository_path(repository), safe='')}"
        headers = {"JOB-TOKEN" if is_job_token else "PRIVATE-TOKEN": token}
        self._client = Client(api, headers, (token,), self.name, _HINTS, patience or Patience())
        self._login = ""

    def comment(self, number: int, marker: str, body: str) -> Said:
        """See `Forge.comment`."""
        base = f"{self._project}/merge_requests/{number}/notes"

        def find() -> Any | None:
            for one in self._client.pages(f"{base}?sort=asc&order_by=created_at&per_page=100"):
                if begins(text_of(one, "body"), marker) and text_of(one, "author", "username") == self._own_login():
                    return one
            return None

        def update(found: Any) -> Any:
            if same(text_of(found, "body"), body):
                return found | {"unchanged": True}
            return self._ask("PUT", f"{base}/{number_of(found, 'id')}", {"body": body})

        def remove(one: Any) -> Any:
            return self._ask("DELETE", f"{base}/{number_of(one, 'id')}", None)

        how, made = put(self._client, Place(find, lambda: self._ask("POST", base, {"body": body}), update, remove))
        how = "unchanged" if isinstance(made, dict) and made.get("unchanged") is True else how
        return Said(how, "", number_of(made, "id"))

    def check(self, check: Check) -> Said:
        """See `Forge.check`: here the status of a commit, which holds a line and a link."""
        body = {"state": _STATES[check.conclusion], "name": check.name, "description": check.title[:255]}
        if check.url:
            body["target_url"] = check.url
        made = self._ask("POST", f"{self._project}/statuses/{quote(check.commit, safe='')}", body)
        return Said("created", text_of(made, "target_url"), number_of(made, "id"))

    def requests_of(self, head: str, branch: str, origin: str) -> list[int]:
        """See `Forge.requests_of`."""
        which = f"state=opened&source_branch={quote(branch, safe='')}&per_page=100"
        listed = self._client.pages(f"{self._project}/merge_requests?{which}")
        return sorted(number_of(one, "iid") for one in listed if text_of(one, "sha") == head)

    def find_issue(self, marker: str, label: str) -> Issue | None:
        """See `Forge.find_issue`."""
        for one in self._client.pages(f"{self._project}/issues?labels={quote(label, safe='')}&per_page=100"):
            if begins(text_of(one, "description"), marker):
                return Issue(number_of(one, "iid"), text_of(one, "web_url"), text_of(one, "state") == "opened")
        return None

    def open_issue(self, title: str, body: str, marker: str, label: str) -> Said:
        """See `Forge.open_issue`."""

        def create() -> Any:
            return self._ask("POST", f"{self._project}/issues", {"title": title, "description": body, "labels": label})

        def keep(found: Any) -> Any:
            return {"web_url": found.url, "iid": found.number}

        how, made = put(self._client, Place(lambda: self.find_issue(marker, label), create, keep))
        return Said(how, text_of(made, "web_url"), number_of(made, "iid"))

    def turn_issue(self, number: int, *, is_open: bool, why: str) -> Said:
        """See `Forge.turn_issue`."""
        path = f"{self._project}/issues/{number}"
        made = self._ask("PUT", path, {"state_event": "reopen" if is_open else "close"})
        self._ask("POST", f"{path}/notes", {"body": why})
        return Said("reopened" if is_open else "closed", text_of(made, "web_url"), number)

    def _ask(self, method: str, path: str, body: object) -> Any:
        return self._client.ask(method, path, body).document

    def _own_login(self) -> str:
        """Whose token it is."""
        if not self._login:
            self._login = text_of(self._client.get("/user"), "username")
            if not self._login:
                raise ForgeError("does not say whose token this is", where=self.name, hint=_SCOPE)
        return self._login
