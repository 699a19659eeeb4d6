"""Figures to a Prometheus Pushgateway: what was pushed before for the same job and project is replaced as a whole."""

from __future__ import annotations

import base64
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ..errors import UsageError
from .http import Client, is_web_address
from .retry import Patience

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_HINTS = {
    400: "does another job push the same figures with other labels? its log says which",
    401: "write the address as https://USER:PASSWORD@HOST",
    403: "write the address as https://USER:PASSWORD@HOST",
    404: "is this the address of a Pushgateway, without /metrics?",
    405: "is this the address of a Pushgateway, without /metrics?",
}


def push(address: str, job: str, project: str, text: str, patience: Patience | None = None) -> str:
    """Puts a text of figures in place of the last one; the server's name. Raises ForgeError.

    A user and password in the address are sent as they have to be, and never shown.
    """
    if not is_web_address(address):
        raise UsageError("the address of the Pushgateway is no web address", hint="write https://HOST/…")
    parts = urlsplit(address)
    if parts.query or parts.fragment:
        raise UsageError("the address of the Pushgateway has no ? and #", hint="write https://HOST/…")
    if not job:
        raise UsageError("a job needs a name", where="--job", hint="leave it out, and it is regress")
    login, _, host = parts.netloc.rpartition("@")
    base = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    headers = {"Content-Type": _TYPE}
    secrets: tuple[str, ...] = ()
    if login:
        user, _, password = login.partition(":")
        packed = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode("ascii")
        headers["Authorization"] = f"Basic {packed}"
        secrets = (login, unquote(password), password, packed)
    client = Client(base, headers, secrets, f"the Pushgateway at {host}", _HINTS, patience or Patience())
    client.ask("PUT", f"/metrics{_label('job', job)}{_label('project', project)}", text.encode())
    return host


def _label(name: str, value: str) -> str:
    """A part of the grouping key. What a path would take for its own is sent as base64."""
    if "/" not in value and value not in ("", ".", ".."):
        return f"/{name}/{quote(value, safe='', errors='replace')}"
    packed = base64.urlsafe_b64encode(value.encode("utf-8", "replace")).decode("ascii").rstrip("=")
    return f"/{name}@base64/{packed or '='}"
