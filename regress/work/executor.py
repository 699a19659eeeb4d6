"""Where the work of a look is done: here, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import UsageError

if TYPE_CHECKING:
    from ..config import Config

#: With fewer points than this, processes take longer to start than the look takes here.
WORTH_PROCESSES = 1_000_000
#: Reading the series is the work of one process, and feeds no more than this.
MOST_JOBS = 8


@contextmanager
def executor_for(config: Config, jobs: int | None, points: int) -> Iterator[Executor | None]:
    """The executor to hand batches to; None: do it here.

    The configured cluster, else `jobs` processes, else as many as there are processors where `points` are many.
    """
    if config.dask and jobs is None and points:
        with _cluster(config.dask) as executor:
            yield executor
        return
    if jobs is None:
        jobs = min(os.cpu_count() or 1, MOST_JOBS) if points >= WORTH_PROCESSES else 1
    if jobs < 2 or not points:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Fresh processes: a fork would hold the history's connections, too.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield pool


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        distributed: Any = import_module("distributed")  # by name: the extra need not be there, nor its types
    except ModuleNotFoundError:
        hint = "pip install 'regress[dask]', or take `dask` out of the configuration"
        raise UsageError("a Dask cluster is configured, and distributed is not installed", hint=hint) from None
    try:
        client = distributed.Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        hint = "start its scheduler, or give --jobs to look on this machine"
        raise UsageError(f"the Dask cluster at {address} cannot be reached: {error}", hint=hint) from None
    try:
        executor: Executor = client.get_executor()
        yield executor
    finally:
        client.close()
