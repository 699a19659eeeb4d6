"""Requests that are patient and keep secrets: retries, limits, one line where it goes wrong.

Note: the standard library is enough here. What `requests` or `httpx` would add (pools, HTTP/2) a handful of requests
at the end of a job does not need, and redirects have to be followed by hand anyway: a token must not leave its host.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from .. import __version__
from ..errors import InputError, UsageError, one_line
from .retry import Patience, is_limit, limited, passes

MOST_BYTES = 20 * 2**20
MOST_PAGES = 60
_MOST_REDIRECTS = 3
_MOST_WORDS = 300
#: Methods that may be sent twice and have the same effect as once.
_REPEATABLE = frozenset({"GET", "PUT", "PATCH", "DELETE"})
_NEXT = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="?next"?')


class ForgeError(InputError):
    """A forge or a webhook cannot be reached, or refuses. `code` is the status of its answer, 0 where there is none."""

    def __init__(self, what: str, *, where: str = "", hint: str = "", code: int = 0) -> None:
        super().__init__(what, where=where, hint=hint)
        self.code = code


class UnsureError(ForgeError):
    """A request was sent, and nobody knows whether it was heard: look before it is sent again."""


class _UnreachedError(ForgeError):
    """Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the headers (names in lower case), and the document (None where there is none)."""

    status: int
    headers: Mapping[str, str]
    document: Any


@dataclass(frozen=True, slots=True)
class _Raw:
    status: int
    headers: Mapping[str, str]
    content: bytes


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing: whoever asks decides whether the token may go there."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Client:
    """Asks one server. `base` ends in no slash; `headers` go to this server alone; `secrets` never reach a message.

    `name` is what it is called to people, by default its host; `hints` say what to do, by status.
    """

    base: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    name: str = ""
    hints: Mapping[int, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience, repr=False)

    def __post_init__(self) -> None:
        if not is_web_address(self.base):
            what = f"the address of {self.name or 'the server'} is no web address"
            raise UsageError(what, hint="write https://HOST/…")

    @property
    def shown(self) -> str:
        """The server as people know it; never its path, which of a webhook is the secret."""
        return self.name or urlsplit(self.base).netloc.rpartition("@")[2]

    def get(self, path: str) -> Any:
        """The document at a path below the base."""
        return self.ask("GET", path).document

    def pages(self, path: str) -> Iterator[Any]:
        """The entries of a list that comes in pages, as `Link: rel="next"` leads on."""
        address: str | None = path
        for _ in range(MOST_PAGES):
            answer = self.ask("GET", address or "")
            if not isinstance(answer.document, list):
                raise self._error("answered with something that is no list", answer.status)
            yield from answer.document
            found = _NEXT.search(answer.headers.get("link", ""))
            address = found[1] if found else None
            if address is None:
                return
            self._own(address)

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """One request, tried again as long as that can help. Raises ForgeError; UnsureError for a lost POST.

        A body of bytes is sent as it is, and the client's headers say what it is; any other as JSON.
        """
        address = path if path.startswith(("http://", "https://")) else self.base + path
        for attempt in range(1, self.patience.tries + 1):
            last = attempt == self.patience.tries
            try:
                raw = self._send(method, address, body)
            except (_UnreachedError, UnsureError) as error:
                if last or (isinstance(error, UnsureError) and method not in _REPEATABLE):
                    raise
                self.patience.pause(self.patience.backoff(attempt))
                continue
            if raw.status < 300:
                return Answer(raw.status, raw.headers, self._document(raw))
            wait = self._wait(method, raw, attempt)
            if last or wait is None:
                raise self._refused(method, raw)
            self.patience.pause(wait)
        raise AssertionError("unreachable")

    def _wait(self, method: str, raw: _Raw, attempt: int) -> float | None:
        """Seconds until the next try; None where there is to be none."""
        if is_limit(raw.status, raw.headers, self._message(raw)):
            told = limited(raw.status, raw.headers, self.patience.now())
            wait = self.patience.backoff(attempt) if told is None else told + self.patience.chance()
            return wait if wait <= self.patience.longest else None
        # A server that fails may have done what it was asked to, so a POST is for the caller to repeat.
        return self.patience.backoff(attempt) if passes(raw.status) and method in _REPEATABLE else None

    def _send(self, method: str, address: str, body: object) -> _Raw:
        raw = self._exchange(method, address, body)
        for _ in range(_MOST_REDIRECTS):
            if raw.status not in (301, 302, 307, 308) or not (target := raw.headers.get("location")):
                break
            if raw.status == 302 and method != "GET":
                break
            address = urljoin(address, target)
            self._own(address)
            raw = self._exchange(method, address, body)
        return raw

    def _exchange(self, method: str, address: str, body: object) -> _Raw:
        """One request and its answer, whatever its status."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(address, data=data, method=method)
        request.add_header("User-Agent", f"regress/{__version__}")
        request.add_header("Content-Type", "application/json")
        for name, value in self.headers.items():
            request.add_unredirected_header(name, value)
        opener = urllib.request.build_opener(_Stay)
        try:
            try:
                response = opener.open(request, timeout=self.patience.timeout)
            except urllib.error.HTTPError as error:
                response = error  # an answer as good as any other
            with response:
                return _Raw(response.status, _lower(response.headers), self._content(response))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._broken(error) from None

    def _content(self, response: Any) -> bytes:
        content: bytes = response.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise self._error(f"answered with more than {MOST_BYTES // 2**20} MiB", 0)
        return content

    def _document(self, raw: _Raw) -> Any:
        if not raw.content.strip():
            return None
        try:
            return json.loads(raw.content)
        except (ValueError, RecursionError):
            # A webhook says "ok"; an API that does not speak JSON is a page of something in between.
            if raw.headers.get("content-type", "").startswith("text/plain"):
                return raw.content.decode("utf-8", "replace")
            hint = "is the address that of its API, and does a proxy stand in between?"
            raise ForgeError("answered with something that is not JSON", where=self.shown, hint=hint) from None

    def _broken(self, error: Exception) -> ForgeError:
        """What a connection that failed means; only one that never was is known to have sent nothing."""
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        hint = "check the network, the proxy and the server's state"
        if isinstance(reason, ssl.SSLCertVerificationError):
            trust = "set SSL_CERT_FILE to the certificates of its authority"
            return ForgeError("its certificate is not trusted", where=self.shown, hint=trust)
        if isinstance(reason, TimeoutError):
            return UnsureError(f"no answer within {self.patience.timeout:g} s", where=self.shown, hint=hint)
        if isinstance(reason, (socket.gaierror, ConnectionRefusedError)):
            return _UnreachedError("cannot be reached", where=self.shown, hint=hint)
        is_broken = isinstance(reason, (OSError, http.client.HTTPException))
        what = "the connection was closed" if is_broken else "is no address"
        return UnsureError(what, where=self.shown, hint=hint)

    def _own(self, address: str) -> None:
        """Refuses an address that is not on this server: the token stays here."""
        one, other = urlsplit(self.base), urlsplit(address)
        if (one.scheme, one.netloc) != (other.scheme, other.netloc):
            hint = "check the address of the API"
            raise ForgeError("sends us to another server, which gets no token", where=self.shown, hint=hint)

    def _refused(self, method: str, raw: _Raw) -> ForgeError:
        """An answer that says no, in one line."""
        message = self._message(raw)
        if is_limit(raw.status, raw.headers, message):
            told = limited(raw.status, raw.headers, self.patience.now())
            after = f" for another {told:.0f} s" if told else ""
            return ForgeError(f"limits our requests{after} ({raw.status})", where=self.shown,
                              hint="try again later", code=raw.status)  # fmt: skip
        kind = UnsureError if passes(raw.status) and method not in _REPEATABLE else ForgeError
        what = f"answered {raw.status}" + (f": {message}" if message else "")
        return kind(what, where=self.shown, hint=self.hints.get(raw.status, ""), code=raw.status)

    def _error(self, what: str, code: int) -> ForgeError:
        return ForgeError(what, where=self.shown, code=code)

    def _message(self, raw: _Raw) -> str:
        """What an answer says of itself, short, in one line, and without any secret."""
        try:
            document = json.loads(raw.content)
        except (ValueError, RecursionError):
            return ""
        if not isinstance(document, dict):
            return ""
        said = [document.get("message") or document.get("error") or ""]
        said += [error.get("message") or error.get("code") or "" for error in _dicts(document.get("errors"))]
        text = one_line("; ".join(part if isinstance(part, str) else json.dumps(part) for part in said if part))
        return self.without_secrets(text)[:_MOST_WORDS]

    def without_secrets(self, text: str) -> str:
        """Text in which no secret of this client stands."""
        for secret in filter(None, self.secrets):
            text = text.replace(secret, "***")
        return text


def is_web_address(text: str) -> bool:
    """Whether a text is an address that can be asked: http or https, with a host, in printable ASCII."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and " " not in text
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname)


def _lower(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value[:5] if isinstance(one, dict)] if isinstance(value, list) else []
