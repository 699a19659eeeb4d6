"""Throughput, hit rate and memory under load, into the team's own JSON (in the folder REGRESS_RESULTS)."""

import gc
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import redis

from perf.catalogue_of import catalogue, filled, visits

_WORKERS = 4


def rate(call, count, workers=1):
    """How many calls a second. Each worker keeps no answers: they would be taken for growth of the service."""

    def work(first):
        for number in range(first, count, workers):
            call(number)

    began = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(work, range(workers)):
            pass
    return count / (time.perf_counter() - began)


def resident(shop):
    """The memory once all events are stored: those that wait are no growth."""
    shop.events.publish("end").result(timeout=60)
    gc.collect()
    return psutil.Process().memory_info().rss


def cache_operations(shop, count):
    product = shop.database.product(1)

    def operation(number):
        return shop.cache.set(f"load:{number}", product) if number % 4 == 0 else shop.cache.get(f"load:{number & ~3}")

    return {"name": "cache", "operations_per_sec": rate(operation, count)}


def queries(shop, count):
    def query(number):
        return shop.database.page(number % 20) if number % 5 == 0 else shop.database.product(number % 1000)

    return {"name": "queries", "queries_per_sec": rate(query, count)}


def requests(shop, count):
    """The memory is that of after the first tenth, when pool and cache are full: what comes then is growth."""
    numbers = visits(count)
    shop.cache.hits = shop.cache.misses = 0
    rate(lambda place: shop.request(numbers[place]), count // 10, _WORKERS)
    before = resident(shop)
    each = rate(lambda place: shop.request(numbers[place]), count, _WORKERS)
    growth = max(resident(shop) - before, 0) / 1e6
    return {"name": "requests", "requests_per_sec": each, "hit_rate": shop.cache.hit_rate, "growth_mb": growth}


def main():
    host, _, port = os.environ["CATALOGUE_REDIS"].partition(":")
    client = redis.Redis(host, int(port))
    with (
        tempfile.TemporaryDirectory() as folder,
        filled(Path(folder)) as database,
        catalogue(client, database) as shop,
    ):
        results = [
            cache_operations(shop, int(os.environ["OPERATIONS"])),
            queries(shop, int(os.environ["QUERIES"])),
            requests(shop, int(os.environ["REQUESTS"])),
        ]
    Path(os.environ["REGRESS_RESULTS"], "load.json").write_text(json.dumps({"results": results}), encoding="utf-8")


if __name__ == "__main__":
    main()
