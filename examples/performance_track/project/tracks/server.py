"""The service over HTTP: POST /tracks, GET /tracks/NUMBER, GET /health."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from . import faults
from .parse import BadTrackError
from .service import Service


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The head and the body of an answer leave together: else each waits for the other's receipt.
    wbufsize = -1
    disable_nagle_algorithm = True
    service: Service

    def do_GET(self) -> None:
        if self.path == "/health":
            return self._answer(200, {"healthy": True})
        try:
            return self._answer(200, self.service.get(int(self.path.removeprefix("/tracks/"))))
        except (KeyError, ValueError):
            return self._answer(404, {"error": "no such track"})

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if faults.active("down"):
            self.server.socket.close()
            self.close_connection = True
            return None
        try:
            return self._answer(201, self.service.add(text))
        except BadTrackError as error:
            return self._answer(400, {"error": str(error)})
        except RuntimeError as error:
            return self._answer(503, {"error": str(error)})

    def _answer(self, status: int, what: object) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing of each request."""


def main() -> None:
    """Serves until it is stopped: `python -m tracks.server PORT`."""
    with tempfile.TemporaryDirectory() as folder:
        profile = os.environ.get("TRACKS_PROFILE", "performance")
        _Handler.service = Service(str(Path(folder) / "tracks.db"), profile)
        HTTPServer(("127.0.0.1", int(sys.argv[1])), _Handler).serve_forever()


if __name__ == "__main__":
    main()
