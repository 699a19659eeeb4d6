"""A site with everything that the interactive trend shows, and a browser that visits it."""

import dataclasses
import functools
import http.server
import threading

import numpy as np
import pytest

from regress.model import Budget, BudgetResult, BudgetState, Direction, Environment, Kind, Limit, Metric
from regress.site import build

from .causes import make_cause, make_change
from .factories import ENVIRONMENT, History, make_key, make_run, steps
from .test_script import HOSTILE, Quiet

N = 60
OTHER = Environment.of({"system": "Darwin", "arch": "arm64", "machine": "mini"}, {"cpu": "Apple M4"})
COUNT = Metric("allocations", "1", Direction.LOWER, Kind.EXACT)
DRAWN = "document.documentElement.dataset.trend === '1'"


def with_params(name, variant, **params):
    key = make_key(name, variant)
    return dataclasses.replace(key, benchmark=dataclasses.replace(key.benchmark, params=tuple(params.items())))


def make_site(out):
    h = History(N, environments=(ENVIRONMENT, OTHER))
    hostile = {12: "<img src=x onerror=alert(1)>", 30: "Faster </script><script>alert(2)</script>"}
    for id_, run in h.runs.items():
        if run.order in hostile:
            h.runs[id_] = dataclasses.replace(run, subject=hostile[run.order])
    one = make_key("bench.time_one")
    for e in (0, 1):
        h.add(one, steps(N, (1, 0.010), (31, 0.015)), e=e, failed=(10, 11))
    h.add(make_key("bench.track_count", metric=COUNT), np.arange(100, 100 + N), noise=0)
    for size in (10, 100, 1000):
        for kind in ("list", "tuple", "set", "dict", "str", "bytes", "deque"):
            key = with_params("bench.time_many", f"({size}, '{kind}')", size=str(size), kind=f"'{kind}'")
            h.add(key, 1e-6 * size * (1 + len(kind) / 10))
    for text in HOSTILE:
        h.add(with_params("bench.time_hostile", text, what=text), 1e-3)
    limit = Limit("p95", "<", 0.016, "s", "P95 < 16 ms")
    budget = Budget(limits=(limit,))
    result = BudgetResult(budget, limit, one, ENVIRONMENT, "p95", BudgetState.MET, 0.015)
    cause = make_cause("abcd0001", make_change(one, 0.010, 0.015, at=31), at=31)
    releases = {make_run(order).commit: (f"v1.{order}.0",) for order in (20, 40)}
    build(h.site(causes=[cause], budgets=[result], releases=releases), out)
    return out


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return make_site(tmp_path_factory.mktemp("trend") / "out")


@pytest.fixture(scope="module")
def served(site):
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def visit(browser, site):
    """Opens a benchmark's page; the test fails where it complains or asks for anything outside of the site."""
    contexts, problems = [], []

    def opened(name, hash_="", *, width=1366, scheme="light", base=None, drawn=True, **more):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        own = ("file:", "data:", "blob:", base or "file:")
        page.on("request", lambda asked: asked.url.startswith(own) or problems.append(asked.url))
        page.goto((base + f"b/{name}.html" if base else (site / "b" / f"{name}.html").as_uri()) + hash_)
        if drawn:
            wait(page, DRAWN)
        return page

    opened.problems = problems
    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def wait(page, expression):
    """Waits until it is true. A bare expression would be evaluated in the page, which its policy forbids."""
    page.wait_for_function(f"() => {expression}")


def over(page, x, y=0.5, nth=0):
    """A place in the drawing, in shares of its width and height."""
    box = page.locator(".u-over").nth(nth).bounding_box()
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y
