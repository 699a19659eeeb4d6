"""The optimisations, on and off."""

import pytest

from perf.catalogue_of import catalogue


@pytest.mark.parametrize("cache", ["off", "on"])
def test_page(benchmark, client, database, numbers, cache):
    with catalogue(client, database, cached=cache == "on") as shop:
        benchmark.pedantic(lambda: [shop.page(number) for number in range(5)], rounds=10, warmup_rounds=1)


@pytest.mark.parametrize("batch", ["off", "on"])
def test_hundred_events(benchmark, client, database, batch):
    with catalogue(client, database, batch=32 if batch == "on" else 1) as shop:

        def hundred():
            for done in [shop.events.publish("viewed", product=number) for number in range(100)]:
                done.result(timeout=5)

        benchmark.pedantic(hundred, rounds=10, warmup_rounds=1)
