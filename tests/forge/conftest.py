"""A scripted GitHub, and a clock that nobody waits for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .scripted import Clock, Scripted, serving


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is asked directly, whatever proxy this machine has."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def forge() -> Iterator[Scripted]:
    with serving(Scripted()) as started:
        yield started


@pytest.fixture
def clock() -> Clock:
    return Clock()
