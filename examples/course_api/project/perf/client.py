"""A connection to the live service that is kept open."""

from __future__ import annotations

import http.client
import json
import os
from typing import Any

ADDRESS = f"127.0.0.1:{os.environ.get('COURSE_PORT', '8766')}"


class Client:
    """One user of the service."""

    def __init__(self, author: str = "") -> None:
        self._connection = http.client.HTTPConnection(ADDRESS, timeout=600)
        self._headers = {"Content-Type": "application/json", "X-Author": author}

    def get(self, path: str) -> Any:
        """What is at a path; an error where the status is one."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any = None) -> Any:
        """What is answered; an error where the status is one."""
        return self._ask("POST", path, json.dumps(body))

    def _ask(self, method: str, path: str, body: str | None) -> Any:
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {said[:80]!r}")
        return json.loads(said)
