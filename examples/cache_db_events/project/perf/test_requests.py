"""Whole requests: cache, database and events together."""

import os


def test_request(single, shop, numbers):
    answer = single(lambda: shop.request(next(numbers)), rounds=int(os.environ["REQUEST_ROUNDS"]))
    assert len(answer["beside"]) == 10
