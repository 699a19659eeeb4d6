"""A GitHub and a GitLab on loopback: small, real HTTP servers that hold to the documented REST behaviour.

They keep comments, issues, checks and pull requests, know who a token belongs to, give lists in pages with `Link`
headers, and refuse as the real ones do. `script` puts faults before the true answers: each is used up by one request.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from regress.forge import Patience

TOKEN = "ghs_S3cretS3cretS3cret"
JOB_LOGIN = "github-actions[bot]"


@dataclass
class Fault:
    """One answer that is not the true one. `close` cuts the connection, `sleep` gives none; `after`: it was heard."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    close: bool = False
    sleep: bool = False
    after: bool = False
    only: str = ""


@dataclass
class Scripted:
    """The state of a forge; requests are (method, path with query, body)."""

    repository: str = "octo/widgets"
    logins: dict[str, str] = field(default_factory=lambda: {TOKEN: JOB_LOGIN, "ghp_person": "ada"})
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    script: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    read_only: bool = False
    graphql: bool = True
    page: int = 100
    blind: int = 0  # as many lists of comments are answered as they were before anybody had written
    url: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pull(self, number: int, **fields: Any) -> None:
        """An open pull request."""
        base = {"ref": "main", "repo": {"full_name": self.repository}}
        head = {"sha": "a" * 40, "ref": "topic", "repo": {"full_name": "x/y"}}
        self.pulls.append({"number": number, "state": "open", "head": head, "base": base} | fields)
        self.comments.setdefault(number, [])

    def add_comment(self, number: int, body: str, login: str = JOB_LOGIN) -> dict[str, Any]:
        identity = 1000 + sum(map(len, self.comments.values()))
        made = {"id": identity, "body": body, "user": {"login": login},
                "html_url": f"https://github.com/{self.repository}/pull/{number}#issuecomment-{identity}"}  # fmt: skip
        self.comments[number].append(made)
        return made

    def writes(self) -> list[tuple[str, str]]:
        """What was asked to be changed, without GraphQL's questions."""
        return [(method, path) for method, path, _ in self.requests if method != "GET" and path != "/graphql"]

    def answer(self, method: str, path: str, body: Any, token: str) -> tuple[int, Any]:
        """The true answer to a request."""
        login = self.logins.get(token)
        if login is None:
            return 401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/user":
            refusal = {"message": "Resource not accessible by integration"}
            return (403, refusal) if login.endswith("[bot]") else (200, {"login": login})
        if parts.path == "/graphql" and self.graphql:
            return 200, {"data": {"viewer": {"login": login}}}
        if method != "GET" and self.read_only:
            return 403, {"message": "Resource not accessible by integration"}
        prefix = f"/repos/{self.repository}"
        if not parts.path.startswith(prefix + "/"):
            return 404, {"message": "Not Found"}
        for pattern, handler in self._routes():
            found = re.fullmatch(pattern, f"{method} {parts.path[len(prefix) :]}")
            if found:
                return handler(*map(unquote, found.groups()), query=query, body=body, login=login)
        return 404, {"message": "Not Found"}

    def _routes(self) -> list[tuple[str, Callable[..., tuple[int, Any]]]]:
        return [
            (r"GET /issues/(\d+)/comments", self._list_comments),
            (r"POST /issues/(\d+)/comments", self._new_comment),
            (r"PATCH /issues/comments/(\d+)", self._edit_comment),
            (r"DELETE /issues/comments/(\d+)", self._delete_comment),
            (r"GET /issues", self._list_issues),
            (r"POST /issues", self._new_issue),
            (r"PATCH /issues/(\d+)", self._edit_issue),
            (r"GET /commits/(\w+)/pulls", self._pulls_of),
            (r"GET /pulls", self._list_pulls),
            (r"GET /commits/(\w+)/check-runs", self._list_checks),
            (r"POST /check-runs", self._new_check),
            (r"PATCH /check-runs/(\d+)", self._edit_check),
        ]

    def _list_comments(self, number: str, **_: Any) -> tuple[int, Any]:
        found = self.comments.get(int(number))
        if self.blind:
            self.blind -= 1
            return 200, []
        return (404, {"message": "Not Found"}) if found is None else (200, found)

    def _new_comment(self, number: str, *, body: Any, login: str, **_: Any) -> tuple[int, Any]:
        if int(number) not in self.comments and int(number) not in self.issues:
            return 404, {"message": "Not Found"}
        if len(body["body"]) > 65_536:
            error = {"code": "custom", "field": "body", "message": "body is too long (maximum is 65536 characters)"}
            return 422, {"message": "Validation Failed", "errors": [error]}
        self.comments.setdefault(int(number), [])
        return 201, self.add_comment(int(number), body["body"], login)

    def _edit_comment(self, identity: str, *, body: Any, **_: Any) -> tuple[int, Any]:
        for listed in self.comments.values():
            for one in listed:
                if one["id"] == int(identity):
                    one["body"] = body["body"]
                    return 200, one
        return 404, {"message": "Not Found"}

    def _delete_comment(self, identity: str, **_: Any) -> tuple[int, Any]:
        for listed in self.comments.values():
            for one in listed:
                if one["id"] == int(identity):
                    listed.remove(one)
                    return 204, None
        return 404, {"message": "Not Found"}

    def _list_issues(self, *, query: dict[str, str], **_: Any) -> tuple[int, Any]:
        wanted, state = query.get("labels", ""), query.get("state", "open")
        found = [one for one in self.issues.values() if wanted in one["labels"] and state in ("all", one["state"])]
        return 200, sorted(found, key=lambda one: -one["number"])

    def _new_issue(self, *, body: Any, login: str, **_: Any) -> tuple[int, Any]:
        number = 100 + len(self.issues)
        url = f"https://github.com/{self.repository}/issues/{number}"
        self.issues[number] = {**body, "number": number, "state": "open", "user": {"login": login}, "html_url": url}
        return 201, self.issues[number]

    def _edit_issue(self, number: str, *, body: Any, **_: Any) -> tuple[int, Any]:
        if int(number) not in self.issues:
            return 404, {"message": "Not Found"}
        self.issues[int(number)].update(body)
        return 200, self.issues[int(number)]

    def _pulls_of(self, sha: str, **_: Any) -> tuple[int, Any]:
        inside = [one for one in self.pulls if one["head"]["repo"]["full_name"] == self.repository]
        return 200, [one for one in inside if one["head"]["sha"] == sha]

    def _list_pulls(self, *, query: dict[str, str], **_: Any) -> tuple[int, Any]:
        def head(one: dict[str, Any]) -> str:
            return f"{one['head']['repo']['full_name'].partition('/')[0]}:{one['head']['ref']}"

        return 200, [one for one in self.pulls if head(one) == query.get("head", head(one)) and one["state"] == "open"]

    def _list_checks(self, sha: str, *, query: dict[str, str], **_: Any) -> tuple[int, Any]:
        found = [one for one in self.checks if one["head_sha"] == sha and one["name"] == query["check_name"]]
        return 200, {"total_count": len(found), "check_runs": found}

    def _new_check(self, *, body: Any, **_: Any) -> tuple[int, Any]:
        made = {**body, "id": 500 + len(self.checks), "html_url": f"https://github.com/{self.repository}/runs/500"}
        self.checks.append(made)
        return 201, made

    def _edit_check(self, identity: str, *, body: Any, **_: Any) -> tuple[int, Any]:
        for one in self.checks:
            if one["id"] == int(identity):
                one.update(body)
                return 200, one
        return 404, {"message": "Not Found"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a test says what it needs."""

    def _serve(self) -> None:
        forge = self.server.forge
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(raw) if raw else None
        token = self.headers.get("Authorization", "").removeprefix("Bearer ") or self.headers.get("PRIVATE-TOKEN", "")
        with forge.lock:
            forge.requests.append((self.command, self.path, body))
            forge.tokens.append(token)
            place = next((at for at, one in enumerate(forge.script) if one.only in ("", self.command)), None)
            fault = None if place is None else forge.script.pop(place)
            status, document = (0, None) if fault and not fault.after else forge.answer(
                self.command, self.path, body, token
            )  # fmt: skip
        if fault is None:
            self._give(status, *self._paged(document))
        elif fault.close:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif fault.sleep:
            forge.stop.wait(30)
            self.close_connection = True
        else:
            self._give(fault.status, fault.body, fault.headers)

    def _paged(self, document: Any) -> tuple[bytes, dict[str, str]]:
        """A list one page at a time, with the address of the next one."""
        if document is None:
            return b"", {}
        if not isinstance(document, list):
            return json.dumps(document).encode(), {}
        forge = self.server.forge
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        size, page = min(int(query.get("per_page", 30)), forge.page), int(query.get("page", 1))
        headers = {}
        if page * size < len(document):
            rest = re.sub(r"&page=\d+", "", self.path)
            headers["Link"] = f'<{forge.url}{rest}&page={page + 1}>; rel="next", <{forge.url}{rest}&page=9>; rel="last"'
        return json.dumps(document[(page - 1) * size : page * size]).encode(), headers

    def _give(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    forge: Scripted


@contextmanager
def serving(forge: Any) -> Iterator[Any]:
    """The forge on a free port of this machine, for as long as this lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.forge = forge
    forge.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield forge
    finally:
        forge.stop.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


@dataclass
class Clock:
    """A clock that is moved by waiting, so that no test waits."""

    time: float = 1_700_000_000.0
    waits: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds

    def patience(self, **fields: Any) -> Patience:
        given = {"timeout": 5.0, "chance": lambda: 0.5, "tries": 4} | fields
        return Patience(pause=self.pause, now=lambda: self.time, **given)
