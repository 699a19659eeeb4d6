"""A plug-in of the measured pytest: the memory of each benchmark, in one more call of it that is not timed.

After pytest-benchmark has timed a function, it is called once more while Python's own allocations are traced. The
most that was held at once, above what was held when the call began, goes into `extra_info["regress_memory"]`:

    {"peak": 35856384}                    bytes
    {"failed": "ValueError: used up"}     what the extra call raised; the times stand

Note: the kernel's mark of the resident set, in a forked child, was tried. It sees what C code takes by itself, but
also every page that happened to be free already: of the same code it said 0 or 900 kB, where this one says the same
number to the byte in each process. NumPy reports its arrays to the tracing.

Note: this call leaves the heap in another state, which later benchmarks that allocate much can feel by about one per
cent. Tracing in a forked child would not, but a lock that another thread held, a connection or a library with threads
does not survive a fork, and a benchmark that hangs is worse than one that is always one per cent off.

It hangs on the two public methods of the fixture and on its public `stats`, which are the same in pytest-benchmark
3.4.1 to 5.3; what goes on inside them, between them and the clock, is left alone. It stands alone, as the process may
run another Python without this program.
"""

import gc
import inspect
import sys
from typing import Any, Callable, Dict, Generator, Tuple  # noqa: UP035

import pytest

#: The place in `extra_info`.
KEY = "regress_memory"
_MOST_CHARACTERS = 200

_Arguments = Tuple[Any, Dict[str, Any]]  # noqa: UP006


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef: Any) -> Generator[None, Any, None]:
    """Gives the benchmark fixture of one test the two methods that call once more; its class stays as it is."""
    outcome = yield
    if fixturedef.argname != "benchmark" or outcome.excinfo is not None:
        return
    fixture = outcome.get_result()
    if all(hasattr(fixture, name) for name in ("pedantic", "stats", "extra_info")) and not hasattr(fixture, KEY):
        fixture.__class__ = _calling_once_more(type(fixture))


def _calling_once_more(kind: Any) -> type:
    """The class of a fixture with both of its ways to measure a function."""

    def call(self: Any, function_to_benchmark: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        result = kind.__call__(self, function_to_benchmark, *args, **kwargs)
        _measure(self, function_to_benchmark, lambda: (args, kwargs))
        return result

    def pedantic(self: Any, *given: Any, **named: Any) -> Any:
        result = kind.pedantic(self, *given, **named)
        said = inspect.signature(kind.pedantic).bind(self, *given, **named).arguments
        _measure(self, said["target"], lambda: _prepared(said), said.get("teardown"))
        return result

    return type(kind.__name__, (kind,), {"__call__": call, "pedantic": pedantic, KEY: True})


def _prepared(said: Any) -> _Arguments:
    """The arguments of a pedantic call: its setup makes them anew for each, where it has one."""
    setup = said.get("setup")
    made = setup() if setup is not None else None
    return made or (said.get("args", ()), said.get("kwargs") or {})


def _measure(fixture: Any, target: Callable[..., Any], prepare: Callable[[], _Arguments], teardown: Any = None) -> None:
    """Notes the memory of one more call beside the times, where there are times: a disabled fixture has no stats."""
    info = getattr(fixture.stats, "extra_info", None)
    if not isinstance(info, dict):
        return
    try:
        info[KEY] = {"peak": _peak(target, prepare, teardown)}
    except (KeyboardInterrupt, pytest.exit.Exception):
        raise
    except BaseException as error:  # a skip and a failure of pytest's are no Exception
        said = (str(error).splitlines() or [""])[0]
        info[KEY] = {"failed": f"{type(error).__name__}: {said}".rstrip(": ")[:_MOST_CHARACTERS]}


def _peak(target: Callable[..., Any], prepare: Callable[[], _Arguments], teardown: Any) -> int:
    """The most bytes that a call held at once, above what was held when it began."""
    import tracemalloc  # not in every Python

    watching, profiling, tracing = sys.gettrace(), sys.getprofile(), tracemalloc.is_tracing()
    sys.settrace(None)  # what a coverage tool takes is not the benchmark's
    sys.setprofile(None)
    try:
        if not tracing:
            tracemalloc.start()  # before the setup: what grows in the call of what that made counts as its growth
        args, kwargs = prepare()
        gc.collect()  # also empties the lists of free objects, which would hide what is taken from them
        before = 0
        for _ in range(2):  # the number that is read first takes its own room before the second is read
            before = tracemalloc.get_traced_memory()[0]
        if hasattr(tracemalloc, "reset_peak"):
            tracemalloc.reset_peak()
        else:  # before 3.9
            tracemalloc.clear_traces()
            before = 0
        target(*args, **kwargs)
        peak = tracemalloc.get_traced_memory()[1]
        if teardown is not None:
            teardown(*args, **kwargs)
    finally:
        if not tracing:
            tracemalloc.stop()
        sys.settrace(watching)
        sys.setprofile(profiling)
    return int(peak - before)
