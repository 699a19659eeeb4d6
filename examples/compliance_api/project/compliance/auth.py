"""Who asks: passwords, and the tokens that stand for them."""

from __future__ import annotations

import hashlib
import hmac

from . import faults

_SECRET = b"only of this example"
_ROUNDS = 10_000


def _digest(name: str, password: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), name.encode(), _ROUNDS)


_USERS = {"auditor": _digest("auditor", "evidence"), "owner": _digest("owner", "control")}


def token(name: str, password: str) -> str | None:
    """A token for who knows the password."""
    faults.on("authentication")
    if not hmac.compare_digest(_USERS.get(name, b""), _digest(name, password)):
        return None
    return f"{name}.{_sign(name)}"


def user(given: str) -> str | None:
    """Whose token it is."""
    name, _, sign = given.removeprefix("Bearer ").partition(".")
    return name if hmac.compare_digest(sign, _sign(name)) else None


def _sign(name: str) -> str:
    return hmac.new(_SECRET, name.encode(), "sha256").hexdigest()
