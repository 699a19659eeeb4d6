"""Asks the service."""

import json
import os
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

URL = os.environ.get("COMPLIANCE_URL", "http://127.0.0.1:8741")


class Client:
    """One connection, kept open."""

    def __init__(self):
        self._connection = HTTPConnection(urlsplit(URL).netloc, timeout=20)
        self._headers = {}

    def log_in(self):
        token = self.ask("POST", "/token", name="auditor", password="evidence")["token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method, path, **query):
        self._connection.request(method, f"{path}?{urlencode(query)}" if query else path, headers=self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        assert answer.status == 200, f"{method} {path}: {answer.status} {said!r}"
        return json.loads(said)
