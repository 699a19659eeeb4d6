"""A preview of a site on this machine, which a browser shows anew whenever it was built anew.

No script and no policy is needed for that: every page is served with a `Refresh` header that leads to a waiting room of
this server. A visit there gets its answer when the site has changed, and the answer leads back to the page; until then
the browser goes on showing the page that it has. So the files are to the byte those that will be published.
"""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import UsageError

LOOPBACK = "127.0.0.1"
PORT = 8000
#: Browsers give up on an answer after minutes; before that they are sent back to the page.
WAIT_SECONDS = 100.0
_ROOM = "/.changed/"


class _Server(ThreadingHTTPServer):
    """The server of one site, with a number for each time that it was built."""

    daemon_threads = True

    def __init__(self, port: int, directory: Path) -> None:
        self.built = 0
        self.news = threading.Condition()
        super().__init__((LOOPBACK, port), partial(_Handler, directory=str(directory)))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that has gone away is nobody's fault, and no traceback."""


class _Handler(SimpleHTTPRequestHandler):
    """Files of the site, and the waiting room."""

    server: _Server

    def do_GET(self) -> None:
        """A page, or, in the waiting room, the way back to one."""
        if not self._asked_here():
            self.send_error(403, "Only this machine's own names are served")
        elif self.path.startswith(_ROOM):
            self._wait()
        else:
            super().do_GET()

    def do_HEAD(self) -> None:
        """The same without a body; nobody waits for the head of a page."""
        if self._asked_here() and not self.path.startswith(_ROOM):
            super().do_HEAD()
        else:
            self.send_error(403)

    def _asked_here(self) -> bool:
        """Whether the address in the browser is this machine's: a foreign name that leads here may read nothing."""
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        return host.lower() in (LOOPBACK, "localhost")

    def _wait(self) -> None:
        number, _, page = self.path.removeprefix(_ROOM).partition("/")
        with self.server.news:
            self.server.news.wait_for(lambda: str(self.server.built) != number, WAIT_SECONDS)
        self.send_response(303)
        self.send_header("Location", "/" + page.lstrip("/\\"))
        self.end_headers()

    def end_headers(self) -> None:
        """Nothing is kept by the browser, and a page leads to the waiting room."""
        self.send_header("Cache-Control", "no-store")
        path = self.path.partition("?")[0]
        if path.endswith(("/", ".html")) and not path.startswith(_ROOM):
            self.send_header("Refresh", f"1; url={_ROOM}{self.server.built}{path}")
        super().end_headers()

    def list_directory(self, path: Any) -> None:
        """No lists of files: a published site has none."""
        self.send_error(404, "There is no such page")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed for a request."""


class Preview:
    """Serves a directory on loopback while the context lasts; port 0 takes one that is free."""

    def __init__(self, directory: Path, port: int = PORT) -> None:
        try:
            self._server = _Server(port, directory)
        except OSError as error:
            hint = "choose another with --serve PORT, or 0 for any that is free"
            raise UsageError(f"cannot be served: {error.strerror}", where=f"port {port}", hint=hint) from None

    @property
    def url(self) -> str:
        """Where the site is shown."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/"

    def changed(self) -> None:
        """Tell every page that is open to be shown anew."""
        with self._server.news:
            self._server.built += 1
            self._server.news.notify_all()

    def __enter__(self) -> Preview:
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
