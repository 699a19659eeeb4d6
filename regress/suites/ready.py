"""Whether something answers: a port that accepts, a URL that is served."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

#: Seconds that one question may take.
_PATIENCE = 2.0
#: From here on an answer is a server's fault.
_SERVER_ERROR = 500


def port(text: str, patience: float = _PATIENCE) -> str:
    """Why nothing accepts at "HOST:PORT" or "PORT"; "" where something does."""
    host, _, number = text.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]") or "localhost", int(number)), timeout=patience):
            return ""
    except OSError as error:
        return f"nothing accepts at {host or 'localhost'}:{number} ({error.strerror or error})"
    except (ValueError, OverflowError):
        return f"{text!r} is no port"


def url(address: str, patience: float = _PATIENCE) -> str:
    """Why a URL is not served; "" where it is answered by anything but a server's error."""
    # Never by a proxy: what is asked for is a server that was just started here.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=patience):
            return ""
    except urllib.error.HTTPError as error:
        return "" if error.code < _SERVER_ERROR else f"{address} answers {error.code}"
    except (OSError, ValueError) as error:
        return f"{address} does not answer ({getattr(error, 'reason', error)})"
