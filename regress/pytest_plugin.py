"""The pytest plug-in: the marker `regress`, which sets rules and budgets beside the test that they are about.

    @pytest.mark.regress(relative="5%", absolute="50 ns", action="warn", p95="< 150 ms", requirement="REQ-7")
    def test_search(benchmark): ...

It writes what the marker says into pytest-benchmark's `extra_info["regress"]`, whence `regress ingest` reads it. A
marker of a test goes before one of its class, and that before one of its module, key by key; what the test itself
writes into `extra_info["regress"]` goes before all. Without pytest-benchmark it does nothing.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

MARKER = "regress"
_PLAIN = (str, int, float, bool)


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known, for `--markers` and `--strict-markers`."""
    line = (
        f"{MARKER}(relative, absolute, action, p95, limit, …): rules and budgets of this benchmark, for `regress check`"
    )
    config.addinivalue_line("markers", line)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Hands what the markers say to the benchmark fixture, before the test and beneath what the test itself says."""
    said = _said(item)
    benchmark = getattr(item, "funcargs", {}).get("benchmark") if said else None
    if benchmark is None or not isinstance(getattr(benchmark, "extra_info", None), dict):
        yield
        return
    benchmark.extra_info[MARKER] = dict(said)
    yield
    info = benchmark.extra_info  # the test may have put another one there
    own = info.get(MARKER, {}) if isinstance(info, dict) else None
    if isinstance(own, dict):
        info[MARKER] = {**said, **own}


def _said(item: pytest.Item) -> dict[str, Any]:
    """The keys of all markers of a test, the nearest one first to be heard."""
    said: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers(MARKER))):
        said.update({key: _plain(value) for key, value in marker.kwargs.items()})
        if marker.args:
            said["without a name"] = _plain(list(marker.args))  # no key of ours: whoever reads it will say so
    return said


def _plain(value: Any) -> Any:
    """A value that can be written as JSON; of any other its type, as its repr might look like a limit."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, _PLAIN) else f"({type(value).__name__})"
